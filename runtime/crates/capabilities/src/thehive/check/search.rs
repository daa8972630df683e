//! Is this search one that can be asked? Field names are the only words of a guest's that become more than a value, so they are plain.

use synapse_domain::limits;

use super::{invalid, line, moment, named_id, text};
use crate::bindings::synapse::thehive::query::{Condition, Filter, Kind, Place, Search, Value};
use crate::bindings::synapse::workflow::types::Error;

/// Conditions of one search.
const CONDITIONS: usize = 100;
/// Parts of one combining condition, and values of one choice.
const PARTS: usize = 100;
const TEXT_VALUE: usize = 4096;
const FIELD: usize = 128;
const CUSTOM: &str = "customFields.";

/// `find` and `count`
pub fn search(search: &Search) -> Result<(), Error> {
    let Search {
        kind,
        place,
        filter,
        order,
        limit,
    } = search;
    if *limit == 0 || usize::try_from(*limit).is_ok_and(|limit| limit > limits::BATCH_ITEMS) {
        return invalid("search.limit", format!("{limit}; 1 to {}", limits::BATCH_ITEMS));
    }
    match place {
        Place::Everywhere => {}
        Place::Case(id) | Place::Alert(id) | Place::Task(id) | Place::Observable(id) => named_id("search.place", id)?,
    }
    if !holds(place, *kind) {
        return invalid("search.kind", "there is none of this kind in that place".to_owned());
    }
    if let Some(order) = order {
        field("search.order.field", &order.field)?;
    }
    filter.as_ref().map_or(Ok(()), conditions)
}

fn holds(place: &Place, kind: Kind) -> bool {
    match (place, kind) {
        (Place::Everywhere, _) | (_, Kind::User) => true,
        (Place::Case(_), kind) => !matches!(kind, Kind::Case | Kind::Log),
        (Place::Alert(_), kind) => matches!(kind, Kind::Case | Kind::Observable | Kind::Comment | Kind::Procedure),
        (Place::Task(_), kind) => matches!(kind, Kind::Case | Kind::Log),
        (Place::Observable(_), kind) => matches!(kind, Kind::Case | Kind::Alert | Kind::Observable),
    }
}

fn conditions(filter: &Filter) -> Result<(), Error> {
    let all = &filter.conditions;
    if all.is_empty() || all.len() > CONDITIONS {
        return invalid("search.filter", format!("{} conditions; 1 to {CONDITIONS}", all.len()));
    }
    let mut used = vec![false; all.len()];
    for (n, condition) in all.iter().enumerate() {
        let at = format!("search.filter.conditions[{n}]");
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                if parts.is_empty() || parts.len() > PARTS {
                    return invalid(&at, format!("{} parts; 1 to {PARTS}", parts.len()));
                }
                parts.iter().try_for_each(|index| part(&at, n, *index, &mut used))?;
            }
            Condition::Not(index) => part(&at, n, *index, &mut used)?,
            Condition::Equal(one)
            | Condition::NotEqual(one)
            | Condition::Less(one)
            | Condition::AtMost(one)
            | Condition::Greater(one)
            | Condition::AtLeast(one) => {
                field(&at, &one.field)?;
                value(&at, &one.value)?;
            }
            Condition::Between(span) => {
                field(&at, &span.field)?;
                value(&at, &span.least)?;
                value(&at, &span.below)?;
            }
            Condition::OneOf(choice) => {
                field(&at, &choice.field)?;
                if choice.values.len() > PARTS {
                    return invalid(&at, format!("more than {PARTS} values"));
                }
                choice.values.iter().try_for_each(|one| value(&at, one))?;
            }
            Condition::StartsWith(one) | Condition::EndsWith(one) | Condition::Like(one) => {
                field(&at, &one.field)?;
                line(&at, &one.text, TEXT_VALUE)?;
            }
            Condition::Has(name) => field(&at, name)?,
            Condition::Id(id) => named_id(&at, id)?,
        }
    }
    // The last one is the root; another one that nothing uses would silently not count.
    used.pop();
    match used.iter().position(|used| !used) {
        None => Ok(()),
        Some(n) => invalid(
            &format!("search.filter.conditions[{n}]"),
            "no other condition uses it; only the last one stands alone".to_owned(),
        ),
    }
}

/// A part stands before its whole, and belongs to one whole.
fn part(at: &str, whole: usize, index: u32, used: &mut [bool]) -> Result<(), Error> {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    match used.get_mut(index) {
        Some(used) if index < whole && !*used => {
            *used = true;
            Ok(())
        }
        _ => invalid(
            at,
            format!("part {index} is not an earlier condition, or belongs to another one already"),
        ),
    }
}

/// Letters, digits and `_`; a custom field's name behind its prefix may hold more, but nothing that an operator or a path has.
fn field(at: &str, name: &str) -> Result<(), Error> {
    line(at, name, FIELD)?;
    let (plain, more) = match name.strip_prefix(CUSTOM) {
        Some(custom) => (custom, "- "),
        None => (name, ""),
    };
    let allowed = |c: char| {
        c.is_ascii_alphanumeric() || c == '_' || more.contains(c) || (!more.is_empty() && c.is_alphanumeric())
    };
    if !plain.is_empty() && plain.chars().all(allowed) {
        Ok(())
    } else {
        invalid(at, format!("`{name}` is no name of a field"))
    }
}

fn value(at: &str, value: &Value) -> Result<(), Error> {
    match value {
        Value::Text(value) => text(at, value, TEXT_VALUE),
        Value::Number(number) if !number.is_finite() => invalid(at, "it is not a finite number".to_owned()),
        Value::Date(date) => moment(at, *date),
        Value::Integer(_) | Value::Number(_) | Value::Boolean(_) => Ok(()),
    }
}
