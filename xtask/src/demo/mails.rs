//! Does a reported mail become one case with its evidence, and does the answer to it land in the same case?

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;

use super::{now_ms, told};
use crate::paths;
use crate::stage::{self, ANALYST, MAILBOX, Stage};

/// Deploys the workflow, delivers a report and a colleague's answer to it, and looks at the folder after each, and once more.
pub fn show(stage: &Stage) -> Result<Vec<Value>> {
    println!();
    let manifest = Path::new("workflows/ews2case/workflow.toml");
    let bindings = json!({ "mailbox": "mail", "thehive": "hive" });
    // An analyst has a minute to categorise what she dragged into the folder; a demo does not wait for her.
    told::deployed(stage, "ews2case", manifest, &bindings, &json!({ "settle_seconds": 0 }))?;
    let mut runs = Vec::new();
    println!("\na user's report is dragged into the folder and given to Alice:");
    deliver(stage, "report.eml", &["alice"])?;
    runs.push(told::run(stage, "ews2case", &json!({}))?);
    println!("\na colleague answers:");
    deliver(stage, "answer.eml", &["alice"])?;
    runs.push(told::run(stage, "ews2case", &json!({}))?);
    println!("\nand once more:");
    let before = changes(stage)?;
    runs.push(told::run(stage, "ews2case", &json!({}))?);
    ensure!(
        changes(stage)? == before,
        "the third look at the folder changed something"
    );
    check(&runs, stage)?;
    Ok(runs)
}

/// Puts a mail into the watched folder, as if it came now.
fn deliver(stage: &Stage, file: &str, categories: &[&str]) -> Result<()> {
    let path = paths::root().join("tests/simulators/fixtures/mail").join(file);
    let eml = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let message = json!({
        "mailbox": MAILBOX, "folder": "Inbox/TheHive", "eml": eml, "received_at": now_ms()?, "categories": categories,
    });
    let url = format!("{}/_sim/ews/messages", stage.simulator("ews")?);
    stage::expect(204, "POST", &url, Some(&message)).map(drop)
}

/// How many changes TheHive and Exchange accepted so far.
fn changes(stage: &Stage) -> Result<usize> {
    let count = |name| anyhow::Ok(stage.effects(name)?.as_array().map_or(0, Vec::len));
    Ok(count("thehive")? + count("ews")?)
}

/// It shows what it claims, or fails: one case, Alice's, with a log for each mail and the four pieces of evidence.
fn check(runs: &[Value], stage: &Stage) -> Result<()> {
    ensure!(
        runs.iter().all(|run| run["status"] == "succeeded"),
        "a look at the folder did not succeed"
    );
    let effects = stage.effects("thehive")?;
    let made = |is: &dyn Fn(&str) -> bool| {
        let all = effects.as_array().into_iter().flatten();
        all.filter(|effect| effect["method"] == "POST" && effect["path"].as_str().is_some_and(is))
            .cloned()
            .collect::<Vec<_>>()
    };
    let cases = made(&|path| path == "/api/v1/case");
    ensure!(
        cases.len() == 1 && cases[0]["body"]["assignee"] == ANALYST,
        "one case of {ANALYST}, not {cases:?}"
    );
    let logs = made(&|path| path.ends_with("/log"));
    ensure!(logs.len() == 2, "a log for each of the two mails, not {logs:?}");
    println!("\none case in TheHive, Alice's, with both mails and the evidence; the third look changed nothing");
    Ok(())
}
