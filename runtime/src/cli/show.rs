//! How does a run look to a person? In an analyst's words, from the API's JSON.

use std::fmt::Write as _;

use serde_json::Value;
use synapse_domain::ids::TenantId;

/// Report items and calls shown before the rest is only counted.
const SHOWN: usize = 40;

pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("")
}

pub(super) fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A moment, as UTC.
fn moment(value: &Value, name: &str) -> String {
    let milliseconds = value.get(name).and_then(Value::as_i64);
    let moment = milliseconds.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    moment.map_or_else(
        || "-".to_owned(),
        |moment| moment.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
    )
}

/// A run with its journal: what was scanned, what became of each item, which calls were made, and what went wrong.
pub fn run(run: &Value, journal: &Value) -> String {
    let mut out = String::new();
    let line = |out: &mut String, text: std::fmt::Arguments<'_>| {
        out.write_fmt(text).ok();
        out.push('\n');
    };
    line(
        &mut out,
        format_args!(
            "run {} of {}: {}",
            text(run, "id"),
            text(run, "deployment"),
            text(run, "state")
        ),
    );
    if let Some(why) = waits(run) {
        line(&mut out, format_args!("  {why}"));
    }
    if let Some(problem) = run.get("problem") {
        line(
            &mut out,
            format_args!("  why: {} ({})", text(problem, "message"), text(problem, "code")),
        );
        if let Some(detail) = problem.get("detail") {
            line(&mut out, format_args!("  detail: {detail}"));
        }
    }
    let report = journal.get("report").cloned().unwrap_or_default();
    for scanned in items(&report, "scanned") {
        line(
            &mut out,
            format_args!(
                "  scanned {} in {}",
                scanned.get("count").unwrap_or(&Value::Null),
                text(scanned, "window")
            ),
        );
    }
    let all = items(&report, "items");
    for item in all.iter().take(SHOWN) {
        line(
            &mut out,
            format_args!(
                "  {:8} {}: {}",
                text(item, "verdict"),
                text(item, "subject"),
                text(item, "reason")
            ),
        );
    }
    if all.len() > SHOWN {
        line(&mut out, format_args!("  ... and {} more", all.len() - SHOWN));
    }
    let calls = items(journal, "calls");
    line(
        &mut out,
        format_args!("  {} call(s){}", calls.len(), if calls.is_empty() { "" } else { ":" }),
    );
    for call in calls.iter().take(SHOWN) {
        let item = call
            .get("item")
            .and_then(Value::as_u64)
            .filter(|item| *item > 0)
            .map_or(String::new(), |item| format!(".{item}"));
        let ok = call
            .get("ok")
            .and_then(Value::as_bool)
            .map_or("", |ok| if ok { "ok" } else { "error" });
        let call_number = call.get("call").unwrap_or(&Value::Null);
        line(
            &mut out,
            format_args!(
                "    {call_number}{item} {} {} {ok}",
                text(call, "operation"),
                text(call, "how")
            ),
        );
    }
    if calls.len() > SHOWN {
        line(&mut out, format_args!("    ... and {} more", calls.len() - SHOWN));
    }
    for entry in items(journal, "log").iter().take(SHOWN) {
        line(
            &mut out,
            format_args!("  log {}: {}", text(entry, "level"), text(entry, "message")),
        );
    }
    out.trim_end().to_owned()
}

/// Until when a waiting run waits: it sleeps, or something kept it from going on.
fn waits(run: &Value) -> Option<String> {
    run.get("wake_at")?;
    let verb = if run.get("problem").is_some() {
        "waits"
    } else {
        "sleeps"
    };
    Some(format!("{verb} until {}", moment(run, "wake_at")))
}

/// What is held back.
pub fn pauses(list: &Value) -> String {
    let mut rows = vec![format!("{:20}  {:16}  {}", "SINCE", "BY", "WHAT AND WHY")];
    for pause in items(list, "pauses") {
        let named = ["connection", "deployment", "trigger"].map(|name| (name, text(pause, name)));
        let named: Vec<_> = named
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        let what = if named.is_empty() {
            "everything".to_owned()
        } else {
            named.join(", ")
        };
        let until = pause
            .get("until")
            .map_or(String::new(), |_| format!(" until {}", moment(pause, "until")));
        let why = text(pause, "why");
        rows.push(format!(
            "{:20}  {:16}  {what}{until}: {why}",
            moment(pause, "at"),
            text(pause, "by")
        ));
    }
    rows.join("\n")
}

