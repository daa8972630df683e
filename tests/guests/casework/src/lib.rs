//! Does each of three new kinds of writes happen once, whatever happens? Event: `{"case": "~1", "merge": "~2", "delete": "~3"}`; returns what
//! came of each.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::WorkflowError;
use synapse_guest::thehive::{Cases, NewProcedure, Owner, Procedures, TheHive};
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    case: String,
    merge: String,
    delete: String,
}

fn run(host: &(impl Workflow + TheHive + Cases + Procedures), params: Params) -> Result<Value, WorkflowError> {
    let hive = host.organisation("hive")?;
    let case = host.merge_alert(&hive, &params.merge, &params.case)?;
    let seen = NewProcedure {
        pattern_id: "T1566".to_owned(),
        occurred_at: case.start_date,
        tactic: None,
        description: Some("A mail".to_owned()),
        dedup_key: None,
    };
    let mut made = host.create_procedures(&hive, &Owner::Case(case.id.clone()), &[seen]);
    let technique = made.remove(0)?;
    host.delete_alerts(&hive, &[params.delete]).remove(0)?;
    Ok(json!({ "case": case.number, "technique": technique.id }))
}
