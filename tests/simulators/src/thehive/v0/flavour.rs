//! As which version does the server answer?

use serde::Deserialize;

/// A flavour of the product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flavour {
    V3,
    V4,
    #[default]
    V5,
}

impl Flavour {
    /// The version that the status shows unless the state names one.
    pub fn version(self) -> &'static str {
        match self {
            Self::V3 => "3.5.1-1",
            Self::V4 => "4.1.24-1",
            Self::V5 => "5.5.13-1",
        }
    }
}