/// What a redrive did, or would do.
pub fn redriven(done: &Value, dry_run: bool) -> String {
    let mut rows = Vec::new();
    let verb = if dry_run { "would go on" } else { "goes on" };
    for item in items(done, "items") {
        let (run, event, refused) = (text(item, "run"), text(item, "event"), text(item, "refused"));
        rows.push(match (event.is_empty(), refused.is_empty()) {
            (_, false) => format!("run {run} is left alone: {refused}"),
            (true, true) => format!(
                "run {run} {verb} from call {}",
                item.get("from").unwrap_or(&Value::Null)
            ),
            (false, true) if dry_run => format!("event {event} would start a run"),
            (false, true) => format!("event {event} started run {run}"),
        });
    }
    if rows.is_empty() {
        rows.push("nothing to take up again".to_owned());
    }
    if done.get("more").and_then(Value::as_bool) == Some(true) {
        rows.push("there are more: ask again".to_owned());
    }
    rows.join("\n")
}

/// When a deployment's schedules fire next, one line each.
fn fires(deployed: &Value) -> String {
    let mut lines = String::new();
    for trigger in items(deployed, "triggers") {
        let next: Vec<_> = items(trigger, "next")
            .iter()
            .map(|time| moment(&serde_json::json!({ "t": time }), "t"))
            .collect();
        if !next.is_empty() {
            lines.push_str(&format!(
                "\n  schedule `{}` fires at {}",
                text(trigger, "name"),
                next.join(", ")
            ));
        }
    }
    lines
}

/// A list of runs.
pub fn runs(list: &Value) -> String {
    let mut rows = vec![format!(
        "{:36}  {:20}  {:10}  {}",
        "RUN", "CREATED", "STATE", "DEPLOYMENT"
    )];
    for run in items(list, "runs") {
        let created = moment(run, "created_at");
        let why = waits(run).map_or(String::new(), |why| format!("  ({why})"));
        rows.push(format!(
            "{:36}  {created:20}  {:10}  {}{why}",
            text(run, "id"),
            text(run, "state"),
            text(run, "deployment")
        ));
    }
    rows.join("\n")
}

/// A list of events.
pub fn events(list: &Value) -> String {
    let mut rows = vec![format!(
        "{:36}  {:20}  {:8}  {:16}  {}",
        "EVENT", "RECEIVED", "STATE", "WHAT", "RUNS OR REASON"
    )];
    for event in items(list, "events") {
        let runs: Vec<_> = items(event, "runs")
            .iter()
            .map(|run| {
                format!(
                    "{} {} ({})",
                    text(run, "deployment"),
                    text(run, "run"),
                    text(run, "state")
                )
            })
            .collect();
        let what = if runs.is_empty() {
            text(event, "reason").to_owned()
        } else {
            runs.join(", ")
        };
        rows.push(format!(
            "{:36}  {:20}  {:8}  {:16}  {what}",
            text(event, "id"),
            moment(event, "received_at"),
            text(event, "state"),
            text(event, "event"),
        ));
    }
    rows.join("\n")
}

/// A list of keys.
pub fn keys(list: &Value) -> String {
    let mut rows = vec![format!("{:16}  {:12}  {:20}  {}", "KEY", "TENANT", "CREATED", "SCOPES")];
    for key in items(list, "keys") {
        let scopes: Vec<_> = items(key, "scopes").iter().filter_map(Value::as_str).collect();
        let tenant = key.get("tenant").and_then(Value::as_str).unwrap_or("-");
        let gone = if key.get("revoked_at").is_some_and(|at| !at.is_null()) {
            " (revoked)"
        } else {
            ""
        };
        rows.push(format!(
            "{:16}  {tenant:12}  {:20}  {}{gone}",
            text(key, "id"),
            moment(key, "created_at"),
            scopes.join(" ")
        ));
    }
    rows.join("\n")
}

/// A deployment that was just made.
pub fn deployment(tenant: &TenantId, deployed: &Value) -> String {
    let bindings = deployed.get("bindings").cloned().unwrap_or_default();
    let grants: Vec<_> = items(deployed, "grants")
        .iter()
        .map(|grant| {
            let operations: Vec<_> = items(grant, "operations").iter().filter_map(Value::as_str).collect();
            format!("  may {} through `{}`", operations.join(", "), text(grant, "binding"))
        })
        .collect();
    format!(
        "deployed `{}` version {} for tenant `{tenant}`\n  bindings {bindings}\n{}\n  live since {}: nothing older is acted on{}",
        text(deployed, "name"),
        deployed.get("version").unwrap_or(&Value::Null),
        grants.join("\n"),
        moment(deployed, "go_live"),
        fires(deployed),
    )
}
