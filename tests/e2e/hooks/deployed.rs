//! Is a trigger that could never fire refused when it is deployed?

use serde_json::json;
use synapse_tests::Deployment;

use super::{listener, world};
use crate::support::assert_problem;

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_that_could_never_fire_is_refused_by_name_when_it_is_deployed() -> anyhow::Result<()> {
    let world = world().await?;
    for (trigger, place, word) in [
        (json!({ "events": ["case.close"] }), "triggers[0].events[0]", "closed"),
        (
            json!({ "events": ["offense.closed"] }),
            "triggers[0].events[0]",
            "alert",
        ),
        (json!({ "events": [] }), "triggers[0].events", "1 to 32"),
        (
            json!({ "where": [{ "field": "verdict", "is": "x" }] }),
            "triggers[0].where[0].field",
            "status",
        ),
        (
            json!({ "where": [{ "field": "case.title", "is": "x" }] }),
            "triggers[0].where[0].field",
            "number",
        ),
        (
            json!({ "reconcile_seconds": 604_801 }),
            "triggers[0].reconcile_seconds",
            "604800",
        ),
        (json!({ "binding": "nothing" }), "triggers[0].binding", "not bound"),
    ] {
        let answer = world.try_deploy(&listener(&["case.closed"], trigger.clone())).await?;
        assert_problem(&answer, 422);
        assert_eq!(answer.body["place"], place, "{trigger}: {}", answer.body);
        assert!(
            answer.body["detail"].as_str().unwrap_or_default().contains(word),
            "{}",
            answer.body
        );
    }
    let misspelt = listener(
        &["case.closed"],
        json!({ "where": [{ "field": "tags", "contains": "x" }] }),
    );
    let answer = world.try_deploy(&misspelt).await?;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(
        answer.body["detail"]
            .as_str()
            .unwrap_or_default()
            .contains("`contains` is no test"),
        "{}",
        answer.body
    );
    let deaf = Deployment::of("echo")
        .triggers(json!([{ "kind": "webhook", "name": "n", "binding": "b", "events": ["case.closed"] }]));
    assert_problem(&world.try_deploy(&deaf).await?, 422);
    world.finish().await
}
