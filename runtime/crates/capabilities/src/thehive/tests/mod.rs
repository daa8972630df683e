//! Does the connector keep the contract? Against the simulator, and as properties of what it would send.

mod alerts;
mod arguments;
mod doubt;
mod observables;
mod refusals;
mod shapes;
mod updates;

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use synapse_domain::digest::Digest;
use synapse_domain::permission::Scopes;
use synapse_domain::secret::Secret;
use synapse_sim::start::{self, Simulator};

use super::client::{Client, Options};
use super::{CreateAlert, GetAlert};
use crate::bindings::synapse::thehive::alerts::{Alert, NewAlert, Observable, Pap, Severity, Tlp};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Auth, Egress, Settings};
use crate::gate::{Done, EffectId, Failure, Read as _, Write as _};

/// The key of the simulated account; nothing may ever show it.
const KEY: &str = "canary-thehive-key";
/// The marker that a test's effect leaves.
const MARKER: &str = "synapse:";

/// A simulated TheHive and a client of its organisation `soc`.
struct Lab {
    sim: Simulator,
    client: Client,
}

impl Lab {
    async fn start() -> Self {
        Self::with(json!({}), Options::default()).await
    }

    async fn with(more: Value, options: Options) -> Self {
        let mut state = json!({
            "organisations": ["soc"],
            "users": [{"login": "synapse@soc.test", "key": KEY, "organisations": ["soc"]}],
            "custom_fields": [
                {"name": "synapse-ref", "type": "string", "group": "default", "description": "marker"},
                {"name": "score", "type": "float", "group": "default", "description": "a number"},
            ],
        });
        state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let sim = start::thehive(SocketAddr::from(([127, 0, 0, 1], 0)), Some(state))
            .await
            .unwrap();
        let client = Client::new(egress(&sim.url(), KEY), options);
        Self { sim, client }
    }

    async fn create(&self, call: &CreateAlert, effect: &EffectId) -> Result<Done<Alert>, Failure> {
        call.check().unwrap();
        call.perform(&self.client, &Scopes::new(), effect).await
    }

    async fn get(&self, id: &str) -> Result<Alert, Error> {
        GetAlert { id: id.to_owned() }
            .perform(&self.client, &Scopes::new())
            .await
    }

    /// Makes the simulator misbehave, once.
    fn fault(&self, method: &str, path: &str, action: &Value) {
        let fault = json!({"match": {"method": method, "path": path}, "action": action});
        self.sim
            .control
            .faults()
            .add(serde_json::from_value(fault).unwrap())
            .unwrap();
    }

    /// State changes so far.
    fn effects(&self) -> usize {
        self.sim.control.effects(0).len()
    }

    /// Requests so far with this method and path.
    fn requests(&self, method: &str, path: &str) -> usize {
        self.sim
            .control
            .requests(0)
            .iter()
            .filter(|request| request.method == method && request.path.starts_with(path))
            .count()
    }
}

fn egress(url: &str, key: &str) -> Egress {
    Egress::new(Settings {
        url: url.to_owned(),
        auth: Auth::Bearer(Secret::new(key)),
        ca_bundle: None,
        server_name: None,
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        allow_http: true,
        connect_timeout: Duration::from_secs(5),
        request_deadline: Duration::from_secs(10),
        max_response_bytes: 4 << 20,
        width: 4,
        read_retries: 0,
        extra_headers: vec![("X-Organisation".to_owned(), "soc".to_owned())],
    })
    .unwrap()
}

fn alert(reference: &str) -> CreateAlert {
    CreateAlert {
        source: "console-a".to_owned(),
        alert: NewAlert {
            type_: "qradar".to_owned(),
            source_ref: reference.to_owned(),
            title: "Excessive denies".to_owned(),
            description: "# Offense\n\nA line.".to_owned(),
            severity: Severity::High,
            date: 1_700_000_000_123,
            tlp: Tlp::Red,
            pap: Pap::Green,
            tags: vec!["qradar".to_owned()],
            external_link: Some("https://console.test/42".to_owned()),
            case_template: None,
            custom_fields: Vec::new(),
            observables: Vec::new(),
            dedup_key: None,
        },
    }
}

fn observable(data_type: &str, data: &str) -> Observable {
    Observable {
        data_type: data_type.to_owned(),
        data: data.to_owned(),
        message: None,
        tags: Vec::new(),
        ioc: false,
        ignore_similarity: false,
    }
}

/// The effect with this name; `repeat` as the gate says it.
fn effect(name: &str, repeat: bool) -> EffectId {
    EffectId {
        key: Digest::of(name.as_bytes()),
        since: now(),
        repeat,
    }
}

fn now() -> u64 {
    use synapse_domain::clock::Clock as _;
    synapse_domain::clock::SystemClock.now()
}
