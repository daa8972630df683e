//! Does a mail that an analyst drags into the folder become a case with everything in it, once?

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use synapse_sim::control::Effect;
use synapse_tests::mail::{ANSWER, REPORT, plain};
use synapse_tests::{Deployment, Options, World, hive_key};

use crate::msgfile::Msg;
use crate::support::{ACME, UMBRELLA, texts};

/// The workflow under its own name.
const MAIL: &str = "ews2case";
/// Whom the category `alice` assigns to.
const ALICE: &str = "alice@acme.example";

/// A world with the workflow deployed, which takes what it finds at once, and a colleague in TheHive.
async fn world() -> anyhow::Result<World> {
    world_with(json!({})).await
}

async fn world_with(config: Value) -> anyhow::Result<World> {
    let world = World::start().await?;
    let users: Vec<Value> = [ACME, UMBRELLA]
        .iter()
        .map(|tenant| json!({ "login": format!("synapse@{tenant}"), "key": hive_key(tenant), "organisations": [tenant] }))
        .chain([json!({ "login": ALICE, "name": "Alice", "organisations": [ACME] })])
        .collect();
    let state = json!({ "organisations": [ACME, UMBRELLA], "users": users });
    world.thehive.target.load(state).map_err(anyhow::Error::msg)?;
    let mut settings = json!({ "settle_seconds": 0 });
    if let (Some(settings), Value::Object(config)) = (settings.as_object_mut(), config) {
        settings.extend(config);
    }
    world.deploy(Deployment::of(MAIL).config(settings)).await?;
    Ok(world)
}

async fn look(world: &World) -> anyhow::Result<Value> {
    world.run(ACME, MAIL, json!({})).await
}

/// What TheHive accepted so far, by the kind of what was made.
fn made(world: &World, kind: &str) -> Vec<Value> {
    let effects = world.thehive.control.effects(0);
    effects
        .into_iter()
        .filter(|effect| effect.method == "POST")
        .flat_map(|effect| effect.objects)
        .filter(|object| object["kind"] == kind)
        .collect()
}

/// Effects at the mailbox, by name.
fn mailbox_effects(world: &World, name: &str) -> Vec<Effect> {
    let effects = world.ews.control.effects(0);
    effects
        .into_iter()
        .filter(|effect| effect.body["effect"] == name)
        .collect()
}

