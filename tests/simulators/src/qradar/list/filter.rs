//! What is a parsed `filter`?

use serde_json::Value;

/// Deepest nesting of parentheses, `not` and `contains` a filter may have.
pub const MAX_DEPTH: usize = 32;

/// Comparison operators; `!=`, `<>` and `^=` are the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Eq,
    /// `!=`, `<>`, `^=`
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

/// A value as written; `bind` replaces `value` by the field's type.
#[derive(Debug, Clone, PartialEq)]
pub struct Literal {
    /// Text with its escapes still in place (LIKE patterns need them).
    pub raw: String,
    /// Was it quoted? LIKE demands it.
    pub quoted: bool,
    /// Typed value, `Null` until bound.
    pub value: Value,
}

/// Names from the outside in, `duration(days)` = `["duration", "days"]`; empty = the element itself (`.`).
pub type Path = Vec<String>;

/// The tree of contract 2.2.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them.
    And(Vec<Filter>),
    /// Any of them.
    Or(Vec<Filter>),
    /// Not this one.
    Not(Box<Filter>),
    /// `path op value`
    Compare(Path, Op, Literal),
    /// `path [not] in (…)`
    In {
        path: Path,
        values: Vec<Literal>,
        negated: bool,
    },
    /// `path [not] between a and b`
    Between {
        path: Path,
        low: Literal,
        high: Literal,
        negated: bool,
    },
    /// `path is [not] null`
    IsNull { path: Path, negated: bool },
    /// `path [not] like|ilike "…"`
    Like {
        path: Path,
        pattern: Literal,
        insensitive: bool,
        negated: bool,
    },
    /// `path contains value`
    ContainsValue(Path, Literal),
    /// `path contains (filter)` or `path contains name op value`
    ContainsMatch(Path, Box<Filter>),
}
