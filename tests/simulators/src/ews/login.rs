//! Who is calling? Basic credentials of each request, or an NTLM login of the whole connection.

use super::store::{Account, Auth, Settings, Site};
use crate::{
    ntlm::{self, Guard},
    serve::ConnectionId,
};
use axum::response::{IntoResponse as _, Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// What a request without credentials is told where Basic is taken.
const BASIC: HeaderValue = HeaderValue::from_static("Basic realm=\"exchange.sim.test\"");

/// The account of a request, by its name in the state; else the 401 that it is answered with.
pub fn check(site: &Site, connection: Option<ConnectionId>, headers: &HeaderMap) -> Result<String, Box<Response>> {
    let authorization = headers.get(header::AUTHORIZATION);
    let is_basic = authorization.is_some_and(|value| value.as_bytes().to_ascii_lowercase().starts_with(b"basic "));
    let takes_basic = site.settings.auth != Auth::Ntlm;
    if takes_basic && (is_basic || site.guard.is_none()) {
        return basic(site, headers).ok_or_else(|| Box::new(unauthorized()));
    }
    let (Some(guard), Some(ConnectionId(id))) = (&site.guard, connection) else {
        return Err(Box::new(
            (StatusCode::INTERNAL_SERVER_ERROR, "NTLM needs synapse_sim::serve\n").into_response(),
        ));
    };
    let mut answer = match guard.admit(id, authorization) {
        Ok(name) => return account(site, &name).ok_or_else(|| Box::new(unauthorized())),
        Err(answer) => answer,
    };
    if takes_basic && authorization.is_none() {
        answer.headers_mut().append(header::WWW_AUTHENTICATE, BASIC);
    }
    Err(answer)
}

/// Lets the accounts log in with NTLM, if the settings say so. A login such as `soc@example.org` may be written like this, as
/// `EXAMPLE.ORG\soc` and with the domain of the settings. Errors: channel binding without TLS.
pub fn guard(settings: &Settings, accounts: &[Account], certificate: Option<&[u8]>) -> Result<Option<Guard>, String> {
    if settings.auth == Auth::Basic {
        return Ok(None);
    }
    let accounts: Vec<ntlm::Account> = accounts
        .iter()
        .flat_map(|one| logins(one, &settings.ntlm_domain))
        .collect();
    match (settings.channel_binding, certificate) {
        (false, _) => Ok(Some(Guard::new(accounts))),
        (true, Some(certificate)) => Ok(Some(Guard::with_bindings(accounts, certificate))),
        (true, None) => Err("settings.channel_binding needs TLS".to_owned()),
    }
}

fn logins(account: &Account, domain: &str) -> Vec<ntlm::Account> {
    let (user, own) = account.user.split_once('@').unwrap_or((&account.user, domain));
    let mut domains = vec![own];
    if own != domain {
        domains.push(domain);
    }
    let one = |domain: &str| ntlm::Account {
        user: user.to_owned(),
        domain: domain.to_owned(),
        password: account.password.clone(),
    };
    domains.into_iter().map(one).collect()
}

/// The account of a login `DOMAIN\user`.
fn account(site: &Site, name: &str) -> Option<String> {
    let (domain, user) = name.rsplit_once('\\').unwrap_or(("", name));
    let principal = format!("{user}@{domain}");
    let exact = site.account(user).or_else(|| site.account(&principal));
    let local = || {
        let mut all = site.accounts.iter();
        all.find(|one| {
            one.user
                .split('@')
                .next()
                .is_some_and(|local| local.eq_ignore_ascii_case(user))
        })
    };
    exact.or_else(local).map(|account| account.user.clone())
}

fn basic(site: &Site, headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    let account = site.account(user).or_else(|| site.account(user.rsplit_once('\\')?.1))?;
    (account.password == password).then(|| account.user.clone())
}

fn unauthorized() -> Response {
    let mut response = (StatusCode::UNAUTHORIZED, "401 Unauthorized\n").into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, BASIC);
    response
}
