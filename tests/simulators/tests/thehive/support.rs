//! What do the tests of the TheHive simulator share? A state with two organisations, short calls, and multipart bodies.

#[path = "../support/mod.rs"]
mod http;

pub use http::{Peer, any};
use serde_json::{Value, json};
use synapse_sim::start;

pub const KEY: &str = "Bearer k-soc";

fn state() -> Value {
    json!({
        "organisations": ["soc", "other"],
        "users": [
            {"login": "synapse@soc.test", "key": "k-soc", "organisations": ["soc", "other"]},
            {"login": "reader@soc.test", "key": "k-reader", "organisations": ["soc"], "profile": "read-only"},
        ],
        "custom_fields": [{"name": "synapse-ref", "type": "string", "group": "default", "description": "marker"}],
    })
}

pub async fn hive_with(more: &Value) -> Peer {
    let mut state = state();
    state
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().cloned().unwrap());
    Peer::new(start::thehive(any(), Some(state)).await.unwrap(), Some(KEY))
}

pub async fn hive() -> Peer {
    hive_with(&json!({})).await
}

pub fn alert(reference: impl std::fmt::Display) -> Value {
    json!({"type": "qradar", "source": "console", "sourceRef": reference.to_string(), "title": "t", "description": "d"})
}

pub fn with(mut one: Value, more: &Value) -> Value {
    one.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    one
}

/// The id of an entity or of the first of a list.
pub fn id(entity: &Value) -> String {
    let entity = entity.get(0).unwrap_or(entity);
    entity["_id"]
        .as_str()
        .unwrap_or_else(|| panic!("no _id in {entity}"))
        .to_owned()
}

/// The values of one member in a list.
pub fn each<'a>(list: &'a Value, member: &str) -> Vec<&'a Value> {
    list.as_array().unwrap().iter().map(|one| &one[member]).collect()
}

impl Peer {
    pub async fn create(&self, alert: Value) -> Value {
        self.made("/api/v1/alert", alert).await
    }

    /// Posts what must be created.
    pub async fn made(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call("POST", path, body).await;
        assert_eq!(status, 201, "{path}: {answer}");
        answer
    }

    pub async fn case(&self) -> String {
        id(&self
            .made("/api/v1/case", json!({"title": "c", "description": "d"}))
            .await)
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.call("GET", path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub async fn query(&self, steps: Value) -> Value {
        let (status, body) = self.call("POST", "/api/v1/query", json!({"query": steps})).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub async fn count(&self) -> Value {
        self.query(json!([{"_name": "listAlert"}, {"_name": "count"}])).await
    }

    /// Posts a multipart form.
    pub async fn upload(&self, path: &str, form: &Form) -> (u16, Value) {
        let request = self.request("POST", path);
        let request = request.header("content-type", "multipart/form-data; boundary=b-o-u-n-d");
        let response = request.body(form.body()).send().await.unwrap();
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or(Value::Null),
        )
    }
}

/// A multipart form, written by hand so that tests decide about every header.
#[derive(Default)]
pub struct Form(Vec<u8>);

impl Form {
    /// A plain field.
    pub fn field(self, name: &str, value: &Value) -> Self {
        self.part(&format!("name=\"{name}\""), "", value.to_string().as_bytes())
    }

    /// A file with a content type.
    pub fn file(self, part: &str, name: &str, content: &[u8]) -> Self {
        self.part(
            &format!("name=\"{part}\"; filename=\"{name}\""),
            "Content-Type: text/plain\r\n",
            content,
        )
    }

    /// A part with these parameters of its disposition and these further headers.
    pub fn part(mut self, disposition: &str, headers: &str, content: &[u8]) -> Self {
        let head = format!("--b-o-u-n-d\r\nContent-Disposition: form-data; {disposition}\r\n{headers}\r\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(content);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    pub fn body(&self) -> Vec<u8> {
        [self.0.as_slice(), b"--b-o-u-n-d--\r\n"].concat()
    }
}
