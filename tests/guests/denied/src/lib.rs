//! What does a guest see that calls what nobody granted? Creates one alert and returns the answer.
//!
//! Event: `{"type": "...", "origin": "..."}` or nothing, for grants that are limited by scope.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::{Error, WorkflowError, explain, name};
use synapse_guest::thehive::{NewAlert, Pap, Severity, TheHive, Tlp};
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

#[derive(Deserialize)]
#[serde(default)]
struct Params {
    r#type: String,
    origin: String,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            r#type: "denied".to_owned(),
            origin: "thehive".to_owned(),
        }
    }
}

fn run(host: &(impl Workflow + TheHive), params: Option<Params>) -> Result<Value, WorkflowError> {
    let params = params.unwrap_or_default();
    let organisation = match host.organisation("thehive") {
        Ok(organisation) => organisation,
        Err(error) => return Ok(answer("open", &error)),
    };
    let alert = alert(params.r#type, host.now());
    Ok(
        match host.create_alerts(&organisation, &params.origin, &[alert]).remove(0) {
            Ok(alert) => json!({ "created": alert.id }),
            Err(error) => answer("create-alerts", &error),
        },
    )
}

fn answer(call: &str, error: &Error) -> Value {
    json!({ "call": call, "error": name(error), "text": explain(error) })
}

fn alert(type_: String, date: u64) -> NewAlert {
    let (title, description) = ("Must not exist".to_owned(), "Made by the guest `denied`.".to_owned());
    let (severity, tlp, pap) = (Severity::Low, Tlp::Red, Pap::Red);
    let (tags, custom_fields, observables) = (Vec::new(), Vec::new(), Vec::new());
    let (external_link, case_template, dedup_key, source_ref) = (None, None, None, "denied-1".to_owned());
    NewAlert {
        type_,
        source_ref,
        title,
        description,
        severity,
        date,
        tlp,
        pap,
        tags,
        external_link,
        case_template,
        custom_fields,
        observables,
        dedup_key,
    }
}
