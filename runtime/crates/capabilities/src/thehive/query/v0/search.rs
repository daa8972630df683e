//! How does a guest's own search become one of v0? The same typed conditions as on 5, in the operators that the version has.

use serde_json::Value;

use super::field::{Field, Order};
use super::parts::{above, all, any, below, has_id, is, like, not, one_of, ordered, text};
use crate::bindings::synapse::thehive::query::{self as wit, Comparison, Condition, Kind as Sought, Search};
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::query::{Window, order};
use crate::thehive::types::v0::Kind;

/// A search as v0 is asked it.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::thehive) struct Asked {
    /// Below `api`, without `_search` or `_stats`.
    pub path: &'static [&'static str],
    /// What the rows are.
    pub kind: Kind,
    /// Which.
    pub filter: Value,
    /// A field, after a minus the greatest first.
    pub sort: String,
    /// The first row.
    pub from: usize,
}

/// The search in the words of this version. `place` is what the place means, where that had to be asked for. `limits` are the values that alerts
/// may have by field, where a grant limits them.
///
/// # Errors
/// `Unsupported`: the version has no such objects, or cannot ask so.
pub(in crate::thehive) fn asked(
    major: u8,
    search: &Search,
    limits: &[(&'static str, Vec<&str>)],
    window: Window<'_>,
    place: Option<Value>,
) -> Result<Asked, Error> {
    let (path, kind) = rows(major, search.kind)?;
    let mut every: Vec<Value> = Vec::new();
    match place {
        Some(place) => every.push(place),
        None => every.extend(self::place(major, search)?),
    }
    every.extend(limits.iter().map(|(field, values)| {
        let values: Vec<Value> = values.iter().map(|value| Value::from(*value)).collect();
        one_of(field, &values)
    }));
    // 3 deletes a case by its status.
    if major < 4 && kind == Kind::Case {
        every.push(not(&is("status", "Deleted")));
    }
    let words = Words {
        major,
        kind: search.kind,
    };
    every.extend(words.root(search)?);
    let (field, descending) = order(search);
    let from = match window {
        Window::Time(None) => 0,
        Window::Time(Some(place)) => {
            let bound = if descending { "_lte" } else { "_gte" };
            every.push(ordered(bound, "createdAt", &place.created_at.into()));
            place.seen
        }
        Window::Row(from) => from,
    };
    let minus = if descending { "-" } else { "" };
    Ok(Asked {
        path,
        kind,
        filter: all(&every),
        sort: format!("{minus}{}", words.field(field).sorted()?),
        from,
    })
}

/// Where the rows of a kind are.
fn rows(major: u8, kind: Sought) -> Result<(&'static [&'static str], Kind), Error> {
    match kind {
        Sought::Alert => Ok((&["alert"], Kind::Alert)),
        Sought::Case => Ok((&["case"], Kind::Case)),
        Sought::Task => Ok((&["case", "task"], Kind::Task)),
        Sought::Log => Ok((&["case", "task", "log"], Kind::Log)),
        Sought::Observable => Ok((&["case", "artifact"], Kind::Observable)),
        Sought::User => Ok((&["user"], Kind::User)),
        Sought::Comment => Err(lacks(major, "comments")),
        Sought::Procedure => Err(lacks(major, "techniques")),
        Sought::Page => Err(lacks(major, "pages of cases")),
    }
}

/// What has to hold for what is in the place; none: everything is.
fn place(major: u8, search: &Search) -> Result<Option<Value>, Error> {
    let filter = match (&search.place, search.kind) {
        (wit::Place::Everywhere, _) => return Ok(None),
        (_, Sought::User) => return Err(lacks(major, "a list of the users that can be assigned")),
        (wit::Place::Case(id), Sought::Alert) => is("case", id.as_str()),
        (wit::Place::Case(id), _) => below("case", id),
        (wit::Place::Task(id), Sought::Case) => above("case_task", id),
        (wit::Place::Task(id), _) => below("case_task", id),
        (wit::Place::Observable(id), Sought::Case) => above("case_artifact", id),
        (wit::Place::Observable(_), _) => {
            return Err(lacks(
                major,
                "a search of the alert or of what is similar to an observable",
            ));
        }
        (wit::Place::Alert(_), _) => {
            return Err(lacks(major, "a search of an alert's observables (they are listed)"));
        }
    };
    Ok(Some(filter))
}

fn lacks(major: u8, what: &str) -> Error {
    Error::Unsupported(format!("TheHive {major} does not have {what}; TheHive 5 does"))
}

/// The words of a kind of object of a version.
struct Words {
    major: u8,
    kind: Sought,
}

impl Words {
    fn field<'a>(&self, name: &'a str) -> Field<'a> {
        Field::of(self.major, self.kind, name)
    }

    /// The guest's own condition.
    fn root(&self, search: &Search) -> Result<Option<Value>, Error> {
        let Some(filter) = &search.filter else { return Ok(None) };
        let mut made: Vec<Option<Value>> = Vec::with_capacity(filter.conditions.len());
        for condition in &filter.conditions {
            // Every part is used once, or not at all: the checks say so.
            let one = self.condition(condition, &mut made)?;
            made.push(Some(one));
        }
        Ok(made.pop().flatten())
    }

    fn condition(&self, condition: &Condition, made: &mut [Option<Value>]) -> Result<Value, Error> {
        let mut part = |index: &u32| made.get_mut(usize::try_from(*index).unwrap_or(usize::MAX))?.take();
        match condition {
            Condition::All(parts) => Ok(all(&parts.iter().filter_map(&mut part).collect::<Vec<_>>())),
            Condition::Any(parts) => Ok(any(&parts.iter().filter_map(&mut part).collect::<Vec<_>>())),
            Condition::Not(index) => Ok(not(&part(index).unwrap_or_else(|| any(&[])))),
            Condition::Equal(one) => self.compared(Order::Equal, one),
            Condition::NotEqual(one) => self.compared(Order::Equal, one).map(|equal| not(&equal)),
            Condition::Less(one) => self.compared(Order::Less, one),
            Condition::AtMost(one) => self.compared(Order::AtMost, one),
            Condition::Greater(one) => self.compared(Order::Greater, one),
            Condition::AtLeast(one) => self.compared(Order::AtLeast, one),
            // 3 leaves both ends out and 4 takes the first in (contract 3.1), so it is said with two operators that both read alike.
            Condition::Between(span) => {
                let field = self.field(&span.field);
                let least = field.compared(Order::AtLeast, &span.least)?;
                Ok(all(&[least, field.compared(Order::Less, &span.below)?]))
            }
            Condition::OneOf(choice) => {
                let field = self.field(&choice.field);
                let each = choice.values.iter().map(|value| field.compared(Order::Equal, value));
                Ok(any(&each.collect::<Result<Vec<_>, _>>()?))
            }
            Condition::StartsWith(one) => self.end_of("_startsWith", one),
            Condition::EndsWith(one) => self.end_of("_endsWith", one),
            Condition::Like(one) => self.like(one),
            Condition::Has(name) => Ok(self.field(name).has()),
            Condition::Id(id) => Ok(has_id(id)),
        }
    }

    fn compared(&self, order: Order, one: &Comparison) -> Result<Value, Error> {
        self.field(&one.field).compared(order, &one.value)
    }

    fn end_of(&self, operator: &'static str, one: &wit::TextMatch) -> Result<Value, Error> {
        let field = self.field(&one.field);
        if self.major < 4 {
            return Err(field.lacks("is not searched by how it begins or ends"));
        }
        Ok(text(operator, &field.text()?, &one.text))
    }

    /// On 4 a text without a star is the whole text, on 5 a part of it; 3 looks for words and has no star.
    fn like(&self, one: &wit::TextMatch) -> Result<Value, Error> {
        let field = self.field(&one.field);
        let has_star = one.text.contains('*');
        if self.major >= 4 {
            let name = field.text()?;
            let part = if has_star {
                one.text.clone()
            } else {
                format!("*{}*", one.text)
            };
            return Ok(like(&name, &part));
        }
        if has_star || !field.has_words() {
            return Err(
                field.lacks("is searched for words of a title, description, message or summary only, without `*`")
            );
        }
        Ok(like(&field.text()?, &one.text))
    }
}
