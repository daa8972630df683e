//! Is the step named at which the way to a target ends, and what to do about it?

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use futures::future::BoxFuture;
use synapse_domain::clock::{Clock as _, SystemClock};
use synapse_sim::serve::{Running, serve};
use synapse_sim::tls::{PkiOptions, TlsSetup};

use super::server::Server;
use super::settings;
use crate::checkup::{Step, Verdict};
use crate::egress::base::Base;
use crate::egress::resolver::Lookup;
use crate::egress::{Egress, Settings};

const DAY: u64 = 24 * 60 * 60 * 1_000;

async fn steps(with: Settings, now: u64) -> Vec<Step> {
    let way = Egress::new(with).unwrap().examine(now).await;
    let failed = way.steps.iter().any(Step::is_failed);
    assert_eq!(way.leads, !failed, "{:?}", way.steps);
    way.steps
}

fn told(step: Option<&Step>, name: &str, verdict: Verdict, found: &str, remedy: &str) {
    let step = step.unwrap();
    assert_eq!((step.step, step.verdict), (name, verdict), "{step:?}");
    assert!(step.found.contains(found), "`{found}` is not in {step:?}");
    assert!(
        step.remedy.as_deref().unwrap_or_default().contains(remedy),
        "`{remedy}` is not in {step:?}"
    );
}

async fn console(options: PkiOptions) -> (Running, TlsSetup) {
    let tls = TlsSetup::generate(&options).unwrap();
    let server = serve("127.0.0.1:0".parse().unwrap(), Router::new(), Some(tls.clone()))
        .await
        .unwrap();
    (server, tls)
}

fn trusting(server: &Running, bundle: &str) -> Settings {
    let mut with = settings(&server.url());
    with.allow_http = false;
    with.ca_bundle = Some(bundle.as_bytes().to_vec());
    with
}

#[tokio::test]
async fn d11_a_missing_issuer_is_named_and_the_whole_chain_leads() {
    let (server, tls) = console(PkiOptions::default()).await;
    let found = steps(trusting(&server, tls.root_pem()), SystemClock.now()).await;
    assert_eq!(found.len(), 3, "{found:?}");
    told(
        found.last(),
        "tls",
        Verdict::Failed,
        "issuer `Simulated Intermediate CA`",
        "add the certificate of `Simulated Intermediate CA`",
    );
    let found = steps(trusting(&server, tls.chain_pem()), SystemClock.now()).await;
    told(
        found.get(2),
        "tls",
        Verdict::Ok,
        "issued by `Simulated Intermediate CA`",
        "",
    );
    told(found.get(3), "certificate", Verdict::Ok, "more days", "");
}

#[tokio::test]
async fn a_certificate_that_ends_soon_is_told_before_it_does() {
    let (server, tls) = console(PkiOptions::default()).await;
    let with = trusting(&server, tls.chain_pem());
    let now = SystemClock.now();
    let [.., last]: [Step; 4] = steps(with.clone(), now).await.try_into().unwrap();
    let days: u64 = last
        .found
        .split_whitespace()
        .find_map(|word| word.parse().ok())
        .unwrap();
    let [.., last]: [Step; 4] = steps(with, now + (days - 10) * DAY).await.try_into().unwrap();
    told(
        Some(&last),
        "certificate",
        Verdict::Warning,
        "10 more days",
        "issued it",
    );
}

#[tokio::test]
async fn another_name_than_the_certificates_is_told_with_the_setting_that_mends_it() {
    let options = PkiOptions {
        ips: Vec::new(),
        dns: vec!["console.sim.test".to_owned()],
        ..PkiOptions::default()
    };
    let (server, tls) = console(options).await;
    let mut with = trusting(&server, tls.chain_pem());
    let found = steps(with.clone(), SystemClock.now()).await;
    told(found.last(), "tls", Verdict::Failed, "certificate", "server_name");
    with.server_name = Some("console.sim.test".to_owned());
    assert_eq!(steps(with, SystemClock.now()).await.len(), 4);
}

/// A resolver that knows one address.
struct Knows(IpAddr);

impl Lookup for Knows {
    fn lookup(&self, _name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let address = self.0;
        Box::pin(async move { Ok(vec![address]) })
    }
}

#[tokio::test]
async fn an_address_that_is_not_permitted_is_told_with_the_network_to_add() {
    let server = Server::script([]).await;
    let with = settings(&server.url().replace("127.0.0.1", "console.sim.test"));
    let base = || Base::parse(&with).unwrap();
    let leading_to = |address: [u8; 4]| Arc::new(Knows(IpAddr::from(address)));
    let egress = Egress::assemble(with.clone(), base(), leading_to([127, 0, 0, 1])).unwrap();
    let found = egress.examine(0).await.steps;
    told(
        found.first(),
        "name",
        Verdict::Ok,
        "`console.sim.test` is 127.0.0.1",
        "",
    );
    assert_eq!(server.requests(), Vec::<String>::new(), "nothing is asked");
    let egress = Egress::assemble(with.clone(), base(), leading_to([10, 0, 0, 7])).unwrap();
    let way = egress.examine(0).await;
    told(
        way.steps.first(),
        "name",
        Verdict::Failed,
        "10.0.0.7",
        "allow = [\"10.0.0.7/32\"]",
    );
    assert!(!way.leads && way.steps.len() == 1, "{:?}", way.steps);
}

#[tokio::test]
async fn a_port_where_nobody_listens_and_one_without_tls_are_told_apart() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let found = steps(settings(&format!("http://{closed}")), 0).await;
    told(
        found.last(),
        "connection",
        Verdict::Failed,
        "refused",
        "nothing listens",
    );
    let server = Server::script([]).await;
    let tls = TlsSetup::generate(&PkiOptions::default()).unwrap();
    let mut with = settings(&server.url().replace("http:", "https:"));
    with.ca_bundle = Some(tls.chain_pem().as_bytes().to_vec());
    with.connect_timeout = std::time::Duration::from_millis(300);
    let found = steps(with, 0).await;
    told(found.last(), "tls", Verdict::Failed, "", "is TLS spoken on that port?");
}
