//! What may settle a `keyed` effect in doubt? Only an answer about that effect: nothing that merely stops the repeat. (G3)

use serde_json::{Value, json};
use synapse_tests::{Deployment, Options, World};

use crate::kill::{carry_on, kill_at};
use crate::targets::{self, HOUR, TENANT, creates_alert};

/// Kills the server when TheHive has made the third alert, and carries on with a target that does this.
async fn after_a_kill(fault: Value, more: &str) -> anyhow::Result<()> {
    let usual = targets::narrow(1);
    let options = Options {
        connection: format!("{}\n{more}", usual.connection),
        ..usual
    };
    let mut world = World::with(options).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    let offenses = targets::five_offenses(&world, 100).await?;
    kill_at(
        &mut world,
        "gate.after-send",
        3,
        "qradar2alert",
        json!({ "timerange": HOUR }),
    )
    .await?;
    targets::fault(&world.thehive, fault).await?;
    let (run, _) = carry_on(&mut world, "qradar2alert").await?;
    assert_eq!(
        targets::fired(&world.thehive),
        [1],
        "the target misbehaved when the effect was settled"
    );
    targets::assert_one_alert_each(&world, &offenses)?;
    targets::assert_all_created(&world, &run, &offenses).await?;
    targets::assert_nothing_left(&world, &offenses).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_that_could_not_be_sent_leaves_the_effect_in_doubt() -> anyhow::Result<()> {
    // The client asks for the version before its first request: without it nothing is sent.
    after_a_kill(
        json!({ "match": { "path": "/api/status" }, "action": { "status": 503 } }),
        "read_retries = 0",
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_that_was_refused_for_another_reason_does_not_say_that_the_first_sending_failed() -> anyhow::Result<()>
{
    let refused = |status: u16| {
        let create = json!({ "method": "POST", "path": "/api/v1/alert" });
        after_a_kill(json!({ "match": create, "action": { "status": status } }), "")
    };
    tokio::try_join!(refused(429), refused(401), refused(400))?;
    Ok(())
}

/// A target that never says what became of it: after the connection's patience a person decides.
#[tokio::test(flavor = "multi_thread")]
async fn an_effect_that_cannot_be_settled_is_parked_and_a_verdict_goes_on() -> anyhow::Result<()> {
    let usual = targets::narrow(1);
    let options = Options {
        connection: format!("{}\npatience_seconds = 1", usual.connection),
        ..usual
    };
    let world = World::with(options).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    let offenses = targets::five_offenses(&world, 100).await?;
    let second = json!({ "method": "POST", "path": "/api/v1/alert", "body": "\"sourceRef\":\"102\"" });
    targets::fault(
        &world.thehive,
        json!({ "match": second, "action": { "status": 503 }, "count": -1 }),
    )
    .await?;
    let run = targets::import(&world).await?;
    assert_eq!(run["state"], "in_doubt", "{run:#}");
    let effects = &run["problem"]["detail"];
    assert_eq!(effects.as_array().map(Vec::len), Some(1), "{run:#}");
    assert!(effects[0]["evidence"].to_string().contains("503"), "{effects:#}");

    let id = run["id"].as_str().unwrap_or_default();
    let (call, item) = (
        effects[0]["at"]["call"].to_string(),
        effects[0]["at"]["item"].to_string(),
    );
    let resolve = [
        "runs", "resolve", "--tenant", TENANT, id, "--call", &call, "--item", &item, "fail",
    ];
    let (code, _, error) = world.cli(&resolve).await?;
    assert_eq!(code, 0, "{error}");
    let run = world.end_of(TENANT, id).await?;
    assert_eq!(run["state"], "partial", "{run:#}");
    assert_eq!(
        (&run["answer"]["created"], &run["answer"]["failed"]),
        (&json!(4), &json!(1)),
        "{run:#}"
    );
    let others: Vec<String> = offenses.into_iter().filter(|offense| offense != "102").collect();
    targets::assert_one_alert_each(&world, &others)?;
    assert_eq!(
        targets::requests(&world.thehive, creates_alert).len(),
        4 + 4,
        "one sending and three repeats of the second"
    );
    world.finish().await
}
