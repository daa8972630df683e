//! How far does a request reach that a guest wrote itself? Event: `{"requests": [{"method": "get", "path": "/api/v1/case/~1", "body": null}]}`;
//! answers per request the status, or the name of the error.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::{WorkflowError, explain, name};
use synapse_guest::thehive::{Method, Raw, RawRequest, TheHive};
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    requests: Vec<Asked>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    method: Verb,
    path: String,
    body: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl From<Asked> for RawRequest {
    fn from(asked: Asked) -> Self {
        let method = match asked.method {
            Verb::Get => Method::Get,
            Verb::Post => Method::Post,
            Verb::Put => Method::Put,
            Verb::Patch => Method::Patch,
            Verb::Delete => Method::Delete,
        };
        Self {
            method,
            path: asked.path,
            body: asked.body,
        }
    }
}

fn run(host: &(impl Workflow + TheHive + Raw), params: Params) -> Result<Value, WorkflowError> {
    let hive = host.organisation("hive")?;
    let answers = params
        .requests
        .into_iter()
        .map(|asked| match host.request(&hive, &asked.into()) {
            Ok(answer) => json!({ "status": answer.status }),
            Err(error) => json!({ "error": name(&error), "why": explain(&error) }),
        });
    Ok(answers.collect())
}
