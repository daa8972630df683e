//! How fast are journaled reads? Event: `{"reads": n, "size": bytes, "binding": "lab"}`; returns a digest of what was read.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::WorkflowError;
use synapse_guest::lab::Lab;
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Params {
    reads: u32,
    size: u32,
    binding: String,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            reads: 10,
            size: 1_024,
            binding: "lab".to_owned(),
        }
    }
}

fn run(host: &(impl Workflow + Lab), params: Option<Params>) -> Result<Value, WorkflowError> {
    let Params { reads, size, binding } = params.unwrap_or_default();
    let bench = host.bench(&binding)?;
    // FNV-1a: enough to tell two runs apart, and no work beside the calls that are measured.
    let mut digest = 0xcbf2_9ce4_8422_2325u64;
    let mut bytes = 0usize;
    for n in 0..reads {
        let text = host.read(&bench, &format!("key-{n}"), size)?;
        bytes += text.len();
        digest = text.bytes().fold(digest, |digest, byte| {
            (digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    }
    Ok(json!({ "reads": reads, "bytes": bytes, "digest": format!("{digest:016x}") }))
}
