//! What can a field be compared with? Values of one kind each.

use crate::ews::time;
use std::cmp::Ordering;

/// The value of a field in restrictions and sort orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Not there: equal to nothing, first in order.
    None,
    /// `true` or `false`.
    Flag(bool),
    /// A number.
    Number(i64),
    /// Milliseconds.
    Time(i64),
    /// Text, compared without case as the store does.
    Text(String),
    /// Texts: a comparison holds if it holds for one.
    List(Vec<String>),
}

impl Value {
    /// Text that may be missing.
    pub fn text(text: Option<&str>) -> Self {
        text.map_or(Self::None, |text| Self::Text(text.to_owned()))
    }

    /// Compares with a constant of a request; `None` if the constant does not fit.
    pub fn compare(&self, constant: &str) -> Option<Ordering> {
        let constant = constant.trim();
        match self {
            Self::None | Self::List(_) => None,
            Self::Flag(value) => Some(value.cmp(&flag(constant)?)),
            Self::Number(value) => Some(value.cmp(&constant.parse().ok()?)),
            Self::Time(value) => Some(value.cmp(&time::read(constant)?)),
            Self::Text(value) => Some(value.to_lowercase().cmp(&constant.to_lowercase())),
        }
    }

    /// The texts it holds.
    pub fn texts(&self) -> &[String] {
        match self {
            Self::Text(text) => std::slice::from_ref(text),
            Self::List(texts) => texts,
            _ => &[],
        }
    }

    /// The order in a sorted list.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::None, Self::None) => Ordering::Equal,
            (Self::None, _) => Ordering::Less,
            (_, Self::None) => Ordering::Greater,
            (Self::Flag(one), Self::Flag(two)) => one.cmp(two),
            (Self::Number(one) | Self::Time(one), Self::Number(two) | Self::Time(two)) => one.cmp(two),
            _ => {
                let lower = |value: &Self| value.texts().join(" ").to_lowercase();
                lower(self).cmp(&lower(other))
            }
        }
    }
}

/// `xs:boolean`.
pub fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}
