//! Which messages bring one request to a target that authenticates connections, and what may follow when one of them is lost?

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::bindings;
use super::caution::Caution;
use super::login::{self, Identity, Login, Scheme};
use crate::egress::answer::Head;
use crate::egress::connection::Connection;
use crate::egress::cookies::Cookies;
use crate::egress::dial::Dial;
use crate::egress::fault::Fault;
use crate::egress::message::{Carries, message};
use crate::egress::pool::Pool;
use crate::egress::reading::head;
use crate::egress::request::Body;
use crate::egress::transport::{Asked, IDLE};

/// Largest page that comes with a challenge, bytes. It is read to its end, because the connection is needed.
const PAGE_BYTES: usize = 256 << 10;

/// The way to a target that authenticates connections.
pub(in crate::egress) struct Transport {
    dial: Dial,
    identity: Identity,
    pool: Arc<Pool>,
    caution: Caution,
}

impl Transport {
    /// The way of this account.
    pub fn new(dial: Dial, identity: Identity) -> Self {
        Self {
            dial,
            identity,
            pool: Arc::new(Pool::new(IDLE)),
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
        let message = message(asked, None, Carries::Body).await?;
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
        // Load balancers tie a connection to one of their servers with them.
        connection.cookies = Some(Cookies::default());
        let bindings = connection.leaf.as_deref().map(bindings::server_end_point);
        let mut login = Login::new(&self.identity, bindings.as_deref());
        let first = login.begin()?;
        let (scheme, challenge) = match self.challenge(&mut connection, asked, &first).await? {
            Leg::Challenge(scheme, challenge) => (scheme, challenge),
            // Never to the pool: nobody is logged in on it.
            Leg::Answer(response) => return Ok(head(response, connection, None)),
        };
        let proof = scheme.authorization(&login.answer(challenge)?)?;
        drop(login);
        let message = message(asked, Some(proof), Carries::Body).await?;
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
            let message = message(asked, Some(authorization), Carries::Nothing).await?;
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
