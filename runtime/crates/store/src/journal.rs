//! What is one row of a run's journal?

use serde::{Deserialize, Serialize};
use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_domain::run::{How, ReportItem, Scanned};

/// Identifies a call of a run: its number, and the item of a list call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Counts from 0.
    pub call: u32,
    /// Counts from 0; 0 for calls that are no list.
    pub item: u32,
}

/// What is recorded of a write before it is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// Which call.
    pub at: Position,
    /// Counts from 0: how often the effect was (about to be) sent.
    pub n: u32,
    /// Name of the operation.
    pub operation: String,
    /// Its class: `keyed`, `probe` or `opaque`.
    pub class: String,
    /// Through which binding.
    pub binding: String,
    /// Canonical arguments: JSON in declared order, absent fields omitted.
    pub arguments: String,
    /// Key of the effect; the marker at the target is made from it.
    pub effect_key: Digest,
    /// After this moment the request is not sent any more.
    pub send_before: Timestamp,
    /// Attempt that wrote it.
    pub epoch: u32,
    /// When.
    pub time: Timestamp,
}

/// What is recorded of a call when its result is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Which call.
    pub at: Position,
    /// Name of the operation.
    pub operation: String,
    /// Its class: `read`, `local`, `keyed`, `probe` or `opaque`.
    pub class: String,
    /// Through which binding; empty for local calls.
    pub binding: String,
    /// Canonical arguments.
    pub arguments: String,
    /// Key of the effect, for writes.
    pub effect_key: Option<Digest>,
    /// Canonical result: `{"Ok":...}` or `{"Err":...}`.
    pub result: String,
    /// Did the call succeed?
    pub ok: bool,
    /// How it came about.
    pub how: How,
    /// For a verdict: who gave it.
    pub by: Option<String>,
    /// Attempt that wrote it.
    pub epoch: u32,
    /// When: the guest's clock after this call.
    pub time: Timestamp,
}

/// A log line of the guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// Escaped text.
    pub message: String,
    /// Escaped names and values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, String)>,
}

/// A line that belongs to the last call before it: `(call, n)` is its key, a repeat is ignored.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Number of calls made before it.
    pub call: u32,
    /// Counts from 0 within that call.
    pub n: u32,
    /// When it was first written.
    pub time: Timestamp,
    /// What.
    pub content: LineContent,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineContent {
    /// `synapse:workflow/log`.
    Log(LogLine),
    /// `synapse:workflow/report.add`.
    Report(ReportItem),
    /// `synapse:workflow/report.scanned`.
    Scanned(Scanned),
}

/// Anything an attempt appends.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// Before a write.
    Intent(Intent),
    /// After a call.
    Outcome(Outcome),
    /// Beside the calls.
    Line(Line),
}

/// A run's current journal, as an attempt or a reader loads it: rows of the current cut and those before it that still count.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Journal {
    /// By position, then n.
    pub intents: Vec<Intent>,
    /// By position.
    pub outcomes: Vec<Outcome>,
    /// By call, then n.
    pub lines: Vec<Line>,
    /// Writes that succeeded and were set aside by a new cut: their effects exist, so a live write with the same key adopts the result
    /// instead of making a second one (G6). Oldest first; nothing to replay.
    pub set_aside: Vec<Outcome>,
}
