//! What is a parsed AQL query?

use serde_json::Value;

/// Deepest nesting of parentheses and functions.
pub const MAX_DEPTH: usize = 32;

/// A value per event.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A column as written.
    Column(String),
    /// A scalar function, name as written.
    Call(String, Vec<Expr>),
    /// A number or a 'text'.
    Literal(Value),
}

/// Aggregate functions; results are doubles (contract 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// `COUNT(*)`, `COUNT(x)`
    Count,
    /// `SUM(x)`
    Sum,
    /// `MIN(x)`
    Min,
    /// `MAX(x)`
    Max,
    /// `AVG(x)`
    Avg,
    /// `UNIQUECOUNT(x)`
    UniqueCount,
    /// `FIRST(x)`
    First,
    /// `LAST(x)`
    Last,
}

impl Aggregate {
    /// By name, any case.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "COUNT" => Self::Count,
            "SUM" => Self::Sum,
            "MIN" => Self::Min,
            "MAX" => Self::Max,
            "AVG" => Self::Avg,
            "UNIQUECOUNT" => Self::UniqueCount,
            "FIRST" => Self::First,
            "LAST" => Self::Last,
            _ => return None,
        })
    }

    /// The prefix of unaliased result columns.
    pub fn label(self) -> &'static str {
        match self {
            Self::Count => "COUNT",
            Self::Sum => "SUM",
            Self::Min => "MIN",
            Self::Max => "MAX",
            Self::Avg => "AVG",
            Self::UniqueCount => "UNIQUECOUNT",
            Self::First => "FIRST",
            Self::Last => "LAST",
        }
    }
}

/// What one result column holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A value per event (or, ungrouped in a grouped query, of the group's first event).
    Plain(Expr),
    /// A value per group; `None` = `*`.
    Aggregate(Aggregate, Option<Expr>),
}

/// One entry of the SELECT list.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its value.
    pub cell: Cell,
    /// The alias, or the name given by `resolve`.
    pub name: String,
}

/// Comparison operators of conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Eq,
    /// `!=`, `<>`
    Ne,
    /// `<`
    Lt,
    /// `>`
    Gt,
    /// `<=`
    Le,
    /// `>=`
    Ge,
}

/// The WHERE clause.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// All of them.
    And(Vec<Condition>),
    /// Any of them.
    Or(Vec<Condition>),
    /// Not this one.
    Not(Box<Condition>),
    /// `INOFFENSE(n)`
    InOffense(i64),
    /// `INCIDR('net', ip)`
    InCidr(String, Expr),
    /// `a op b`
    Compare(Expr, Op, Expr),
    /// `a [NOT] IN (…)`
    In(Expr, Vec<Expr>),
    /// `a [NOT] BETWEEN b AND c`
    Between(Expr, Expr, Expr),
    /// `a [NOT] LIKE '…'`; `true` = ILIKE
    Like(Expr, String, bool),
    /// `a IS NULL`
    IsNull(Expr),
}

/// Which times are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The last so many milliseconds.
    Last(i64),
    /// From epoch ms to epoch ms (`None` = now), both included.
    Between(i64, Option<i64>),
}

/// A whole query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Table: `events` or `flows`; the key of the results.
    pub table: String,
    /// `INTO name`: the search id the caller chose.
    pub into: Option<String>,
    /// Result columns, then hidden ones that only ORDER BY needs.
    pub items: Vec<Item>,
    /// How many of `items` are results.
    pub visible: usize,
    /// WHERE
    pub condition: Option<Condition>,
    /// GROUP BY
    pub group_by: Vec<Expr>,
    /// ORDER BY as written, until `resolve` turns it into `order_by`.
    pub order_written: Vec<(Cell, bool)>,
    /// Index into `items`, descending.
    pub order_by: Vec<(usize, bool)>,
    /// LIMIT
    pub limit: Option<usize>,
    /// Time window.
    pub window: Window,
}

impl Query {
    /// One row per group instead of per event?
    pub fn grouped(&self) -> bool {
        !self.group_by.is_empty() || self.items.iter().any(|item| matches!(item.cell, Cell::Aggregate(..)))
    }
}
