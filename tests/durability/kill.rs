//! How is the server killed at a chosen point of a run, and carried on afterwards?

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;
use synapse_tests::World;

use crate::targets::TENANT;

/// How often each fail point was passed.
pub type Passed = BTreeMap<String, u64>;

/// SIGKILL.
const SIGKILL: i32 = 9;

/// Starts the server again with a fail point, starts a run, and waits until the fail point has killed the process at its n-th passage.
pub async fn kill_at(
    world: &mut World,
    point: &str,
    nth: u64,
    deployment: &str,
    input: Value,
) -> anyhow::Result<Passed> {
    let log = fresh_log(world)?;
    world.restart(&environment(Some((point, nth)), &log)).await?;
    // The answer may be lost with the process; that the run was accepted shows after the restart.
    world.begin(TENANT, deployment, input).await.ok();
    died(world, point, nth, &log).await
}

/// Starts the server again with a fail point, which a run that is under way meets.
pub async fn kill_again_at(world: &mut World, point: &str, nth: u64) -> anyhow::Result<Passed> {
    let log = fresh_log(world)?;
    world.restart(&environment(Some((point, nth)), &log)).await?;
    died(world, point, nth, &log).await
}

/// Starts the server again with its clock at this moment and a fail point that what is due then meets: it may die before it says where it listens.
pub async fn kill_at_moment(world: &mut World, moment: u64, point: &str) -> anyhow::Result<()> {
    let log = fresh_log(world)?;
    if world
        .jump_to(moment, &environment(Some((point, 1)), &log))
        .await
        .is_ok()
    {
        world.server()?.ended().await?;
    }
    let passed = passed(&log)?;
    anyhow::ensure!(passed.get(point) == Some(&1), "{point}: {passed:?}");
    Ok(())
}

async fn died(world: &mut World, point: &str, nth: u64, log: &Path) -> anyhow::Result<Passed> {
    let status = world.server()?.ended().await?;
    anyhow::ensure!(
        status.signal() == Some(SIGKILL),
        "{point}:{nth}: the server ended with {status}"
    );
    let passed = passed(log)?;
    anyhow::ensure!(passed.get(point) == Some(&nth), "{point}:{nth}: {passed:?}");
    Ok(passed)
}

/// Starts the server again without a fail point, and waits until the deployment's newest run has ended by itself.
pub async fn carry_on(world: &mut World, deployment: &str) -> anyhow::Result<(Value, Passed)> {
    let log = fresh_log(world)?;
    world.restart(&environment(None, &log)).await?;
    let run = newest(world, deployment).await?;
    let ended = world.end_of(TENANT, &run).await?;
    Ok((ended, passed(&log)?))
}

/// The newest run of a deployment.
pub async fn newest(world: &World, deployment: &str) -> anyhow::Result<String> {
    let path = format!("/v1/tenants/{TENANT}/runs?deployment={deployment}&limit=1");
    let runs = world.operator().get(&path).await?.ok()?;
    Ok(runs["runs"][0]["id"]
        .as_str()
        .context("the accepted run is lost")?
        .to_owned())
}

/// What sets a fail point, and logs every passage.
pub fn environment(kill: Option<(&str, u64)>, log: &Path) -> Vec<(String, String)> {
    let mut environment = vec![("SYNAPSE_FAILPOINT_LOG".to_owned(), log.display().to_string())];
    environment.extend(kill.map(|(point, nth)| ("SYNAPSE_FAILPOINT".to_owned(), format!("{point}:{nth}"))));
    environment
}

/// An empty log of passages.
pub fn fresh_log(world: &World) -> anyhow::Result<PathBuf> {
    let log = world.folder.path().join("passed");
    if log.exists() {
        std::fs::remove_file(&log)?;
    }
    Ok(log)
}

/// What a log of passages says.
pub fn passed(log: &Path) -> anyhow::Result<Passed> {
    if !log.exists() {
        return Ok(Passed::new());
    }
    let mut passed = Passed::new();
    for line in std::fs::read_to_string(log)?.lines() {
        let (point, _) = line.split_once(' ').context("a line is a point and a count")?;
        *passed.entry(point.to_owned()).or_default() += 1;
    }
    Ok(passed)
}
