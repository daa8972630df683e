//! How do the simulator tests talk HTTP? A client without proxies, a running simulator, and short helpers.

use serde_json::{Value, json};
use std::net::SocketAddr;
use synapse_sim::start::Simulator;

/// Any free port on the loopback interface.
pub fn any() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// A simulator with a client, optionally with an `Authorization` header.
pub struct Peer {
    pub sim: Simulator,
    pub client: reqwest::Client,
    authorization: Option<&'static str>,
}

impl Peer {
    pub fn new(sim: Simulator, authorization: Option<&'static str>) -> Self {
        // Another test may have installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            sim,
            client,
            authorization,
        }
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.sim.url());
        let request = self.client.request(method.parse().unwrap(), url);
        match self.authorization {
            Some(value) if !path.starts_with("/_sim") => request.header("authorization", value),
            _ => request,
        }
    }

    /// Sends JSON (null = no body) and answers the status and the JSON of the answer (null if it is none).
    pub async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let response = self.send(method, path, &body).await.unwrap();
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or(Value::Null),
        )
    }

    pub async fn send(&self, method: &str, path: &str, body: &Value) -> reqwest::Result<reqwest::Response> {
        let request = self.request(method, path);
        let request = match body {
            Value::Null => request,
            body => request
                .header("content-type", "application/json")
                .body(body.to_string()),
        };
        request.send().await
    }

    /// Adds a fault that must be accepted.
    pub async fn fault(&self, fault: Value) {
        let (status, answer) = self.call("POST", "/_sim/faults", fault).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// The effects log over the wire.
    pub async fn effects(&self) -> Vec<Value> {
        let (_, effects) = self.call("GET", "/_sim/effects", Value::Null).await;
        effects.as_array().cloned().unwrap()
    }

    /// How often each fault fired.
    pub async fn fired(&self) -> Vec<u64> {
        let (_, faults) = self.call("GET", "/_sim/faults", json!(null)).await;
        faults
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| fault["fired"].as_u64().unwrap())
            .collect()
    }
}
