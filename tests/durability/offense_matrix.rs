//! Is an offense noted, marked and closed exactly once, and a value added once, at whichever call of the run the process dies? (issue 4, line 3)

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_domain::failpoint::POINTS;
use synapse_tests::{Deployment, World, siem_token};

use crate::kill::{Passed, carry_on, environment, fresh_log, kill_at, passed};
use crate::targets::{self, TENANT};

const GUEST: &str = "handler";
const SET: &str = "Closed";
/// Worlds that go through the rows side by side: a row mostly waits until its effect may be settled.
const LANES: usize = 6;

/// What a closing workflow does to an offense: note, mark, remember, close.
fn steps(offense: usize) -> Value {
    json!({ "steps": [
        { "do": "note", "offense": offense, "text": format!("closed in TheHive, case {offense}") },
        { "do": "follow-up", "offense": offense, "on": true },
        { "do": "add", "set": SET, "values": [format!("offense {offense}")] },
        { "do": "close", "offense": offense, "reason": "False-Positive, Tuned" },
    ] })
}

/// A world with so many offenses, 1 and up.
async fn world(offenses: usize) -> anyhow::Result<World> {
    let world = World::with(targets::narrow(4)).await?;
    let rows: Vec<Value> = (1..=offenses)
        .map(|id| json!({ "id": id, "status": "OPEN", "domain_id": 0, "start_time": 1_600_000_000_000u64, "last_updated_time": 1_600_000_000_000u64 }))
        .collect();
    let state = json!({
        "tokens": [{ "token": siem_token(TENANT), "label": TENANT, "domain_ids": [0] }],
        "offenses": rows,
        "reference_sets": [{ "name": SET, "element_type": "ALN" }],
    });
    world.qradar.target.load(state).map_err(anyhow::Error::msg)?;
    world.deploy(Deployment::of(GUEST)).await?;
    Ok(world)
}

/// How often each point is passed in a run that nobody disturbs.
async fn undisturbed() -> anyhow::Result<Passed> {
    let mut world = world(1).await?;
    let log = fresh_log(&world)?;
    world.restart(&environment(None, &log)).await?;
    let run = world.run(TENANT, GUEST, steps(1)).await?;
    anyhow::ensure!(run["state"] == "succeeded", "{run:#}");
    settled(&world, &run, 1)?;
    let passed = passed(&log)?;
    world.finish().await?;
    Ok(passed)
}

/// The offense has one note, is closed by us with the reason, and was closed by one request; the set has the value once; and the run knows.
fn settled(world: &World, run: &Value, offense: usize) -> anyhow::Result<()> {
    let dump = world.qradar.target.dump();
    let rows = |key: &str| dump[key].as_array().cloned().unwrap_or_default();
    let notes: Vec<Value> = rows("notes")
        .into_iter()
        .filter(|note| note["offense_id"] == json!(offense))
        .collect();
    anyhow::ensure!(notes.len() == 1, "{} notes: {notes:#?}", notes.len());
    let row = rows("offenses")
        .into_iter()
        .find(|row| row["id"] == json!(offense))
        .context("gone")?;
    let closed = json!(["CLOSED", 2, format!("API_user: {TENANT}"), true]);
    let is = json!([
        row["status"],
        row["closing_reason_id"],
        row["closing_user"],
        row["follow_up"]
    ]);
    anyhow::ensure!(is == closed, "{is}");
    let value = format!("offense {offense}");
    let kept = rows("set_entries")
        .iter()
        .filter(|entry| entry["value"] == json!(value))
        .count();
    anyhow::ensure!(kept == 1, "{kept} values");
    let path = format!("/api/siem/offenses/{offense}");
    let effects = world.qradar.control.effects(0);
    let count =
        |wanted: &dyn Fn(&synapse_sim::control::Effect) -> bool| effects.iter().filter(|effect| wanted(effect)).count();
    let closings = count(&|effect| effect.path == path && effect.body["status"] == "CLOSED");
    let written = count(&|effect| effect.path == format!("{path}/notes"));
    anyhow::ensure!((closings, written) == (1, 1), "{closings} closings, {written} notes");
    let answer = run["answer"].as_array().context("no answer")?;
    let told = json!([
        answer[0]["text"],
        answer[1]["follow-up"],
        answer[2],
        answer[3]["status"]
    ]);
    let expected = json!([format!("closed in TheHive, case {offense}"), true, ["ok"], "closed"]);
    anyhow::ensure!(told == expected, "{run:#}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offense_is_noted_and_closed_once_at_whichever_call_the_process_dies() -> anyhow::Result<()> {
    let passages = undisturbed().await?;
    let mut rows = Vec::new();
    // No blobs here.
    for point in POINTS.into_iter().filter(|point| !point.starts_with("blobs.")) {
        let count = passages.get(point).copied().unwrap_or_default();
        anyhow::ensure!(count > 0, "{point} is never passed: {passages:?}");
        rows.extend((1..=count).map(|nth| (point, nth)));
    }
    println!("{} kills; {passages:?}", rows.len());
    let lanes = (0..LANES).map(|lane| {
        let rows: Vec<_> = rows.iter().copied().skip(lane).step_by(LANES).collect();
        async move {
            let mut world = world(rows.len()).await?;
            for (offense, (point, nth)) in (1..).zip(rows) {
                let row = async {
                    kill_at(&mut world, point, nth, GUEST, steps(offense)).await?;
                    let (run, _) = carry_on(&mut world, GUEST).await?;
                    anyhow::ensure!(run["state"] == "succeeded" && run["attempts"] == 2, "{run:#}");
                    settled(&world, &run, offense)
                };
                row.await.with_context(|| format!("killed at {point}:{nth}"))?;
            }
            world.finish().await
        }
    });
    futures::future::try_join_all(lanes).await?;
    Ok(())
}
