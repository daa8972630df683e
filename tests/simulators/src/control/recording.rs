//! How are request bodies kept, for whoever wants to send the same requests again? Off until asked for.

use super::log::lock;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::sync::Mutex;

/// The bodies of the requests since recording began, up to a number of bytes.
#[derive(Default)]
pub struct Recording(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    room: usize,
    dropped: u64,
    requests: Vec<Recorded>,
}

struct Recorded {
    method: String,
    path: String,
    content_type: String,
    body: Vec<u8>,
}

impl Recording {
    /// Forgets what was kept, and keeps from now on at most this many bytes; 0 ends it.
    pub fn begin(&self, bytes: usize) {
        *lock(&self.0) = Kept {
            room: bytes,
            ..Kept::default()
        };
    }

    /// Keeps a request, if there is room for it.
    pub fn keep(&self, method: &str, path: &str, content_type: &str, body: &[u8]) {
        let mut kept = lock(&self.0);
        if kept.room == 0 {
            return;
        }
        if body.len() >= kept.room {
            kept.dropped += 1;
            return;
        }
        kept.room -= body.len();
        kept.requests.push(Recorded {
            method: method.to_owned(),
            path: path.to_owned(),
            content_type: content_type.to_owned(),
            body: body.to_vec(),
        });
    }

    /// `{"dropped", "requests": [{"method", "path", "content_type", "body" (base64)}]}`, in order of arrival.
    pub fn show(&self) -> Value {
        let kept = lock(&self.0);
        let requests: Vec<Value> = kept
            .requests
            .iter()
            .map(|one| {
                json!({
                    "method": one.method, "path": one.path, "content_type": one.content_type, "body": STANDARD.encode(&one.body),
                })
            })
            .collect();
        json!({ "dropped": kept.dropped, "requests": requests })
    }
}
