//! Does somebody who asks why it does not work learn which step fails, and what to do?

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::analyst::{Analyst, reasons};
use synapse_tests::{Deployment, Options, TENANTS, World, mail_password, mailbox};

use crate::support::{ACME, IMPORT, fault, hive_key, merge, siem_token};

const CLOSE: &str = "close-offense";
const DAY: u64 = 24 * 60 * 60 * 1_000;

async fn test(world: &World, connection: &str) -> anyhow::Result<Value> {
    let path = format!("/v1/tenants/{ACME}/connections/{connection}/test");
    world.operator().json("POST", &path, &[], &json!({})).await?.ok()
}

async fn doctor(world: &World) -> anyhow::Result<Value> {
    let path = format!("/v1/doctor?tenant={ACME}");
    world.operator().json("POST", &path, &[], &json!({})).await?.ok()
}

/// The step of this name.
fn step<'a>(steps: &'a Value, name: &str) -> anyhow::Result<&'a Value> {
    let found = steps.as_array().into_iter().flatten().find(|step| step["step"] == name);
    found.with_context(|| format!("no step `{name}` in {steps:#}"))
}

/// A step that failed or warns, with these words in what was found and in what to do.
fn told(steps: &Value, name: &str, verdict: &str, found: &str, remedy: &str) -> anyhow::Result<()> {
    let step = step(steps, name)?;
    assert_eq!(step["verdict"], verdict, "{step:#}");
    let (said, advice) = (step["found"].to_string(), step["remedy"].to_string());
    assert!(said.contains(found), "`{found}` is not in {said}");
    assert!(advice.contains(remedy), "`{remedy}` is not in {advice}");
    Ok(())
}

