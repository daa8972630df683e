//! Does the loop close when TheHive itself says that a case was closed: by payloads of 3, 4 and both formats of 5, once however often they come?

use serde_json::{Value, json};
use synapse_tests::analyst::{self, Analyst};
use synapse_tests::hooks::{hook_options, sample};
use synapse_tests::{Deployment, World};

use crate::support::{ACME, IMPORT, load_console, now, offense};

/// The workflow under its own name.
const CLOSE: &str = "close-offense";

async fn world() -> anyhow::Result<(World, Analyst, Value)> {
    let world = World::with(hook_options()).await?;
    let alice = Analyst::arrive(&world)?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let trigger = json!({
        "kind": "webhook", "name": "closed", "binding": "thehive", "events": ["case.closed", "case.reopened"], "reconcile_seconds": 0,
    });
    let settings = json!({ "reasons": analyst::reasons(), "grace_seconds": 1 });
    let close = Deployment::of(CLOSE).config(settings).triggers(json!([trigger]));
    world.deploy(close).await?;
    load_console(
        &world.qradar,
        json!({ "offenses": [offense(42, now(&world), json!({}))] }),
    )?;
    world.run(ACME, IMPORT, json!({ "timerange": 60 })).await?;
    let case = alice.promote(&world, 42).await?;
    alice.set(&case, json!({ "status": "TruePositive" })).await?;
    Ok((world, alice, case))
}

/// The contract's sample, about this case.
fn about(payload: &mut Value, case: &str) {
    match payload {
        Value::String(text) if text == "~8200" || text == "AWz1" => case.clone_into(text),
        Value::Array(list) => list.iter_mut().for_each(|value| about(value, case)),
        Value::Object(members) => members.values_mut().for_each(|value| about(value, case)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d08_a_closing_told_by_any_version_closes_the_offense_once() -> anyhow::Result<()> {
    for (file, name) in [
        ("v3", "case closed"),
        ("v4", "v0 case closed"),
        ("v5-version0", "case closed"),
        ("v5-version1", "case closed"),
    ] {
        let (world, alice, case) = world().await?;
        let id = case["_id"].as_str().unwrap_or_default();
        let mut payload = sample(file, name, now(&world))?;
        about(&mut payload, id);
        let told = futures::future::try_join_all((0..6).map(|_| world.tell(ACME, &payload))).await?;
        let mut runs: Vec<String> = Vec::new();
        for answer in told {
            assert!((200..300).contains(&answer.status), "{file}: {}", answer.body);
            let of = answer.body["runs"].as_array().cloned().unwrap_or_default();
            runs.extend(of.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        runs.sort();
        runs.dedup();
        assert_eq!(runs.len(), 1, "{file}: one run however often it is told");
        let run = world.end_of(ACME, &runs[0]).await?;
        assert_eq!(run["answer"]["offenses"][0]["outcome"], "closed", "{file}: {run:#}");
        assert_eq!(analyst::offense(&world, 42)?["closing_reason_id"], 3, "{file}");
        let counts = (analyst::notes(&world, 42).len(), alice.comments(&case).await?.len());
        assert_eq!(counts, (1, 1), "{file}");
        world.finish().await?;
    }
    Ok(())
}
