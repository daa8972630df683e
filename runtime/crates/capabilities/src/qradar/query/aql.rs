//! How does a typed search become AQL? (contract 4: clause order, explicit times in epoch milliseconds, LIMIT before them)

use std::collections::BTreeSet;

use super::super::permission::Domains;
use super::invalid;
use super::literal::{alias, checked, column, is_ambiguous, pattern, quoted};
use crate::bindings::synapse::qradar::ariel::{
    Aggregate, Comparison, Condition, Database, Expression, Lookup, Search, Selection, Value,
};
use crate::bindings::synapse::workflow::types::{Error, Timestamp};

/// Searches of one call.
pub const SEARCHES: usize = 100;
/// Rows of one search (contract 4).
const ROWS: u32 = 10_000;
/// Columns of a selection.
const SELECTION: usize = 40;
/// Conditions of a search.
const CONDITIONS: usize = 20;
/// Values that a column is compared with at once.
const AMONG: usize = 100;
/// Columns to group by.
const GROUPS: usize = 10;
/// Longest query, bytes; it travels in a form body (D44), so this bounds the console's parser, not a request line.
const QUERY_BYTES: usize = 32 << 10;
/// The end of the year 9999: a later time is a mistake, and larger numbers leave the console's range.
const LATEST: Timestamp = 253_402_300_799_999;

/// A search as text, still without its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// `events` or `flows`: where the answer keeps its rows.
    pub table: &'static str,
    /// The aliases, in the order of the selection.
    pub aliases: Vec<String>,
    /// Most rows.
    pub limit: u32,
    /// `SELECT … FROM …`
    head: String,
    /// From WHERE to the end.
    tail: String,
}

impl Plan {
    /// The query. `INTO` lets us choose the id of the search: it is found again when the answer is lost.
    pub fn text(&self, name: &str) -> String {
        format!("{} INTO {name}{}", self.head, self.tail)
    }
}

/// Makes the query of a search, kept to these domains. `at` is the path of the search in the arguments, for messages.
///
/// # Errors
/// `Invalid`, with the path of the field.
pub fn plan(at: &str, search: &Search, domains: &Domains) -> Result<Plan, Error> {
    let table = match search.database {
        Database::Events => "events",
        Database::Flows => "flows",
    };
    let path = |field: &str| format!("{at}.{field}");
    bound(&path("selection"), search.selection.len(), 1, SELECTION)?;
    bound(&path("conditions"), search.conditions.len(), 0, CONDITIONS)?;
    bound(&path("group-by"), search.group_by.len(), 0, GROUPS)?;
    if search.limit == 0 || search.limit > ROWS {
        return Err(invalid(path("limit"), format!("{}; use 1 to {ROWS}", search.limit)));
    }
    if search.start > search.stop || search.stop > LATEST {
        return Err(invalid(
            path("stop"),
            "the window ends before it starts, or after the year 9999",
        ));
    }
    let (items, aliases) = selection(&path("selection"), &search.selection)?;
    let mut tail = String::new();
    let conditions = conditions(at, search, domains)?;
    if !conditions.is_empty() {
        tail.push_str(&format!(" WHERE {}", conditions.join(" AND ")));
    }
    let groups = search
        .group_by
        .iter()
        .enumerate()
        .map(|(index, name)| column(&format!("{at}.group-by[{index}]"), name));
    let groups = groups.collect::<Result<Vec<_>, _>>()?;
    if !groups.is_empty() {
        tail.push_str(&format!(" GROUP BY {}", groups.join(", ")));
    }
    if let Some(order) = &search.order {
        if !aliases.contains(&order.alias) {
            return Err(invalid(path("order.alias"), "not an alias of the selection"));
        }
        tail.push_str(&format!(
            " ORDER BY \"{}\"{}",
            order.alias,
            if order.descending { " DESC" } else { "" }
        ));
    }
    tail.push_str(&format!(
        " LIMIT {} START {} STOP {}",
        search.limit, search.start, search.stop
    ));
    let plan = Plan {
        table,
        aliases,
        limit: search.limit,
        head: format!("SELECT {items} FROM {table}"),
        tail,
    };
    let length = plan.head.len().saturating_add(plan.tail.len());
    if length > QUERY_BYTES {
        return Err(invalid(
            at,
            format!("the query has {length} bytes; at most {QUERY_BYTES}"),
        ));
    }
    Ok(plan)
}

