//! How is one request sent, and what may follow it? The only client of HTTP targets.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, DATE, HeaderMap, HeaderName, HeaderValue};
use synapse_domain::clock::{Clock as _, SystemClock};
use synapse_domain::failpoint;
use synapse_domain::manifest::Refused;
use synapse_domain::secret::{Redactor, Secret};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::address::Allow;
use super::answer::{Bounds, Response, Streamed};
use super::base::{Base, Host};
use super::fault::Fault;
use super::health::Health;
use super::rate::Rate;
use super::request::{Request, header_value};
use super::resolver::{Blocked, Checked, Lookup, System};
use super::retry;
use super::sending;
use super::settings::{Auth, Settings};
use super::transport::{Asked, Transport};
use crate::gate::{Failure, observed};

/// The way to one target, with its limits.
pub struct Egress {
    transport: Transport,
    base: Base,
    allow: Allow,
    headers: HeaderMap,
    redactor: Redactor,
    slots: Arc<Semaphore>,
    rate: Option<Rate>,
    health: Health,
    request_deadline: Duration,
    max_response_bytes: usize,
    read_retries: u32,
    /// How far the target's clock was ahead of ours at its last answer, milliseconds; `UNHEARD` before.
    skew: AtomicI64,
}

/// No answer has named a time.
const UNHEARD: i64 = i64::MIN;

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress")
            .field("url", &self.base.url)
            .field("request_deadline", &self.request_deadline)
            .finish_non_exhaustive()
    }
}

/// Whose allow list it is, in texts.
const CONNECTIONS: &str = "the connection's";
/// Why a request had to wait.
const OFTEN: &str = "`requests_per_second` let no further request begin";

/// Is it a question or an effect?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Read,
    Write,
}

impl Egress {
    /// The way that these settings describe.
    ///
    /// # Errors
    /// Names the setting that is wrong and what to do.
    pub fn new(settings: Settings) -> Result<Self, Refused> {
        let base = Base::parse(&settings)?;
        base.check(&Allow::new(settings.allow.clone()))?;
        Self::assemble(settings, base, Arc::new(System))
    }

    pub(super) fn assemble(mut settings: Settings, base: Base, lookup: Arc<dyn Lookup>) -> Result<Self, Refused> {
        let (headers, mut secrets) = headers(&settings)?;
        let proxy = settings.proxy.as_ref().and_then(|proxy| proxy.auth.as_ref());
        secrets.extend(proxy.iter().flat_map(|auth| auth.secrets()));
        let allow = Allow::new(std::mem::take(&mut settings.allow));
        let resolver = Checked {
            host: base.host.clone(),
            allow: allow.clone(),
            list: CONNECTIONS,
            lookup: Arc::clone(&lookup),
        };
        if settings.width == 0 || settings.max_response_bytes == 0 || settings.request_deadline.is_zero() {
            return Err(Refused::new(
                "limits",
                "width, max_response_bytes and request_deadline must be more than zero",
            ));
        }
        let transport = Transport::new(&settings, &base, resolver, lookup)?;
        Ok(Self {
            transport,
            base,
            allow,
            headers,
            redactor: Redactor::new(secrets),
            slots: Arc::new(Semaphore::new(settings.width.min(Semaphore::MAX_PERMITS))),
            rate: Rate::new(settings.requests_per_second),
            health: Health::default(),
            request_deadline: settings.request_deadline,
            max_response_bytes: settings.max_response_bytes,
            read_retries: settings.read_retries,
            skew: AtomicI64::new(UNHEARD),
        })
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(super) fn base(&self) -> &Base {
        &self.base
    }

    /// How far the target's clock was ahead of ours when it last answered, milliseconds; none: it never said.
    pub(super) fn skew(&self) -> Option<i64> {
        let skew = self.skew.load(Ordering::Relaxed);
        (skew != UNHEARD).then_some(skew)
    }

    fn note_time(&self, headers: &HeaderMap) {
        let named = headers.get(DATE).and_then(|date| date.to_str().ok());
        let named = named.and_then(|date| httpdate::parse_http_date(date).ok());
        let Some(named) = named.and_then(|date| date.duration_since(std::time::UNIX_EPOCH).ok()) else {
            return;
        };
        let milliseconds = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let skew = milliseconds(named).saturating_sub(milliseconds(now()));
        self.skew.store(skew, Ordering::Relaxed);
    }

    /// The base URL as configured, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base.url
    }

