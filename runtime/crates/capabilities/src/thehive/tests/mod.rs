//! Does the connector keep the contract? Against the simulator, and as properties of what it would send.

mod added;
mod alerts;
mod arguments;
mod around;
mod case_updates;
mod cases;
mod closing;
mod doubt;
mod doubt_of_new;
mod files;
mod merging;
mod new_arguments;
mod observables;
mod platform;
mod promotion;
mod raw;
mod refusals;
mod removal;
mod searches;
mod shapes;
mod tasks;
mod updates;
mod users;
mod v0;

use crate::gate::observed::{CarryOutRead as _, CarryOutWrite as _};
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use synapse_domain::digest::Digest;
use synapse_domain::permission::Scopes;
use synapse_domain::secret::Secret;
use synapse_sim::start::{self, Simulator};

use super::client::{Client, Options};
use super::{CreateAlert, CreateCase, CreateTask, GetAlert};
use crate::bindings::synapse::thehive::alerts::{Alert, NewAlert, Observable, Pap, Severity, Tlp};
use crate::bindings::synapse::thehive::cases::NewCase;
use crate::bindings::synapse::thehive::tasks::{NewTask, TaskStatus};
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::{Kept, Spool};
use crate::egress::{Auth, Egress, Settings};
use crate::gate::{Done, EffectId, Failure, Read, Write};

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
        call.carry_out(&self.client, &Scopes::new(), effect).await
    }

    /// Sends a call as the gate does, with a grant that limits nothing.
    async fn send<C: Write<Target = Client>>(&self, call: &C, effect: &EffectId) -> Result<Done<C::Answer>, Failure> {
        call.check().unwrap();
        call.carry_out(&self.client, &Scopes::new(), effect).await
    }

    /// Asks as the gate does.
    async fn ask<C: Read<Target = Client>>(&self, call: &C) -> Result<C::Answer, Error> {
        call.carry_out(&self.client, &Scopes::new()).await
    }

    /// A new case's id.
    async fn case(&self) -> String {
        let name = format!("case {}", self.effects());
        self.send(&case(&name), &effect(&name, false)).await.unwrap().answer.id
    }

    /// A new task's id, in a new case.
    async fn task(&self) -> String {
        let call = task(&self.case().await, "Communication");
        let name = format!("task {}", self.effects());
        self.send(&call, &effect(&name, false)).await.unwrap().answer.id
    }

    /// The body of the last state change, as the server understood it.
    fn last_body(&self) -> Value {
        self.sim.control.effects(0).last().unwrap().body.clone()
    }

    async fn get(&self, id: &str) -> Result<Alert, Error> {
        GetAlert { id: id.to_owned() }
            .carry_out(&self.client, &Scopes::new())
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
    egress_of(url, key, "soc")
}

fn egress_of(url: &str, key: &str, organisation: &str) -> Egress {
    Egress::new(Settings {
        url: url.to_owned(),
        auth: Auth::Bearer(Secret::new(key)),
        ca_bundle: None,
        server_name: None,
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        proxy: None,
        allow_http: true,
        connect_timeout: Duration::from_secs(5),
        request_deadline: Duration::from_secs(10),
        max_response_bytes: 4 << 20,
        width: 4,
        requests_per_second: 0,
        read_retries: 0,
        extra_headers: vec![("X-Organisation".to_owned(), organisation.to_owned())],
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

fn case(title: &str) -> CreateCase {
    CreateCase {
        case: NewCase {
            title: title.to_owned(),
            description: "# Mail\n\nA line.".to_owned(),
            severity: Severity::High,
            start_date: 1_700_000_000_123,
            tlp: Tlp::Red,
            pap: Pap::Green,
            tags: vec!["mail".to_owned()],
            flag: true,
            assignee: None,
            case_template: None,
            custom_fields: Vec::new(),
            dedup_key: None,
        },
    }
}

fn task(case_id: &str, title: &str) -> CreateTask {
    CreateTask {
        task: NewTask {
            case_id: case_id.to_owned(),
            title: title.to_owned(),
            group: None,
            description: Some("What was written".to_owned()),
            status: TaskStatus::Waiting,
            assignee: None,
            dedup_key: None,
        },
    }
}

/// A run's spool, as long as the folder lives.
struct Bytes {
    spool: Spool,
    _folder: tempfile::TempDir,
}

impl Bytes {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            spool: Spool::for_test(folder.path()),
            _folder: folder,
        }
    }

    async fn keep(&self, name: &str, media_type: &str, bytes: &[u8]) -> Kept {
        let mut writer = self.spool.begin(1 << 20).await.unwrap();
        writer.write(bytes).await.unwrap();
        writer.keep(name, media_type).await.unwrap()
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
