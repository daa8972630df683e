//! Which capability functions exist, and how is an uncertain effect of each resolved?

use serde::{Deserialize, Serialize};

/// What a call does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Asks a target; may be repeated.
    Read,
    /// Changes a target.
    Write(Effect),
    /// Touches the platform's own store only.
    Local,
}

/// How a write whose outcome is unknown is resolved (design G3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The target refuses or absorbs a repeat: it is sent again.
    Keyed,
    /// The target can be asked by marker.
    Probe,
    /// Nobody can tell: an operator decides.
    Opaque,
}

/// A capability function, declared once, in the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// `<kind>/<interface>.<function>` as in the WIT, for instance `thehive/alerts.create-alerts`.
    pub name: &'static str,
    /// What it does.
    pub class: Class,
}

impl Operation {
    /// A function that asks.
    pub const fn read(name: &'static str) -> Self {
        Self {
            name,
            class: Class::Read,
        }
    }

    /// A function that changes a target.
    pub const fn write(name: &'static str, effect: Effect) -> Self {
        Self {
            name,
            class: Class::Write(effect),
        }
    }

    /// A function of the platform itself.
    pub const fn local(name: &'static str) -> Self {
        Self {
            name,
            class: Class::Local,
        }
    }
}