    /// Longest time of one request.
    pub fn request_deadline(&self) -> Duration {
        self.request_deadline
    }

    /// How the requests went.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Waits until a write may begin, at most a request's deadline, and keeps that turn for it (see [`super::sending`]). Answers whether
    /// there was a wait. For the gate: an effect's intent must not grow old while others go first.
    ///
    /// # Errors
    /// The write cannot begin in time.
    pub(crate) async fn turn(&self) -> Result<bool, Failure> {
        let Some(rate) = &self.rate else { return Ok(false) };
        let turn = tokio::time::timeout(self.request_deadline, rate.turn()).await;
        turn.map_err(|_| Fault::Busy(OFTEN, self.request_deadline).into_failure(&self.base.asked))
    }

    /// Uses no connection any more that is idle now, or under way and comes back later: one of them answers something else than what it
    /// was asked.
    pub fn forget_connections(&self) {
        self.transport.forget_connections();
    }

    /// A text of the target's without this connection's credentials (threat row 34).
    pub fn scrub(&self, text: &str) -> String {
        self.redactor.clean(text)
    }

    /// Asks. Repeated on connect and read errors, 429, 502, 503, 504 and once on 500, with a capped and jittered pause or the
    /// target's own `Retry-After`, within three request deadlines.
    ///
    /// # Errors
    /// There is no answer; a status outside 2xx is one.
    pub async fn read(&self, request: &Request) -> Result<Response, Failure> {
        let deadline = request.deadline.unwrap_or(self.request_deadline);
        let result = retry::read(self.read_retries, deadline, now, |left| {
            self.exchange(request, left, Purpose::Read)
        })
        .await;
        result.map_err(|fault| fault.into_failure(&self.base.asked))
    }

    /// Asks for an answer that is too large for memory. Repeated like [`Egress::read`] until the answer's head is there, never
    /// after it. The deadline holds for the whole body, and so does `max_bytes`.
    ///
    /// # Errors
    /// There is no answer; a status outside 2xx is one.
    pub async fn stream(&self, request: &Request) -> Result<Streamed, Failure> {
        let deadline = request.deadline.unwrap_or(self.request_deadline);
        let result = retry::read(self.read_retries, deadline, now, |left| self.open(request, left)).await;
        result.map_err(|fault| fault.into_failure(&self.base.asked))
    }

    /// Changes. Never repeated.
    ///
    /// # Errors
    /// There is no answer, and how sure it is that nothing happened; a status outside 2xx is an answer.
    pub async fn write(&self, request: &Request) -> Result<Response, Failure> {
        let deadline = request
            .deadline
            .map_or(self.request_deadline, |asked| asked.min(self.request_deadline));
        let deadline = sending::left().map_or(deadline, |left| left.min(deadline));
        let result = self.exchange(request, deadline, Purpose::Write).await;
        result.map_err(|fault| fault.into_failure(&self.base.asked))
    }

    /// Sends once, and reads the whole answer, all before the deadline.
    async fn exchange(&self, request: &Request, deadline: Duration, purpose: Purpose) -> Result<Response, Fault> {
        let sent = self.send(request, deadline, purpose).await;
        let ended = match sent {
            Ok(head) => head.collect().await,
            Err(fault) => Err(fault),
        };
        self.health.note(&ended, SystemClock.now());
        ended
    }

    /// Sends a question once, and reads the answer's head.
    async fn open(&self, request: &Request, deadline: Duration) -> Result<Streamed, Fault> {
        let ended = self.send(request, deadline, Purpose::Read).await;
        self.health.note(&ended, SystemClock.now());
        ended
    }

