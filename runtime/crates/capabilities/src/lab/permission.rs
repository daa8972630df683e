//! Which permission does a request need? A total function: a new request does not compile until it is answered here (threat row 24).

use super::calls::{Append, Fire, ReadText};

/// Every request of the laboratory.
pub(super) enum Request<'a> {
    Read(&'a ReadText),
    Append(&'a Append),
    Fire(&'a Fire),
}

/// The arguments that a grant can limit: none, the laboratory has nothing to tell apart.
pub(super) fn scoped(request: &Request<'_>) -> Vec<(&'static str, String)> {
    match request {
        Request::Read(ReadText { key: _, size: _ }) => Vec::new(),
        Request::Append(Append { text: _, dedup_key: _ }) => Vec::new(),
        Request::Fire(Fire { text: _ }) => Vec::new(),
    }
}
