//! Are five offenses imported once each, and reported as created, wherever in the first, a middle or the last of them the process dies?
//! (issue item 11, threat row 75)

use serde_json::json;
use synapse_tests::{Deployment, World};

use crate::kill::{carry_on, kill_at};
use crate::targets::{self, HOUR, creates_alert};

/// One kill: at which passage, and how many creations the next attempt sends.
struct Row {
    offense: &'static str,
    nth: u64,
    sends_after: u64,
}

const fn row(offense: &'static str, nth: u64, sends_after: u64) -> Row {
    Row {
        offense,
        nth,
        sends_after,
    }
}

/// Before the n-th intent the outcome before it is not durable either, because it rides with that intent: that effect is settled, too.
const BEFORE_INTENT: [Row; 3] = [row("first", 1, 5), row("middle", 3, 4), row("last", 5, 2)];
/// With the n-th intent the outcomes before it are durable.
const AFTER_INTENT: [Row; 3] = [row("first", 1, 5), row("middle", 3, 3), row("last", 5, 1)];
/// Everything is durable when the run is about to end.
const BEFORE_END: [Row; 1] = [row("all", 1, 0)];

async fn matrix(point: &str, width: usize, rows: &[Row]) -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(width)).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    let mut first = 100;
    for Row {
        offense,
        nth,
        sends_after,
    } in rows
    {
        println!("row: kill at {point}:{nth} ({offense} offense), width {width}");
        let offenses = targets::five_offenses(&world, first).await?;
        first += 100;
        kill_at(&mut world, point, *nth, "qradar2alert", json!({ "timerange": HOUR })).await?;
        let before = targets::requests(&world.thehive, creates_alert).len();
        let (run, passed) = carry_on(&mut world, "qradar2alert").await?;
        assert_eq!(run["attempts"], 2, "{run:#}");
        targets::assert_one_alert_each(&world, &offenses)?;
        targets::assert_all_created(&world, &run, &offenses).await?;
        // What the next attempt sent: by its own count, and by the target's.
        let sent = targets::requests(&world.thehive, creates_alert).len() - before;
        assert_eq!(
            passed.get("gate.after-send").copied().unwrap_or_default(),
            *sends_after,
            "{passed:?}"
        );
        assert_eq!(sent as u64, *sends_after);
        targets::assert_nothing_left(&world, &offenses).await?;
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_an_intent_nothing_is_lost_or_doubled() -> anyhow::Result<()> {
    matrix("gate.before-intent", 1, &BEFORE_INTENT).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_an_intent_nothing_is_lost_or_doubled() -> anyhow::Result<()> {
    matrix("gate.after-intent", 1, &AFTER_INTENT).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_sending_nothing_is_lost_or_doubled() -> anyhow::Result<()> {
    matrix("gate.after-send", 1, &AFTER_INTENT).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_response_nothing_is_lost_or_doubled() -> anyhow::Result<()> {
    matrix("gate.after-response", 1, &AFTER_INTENT).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_an_outcome_nothing_is_lost_or_doubled() -> anyhow::Result<()> {
    matrix("gate.after-outcome", 1, &AFTER_INTENT).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_end_nothing_is_lost_or_doubled() -> anyhow::Result<()> {
    matrix("engine.before-end", 1, &BEFORE_END).await
}

/// All five are under way at once: one transaction holds their intents, and none of their outcomes is durable before the next one.
#[tokio::test(flavor = "multi_thread")]
async fn killed_with_all_creations_under_way_nothing_is_lost_or_doubled() -> anyhow::Result<()> {
    const ALL: [Row; 1] = [row("middle", 3, 5)];
    tokio::try_join!(
        matrix("gate.before-intent", 8, &ALL),
        matrix("gate.after-intent", 8, &ALL)
    )?;
    Ok(())
}

/// As above, after the target has seen them.
#[tokio::test(flavor = "multi_thread")]
async fn killed_with_all_creations_answered_nothing_is_lost_or_doubled() -> anyhow::Result<()> {
    const ALL: [Row; 1] = [row("middle", 3, 5)];
    tokio::try_join!(
        matrix("gate.after-send", 8, &ALL),
        matrix("gate.after-response", 8, &ALL),
        matrix("gate.after-outcome", 8, &ALL),
        matrix("engine.before-end", 8, &BEFORE_END),
    )?;
    Ok(())
}
