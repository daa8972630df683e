//! Who is believed to be the target (threat row 71, D11, contracts/qradar.md 1.4)?

use std::net::{IpAddr, Ipv4Addr};

use axum::Router;
use http::{HeaderMap, Method};
use synapse_domain::secret::Secret;
use synapse_sim::serve::{Running, serve};
use synapse_sim::tls::{PkiOptions, TlsSetup};

use super::settings;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Auth, Egress, Request, Response};
use crate::gate::{Certainty, Failure};

const CONSOLE: &str = "console.sim.test";

struct Console {
    server: Running,
    tls: TlsSetup,
}

impl Console {
    /// A console that answers with the `Host` it was asked for.
    async fn start(options: PkiOptions) -> Self {
        let tls = TlsSetup::generate(&options).unwrap();
        let host = |headers: HeaderMap| async move { headers["host"].to_str().unwrap().to_owned() };
        let app = Router::new().route("/x", axum::routing::get(host));
        let server = serve("127.0.0.1:0".parse().unwrap(), app, Some(tls.clone()))
            .await
            .unwrap();
        Self { server, tls }
    }

    async fn ask(&self, bundle: &str, server_name: Option<&str>) -> Result<Response, Failure> {
        let mut with = settings(&self.server.url());
        with.allow_http = false;
        with.auth = Auth::Bearer(Secret::new("canary-token"));
        with.ca_bundle = Some(bundle.as_bytes().to_vec());
        with.server_name = server_name.map(str::to_owned);
        Egress::new(with)
            .unwrap()
            .write(&Request::new(Method::GET, ["x"]))
            .await
    }
}

fn untrusted(result: Result<Response, Failure>) -> String {
    let failure = result.unwrap_err();
    assert_eq!(failure.certainty, Certainty::NotSent, "{failure:?}");
    match failure.error {
        Error::Other(other) if other.code == "tls" => other.message,
        error => panic!("not a TLS error: {error:?}"),
    }
}

#[tokio::test]
async fn d11_the_root_alone_fails_and_names_the_missing_issuer_and_the_whole_chain_passes() {
    let console = Console::start(PkiOptions::default()).await;
    let why = untrusted(console.ask(console.tls.root_pem(), None).await);
    assert!(
        why.contains("`Simulated Intermediate CA`") && why.contains("CA bundle"),
        "{why}"
    );
    // The leaf of these consoles has no authority key identifier, and the certificate holds the address.
    assert_eq!(console.ask(console.tls.chain_pem(), None).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_healthy_server_sends_its_intermediate_and_the_root_is_enough() {
    let options = PkiOptions {
        send_intermediate: true,
        leaf_authority_key_id: true,
        ..PkiOptions::default()
    };
    let console = Console::start(options).await;
    assert_eq!(console.ask(console.tls.root_pem(), None).await.unwrap().status, 200);
    let stranger = TlsSetup::generate(&PkiOptions::default()).unwrap();
    let why = untrusted(console.ask(stranger.chain_pem(), None).await);
    assert!(!why.is_empty());
}

#[tokio::test]
async fn a_name_mismatch_fails_unless_the_operator_names_the_server() {
    let options = PkiOptions {
        ips: Vec::new(),
        dns: vec![CONSOLE.to_owned()],
        ..PkiOptions::default()
    };
    let console = Console::start(options).await;
    let chain = console.tls.chain_pem();
    let why = untrusted(console.ask(chain, None).await);
    assert!(why.contains("server_name"), "{why}");
    let why = untrusted(console.ask(chain, Some("other.sim.test")).await);
    assert!(why.contains("server_name"), "{why}");
    // The name does not resolve: the address is still the URL's.
    let response = console.ask(chain, Some(CONSOLE)).await.unwrap();
    assert_eq!(response.body, format!("{CONSOLE}:{}", console.server.addr().port()));
    let other_ip = PkiOptions {
        ips: vec![IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2))],
        ..PkiOptions::default()
    };
    let console = Console::start(other_ip).await;
    untrusted(console.ask(console.tls.chain_pem(), None).await);
}

#[tokio::test]
async fn a_plain_server_behind_an_https_url_gets_no_request() {
    let server = super::server::Server::script([]).await;
    let tls = TlsSetup::generate(&PkiOptions::default()).unwrap();
    let mut with = settings(&server.url().replace("http:", "https:"));
    with.ca_bundle = Some(tls.chain_pem().as_bytes().to_vec());
    with.auth = Auth::Bearer(Secret::new("canary-token"));
    with.connect_timeout = std::time::Duration::from_millis(200);
    let failure = Egress::new(with)
        .unwrap()
        .write(&Request::new(Method::GET, ["x"]))
        .await
        .unwrap_err();
    assert_eq!(failure.certainty, Certainty::NotSent, "{failure:?}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_bundle_without_certificates_and_a_server_name_that_is_none_are_refused_with_what_to_do() {
    let mut with = settings("https://127.0.0.1");
    with.ca_bundle = Some(b"not PEM".to_vec());
    let refused = Egress::new(with.clone()).unwrap_err();
    assert!(
        refused.place == "ca_bundle" && refused.problem.contains("BEGIN CERTIFICATE"),
        "{refused}"
    );
    with.ca_bundle = Some(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec());
    assert_eq!(Egress::new(with.clone()).unwrap_err().place, "ca_bundle");
    with.ca_bundle = None;
    for name in ["127.0.0.1", "[::1]", "a/b", "a:1", "user@a", "", "a b", "2130706433"] {
        with.server_name = Some(name.to_owned());
        assert_eq!(Egress::new(with.clone()).unwrap_err().place, "server_name", "{name}");
    }
}
