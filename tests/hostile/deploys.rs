//! Is a deployment that cannot work refused by name, with nothing half applied? (G12, threat rows 23 and 47)

use serde_json::{Value, json};
use synapse_tests::World;

use crate::support::{ACME, component, digest, manifest, put, text, upload};

/// A deployment of `qradar2alert` that is accepted.
fn good() -> anyhow::Result<Value> {
    Ok(json!({
        "component": digest(&component("qradar2alert")?),
        "manifest": manifest("qradar2alert")?,
        "config": { "min_magnitude": 3 },
        "bindings": { "qradar": "siem", "thehive": "hive" },
        "grants": [{ "binding": "qradar", "operations": ["qradar/*"] }, { "binding": "thehive", "operations": ["thehive/*"] }],
    }))
}

/// What is changed in the accepted one, and which words the refusal must hold.
fn refusals() -> anyhow::Result<Vec<(&'static str, Value, Vec<&'static str>)>> {
    let bindings = |bindings: Value| bindings;
    let grant = |operation: &str| json!({ "binding": "qradar", "operations": [operation] });
    let hive = json!({ "binding": "thehive", "operations": ["thehive/*"] });
    let with_plan = |plan: &str| {
        manifest("qradar2alert").map(|text| text.replace("plan = \"standard\"", &format!("plan = \"{plan}\"")))
    };
    Ok(vec![
        // An imported interface that no grant touches.
        (
            "grants",
            json!([hive]),
            vec!["grants", "synapse:qradar/", "qradar/offenses.*"],
        ),
        (
            "grants",
            json!([
                hive,
                grant("qradar/offenses.*"),
                grant("qradar/rules.get-rules"),
                grant("qradar/domains.*")
            ]),
            vec!["synapse:qradar/ariel@0.1.0", "grant `qradar/ariel.*`"],
        ),
        // Bindings.
        (
            "bindings",
            bindings(json!({ "qradar": "siem" })),
            vec!["bindings.thehive", "missing", "`thehive` connection"],
        ),
        (
            "bindings",
            bindings(json!({ "qradar": "siem", "thehive": "nowhere" })),
            vec!["bindings.thehive", "no connection `nowhere`", "declare it"],
        ),
        (
            "bindings",
            bindings(json!({ "qradar": "siem", "thehive": "siem" })),
            vec!["bindings.thehive", "`siem` is a `qradar` connection", "needs `thehive`"],
        ),
        (
            "bindings",
            bindings(json!({ "qradar": "siem", "thehive": "hive", "mail": "hive" })),
            vec!["bindings.mail", "no such binding", "remove it"],
        ),
        // Grants.
        (
            "grants",
            json!([hive, grant("qradar/*"), { "binding": "ghost", "operations": ["*"] }]),
            vec!["grants[2].binding", "`ghost` is not bound"],
        ),
        (
            "grants",
            json!([hive, { "binding": "qradar", "operations": ["*"], "scopes": { "colour": ["red"] } }]),
            vec!["grants[1].scopes", "`colour`", "domain"],
        ),
        // Configuration.
        (
            "config",
            json!({ "min_magnitude": 11 }),
            vec!["config/min_magnitude", "11", "10"],
        ),
        ("config", json!({ "min_magnitud": 3 }), vec!["config", "min_magnitud"]),
        ("config", json!([]), vec!["config", "object"]),
        // Limits and concurrency.
        (
            "limits",
            json!({ "fuel": 10_000_000_001u64 }),
            vec!["limits.fuel", "10000000001", "plan `standard`", "10000000000"],
        ),
        (
            "limits",
            json!({ "memory_bytes": (64 << 20) + 1 }),
            vec!["limits.memory_bytes", "plan `standard`"],
        ),
        ("limits", json!({ "wall_ms": 900_001 }), vec!["limits.wall_ms"]),
        ("limits", json!({ "calls": 20_001 }), vec!["limits.calls"]),
        ("concurrency", json!(0), vec!["concurrency", "1 to 64"]),
        ("concurrency", json!(65), vec!["concurrency", "65", "1 to 64"]),
        // Component and manifest.
        (
            "component",
            json!("0".repeat(64)),
            vec!["component", "not uploaded", "upload it first"],
        ),
        (
            "manifest",
            json!(with_plan("huge")?),
            vec!["plan", "`huge`", "`standard` or `large`"],
        ),
        ("manifest", json!("name = "), vec!["workflow.toml", "line 1"]),
        (
            "manifest",
            json!(format!("colour = 1\n{}", manifest("qradar2alert")?)),
            vec!["workflow.toml", "colour"],
        ),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_deployment_is_refused_by_name_and_leaves_the_old_one() -> anyhow::Result<()> {
    let world = World::start().await?;
    let api = world.operator();
    upload(&api, ACME, component("qradar2alert")?).await?.ok()?;
    let path = format!("/v1/tenants/{ACME}/deployments/import");
    for (field, value, words) in refusals()? {
        let mut wanted = good()?;
        wanted[field] = value;
        let answer = put(&api, ACME, "import", &wanted).await?;
        let said = text(&answer.body["detail"]);
        assert_eq!(answer.status, 422, "{field}: {:#}", answer.body);
        assert!(
            words.iter().all(|word| said.contains(word)),
            "{field}: `{said}` should hold {words:?}"
        );
        assert!(
            answer.body["place"].is_string(),
            "{field}: the place is there for programs too: {:#}",
            answer.body
        );
        assert_eq!(api.get(&path).await?.status, 404, "{field}: nothing was deployed");
    }
    put(&api, ACME, "import", &good()?).await?.ok()?;
    let deployed = api.get(&path).await?.ok()?;
    for (field, value, _) in refusals()? {
        let mut wanted = good()?;
        wanted[field] = value;
        assert_eq!(put(&api, ACME, "import", &wanted).await?.status, 422);
    }
    assert_eq!(
        api.get(&path).await?.ok()?,
        deployed,
        "a refused version changed nothing"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_deployment_at_all_is_refused_as_such() -> anyhow::Result<()> {
    let world = World::start().await?;
    let api = world.operator();
    upload(&api, ACME, component("qradar2alert")?).await?.ok()?;
    for (change, word) in [
        (json!({ "colour": "red" }), "colour"),
        (json!({ "concurrency": -1 }), "`-1`"),
        (json!({ "limits": { "stack": 1 } }), "stack"),
        (json!({ "component": "abc" }), "SHA-256 digest"),
        (json!({ "bindings": { "qradar": "../siem" } }), "connection name"),
        (
            json!({ "grants": [{ "binding": "qradar", "operations": ["*"], "deny": [] }] }),
            "deny",
        ),
    ] {
        let mut wanted = good()?;
        for (name, value) in change.as_object().into_iter().flatten() {
            wanted[name] = value.clone();
        }
        let answer = put(&api, ACME, "import", &wanted).await?;
        assert_eq!(answer.status, 400, "{change}: {:#}", answer.body);
        assert!(
            text(&answer.body["detail"]).contains(word),
            "{change}: {:#}",
            answer.body
        );
    }
    // A tenant that is not configured has no connections, so nothing can be deployed there.
    assert_eq!(put(&api, "nobody", "import", &good()?).await?.status, 404);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_belongs_to_the_tenant_that_uploaded_it() -> anyhow::Result<()> {
    let world = World::start().await?;
    let api = world.operator();
    upload(&api, crate::support::UMBRELLA, component("qradar2alert")?)
        .await?
        .ok()?;
    let answer = put(&api, ACME, "import", &good()?).await?;
    assert!(
        answer.status == 422 && text(&answer.body["detail"]).contains("not uploaded"),
        "{:#}",
        answer.body
    );
    world.finish().await
}
