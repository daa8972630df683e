//! Do a merge, a technique and a deletion in TheHive happen once, at whichever point of their sending the process dies? (D25)

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::{Deployment, World, hive_key};

use crate::kill::{carry_on, kill_at};
use crate::targets::{self, TENANT};

const GUEST: &str = "casework";
/// Where a process can die around one sending: before its intent, after it, after the target's answer.
const POINTS: [&str; 3] = ["gate.before-intent", "gate.after-intent", "gate.after-send"];

/// A world with one case and two alerts; the guest's event.
async fn world() -> anyhow::Result<(World, Value)> {
    let world = World::with(targets::narrow(4)).await?;
    let alert = |reference: &str| {
        json!({
            "organisation": TENANT, "type": "mail", "source": "test", "sourceRef": reference, "title": reference, "description": "d",
        })
    };
    let state = json!({
        "organisations": [TENANT],
        "users": [{ "login": format!("synapse@{TENANT}"), "key": hive_key(TENANT), "organisations": [TENANT] }],
        "cases": [{ "organisation": TENANT, "title": "Mail", "description": "d" }],
        "alerts": [alert("merge"), alert("delete")],
    });
    world.thehive.target.load(state).map_err(anyhow::Error::msg)?;
    world.deploy(Deployment::of(GUEST)).await?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let ask = async |step: &str| -> anyhow::Result<Value> {
        let answer = http
            .post(format!("{}/api/v1/query", world.thehive.url()))
            .bearer_auth(hive_key(TENANT))
            .json(&json!({ "query": [{ "_name": step }] }))
            .send()
            .await?;
        Ok(answer.json().await?)
    };
    let id = |rows: &Value, title: &str| -> anyhow::Result<String> {
        let rows = rows.as_array().context("a query answers a list")?;
        let found = rows.iter().find(|row| row["title"] == title).context("it was loaded")?;
        Ok(found["_id"].as_str().context("it has an id")?.to_owned())
    };
    let (cases, alerts) = (ask("listCase").await?, ask("listAlert").await?);
    let event =
        json!({ "case": id(&cases, "Mail")?, "merge": id(&alerts, "merge")?, "delete": id(&alerts, "delete")? });
    Ok((world, event))
}

/// Changes of the server, by what they did.
fn counts(world: &World) -> [usize; 3] {
    let effects = world.thehive.control.effects(0);
    let of = |method: &str, part: &str| {
        let fits = |path: &str| path.contains(part);
        effects
            .iter()
            .filter(|effect| effect.method == method && fits(&effect.path))
            .count()
    };
    [of("POST", "/merge/"), of("POST", "/procedure"), of("DELETE", "/alert/")]
}

#[tokio::test(flavor = "multi_thread")]
async fn d25_a_merge_a_technique_and_a_deletion_happen_once_wherever_the_process_dies() -> anyhow::Result<()> {
    for point in POINTS {
        for nth in 1..=3 {
            let (mut world, event) = world().await?;
            kill_at(&mut world, point, nth, GUEST, event).await?;
            let (run, _) = carry_on(&mut world, GUEST).await?;
            anyhow::ensure!(
                run["state"] == "succeeded" && run["attempts"] == 2,
                "{point}:{nth} {run:#}"
            );
            anyhow::ensure!(counts(&world) == [1, 1, 1], "{point}:{nth} {:?}", counts(&world));
            world.finish().await?;
        }
    }
    Ok(())
}
