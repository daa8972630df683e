//! Who may send events, and how much of one is kept?

use serde_json::json;
use synapse_tests::World;
use synapse_tests::hooks::{closed, hook_options, hook_secret};

use super::{listener, runs, world};
use crate::support::{ACME, UMBRELLA, assert_problem, now};

/// Connections that differ in how TheHive has to show who it is.
const AUTHS: [(&str, &str, &str); 6] = [
    (
        "bearer",
        "auth = { scheme = \"bearer\", secret = { env = \"HOOK_acme\" } }",
        "Bearer SECRET",
    ),
    (
        "basic",
        "auth = { scheme = \"basic\", user = \"hive\", secret = { env = \"HOOK_acme\" } }",
        "",
    ),
    (
        "key",
        "auth = { scheme = \"key\", secret = { env = \"HOOK_acme\" } }",
        "SECRET",
    ),
    (
        "prefixed",
        "auth = { scheme = \"key\", prefix = \"ApiKey\", secret = { env = \"HOOK_acme\" } }",
        "ApiKey SECRET",
    ),
    (
        "path",
        "auth = { scheme = \"path\", secret = { env = \"HOOK_acme\" } }",
        "",
    ),
    (
        "elsewhere",
        "allow = [\"192.0.2.0/24\"]\nauth = { scheme = \"bearer\", secret = { env = \"HOOK_acme\" } }",
        "Bearer SECRET",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn row_69_only_who_shows_the_secret_from_a_listed_address_is_heard_and_nothing_is_kept_of_others()
-> anyhow::Result<()> {
    use base64::Engine as _;
    let mut options = hook_options();
    for (name, webhook, _) in AUTHS {
        options.sections.push_str(&format!(
            "[tenants.acme.connections.{name}]\nkind = \"thehive\"\nurl = \"http://127.0.0.1:9\"\nallow_http = true\nallow = [\"127.0.0.0/8\"]\nsource_id = \"{name}\"\n\
             auth = {{ scheme = \"bearer\", secret = {{ env = \"HIVE_acme\" }} }}\n[tenants.acme.connections.{name}.webhook]\n{webhook}\n"
        ));
    }
    options.sections.push_str(
        "[tenants.acme.connections.closed]\nkind = \"thehive\"\nurl = \"http://127.0.0.1:9\"\nallow_http = true\nallow = [\"127.0.0.0/8\"]\nsource_id = \"closed\"\n\
         auth = { scheme = \"bearer\", secret = { env = \"HIVE_acme\" } }\n",
    );
    let world = World::with(options).await?;
    let api = world.operator().with_key("");
    let secret = hook_secret(ACME);
    let body = closed("~1", now(&world));
    let post = async |path: &str, authorization: &str| {
        let headers = [("authorization", authorization)];
        let headers = if authorization.is_empty() {
            &headers[..0]
        } else {
            &headers[..]
        };
        api.json("POST", path, headers, &body).await
    };
    for (name, _, header) in AUTHS {
        let path = format!("/t/acme/hooks/thehive/{name}");
        let basic = |password: &str| {
            let pair = base64::engine::general_purpose::STANDARD.encode(format!("hive:{password}"));
            format!("Basic {pair}")
        };
        let right = match name {
            "basic" => basic(&secret),
            _ => header.replace("SECRET", &secret),
        };
        let there = if name == "path" {
            format!("{path}/{secret}")
        } else {
            path.clone()
        };
        let expected = if name == "elsewhere" { 401 } else { 202 };
        let told = post(&there, &right).await?;
        assert_eq!(told.status, expected, "{name}: {}", told.body);
        let wrong = [
            (path.clone(), String::new()),
            (path.clone(), format!("Bearer {}", hook_secret(UMBRELLA))),
            (path.clone(), format!("Bearer {secret}x")),
            (path.clone(), basic("guess")),
            (format!("{path}/{secret}x"), String::new()),
            (format!("{path}/guess"), String::new()),
        ];
        for (path, authorization) in &wrong {
            let told = post(path, authorization).await?;
            assert_problem(&told, 401);
            assert!(!told.body.to_string().contains("canary"), "{}", told.body);
        }
        let page = format!("/v1/tenants/acme/connections/{name}/webhook");
        let page = world.operator().get(&page).await?.ok()?;
        let heard = u64::from(expected == 202);
        assert_eq!(
            (&page["received"], page["refused_since_start"].as_u64()),
            (&json!(heard), Some(7 - heard)),
            "{name}: {page:#}"
        );
        assert!(page["last_refused_reason"].is_string(), "{page:#}");
    }
    // Unknown, foreign and not configured are one answer, whatever is shown.
    let mut answers = Vec::new();
    for path in [
        "/t/acme/hooks/thehive/closed",
        "/t/acme/hooks/thehive/nothing",
        "/t/acme/hooks/thehive/siem",
        "/t/nowhere/hooks/thehive/hive",
        "/t/umbrella/hooks/thehive/bearer",
    ] {
        for authorization in ["", &format!("Bearer {secret}")] {
            answers.push(post(path, authorization).await?);
        }
    }
    for answer in &answers {
        assert_problem(answer, 404);
        assert_eq!(answer.body, answers[0].body);
    }
    // A refused sender leaves nothing behind.
    assert_eq!(world.events(ACME, "").await?.len(), AUTHS.len() - 1);
    assert!(world.events(UMBRELLA, "").await?.is_empty());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_payload_fits_without_the_object_it_is_about_and_a_large_event_does_not() -> anyhow::Result<()> {
    let world = world().await?;
    world.deploy(listener(&["case.*"], json!({}))).await?;
    let mut large = closed("~1", now(&world));
    large["object"]["description"] = json!("x".repeat(3 << 20));
    large["context"] = large["object"].clone();
    let told = world.tell(ACME, &large).await?;
    let run = world.end_of(ACME, &runs(&told)[0]).await?;
    assert_eq!(run["answer"]["title"], "Phishing");
    let mut too_large = closed("~2", now(&world));
    too_large["details"]["summary"] = json!("x".repeat(1 << 20));
    assert_problem(&world.tell(ACME, &too_large).await?, 413);
    let mut body = closed("~3", now(&world));
    body["context"] = json!("x".repeat(9 << 20));
    assert_problem(&world.tell(ACME, &body).await?, 413);
    assert_eq!(
        world.events(ACME, "").await?.len(),
        1,
        "what was refused was not recorded"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_34_credentials_in_a_payload_are_not_kept() -> anyhow::Result<()> {
    let world = world().await?;
    world.deploy(listener(&["case.closed"], json!({}))).await?;
    let mut payload = closed("~1", now(&world));
    payload["object"]["title"] = json!(format!(
        "Use {} or {}",
        synapse_tests::hive_key(ACME),
        hook_secret(ACME)
    ));
    let told = world.tell(ACME, &payload).await?;
    let run = world.end_of(ACME, &runs(&told)[0]).await?;
    assert_eq!(run["answer"]["title"], "Use [redacted] or [redacted]");
    // Searches the whole folder for both.
    world.finish().await
}