fn bound(field: &str, count: usize, least: usize, most: usize) -> Result<(), Error> {
    if (least..=most).contains(&count) {
        Ok(())
    } else {
        Err(invalid(field, format!("{count}; use {least} to {most}")))
    }
}

/// The columns, always with an alias: without one the console makes up names (contract 4).
fn selection(at: &str, selection: &[Selection]) -> Result<(String, Vec<String>), Error> {
    let mut items = Vec::with_capacity(selection.len());
    let (mut aliases, mut taken) = (Vec::with_capacity(selection.len()), BTreeSet::new());
    for (
        index,
        Selection {
            expression,
            alias: name,
        },
    ) in selection.iter().enumerate()
    {
        let path = |field: &str| format!("{at}[{index}].{field}");
        let name = alias(&path("alias"), name)?;
        if !taken.insert(name.to_ascii_lowercase()) {
            return Err(invalid(path("alias"), format!("`{name}` is used twice")));
        }
        let quote = |name: &str| column(&path("expression"), name);
        let expression = match expression {
            Expression::Column(name) => quote(name)?,
            Expression::Lookup((lookup, name)) => format!("{}({})", lookup_name(*lookup), quote(name)?),
            Expression::Aggregate((aggregate, name)) => format!("{}({})", aggregate_name(*aggregate), quote(name)?),
            Expression::Count => "COUNT(*)".to_owned(),
        };
        items.push(format!("{expression} AS '{name}'"));
        aliases.push(name.to_owned());
    }
    Ok((items.join(", "), aliases))
}

fn conditions(at: &str, search: &Search, domains: &Domains) -> Result<Vec<String>, Error> {
    let mut terms = Vec::new();
    if let Some(offense) = search.offense {
        // Larger than any id: the console would refuse to parse it.
        i64::try_from(offense).map_err(|_| Error::NotFound)?;
        terms.push(format!("INOFFENSE({offense})"));
    }
    for (index, found) in search.conditions.iter().enumerate() {
        terms.push(condition(&format!("{at}.conditions[{index}]"), found)?);
    }
    if let Domains::Only { ids, .. } = domains {
        // An event has exactly one domain, so what spans several is no case here.
        let ids: Vec<String> = ids.iter().map(|id| format!("domainid = {id}")).collect();
        terms.push(format!("({})", ids.join(" OR ")));
    }
    Ok(terms)
}

fn condition(at: &str, condition: &Condition) -> Result<String, Error> {
    let left = column(&format!("{at}.column"), &condition.column)?;
    let field = format!("{at}.value");
    let value = &condition.value;
    match condition.comparison {
        Comparison::Equal => equal(&field, &left, value, true),
        Comparison::NotEqual => equal(&field, &left, value, false),
        Comparison::Less => ordered(&field, &left, "<", value),
        Comparison::LessOrEqual => ordered(&field, &left, "<=", value),
        Comparison::Greater => ordered(&field, &left, ">", value),
        Comparison::GreaterOrEqual => ordered(&field, &left, ">=", value),
        Comparison::Contains => Ok(format!("{left} ILIKE {}", anywhere(&field, value)?)),
        Comparison::ContainsNot => Ok(format!("{left} NOT ILIKE {}", anywhere(&field, value)?)),
        Comparison::AnyOf => among(&field, &left, value, true),
        Comparison::NoneOf => among(&field, &left, value, false),
        Comparison::IsNull | Comparison::IsNotNull if *value != Value::Nothing => {
            Err(invalid(field, "this comparison has no right side: use `nothing`"))
        }
        Comparison::IsNull => Ok(format!("{left} IS NULL")),
        Comparison::IsNotNull => Ok(format!("{left} IS NOT NULL")),
        Comparison::InNetwork => Ok(format!("INCIDR({}, {left})", network(&field, value)?)),
        Comparison::NotInNetwork => Ok(format!("NOT INCIDR({}, {left})", network(&field, value)?)),
    }
}

