//! Is this a path of TheHive's API and nothing else? What is sent is built again from what was understood here, so a path that two programs
//! could read in two ways is refused.

use super::invalid;
use crate::bindings::synapse::thehive::raw::{Method, RawRequest};
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};
use crate::thehive::calls::RawWrite;
use crate::thehive::types;

const PATH: usize = 2_048;
const BODY: usize = 1 << 20;
const ROOT: &str = "/api/";

/// A path that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawPath {
    /// Decoded segments.
    pub segments: Vec<String>,
    /// Decoded parameters.
    pub query: Vec<(String, String)>,
}

impl RawPath {
    /// Reads a path with parameters.
    ///
    /// # Errors
    /// `Invalid`: not below `/api/`, or not plain.
    pub fn read(given: &str) -> Result<Self, Error> {
        let refused = |reason: &str| {
            Error::Invalid(InvalidArgument {
                field: "request.path".to_owned(),
                reason: reason.to_owned(),
            })
        };
        if given.len() > PATH || !given.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused("ASCII without blanks, at most 2,048 characters"));
        }
        if given.contains(['\\', '#', ';']) {
            return Err(refused("it holds a backslash, `#` or `;`"));
        }
        let (path, query) = given.split_once('?').unwrap_or((given, ""));
        let below = path
            .strip_prefix(ROOT)
            .ok_or_else(|| refused("it does not begin with `/api/`"))?;
        let mut segments = vec!["api".to_owned()];
        for raw in below.split('/') {
            let segment = decode(raw).ok_or_else(|| refused("its percent-encoding is wrong"))?;
            if segment.is_empty() || segment.chars().all(|c| c == '.') {
                return Err(refused("it has an empty segment, or one of dots"));
            }
            // A slash that was encoded would split the segment at a server that decodes first; so would a second round of encoding.
            if segment.contains(['/', '\\', '%', '?', '#', ';']) || segment.chars().any(char::is_control) {
                return Err(refused(
                    "a segment holds an encoded slash, percent sign or control character",
                ));
            }
            segments.push(segment);
        }
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(&name.replace('+', " "))?, decode(&value.replace('+', " "))?))
        });
        let query: Option<Vec<_>> = pairs.collect();
        let query = query.ok_or_else(|| refused("its percent-encoding is wrong"))?;
        if query
            .iter()
            .any(|(name, value)| name.chars().chain(value.chars()).any(char::is_control))
        {
            return Err(refused("a parameter holds a control character"));
        }
        Ok(Self { segments, query })
    }

    /// The path as a grant is compared with it: decoded, without parameters.
    pub fn plain(&self) -> String {
        format!("/{}", self.segments.join("/"))
    }
}

/// `request`
pub fn raw(request: &RawRequest) -> Result<(), Error> {
    let path = RawPath::read(&request.path)?;
    let Some(body) = &request.body else { return Ok(()) };
    if request.method == Method::Get {
        return invalid("request.body", "`get` has none".to_owned());
    }
    if body.len() > BODY {
        return invalid("request.body", format!("{} bytes; at most {BODY}", body.len()));
    }
    let value: serde_json::Value = match serde_json::from_str(body) {
        Ok(value) => value,
        Err(_) => return invalid("request.body", "it is no JSON".to_owned()),
    };
    // Compared after decoding: `\u0073ynapse:` is `synapse:`.
    let asks = path.plain() == "/api/v1/query";
    if !asks && names_marker(&value) {
        return invalid("request.body", "it names a marker of the platform".to_owned());
    }
    Ok(())
}

/// `request` with another method than `get`
pub fn raw_write(call: &RawWrite) -> Result<(), Error> {
    raw(&call.request)
}

fn names_marker(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => types::names_marker(text),
        serde_json::Value::Array(list) => list.iter().any(names_marker),
        serde_json::Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| types::names_marker(name) || names_marker(value)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => false,
    }
}

/// Takes percent-encoding off, once; none where it is not well-formed or no UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push(high.checked_mul(16)?.checked_add(low)?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