fn tokens(changes: Value) -> Value {
    let token = |(domain, tenant): (usize, &&str)| json!({ "token": siem_token(tenant), "label": tenant, "domain_ids": [domain] });
    let mut tokens: Vec<Value> = TENANTS.iter().enumerate().map(token).collect();
    if let Some(first) = tokens.first_mut() {
        merge(first, changes);
    }
    json!({ "tokens": tokens })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_works_is_fine_step_by_step_and_nothing_is_changed_at_its_target() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    for (connection, steps) in [
        (
            "hive",
            &[
                "name",
                "connection",
                "tls",
                "version",
                "authentication",
                "licence",
                "permissions",
                "clock",
            ] as &[&str],
        ),
        (
            "siem",
            &[
                "name",
                "connection",
                "tls",
                "authentication",
                "version",
                "token",
                "domains",
                "permissions",
                "clock",
            ],
        ),
        (
            "mail",
            &[
                "name",
                "connection",
                "tls",
                "authentication",
                "version",
                "mailbox",
                "clock",
            ],
        ),
        ("lab", &["name", "connection", "tls", "authentication", "clock"]),
    ] {
        let report = test(&world, connection).await?;
        assert_eq!(report["ok"], true, "{report:#}");
        let seen: Vec<_> = report["steps"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|step| step["step"].clone())
            .collect();
        assert_eq!(seen, steps, "{connection}");
        // Everything speaks `http://` here.
        told(&report["steps"], "tls", "warning", "in clear", "https://")?;
    }
    let hive = test(&world, "hive").await?;
    told(
        &hive["steps"],
        "authentication",
        "ok",
        "`synapse@acme` in organisation `acme`",
        "",
    )?;
    told(&hive["steps"], "permissions", "ok", "1 deployment(s)", "")?;
    let siem = test(&world, "siem").await?;
    told(&siem["steps"], "domains", "ok", "domains 0", "")?;
    told(&siem["steps"], "permissions", "ok", "offenses, Ariel searches", "")?;
    for simulator in [&world.thehive, &world.qradar, &world.ews, &world.lab] {
        assert_eq!(simulator.control.effects(0).len(), 0);
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_credential_is_named_with_what_to_do_and_its_end_is_told_before_it_comes() -> anyhow::Result<()> {
    let world = World::start().await?;
    let soon = synapse_tests::now() + 10 * DAY + DAY / 2;
    world
        .qradar
        .target
        .load(tokens(json!({ "expiry": soon })))
        .map_err(anyhow::Error::msg)?;
    let siem = test(&world, "siem").await?;
    assert_eq!(siem["ok"], true, "{siem:#}");
    told(
        &siem["steps"],
        "token",
        "warning",
        "holds for 10 more days",
        "authorised service",
    )?;

    let gone = tokens(json!({ "token": "another-one" }));
    world.qradar.target.load(gone).map_err(anyhow::Error::msg)?;
    let siem = test(&world, "siem").await?;
    assert_eq!(siem["ok"], false, "{siem:#}");
    told(
        &siem["steps"],
        "authentication",
        "failed",
        "does not accept the token",
        "deployed in QRadar",
    )?;

    world
        .thehive
        .target
        .load(json!({ "organisations": TENANTS }))
        .map_err(anyhow::Error::msg)?;
    told(
        &test(&world, "hive").await?["steps"],
        "authentication",
        "failed",
        "credentials were refused",
        "API key",
    )?;
    let other = json!({ "mailboxes": [{ "address": mailbox(ACME), "password": "another-one" }], "settings": { "auth": "basic" } });
    world.ews.target.load(other).map_err(anyhow::Error::msg)?;
    told(
        &test(&world, "mail").await?["steps"],
        "authentication",
        "failed",
        "does not accept",
        "`auth.scheme`",
    )?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_licence_that_does_not_hold_is_told_before_a_write_is_refused() -> anyhow::Result<()> {
    let world = World::start().await?;
    let soon = synapse_tests::now() + 5 * DAY + DAY / 2;
    for (licence, verdict, found) in [
        (json!({ "isValid": true, "expiresAt": soon }), "warning", "5 more days"),
        (
            json!({ "isValid": false, "expiresAt": soon }),
            "failed",
            "nothing can be written",
        ),
    ] {
        let body = json!({ "version": "5.5.13", "license": licence });
        let status = json!({ "match": { "method": "GET", "path": "/api/v1/status" }, "action": { "status": 200, "body": body } });
        fault(&world.thehive, status).await?;
        told(
            &test(&world, "hive").await?["steps"],
            "licence",
            verdict,
            found,
            "renew",
        )?;
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_deployments_may_do_and_the_target_does_not_allow_is_named_with_who_needs_it() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let user = json!({ "login": "synapse@acme", "key": hive_key(ACME), "organisations": [ACME], "permissions": ["manageAlert/create"] });
    world
        .thehive
        .target
        .load(json!({ "organisations": TENANTS, "users": [user] }))
        .map_err(anyhow::Error::msg)?;
    let hive = test(&world, "hive").await?;
    let step = step(&hive["steps"], "permissions")?;
    assert_eq!(step["verdict"], "failed", "{step:#}");
    let found = step["found"].as_str().unwrap_or_default();
    assert!(
        found.contains("`manageAlert/update`, needed by `qradar2alert` (thehive/alerts.update-alert)"),
        "{found}"
    );
    assert!(
        !found.contains("manageAlert/create") && !found.contains("manageCase/merge"),
        "only what is missing and needed: {found}"
    );

    world
        .qradar
        .target
        .load(tokens(json!({ "capabilities": ["offenses", "rules"] })))
        .map_err(anyhow::Error::msg)?;
    let siem = test(&world, "siem").await?;
    told(
        &siem["steps"],
        "permissions",
        "failed",
        "Ariel searches, needed by `qradar2alert`",
        "Log Activity",
    )?;
    let failed = siem["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|step| step["verdict"] == "failed");
    assert_eq!(failed.count(), 1, "{siem:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_leads_nowhere_is_named_by_its_first_step_and_nothing_is_asked() -> anyhow::Result<()> {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let connection = |name: &str, url: &str, rest: &str| {
        format!(
            "[tenants.acme.connections.{name}]\nkind = \"lab\"\nurl = \"{url}\"\nsource_id = \"{name}\"\nallow_http = true\n{rest}\n"
        )
    };
    let unknown = connection("unknown", "https://no-such-host.invalid", "");
    let deaf = connection("deaf", &format!("http://{closed}"), "allow = [\"127.0.0.1/32\"]");
    let world = World::with(Options {
        sections: unknown + &deaf,
        ..Options::default()
    })
    .await?;
    let unknown = test(&world, "unknown").await?;
    told(
        &unknown["steps"],
        "name",
        "failed",
        "`no-such-host.invalid` cannot be looked up",
        "`url`",
    )?;
    told(&unknown["steps"], "authentication", "skipped", "not tried", "")?;
    let deaf = test(&world, "deaf").await?;
    told(&deaf["steps"], "connection", "failed", "refused", "nothing listens")?;
    assert_eq!(deaf["steps"].as_array().map(Vec::len), Some(3), "{deaf:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_status_without_a_live_reason_is_refused_when_it_is_deployed_and_found_by_doctor_later()
-> anyhow::Result<()> {
    let world = World::start().await?;
    Analyst::arrive(&world)?;
    let refused = |answer: &Value, words: &[&str]| {
        let detail = answer["detail"].as_str().unwrap_or_default().to_owned();
        assert!(words.iter().all(|word| detail.contains(word)), "{detail}");
    };
    let with = |reasons: Value| Deployment::of(CLOSE).config(json!({ "reasons": reasons }));

    let some = json!({ "FalsePositive": "False-Positive, Tuned" });
    let answer = world.try_deploy(&with(some.clone())).await?;
    assert_eq!(answer.status, 422, "{}", answer.body);
    refused(
        &answer.body,
        &[
            "no reason for",
            "`TruePositive`",
            "`Indeterminate`",
            "`Other`",
            "`Non-Issue`",
            "unchecked",
        ],
    );
    assert!(!answer.body.to_string().contains("Duplicated"), "{}", answer.body);
    let mut wrong = reasons();
    merge(&mut wrong, json!({ "Other": "Nonissue" }));
    refused(
        &world.try_deploy(&with(wrong)).await?.body,
        &["`Other` has the reason `Nonissue`", "does not have"],
    );
    world.deploy(with(reasons())).await?;
    assert_eq!(doctor(&world).await?["ok"], true);

    // An administrator adds a status after the deployment.
    let users = json!([{ "login": "synapse@acme", "key": hive_key(ACME), "organisations": [ACME] }]);
    let state = json!({ "organisations": TENANTS, "users": users, "case_statuses": [{ "value": "Escalated", "stage": "Closed" }] });
    world.thehive.target.load(state).map_err(anyhow::Error::msg)?;
    let report = doctor(&world).await?;
    assert_eq!(report["ok"], false, "{report:#}");
    let deployment = &report["deployments"][0];
    assert_eq!(deployment["deployment"], CLOSE);
    told(
        &deployment["steps"],
        "closing-reasons",
        "failed",
        "no reason for `Escalated`",
        "nothing is guessed",
    )?;

    // A console that is down is not taken for one that has everything.
    fault(
        &world.qradar,
        json!({ "match": {}, "action": { "status": 503 }, "count": -1 }),
    )
    .await?;
    let mut all = reasons();
    merge(&mut all, json!({ "Escalated": "Non-Issue" }));
    let answer = world.try_deploy(&with(all)).await?;
    assert_eq!(answer.status, 422, "{}", answer.body);
    refused(&answer.body, &["cannot be checked: `qradar` cannot be asked"]);
    world.deploy(with(some).unchecked()).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_3_and_4_a_read_alert_needs_a_reason_too_and_rights_are_asked_in_the_versions_own_words()
-> anyhow::Result<()> {
    for flavour in ["v3", "v4"] {
        let world = World::with(Options {
            flavour: Some(flavour),
            ..Options::default()
        })
        .await?;
        let with = |config: Value| Deployment::of(CLOSE).config(config);
        let answer = world.try_deploy(&with(json!({ "reasons": reasons() }))).await?;
        assert_eq!(answer.status, 422, "{flavour}: {}", answer.body);
        let detail = answer.body["detail"].as_str().unwrap_or_default();
        assert!(detail.contains("no reason for `Ignored`"), "{flavour}: {detail}");
        world
            .deploy(with(json!({ "reasons": reasons(), "alert_closure": "never" })))
            .await?;
        let hive = test(&world, "hive").await?;
        assert_eq!(hive["ok"], true, "{flavour}: {hive:#}");
        told(&hive["steps"], "permissions", "ok", "1 deployment(s)", "")?;
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_and_case_templates_that_are_not_there_are_refused_when_they_are_deployed() -> anyhow::Result<()> {
    let world = World::start().await?;
    for (workflow, config, words) in [
        (
            "ews2case",
            json!({ "folder": "TheHvie" }),
            "`config.folder` names `TheHvie`, and the mailbox has no such folder",
        ),
        (
            "ews2case",
            json!({ "case_template": "Phishing" }),
            "`config.case_template` names `Phishing`, and the organisation has no",
        ),
        (
            "mirror-offense",
            json!({ "alert_status": "New" }),
            "`config.alert_status` names `New`, no closed status",
        ),
    ] {
        let answer = world.try_deploy(&Deployment::of(workflow).config(config)).await?;
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert!(answer.body.to_string().contains(words), "{}", answer.body);
        world.deploy(Deployment::of(workflow)).await?;
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_may_only_be_read_is_told_by_its_folder() -> anyhow::Result<()> {
    let lines = "mailbox = \"shared@acme.example\"\n".to_owned();
    let world = World::with(Options {
        connection: lines,
        ..Options::default()
    })
    .await?;
    let account = json!({ "address": mailbox(ACME), "password": mail_password(ACME) });
    let shared = |who: &str| {
        json!({ "mailboxes": [
            account,
            { "address": "shared@acme.example", who: [mailbox(ACME)], "folders": ["Inbox/TheHive"] },
        ]})
    };
    world.ews.target.load(shared("readers")).map_err(anyhow::Error::msg)?;
    world.deploy(Deployment::of("ews2case")).await?;
    let steps = doctor(&world).await?["deployments"][0]["steps"].clone();
    told(
        &steps,
        "folder",
        "warning",
        "may read `TheHive` and not change",
        "editor",
    )?;
    world.ews.target.load(shared("delegates")).map_err(anyhow::Error::msg)?;
    let steps = doctor(&world).await?["deployments"][0]["steps"].clone();
    told(&steps, "folder", "ok", "has `TheHive`", "")?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_shows_what_to_do_and_ends_with_1_where_something_failed() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (code, out, err) = world.cli(&["connections", "list", "--tenant", ACME]).await?;
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("siem-acme"), "{out}");
    let (code, out, err) = world.cli(&["connections", "test", "--tenant", ACME]).await?;
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(out.matches("connection `").count(), 4, "{out}");
    let (code, out, err) = world.cli(&["doctor"]).await?;
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("the node: ") && out.contains("of `umbrella`"), "{out}");

    let gone = tokens(json!({ "token": "another-one" }));
    world.qradar.target.load(gone).map_err(anyhow::Error::msg)?;
    let (code, out, _) = world.cli(&["connections", "test", "--tenant", ACME, "siem"]).await?;
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("failed  authentication") && out.contains("do: tokens end"),
        "{out}"
    );
    let (code, out, _) = world.cli(&["doctor", "--tenant", ACME]).await?;
    assert_eq!(code, 1, "{out}");
    assert!(!out.contains("`umbrella`"), "{out}");
    let (code, _, err) = world.cli(&["connections", "test", "--tenant", ACME, "none"]).await?;
    assert_eq!(code, 1, "{err}");

    // Without a server, as the file says.
    let here = [
        "connections",
        "test",
        "--tenant",
        ACME,
        "hive",
        "--config",
        "synapse.toml",
        "--json",
    ];
    let (code, out, err) = world.cli(&here).await?;
    assert_eq!(code, 0, "{out}{err}");
    let report: Value = serde_json::from_str(&out)?;
    assert_eq!(report["connections"][0]["ok"], true, "{report:#}");
    world.finish().await
}
