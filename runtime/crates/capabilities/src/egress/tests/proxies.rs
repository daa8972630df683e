//! Does the operator's proxy carry everything, see nothing, and get the blame where it is the cause? Both transports.

use std::time::Duration;

use http::Method;
use synapse_domain::secret::Secret;
use synapse_sim::ntlm::{Account, Guard, LoggedIn, require};
use synapse_sim::proxy::{Manners, Proxy, Setup};
use synapse_sim::serve::{Running, serve};
use synapse_sim::tls::{PkiOptions, TlsSetup};

use super::settings;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{self, Auth, Egress, ProxyAuth, Request, Response, Settings};
use crate::gate::{Certainty, Failure};

const NAME: &str = "console.sim.test";
const PASSWORD: &str = "canary-password";

/// A target over TLS that answers with `Host`, or with the account where it wants NTLM.
struct Target {
    server: Running,
    tls: TlsSetup,
    ntlm: bool,
}

impl Target {
    async fn start(ntlm: bool) -> Self {
        let tls = TlsSetup::generate(&PkiOptions::default()).unwrap();
        let app = if ntlm {
            let who =
                |axum::extract::Extension(LoggedIn(user)): axum::extract::Extension<LoggedIn>| async move { user };
            let guard = Guard::with_bindings(
                [Account {
                    user: "ann".to_owned(),
                    domain: "CORP".to_owned(),
                    password: PASSWORD.to_owned(),
                }],
                tls.leaf_der(),
            );
            require(axum::Router::new().route("/x", axum::routing::any(who)), guard)
        } else {
            let host = |headers: http::HeaderMap| async move { headers["host"].to_str().unwrap().to_owned() };
            axum::Router::new().route("/x", axum::routing::any(host))
        };
        let server = serve("127.0.0.1:0".parse().unwrap(), app, Some(tls.clone())).await;
        Self {
            server: server.unwrap(),
            tls,
            ntlm,
        }
    }

    /// The way through this proxy to a name that only the proxy can look up.
    fn through(&self, proxy: &Proxy) -> Settings {
        let mut with = settings(&format!("https://{NAME}"));
        with.allow = Vec::new();
        with.allow_http = false;
        with.ca_bundle = Some(self.tls.chain_pem().as_bytes().to_vec());
        with.connect_timeout = Duration::from_secs(5);
        with.auth = if self.ntlm {
            Auth::Ntlm {
                user: "ann".to_owned(),
                domain: Some("CORP".to_owned()),
                password: Secret::new(PASSWORD),
            }
        } else {
            Auth::Bearer(Secret::new(PASSWORD))
        };
        with.proxy = Some(egress::Proxy {
            url: proxy.url(),
            auth: None,
            ca_bundle: None,
            allow: vec!["127.0.0.0/8".parse().unwrap()],
        });
        with
    }

    /// A proxy that knows where this target is.
    fn known(&self) -> Setup {
        Setup {
            names: [(NAME.to_owned(), self.server.addr())].into(),
            ..Setup::default()
        }
    }
}

async fn targets() -> [Target; 2] {
    [Target::start(false).await, Target::start(true).await]
}

fn credentials(password: &str) -> ProxyAuth {
    ProxyAuth {
        user: "gate".to_owned(),
        password: Secret::new(password),
    }
}

async fn post(with: Settings) -> Result<Response, Failure> {
    let request = Request::new(Method::POST, ["x"]).json(b"{}".to_vec());
    Egress::new(with).unwrap().write(&request).await
}

/// Nothing was sent, and the text names the proxy.
fn blamed(result: Result<Response, Failure>, proxy: &Proxy) -> Error {
    let failure = result.unwrap_err();
    assert_eq!(failure.certainty, Certainty::NotSent, "{failure:?}");
    let text = format!("{failure:?}");
    assert!(
        text.contains(&format!("proxy `{}`", proxy.addr())) && text.contains(NAME),
        "{text}"
    );
    failure.error
}