/// The names of the file observables, and the values of the others.
fn evidence(world: &World) -> (Vec<String>, Vec<String>) {
    let (mut files, mut values) = (Vec::new(), Vec::new());
    for observable in made(world, "Observable") {
        if let Some(file) = observable["files"][0]["name"].as_str() {
            files.push(file.to_owned());
        }
        values.extend(observable["data"].as_str().map(ToOwned::to_owned));
    }
    files.sort();
    values.sort();
    (files, values)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_mail_is_one_case_with_assignee_log_and_evidence() -> anyhow::Result<()> {
    let world = world().await?;
    world.deliver(ACME, REPORT, json!({ "categories": ["alice"] })).await?;
    let run = look(&world).await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    assert_eq!(run["answer"]["success"], true, "{run:#}");
    let cases = made(&world, "Case");
    assert_eq!(cases.len(), 1, "{cases:#?}");
    assert_eq!(cases[0]["assignee"], ALICE, "{cases:#?}");
    let tasks = made(&world, "Task");
    assert_eq!(tasks.len(), 1, "{tasks:#?}");
    assert_eq!(
        (&tasks[0]["title"], &tasks[0]["caseId"]),
        (&json!("Communication"), &cases[0]["id"])
    );
    let logs = made(&world, "Log");
    assert_eq!(logs.len(), 1, "{logs:#?}");
    let log = logs[0]["message"].as_str().context("a message")?;
    assert!(log.contains("I did not order anything"), "{log}");
    assert!(
        log.contains("carla@acme.example"),
        "recipients with addresses (D04): {log}"
    );
    let (files, values) = evidence(&world);
    for name in ["invoice 4711.pdf", "label.exe"] {
        assert!(files.iter().any(|file| file == name), "{name} is not in {files:?}");
    }
    assert!(
        files.iter().any(|file| file.ends_with(".eml")),
        "the attached mail: {files:?}"
    );
    assert!(
        values.iter().any(|value| value == "http://203.0.113.9/label"),
        "{values:?}"
    );
    // Last of all the mailbox is told, and the sender is not.
    let told = mailbox_effects(&world, "mark-read");
    assert_eq!(told.len(), 1);
    let category = mailbox_effects(&world, "set-categories");
    let number = cases[0]["number"].to_string();
    let set = category.last().context("a category")?.body.to_string();
    assert!(
        set.contains(&format!("TheHive #{number}")) && set.contains("alice"),
        "{set}"
    );
    assert!(mailbox_effects(&world, "read-receipt-sent").is_empty());
    let last = world.thehive.control.effects(0).iter().map(|effect| effect.time).max();
    assert!(Some(told[0].time) >= last, "the read flag comes last (D06)");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d31_a_report_with_an_attached_outlook_message_is_one_case_with_everything_in_it() -> anyhow::Result<()> {
    let world = world().await?;
    let large: Vec<u8> = (0..5_u32 << 18).flat_map(u32::to_le_bytes).collect();
    let deeper = Msg::new("The first mail", "Mallory", "mallory@evil.example").file("dropper.js", "", b"eval(1)");
    let phish = Msg::new("Überfällige Rechnung", "Eve", "eve@evil.example")
        .text(0x1000, "Pay at https://pay.evil.example/now")
        .recipient(1, "Bob", "bob@acme.example")
        .file("tool.exe", "application/x-msdownload", b"MZ\x90\0\x03")
        .file(
            "bill.pdf",
            "application/pdf",
            &[b"%PDF-1.7 ".as_slice(), &large].concat(),
        )
        .mail(deeper)
        .bytes();
    let report = format!(
        "From: Bob <bob@acme.example>\r\nTo: SOC <soc@acme.example>\r\nSubject: Look at this\r\nMessage-ID: <msg@acme.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nIs this real?\r\n\
         --b\r\nContent-Type: application/vnd.ms-outlook; name=\"phish.msg\"\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"phish.msg\"\r\n\r\n{}\r\n--b--\r\n",
        STANDARD.encode(&phish)
    );
    world.deliver(ACME, &report, json!({ "categories": ["alice"] })).await?;
    let run = look(&world).await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    let cases = made(&world, "Case");
    assert_eq!(cases.len(), 1, "{cases:#?}");
    assert_eq!(cases[0]["title"], "Überfällige Rechnung");
    let (files, values) = evidence(&world);
    assert_eq!(files, ["bill.pdf", "dropper.js", "phish.msg", "tool.exe"]);
    for value in [
        "https://pay.evil.example/now",
        "eve@evil.example",
        "Überfällige Rechnung",
    ] {
        assert!(values.iter().any(|found| found == value), "{value} in {values:?}");
    }
    let bill = made(&world, "Observable")
        .into_iter()
        .find(|observable| observable["files"][0]["name"] == "bill.pdf");
    assert_eq!(
        bill.context("the bill")?["files"][0]["size"],
        json!(9 + large.len()),
        "larger than what a workflow may make itself"
    );
    let again = look(&world).await?;
    assert_eq!(again["answer"]["created"], 0, "{again:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleagues_answer_lands_in_the_same_case_and_a_third_look_changes_nothing() -> anyhow::Result<()> {
    let world = world().await?;
    world.deliver(ACME, REPORT, json!({ "categories": ["alice"] })).await?;
    look(&world).await?;
    world.deliver(ACME, ANSWER, json!({})).await?;
    let run = look(&world).await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    assert_eq!(made(&world, "Case").len(), 1);
    let logs = made(&world, "Log");
    assert_eq!(logs.len(), 2, "{logs:#?}");
    assert_eq!(logs[0]["caseId"], logs[1]["caseId"]);
    assert!(
        logs[1]["message"]
            .as_str()
            .is_some_and(|text| text.contains("I opened the attachment")),
        "{logs:#?}"
    );
    let before = (
        world.thehive.control.effects(0).len(),
        world.ews.control.effects(0).len(),
    );
    let run = look(&world).await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    let after = (
        world.thehive.control.effects(0).len(),
        world.ews.control.effects(0).len(),
    );
    assert_eq!(before, after, "{run:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_3000_old_mails_has_no_effect_until_one_is_named() -> anyhow::Result<()> {
    let world = world().await?;
    let year_ago = world.ews.control.now_ms() - 365 * 24 * 3_600_000;
    let old: Vec<Value> = (0..3_000)
        .map(|n| {
            let eml = plain(&format!("old.{n}@acme.example"), "Bob <bob@acme.example>", &format!("Old {n}"), "old");
            json!({
                "mailbox": synapse_tests::mailbox(ACME), "folder": "Inbox/TheHive", "eml": eml, "received_at": year_ago + n,
            })
        })
        .collect();
    synapse_tests::simulators::control(&world.ews, "/_sim/ews/messages", &Value::Array(old)).await?;
    let run = look(&world).await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    assert_eq!(world.thehive.control.effects(0).len(), 0);
    assert_eq!(world.ews.control.effects(0).len(), 0);
    let run = world
        .run(ACME, MAIL, json!({ "message": "<old.7@acme.example>" }))
        .await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    assert_eq!(made(&world, "Case").len(), 1, "{run:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d32_an_attachment_that_cannot_be_read_is_noted_and_stops_nothing() -> anyhow::Result<()> {
    let world = world().await?;
    let attachments = json!([
        { "name": "broken.bin", "content": "x", "refused": "ErrorCannotOpenFileAttachment" },
        { "name": "good.txt", "content": "good" },
    ]);
    let mail = plain("odd@acme.example", "Bob <bob@acme.example>", "Odd", "see attached");
    world
        .deliver(ACME, &mail, json!({ "attachments": attachments }))
        .await?;
    let other = plain("other@acme.example", "Eve <eve@acme.example>", "Other", "another one");
    world.deliver(ACME, &other, json!({})).await?;
    let run = look(&world).await?;
    assert_eq!(made(&world, "Case").len(), 2, "{run:#}");
    let (files, _) = evidence(&world);
    assert_eq!(files, ["good.txt"], "{run:#}");
    let told = world.thehive.control.effects(0).iter().any(|effect| {
        effect
            .objects
            .iter()
            .any(|object| object.to_string().contains("broken.bin"))
    });
    assert!(told, "the case says what is missing");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn r9_a_mail_that_cannot_be_read_does_not_block_the_others() -> anyhow::Result<()> {
    let world = world().await?;
    let bad = plain("bad@acme.example", "Bob <bob@acme.example>", "Bad", "bad");
    world
        .deliver(ACME, &bad, json!({ "corrupt": "ErrorItemCorrupt" }))
        .await?;
    let good = plain("good@acme.example", "Bob <bob@acme.example>", "Good", "good");
    world.deliver(ACME, &good, json!({})).await?;
    let run = look(&world).await?;
    assert_eq!(run["state"], "partial", "{run:#}");
    let titles: Vec<Value> = made(&world, "Case")
        .into_iter()
        .map(|case| case["title"].clone())
        .collect();
    assert!(
        titles
            .iter()
            .any(|title| title.as_str().is_some_and(|title| title.contains("Good"))),
        "{titles:?}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_originals_route_answers_success_with_the_report() -> anyhow::Result<()> {
    let world = World::with(Options {
        sections: format!("[compat]\ntenant = \"{ACME}\"\news2case = \"{MAIL}\"\n"),
        ..Options::default()
    })
    .await?;
    world
        .deploy(Deployment::of(MAIL).config(json!({ "settle_seconds": 0 })))
        .await?;
    let mail = plain("one@acme.example", "Bob <bob@acme.example>", "One", "one");
    world.deliver(ACME, &mail, json!({})).await?;
    let answer = world.operator().with_key("").get("/ews2case").await?.ok()?;
    assert_eq!(answer["success"], true, "{answer:#}");
    assert_eq!(answer["mails"].as_array().map(Vec::len), Some(1), "{answer:#}");
    assert_eq!(made(&world, "Case").len(), 1);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_mails_go_into_its_own_organisation_only() -> anyhow::Result<()> {
    let world = world().await?;
    let settings = json!({ "settle_seconds": 0 });
    world
        .deploy(Deployment::of(MAIL).tenant(UMBRELLA).config(settings))
        .await?;
    let mail = plain(
        "theirs@umbrella.example",
        "Bob <bob@umbrella.example>",
        "Theirs",
        "theirs",
    );
    world.deliver(UMBRELLA, &mail, json!({})).await?;
    look(&world).await?;
    assert_eq!(made(&world, "Case").len(), 0, "acme's deployment sees acme's mailbox");
    world.run(UMBRELLA, MAIL, json!({})).await?;
    assert_eq!(made(&world, "Case").len(), 1);
    let dump = world.thehive.target.dump();
    let organisations = texts(&json!(
        dump["cases"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|case| case["organisation"].clone())
            .collect::<Vec<_>>()
    ))
    .join(",");
    assert_eq!(organisations, UMBRELLA);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_for_one_folder_does_not_reach_another() -> anyhow::Result<()> {
    let world = world().await?;
    let grants = json!([
        { "binding": "mailbox", "operations": ["*"], "scopes": { "folder": ["Inbox/Other"] } },
        { "binding": "thehive", "operations": ["*"] },
    ]);
    world
        .deploy(
            Deployment::of(MAIL)
                .config(json!({ "settle_seconds": 0, "folder": "Inbox/TheHive" }))
                .grants(grants),
        )
        .await?;
    let mail = plain("one@acme.example", "Bob <bob@acme.example>", "One", "one");
    world.deliver(ACME, &mail, json!({})).await?;
    let run = look(&world).await?;
    assert_ne!(run["state"], "succeeded", "{run:#}");
    assert_eq!(world.thehive.control.effects(0).len(), 0);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn six_concurrent_runs_over_ntlm_never_share_a_connection_across_identities() -> anyhow::Result<()> {
    let world = World::with(Options {
        ntlm: true,
        ..Options::default()
    })
    .await?;
    for tenant in [ACME, UMBRELLA] {
        let deployment = Deployment::of(MAIL)
            .tenant(tenant)
            .config(json!({ "settle_seconds": 0 }));
        world.deploy(deployment.concurrency(3)).await?;
        for n in 0..3 {
            let mail = plain(
                &format!("{n}@{tenant}.example"),
                &format!("Bob <bob{n}@{tenant}.example>"),
                &format!("Mail {n} of {tenant}"),
                "odd",
            );
            world.deliver(tenant, &mail, json!({})).await?;
        }
    }
    let runs = [ACME, UMBRELLA]
        .into_iter()
        .flat_map(|tenant| (0..3).map(move |n| (tenant, n)));
    let runs = runs.map(|(tenant, n)| {
        let world = &world;
        async move {
            let message = format!("<{n}@{tenant}.example>");
            let run = world.run(tenant, MAIL, json!({ "message": message })).await?;
            anyhow::ensure!(run["state"] == "succeeded", "{run:#}");
            Ok(())
        }
    });
    futures::future::try_join_all(runs).await?;
    assert_eq!(made(&world, "Case").len(), 6);
    let seen = synapse_tests::Api::new(&world.ews.url(), "")?
        .get("/_sim/ews/connections")
        .await?
        .ok()?;
    let connections: Vec<&Value> = match &seen {
        Value::Array(list) => list.iter().collect(),
        Value::Object(named) => named.values().collect(),
        other => anyhow::bail!("connections: {other}"),
    };
    let carried: Vec<Vec<&str>> = connections
        .iter()
        .map(|connection| texts(&connection["identities"]))
        .collect();
    assert!(carried.iter().all(|identities| identities.len() <= 1), "{seen:#}");
    // Nothing got through without a login, and both identities were there.
    for connection in &connections {
        let (requests, logins) = (connection["requests"].as_u64(), connection["logins"].as_u64());
        assert!(requests == Some(0) || logins == Some(1), "{connection:#}");
    }
    let mut identities: Vec<&str> = carried.into_iter().flatten().collect();
    identities.sort_unstable();
    identities.dedup();
    assert_eq!(identities.len(), 2, "{seen:#}");
    world.finish().await
}
