//! What does the product do, shown on recorded offenses against the simulators?

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::stage::{self, Stage, text};
use crate::{guests, paths, proc, setup};

/// What was asked for.
#[derive(Default)]
struct Options {
    once: bool,
    json: Option<PathBuf>,
}

/// Installs, builds, runs the workflows twice, and says what happened. Without `--once` the server stays up.
pub fn run(args: &[&str]) -> Result<()> {
    let options = parse(args)?;
    setup::wasm()?;
    guests::run()?;
    println!("building the server and the simulators");
    proc::run(proc::cargo().args(["build", "--workspace", "--bins"]))?;
    let stage = Stage::start("debug")?;
    println!("\nserver {}   simulators {}", stage.url, stage.simulators);
    let manifest = Path::new("workflows/qradar2alert/workflow.toml");
    let bindings = json!({ "qradar": "siem", "thehive": "hive" });
    let deployed = stage.deploy("qradar2alert", manifest, &bindings, 1)?;
    println!(
        "deployed qradar2alert version {}; it acts on nothing that is older than now",
        deployed["version"]
    );
    raise_recorded_offenses(&stage)?;
    let mut runs = Vec::new();
    for pass in ["first", "second"] {
        println!("\n{pass} import of the last hour's offenses:");
        runs.push(import(&stage)?);
    }
    let effects = json!({ "thehive": stage.effects("thehive")?, "qradar": stage.effects("qradar")?, "ews": [] });
    if let Some(path) = &options.json {
        let report = json!({ "runs": runs, "effects": effects });
        std::fs::write(path, serde_json::to_string_pretty(&report)?)
            .with_context(|| format!("writing {}", path.display()))?;
    }
    check(&runs, &effects)?;
    if options.once {
        return Ok(());
    }
    println!("\nthe server stays up at {}; operator key {}", stage.url, stage.key);
    println!(
        "  runs: curl -H 'Authorization: Bearer {}' {}/v1/tenants/{}/runs",
        stage.key,
        stage.url,
        stage::TENANT
    );
    println!(
        "  the original's route: curl -X POST -H 'Content-Type: application/json' -d '{{\"timerange\": 60}}' {}/QRadar2alert",
        stage.url
    );
    println!("press Ctrl-C to stop");
    loop {
        std::thread::park();
    }
}

fn parse(args: &[&str]) -> Result<Options> {
    let mut options = Options::default();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match *word {
            "--once" => options.once = true,
            "--json" => options.json = Some(PathBuf::from(words.next().context("--json needs a file")?)),
            other => bail!("`{other}` is unknown; use --once and --json FILE"),
        }
    }
    Ok(options)
}

/// Loads the recorded offenses with each one's last event moved to now: they are years old, and the deployment acts on nothing old.
fn raise_recorded_offenses(stage: &Stage) -> Result<()> {
    let recorded = paths::root().join("tests/simulators/fixtures/qradar-recorded.json");
    let mut state: Value = serde_json::from_slice(&std::fs::read(recorded)?)?;
    let now = now_ms()?;
    let mut moved = std::collections::BTreeMap::new();
    for offense in state["offenses"].as_array_mut().context("offenses")? {
        let by = now - offense["last_updated_time"].as_i64().context("last_updated_time")?;
        moved.insert(offense["id"].as_i64(), by);
        shift(
            offense,
            by,
            &[
                "start_time",
                "last_updated_time",
                "first_persisted_time",
                "last_persisted_time",
                "close_time",
            ],
        );
    }
    for event in state["events"].as_array_mut().into_iter().flatten() {
        if let Some(by) = moved.get(&event["offense_id"].as_i64()) {
            shift(event, *by, &["starttime", "devicetime", "endtime"]);
        }
    }
    stage::expect(
        204,
        "PUT",
        &format!("{}/_sim/state", stage.simulator("qradar")?),
        Some(&state),
    )?;
    println!("QRadar raises {} recorded offenses", moved.len());
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a task of the developer's machine, not of the platform"
)]
fn now_ms() -> Result<i64> {
    Ok(i64::try_from(
        SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis(),
    )?)
}

fn shift(object: &mut Value, by: i64, fields: &[&str]) {
    for field in fields {
        if let Some(time) = object.get(*field).and_then(Value::as_i64) {
            object[*field] = json!(time + by);
        }
    }
}

/// One run of the import, told in an analyst's words.
fn import(stage: &Stage) -> Result<Value> {
    let run = stage.run("qradar2alert", &json!({ "timerange": 60 }))?;
    let id = text(&run, "id")?;
    let journal = stage.api(
        "GET",
        &format!("/v1/tenants/{}/runs/{id}/journal", stage::TENANT),
        &[],
        None,
    )?;
    let calls = journal["calls"].as_array().context("calls")?;
    let writes = calls
        .iter()
        .filter(|call| matches!(call["class"].as_str(), Some("keyed" | "probe" | "opaque")))
        .count();
    println!(
        "  run {id}: {}, {} calls, {writes} of them writes",
        text(&run, "state")?,
        calls.len()
    );
    for scanned in journal["report"]["scanned"].as_array().into_iter().flatten() {
        println!(
            "  looked at {} offense(s), {}",
            scanned["count"],
            text(scanned, "window")?
        );
    }
    for item in journal["report"]["items"].as_array().into_iter().flatten() {
        println!(
            "  {:8} {}: {}",
            text(item, "verdict")?,
            text(item, "subject")?,
            text(item, "reason")?
        );
    }
    Ok(json!({
        "workflow": "qradar2alert",
        "status": run["state"],
        "answer": run["answer"],
        "calls": calls.len(),
        "writes": writes,
    }))
}

/// The demo shows what it claims, or fails: every offense once, and nothing the second time.
fn check(runs: &[Value], effects: &Value) -> Result<()> {
    let created: u64 = runs.iter().filter_map(|run| run["answer"]["created"].as_u64()).sum();
    let alerts = effects["thehive"].as_array().map_or(0, Vec::len) as u64;
    let again = runs.last().and_then(|run| run["answer"]["created"].as_u64());
    if runs.iter().any(|run| run["status"] != "succeeded") || created == 0 || alerts != created || again != Some(0) {
        bail!("the demo did not do what it shows: {created} created, {alerts} alerts, {again:?} in the second import");
    }
    println!("\n{alerts} alerts in TheHive, each once; the second import created nothing and said why");
    Ok(())
}
