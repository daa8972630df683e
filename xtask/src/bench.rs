//! How fast is it, each number beside the floor measured in the same run?

mod load;
mod mail;
mod process;
mod report;
mod webhooks;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::stage::{self, Stage, text};
use crate::tempdir::TempDir;
use crate::{guests, proc, setup};
use load::{Load, Target};
use report::Report;

/// The profile that is measured.
const PROFILE: &str = "release";
/// Bytes of one read's answer.
const READ_BYTES: u64 = 512;
/// How long each load runs.
const LOAD_TIME: Duration = Duration::from_secs(8);
/// Offenses of the import.
const OFFENSES: u64 = 1_000;
/// Offenses before the first look at the server's memory.
const FIRST_OFFENSES: u64 = 100;

/// Builds the release profile, measures, and prints a table; with `--json FILE` also writes it.
pub fn run(args: &[&str]) -> Result<()> {
    let file = match args {
        [] => None,
        ["--json", file] => Some(PathBuf::from(file)),
        other => bail!("`{}` is unknown; use --json FILE", other.join(" ")),
    };
    setup::wasm()?;
    guests::run()?;
    println!("building the release profile (minutes, the first time)");
    proc::run(proc::cargo().args(["build", "--release", "--workspace", "--bins"]))?;
    let mut report = Report::default();
    start_time(&mut report)?;
    for callers in [16, 1] {
        reads(&mut report, callers)?;
    }
    import(&mut report)?;
    mail::measure(&mut report, PROFILE)?;
    webhooks::measure(&mut report, PROFILE)?;
    report.print();
    match file {
        Some(file) => report.write(&file),
        None => Ok(()),
    }
}

fn start_time(report: &mut Report) -> Result<()> {
    let printed = proc::run_quiet(&mut proc::command(stage::binary(PROFILE, "synapse-start-time")))?;
    let measured: Value = serde_json::from_str(printed.trim())?;
    let number = |name: &str| measured[name].as_f64().with_context(|| format!("no {name}"));
    report.add("empty_guest_start_us_p50", number("p50_us")?, "us", None);
    report.add("empty_guest_start_us_p99", number("p99_us")?, "us", None);
    Ok(())
}

/// Runs with ten journaled reads, triggered over HTTP, beside plain axum that writes the same rows.
fn reads(report: &mut Report, callers: usize) -> Result<()> {
    println!("runs with 10 reads, {callers} caller(s)");
    let body = json!({ "reads": 10, "size": READ_BYTES, "binding": "lab" }).to_string();
    let stage = Stage::start(PROFILE)?;
    stage.deploy(
        "reader",
        Path::new("tests/guests/reader/workflow.toml"),
        &json!({ "lab": "lab" }),
        &json!({}),
        64,
    )?;
    let ours = Load {
        target: Target {
            url: stage.url.clone(),
            path: format!("/t/{}/reader", stage::TENANT),
            key: Some(stage.key.clone()),
        },
        body: body.clone(),
        process: stage.server_id(),
    };
    let folder = TempDir::new("floor")?;
    let mut command = proc::command(stage::binary(PROFILE, "synapse-floor"));
    command
        .arg(folder.path())
        .arg(READ_BYTES.to_string())
        .stdout(Stdio::piped());
    let mut floor = proc::Guard::start("the floor", &mut command)?;
    let line: Value = serde_json::from_str(&floor.ready_line(Duration::from_secs(60))?)?;
    let target = Target {
        url: text(&line, "listening")?.to_owned(),
        path: "/run".to_owned(),
        key: None,
    };
    let plain = Load {
        target,
        body,
        process: floor.id(),
    };
    // Taken in turns, so that a busy moment of the machine hits both.
    let (mut run, mut bare) = (load::Measured::default(), load::Measured::default());
    for _ in 0..3 {
        bare.add(plain.measure(callers, LOAD_TIME / 3)?);
        run.add(ours.measure(callers, LOAD_TIME / 3)?);
    }
    let name = format!("runs_10_reads_c{callers}");
    report.add(&name, run.per_second(), "runs/s", Some(bare.per_second()));
    report.add(
        &format!("{name}_p50_ms"),
        run.quantile_ms(50),
        "ms",
        Some(bare.quantile_ms(50)),
    );
    report.add(
        &format!("{name}_p99_ms"),
        run.quantile_ms(99),
        "ms",
        Some(bare.quantile_ms(99)),
    );
    report.add(
        &format!("{name}_fsyncs_per_run"),
        run.commits_per_run(),
        "fsyncs",
        Some(bare.commits_per_run()),
    );
    report.add(
        &format!("{name}_cpu_ms_per_run"),
        run.cpu_ms_per_run(),
        "ms",
        Some(bare.cpu_ms_per_run()),
    );
    Ok(())
}

/// The main job on 1,000 offenses, and what the server's memory does meanwhile.
fn import(report: &mut Report) -> Result<()> {
    println!("importing {OFFENSES} offenses");
    let stage = Stage::start(PROFILE)?;
    let bindings = json!({ "qradar": "siem", "thehive": "hive" });
    stage.deploy(
        "qradar2alert",
        Path::new("workflows/qradar2alert/workflow.toml"),
        &bindings,
        &json!({}),
        1,
    )?;
    let idle = process::rss_mib(stage.server_id())?;
    report.add("server_rss_idle_mib", idle, "MiB", None);
    raise(&stage, 1, FIRST_OFFENSES)?;
    imported(&stage, FIRST_OFFENSES)?;
    let first = process::rss_mib(stage.server_id())?;
    report.add("server_rss_after_100_offenses_mib", first, "MiB", Some(idle));
    raise(&stage, FIRST_OFFENSES + 1, OFFENSES)?;
    let begin = Instant::now();
    imported(&stage, OFFENSES)?;
    let seconds = begin.elapsed().as_secs_f64();
    report.add(
        "import_1000_offenses_per_s",
        OFFENSES as f64 / seconds,
        "offenses/s",
        None,
    );
    report.add(
        "server_rss_after_1000_offenses_mib",
        process::rss_mib(stage.server_id())?,
        "MiB",
        Some(first),
    );
    Ok(())
}

fn raise(stage: &Stage, first_id: u64, offenses: u64) -> Result<()> {
    let wanted = json!({ "offenses": offenses, "events_per_offense": 3, "age_ms": 0, "first_id": first_id });
    stage::expect(
        200,
        "POST",
        &format!("{}/_sim/qradar/generate", stage.simulator("qradar")?),
        Some(&wanted),
    )
    .map(drop)
}

fn imported(stage: &Stage, offenses: u64) -> Result<()> {
    let run = stage.run("qradar2alert", &json!({ "timerange": 60 }))?;
    let created = run["answer"]["created"].as_u64();
    ensure!(
        created == Some(offenses),
        "{created:?} of {offenses} created: {}",
        run["problem"]
    );
    Ok(())
}
