//! Do offenses as a real console recorded them become the alerts that an analyst expects?

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::{Deployment, World};

use crate::support::{self, IMPORT, alert, import, load_console, texts};

const RECORDED: &str = include_str!("../simulators/fixtures/qradar-recorded.json");
/// The description of the offense with the most to tell; `UPDATE_GOLDEN=1` writes it anew.
const GOLDEN: &str = "recorded-offense-450.md";

fn shift(object: &mut Value, names: &[&str], by: i64) {
    for name in names {
        if let Some(time) = object[*name].as_i64().filter(|time| *time > 0) {
            object[*name] = json!(time + by);
        }
    }
}

/// The recorded state with every offense, and its events, moved so that it was last updated now.
fn fresh(now: i64) -> anyhow::Result<Value> {
    let mut state: Value = serde_json::from_str(RECORDED)?;
    merge_off(&mut state, "shift_to_now");
    let mut moved = Vec::new();
    for offense in state["offenses"].as_array_mut().context("offenses")? {
        let by = now - offense["last_updated_time"].as_i64().context("last_updated_time")?;
        shift(
            offense,
            &[
                "start_time",
                "last_updated_time",
                "first_persisted_time",
                "last_persisted_time",
                "close_time",
            ],
            by,
        );
        offense["status"] = json!("OPEN");
        moved.push((offense["id"].as_i64(), by));
    }
    for event in state["events"].as_array_mut().context("events")? {
        let by = moved
            .iter()
            .find(|(id, _)| *id == event["offense_id"].as_i64())
            .context("an event without an offense")?
            .1;
        shift(event, &["starttime", "endtime", "devicetime", "storagetime"], by);
    }
    Ok(state)
}

fn merge_off(state: &mut Value, name: &str) {
    if let Some(state) = state.as_object_mut() {
        state.remove(name);
    }
}

/// Moments become `<time>`: they are those of the test's run.
fn timeless(text: &str) -> String {
    const SHAPE: &str = "0000-00-00 00:00:00 UTC";
    let is_moment = |at: &str| {
        at.len() >= SHAPE.len()
            && at.bytes().zip(SHAPE.bytes()).all(|(byte, wanted)| {
                if wanted == b'0' {
                    byte.is_ascii_digit()
                } else {
                    byte == wanted
                }
            })
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if is_moment(rest) {
            out.push_str("<time>");
            rest = &rest[SHAPE.len()..];
        } else {
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    out
}

fn observables(alert: &Value) -> Vec<String> {
    let all = alert["observables"].as_array().into_iter().flatten();
    all.map(|one| {
        format!(
            "{} {}",
            one["dataType"].as_str().unwrap_or_default(),
            one["data"].as_str().unwrap_or_default()
        )
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_offenses_become_alerts_with_title_observables_and_evidence() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    load_console(&world.qradar, fresh(support::now(&world))?)?;
    let run = import(&world).await?;
    assert_eq!(
        (&run["state"], &run["answer"]["success"]),
        (&json!("succeeded"), &json!(true)),
        "{run:#}"
    );
    assert_eq!(run["answer"]["created"], run["answer"]["scanned"], "{run:#}");

    let titles = [
        (15, "#15 Multiple Login Failures for the Same User"),
        (16, "#16 Session Closed"),
        (450, "#450 Outbound port scan"),
    ];
    assert_eq!(run["answer"]["created"], titles.len());
    for (id, title) in titles {
        let alert = alert(&world, id)?;
        assert_eq!(alert["title"], title);
        assert_eq!(
            (&alert["type"], &alert["source"], &alert["sourceRef"]),
            (&json!("QRadar"), &json!("siem-acme"), &json!(id.to_string()))
        );
        assert_eq!((&alert["tlp"], &alert["pap"]), (&json!(2), &json!(2)));
        let link = alert["externalLink"].as_str().unwrap_or_default();
        assert!(
            link.starts_with(&world.qradar.url()) && link.ends_with(&id.to_string()),
            "{link}"
        );
        let tags = texts(&alert["tags"]);
        assert!(
            tags.contains(&"QRadar") && tags.contains(&"Offense") && tags.contains(&format!("offense:{id}").as_str()),
            "{tags:?}"
        );
        assert!(
            tags.iter().any(|tag| tag.starts_with("rule:")) && tags.iter().any(|tag| tag.starts_with("log-source:")),
            "{tags:?}"
        );
    }
    let scan = alert(&world, 450)?;
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("e2e/golden")
        .join(GOLDEN);
    let shown = timeless(scan["description"].as_str().unwrap_or_default());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &shown)?;
    }
    let expected =
        std::fs::read_to_string(&golden).context("no golden file; run with UPDATE_GOLDEN=1 and read what it wrote")?;
    assert_eq!(
        shown, expected,
        "if the new text is meant, run with UPDATE_GOLDEN=1 and read the difference"
    );
    assert_eq!(
        observables(&alert(&world, 15)?),
        ["other user-a", "ip 192.168.0.1", "ip 192.168.0.7"]
    );
    assert_eq!(
        observables(&alert(&world, 16)?),
        ["ip 198.51.100.122", "ip 192.168.0.1"]
    );
    // The remote destinations come from the events; QRadar has no list of them.
    let expected = [
        "ip 198.51.100.1",
        "ip 203.0.113.10",
        "ip 203.0.113.11",
        "ip 192.168.1.14",
    ];
    assert_eq!(observables(&scan), expected);
    world.finish().await
}
