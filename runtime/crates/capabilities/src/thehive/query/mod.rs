//! How is something searched for? A v1 query pipeline (contract 3.1) from typed parts only: a value can never become an operator
//! (threat row 27).

mod alerts;
mod cases;
mod changes;
pub(super) mod cursor;
mod lists;
mod search;
pub(super) mod v0;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

pub(super) use alerts::alerts;
pub(super) use cases::{CASES, cases, marked_case};
pub(super) use changes::changes;
pub(super) use lists::{
    Child, List, Order, Parent, by_id, children, linked, list, observable_types, related, statuses, users,
};
pub(super) use search::{CREATED, Window, count, found, order};

/// `POST /api/v1/query`
#[derive(Debug, Serialize)]
pub(super) struct Query<'a> {
    query: Vec<Step<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "_name")]
enum Step<'a> {
    #[serde(rename = "listAlert")]
    Alerts,
    #[serde(rename = "listCase")]
    Cases,
    #[serde(rename = "listUser")]
    Users,
    #[serde(rename = "listObservableType")]
    ObservableTypes,
    #[serde(rename = "listCaseStatus")]
    CaseStatuses,
    #[serde(rename = "listAlertStatus")]
    AlertStatuses,
    #[serde(rename = "getAlert")]
    Alert {
        #[serde(rename = "idOrName")]
        id: &'a str,
    },
    #[serde(rename = "getCase")]
    Case {
        #[serde(rename = "idOrName")]
        id: &'a str,
    },
    #[serde(rename = "getTask")]
    Task {
        #[serde(rename = "idOrName")]
        id: &'a str,
    },
    #[serde(rename = "tasks")]
    TasksOf,
    #[serde(rename = "logs")]
    LogsOf,
    #[serde(rename = "observables")]
    ObservablesOf,
    #[serde(rename = "attachments")]
    AttachmentsOf,
    #[serde(rename = "comments")]
    CommentsOf,
    #[serde(rename = "filter")]
    Filter(Filter<'a>),
    #[serde(rename = "sort")]
    Sort {
        #[serde(rename = "_fields")]
        fields: [BTreeMap<&'static str, &'static str>; 1],
    },
    #[serde(rename = "page")]
    Page { from: usize, to: usize },
    #[serde(rename = "page")]
    PageWith {
        from: usize,
        to: usize,
        #[serde(rename = "extraData")]
        extra: [&'static str; 1],
    },
    #[serde(rename = "count")]
    Count,
    /// A step without arguments.
    #[serde(untagged)]
    Plain {
        #[serde(rename = "_name")]
        name: &'static str,
    },
    /// The object with this id.
    #[serde(untagged)]
    One {
        #[serde(rename = "_name")]
        name: &'static str,
        #[serde(rename = "idOrName")]
        id: &'a str,
    },
    /// Sorted by a field that a guest names.
    #[serde(untagged)]
    SortedBy {
        #[serde(rename = "_name")]
        name: &'static str,
        #[serde(rename = "_fields")]
        fields: [BTreeMap<&'a str, &'static str>; 1],
    },
}

impl Step<'_> {
    fn oldest_first() -> Self {
        Self::sorted("asc")
    }

    fn newest_first() -> Self {
        Self::sorted("desc")
    }

    fn sorted(direction: &'static str) -> Self {
        Self::by("_createdAt", direction)
    }

    fn by(field: &'static str, direction: &'static str) -> Self {
        Self::Sort {
            fields: [BTreeMap::from([(field, direction)])],
        }
    }
}

/// The operators that 4 and 5 share.
#[derive(Debug, Serialize)]
enum Filter<'a> {
    #[serde(rename = "_and")]
    And(Vec<Self>),
    #[serde(rename = "_or")]
    Or(Vec<Self>),
    #[serde(rename = "_is")]
    Is {
        #[serde(rename = "_field")]
        field: Cow<'static, str>,
        #[serde(rename = "_value")]
        value: Value,
    },
    #[serde(rename = "_lte")]
    AtMost {
        #[serde(rename = "_field")]
        field: &'static str,
        #[serde(rename = "_value")]
        value: u64,
    },
    #[serde(rename = "_gte")]
    AtLeast {
        #[serde(rename = "_field")]
        field: &'static str,
        #[serde(rename = "_value")]
        value: u64,
    },
    #[serde(rename = "_in")]
    In {
        #[serde(rename = "_field")]
        field: &'static str,
        #[serde(rename = "_values")]
        values: BTreeSet<&'a str>,
    },
    #[serde(rename = "_not")]
    Not(Box<Self>),
    #[serde(rename = "_id")]
    Id(&'a str),
    /// An operator and its operand, whose parts are made here: a guest's value can be no operator.
    #[serde(untagged)]
    Operator(BTreeMap<&'static str, Value>),
}

impl Filter<'_> {
    fn is(field: &'static str, value: &str) -> Self {
        Self::Is {
            field: Cow::Borrowed(field),
            value: Value::from(value),
        }
    }

    /// A custom field has this value. The name comes after a word of ours, so it can be no operator.
    fn custom(name: &str, value: Value) -> Self {
        Self::Is {
            field: Cow::Owned(format!("customFields.{name}")),
            value,
        }
    }
}
