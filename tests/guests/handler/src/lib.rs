//! Does every call on QRadar work from a guest? Event: `{"steps": [{"do": "close", "offense": 7, "reason": "Non-Issue"}, …]}`; answers one object per
//! step: what the call answered, or the name of its error.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::{Error, WorkflowError, explain, name};
use synapse_guest::qradar::{
    AssetFilter, Assets as _, Closing as _, Handling as _, LogSources as _, Notes as _, Offense, OffenseFilter, QRadar,
    Reference as _, RuleFilter, SourceFilter, Status, System as _, TableKind, Visibility, closing_reason,
    remote_destinations,
};
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
enum Step {
    Reasons,
    Close {
        offense: u64,
        reason: String,
    },
    CloseWith {
        offense: u64,
        id: u64,
    },
    Notes {
        offense: u64,
    },
    Note {
        offense: u64,
        text: String,
        #[serde(default)]
        key: Option<String>,
    },
    Actors {
        offense: u64,
    },
    Assign {
        offense: u64,
        user: String,
    },
    FollowUp {
        offense: u64,
        on: bool,
    },
    Protect {
        offense: u64,
        on: bool,
    },
    Hide {
        offense: u64,
        on: bool,
    },
    Persisted {
        from: u64,
    },
    Remotes {
        offense: u64,
        n: usize,
    },
    Sets,
    Values {
        set: String,
    },
    Contains {
        set: String,
        values: Vec<String>,
    },
    Add {
        set: String,
        values: Vec<String>,
        #[serde(default)]
        domain: Option<u64>,
    },
    Remove {
        set: String,
        values: Vec<String>,
        #[serde(default)]
        domain: Option<u64>,
    },
    Map {
        name: String,
    },
    Asset {
        ip: String,
    },
    LogSources,
    Rules,
    Contributions {
        offense: u64,
    },
    Saved,
    RunSaved {
        id: u64,
        window: u64,
    },
    About,
    Service,
}

trait Host:
    Workflow
    + QRadar
    + synapse_guest::qradar::Closing
    + synapse_guest::qradar::Notes
    + synapse_guest::qradar::Handling
    + synapse_guest::qradar::Reference
    + synapse_guest::qradar::Assets
    + synapse_guest::qradar::LogSources
    + synapse_guest::qradar::System
{
}

impl<T> Host for T where
    T: Workflow
        + QRadar
        + synapse_guest::qradar::Closing
        + synapse_guest::qradar::Notes
        + synapse_guest::qradar::Handling
        + synapse_guest::qradar::Reference
        + synapse_guest::qradar::Assets
        + synapse_guest::qradar::LogSources
        + synapse_guest::qradar::System
{
}

fn run(host: &impl Host, params: Params) -> Result<Value, WorkflowError> {
    let console = host.console("qradar")?;
    let told = |answer: Result<Value, Error>| match answer {
        Ok(value) => value,
        Err(error) => json!({ "error": name(&error), "why": explain(&error) }),
    };
    Ok(params
        .steps
        .iter()
        .map(|step| told(perform(host, &console, step)))
        .collect())
}

fn perform<H: Host>(host: &H, console: &H::Console, step: &Step) -> Result<Value, Error> {
    Ok(match step {
        Step::Reasons => host
            .closing_reasons(console)?
            .iter()
            .map(|reason| json!([reason.id, reason.text, reason.reserved || reason.deleted]))
            .collect(),
        Step::Close { offense, reason } => {
            let reasons = host.closing_reasons(console)?;
            shown(&host.close_offense(console, *offense, closing_reason(&reasons, reason)?.id)?)
        }
        Step::CloseWith { offense, id } => shown(&host.close_offense(console, *offense, *id)?),
        Step::Notes { offense } => host
            .list_notes(console, *offense)?
            .iter()
            .map(|note| json!([note.author, note.text]))
            .collect(),
        Step::Note { offense, text, key } => {
            let note = host.add_note(console, *offense, text, key.as_deref())?;
            json!({ "id": note.id, "text": note.text })
        }
        Step::Actors { offense } => host
            .assignable_actors(console, *offense)?
            .iter()
            .map(|actor| json!(actor.name))
            .collect(),
        Step::Assign { offense, user } => shown(&host.assign(console, *offense, user)?),
        Step::FollowUp { offense, on } => shown(&host.set_follow_up(console, *offense, *on)?),
        Step::Protect { offense, on } => shown(&host.set_protected(console, *offense, *on)?),
        Step::Hide { offense, on } => {
            let status = if *on { Visibility::Hidden } else { Visibility::Open };
            shown(&host.set_status(console, *offense, status)?)
        }
        Step::Persisted { from } => {
            let filter = OffenseFilter {
                persisted_from: Some(*from),
                ..OffenseFilter::default()
            };
            host.list_offenses(console, &filter, None)?
                .offenses
                .iter()
                .map(|offense| json!(offense.id))
                .collect()
        }
        Step::Remotes { offense, n } => {
            let offense = host.get_offense(console, *offense)?;
            let window = (
                offense.start_time.saturating_sub(60_000),
                offense.last_updated_time.saturating_add(60_000),
            );
            remote_destinations(host, console, &offense, window, *n)?
                .iter()
                .map(|remote| json!([remote.ip, remote.events]))
                .collect()
        }
        other => inventory(host, console, other)?,
    })
}

