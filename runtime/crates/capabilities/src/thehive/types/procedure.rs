//! How does TheHive spell a technique that was seen (contract 2.9)?

use serde::{Deserialize, Serialize};

use crate::bindings::synapse::thehive::procedures::Procedure;
use crate::marked;

/// `InputProcedure` and `InputUpdateProcedure`
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcedureBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occur_date: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tactic: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// `OutputProcedure`, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcedureRow {
    #[serde(rename = "_id")]
    pub id: String,
    #[serde(default)]
    pub pattern_id: Option<String>,
    #[serde(default)]
    pub pattern_name: Option<String>,
    #[serde(default)]
    pub tactic: Option<String>,
    pub occur_date: u64,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default, rename = "_createdBy")]
    pub created_by: String,
    #[serde(rename = "_createdAt")]
    pub created_at: u64,
    #[serde(default, rename = "_updatedAt")]
    pub updated_at: Option<u64>,
}

impl ProcedureRow {
    /// Was it added with this marker, for this technique and moment?
    pub fn was_made(&self, pattern_id: &str, occur_date: u64, marker: &str) -> bool {
        let carries = |text: &String| marked::carries(text, marker);
        // The catalogue may be gone for it, and then the server names no technique.
        self.pattern_id.as_ref().is_none_or(|own| own == pattern_id)
            && self.occur_date == occur_date
            && self.description.as_ref().is_some_and(carries)
    }

    /// Is it already as the change would leave it?
    pub fn is_as_asked(&self, body: &ProcedureBody<'_>) -> bool {
        body.pattern_id.is_none_or(|id| self.pattern_id.as_deref() == Some(id))
            && body.occur_date.is_none_or(|date| self.occur_date == date)
            && body.tactic.is_none_or(|tactic| self.tactic.as_deref() == Some(tactic))
            && body
                .description
                .as_ref()
                .is_none_or(|text| self.description.as_ref() == Some(text))
    }

    /// As guests see it.
    pub fn into_procedure(self) -> Procedure {
        Procedure {
            id: self.id,
            pattern_id: self.pattern_id,
            pattern_name: self.pattern_name,
            tactic: self.tactic,
            occurred_at: self.occur_date,
            description: self.description.map(marked::unmark).filter(|text| !text.is_empty()),
            created_by: self.created_by,
            created_at: self.created_at,
        }
    }
}
