//! What is a route, and how are routes found?

use super::call::Call;
use super::console::Ctx;
use super::error::ApiError;
use super::list::columns::Column;
use super::reply::Reply;

/// What a parameter's text must convert to (422/11 otherwise).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Any text.
    Text,
    /// An integer.
    Int,
    /// `true` or `false`.
    Bool,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// One query or form parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Name.
    pub name: &'static str,
    /// Type.
    pub kind: Type,
    /// Missing or empty is 422/8.
    pub required: bool,
}

impl Param {
    /// An optional parameter.
    pub const fn optional(name: &'static str, kind: Type) -> Self {
        Self {
            name,
            kind,
            required: false,
        }
    }

    /// A parameter without which the call is refused.
    pub const fn required(name: &'static str, kind: Type) -> Self {
        Self {
            name,
            kind,
            required: true,
        }
    }
}

/// Performs a call that passed all framework checks.
pub type Handler = fn(&mut Ctx<'_>, &Call<'_>) -> Result<Reply, ApiError>;

/// One endpoint, as data: the dispatcher checks everything that is declared here before the handler runs.
#[derive(Clone, Copy)]
pub struct Route {
    /// HTTP method.
    pub method: &'static str,
    /// Path below `/api`, with `{name}` segments; `{…_id}` must be integers unless `text_ids`.
    pub path: &'static str,
    /// Capability the caller needs (403/26).
    pub capability: Option<&'static str>,
    /// Fields for the `fields` parameter; empty = the endpoint has none.
    pub columns: &'static [Column],
    /// Further parameters.
    pub params: &'static [Param],
    /// The endpoint supports `Range`.
    pub ranged: bool,
    /// Its `{…_id}` segments are free text (Ariel search ids).
    pub text_ids: bool,
    /// It can answer CSV.
    pub csv: bool,
    /// It takes a JSON body; then `fields` is a header.
    pub json: bool,
    /// First API version that has it.
    pub since: u32,
    /// The work.
    pub handler: Handler,
}

impl Route {
    /// A route with no parameters, fields or Range, open to every authenticated caller.
    pub const fn new(method: &'static str, path: &'static str, handler: Handler) -> Self {
        let (columns, params): (&[Column], &[Param]) = (&[], &[]);
        Self {
            method,
            path,
            capability: None,
            columns,
            params,
            ranged: false,
            text_ids: false,
            csv: false,
            json: false,
            since: 0,
            handler,
        }
    }

    /// Needs a capability.
    pub const fn needs(self, capability: &'static str) -> Self {
        Self {
            capability: Some(capability),
            ..self
        }
    }

    /// Has fields.
    pub const fn fields(self, columns: &'static [Column]) -> Self {
        Self { columns, ..self }
    }

    /// Has parameters.
    pub const fn with(self, params: &'static [Param]) -> Self {
        Self { params, ..self }
    }

    /// Supports `Range`.
    pub const fn ranged(self) -> Self {
        Self { ranged: true, ..self }
    }

    /// Its ids are free text.
    pub const fn text_ids(self) -> Self {
        Self { text_ids: true, ..self }
    }

    /// Can answer CSV.
    pub const fn csv(self) -> Self {
        Self { csv: true, ..self }
    }

    /// Takes a JSON body.
    pub const fn json(self) -> Self {
        Self { json: true, ..self }
    }

    /// Came with this API version.
    pub const fn since(self, since: u32) -> Self {
        Self { since, ..self }
    }

    /// Names of the `{…}` segments, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// The `{…}` values if the path fits. `parts` are raw path segments below `/api`.
    pub fn matches<'a>(&self, parts: &[&'a str]) -> Option<Vec<&'a str>> {
        let mut values = Vec::new();
        let mut own = self.path.split('/').skip(1);
        for part in parts {
            match own.next()? {
                name if name.starts_with('{') => values.push(*part),
                literal if literal == *part => {}
                _ => return None,
            }
        }
        own.next().is_none().then_some(values)
    }
}

/// Finds the route as of this API version: 404 for an unknown path, 405 for a known one under another method.
pub fn find<'a>(
    routes: &[&'static Route],
    method: &str,
    parts: &[&'a str],
    version: u32,
) -> Result<(&'static Route, Vec<&'a str>), ApiError> {
    let mut known = false;
    for route in routes.iter().filter(|route| route.since <= version) {
        if let Some(values) = route.matches(parts) {
            if route.method == method {
                return Ok((route, values));
            }
            known = true;
        }
    }
    Err(if known {
        ApiError::framework(405, 6, format!("Method {method} is not supported by this endpoint"))
    } else {
        ApiError::framework(404, 1, format!("No endpoint found for /{}", parts.join("/")))
    })
}
