//! Which alert is which offense's? By type, source and reference together, never by less.

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::{Deployment, Options, World};

use crate::support::{
    self, ACME, IMPORT, UMBRELLA, alert, alerts, fault, import, load_console, load_thehive, offense, skipped,
};

/// An alert as somebody else made it.
fn foreign(kind: &str, source: &str, reference: &str) -> Value {
    json!({ "type": kind, "source": source, "sourceRef": reference, "title": "made by hand", "description": "by an analyst" })
}

#[tokio::test(flavor = "multi_thread")]
async fn d10_offense_42_of_two_consoles_becomes_two_alerts() -> anyhow::Result<()> {
    let other = synapse_sim::start::qradar("127.0.0.1:0".parse()?, None, None).await?;
    let sections = format!(
        "[tenants.{ACME}.connections.siem-berlin]\nkind = \"qradar\"\nurl = \"{}\"\nsource_id = \"berlin\"\nallow = [\"127.0.0.0/8\"]\n\
         allow_http = true\nauth = {{ scheme = \"sec\", secret = {{ env = \"SIEM_{ACME}\" }} }}\n",
        other.url()
    );
    let world = World::with(Options {
        sections,
        ..Options::default()
    })
    .await?;
    let first = world.deploy(Deployment::of(IMPORT)).await?;
    let manifest = include_str!("../../../workflows/qradar2alert/workflow.toml");
    let second = json!({
        "component": first["component"], "manifest": manifest, "bindings": { "qradar": "siem-berlin", "thehive": "hive" }, "grants": first["grants"],
    });
    let deployed = world
        .operator()
        .json("PUT", "/v1/tenants/acme/deployments/berlin", &[], &second)
        .await?
        .ok()?;
    assert_eq!(deployed["source_ids"]["qradar"], "berlin");
    let at = support::now(&world);
    load_console(&world.qradar, json!({ "offenses": [offense(42, at, json!({}))] }))?;
    load_console(
        &other,
        json!({ "offenses": [offense(42, at, json!({ "description": "In Berlin\n" }))] }),
    )?;

    for deployment in [IMPORT, "berlin"] {
        let run = world.run(ACME, deployment, json!({ "timerange": 60 })).await?;
        assert_eq!(run["answer"]["created"], 1, "{run:#}");
    }
    let effects = world.thehive.control.effects(0);
    let sources: Vec<_> = effects
        .iter()
        .map(|effect| (&effect.body["source"], &effect.body["sourceRef"]))
        .collect();
    assert_eq!(
        sources,
        [(&json!("siem-acme"), &json!("42")), (&json!("berlin"), &json!("42"))]
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d10_a_tenant_gets_the_offenses_of_its_own_domain_in_its_own_organisation() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mapped = json!({ "domain_tags": { "1": ["customer:umbrella"] } });
    world.deploy(Deployment::of(IMPORT)).await?;
    world
        .deploy(Deployment::of(IMPORT).tenant(UMBRELLA).config(mapped))
        .await?;
    let at = support::now(&world);
    let domains = json!([{ "id": 0, "name": "" }, { "id": 1, "name": "Umbrella" }]);
    let offenses = json!([offense(41, at, json!({})), offense(42, at, json!({ "domain_id": 1 }))]);
    load_console(&world.qradar, json!({ "offenses": offenses, "domains": domains }))?;

    let ours = import(&world).await?;
    let theirs = world.run(UMBRELLA, IMPORT, json!({ "timerange": 60 })).await?;
    assert_eq!(
        (&ours["answer"]["scanned"], &theirs["answer"]["scanned"]),
        (&json!(1), &json!(1)),
        "{ours:#} {theirs:#}"
    );
    let state = world.thehive.target.dump();
    let organisation = |reference: &str| {
        let found = state["alerts"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|alert| alert["sourceRef"] == reference);
        found.map(|alert| (alert["organisation"].clone(), support::texts(&alert["tags"]).join(" ")))
    };
    assert_eq!(organisation("41").context("41")?.0, ACME);
    let (owner, tags) = organisation("42").context("42")?;
    assert_eq!(owner, UMBRELLA);
    assert!(tags.contains("customer:umbrella"), "{tags}");
    // Asked for by its number it is not there either.
    let run = world.run(ACME, IMPORT, json!({ "offense": 42 })).await?;
    assert_eq!(run["state"], "partial", "{run:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d13_an_alert_that_somebody_else_made_is_skipped_whatever_status_says_so() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    for (id, status) in [(7, 400), (8, 409)] {
        load_thehive(
            &world,
            json!({ "alerts": [foreign("QRadar", "siem-acme", &id.to_string())], "duplicate_status": status }),
        )?;
        load_console(
            &world.qradar,
            json!({ "offenses": [offense(id, support::now(&world), json!({})), offense(id + 10, support::now(&world), json!({}))] }),
        )?;
        // TheHive's search does not show it yet: only the refusal of the creation tells.
        world.thehive.control.faults().clear();
        fault(
            &world.thehive,
            json!({ "match": { "path": "/api/v1/query", "body": "listAlert" }, "action": { "body": [] }, "count": -1 }),
        )
        .await?;
        let run = import(&world).await?;
        assert_eq!(
            (&run["state"], &run["answer"]["failed"], &run["answer"]["created"]),
            (&json!("succeeded"), &json!(0), &json!(1)),
            "{status}: {run:#}"
        );
        let reason = skipped(&run, id);
        assert!(
            reason.starts_with("already in TheHive as alert ~") && reason.contains("made by somebody else"),
            "{status}: {reason}"
        );
        assert!(
            alerts(&world).contains_key(&(id + 10).to_string()),
            "its neighbour is imported"
        );
        assert!(!alerts(&world).contains_key(&id.to_string()));
    }
    // The ledger has it from now on.
    world.thehive.control.faults().clear();
    let run = import(&world).await?;
    assert!(skipped(&run, 8).starts_with("already imported as alert ~"), "{run:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d13_a_refusal_that_is_no_duplicate_fails_one_item_with_its_own_words() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let at = support::now(&world);
    load_console(
        &world.qradar,
        json!({ "offenses": [offense(7, at, json!({})), offense(8, at, json!({}))] }),
    )?;
    let refusal = json!({ "type": "CreateError", "message": "the assignee is on holiday" });
    let matches = json!({ "method": "POST", "path": "/api/v1/alert", "body": "\"sourceRef\":\"7\"" });
    fault(
        &world.thehive,
        json!({ "match": matches, "action": { "status": 400, "body": refusal } }),
    )
    .await?;
    let run = import(&world).await?;
    assert_eq!(
        (&run["state"], &run["answer"]["success"], &run["answer"]["created"]),
        (&json!("partial"), &json!(false), &json!(1)),
        "{run:#}"
    );
    assert!(
        support::message(&run, 7).contains("the assignee is on holiday"),
        "{run:#}"
    );
    let again = import(&world).await?;
    assert_eq!(
        (&again["state"], &again["answer"]["created"]),
        (&json!("succeeded"), &json!(1)),
        "the next run makes it up: {again:#}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn r3_another_sources_alert_with_the_same_reference_hides_nothing() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let others = [
        foreign("QRadar", "another-console", "42"),
        foreign("phishing", "siem-acme", "42"),
        foreign("internal", "mailbox", "42"),
    ];
    load_thehive(&world, json!({ "alerts": others }))?;
    load_console(
        &world.qradar,
        json!({ "offenses": [offense(42, support::now(&world), json!({}))] }),
    )?;
    let run = import(&world).await?;
    assert_eq!(run["answer"]["created"], 1, "{run:#}");
    assert_eq!(alert(&world, 42)?["source"], "siem-acme");
    world.finish().await
}
