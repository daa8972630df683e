//! Does the laboratory do what tests of the platform rely on?

use crate::gate::observed::{CarryOutRead as _, CarryOutWrite as _};
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use synapse_domain::digest::Digest;
use synapse_domain::operation::{Class, Effect};
use synapse_domain::permission::Scopes;
use synapse_domain::run::How;
use synapse_sim::start::{self, Simulator};

use super::client::Client;
use super::{Append, Fire, ReadText};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Auth, Egress, Settings};
use crate::gate::{Certainty, EffectId, Write as _};

async fn lab() -> (Simulator, Client) {
    let sim = start::lab(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let egress = Egress::new(Settings {
        url: sim.url(),
        auth: Auth::None,
        ca_bundle: None,
        server_name: None,
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        proxy: None,
        allow_http: true,
        connect_timeout: Duration::from_secs(5),
        request_deadline: Duration::from_secs(10),
        max_response_bytes: 1 << 20,
        width: 4,
        requests_per_second: 0,
        read_retries: 0,
        extra_headers: Vec::new(),
    });
    (sim, Client::new(Some(egress.unwrap())))
}

fn effect() -> EffectId {
    EffectId {
        key: Digest::of(b"one"),
        since: 0,
        repeat: false,
    }
}

#[tokio::test]
async fn a_canned_text_depends_on_its_key_only_and_has_the_size_asked_for() {
    let client = Client::new(None);
    let read = async |key: &str, size| {
        ReadText {
            key: key.to_owned(),
            size,
        }
        .carry_out(&client, &Scopes::new())
        .await
    };
    let text = read("a", 1_000).await.unwrap();
    assert_eq!(text.len(), 1_000);
    assert_eq!(read("a", 1_000).await.unwrap(), text);
    assert!(read("a", 65_536).await.unwrap().starts_with(&text));
    assert_ne!(read("b", 1_000).await.unwrap(), text);
    assert_eq!(read("a", 0).await.unwrap(), "");
    assert!(matches!(read("a", 65_537).await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn an_append_can_be_asked_for_by_its_marker_and_a_fire_cannot() {
    let (sim, client) = lab().await;
    let append = Append {
        text: "line".to_owned(),
        dedup_key: None,
    };
    assert_eq!(append.probe(&client, &effect()).await, Ok(None));
    let done = append.carry_out(&client, &Scopes::new(), &effect()).await.unwrap();
    assert_eq!((done.how, done.answer.as_str()), (How::Performed, "1"));
    assert_eq!(append.probe(&client, &effect()).await, Ok(Some("1".to_owned())));
    let fire = Fire {
        text: "line".to_owned(),
    };
    assert_eq!(
        fire.carry_out(&client, &Scopes::new(), &effect()).await.unwrap().answer,
        "2"
    );
    assert!(fire.probe(&client, &effect()).await.is_err());
    let markers: Vec<_> = sim.control.effects(0).into_iter().map(|effect| effect.marker).collect();
    assert_eq!(markers, [Some(effect().marker()), None]);
    assert_eq!(
        (Append::OPERATION.class, Fire::OPERATION.class),
        (Class::Write(Effect::Probe), Class::Write(Effect::Opaque))
    );
}

#[tokio::test]
async fn a_failed_append_says_how_sure_it_is() {
    let (sim, client) = lab().await;
    let append = Append {
        text: "line".to_owned(),
        dedup_key: None,
    };
    for (action, certainty) in [
        (json!({"status": 500}), Certainty::Unknown),
        (json!({"drop_response": true}), Certainty::Unknown),
        (
            json!({"lie": "did_it", "status": 201, "raw_body": "{"}),
            Certainty::Unknown,
        ),
        (json!({"status": 400}), Certainty::Refused),
    ] {
        let fault = json!({"match": {"method": "POST"}, "action": action});
        sim.control
            .faults()
            .add(serde_json::from_value(fault).unwrap())
            .unwrap();
        let failure = append.carry_out(&client, &Scopes::new(), &effect()).await.unwrap_err();
        assert_eq!(failure.certainty, certainty, "{action}");
    }
    assert_eq!(sim.control.effects(0).len(), 2);
    let without_url = append
        .carry_out(&Client::new(None), &Scopes::new(), &effect())
        .await
        .unwrap_err();
    assert_eq!(without_url.certainty, Certainty::NotSent);
    let long = Append {
        text: "x".repeat(65_537),
        dedup_key: None,
    };
    assert!(matches!(long.check(), Err(Error::Invalid(_))));
}
