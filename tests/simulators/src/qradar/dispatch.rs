//! In which order are requests checked? The first failure wins (contract 2.1).

use super::call::Call;
use super::console::{Console, Ctx};
use super::error::ApiError;
use super::list::fields;
use super::list::range::Range;
use super::params::{Params, segment};
use super::reply::Reply;
use super::route::{self, Route, Type};
use super::tokens::authenticate;
use crate::control::Control;

/// Longest request line the web server in front takes; above it answers 414 as HTML (measured between 8099 and 8159).
pub const MAX_REQUEST_LINE: usize = 8190;

/// A request as it came in, before any check.
pub struct Incoming<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Raw path.
    pub path: &'a str,
    /// Raw query string.
    pub query: &'a str,
    /// Body bytes.
    pub body: &'a [u8],
    /// Header by lower-case name.
    pub header: &'a dyn Fn(&str) -> Option<&'a str>,
    /// Time of arrival, epoch milliseconds.
    pub arrived_ms: i64,
    /// This is a repetition inside a long poll.
    pub again: bool,
}

/// Performs one request against the console.
pub fn dispatch(console: &mut Console, control: &Control, request: &Incoming<'_>) -> Reply {
    check(console, control, request).unwrap_or_else(Reply::from)
}

fn check(console: &mut Console, control: &Control, request: &Incoming<'_>) -> Result<Reply, ApiError> {
    let line = request.method.len() + request.path.len() + request.query.len() + " ? HTTP/1.1".len();
    if line > MAX_REQUEST_LINE {
        return Err(ApiError::page(414));
    }
    // ansible's module logs out without `/api` (contract 1.1).
    let below = match request.path.strip_prefix("/api/") {
        Some(below) => below,
        None if request.path.trim_end_matches('/') == "/auth/logout" => "auth/logout",
        None => return Err(ApiError::page(404)),
    };
    let now_ms = control.now_ms();
    let header = request.header;
    let login = authenticate(&console.tokens, header("sec"), header("authorization"), now_ms)?;
    let deprecated = console.versions.check(header("version"))?;
    let parts: Vec<&str> = below.split('/').filter(|part| !part.is_empty()).collect();
    let spoken = console.versions.major(header("version"));
    let (route, values) = route::find(&console.routes, request.method, &parts, spoken)?;
    let csv = accepts(header("accept"), route)?;
    // Tokens are shared with the handlers that read the whole table, so the caller's entry is handed over as a copy.
    let token = console
        .tokens
        .get(login.index)
        .cloned()
        .ok_or_else(|| ApiError::framework(401, 18, ""))?;
    if !route.capability.is_none_or(|capability| token.can(capability)) {
        let text = "User has insufficient capabilities to access this endpoint resource";
        return Err(ApiError::framework(403, 26, text));
    }
    let mut params = Params::default();
    params.add_query(request.query);
    let content_type = header("content-type").unwrap_or_default();
    if content_type
        .to_ascii_lowercase()
        .starts_with("application/x-www-form-urlencoded")
    {
        params.add_form(request.body, content_type);
    }
    // Where the arguments are a JSON body, `fields` is a header (contract 1.3).
    let wanted = if route.json {
        header("fields")
    } else {
        params.get("fields")
    };
    let selected = match wanted {
        Some(text) if !route.columns.is_empty() => fields::parse(text, route.columns)?,
        _ => Vec::new(),
    };
    let segments: Vec<String> = values.into_iter().map(segment).collect();
    parameters(route, &params, &segments)?;
    let range = match header("range") {
        Some(text) if route.ranged => Some(Range::parse(text)?),
        _ => None,
    };
    let call = Call {
        token: &token,
        now_ms,
        path: request.path,
        segments,
        params: &params,
        body: if route.json { request.body } else { &[] },
        fields: selected,
        range,
        content_range_always: console.settings.content_range_without_range,
        csv,
        prefer_wait_s: header("prefer").and_then(wait_seconds),
        arrived_ms: request.arrived_ms,
        again: request.again,
    };
    console.settle(now_ms);
    let reply = (route.handler)(&mut Ctx { console, control }, &call).unwrap_or_else(Reply::from);
    let mut reply = reply.header("x-sim-route", format!("/api/{}", route.path));
    if deprecated {
        reply = reply.header(
            "deprecated",
            "The version of the API used is deprecated and may be removed at any time",
        );
    }
    if login.basic {
        reply = reply.header("set-cookie", format!("SEC={}; Path=/; Secure; HttpOnly", token.token));
    }
    Ok(reply)
}

/// 406 unless JSON (or CSV, where the endpoint has it) will do; `Ok(true)` = CSV.
fn accepts(header: Option<&str>, route: &Route) -> Result<bool, ApiError> {
    let Some(header) = header else { return Ok(false) };
    for kind in header
        .split(',')
        .map(|part| part.split(';').next().unwrap_or_default().trim())
    {
        match kind.to_ascii_lowercase().as_str() {
            "" | "*/*" | "application/*" | "application/json" => return Ok(false),
            "application/csv" if route.csv => return Ok(true),
            _ => {}
        }
    }
    Err(ApiError::framework(
        406,
        5,
        format!("Cannot produce any of the media types \"{header}\""),
    ))
}

fn parameters(route: &Route, params: &Params, segments: &[String]) -> Result<(), ApiError> {
    for param in route.params.iter().filter(|param| param.required) {
        if params.get(param.name).is_none_or(str::is_empty) {
            let text = format!("Missing required parameter \"{}\" from query parameters", param.name);
            return Err(ApiError::framework(422, 8, text));
        }
    }
    let refuse = |place: &str, name: &str| {
        let text =
            format!("Failed to transform user {place} parameter \"{name}\" with a content type of \"TEXT_PLAIN\"");
        ApiError::framework(422, 11, text)
    };
    for (name, value) in route.names().zip(segments) {
        if name.ends_with("_id") && !route.text_ids && value.parse::<i64>().is_err() {
            return Err(refuse("path", name));
        }
    }
    for param in route.params {
        let Some(value) = params.get(param.name).map(str::trim) else {
            continue;
        };
        let fits = match param.kind {
            Type::Text => true,
            Type::Int => value.parse::<i64>().is_ok(),
            Type::Bool => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
            Type::OneOf(words) => words.contains(&value),
        };
        if !fits {
            return Err(refuse("query", param.name));
        }
    }
    Ok(())
}

/// `wait=N` out of a `Prefer` header.
fn wait_seconds(header: &str) -> Option<i64> {
    header
        .split([',', ';'])
        .find_map(|part| part.trim().strip_prefix("wait=")?.trim().parse().ok())
}