fn inventory<H: Host>(host: &H, console: &H::Console, step: &Step) -> Result<Value, Error> {
    let each = |answers: Vec<Result<(), Error>>| -> Value {
        answers
            .iter()
            .map(|answer| {
                answer
                    .as_ref()
                    .map_or_else(|error| json!(name(error)), |()| json!("ok"))
            })
            .collect()
    };
    Ok(match step {
        Step::Sets => host
            .list_sets(console)?
            .iter()
            .map(|set| json!([set.name, set.count]))
            .collect(),
        Step::Values { set } => host
            .list_values(console, set, None)?
            .values
            .iter()
            .map(|value| json!(value.value))
            .collect(),
        Step::Contains { set, values } => json!(host.contains(console, set, values)?),
        Step::Add { set, values, domain } => each(host.add_values(console, set, values, *domain)),
        Step::Remove { set, values, domain } => each(host.remove_values(console, set, values, *domain)),
        Step::Map { name } => {
            let tables = host.list_tables(console, TableKind::Map)?.len();
            let entries = host.list_entries(console, TableKind::Map, name, None)?.entries;
            json!({ "tables": tables, "entries": entries.iter().map(|entry| json!([entry.keys, entry.value.value])).collect::<Vec<_>>() })
        }
        Step::Asset { ip } => {
            let filter = AssetFilter {
                ip: Some(ip.clone()),
                ..AssetFilter::default()
            };
            host.find_assets(console, &filter, None)?
                .assets
                .iter()
                .map(|asset| json!([asset.id, asset.hostnames]))
                .collect()
        }
        Step::LogSources => {
            let page = host.list_log_sources(console, &SourceFilter::default(), None)?;
            let types = host.log_source_types(console)?.len();
            let first = page
                .sources
                .first()
                .map(|source| host.get_log_source(console, source.id))
                .transpose()?;
            json!({ "sources": page.sources.len(), "types": types, "first": first.map(|source| source.name) })
        }
        Step::Rules => {
            let filter = RuleFilter {
                enabled: Some(true),
                type_: None,
                name_contains: None,
            };
            host.list_rules(console, &filter)?
                .iter()
                .map(|rule| json!(rule.id))
                .collect()
        }
        Step::Contributions { offense } => host
            .rule_contributions(console, *offense)?
            .iter()
            .map(|part| json!([part.rule_id, part.event_count]))
            .collect(),
        Step::Saved => host
            .saved_searches(console)?
            .iter()
            .map(|saved| json!([saved.id, saved.name]))
            .collect(),
        Step::RunSaved { id, window } => {
            let result = host.run_saved(console, *id, *window, 100)?;
            json!({ "columns": result.columns, "rows": result.rows.len() })
        }
        Step::About => {
            let release = host.about(console)?;
            json!([release.external_version, release.api_version])
        }
        Step::Service => json!(host.current_service(console)?.label),
        _ => Value::Null,
    })
}

fn shown(offense: &Offense) -> Value {
    let status = match offense.status {
        Status::Open => "open",
        Status::Hidden => "hidden",
        Status::Closed => "closed",
    };
    json!({
        "id": offense.id, "status": status, "reason": offense.closing_reason_id, "by": offense.closing_user,
        "assigned": offense.assigned_to, "follow-up": offense.follow_up, "protected": offense.protected,
    })
}
