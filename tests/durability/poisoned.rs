//! Does a run that kills its node again and again come to an end? (design section 12)

use serde_json::json;
use synapse_tests::{Deployment, World};

use crate::kill::{carry_on, kill_again_at, kill_at};
use crate::targets::{self, TENANT};

/// Attempts in a row without a new journal entry.
const ATTEMPTS: u64 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_never_gets_anywhere_fails_as_poisoned() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("prober")).await?;
    kill_at(
        &mut world,
        "gate.before-intent",
        1,
        "prober",
        json!({ "texts": ["never"] }),
    )
    .await?;
    for _ in 1..ATTEMPTS {
        kill_again_at(&mut world, "gate.before-intent", 1).await?;
    }
    let (run, passed) = carry_on(&mut world, "prober").await?;
    assert_eq!(
        (&run["state"], &run["problem"]["code"]),
        (&json!("failed"), &json!("poisoned")),
        "{run:#}"
    );
    assert!(
        run["problem"]["message"].to_string().contains("5 attempts in a row"),
        "{run:#}"
    );
    assert!(
        !passed.contains_key("gate.before-intent"),
        "no guest was started: {passed:?}"
    );
    assert!(targets::lines(&world).is_empty());
    // The deployment is not blocked by it.
    let next = world.run(TENANT, "prober", json!({ "texts": ["works"] })).await?;
    assert_eq!(next["state"], "succeeded", "{next:#}");
    world.finish().await
}

/// Every attempt that gets a little further is a new beginning.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_gets_a_little_further_each_time_is_not_poisoned() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("prober")).await?;
    let texts: Vec<String> = (0..7).map(|n| format!("line {n}")).collect();
    // Each attempt settles the line in doubt and dies when it has written the next one.
    kill_at(&mut world, "gate.after-send", 1, "prober", json!({ "texts": texts })).await?;
    for _ in 0..ATTEMPTS {
        kill_again_at(&mut world, "gate.after-send", 1).await?;
    }
    let (run, _) = carry_on(&mut world, "prober").await?;
    assert_eq!(
        (&run["state"], &run["attempts"]),
        (&json!("succeeded"), &json!(7)),
        "{run:#}"
    );
    assert_eq!(targets::lines(&world), texts);
    world.finish().await
}
