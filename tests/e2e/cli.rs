//! Does the command line do what it says, and say what to do when it cannot?

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::{Deployment, Options, World};

use crate::support::{self, ACME, offense};

/// Runs a command that has to succeed, and reads its output as JSON.
async fn json_of(world: &World, arguments: &[&str]) -> anyhow::Result<Value> {
    let (code, out, err) = world.cli(arguments).await?;
    anyhow::ensure!(code == 0, "{arguments:?} ended with {code}: {err}");
    Ok(serde_json::from_str(&out)?)
}

const GOOD: &str = r#"
[server]
data_dir = "elsewhere"
[tenants.acme.connections.siem]
kind = "qradar"
url = "https://siem.example"
source_id = "siem"
auth = { scheme = "sec", secret = { env = "SIEM_acme" } }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn check_config_accepts_a_good_file_and_names_every_problem_of_a_bad_one() -> anyhow::Result<()> {
    let world = World::start().await?;
    let write = |name: &str, text: &str| std::fs::write(world.folder.path().join(name), text);
    write("good.toml", GOOD)?;
    let (code, out, err) = world.cli(&["check-config", "--config", "good.toml"]).await?;
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("1 tenant(s), 1 connection(s), no problem found"), "{out}");

    let bad = r#"
        [server]
        data_dir = "data"
        lease_seconds = 1
        [limits]
        running = 1000
        [compat]
        tenant = "nobody"
        [tenants.acme.connections.hive]
        kind = "thehive"
        url = "http://hive.example"
        source_id = "same"
        [tenants.acme.connections.siem]
        kind = "qradar"
        source_id = "same"
        width = 0
        auth = { scheme = "sec", secret = "canary-in-the-file" }
    "#;
    write("bad.toml", bad)?;
    let (code, _, err) = world.cli(&["check-config", "--config", "bad.toml"]).await?;
    assert_eq!(code, 1);
    for place in [
        "server.lease_seconds",
        "limits.running",
        "compat.tenant",
        "tenants.acme.connections.hive.url",
        "tenants.acme.connections.hive.auth",
        "tenants.acme.connections.siem.url",
        "tenants.acme.connections.siem.width",
        "tenants.acme.connections.siem.source_id",
        "tenants.acme.connections.siem.auth.secret",
    ] {
        assert!(err.contains(place), "`{place}` is not named in: {err}");
    }
    assert!(!err.contains("canary"), "{err}");

    // What only the reading of secrets and certificates shows is named at once, too.
    let missing = GOOD.replace("SIEM_acme", "NOT_SET") + "ca_bundle = \"none.pem\"\n";
    let second = GOOD
        .split_once("[tenants")
        .map_or("", |(_, rest)| rest)
        .replace("connections.siem", "connections.siem2");
    let second = second
        .replace("\"siem\"", "\"siem2\"")
        .replace("{ env = \"SIEM_acme\" }", "{ file = \"no-such-file\" }");
    write("missing.toml", &format!("{missing}[tenants{second}"))?;
    let (code, _, err) = world.cli(&["check-config", "--config", "missing.toml"]).await?;
    assert_eq!(code, 1);
    assert!(err.contains("NOT_SET") && err.contains("no-such-file"), "{err}");

    for (name, text, told) in [
        ("syntax.toml", "[server\n", "syntax"),
        ("unknown.toml", "[server]\ndata_dir = \"d\"\ncolour = 1\n", "colour"),
    ] {
        write(name, text)?;
        let (code, _, err) = world.cli(&["check-config", "--config", name]).await?;
        assert!(code == 1 && err.contains(told), "{name}: {err}");
    }
    let (code, _, err) = world.cli(&["check-config", "--config", "absent.toml"]).await?;
    assert!(code == 1 && err.contains("cannot be read"), "{err}");
    let (code, ..) = world.cli(&["check-config"]).await?;
    assert_eq!(code, 2, "wrong usage");
    world.finish().await
}

