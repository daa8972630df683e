//! Which targets authenticate connections instead of requests? Any simulator behind [`require`], as IIS does it in front of Exchange.
//!
//! State belongs to the TCP connection: whoever logged in on it is taken for the sender of everything that follows. That is what makes
//! a client's mistakes dangerous, so every connection's logins and requests are counted and can be asked for.
//!
//! The acceptor (`verify`) is written from MS-NLMP's facts and shares no code with the client's library.

mod message;
mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::serve::ConnectionId;
pub use verify::Account;
use verify::{Challenge, Refusal};

/// Connections that are remembered; the oldest are forgotten first.
const CONNECTIONS: usize = 10_000;
/// What an unauthenticated request is told.
const OFFERS: [&str; 2] = ["Negotiate", "NTLM"];

/// Who may in, and what happened so far. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Guard {
    inner: Arc<Inner>,
}

struct Inner {
    accounts: Vec<Account>,
    /// The channel that logins must be meant for: `tls-server-end-point:` and the hash of the server's certificate.
    bindings: Option<Vec<u8>>,
    connections: Mutex<BTreeMap<u64, Connection>>,
}

#[derive(Default)]
struct Connection {
    challenge: Option<Challenge>,
    user: Option<String>,
    seen: Seen,
}

/// What one connection carried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Everybody who logged in on it.
    pub identities: BTreeSet<String>,
    /// Logins that were accepted.
    pub logins: u64,
    /// Logins that were refused, with the reasons in their order.
    pub refused: Vec<String>,
    /// Requests that went through to the product.
    pub requests: u64,
    /// Requests without a login that were answered with 401; a login's first message is none.
    pub turned_away: u64,
}

impl Guard {
    /// Lets these accounts in.
    pub fn new(accounts: impl IntoIterator<Item = Account>) -> Self {
        Self::build(accounts, None)
    }

    /// Lets these accounts in, and only through the TLS channel of this certificate (DER): Extended Protection, required.
    pub fn with_bindings(accounts: impl IntoIterator<Item = Account>, certificate: &[u8]) -> Self {
        Self::build(accounts, Some(verify::server_end_point(certificate)))
    }

    fn build(accounts: impl IntoIterator<Item = Account>, bindings: Option<Vec<u8>>) -> Self {
        Self {
            inner: Arc::new(Inner {
                accounts: accounts.into_iter().collect(),
                bindings,
                connections: Mutex::default(),
            }),
        }
    }

    /// What every connection carried, oldest first.
    pub fn seen(&self) -> Vec<Seen> {
        self.connections()
            .values()
            .map(|connection| connection.seen.clone())
            .collect()
    }

    /// Forgets who is logged in where, as a server does that restarts its workers. The counters stay.
    pub fn forget(&self) {
        for connection in self.connections().values_mut() {
            connection.user = None;
        }
    }

    fn connections(&self) -> MutexGuard<'_, BTreeMap<u64, Connection>> {
        self.inner.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at a request: through as `DOMAIN\user`, or the answer to it. For products that decide themselves; others use
    /// [`require`].
    pub fn admit(&self, id: u64, authorization: Option<&HeaderValue>) -> Result<String, Box<Response>> {
        let mut connections = self.connections();
        if connections.len() > CONNECTIONS {
            connections.pop_first();
        }
        let connection = connections.entry(id).or_default();
        let Some(authorization) = authorization else {
            if let Some(user) = &connection.user {
                connection.seen.requests += 1;
                return Ok(user.clone());
            }
            connection.seen.turned_away += 1;
            return Err(Box::new(unauthorized(None)));
        };
        let Some((scheme, token)) = token(authorization) else {
            connection.seen.turned_away += 1;
            return Err(Box::new(unauthorized(None)));
        };
        if message::kind(&token) == Some(message::NEGOTIATE) {
            let challenge = Challenge::new(token);
            let answer = format!("{scheme} {}", STANDARD.encode(challenge.message()));
            connection.user = None;
            connection.challenge = Some(challenge);
            return Err(Box::new(unauthorized(Some(&answer))));
        }
        let challenge = connection.challenge.take().ok_or(Refusal::OutOfOrder);
        let verdict = challenge
            .and_then(|challenge| challenge.verify(&token, &self.inner.accounts, self.inner.bindings.as_deref()));
        match verdict {
            Ok(user) => {
                connection.seen.identities.insert(user.clone());
                connection.seen.logins += 1;
                connection.seen.requests += 1;
                connection.user = Some(user.clone());
                Ok(user)
            }
            Err(refusal) => {
                connection.user = None;
                connection.seen.refused.push(refusal.to_string());
                Err(Box::new(unauthorized(None)))
            }
        }
    }
}

/// Who sent a request, as the product behind [`require`] sees it in the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedIn(pub String);

/// Lets only requests through that come on a connection with a login.
pub fn require(router: Router, guard: Guard) -> Router {
    router.layer(middleware::from_fn_with_state(guard, check))
}

async fn check(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let Some(ConnectionId(id)) = request.extensions().get().copied() else {
        return (StatusCode::INTERNAL_SERVER_ERROR, "not served by synapse_sim::serve").into_response();
    };
    match guard.admit(id, request.headers().get(AUTHORIZATION)) {
        Ok(user) => {
            request.extensions_mut().insert(LoggedIn(user));
            next.run(request).await
        }
        Err(answer) => *answer,
    }
}

fn unauthorized(challenge: Option<&str>) -> Response {
    let mut response = (StatusCode::UNAUTHORIZED, "401: you are not logged in").into_response();
    for offer in challenge.as_ref().map_or(&OFFERS[..], std::slice::from_ref) {
        if let Ok(value) = HeaderValue::from_str(offer) {
            response.headers_mut().append(WWW_AUTHENTICATE, value);
        }
    }
    response
}

/// The scheme and the message of an `Authorization` header.
fn token(authorization: &HeaderValue) -> Option<(&'static str, Vec<u8>)> {
    let (scheme, token) = authorization.to_str().ok()?.split_once(' ')?;
    let scheme = OFFERS.into_iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
    Some((scheme, STANDARD.decode(token.trim()).ok()?))
}
