//! How do the tests call the simulator? In process, through its router, without a network.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{HeaderMap, Request};
use serde_json::{Value, json};
use synapse_sim::control::{Control, Effect, Target, wrap};
use synapse_sim::qradar::{Simulator, router};
use tower::ServiceExt;

/// A simulator with a loaded state.
pub struct Sim {
    router: Router,
    pub control: Control,
    pub simulator: Arc<Simulator>,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Sim {
    pub fn new(state: Value) -> Self {
        let control = Control::new("qradar");
        let (router, simulator) = router(control.clone());
        simulator.load(state).unwrap();
        let target: Arc<dyn Target> = simulator.clone();
        Self {
            router: wrap(router, control.clone(), target),
            control,
            simulator,
        }
    }

    /// One request with the default token unless `headers` bring their own `SEC` or `Authorization`.
    pub async fn send(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        let own = |name: &str| headers.iter().any(|(found, _)| found.eq_ignore_ascii_case(name));
        if !own("sec") && !own("authorization") {
            request = request.header("SEC", "sim-token");
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let response = self
            .router
            .clone()
            .oneshot(request.body(Body::from(body.to_owned())).unwrap())
            .await
            .unwrap();
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            text,
            json,
        }
    }

    pub async fn get(&self, uri: &str) -> Answer {
        self.send("GET", uri, &[], "").await
    }

    pub async fn post(&self, uri: &str) -> Answer {
        self.send("POST", uri, &[], "").await
    }

    /// `GET` with query parameters, encoded.
    pub async fn query(&self, path: &str, params: &[(&str, &str)]) -> Answer {
        self.get(&format!("{path}?{}", encode(params))).await
    }

    /// `POST` with a UTF-8 form body.
    pub async fn form(&self, path: &str, params: &[(&str, &str)]) -> Answer {
        let kind = ("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
        self.send("POST", path, &[kind], &encode(params)).await
    }

    /// Creates an Ariel search and asks for its state until it has ended; answers the rows.
    pub async fn rows(&self, query: &str) -> Value {
        let created = self.form("/api/ariel/searches", &[("query_expression", query)]).await;
        assert_eq!(created.status, 201, "{query}: {}", created.text);
        let id = created.json["search_id"].as_str().unwrap().to_owned();
        let state = self.get(&format!("/api/ariel/searches/{id}")).await;
        assert_eq!(state.json["status"], "COMPLETED", "{}", state.text);
        self.get(&format!("/api/ariel/searches/{id}/results")).await.json["events"].clone()
    }

    pub fn effects(&self) -> Vec<Effect> {
        self.control.effects(0)
    }
}

impl Answer {
    /// Status and QRadar code of a refusal.
    pub fn refusal(&self) -> (u16, i64) {
        (self.status, self.json["code"].as_i64().unwrap_or(-1))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The `id`s of an array.
    pub fn ids(&self) -> Vec<i64> {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].as_i64().unwrap())
            .collect()
    }
}

pub fn encode(params: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(b).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect()
    };
    params
        .iter()
        .map(|(k, v)| format!("{}={}", escape(k), escape(v)))
        .collect::<Vec<_>>()
        .join("&")
}

/// A small offense; fields in `more` replace the defaults.
#[expect(clippy::needless_pass_by_value, reason = "called with json! literals")]
pub fn offense(id: i64, more: Value) -> Value {
    let mut row = json!({
        "id": id, "description": "Login failures\n", "status": "OPEN", "magnitude": 3, "severity": 4,
        "start_time": 1_613_395_296_537_i64, "last_updated_time": 1_613_395_306_948_i64, "domain_id": 0,
        "assigned_to": null, "close_time": null, "closing_user": null, "closing_reason_id": null, "inactive": false,
        "protected": false, "follow_up": false, "event_count": 15, "offense_type": 3, "offense_source": "user-a",
        "categories": ["User Login Failure"], "source_address_ids": [2, 1], "local_destination_address_ids": [1],
        "rules": [{"id": 100_056, "type": "CRE_RULE"}],
        "log_sources": [{"type_name": "EventCRE", "type_id": 18, "name": "cre", "id": 63}],
    });
    for (name, value) in more.as_object().unwrap() {
        row[name] = value.clone();
    }
    row
}

/// A state with `n` plain offenses, ids from 1.
pub fn offenses(n: i64) -> Value {
    json!({ "offenses": (1..=n).map(|id| offense(id, json!({}))).collect::<Vec<_>>() })
}

/// The recorded state shipped for the demo.
pub fn recorded() -> Value {
    serde_json::from_str(include_str!("../../fixtures/qradar-recorded.json")).unwrap()
}
