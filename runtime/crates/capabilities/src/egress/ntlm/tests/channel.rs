//! Is a login good for the channel only that it was made for (Extended Protection)?

use std::net::SocketAddr;

use synapse_sim::ntlm::Guard;
use synapse_sim::tls::{PkiOptions, TlsSetup};

use super::{account, ntlm, post, start};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Egress, Settings};
use crate::gate::Certainty;

fn over_tls(address: SocketAddr, tls: &TlsSetup) -> Settings {
    let mut settings = ntlm(&format!("https://{address}"), "ann", Some("CORP"), "canary-ann");
    settings.allow_http = false;
    settings.ca_bundle = Some(tls.chain_pem().as_bytes().to_vec());
    settings
}

#[tokio::test]
async fn a_login_passes_where_bindings_are_enforced() {
    let tls = TlsSetup::generate(&PkiOptions::default()).unwrap();
    let guard = Guard::with_bindings([account("ann")], tls.leaf_der());
    let server = start(&guard, Some(tls.clone())).await;
    let egress = Egress::new(over_tls(server.addr(), &tls)).unwrap();
    for n in 1..3 {
        let response = egress.write(&post(&vec![b'x'; n])).await.unwrap();
        assert_eq!(response.body, format!("CORP\\ann {n}"));
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_login_that_is_relayed_through_another_certificate_is_refused() {
    let [relay, target] = [(); 2].map(|()| TlsSetup::generate(&PkiOptions::default()).unwrap());
    // The relay hands messages on as they are; the target wants them to be made for its own channel.
    let guard = Guard::with_bindings([account("ann")], target.leaf_der());
    let server = start(&guard, Some(relay.clone())).await;
    let egress = Egress::new(over_tls(server.addr(), &relay)).unwrap();
    let failure = egress.write(&post(b"x")).await.unwrap_err();
    assert!(matches!(failure.error, Error::Unauthenticated), "{failure:?}");
    assert_eq!(failure.certainty, Certainty::Refused);
    assert_eq!(guard.seen()[0].refused, ["bindings"]);
}

#[tokio::test]
async fn a_login_without_a_channel_is_refused_where_bindings_are_enforced() {
    let tls = TlsSetup::generate(&PkiOptions::default()).unwrap();
    let guard = Guard::with_bindings([account("ann")], tls.leaf_der());
    let server = start(&guard, None).await;
    let egress = super::egress(&server.url(), "ann");
    let failure = egress.write(&post(b"x")).await.unwrap_err();
    assert!(matches!(failure.error, Error::Unauthenticated), "{failure:?}");
}

#[tokio::test]
async fn row_71_nothing_of_a_login_reaches_a_target_whose_certificate_is_not_trusted() {
    let [tls, stranger] = [(); 2].map(|()| TlsSetup::generate(&PkiOptions::default()).unwrap());
    let guard = Guard::new([account("ann")]);
    let server = start(&guard, Some(tls.clone())).await;
    let mut wrong_name = over_tls(server.addr(), &tls);
    wrong_name.server_name = Some("other.sim.test".to_owned());
    for settings in [over_tls(server.addr(), &stranger), wrong_name] {
        let failure = Egress::new(settings).unwrap().write(&post(b"x")).await.unwrap_err();
        assert_eq!(failure.certainty, Certainty::NotSent);
        assert!(
            matches!(&failure.error, Error::Other(other) if other.code == "tls"),
            "{failure:?}"
        );
    }
    assert!(guard.seen().is_empty());
    // The certificate holds this name; it does not resolve, and the address is still the URL's.
    let mut named = over_tls(server.addr(), &tls);
    named.server_name = Some("console.sim.test".to_owned());
    assert_eq!(
        Egress::new(named).unwrap().write(&post(b"x")).await.unwrap().status,
        200
    );
}