#[tokio::test]
async fn a_request_goes_through_the_proxy_end_to_end_and_the_proxy_looks_the_name_up() {
    for target in targets().await {
        let proxy = Proxy::start(target.known()).await.unwrap();
        let egress = Egress::new(target.through(&proxy)).unwrap();
        let expected = if target.ntlm { "CORP\\ann" } else { NAME };
        for _ in 0..2 {
            let request = Request::new(Method::POST, ["x"]).json(b"{}".to_vec());
            assert_eq!(egress.write(&request).await.unwrap().body, expected);
        }
        let [head] = proxy.heads().try_into().unwrap();
        assert!(
            head.starts_with(&format!("CONNECT {NAME}:443 HTTP/1.1\r\nHost: {NAME}:443\r\n")),
            "{head}"
        );
        assert!(
            !head.to_lowercase().contains("authorization") && !head.contains("canary"),
            "{head}"
        );
        assert_eq!(target.server.accepted(), 1, "one tunnel for both");
    }
}

#[tokio::test]
async fn a_plain_target_is_reached_by_connect_too() {
    let target = super::server::Server::script([super::server::answer("200 OK", "", "in")]).await;
    let proxy = Proxy::start(Setup::default()).await.unwrap();
    let mut with = settings(&target.url());
    with.proxy = Some(egress::Proxy {
        url: proxy.url(),
        auth: None,
        ca_bundle: None,
        allow: vec!["127.0.0.0/8".parse().unwrap()],
    });
    assert_eq!(post(with).await.unwrap().body, "in");
    assert!(proxy.heads()[0].starts_with(&format!("CONNECT {} ", target.address)));
    assert!(target.requests()[0].starts_with("POST /x HTTP/1.1\r\n"));
}

