//! Decides whether a deployment may make a call: manifest ∩ grant ∩ tenant ceiling, deny by default.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::BindingName;

/// Values an argument may take, by scope name (`alert-type`, `alert-source`, `domain`). A scope that is not named is not limited.
pub type Scopes = BTreeMap<String, BTreeSet<String>>;

/// Scopes whose values are patterns: `*` stands for anything. A grant that does not name them allows nothing of what needs them.
const PATTERNS: [&str; 2] = ["raw-method", "raw-path"];

/// Which operations: an exact name (`thehive/alerts.get-alert`), an interface (`thehive/alerts.*`), a kind (`thehive/*`) or `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pattern(pub String);

impl Pattern {
    /// Does the pattern cover this operation?
    pub fn covers(&self, operation: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(prefix) => {
                (prefix.is_empty() || prefix.ends_with('.') || prefix.ends_with('/')) && operation.starts_with(prefix)
            }
            None => self.0 == operation,
        }
    }

    /// Can the pattern cover any operation of this interface (`thehive/alerts`)?
    pub fn touches(&self, interface: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(prefix) => format!("{interface}.").starts_with(prefix) || prefix.starts_with(&format!("{interface}.")),
            None => self.0.strip_prefix(interface).is_some_and(|rest| rest.starts_with('.')),
        }
    }
}

/// What an operator allows a deployment to do through one binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Through which binding.
    pub binding: BindingName,
    /// Which operations.
    pub operations: Vec<Pattern>,
    /// With which arguments.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scopes: Scopes,
}

/// What one call needs. Made by a connector's `permission.rs`, a total function of its requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// Through which binding.
    pub binding: &'a BindingName,
    /// Which operation.
    pub operation: &'static str,
    /// Arguments that a grant can limit: scope name and value.
    pub arguments: Vec<(&'static str, String)>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Go on, and keep to these scopes where the call itself names no value (a list is filtered to them).
    Allowed(Scopes),
    /// Stop; the text names the missing grant and says nothing about the object.
    Denied(String),
}

/// Decides one call.
///
/// `asked` are the manifest's grants to itself, `granted` the operator's, `ceiling` what the tenant may use at all.
pub fn decide(request: &Request<'_>, asked: &[Grant], granted: &[Grant], ceiling: &[Pattern]) -> Decision {
    let what = format!("`{}` on binding `{}`", request.operation, request.binding);
    if !ceiling.iter().any(|pattern| pattern.covers(request.operation)) {
        return Decision::Denied(format!(
            "the tenant may not use {what}; an operator can raise the tenant's ceiling"
        ));
    }
    let matching = |grants: &[Grant]| -> Vec<Grant> {
        let covers = |grant: &&Grant| {
            grant.binding == *request.binding
                && grant.operations.iter().any(|pattern| pattern.covers(request.operation))
        };
        grants.iter().filter(covers).cloned().collect()
    };
    let (asked, granted) = (matching(asked), matching(granted));
    if asked.is_empty() {
        return Decision::Denied(format!(
            "the manifest does not ask for {what}; add it there and deploy again"
        ));
    }
    if granted.is_empty() {
        return Decision::Denied(format!(
            "no grant covers {what}; an operator can add one to the deployment"
        ));
    }
    for ask in &asked {
        for grant in &granted {
            let scopes = intersect(&ask.scopes, &grant.scopes);
            let fits = |(name, value): &(&'static str, String)| {
                if PATTERNS.contains(name) {
                    // Two patterns have no intersection that is one, so each side is asked.
                    admits(&ask.scopes, name, value) && admits(&grant.scopes, name, value)
                } else {
                    scopes.get(*name).is_none_or(|allowed| allowed.contains(value))
                }
            };
            if request.arguments.iter().all(fits) {
                return Decision::Allowed(scopes);
            }
        }
    }
    let arguments: Vec<_> = request
        .arguments
        .iter()
        .map(|(name, value)| format!("{name} `{value}`"))
        .collect();
    Decision::Denied(format!(
        "no grant covers {what} with {}; an operator can widen the grant's scopes",
        arguments.join(", ")
    ))
}

/// Does one of the patterns that this scope names cover the value?
fn admits(scopes: &Scopes, name: &str, value: &str) -> bool {
    let patterns = scopes.get(name).into_iter().flatten();
    patterns.into_iter().any(|pattern| matches(pattern, value))
}

/// `*` stands for any text, also an empty one. Not recursive: patterns come from manifests.
fn matches(pattern: &str, value: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = value.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at.saturating_add(part.len())..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// What both allow.
fn intersect(left: &Scopes, right: &Scopes) -> Scopes {
    let mut both = left.clone();
    for (name, values) in right {
        both.entry(name.clone())
            .and_modify(|kept| kept.retain(|value| values.contains(value)))
            .or_insert_with(|| values.clone());
    }
    both
}

#[cfg(test)]
mod tests;