/// Equality with one text or number. A text whose literal could be read in two ways is compared by LIKE.
fn equal(field: &str, left: &str, value: &Value, wanted: bool) -> Result<String, Error> {
    let (operator, like) = if wanted { ("=", "LIKE") } else { ("!=", "NOT LIKE") };
    match value {
        Value::Integer(number) => Ok(format!("{left} {operator} {number}")),
        Value::Text(text) => {
            checked(field, text)?;
            Ok(if is_ambiguous(text) {
                format!("{left} {like} {}", quoted(&pattern(text)))
            } else {
                format!("{left} {operator} {}", quoted(text))
            })
        }
        Value::Texts(_) | Value::Integers(_) | Value::Nothing => Err(invalid(field, "one text or number is needed")),
    }
}

fn ordered(field: &str, left: &str, operator: &str, value: &Value) -> Result<String, Error> {
    match value {
        Value::Integer(number) => Ok(format!("{left} {operator} {number}")),
        Value::Text(text) if !is_ambiguous(text) => {
            checked(field, text)?;
            Ok(format!("{left} {operator} {}", quoted(text)))
        }
        Value::Text(_) => Err(invalid(
            field,
            "a text that ends with `\\` or holds `\\'` can be compared for equality only",
        )),
        Value::Texts(_) | Value::Integers(_) | Value::Nothing => Err(invalid(field, "one text or number is needed")),
    }
}

/// The pattern that finds a text anywhere.
fn anywhere(field: &str, value: &Value) -> Result<String, Error> {
    let Value::Text(text) = value else {
        return Err(invalid(field, "a text is needed to look for"));
    };
    checked(field, text)?;
    Ok(quoted(&format!("%{}%", pattern(text))))
}

/// One of several values, or none of them: a chain of comparisons, so that every element is as safe as a single one.
fn among(field: &str, left: &str, value: &Value, wanted: bool) -> Result<String, Error> {
    let values: Vec<Value> = match value {
        Value::Texts(texts) => texts.iter().cloned().map(Value::Text).collect(),
        Value::Integers(numbers) => numbers.iter().copied().map(Value::Integer).collect(),
        Value::Text(_) | Value::Integer(_) | Value::Nothing => {
            return Err(invalid(field, "`texts` or `integers` are needed"));
        }
    };
    bound(field, values.len(), 1, AMONG)?;
    let terms = values
        .iter()
        .enumerate()
        .map(|(index, value)| equal(&format!("{field}[{index}]"), left, value, wanted));
    let terms = terms.collect::<Result<Vec<_>, _>>()?;
    Ok(format!("({})", terms.join(if wanted { " OR " } else { " AND " })))
}

/// The literal of a network; it is written as we read it, so nothing else can be in it.
fn network(field: &str, value: &Value) -> Result<String, Error> {
    let Value::Text(text) = value else {
        return Err(invalid(field, "a network is needed: `10.0.0.0/8`"));
    };
    let network: ipnet::IpNet = text
        .parse()
        .map_err(|_| invalid(field, "not a network; write one like `10.0.0.0/8`"))?;
    Ok(quoted(&network.to_string()))
}

fn lookup_name(lookup: Lookup) -> &'static str {
    match lookup {
        Lookup::QidName => "QIDNAME",
        Lookup::LogSourceName => "LOGSOURCENAME",
        Lookup::LogSourceTypeName => "LOGSOURCETYPENAME",
        Lookup::CategoryName => "CATEGORYNAME",
        Lookup::RuleNames => "RULENAME",
        Lookup::ProtocolName => "PROTOCOLNAME",
        Lookup::DomainName => "DOMAINNAME",
        Lookup::Utf8Text => "UTF8",
    }
}

fn aggregate_name(aggregate: Aggregate) -> &'static str {
    match aggregate {
        Aggregate::Sum => "SUM",
        Aggregate::Min => "MIN",
        Aggregate::Max => "MAX",
        Aggregate::UniqueCount => "UNIQUECOUNT",
    }
}

#[cfg(test)]
#[path = "aql_tests.rs"]
mod tests;
