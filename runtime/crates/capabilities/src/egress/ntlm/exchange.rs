//! Which messages bring one request to a target that authenticates connections, and what may follow when one of them is lost?

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue, TRANSFER_ENCODING, USER_AGENT,
};
use http::{Method, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};

use super::caution::Caution;
use super::connect::{Connection, Dial};
use super::login::{self, Identity, Login, Scheme};
use super::pool::Pool;
use crate::egress::answer::{Head, Source};
use crate::egress::body::Outgoing;
use crate::egress::fault::Fault;
use crate::egress::request::Body;
use crate::egress::transport::Asked;

/// Largest page that comes with a challenge, bytes. It is read to its end, because the connection is needed.
const PAGE_BYTES: usize = 256 << 10;
/// How long a connection may take to be ready again after an answer. Only one that is still sending takes longer.
const SETTLE: Duration = Duration::from_millis(200);

/// The way to a target that authenticates connections.
pub(in crate::egress) struct Transport {
    dial: Dial,
    identity: Identity,
    user_agent: HeaderValue,
    pool: Arc<Pool>,
    caution: Caution,
}

impl Transport {
    /// `idle`: how long an authenticated connection is kept without a request.
    pub fn new(dial: Dial, identity: Identity, user_agent: HeaderValue, idle: Duration) -> Self {
        Self {
            dial,
            identity,
            user_agent,
            pool: Arc::new(Pool::new(idle)),
            caution: Caution::default(),
        }
    }

    /// How its connections are made.
    pub fn dial(&self) -> &Dial {
        &self.dial
    }

    /// Uses no connection any more that there is now.
    pub fn forget_connections(&self) {
        self.pool.forget();
    }

    /// Sends the request and waits for the answer's head: on a connection that is authenticated already, or else, at most once, on a
    /// new one.
    pub async fn send(&self, asked: &Asked<'_>) -> Result<Head, Fault> {
        if let Some(connection) = self.pool.take()
            && let Some(head) = self.resume(connection, asked).await?
        {
            return Ok(head);
        }
        self.begin(asked).await
    }

