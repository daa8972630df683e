//! How is one request sent, and what may follow it? The only client of HTTP targets.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use synapse_domain::clock::{Clock as _, SystemClock};
use synapse_domain::failpoint;
use synapse_domain::manifest::Refused;
use synapse_domain::secret::{Redactor, Secret};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::address::Allow;
use super::answer::{self, Response};
use super::base::{Base, Host};
use super::fault::Fault;
use super::request::{Request, header_value};
use super::resolver::{Blocked, Checked, Lookup, System};
use super::settings::{Auth, Settings};
use super::{retry, tls};
use crate::gate::Failure;

/// How long an idle connection is kept: below the idle time of common servers and proxies, so that a write rarely meets a connection
/// that is just being closed (its outcome would be unknown).
const IDLE: Duration = Duration::from_secs(15);

/// The way to one target, with its limits.
pub struct Egress {
    http: reqwest::Client,
    base: Base,
    allow: Allow,
    headers: HeaderMap,
    redactor: Redactor,
    slots: Semaphore,
    request_deadline: Duration,
    max_response_bytes: usize,
    read_retries: u32,
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress")
            .field("url", &self.base.url)
            .field("request_deadline", &self.request_deadline)
            .finish_non_exhaustive()
    }
}

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

    pub(super) fn assemble(settings: Settings, base: Base, lookup: Arc<dyn Lookup>) -> Result<Self, Refused> {
        let (headers, secrets) = headers(&settings)?;
        let allow = Allow::new(settings.allow);
        let resolver = Checked {
            host: base.host.clone(),
            asked: base.asked.clone(),
            allow: allow.clone(),
            lookup,
        };
        if settings.width == 0 || settings.max_response_bytes == 0 || settings.request_deadline.is_zero() {
            return Err(Refused::new(
                "limits",
                "width, max_response_bytes and request_deadline must be more than zero",
            ));
        }
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(settings.ca_bundle.as_deref(), base.tls)?)
            .https_only(base.tls)
            .http1_only()
            .dns_resolver(Arc::new(resolver))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(settings.connect_timeout)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(settings.width)
            .user_agent(concat!("synapse/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Refused::new("connection", error.without_url().to_string()))?;
        Ok(Self {
            http,
            base,
            allow,
            headers,
            redactor: Redactor::new(secrets),
            slots: Semaphore::new(settings.width.min(Semaphore::MAX_PERMITS)),
            request_deadline: settings.request_deadline,
            max_response_bytes: settings.max_response_bytes,
            read_retries: settings.read_retries,
        })
    }

    /// The base URL as configured, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base.url
    }

    /// Longest time of one request.
    pub fn request_deadline(&self) -> Duration {
        self.request_deadline
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
            self.send(request, left, Purpose::Read)
        })
        .await;
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
        let result = self.send(request, deadline, Purpose::Write).await;
        result.map_err(|fault| fault.into_failure(&self.base.asked))
    }

    /// Sends once, and reads the whole answer, all before the deadline.
    async fn send(&self, request: &Request, deadline: Duration, purpose: Purpose) -> Result<Response, Fault> {
        let start = Instant::now();
        // Literals never meet the resolver, so they are checked here, each time.
        if let Host::Address(address) = self.base.host
            && !self.allow.permits(address)
        {
            return Err(Fault::Blocked(Blocked::address(address).0));
        }
        let url = self.base.join(&request.path, &request.query)?;
        let mut headers = self.headers.clone();
        request.add_headers(&mut headers)?;
        let mut sending = self.http.request(request.method.clone(), url).headers(headers);
        if let Some(body) = request.bytes() {
            sending = sending.body(body);
        }
        let slot = match tokio::time::timeout(deadline, self.slots.acquire()).await {
            Ok(Ok(slot)) => slot,
            Ok(Err(_)) | Err(_) => return Err(Fault::Busy(deadline)),
        };
        let exchange = async {
            let response = sending.send().await.map_err(|error| Fault::of(&error))?;
            if purpose == Purpose::Write {
                failpoint::hit("gate.after-send");
            }
            answer::read(response, request.max_bytes.unwrap_or(self.max_response_bytes)).await
        };
        let left = deadline.saturating_sub(start.elapsed());
        let result = tokio::time::timeout(left, exchange)
            .await
            .unwrap_or(Err(Fault::Late(deadline)));
        drop(slot);
        result
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
