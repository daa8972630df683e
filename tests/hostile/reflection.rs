//! Does a credential come back through a target that repeats what it was sent? (threat row 34)

use base64::Engine as _;
use serde_json::{Value, json};
use synapse_tests::{Deployment, Options, World};

use crate::support::{ACME, component, digest, fault, generate, manifest, on_disk, put, text, upload};

const HIVE_KEY: &str = "canary-hive-key-of-acme-5f1e2d3c";
const SIEM_TOKEN: &str = "canary-siem-token-of-acme-9a8b7c6d";
/// How much of a credential may be seen: nothing that narrows it down. Texts are cut, and a cut credential is one too.
const PART: usize = 12;

/// Asserts that neither the run nor its journal holds a part of a credential.
async fn assert_clean(world: &World, run: &Value, what: &str) -> anyhow::Result<()> {
    let journal = world.journal(ACME, text(&run["id"])).await?;
    for secret in [HIVE_KEY, SIEM_TOKEN] {
        let part = &secret[..PART];
        assert!(!run.to_string().contains(part), "{what}: {run:#}");
        assert!(!journal.to_string().contains(part), "{what}: {journal:#}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn row_34_a_refusal_of_thehive_that_repeats_the_key_reaches_nobody() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("denied")).await?;
    let message = format!("{} Authorization: Bearer {HIVE_KEY}", "x".repeat(260));
    for status in [400, 401, 403, 404, 409, 413, 422] {
        let body = json!({ "type": "BadRequest", "message": message, "key": HIVE_KEY });
        let headers = json!({ "X-Debug-Authorization": format!("Bearer {HIVE_KEY}"), "WWW-Authenticate": HIVE_KEY });
        let action = json!({ "status": status, "body": body, "headers": headers });
        fault(
            &world.thehive,
            json!({ "match": { "method": "POST", "path": "*/v1/alert*" }, "action": action }),
        )
        .await?;
        let run = world.run(ACME, "denied", json!(null)).await?;
        assert!(run["answer"]["error"].is_string(), "{status}: {run:#}");
        assert_clean(&world, &run, &status.to_string()).await?;
    }
    // Pages of something in front of it, and answers that are no answers.
    for raw in [
        format!("<html>{HIVE_KEY}</html>"),
        format!("{{\"message\": \"{HIVE_KEY}"),
        HIVE_KEY.to_owned(),
    ] {
        let action = json!({ "status": 403, "raw_body": raw });
        fault(
            &world.thehive,
            json!({ "match": { "method": "POST", "path": "*/v1/alert*" }, "action": action }),
        )
        .await?;
        let run = world.run(ACME, "denied", json!(null)).await?;
        assert_clean(&world, &run, &raw).await?;
    }
    assert!(
        !on_disk(world.folder.path(), &HIVE_KEY.as_bytes()[..PART])?,
        "a part of the key was stored"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_34_an_outcome_in_doubt_is_told_without_the_key() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("denied")).await?;
    // Performed, then a 500 that repeats the key: the write is sent again, and this time understood.
    let body = json!({ "type": "InternalError", "message": format!("failed for Bearer {HIVE_KEY}") });
    let action = json!({ "lie": "did_it", "status": 500, "body": body });
    fault(
        &world.thehive,
        json!({ "match": { "method": "POST", "path": "*/v1/alert*" }, "action": action }),
    )
    .await?;
    let run = world.run(ACME, "denied", json!(null)).await?;
    assert!(run["answer"]["created"].is_string(), "{run:#}");
    assert_eq!(world.thehive.control.effects(0).len(), 1);
    assert_clean(&world, &run, "500").await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_34_a_success_of_thehive_that_holds_the_key_is_cleaned() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("denied")).await?;
    let now = world.thehive.control.now_ms();
    let body = json!({
        "_id": format!("~{HIVE_KEY}"), "_type": "Alert", "_createdBy": "x", "_createdAt": now, "type": "denied", "source": "hive-acme",
        "sourceRef": "denied-1", "title": HIVE_KEY, "description": "d", "severity": 1, "date": now, "tags": [], "tlp": 2, "pap": 2,
        "status": "New", "stage": "New", "follow": true, "observableCount": 0, "customFields": [],
    });
    fault(
        &world.thehive,
        json!({ "match": { "method": "POST", "path": "*/v1/alert*" }, "action": { "status": 201, "body": body } }),
    )
    .await?;
    let run = world.run(ACME, "denied", json!(null)).await?;
    assert_eq!(run["answer"]["created"], "~[redacted]", "{run:#}");
    assert_clean(&world, &run, "201").await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_34_a_console_that_repeats_its_token_tells_it_nobody() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    generate(&world.qradar, 0, 100, 1).await?;
    for status in [401, 403, 404, 422, 500] {
        let body = json!({ "http_response": { "code": status, "message": SIEM_TOKEN }, "code": 26, "message": format!("SEC {SIEM_TOKEN}"),
            "description": SIEM_TOKEN, "details": { "SEC": SIEM_TOKEN } });
        let action =
            json!({ "status": status, "body": body, "headers": { "X-Sec": SIEM_TOKEN, "Deprecated": SIEM_TOKEN } });
        fault(
            &world.qradar,
            json!({ "match": { "path": "/siem/offenses" }, "action": action, "count": -1 }),
        )
        .await?;
        let id = world.begin(ACME, "qradar2alert", json!({ "offense": 100 })).await?;
        // A refusal that may pass sends the run to wait: it says so, and that is looked at too.
        // Each look waits a second at most for the end, which paces the loop.
        let path = format!("/v1/tenants/{ACME}/runs/{id}");
        let mut run = Value::Null;
        for _ in 0..30 {
            run = world
                .operator()
                .send("GET", &path, &[("prefer", "wait=1")], None)
                .await?
                .ok()?;
            if !["queued", "running"].contains(&text(&run["state"])) {
                break;
            }
        }
        assert_clean(&world, &run, &status.to_string()).await?;
        world
            .operator()
            .send("POST", &format!("/v1/tenants/{ACME}/runs/{id}/cancel"), &[], None)
            .await?;
        world.qradar.control.faults().clear();
    }
    assert!(
        !on_disk(world.folder.path(), &SIEM_TOKEN.as_bytes()[..PART])?,
        "a part of the token was stored"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_34_a_credential_in_an_offense_does_not_become_part_of_an_alert() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    generate(&world.qradar, 0, 100, 1).await?;
    let mut offense = world.qradar.target.dump()["offenses"][0].clone();
    offense["description"] = json!(format!("login with SEC {SIEM_TOKEN} failed"));
    let action = json!({ "status": 200, "body": [offense], "headers": { "Content-Range": "items 0-0/1" } });
    fault(
        &world.qradar,
        json!({ "match": { "method": "GET", "path": "/siem/offenses?" }, "action": action, "count": -1 }),
    )
    .await?;
    let run = world.run(ACME, "qradar2alert", json!({ "timerange": 60 })).await?;
    assert_eq!(run["answer"]["created"], 1, "{run:#}");
    assert_clean(&world, &run, "offense").await?;
    let alerts = world.thehive.target.dump()["alerts"].to_string();
    assert!(
        alerts.contains("[redacted]") && !alerts.contains(SIEM_TOKEN),
        "{alerts}"
    );
    world.finish().await
}

/// Basic authentication sends user and password in base64, and JSON writes a quote as two characters: both are the password still.
#[tokio::test(flavor = "multi_thread")]
async fn row_34_a_password_is_known_in_the_forms_in_which_it_is_sent_and_stored() -> anyhow::Result<()> {
    const PASSWORD: &str = "canary-pass\"word\\of-basic";
    let sections = format!(
        "[tenants.{ACME}.connections.basic]\nkind = \"thehive\"\nurl = \"URL\"\nsource_id = \"basic\"\n\
         auth = {{ scheme = \"basic\", user = \"synapse\", secret = {{ env = \"BASIC\" }} }}\nallow = [\"127.0.0.0/8\"]\nallow_http = true\n"
    );
    let hive = synapse_sim::start::thehive("127.0.0.1:0".parse()?, None).await?;
    let sections = sections.replace("URL", &hive.url());
    let environment = vec![("BASIC".to_owned(), PASSWORD.to_owned())];
    let world = World::with(Options {
        sections,
        environment,
        ..Options::default()
    })
    .await?;
    upload(&world.operator(), ACME, component("denied")?).await?.ok()?;
    let wanted = json!({
        "component": digest(&component("denied")?), "manifest": manifest("denied")?, "bindings": { "thehive": "basic" },
        "grants": [{ "binding": "thehive", "operations": ["*"] }],
    });
    put(&world.operator(), ACME, "denied", &wanted).await?.ok()?;

    let header = base64::engine::general_purpose::STANDARD.encode(format!("synapse:{PASSWORD}"));
    let now = hive.control.now_ms();
    let alert = json!({
        "_id": format!("~{PASSWORD} {header}"), "_type": "Alert", "_createdBy": "x", "_createdAt": now, "type": "denied",
        "source": "basic", "sourceRef": "denied-1", "title": "t", "description": "d", "severity": 1, "date": now, "tags": [], "tlp": 2,
        "pap": 2, "status": "New", "stage": "New", "follow": true, "observableCount": 0, "customFields": [],
    });
    let refusal = json!({ "type": "X", "message": format!("Basic {header} means {PASSWORD}") });
    for (status, body) in [(403, refusal), (201, alert)] {
        let action = json!({ "status": status, "body": body });
        fault(
            &hive,
            json!({ "match": { "method": "POST", "path": "*/v1/alert*" }, "action": action }),
        )
        .await?;
        let run = world.run(ACME, "denied", json!(null)).await?;
        let journal = world.journal(ACME, text(&run["id"])).await?;
        for shown in [run.to_string(), journal.to_string()] {
            assert!(shown.contains("[redacted]"), "{status}: {shown}");
            assert!(
                !shown.contains("canary-pass") && !shown.contains(&header[..PART]),
                "{status}: {shown}"
            );
        }
    }
    for part in ["canary-pass", &header[..PART]] {
        assert!(!on_disk(world.folder.path(), part.as_bytes())?, "`{part}` was stored");
    }
    world.finish().await
}

#[test]
fn what_is_reflected_here_are_the_worlds_credentials() {
    assert_eq!(HIVE_KEY, synapse_tests::hive_key(ACME));
    assert_eq!(SIEM_TOKEN, synapse_tests::siem_token(ACME));
}
