//! Can anybody make us connect to an address that the operator did not permit?

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use http::Method;

use super::server::{Server, answer};
use super::settings;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::address::Allow;
use crate::egress::base::Base;
use crate::egress::resolver::Lookup;
use crate::egress::{Egress, Request};
use crate::gate::{Certainty, Failure};

/// Hosts that lead to ourselves, to the machine's network, to a metadata service or to nobody, in every spelling known to have
/// passed some filter somewhere.
const HOSTS: [&str; 64] = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0x7f.1",
    "0",
    "0.0.0.0",
    "0.0.0.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "foo.localhost",
    "localhost.localdomain",
    "ip6-localhost",
    "%6cocalhost",
    "%31%32%37.0.0.1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "169.254.169.254",
    "169.254.169.254.",
    "169.254.0.1",
    "169.254.170.2",
    "2852039166",
    "0xa9fea9fe",
    "0xa9.0xfe.0xa9.0xfe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "metadata.google.internal",
    "Metadata.Google.Internal.",
    "metadata.azure.internal",
    "metadata",
    "instance-data",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[::ffff:10.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::]",
    "[2002:7f00:1::1]",
    "[2001:0:4136:e378:8000:63bf:5601:5601]",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "[fc00::1]",
    "[ff02::1]",
];

/// A resolver that gives these answers, one each time.
struct Answers(Mutex<VecDeque<IpAddr>>);

impl Answers {
    fn new(addresses: impl IntoIterator<Item = [u8; 4]>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(
            addresses
                .into_iter()
                .map(|address| IpAddr::V4(Ipv4Addr::from(address)))
                .collect(),
        )))
    }
}

impl Lookup for Answers {
    fn lookup(&self, _name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let next = self.0.lock().unwrap().pop_front();
        Box::pin(async move {
            next.map(|address| vec![address])
                .ok_or_else(|| io::Error::other("no such name"))
        })
    }
}

fn is_refused_address(failure: &Failure) -> bool {
    failure.certainty == Certainty::NotSent
        && matches!(&failure.error, Error::Other(other) if other.code == "address-refused")
}

#[tokio::test]
async fn row_44_every_spelling_of_a_forbidden_address_is_refused_when_saved_and_when_connecting() {
    let mut asked = 0;
    for host in HOSTS {
        let mut public = settings(&format!("http://{host}:9/"));
        public.allow.clear();
        assert!(Egress::new(public.clone()).is_err(), "{host} was accepted");
        // The same host as if it had been saved before the check existed. Whatever name is left resolves to ourselves.
        let Ok(base) = Base::parse(&public) else { continue };
        let egress = Egress::assemble(public.clone(), base, Answers::new([[127, 0, 0, 1], [127, 0, 0, 1]])).unwrap();
        let failure = egress.write(&Request::new(Method::POST, ["x"])).await.unwrap_err();
        assert!(is_refused_address(&failure), "{host}: {failure:?}");
        asked += 1;
    }
    assert!(asked >= 60, "only {asked} hosts got as far as connecting");
}

#[test]
fn row_44_urls_that_hide_their_host_or_carry_credentials_are_refused() {
    let urls = [
        "http://thehive.example@169.254.169.254/",
        "http://user:canary-password@thehive.example/",
        "http://169.254.169.254#@thehive.example/",
        "http://169.254.169.254?@thehive.example/",
        "http://thehive.example/?next=http://169.254.169.254",
        "ftp://thehive.example/",
        "file:///etc/passwd",
        "gopher://thehive.example/",
        "thehive.example",
        "http:///",
        "http://thehive.example/a//b",
        "",
    ];
    for url in urls {
        let refused = Egress::new(settings(url)).unwrap_err();
        assert!(!refused.to_string().contains("canary"), "{refused}");
    }
    let mut plain = settings("http://93.184.216.34/");
    plain.allow.clear();
    assert!(Egress::new(plain.clone()).is_ok());
    plain.allow_http = false;
    assert!(Egress::new(plain).unwrap_err().problem.contains("clear"));
}

#[tokio::test]
async fn row_45_a_name_that_changes_its_address_is_refused_at_the_second_connection() {
    let server = Server::script([super::server::Step::SendAndClose(
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec(),
    )])
    .await;
    let settings = settings(&format!("http://thehive.example:{}/", server.address.port()));
    let base = Base::parse(&settings).unwrap();
    let egress = Egress::assemble(
        settings.clone(),
        base,
        Answers::new([[127, 0, 0, 1], [169, 254, 169, 254]]),
    )
    .unwrap();
    let request = Request::new(Method::GET, ["x"]);
    assert_eq!(egress.read(&request).await.unwrap().status, 200);
    let failure = egress.read(&request).await.unwrap_err();
    assert!(is_refused_address(&failure), "{failure:?}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn row_46_a_redirect_is_an_answer_and_is_not_followed() {
    let other = Server::script([answer("200 OK", "", "stolen")]).await;
    let location = format!("location: {}/latest/meta-data\r\n", other.url());
    let server = Server::script([
        answer("302 Found", &location, ""),
        answer("307 Temporary Redirect", &location, ""),
    ])
    .await;
    let egress = Egress::new(settings(&server.url())).unwrap();
    assert_eq!(
        egress.read(&Request::new(Method::GET, ["x"])).await.unwrap().status,
        302
    );
    assert_eq!(
        egress.write(&Request::new(Method::POST, ["x"])).await.unwrap().status,
        307
    );
    assert_eq!((server.requests().len(), other.connections()), (2, 0));
}

#[test]
fn an_address_is_permitted_only_as_explicitly_as_it_is_dangerous() {
    let allow = |nets: &[&str]| Allow::new(nets.iter().map(|net| net.parse().unwrap()).collect());
    let permits = |nets: &[&str], address: &str| allow(nets).permits(address.parse().unwrap());
    // Empty: public only.
    assert!(permits(&[], "93.184.216.34") && permits(&[], "2606:2800:220:1::1") && permits(&[], "64:ff9b::5db8:d822"));
    assert!(!permits(&[], "10.0.0.1") && !permits(&[], "fd12::1"));
    // A list is the only way in.
    assert!(permits(&["10.1.0.0/16"], "10.1.2.3") && permits(&["10.1.0.0/16"], "::ffff:10.1.2.3"));
    assert!(!permits(&["10.1.0.0/16"], "10.2.0.1") && !permits(&["10.1.0.0/16"], "93.184.216.34"));
    // A wide network does not open what must be named.
    for wide in ["0.0.0.0/0", "127.0.0.0/7"] {
        assert!(
            !permits(&[wide], "127.0.0.1") && !permits(&[wide, "::/0"], "::ffff:127.0.0.1"),
            "{wide}"
        );
    }
    assert!(!permits(&["::/0"], "::1") && !permits(&["0.0.0.0/0"], "169.254.169.254"));
    assert!(
        permits(&["127.0.0.0/8"], "127.0.0.1")
            && permits(&["127.0.0.1/32"], "127.0.0.1")
            && permits(&["::1/128"], "::1")
    );
    assert!(permits(&["169.254.169.254/32"], "169.254.169.254"));
    assert!(allow(&["127.0.0.0/8"]).permits_name("localhost") && !allow(&["10.0.0.0/8"]).permits_name("localhost"));
}
