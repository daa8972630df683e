//! Does an import that has forgotten what it did make no doubles? (issue: "A second identical import creates nothing and says why")

use serde_json::json;
use synapse_tests::{Deployment, World};

use crate::database;
use crate::mail_matrix::{self, MAIL};
use crate::targets::{self, TENANT};

#[tokio::test(flavor = "multi_thread")]
async fn an_import_without_its_ledger_finds_its_alerts_and_makes_no_doubles() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(4)).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    let offenses = targets::five_offenses(&world, 100).await?;
    let run = targets::import(&world).await?;
    targets::assert_all_created(&world, &run, &offenses).await?;

    let status = world.server()?.terminate().await?;
    assert!(status.success(), "{status}");
    world.server.take();
    let lost = database::change(&world, "DELETE FROM state").await?;
    assert!(lost >= 5, "{lost} rows: one per offense at least");
    world.restart(&[]).await?;

    let run = targets::import(&world).await?;
    assert_eq!(
        (&run["state"], &run["answer"]["created"]),
        (&json!("succeeded"), &json!(0)),
        "{run:#}"
    );
    let reasons = run["answer"]["skipped"].to_string();
    assert_eq!(reasons.matches("already in TheHive as alert").count(), 5, "{reasons}");
    targets::assert_one_alert_each(&world, &offenses)?;
    // What was found is remembered from now on.
    targets::assert_nothing_left(&world, &offenses).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_whose_ledger_is_lost_is_found_in_its_case_and_nothing_is_doubled() -> anyhow::Result<()> {
    let mut world = mail_matrix::world().await?;
    mail_matrix::report(&world, 1).await?;
    let run = world.run(TENANT, MAIL, json!({})).await?;
    assert_eq!(run["answer"]["created"], 1, "{run:#}");
    let (before, _) = mail_matrix::made(&world, 0, 0);

    let status = world.server()?.terminate().await?;
    assert!(status.success(), "{status}");
    world.server.take();
    assert!(database::change(&world, "DELETE FROM state").await? > 0);
    world.restart(&[]).await?;

    let run = world.run(TENANT, MAIL, json!({})).await?;
    assert_eq!(
        (&run["state"], &run["answer"]["created"]),
        (&json!("succeeded"), &json!(0)),
        "{run:#}"
    );
    let (after, _) = mail_matrix::made(&world, 0, 0);
    assert_eq!(before, after, "{run:#}");
    // What was found is remembered from now on: nothing is written any more.
    let effects = (
        world.thehive.control.effects(0).len(),
        world.ews.control.effects(0).len(),
    );
    world.run(TENANT, MAIL, json!({})).await?;
    let again = (
        world.thehive.control.effects(0).len(),
        world.ews.control.effects(0).len(),
    );
    assert_eq!(effects, again);
    world.finish().await
}
