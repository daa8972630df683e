//! Does a reported mail become one case with everything in it, once, at whichever call of its run the process dies?
//! (issue 3, "must show"; D06)

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_domain::failpoint::POINTS;
use synapse_tests::mail::REPORT;
use synapse_tests::{Deployment, World, hive_key};

use crate::kill::{Passed, carry_on, environment, fresh_log, kill_at, passed};
use crate::targets::{self, TENANT};

/// The workflow under its own name.
pub const MAIL: &str = "ews2case";
/// Worlds that go through the rows side by side: a row mostly waits until its effect may be settled.
const LANES: usize = 6;

/// A world with the workflow deployed, and Alice in TheHive.
pub async fn world() -> anyhow::Result<World> {
    let world = World::with(targets::narrow(4)).await?;
    let users = json!([
        { "login": format!("synapse@{TENANT}"), "key": hive_key(TENANT), "organisations": [TENANT] },
        { "login": "alice@acme.example", "name": "Alice", "organisations": [TENANT] },
    ]);
    let state = json!({ "organisations": [TENANT], "users": users });
    world.thehive.target.load(state).map_err(anyhow::Error::msg)?;
    world
        .deploy(Deployment::of(MAIL).config(json!({ "settle_seconds": 0 })))
        .await?;
    Ok(world)
}

/// Delivers the report as another mail: its own Message-ID, conversation and attached mail.
pub async fn report(world: &World, n: usize) -> anyhow::Result<()> {
    let eml = REPORT
        .replace("report.1@", &format!("report.{n}@"))
        .replace("4711", &format!("{n}4711"));
    world.deliver(TENANT, &eml, json!({ "categories": ["alice"] })).await
}

/// How often each point is passed in a run that nobody disturbs.
async fn undisturbed() -> anyhow::Result<Passed> {
    let mut world = world().await?;
    let log = fresh_log(&world)?;
    world.restart(&environment(None, &log)).await?;
    report(&world, 1).await?;
    let run = world.run(TENANT, MAIL, json!({})).await?;
    anyhow::ensure!(run["state"] == "succeeded", "{run:#}");
    let passed = passed(&log)?;
    world.finish().await?;
    Ok(passed)
}

/// What the simulators made since these positions of their logs, by kind and value; and the mailbox's effects.
pub fn made(world: &World, hive: u64, mail: u64) -> (BTreeMap<String, usize>, Vec<String>) {
    let mut objects = BTreeMap::new();
    for effect in world.thehive.control.effects(hive) {
        if effect.method != "POST" {
            continue;
        }
        for object in effect.objects {
            let of = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
            let file = object["files"][0]["sha256"].as_str().unwrap_or_default();
            let what = match of("kind").as_str() {
                "Observable" => format!("Observable {} {}{file}", of("dataType"), of("data")),
                kind => kind.to_owned(),
            };
            *objects.entry(what).or_default() += 1;
        }
    }
    let effects = world.ews.control.effects(mail);
    let told = effects.iter().filter_map(|effect| effect.body["effect"].as_str());
    (objects, told.map(ToOwned::to_owned).collect())
}

/// One row: the process dies at this passage of this point; afterwards everything is there once, and the mailbox knows last.
async fn row(
    world: &mut World,
    n: usize,
    point: &str,
    nth: u64,
    expected: &BTreeMap<String, usize>,
) -> anyhow::Result<()> {
    report(world, n).await?;
    let last = |effects: Vec<synapse_sim::control::Effect>| effects.last().map_or(0, |effect| effect.seq);
    let (hive, mail) = (
        last(world.thehive.control.effects(0)),
        last(world.ews.control.effects(0)),
    );
    kill_at(world, point, nth, MAIL, json!({})).await?;
    let (run, _) = carry_on(world, MAIL).await?;
    anyhow::ensure!(run["state"] == "succeeded" && run["attempts"] == 2, "{run:#}");
    let (objects, told) = made(world, hive, mail);
    anyhow::ensure!(
        objects.values().all(|count| *count == 1),
        "something is there twice: {objects:#?}"
    );
    // The digests of what carries the row's number differ; the kinds and their counts do not.
    let kinds = |objects: &BTreeMap<String, usize>| {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for what in objects.keys() {
            let kind = what.split(' ').take(2).collect::<Vec<_>>().join(" ");
            *kinds.entry(kind).or_default() += 1;
        }
        kinds
    };
    anyhow::ensure!(
        kinds(&objects) == kinds(expected),
        "{:#?} instead of {:#?}",
        kinds(&objects),
        kinds(expected)
    );
    let finished = |name: &str| told.iter().any(|effect| effect == name);
    anyhow::ensure!(
        finished("mark-read") && finished("set-categories"),
        "the mailbox was told {told:?}"
    );
    told_last(world, hive, mail)?;
    let again = world.run(TENANT, MAIL, json!({})).await?;
    anyhow::ensure!(again["state"] == "succeeded", "{again:#}");
    anyhow::ensure!(
        made(world, hive, mail) == (objects, told),
        "a second look changed something: {again:#}"
    );
    Ok(())
}

/// Nothing is made in TheHive after the mailbox was told.
fn told_last(world: &World, hive: u64, mail: u64) -> anyhow::Result<()> {
    let effects = world.ews.control.effects(mail);
    let told = effects
        .iter()
        .map(|effect| effect.time)
        .min()
        .context("the mailbox was not told")?;
    let late: Vec<Value> = world
        .thehive
        .control
        .effects(hive)
        .iter()
        .filter(|effect| effect.time > told)
        .map(|effect| json!({ "path": effect.path, "at": effect.time }))
        .collect();
    anyhow::ensure!(late.is_empty(), "after the mailbox was told at {told}: {late:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_one_whole_case_at_whichever_call_the_process_dies() -> anyhow::Result<()> {
    let passages = undisturbed().await?;
    let expected = {
        let world = world().await?;
        report(&world, 1).await?;
        world.run(TENANT, MAIL, json!({})).await?;
        let (objects, _) = made(&world, 0, 0);
        world.finish().await?;
        objects
    };
    let mut rows = Vec::new();
    for point in POINTS {
        let count = passages.get(point).copied().unwrap_or_default();
        anyhow::ensure!(count > 0, "{point} is never passed: {passages:?}");
        rows.extend((1..=count).map(|nth| (point, nth)));
    }
    println!("{} kills; {passages:?}", rows.len());
    let lanes = (0..LANES).map(|lane| {
        let rows: Vec<_> = rows.iter().copied().skip(lane).step_by(LANES).collect();
        let expected = &expected;
        async move {
            let mut world = world().await?;
            for (at, (point, nth)) in rows.into_iter().enumerate() {
                row(&mut world, 10 + at, point, nth, expected)
                    .await
                    .with_context(|| format!("killed at {point}:{nth}"))?;
            }
            world.finish().await
        }
    });
    futures::future::try_join_all(lanes).await?;
    Ok(())
}
