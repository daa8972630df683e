//! How does TheHive spell jobs, actions and the workers that do them (schemas `OutputJob`, `OutputAction`, `OutputWorker`)?

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::unreadable;
use crate::bindings::synapse::thehive::cortex::{Action, Job, Progress, Worker};
use crate::bindings::synapse::workflow::types::Error;

/// Largest report that is handed on: an answer of the journal holds it with room.
const REPORT: usize = 2 << 20;

/// `InputJob`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobBody<'a> {
    pub analyzer_id: &'a str,
    pub artifact_id: &'a str,
    pub cortex_id: &'a str,
}

/// `InputAction`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionBody<'a> {
    pub object_type: &'static str,
    pub object_id: &'a str,
    pub responder_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cortex_id: Option<&'a str>,
}

/// `OutputWorker`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerRow {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub data_type_list: Vec<String>,
    #[serde(default)]
    pub cortex_ids: Vec<String>,
}

/// `OutputJob`, as far as it is used. Its observable is spelt as in 4.
#[derive(Debug, Clone, Deserialize)]
pub struct JobRow {
    #[serde(rename = "_id")]
    pub id: String,
    #[serde(rename = "analyzerId")]
    pub analyzer_id: String,
    #[serde(rename = "cortexId", default)]
    pub cortex_id: String,
    pub status: String,
    #[serde(rename = "startDate")]
    pub start_date: u64,
    #[serde(rename = "endDate", default)]
    pub end_date: Option<u64>,
    #[serde(default)]
    pub case_artifact: Option<Value>,
    #[serde(rename = "artifactId", default)]
    pub artifact_id: Option<String>,
    #[serde(default)]
    pub report: Option<Value>,
}

/// `OutputAction`, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionRow {
    #[serde(rename = "_id")]
    pub id: String,
    pub responder_id: String,
    #[serde(default)]
    pub cortex_id: Option<String>,
    pub status: String,
    pub start_date: u64,
    #[serde(default)]
    pub end_date: Option<u64>,
    #[serde(default)]
    pub report: Option<Value>,
}

impl WorkerRow {
    /// As guests see it.
    pub fn into_worker(self) -> Worker {
        Worker {
            id: self.id,
            name: self.name,
            version: self.version,
            description: self.description,
            data_types: self.data_type_list,
            servers: self.cortex_ids,
        }
    }
}

impl JobRow {
    /// The observable that is analysed, where the server says so.
    pub fn observable(&self) -> Option<&str> {
        let inside = self.case_artifact.as_ref();
        let inside = inside.and_then(|one| one.get("_id").or_else(|| one.get("id"))?.as_str());
        inside.or(self.artifact_id.as_deref())
    }

    /// As guests see it.
    pub fn into_job(self, with_report: bool) -> Result<Job, Error> {
        let report = self.report.filter(|report| with_report && !report.is_null());
        Ok(Job {
            id: self.id,
            analyzer_id: self.analyzer_id,
            server: self.cortex_id,
            progress: progress(&self.status),
            started_at: self.start_date,
            ended_at: self.end_date,
            report: report.map(text).transpose()?,
        })
    }
}

impl ActionRow {
    /// As guests see it. A report that is too large for a list of them is left out.
    pub fn into_action(self) -> Action {
        let report = self
            .report
            .filter(|report| !report.is_null())
            .and_then(|report| text(report).ok());
        Action {
            id: self.id,
            responder_id: self.responder_id,
            server: self.cortex_id,
            progress: progress(&self.status),
            started_at: self.start_date,
            ended_at: self.end_date,
            report: report.filter(|report| report.len() <= REPORT / 100),
        }
    }
}

/// A report as JSON text; the server may give it as text already.
fn text(report: Value) -> Result<String, Error> {
    let text = match report {
        Value::String(text) => text,
        other => serde_json::to_string(&other).map_err(|_| unreadable("a report that is no JSON"))?,
    };
    if text.len() > REPORT {
        return Err(Error::TooLarge(REPORT as u64));
    }
    Ok(text)
}

fn progress(status: &str) -> Progress {
    match status {
        "Waiting" => Progress::Waiting,
        "InProgress" => Progress::Running,
        "Success" => Progress::Succeeded,
        "Failure" | "Deleted" => Progress::Failed,
        _ => Progress::Unknown,
    }
}