#[tokio::test]
async fn the_targets_certificate_counts_behind_a_proxy_as_without_one() {
    let stranger = TlsSetup::generate(&PkiOptions::default()).unwrap();
    for target in targets().await {
        let proxy = Proxy::start(target.known()).await.unwrap();
        let mut wrong_issuer = target.through(&proxy);
        wrong_issuer.ca_bundle = Some(stranger.chain_pem().as_bytes().to_vec());
        let mut root_alone = target.through(&proxy);
        root_alone.ca_bundle = Some(target.tls.root_pem().as_bytes().to_vec());
        let mut wrong_name = target.through(&proxy);
        wrong_name.server_name = Some("other.sim.test".to_owned());
        for (with, said) in [
            (wrong_issuer, ""),
            (root_alone, "Simulated Intermediate CA"),
            (wrong_name, "server_name"),
        ] {
            let failure = post(with).await.unwrap_err();
            assert_eq!(failure.certainty, Certainty::NotSent, "{failure:?}");
            let Error::Other(other) = &failure.error else {
                panic!("{failure:?}")
            };
            // It is not the proxy's fault.
            assert!(other.code == "tls" && other.message.contains(said), "{failure:?}");
            assert!(!other.message.contains("proxy"), "{failure:?}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_asks_gets_its_credentials_and_one_that_refuses_them_is_named() {
    for target in targets().await {
        let setup = Setup {
            credentials: Some("gate:canary-gate".to_owned()),
            ..target.known()
        };
        let proxy = Proxy::start(setup).await.unwrap();
        let mut known = target.through(&proxy);
        known.proxy.as_mut().unwrap().auth = Some(credentials("canary-gate"));
        let egress = Egress::new(known.clone()).unwrap();
        let pair = "Z2F0ZTpjYW5hcnktZ2F0ZQ==";
        assert_eq!(egress.scrub(&format!("{pair} canary-gate")), "[redacted] [redacted]");
        assert!(!format!("{egress:?}").contains("canary"));
        assert_eq!(post(known).await.unwrap().status, 200);
        let mut wrong = target.through(&proxy);
        wrong.proxy.as_mut().unwrap().auth = Some(credentials("canary-wrong"));
        for with in [wrong, target.through(&proxy)] {
            let error = blamed(post(with).await, &proxy);
            let Error::Other(other) = &error else {
                panic!("{error:?}")
            };
            assert!(other.code == "proxy" && other.message.contains("407"), "{error:?}");
            assert!(!other.message.contains("canary"), "{error:?}");
        }
        assert_eq!(target.server.accepted(), 1);
    }
}

#[tokio::test]
async fn whatever_a_proxy_says_instead_nothing_of_the_request_leaves() {
    let said = |text: &str| Manners::Say(text.as_bytes().to_vec());
    let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "x".repeat(20 << 10));
    let cases = [
        (
            said("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno"),
            "403",
            false,
        ),
        (said("HTTP/1.1 502 Bad Gateway\r\n\r\n"), "502", true),
        (said("220 mail.example ESMTP\r\n\r\n"), "cannot be read", false),
        (said("HTTP/1.1 2000 OK\r\n\r\n"), "cannot be read", false),
        (
            said("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
            "more than",
            false,
        ),
        (said(&endless), "no end", false),
        (said("HTTP/1.1 200"), "before it had answered", true),
        (said(""), "before it had answered", true),
        (Manners::Silent, "connect timeout", true),
    ];
    for target in targets().await {
        for (manners, why, passing) in &cases {
            let setup = Setup {
                manners: manners.clone(),
                ..target.known()
            };
            let proxy = Proxy::start(setup).await.unwrap();
            let mut with = target.through(&proxy);
            if matches!(manners, Manners::Silent) {
                with.connect_timeout = Duration::from_millis(500);
            }
            let error = blamed(post(with).await, &proxy);
            assert!(format!("{error:?}").contains(why), "{why}: {error:?}");
            // What may pass is worth another try of a read; what an operator has to change is not.
            assert_eq!(matches!(error, Error::Unavailable(_)), *passing, "{error:?}");
            assert_eq!(proxy.heads().len(), 1);
        }
        assert_eq!(target.server.accepted(), 0);
    }
}

#[tokio::test]
async fn an_https_proxy_is_believed_by_its_own_bundle_only() {
    let tls = TlsSetup::generate(&PkiOptions::default()).unwrap();
    for target in targets().await {
        let setup = Setup {
            tls: Some(tls.clone()),
            ..target.known()
        };
        let proxy = Proxy::start(setup).await.unwrap();
        let bundle = |pem: &str| {
            let mut with = target.through(&proxy);
            with.proxy.as_mut().unwrap().ca_bundle = Some(pem.as_bytes().to_vec());
            with
        };
        assert_eq!(post(bundle(tls.chain_pem())).await.unwrap().status, 200);
        // The target's bundle says nothing about the proxy.
        let error = blamed(post(bundle(target.tls.chain_pem())).await, &proxy);
        let Error::Other(other) = &error else {
            panic!("{error:?}")
        };
        assert!(
            other.code == "tls" && other.message.contains("proxy.ca_bundle"),
            "{error:?}"
        );
        assert_eq!(proxy.heads().len(), 1, "nothing is asked of a stranger");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named_and_a_target_that_is_not_is_its_answer() {
    let target = Target::start(false).await;
    let gone = Proxy::start(Setup::default()).await.unwrap();
    let with = target.through(&gone);
    let (addr, nobody) = (gone.addr(), std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let port = nobody.local_addr().unwrap().port();
    drop((gone, nobody));
    let mut with_gone = with;
    with_gone.proxy.as_mut().unwrap().url = format!("http://127.0.0.1:{port}");
    let failure = post(with_gone).await.unwrap_err();
    assert_eq!(failure.certainty, Certainty::NotSent);
    assert!(
        matches!(&failure.error, Error::Unavailable(why) if why.contains(&format!("proxy `127.0.0.1:{port}`")) && why.contains("refused")),
        "{failure:?} (before: {addr})"
    );
    // The proxy knows no such name.
    let proxy = Proxy::start(Setup::default()).await.unwrap();
    let error = blamed(post(target.through(&proxy)).await, &proxy);
    assert!(
        matches!(&error, Error::Unavailable(why) if why.contains("502")),
        "{error:?}"
    );
}

#[tokio::test]
async fn row_44_a_proxy_in_a_forbidden_place_or_a_target_that_is_one_by_its_spelling_is_refused() {
    let proxied = |url: &str, proxy: &str| {
        let mut with = settings(url);
        with.allow = Vec::new();
        with.proxy = Some(egress::Proxy {
            url: proxy.to_owned(),
            auth: None,
            ca_bundle: None,
            allow: Vec::new(),
        });
        with
    };
    for proxy in [
        "http://127.0.0.1:3128",
        "http://localhost:3128",
        "http://[::1]:3128",
        "http://169.254.169.254",
        "http://10.0.0.1:3128",
        "http://user:canary@proxy.example:3128",
        "http://proxy.example:3128/path",
        "socks5://proxy.example:1080",
        "proxy.example:3128",
        "",
    ] {
        let refused = Egress::new(proxied("http://siem.example", proxy)).unwrap_err();
        assert!(
            refused.place == "proxy.url" && !refused.problem.contains("canary"),
            "{proxy}: {refused}"
        );
    }
    for target in [
        "https://127.0.0.1",
        "https://localhost",
        "https://metadata.google.internal",
        "https://10.0.0.1",
    ] {
        let refused = Egress::new(proxied(target, "http://93.184.216.34:3128")).unwrap_err();
        assert_eq!(refused.place, "url", "{target}");
    }
    assert!(Egress::new(proxied("http://siem.example", "http://93.184.216.34:3128")).is_ok());
    // A name is looked up when it is connected to, and what it leads to is checked by the proxy's own list.
    let mut inside = proxied("http://siem.example", "http://proxy.invalid:3128");
    inside.allow = vec!["127.0.0.0/8".parse().unwrap()];
    let base = egress::base::Base::parse(&inside).unwrap();
    let loopback = std::sync::Arc::new(Loopback);
    let failure = Egress::assemble(inside, base, loopback)
        .unwrap()
        .write(&Request::new(Method::POST, ["x"]))
        .await
        .unwrap_err();
    assert!(
        matches!(&failure.error, Error::Other(other) if other.code == "address-refused" && other.message.contains("the proxy's allow list")),
        "{failure:?}"
    );
}

/// Every name is ourselves.
struct Loopback;

impl egress::resolver::Lookup for Loopback {
    fn lookup(&self, _name: String) -> futures::future::BoxFuture<'static, std::io::Result<Vec<std::net::IpAddr>>> {
        Box::pin(async { Ok(vec![std::net::Ipv4Addr::LOCALHOST.into()]) })
    }
}

#[tokio::test]
async fn an_examination_goes_through_the_proxy_too_and_names_it_where_the_way_ends_there() {
    for target in targets().await {
        let proxy = Proxy::start(target.known()).await.unwrap();
        let egress = Egress::new(target.through(&proxy)).unwrap();
        let way = egress.examine(0).await;
        let steps: Vec<_> = way.steps.iter().map(|step| step.step).collect();
        assert_eq!(steps, ["proxy", "tls", "certificate"], "{:?}", way.steps);
        assert!(way.leads && way.steps[0].found.contains(&proxy.addr().to_string()));

        let setup = Setup {
            credentials: Some("gate:canary-gate".to_owned()),
            ..target.known()
        };
        let proxy = Proxy::start(setup).await.unwrap();
        let way = Egress::new(target.through(&proxy)).unwrap().examine(0).await;
        let [step] = &way.steps[..] else {
            panic!("{:?}", way.steps)
        };
        assert!(step.is_failed() && !way.leads, "{step:?}");
        assert!(
            step.found.contains("407") && step.found.contains(&proxy.addr().to_string()),
            "{step:?}"
        );
        assert!(
            step.remedy.as_deref().unwrap_or_default().contains("`proxy` settings"),
            "{step:?}"
        );
    }
}