    /// Sends on an authenticated connection. None: begin anew; the request was certainly not processed, or may be repeated.
    async fn resume(&self, mut connection: Connection, asked: &Asked<'_>) -> Result<Option<Head>, Fault> {
        let message = self.message(asked, None, true).await?;
        asked.begun.store(true, Ordering::Relaxed);
        match connection.send(message).await {
            // The target has forgotten the login. It did nothing, and says so.
            Ok(response) if response.status() == StatusCode::UNAUTHORIZED => {
                asked.begun.store(false, Ordering::Relaxed);
                Ok(None)
            }
            Ok(response) => Ok(Some(head(response, connection, Some(&self.pool)))),
            Err(Fault::Connect(_)) => Ok(None),
            Err(_) if asked.is_read => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Connects, logs in and sends, in this order on one connection.
    async fn begin(&self, asked: &Asked<'_>) -> Result<Head, Fault> {
        let trial = self.caution.enter().await?;
        let mut connection = self.dial.connect().await?;
        let mut login = Login::new(&self.identity, connection.bindings.as_deref());
        let first = login.begin()?;
        let (scheme, challenge) = match self.challenge(&mut connection, asked, &first).await? {
            Leg::Challenge(scheme, challenge) => (scheme, challenge),
            // Never to the pool: nobody is logged in on it.
            Leg::Answer(response) => return Ok(head(response, connection, None)),
        };
        let proof = scheme.authorization(&login.answer(challenge)?)?;
        drop(login);
        let message = self.message(asked, Some(proof), true).await?;
        asked.begun.store(true, Ordering::Relaxed);
        let response = connection.send(message).await.map_err(|fault| match fault {
            Fault::Connect(why) => Fault::Connect(format!("closed in the middle of the login: {why}")),
            fault => fault,
        })?;
        if response.status() == StatusCode::UNAUTHORIZED {
            self.caution.refused();
            return Err(Fault::Unauthenticated(
                "NTLM login refused: wrong user or password, a locked account, or a TLS certificate in between that the target does not \
                 know (Extended Protection); not tried again"
                    .to_owned(),
            ));
        }
        self.caution.accepted();
        drop(trial);
        Ok(head(response, connection, Some(&self.pool)))
    }

    /// Asks for a challenge, without the request's body.
    async fn challenge(&self, connection: &mut Connection, asked: &Asked<'_>, first: &[u8]) -> Result<Leg, Fault> {
        let refuse = |why: &str| Err(Fault::Unauthenticated(why.to_owned()));
        // Nothing of a body was sent yet, so nothing can have happened; without a body, this might already have been the request.
        let bare = matches!(asked.request.body, Body::Empty);
        if bare {
            asked.begun.store(true, Ordering::Relaxed);
        }
        let unsent = |fault| match fault {
            Fault::Broken(why) if !bare => Fault::Connect(why),
            fault => fault,
        };
        for scheme in Scheme::ALL {
            let authorization = scheme.authorization(first)?;
            let message = self.message(asked, Some(authorization), false).await?;
            let response = connection.send(message).await.map_err(unsent)?;
            if response.status() != StatusCode::UNAUTHORIZED {
                return if response.status().is_success() && !bare {
                    refuse("the target did not ask who we are, so it does not speak NTLM at this address")
                } else {
                    Ok(Leg::Answer(response))
                };
            }
            let challenge = login::challenge(response.headers());
            let other = Scheme::ALL
                .into_iter()
                .any(|other| other != scheme && other.is_offered(response.headers()));
            drain(response).await.map_err(unsent)?;
            match challenge {
                Some((scheme, challenge)) => return Ok(Leg::Challenge(scheme, challenge)),
                None if other => {}
                None => break,
            }
        }
        refuse("the target does not offer NTLM")
    }

    /// The request as it is sent, with its body or without.
    async fn message(
        &self,
        asked: &Asked<'_>,
        authorization: Option<HeaderValue>,
        with_body: bool,
    ) -> Result<http::Request<Outgoing>, Fault> {
        let mut headers = asked.headers.clone();
        let mut body = Outgoing::default();
        if with_body && let Some((content_type, content)) = asked.request.open().await? {
            headers.entry(CONTENT_TYPE).or_insert(content_type);
            body = content;
        }
        let invalid = |error: &dyn std::fmt::Display| Fault::invalid("request", &error.to_string());
        let host = asked.url.host_str().unwrap_or_default();
        let port = asked.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = HeaderValue::try_from(format!("{host}{port}")).map_err(|error| invalid(&error))?;
        headers.insert(HOST, host);
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        // The body says how long it is, and nothing else may.
        headers.remove(TRANSFER_ENCODING);
        headers.remove(CONTENT_LENGTH);
        if body.length() > 0 || !matches!(asked.request.method, Method::GET | Method::HEAD) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(body.length()));
        }
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, authorization);
        }
        let target = match asked.url.query() {
            Some(query) => format!("{}?{query}", asked.url.path()),
            None => asked.url.path().to_owned(),
        };
        let mut message = http::Request::new(body);
        *message.method_mut() = asked.request.method.clone();
        *message.uri_mut() = target.parse().map_err(|error| invalid(&error))?;
        *message.headers_mut() = headers;
        Ok(message)
    }
}

/// The head of an answer. Its connection goes to the pool after the body, if there is one.
fn head(response: Response<Incoming>, connection: Connection, pool: Option<&Arc<Pool>>) -> Head {
    let (head, body) = response.into_parts();
    Head {
        status: head.status.as_u16(),
        headers: head.headers,
        claimed: body.size_hint().exact(),
        source: Source::Ntlm(Box::new(Reading {
            body,
            connection: Some(connection),
            pool: pool.map(Arc::clone),
        })),
    }
}

/// What a request without its body brings.
enum Leg {
    Challenge(Scheme, Vec<u8>),
    /// The target answered at once: an error, or the answer to a request that has no body.
    Answer(Response<Incoming>),
}

/// Reads the page that comes with a challenge.
async fn drain(response: Response<Incoming>) -> Result<(), Fault> {
    let mut body = response.into_body();
    let mut seen = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Fault::sending(&error))?;
        seen = seen.saturating_add(frame.data_ref().map_or(0, Bytes::len));
        if seen > PAGE_BYTES {
            return Err(Fault::TooLarge(PAGE_BYTES));
        }
    }
    Ok(())
}

/// An answer's body, with the connection that it comes on.
pub(in crate::egress) struct Reading {
    body: Incoming,
    connection: Option<Connection>,
    pool: Option<Arc<Pool>>,
}

impl Reading {
    /// The next bytes. At the end the connection goes back to its pool; before it, dropping this closes the connection.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
                Some(Err(error)) => {
                    self.connection = None;
                    return Err(Fault::sending(&error));
                }
                None => {
                    if let Some(pool) = &self.pool
                        && let Some(connection) = &mut self.connection
                        && connection.settle(SETTLE).await
                        && let Some(connection) = self.connection.take()
                    {
                        pool.put(connection);
                    }
                    self.connection = None;
                    return Ok(None);
                }
            }
        }
    }
}