    /// Sends once, and reads the answer's head.
    async fn send(&self, request: &Request, deadline: Duration, purpose: Purpose) -> Result<Streamed, Fault> {
        let bounds = Bounds {
            limit: request.max_bytes.unwrap_or(self.max_response_bytes),
            start: Instant::now(),
            deadline,
            host: self.base.asked.clone(),
        };
        // Literals never meet the resolver, so they are checked here, each time.
        if let Host::Address(address) = self.base.host
            && !self.allow.permits(address)
        {
            return Err(Fault::Blocked(Blocked::address(address, CONNECTIONS).0));
        }
        let url = self.base.join(&request.path, &request.query)?;
        let mut headers = self.headers.clone();
        request.add_headers(&mut headers)?;
        let slot = Arc::clone(&self.slots).acquire_owned();
        let Ok(Ok(slot)) = tokio::time::timeout(bounds.left(), slot).await else {
            return Err(Fault::Busy("every request slot was busy", deadline));
        };
        if let Some(rate) = &self.rate
            && !(purpose == Purpose::Write && sending::use_turn())
            && tokio::time::timeout(bounds.left(), rate.turn()).await.is_err()
        {
            return Err(Fault::Busy(OFTEN, deadline));
        }
        if bounds.left().is_zero() {
            return Err(Fault::Busy("no request could begin", deadline));
        }
        let begun = AtomicBool::new(false);
        let asked = Asked {
            request,
            url: &url,
            headers,
            is_read: purpose == Purpose::Read,
            begun: &begun,
        };
        let head = match tokio::time::timeout(bounds.left(), self.transport.send(&asked)).await {
            Ok(head) => head?,
            Err(_) if begun.load(Ordering::Relaxed) => return Err(Fault::Late(deadline)),
            Err(_) => {
                let why = format!("no connection to send on within {} ms", deadline.as_millis());
                return Err(Fault::Connect(why));
            }
        };
        observed::answered(&request.method, &head.headers);
        self.note_time(&head.headers);
        if purpose == Purpose::Write {
            failpoint::hit("gate.after-send");
        }
        Streamed::new(head, slot, bounds)
    }
}

/// Wall-clock time since the epoch: `Retry-After` may name a date.
fn now() -> Duration {
    Duration::from_millis(SystemClock.now())
}

/// What is sent with every request, and what must never be shown.
fn headers(settings: &Settings) -> Result<(HeaderMap, Vec<Secret>), Refused> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    for (name, value) in &settings.extra_headers {
        let place = || format!("header `{name}`");
        let parsed = name
            .parse::<HeaderName>()
            .map_err(|_| Refused::new(place(), "not a header name"))?;
        let value =
            header_value(value).ok_or_else(|| Refused::new(place(), "remove line breaks and control characters"))?;
        headers.insert(parsed, value);
    }
    let (name, value, secrets) = match &settings.auth {
        Auth::None => return Ok((headers, Vec::new())),
        Auth::Ntlm { user, password, .. } => {
            if user.is_empty() || password.expose().is_empty() {
                return Err(Refused::new("auth", "NTLM needs a user and a password"));
            }
            return Ok((headers, vec![password.clone()]));
        }
        Auth::Bearer(token) => (AUTHORIZATION, format!("Bearer {}", token.expose()), vec![token.clone()]),
        Auth::Basic { user, password } => {
            let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{}", password.expose()));
            (
                AUTHORIZATION,
                format!("Basic {pair}"),
                vec![password.clone(), Secret::new(pair)],
            )
        }
        Auth::Header { name, value } => {
            let name = name
                .parse::<HeaderName>()
                .map_err(|_| Refused::new("auth", "not a header name"))?;
            (name, value.expose().to_owned(), vec![value.clone()])
        }
    };
    let mut value = header_value(&value).ok_or_else(|| {
        Refused::new(
            "auth",
            "the credential holds a line break or control character; often at the end of a secret's file",
        )
    })?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok((headers, secrets))
}
