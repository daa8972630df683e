//! What does an alert say about an offense, whatever the offense says about itself?

use serde_json::{Value, json};
use synapse_tests::{Deployment, World};

use crate::support::{self, IMPORT, address, alert, import, load_console, load_thehive, offense, texts};

/// Imports one offense and answers its alert as it was sent.
async fn imported(world: &World, one: Value, more: Value) -> anyhow::Result<Value> {
    let id = one["id"].as_i64().unwrap_or_default();
    let mut state = json!({ "offenses": [one] });
    support::merge(&mut state, more);
    load_console(&world.qradar, state)?;
    let run = import(world).await?;
    assert_eq!(run["answer"]["created"], 1, "{run:#}");
    alert(world, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn d14_an_address_in_three_roles_is_one_observable_with_all_tags_and_messages() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let one = offense(
        7,
        support::now(&world),
        json!({ "offense_source": "10.1.2.3", "source_address_ids": [1], "source_count": 1, "local_destination_address_ids": [1], "local_destination_count": 1 }),
    );
    let tables = json!({
        "source_addresses": [address("source_ip", 1, "10.1.2.3", &[7])],
        "local_destination_addresses": [address("local_destination_ip", 1, "10.1.2.3", &[7])],
    });
    let alert = imported(&world, one, tables).await?;
    let observables = alert["observables"].as_array().cloned().unwrap_or_default();
    assert_eq!(observables.len(), 1, "{alert:#}");
    let only = &observables[0];
    assert_eq!((&only["dataType"], &only["data"]), (&json!("ip"), &json!("10.1.2.3")));
    for tag in ["offense-source", "source", "local-destination", "internal"] {
        assert!(texts(&only["tags"]).contains(&tag), "{tag}: {only:#}");
    }
    let message = only["message"].as_str().unwrap_or_default();
    assert!(
        message.contains("Source IP: source of the offense") && message.contains("Source address, network Net-1"),
        "{message}"
    );
    assert!(message.contains("Local destination address"), "{message}");
    assert_eq!(
        only["ignoreSimilarity"], true,
        "an internal address makes every case look related"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d15_r1_an_unknown_observable_type_becomes_other_and_the_alert_keeps_its_tags() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let by_user = |id| {
        offense(
            id,
            support::now(&world),
            json!({ "offense_type": 3, "offense_source": "jdoe", "categories": ["Login Failure"] }),
        )
    };
    let alert = imported(&world, by_user(7), json!({})).await?;
    let only = &alert["observables"][0];
    assert_eq!(
        (&only["dataType"], &only["data"]),
        (&json!("other"), &json!("jdoe")),
        "{alert:#}"
    );
    assert!(texts(&only["tags"]).contains(&"type:username"), "{only:#}");
    let tags = texts(&alert["tags"]);
    for tag in ["QRadar", "Offense", "offense:7", "Login Failure"] {
        assert!(tags.contains(&tag), "{tag} is missing in {tags:?}");
    }
    assert!(
        !tags.contains(&"type:username"),
        "the tag is the observable's alone: {tags:?}"
    );

    // Where the administrator made the type, it is used.
    load_thehive(&world, json!({ "observable_types": ["ip", "other", "username"] }))?;
    let alert = imported(&world, by_user(8), json!({})).await?;
    assert_eq!(alert["observables"][0]["dataType"], "username", "{alert:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_a_hostile_or_missing_description_stays_in_its_cell() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let hostile = "a | b\n| c |\r\n```\n# heading\n![x](https://evil.example/p.png)\n<img src=x onerror=alert(1)> [click](javascript:1) \u{202e}gnp.exe \u{1b}[31m";
    let one = offense(
        7,
        support::now(&world),
        json!({ "description": hostile, "offense_source": "x|y`z", "offense_type": 7, "categories": ["a|b\n```"] }),
    );
    let alert = imported(&world, one, json!({})).await?;
    let text = alert["description"].as_str().unwrap_or_default();
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 15, "{text}");
    for row in rows {
        assert_eq!(row.matches('|').count(), 3, "a cell was left: {row}");
    }
    assert!(!text.contains("\n# heading") && !text.contains("```"), "{text}");
    assert!(
        !text.contains("https://evil.example") && !text.contains("<img"),
        "something fires: {text}"
    );
    assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'), "{text}");
    let title = alert["title"].as_str().unwrap_or_default();
    assert_eq!(title, "#7 a | b");

    let one = offense(
        8,
        support::now(&world),
        json!({ "description": null, "offense_source": null }),
    );
    let alert = imported(&world, one, json!({})).await?;
    assert_eq!(alert["title"], "#8 (no description)");
    assert!(
        alert["description"]
            .as_str()
            .is_some_and(|text| text.contains("| **Description** | (none) |")),
        "{alert:#}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d40_text_beyond_ascii_arrives_unchanged() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let words = "Zugriff verweigert – Überprüfung nötig, 測試 тест 🔥";
    let rules = json!([{ "id": 100_001, "name": "Règle d'accès ⚠" }]);
    let one = offense(
        7,
        support::now(&world),
        json!({ "description": format!("{words}\n"), "categories": ["Ünïcode"], "rules": [{ "id": 100_001, "type": "CRE_RULE" }] }),
    );
    let alert = imported(&world, one, json!({ "rules": rules })).await?;
    assert_eq!(alert["title"], format!("#7 {words}"));
    assert!(
        alert["description"].as_str().is_some_and(|text| text.contains(words)),
        "{alert:#}"
    );
    let tags = texts(&alert["tags"]);
    assert!(
        tags.contains(&"Ünïcode") && tags.contains(&"rule:Règle d'accès ⚠"),
        "{tags:?}"
    );
    world.finish().await
}
