//! Does NTLM keep connections and identities apart, and passwords safe (contracts/ews.md sections 6 and 9)?

mod affinity;
mod channel;
mod login;
mod trouble;

use axum::Router;
use axum::extract::Extension;
use http::Method;
use synapse_domain::secret::Secret;
use synapse_sim::ntlm::{Account, Guard, LoggedIn, require};
use synapse_sim::serve::{Running, serve};
use synapse_sim::tls::TlsSetup;

use crate::egress::tests::settings;
use crate::egress::{Auth, Egress, Request, Settings};

/// A target that says who is asking, and how much was sent.
async fn who(Extension(LoggedIn(user)): Extension<LoggedIn>, body: bytes::Bytes) -> String {
    format!("{user} {}", body.len())
}

async fn start(guard: &Guard, tls: Option<TlsSetup>) -> Running {
    let limit = axum::extract::DefaultBodyLimit::max(128 << 20);
    let router = Router::new().route("/ews", axum::routing::any(who)).layer(limit);
    serve("127.0.0.1:0".parse().unwrap(), require(router, guard.clone()), tls)
        .await
        .unwrap()
}

fn account(user: &str) -> Account {
    Account {
        user: user.to_owned(),
        domain: "CORP".to_owned(),
        password: format!("canary-{user}"),
    }
}

fn ntlm(url: &str, user: &str, domain: Option<&str>, password: &str) -> Settings {
    let mut settings = settings(url);
    settings.auth = Auth::Ntlm {
        user: user.to_owned(),
        domain: domain.map(str::to_owned),
        password: Secret::new(password),
    };
    settings
}

/// The way of this account.
fn egress(url: &str, user: &str) -> Egress {
    Egress::new(ntlm(url, user, Some("CORP"), &format!("canary-{user}"))).unwrap()
}

fn post(body: &[u8]) -> Request {
    Request::new(Method::POST, ["ews"]).xml(body.to_vec())
}
