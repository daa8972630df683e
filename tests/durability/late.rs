//! What does a process do that was stopped between the intent and the sending, and wakes up too late? (G2)

use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use synapse_tests::{Deployment, World};

use crate::kill::{environment, fresh_log};
use crate::targets::{self, HOUR, TENANT, creates_alert};

/// `narrow`'s send window, deadline and lag, milliseconds.
const WINDOW: u64 = 500;
const SETTLE: u64 = 1_000 + 20;

/// Resolves when the process is stopped by a signal.
async fn stopped(process: u32) -> anyhow::Result<()> {
    let running = || -> anyhow::Result<bool> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        let state = stat.rsplit(')').next().and_then(|rest| rest.trim().chars().next());
        Ok(state != Some('T'))
    };
    while running()? {
        tokio::task::yield_now().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn g2_a_process_that_wakes_up_after_the_send_window_does_not_send_what_it_was_about_to() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    let offenses = targets::five_offenses(&world, 100).await?;
    let mut point = environment(Some(("gate.after-intent", 1)), &fresh_log(&world)?);
    point.push(("SYNAPSE_FAILPOINT_SIGNAL".to_owned(), "stop".to_owned()));
    world.restart(&point).await?;

    let process = world.server()?.id().context("a running server")?;
    let pid = Pid::from_raw(i32::try_from(process)?).context("a process id")?;
    let (run, ()) = tokio::try_join!(
        world.begin(TENANT, "qradar2alert", json!({ "timerange": HOUR })),
        async {
            stopped(process).await?;
            // The passing of time is what is tested here: nothing marks the end of the window.
            tokio::time::sleep(Duration::from_millis(WINDOW + 100)).await;
            Ok(kill_process(pid, Signal::CONT)?)
        }
    )?;
    let ended = world.end_of(TENANT, &run).await?;
    targets::assert_all_created(&world, &ended, &offenses).await?;
    targets::assert_one_alert_each(&world, &offenses)?;
    assert_eq!(ended["attempts"], 2, "the late attempt gives the run back: {ended:#}");

    let writes = targets::writes(&world, &run).await?;
    let sendings = writes[0]["sendings"].as_array().context("sendings")?;
    assert_eq!(
        sendings.len(),
        2,
        "the late intent, and the one that was sent: {sendings:?}"
    );
    let send_before = sendings[0]["send_before"].as_u64().context("send_before")?;
    let first = targets::requests(&world.thehive, creates_alert);
    let sent = u64::try_from(first.first().context("a creation")?.time)?;
    assert!(
        sent >= send_before + SETTLE,
        "sent at {sent}: the old intent, valid until {send_before}, was used or not settled"
    );
    world.finish().await
}
