//! How does a guest's own search become a query? Its conditions are typed, its field names are checked, its values are operands.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cursor::Place;
use super::{Child, Filter, Parent, Query, Step};
use crate::bindings::synapse::thehive::query::{self as wit, Condition, Kind, Search};

/// The field that says when an object was made.
pub const CREATED: &str = "_createdAt";

/// What part of what fits is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Window<'a> {
    /// From this moment on, in the order of creation.
    Time(Option<&'a Place>),
    /// From this row on.
    Row(usize),
}

/// `rows` objects that fit. `limits` are the values that alerts may have by field, where a grant limits them.
pub fn found<'a>(
    search: &'a Search,
    limits: &[(&'static str, Vec<&str>)],
    window: Window<'_>,
    rows: usize,
) -> Query<'a> {
    let (field, descending) = order(search);
    let mut all = conditions(search, limits);
    let from = match window {
        Window::Time(None) => 0,
        Window::Time(Some(place)) => {
            let bound = if descending { "_lte" } else { "_gte" };
            all.push(operator(bound, json!({"_field": CREATED, "_value": place.created_at})));
            place.seen
        }
        Window::Row(from) => from,
    };
    let mut query = start(search);
    query.extend((!all.is_empty()).then_some(Step::Filter(Filter::And(all))));
    if search.kind != Kind::Comment {
        let direction = if descending { "desc" } else { "asc" };
        query.push(Step::SortedBy {
            name: "sort",
            fields: [BTreeMap::from([(field, direction)])],
        });
    }
    query.push(Step::Page {
        from,
        to: from.saturating_add(rows),
    });
    Query { query }
}

/// How many objects fit.
pub fn count<'a>(search: &'a Search, limits: &[(&'static str, Vec<&str>)]) -> Query<'a> {
    let all = conditions(search, limits);
    let mut query = start(search);
    query.extend((!all.is_empty()).then_some(Step::Filter(Filter::And(all))));
    query.push(Step::Count);
    Query { query }
}

/// The field that sorts, and whether the greatest comes first.
pub fn order(search: &Search) -> (&str, bool) {
    search
        .order
        .as_ref()
        .map_or((CREATED, true), |order| (order.field.as_str(), order.descending))
}

/// The steps that lead to what is searched.
fn start(search: &Search) -> Vec<Step<'_>> {
    let parent = match &search.place {
        wit::Place::Everywhere => {
            let name = match search.kind {
                Kind::Alert => "listAlert",
                Kind::Case => "listCase",
                Kind::Task => "listTask",
                Kind::Log => "listLog",
                Kind::Observable => "listObservable",
                Kind::Comment => "listComment",
                Kind::Procedure => "listProcedure",
                Kind::Page => "listPage",
                Kind::User => "listUser",
            };
            return vec![Step::Plain { name }];
        }
        wit::Place::Case(id) => Parent::Case(id),
        wit::Place::Alert(id) => Parent::Alert(id),
        wit::Place::Task(id) => Parent::Task(id),
        wit::Place::Observable(id) => Parent::Observable(id),
    };
    let child = match (search.kind, &search.place) {
        (Kind::Alert, wit::Place::Observable(_)) => Step::Plain { name: "alert" },
        (Kind::Observable, wit::Place::Observable(_)) => Child::Similar.step(),
        (Kind::Alert, _) => Child::Alerts.step(),
        (Kind::Case, _) => Child::Cases.step(),
        (Kind::Task, _) => Child::Tasks.step(),
        (Kind::Log, _) => Child::Logs.step(),
        (Kind::Observable, _) => Child::Observables.step(),
        (Kind::Comment, _) => Child::Comments.step(),
        (Kind::Procedure, _) => Child::Procedures.step(),
        (Kind::Page, _) => Child::Pages.step(),
        (Kind::User, _) => Step::Plain {
            name: "assignableUsers",
        },
    };
    vec![parent.step(), child]
}

fn conditions<'a>(search: &'a Search, limits: &[(&'static str, Vec<&str>)]) -> Vec<Filter<'a>> {
    let mut all: Vec<Filter<'a>> = limits
        .iter()
        .map(|(field, values)| operator("_in", json!({"_field": field, "_values": values})))
        .collect();
    if let Some(filter) = &search.filter {
        let mut made: Vec<Option<Filter<'a>>> = Vec::with_capacity(filter.conditions.len());
        for condition in &filter.conditions {
            // Every part is used once, or not at all: the checks say so.
            let one = condition_of(condition, &mut made);
            made.push(Some(one));
        }
        all.extend(made.pop().flatten());
    }
    all
}

fn condition_of<'a>(condition: &'a Condition, made: &mut [Option<Filter<'a>>]) -> Filter<'a> {
    let mut part = |index: u32| made.get_mut(usize::try_from(index).unwrap_or(usize::MAX))?.take();
    let compared = |name: &'static str, comparison: &wit::Comparison| {
        operator(
            name,
            json!({"_field": comparison.field, "_value": value(&comparison.value)}),
        )
    };
    let matched =
        |name: &'static str, text: &wit::TextMatch| operator(name, json!({"_field": text.field, "_value": text.text}));
    match condition {
        Condition::All(parts) => Filter::And(parts.iter().filter_map(|index| part(*index)).collect()),
        Condition::Any(parts) => Filter::Or(parts.iter().filter_map(|index| part(*index)).collect()),
        Condition::Not(index) => match part(*index) {
            Some(inner) => Filter::Not(Box::new(inner)),
            None => Filter::Or(Vec::new()),
        },
        Condition::Equal(comparison) => compared("_is", comparison),
        Condition::NotEqual(comparison) => compared("_ne", comparison),
        Condition::Less(comparison) => compared("_lt", comparison),
        Condition::AtMost(comparison) => compared("_lte", comparison),
        Condition::Greater(comparison) => compared("_gt", comparison),
        Condition::AtLeast(comparison) => compared("_gte", comparison),
        Condition::Between(span) => operator(
            "_between",
            json!({"_field": span.field, "_from": value(&span.least), "_to": value(&span.below)}),
        ),
        Condition::OneOf(choice) => {
            let values: Vec<Value> = choice.values.iter().map(value).collect();
            operator("_in", json!({"_field": choice.field, "_values": values}))
        }
        Condition::StartsWith(text) => matched("_startsWith", text),
        Condition::EndsWith(text) => matched("_endsWith", text),
        Condition::Like(text) => matched("_like", text),
        Condition::Has(field) => operator("_has", Value::from(field.as_str())),
        Condition::Id(id) => Filter::Id(id),
    }
}

fn operator<'a>(name: &'static str, operand: Value) -> Filter<'a> {
    Filter::Operator(BTreeMap::from([(name, operand)]))
}

fn value(value: &wit::Value) -> Value {
    match value {
        wit::Value::Text(text) => Value::from(text.as_str()),
        wit::Value::Integer(number) => Value::from(*number),
        wit::Value::Number(number) => Value::from(*number),
        wit::Value::Boolean(yes) => Value::from(*yes),
        wit::Value::Date(moment) => Value::from(*moment),
    }
}
