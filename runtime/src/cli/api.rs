//! How does the command line speak to the server?

use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

use super::Server;

/// Longest time for an answer; waiting for runs is added by the caller.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client of the server's API.
pub struct Api {
    http: reqwest::Client,
    url: String,
    key: Option<String>,
}

impl Api {
    /// A client with the given key; `wait` is added to the patience.
    pub fn new(server: &Server, wait: Duration) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE.saturating_add(wait))
            .build()
            .context("the HTTP client cannot be made")?;
        let key = match (&server.key, &server.key_file) {
            (Some(key), _) => Some(key.clone()),
            (None, Some(path)) => {
                let text =
                    std::fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
                Some(text.trim().to_owned())
            }
            (None, None) => None,
        };
        Ok(Self {
            http,
            url: server.url.trim_end_matches('/').to_owned(),
            key,
        })
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(self.http.get(format!("{}{path}", self.url))).await
    }

    /// Deletes.
    pub async fn delete(&self, path: &str) -> anyhow::Result<Value> {
        self.send(self.http.delete(format!("{}{path}", self.url))).await
    }

    /// Sends JSON, with headers.
    pub async fn post(&self, path: &str, body: &Value, headers: &[(&str, String)]) -> anyhow::Result<Value> {
        let mut request = self.http.post(format!("{}{path}", self.url)).json(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.send(request).await
    }

    /// Sends JSON in place of what is there.
    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(self.http.put(format!("{}{path}", self.url)).json(body)).await
    }

    /// Sends bytes.
    pub async fn upload(&self, path: &str, bytes: Vec<u8>) -> anyhow::Result<Value> {
        self.send(
            self.http
                .put(format!("{}{path}", self.url))
                .header("content-type", "application/wasm")
                .body(bytes),
        )
        .await
    }

    async fn send(&self, mut request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("the server at {} does not answer; is it running?", self.url))?;
        let status = response.status();
        let text = response.text().await.context("the answer was cut off")?;
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
        if status.is_success() {
            return Ok(body);
        }
        let detail = body.get("detail").and_then(Value::as_str).unwrap_or("no explanation");
        anyhow::bail!("{detail} ({status})")
    }
}