/// A deployment file for the import, as an operator writes it.
fn deployment_file(root: &Path) -> String {
    format!(
        r#"
name = "offenses"
component = "{0}/target/guests/qradar2alert.wasm"
manifest = "{0}/workflows/qradar2alert/workflow.toml"

[config]
min_magnitude = 3

[bindings]
qradar = "siem"
thehive = "hive"

[[grants]]
binding = "qradar"
operations = ["qradar/*"]

[[grants]]
binding = "thehive"
operations = ["thehive/alerts.*", "thehive/cases.get-case", "thehive/connection.open", "thehive/observables.*"]
"#,
        root.display()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_file_is_deployed_run_seen_and_cancelled() -> anyhow::Result<()> {
    let world = World::start().await?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let write = |name: &str, text: &str| std::fs::write(world.folder.path().join(name), text);
    write("offenses.toml", &deployment_file(&root))?;
    let (code, out, err) = world
        .cli(&["deploy", "--tenant", ACME, "--file", "offenses.toml"])
        .await?;
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains("deployed `offenses` version 1 for tenant `acme`") && out.contains("nothing older is acted on"),
        "{out}"
    );
    assert!(
        out.contains("may thehive/alerts.*, thehive/cases.get-case, thehive/connection.open, thehive/observables.* through `thehive`"),
        "{out}"
    );
    let again = json_of(
        &world,
        &["deploy", "--tenant", ACME, "--file", "offenses.toml", "--json"],
    )
    .await?;
    assert_eq!(
        (&again["version"], &again["config"]["min_magnitude"]),
        (&json!(2), &json!(3))
    );

    for (from, to, told) in [
        ("min_magnitude = 3", "min_magnitude = 30", "config/min_magnitude"),
        ("thehive = \"hive\"", "thehive = \"siem\"", "bindings.thehive"),
        ("qradar = \"siem\"\n", "", "bindings.qradar"),
        ("thehive/alerts.*", "lab/target.*", "thehive/alerts"),
        ("[config]", "colour = 1\n[config]", "colour"),
        ("qradar2alert.wasm", "none.wasm", "none.wasm"),
    ] {
        write("wrong.toml", &deployment_file(&root).replace(from, to))?;
        let (code, _, err) = world.cli(&["deploy", "--tenant", ACME, "--file", "wrong.toml"]).await?;
        assert!(code == 1 && err.contains(told), "`{told}` is not named in: {err}");
    }

    let at = support::now(&world);
    support::load_console(
        &world.qradar,
        json!({ "offenses": [offense(7, at, json!({})), offense(8, at, json!({ "magnitude": 1 }))] }),
    )?;
    let (code, out, err) = world
        .cli(&["run", "--tenant", ACME, "offenses", "--input", "{\"timerange\": 60}"])
        .await?;
    assert_eq!(code, 0, "{err}");
    for told in [
        "of offenses: succeeded",
        "scanned 2 in last updated from",
        "created  offense 7: imported as alert ~",
        "skipped  offense 8: magnitude 1 is below the minimum of 3",
    ] {
        assert!(out.contains(told), "`{told}` is not in:\n{out}");
    }
    let runs = json_of(&world, &["runs", "list", "--tenant", ACME, "--json"]).await?;
    let id = runs["runs"][0]["id"].as_str().unwrap_or_default();
    let (_, out, _) = world
        .cli(&["runs", "list", "--tenant", ACME, "--state", "succeeded"])
        .await?;
    assert!(out.contains(id) && out.contains("offenses"), "{out}");
    let (_, out, _) = world
        .cli(&["runs", "list", "--tenant", ACME, "--state", "failed"])
        .await?;
    assert!(!out.contains(id), "{out}");
    let (code, out, _) = world.cli(&["runs", "show", "--tenant", ACME, id]).await?;
    assert!(
        code == 0 && out.contains("thehive/alerts.create-alerts performed ok"),
        "{out}"
    );
    let shown = json_of(&world, &["runs", "show", "--tenant", ACME, id, "--json"]).await?;
    assert_eq!(
        (&shown["run"]["id"], &shown["journal"]["run"]),
        (&json!(id), &json!(id))
    );
    let (code, _, err) = world.cli(&["runs", "cancel", "--tenant", ACME, id]).await?;
    assert!(code == 1 && err.contains("409"), "{err}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_success_ends_with_code_3_and_an_unaccepted_one_with_1() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("fails")).await?;
    world.deploy(Deployment::of("echo")).await?;
    std::fs::write(
        world.folder.path().join("input.json"),
        "{\"how\": \"failed\", \"why\": \"no luck\"}",
    )?;
    let (code, out, _) = world
        .cli(&["run", "--tenant", ACME, "fails", "--input", "@input.json"])
        .await?;
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("why: no luck (failed)"), "{out}");
    let (code, _, err) = world
        .cli(&[
            "run",
            "--tenant",
            ACME,
            "fails",
            "--input",
            "{\"how\": \"bad-event\", \"why\": \"not this\"}",
        ])
        .await?;
    assert!(code == 1 && err.contains("not this (400"), "{err}");
    let (code, _, err) = world.cli(&["run", "--tenant", ACME, "absent"]).await?;
    assert!(code == 1 && err.contains("404"), "{err}");
    let (code, _, err) = world.cli(&["run", "--tenant", ACME, "echo", "--input", "{"]).await?;
    assert!(code == 1 && err.contains("--input is not JSON"), "{err}");
    let accepted = json_of(
        &world,
        &[
            "run",
            "--tenant",
            ACME,
            "echo",
            "--wait",
            "0",
            "--json",
            "--idempotency-key",
            "k",
        ],
    )
    .await?;
    let again = json_of(
        &world,
        &["run", "--tenant", ACME, "echo", "--json", "--idempotency-key", "k"],
    )
    .await?;
    assert_eq!(accepted["id"], again["id"]);
    let (code, _, err) = world
        .cli(&["runs", "list", "--tenant", ACME, "--url", "http://127.0.0.1:1"])
        .await?;
    assert!(code == 1 && err.contains("is it running?"), "{err}");
    let (code, _, err) = world.cli(&["runs", "list", "--tenant", "No Name"]).await?;
    assert!(code == 2 && err.contains("use 1 to 64"), "{err}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_listed_and_taken_back() -> anyhow::Result<()> {
    let world = World::start().await?;
    let (code, key, err) = world
        .cli(&[
            "keys",
            "create",
            "--tenant",
            ACME,
            "--scope",
            "runs:read",
            "--scope",
            "runs:start",
            "--label",
            "soc",
        ])
        .await?;
    assert_eq!(code, 0, "{err}");
    let key = key.trim();
    // Not in the folder that the canary search looks through.
    let elsewhere = tempfile::tempdir()?;
    let file = elsewhere.path().join("key");
    std::fs::write(&file, format!("{key}\n"))?;
    let api = world.operator().with_key(key);
    assert_eq!(api.get("/v1/tenants/acme/runs").await?.status, 200);

    let keys = json_of(&world, &["keys", "list", "--json"]).await?;
    let made = keys["keys"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|key| key["label"] == "soc")
        .cloned()
        .unwrap_or_default();
    assert_eq!(
        (&made["tenant"], &made["scopes"]),
        (&json!(ACME), &json!(["runs:read", "runs:start"]))
    );
    let id = made["id"].as_str().unwrap_or_default();
    assert!(key.contains(id));
    let secret = key.rsplit('_').next().unwrap_or_default();
    assert!(!keys.to_string().contains(secret), "a list shows no secret");

    for wrong in [
        vec!["--tenant", ACME],
        vec!["--tenant", ACME, "--scope", "operator"],
        vec!["--scope", "runs:read"],
        vec!["--tenant", "nobody", "--scope", "runs:read"],
    ] {
        let (code, _, err) = world.cli(&[&["keys", "create"], wrong.as_slice()].concat()).await?;
        assert!(code == 1 && err.contains("400"), "{wrong:?}: {err}");
    }
    let (code, ..) = world
        .cli(&["keys", "create", "--tenant", ACME, "--scope", "everything"])
        .await?;
    assert_eq!(code, 2);

    assert_eq!(world.cli(&["keys", "revoke", id]).await?.0, 0);
    assert_eq!(api.get("/v1/tenants/acme/runs").await?.status, 401);
    let (_, out, _) = world.cli(&["keys", "list"]).await?;
    assert!(
        out.lines().any(|line| line.contains(id) && line.contains("(revoked)")),
        "{out}"
    );
    let (code, _, err) = world.cli(&["keys", "revoke", "0000000000000000"]).await?;
    assert!(code == 1 && err.contains("404"), "{err}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_data_folder_has_one_server_and_one_bootstrap() -> anyhow::Result<()> {
    let mut world = World::with(Options::default()).await?;
    let bootstrap = ["keys", "create", "--bootstrap", "--config", "synapse.toml"];
    let serve = ["serve", "--config", "synapse.toml"];
    for command in [bootstrap.as_slice(), serve.as_slice()] {
        let (code, out, err) = world.cli(command).await?;
        assert_eq!(code, 1, "{command:?}: {out}");
        assert!(
            err.contains("in use by another process") && err.contains("stop it first"),
            "{command:?}: {err}"
        );
    }
    world.server.take().context("there is a server")?.terminate().await?;
    let (code, out, err) = world.cli(&bootstrap).await?;
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    assert!(err.contains("there is an operator key already"), "{err}");
    // The first key still works after all that.
    world.restart(&[]).await?;
    assert_eq!(world.operator().get("/v1/keys").await?.status, 200);
    world.finish().await
}
