//! How is something searched for? A v1 query pipeline (contract 3.1) from typed parts only: a value can never become an operator
//! (threat row 27).

mod alerts;
mod cases;
pub(super) mod cursor;
mod lists;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

pub(super) use alerts::alerts;
pub(super) use cases::{CASES, cases, marked_case};
pub(super) use lists::{Child, Order, Parent, children, observable_types, users};

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
}

impl Step<'_> {
    fn oldest_first() -> Self {
        Self::sorted("asc")
    }

    fn newest_first() -> Self {
        Self::sorted("desc")
    }

    fn sorted(direction: &'static str) -> Self {
        Self::Sort {
            fields: [BTreeMap::from([("_createdAt", direction)])],
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
    #[serde(rename = "_in")]
    In {
        #[serde(rename = "_field")]
        field: &'static str,
        #[serde(rename = "_values")]
        values: BTreeSet<&'a str>,
    },
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
