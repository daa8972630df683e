//! Do blobs keep their promises? Event: `{"steps": [..]}`; answers what each step gave, errors by name.
//!
//! Steps: `{"create": {"name", "type", "text", "repeat"}}`, `{"extract": {"of", "offset", "len", "encoding", "name", "type"}}` and
//! `{"gather": {"of", "spans": [[offset, len], ..], "name", "type"}}` make blobs, numbered from 0; `{"read": {"of", "offset", "len"}}` answers text, `{"digest": {"of"}}` the FNV-1a of a whole blob read in
//! pieces; `{"pause": "text"}` appends to the laboratory target, which a test may hold; `{"drop": {"of"}}` lets a handle go;
//! `{"again": ms}` asks for another attempt as long as the run's time is before `ms`.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::bindings::workflow::synapse::workflow::blobs::{self, Blob, Encoding, Span};
use synapse_guest::error::{Error, WorkflowError, name};
use synapse_guest::lab::Lab;
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

/// Bytes of one read of `digest`.
const PIECE: u32 = 1 << 20;
/// Bytes of a read that are answered as text.
const SHOWN: usize = 64 << 10;

#[derive(Deserialize)]
struct Params {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    Create {
        name: String,
        r#type: String,
        text: String,
        #[serde(default = "once")]
        repeat: usize,
    },
    Extract {
        of: usize,
        offset: u64,
        len: u64,
        encoding: String,
        name: String,
        r#type: String,
    },
    Gather {
        of: usize,
        spans: Vec<(u64, u64)>,
        name: String,
        r#type: String,
    },
    Read {
        of: usize,
        offset: u64,
        len: u32,
    },
    Digest {
        of: usize,
    },
    Drop {
        of: usize,
    },
    Pause(String),
    Again(u64),
}

fn once() -> usize {
    1
}

fn run(host: &(impl Workflow + Lab), params: Params) -> Result<Value, WorkflowError> {
    let mut held: Vec<Option<Blob>> = Vec::new();
    let mut answers = Vec::new();
    for step in params.steps {
        let answer = match step {
            Step::Create {
                name,
                r#type,
                text,
                repeat,
            } => keep(&mut held, blobs::create(&name, &r#type, text.repeat(repeat).as_bytes())),
            Step::Extract {
                of,
                offset,
                len,
                encoding,
                name,
                r#type,
            } => {
                let encoding = match encoding.as_str() {
                    "base64" => Encoding::Base64,
                    "quoted-printable" => Encoding::QuotedPrintable,
                    _ => Encoding::Identity,
                };
                let made = blobs::extract(blob(&held, of)?, offset, len, encoding, &name, &r#type);
                keep(&mut held, made)
            }
            Step::Gather {
                of,
                spans,
                name,
                r#type,
            } => {
                let spans: Vec<Span> = spans.into_iter().map(|(offset, len)| Span { offset, len }).collect();
                let made = blobs::gather(blob(&held, of)?, &spans, &name, &r#type);
                keep(&mut held, made)
            }
            Step::Read { of, offset, len } => {
                let read = blob(&held, of)?.read(offset, len);
                read.map(|bytes| {
                    // An answer is at most 1 MiB, as a read is.
                    let shown = bytes.get(..bytes.len().min(SHOWN)).unwrap_or_default();
                    json!({ "text": String::from_utf8_lossy(shown), "bytes": bytes.len() })
                })
            }
            Step::Digest { of } => digest(blob(&held, of)?),
            Step::Drop { of } => {
                if let Some(handle) = held.get_mut(of) {
                    *handle = None;
                }
                Ok(Value::Null)
            }
            Step::Pause(text) => {
                host.append(&host.bench("lab")?, &text, None)?;
                Ok(Value::Null)
            }
            Step::Again(ms) if host.now() < ms => {
                return Err(WorkflowError::RetryAfter {
                    ms: ms - host.now(),
                    why: "as asked".to_owned(),
                });
            }
            Step::Again(_) => Ok(Value::Null),
        };
        answers.push(answer.unwrap_or_else(|error| json!({ "error": name(&error), "detail": format!("{error:?}") })));
    }
    Ok(Value::Array(answers))
}

fn blob(held: &[Option<Blob>], of: usize) -> Result<&Blob, WorkflowError> {
    let handle = held.get(of).and_then(Option::as_ref);
    handle.ok_or_else(|| WorkflowError::BadEvent(format!("there is no blob {of}")))
}

/// Numbers a new blob, one that was refused too.
fn keep(held: &mut Vec<Option<Blob>>, made: Result<Blob, Error>) -> Result<Value, Error> {
    let info = made.as_ref().map(|blob| blob.info()).map_err(Clone::clone);
    held.push(made.ok());
    let info = info?;
    Ok(json!({ "name": info.name, "type": info.media_type, "size": info.size, "sha256": info.sha256 }))
}

fn digest(blob: &Blob) -> Result<Value, Error> {
    let (mut offset, mut digest) = (0_u64, 0xcbf2_9ce4_8422_2325_u64);
    loop {
        let piece = blob.read(offset, PIECE)?;
        if piece.is_empty() {
            return Ok(json!({ "bytes": offset, "fnv": format!("{digest:016x}") }));
        }
        offset += piece.len() as u64;
        digest = piece.iter().fold(digest, |digest, byte| {
            (digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    }
}
