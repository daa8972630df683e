//! What do the messages of a login say (MS-NLMP, MS-NTHT)? No I/O: bytes in, bytes out. None of them is ever logged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::{HeaderMap, WWW_AUTHENTICATE};
use sspi::{
    AuthIdentityBuffers, BufferType, ClientRequestFlags, DataRepresentation, Ntlm, SecurityBuffer, Sspi as _,
    SspiImpl as _,
};
use synapse_domain::secret::Secret;

use crate::egress::fault::Fault;

/// Largest challenge, bytes. Real ones have a few hundred.
const CHALLENGE_BYTES: usize = 16 << 10;

/// Who logs in.
pub(in crate::egress) struct Identity {
    user: String,
    domain: String,
    password: Secret,
}

impl Identity {
    /// The account. A domain may also stand in front of the user's name, with a backslash.
    pub fn new(user: &str, domain: Option<&str>, password: Secret) -> Self {
        let (inside, user) = match user.split_once('\\') {
            Some((domain, user)) => (Some(domain), user),
            None => (None, user),
        };
        Self {
            user: user.to_owned(),
            domain: domain.or(inside).unwrap_or_default().to_owned(),
            password,
        }
    }
}

/// Under which name the target speaks NTLM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Ntlm,
    Negotiate,
}

impl Scheme {
    pub const ALL: [Self; 2] = [Self::Ntlm, Self::Negotiate];

    const fn name(self) -> &'static str {
        match self {
            Self::Ntlm => "NTLM",
            Self::Negotiate => "Negotiate",
        }
    }

    /// The value of `Authorization` with this message.
    pub fn authorization(self, message: &[u8]) -> Result<HeaderValue, Fault> {
        let text = format!("{} {}", self.name(), STANDARD.encode(message));
        let value = HeaderValue::try_from(text).map_err(|error| Fault::invalid("auth", &error.to_string()))?;
        let mut value = value;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Does the target offer it?
    pub fn is_offered(self, headers: &HeaderMap) -> bool {
        offers(headers).any(|(scheme, _)| scheme.eq_ignore_ascii_case(self.name()))
    }
}

/// The target's challenge, and under which name it came.
pub(super) fn challenge(headers: &HeaderMap) -> Option<(Scheme, Vec<u8>)> {
    offers(headers).find_map(|(name, token)| {
        let scheme = Scheme::ALL
            .into_iter()
            .find(|scheme| name.eq_ignore_ascii_case(scheme.name()))?;
        let message = STANDARD.decode(token).ok()?;
        let fits = !message.is_empty() && message.len() <= CHALLENGE_BYTES;
        fits.then_some((scheme, message))
    })
}

/// Schemes that the target offers, with what follows their names.
fn offers(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let values = headers.get_all(WWW_AUTHENTICATE).into_iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(|offer| {
        let offer = offer.trim();
        let (scheme, token) = offer.split_once(' ').unwrap_or((offer, ""));
        (scheme, token.trim())
    })
}

/// One login, on one connection.
pub(super) struct Login {
    context: Ntlm,
    credentials: Option<AuthIdentityBuffers>,
}

impl Login {
    /// Prepares a login for this TLS channel.
    pub fn new(identity: &Identity, bindings: Option<&[u8]>) -> Self {
        let mut context = Ntlm::new();
        if let Some(bindings) = bindings {
            context.set_channel_bindings(bindings);
        }
        let credentials = AuthIdentityBuffers::from_utf8(&identity.user, &identity.domain, identity.password.expose());
        Self {
            context,
            credentials: Some(credentials),
        }
    }

    /// The first message. Holds nothing about the account.
    pub fn begin(&mut self) -> Result<Vec<u8>, Fault> {
        self.step(&mut [])
    }

    /// The answer to a challenge.
    pub fn answer(&mut self, challenge: Vec<u8>) -> Result<Vec<u8>, Fault> {
        self.step(&mut [SecurityBuffer::new(challenge, BufferType::Token)])
    }

    fn step(&mut self, input: &mut [SecurityBuffer]) -> Result<Vec<u8>, Fault> {
        let mut output = [SecurityBuffer::new(Vec::new(), BufferType::Token)];
        // Neither signing nor sealing: HTTP over TLS has its own.
        let mut builder = self
            .context
            .initialize_security_context()
            .with_credentials_handle(&mut self.credentials)
            .with_context_requirements(ClientRequestFlags::empty())
            .with_target_data_representation(DataRepresentation::Native)
            .with_input(input)
            .with_output(&mut output);
        let stepped = self.context.initialize_security_context_impl(&mut builder);
        let stepped = stepped.and_then(|mut step| step.resolve_to_result());
        // The cause may quote the message.
        stepped.map_err(|_| Fault::Unauthenticated("the target's NTLM challenge cannot be understood".to_owned()))?;
        let [message] = output;
        Ok(message.buffer)
    }
}
