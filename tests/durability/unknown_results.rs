//! Is an effect once, and reported as done, when the target's answer does not tell whether it was done? (threat row 66, G3)

use serde_json::{Value, json};
use synapse_tests::{Deployment, World};

use crate::targets::{self, creates_alert};

fn on_creation_of(offense: &str, action: &Value) -> Value {
    json!({ "match": { "method": "POST", "path": "/api/v1/alert", "body": format!("\"sourceRef\":\"{offense}\"") }, "action": action })
}

/// One import meets one of these per offense; each is unclear in its own way.
async fn unclear(actions: [(&str, Value); 5]) -> anyhow::Result<()> {
    let world = World::with(targets::narrow(8)).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    let offenses = targets::five_offenses(&world, 100).await?;
    for (offense, (name, action)) in offenses.iter().zip(&actions) {
        println!("offense {offense}: {name}");
        targets::fault(&world.thehive, on_creation_of(offense, action)).await?;
    }
    let run = targets::import(&world).await?;
    assert_eq!(targets::fired(&world.thehive), [1; 5], "every answer was spoiled");
    targets::assert_one_alert_each(&world, &offenses)?;
    targets::assert_all_created(&world, &run, &offenses).await?;
    assert_eq!(run["attempts"], 1, "no crash, no new attempt: {run:#}");
    assert_eq!(
        targets::requests(&world.thehive, creates_alert).len(),
        10,
        "each is sent once more, after it settled"
    );
    targets::assert_nothing_left(&world, &offenses).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_66_an_effect_behind_a_lying_or_lost_answer_is_once_and_created() -> anyhow::Result<()> {
    unclear([
        ("500, but did it", json!({ "lie": "did_it", "status": 500 })),
        ("did it, but the answer is lost", json!({ "drop_response": true })),
        (
            "did it, and the connection is reset inside the answer",
            json!({ "reset_after_bytes": 40 }),
        ),
        ("503, and did not do it", json!({ "status": 503 })),
        (
            "201, but did nothing and names no alert",
            json!({ "lie": "did_nothing" }),
        ),
    ])
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_66_an_effect_behind_an_unreadable_answer_is_once_and_created() -> anyhow::Result<()> {
    let another = json!({ "_id": "~1", "type": "QRadar", "source": "somebody", "sourceRef": "1", "title": "t" });
    unclear([
        (
            "200 with half of a JSON",
            json!({ "lie": "did_it", "status": 200, "raw_body": "{\"_id\": \"~12" }),
        ),
        (
            "201 with a page",
            json!({ "lie": "did_it", "status": 201, "raw_body": "<html>", "headers": { "content-type": "text/html" } }),
        ),
        (
            "201 with another alert",
            json!({ "lie": "did_it", "status": 201, "body": another }),
        ),
        ("204 without a body", json!({ "lie": "did_it", "status": 204 })),
        ("no answer within the deadline", json!({ "delay_ms": 1_500 })),
    ])
    .await
}

/// A clear no is no doubt: the item fails, with the target's reason, and no other does.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_effect_is_a_failed_item_and_the_others_are_imported() -> anyhow::Result<()> {
    let world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    let offenses = targets::five_offenses(&world, 100).await?;
    let body = json!({ "type": "BadRequest", "message": "the title is not to my taste" });
    targets::fault(
        &world.thehive,
        on_creation_of("102", &json!({ "status": 400, "body": body })),
    )
    .await?;
    let run = targets::import(&world).await?;
    assert_eq!(run["state"], "partial", "{run:#}");
    assert_eq!(run["problem"]["code"], "items-failed", "{run:#}");
    assert_eq!(
        (&run["answer"]["created"], &run["answer"]["failed"]),
        (&json!(4), &json!(1)),
        "{run:#}"
    );
    let failed: Vec<_> = run["answer"]["offenses"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|item| item["success"] == false)
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["qradar_offense_id"], 102);
    assert!(
        failed[0]["message"].to_string().contains("not to my taste"),
        "{}",
        failed[0]
    );
    assert_eq!(
        targets::requests(&world.thehive, creates_alert).len(),
        5,
        "a refusal is not asked again"
    );

    // The next import makes the missing one, and only that.
    let run = targets::import(&world).await?;
    assert_eq!(
        (&run["answer"]["created"], &run["answer"]["left_out"]),
        (&json!(1), &json!(4)),
        "{run:#}"
    );
    targets::assert_one_alert_each(&world, &offenses)?;
    world.finish().await
}
