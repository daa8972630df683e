//! Does a tenant see or touch anything of another one? (G9, threat rows 22, 36 and 65)

use serde_json::{Value, json};
use synapse_tests::{Api, Deployment, Options, World};

use crate::support::{ACME, SCOPES, UMBRELLA, component, digest, generate, key, list, manifest, put, text, upload};

/// Organisation and source reference of every alert, in order.
fn alerts(world: &World) -> Vec<(String, String)> {
    let state = world.thehive.target.dump();
    let of = |alert: &Value| {
        (
            text(&alert["organisation"]).to_owned(),
            text(&alert["sourceRef"]).to_owned(),
        )
    };
    let mut alerts: Vec<_> = list(&state["alerts"]).iter().map(of).collect();
    alerts.sort();
    alerts
}

fn expected(organisation: &str, ids: std::ops::Range<u64>) -> Vec<(String, String)> {
    ids.map(|id| (organisation.to_owned(), id.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_with_equal_deployments_import_their_own_offenses_into_their_own_organisation() -> anyhow::Result<()>
{
    let world = World::start().await?;
    for tenant in [ACME, UMBRELLA] {
        world.deploy(Deployment::of("qradar2alert").tenant(tenant)).await?;
    }
    generate(&world.qradar, 0, 100, 4).await?;
    generate(&world.qradar, 1, 200, 3).await?;
    let (acme, umbrella) = tokio::join!(
        world.run(ACME, "qradar2alert", json!({ "timerange": 60 })),
        world.run(UMBRELLA, "qradar2alert", json!({ "timerange": 60 })),
    );
    let (acme, umbrella) = (acme?, umbrella?);
    assert_eq!(
        (&acme["answer"]["scanned"], &acme["answer"]["created"]),
        (&json!(4), &json!(4)),
        "{acme:#}"
    );
    assert_eq!(
        (&umbrella["answer"]["scanned"], &umbrella["answer"]["created"]),
        (&json!(3), &json!(3)),
        "{umbrella:#}"
    );
    assert_eq!(
        alerts(&world),
        [expected(ACME, 100..104), expected(UMBRELLA, 200..203)].concat()
    );

    // The other tenant's offense is as absent as one that never was.
    let foreign = world.run(ACME, "qradar2alert", json!({ "offense": 200 })).await?;
    let unknown = world.run(ACME, "qradar2alert", json!({ "offense": 999 })).await?;
    let said = |run: &Value| json!([run["state"], run["answer"], run["problem"]]).to_string();
    assert_eq!(said(&foreign).replace("200", "N"), said(&unknown).replace("999", "N"));
    assert_eq!(alerts(&world).len(), 7);
    world.finish().await
}

/// Two consoles number their offenses alike; nothing of the one may count as "already imported" for the other (threat row 65).
#[tokio::test(flavor = "multi_thread")]
async fn equal_offense_ids_of_two_consoles_are_two_alerts() -> anyhow::Result<()> {
    let token = synapse_tests::siem_token(UMBRELLA);
    let tokens = json!({ "tokens": [{ "token": token, "label": UMBRELLA }] });
    let console = synapse_sim::start::qradar("127.0.0.1:0".parse()?, None, Some(tokens)).await?;
    let sections = format!(
        "[tenants.{UMBRELLA}.connections.console]\nkind = \"qradar\"\nurl = \"{}\"\nsource_id = \"console\"\n\
         auth = {{ scheme = \"sec\", secret = {{ env = \"SIEM_{UMBRELLA}\" }} }}\nallow = [\"127.0.0.0/8\"]\nallow_http = true\n",
        console.url()
    );
    let world = World::with(Options {
        sections,
        ..Options::default()
    })
    .await?;
    let api = world.operator();
    for (tenant, siem) in [(ACME, "siem"), (UMBRELLA, "console")] {
        upload(&api, tenant, component("qradar2alert")?).await?.ok()?;
        let wanted = json!({
            "component": digest(&component("qradar2alert")?), "manifest": manifest("qradar2alert")?,
            "bindings": { "qradar": siem, "thehive": "hive" },
            "grants": [{ "binding": "qradar", "operations": ["*"] }, { "binding": "thehive", "operations": ["*"] }],
        });
        put(&api, tenant, "import", &wanted).await?.ok()?;
    }
    generate(&world.qradar, 0, 100, 3).await?;
    generate(&console, 0, 100, 3).await?;
    for tenant in [ACME, UMBRELLA] {
        let run = world.run(tenant, "import", json!({ "timerange": 60 })).await?;
        assert_eq!(run["answer"]["created"], 3, "{run:#}");
    }
    assert_eq!(
        alerts(&world),
        [expected(ACME, 100..103), expected(UMBRELLA, 100..103)].concat()
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grants_domains_narrow_what_a_deployment_sees() -> anyhow::Result<()> {
    let world = World::start().await?;
    let grants = |domain: &str| {
        json!([
            { "binding": "qradar", "operations": ["*"], "scopes": { "domain": [domain] } },
            { "binding": "thehive", "operations": ["*"] },
        ])
    };
    world.deploy(Deployment::of("qradar2alert").grants(grants("7"))).await?;
    generate(&world.qradar, 0, 100, 2).await?;
    let run = world.run(ACME, "qradar2alert", json!({ "timerange": 60 })).await?;
    assert_eq!(
        (&run["answer"]["scanned"], &run["answer"]["created"]),
        (&json!(0), &json!(0)),
        "{run:#}"
    );
    world.deploy(Deployment::of("qradar2alert").grants(grants("0"))).await?;
    let run = world.run(ACME, "qradar2alert", json!({ "timerange": 60 })).await?;
    assert_eq!(run["answer"]["created"], 2, "{run:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_keys_in_state_are_not_shared() -> anyhow::Result<()> {
    let world = World::start().await?;
    for tenant in [ACME, UMBRELLA] {
        world.deploy(Deployment::of("statewrite").tenant(tenant)).await?;
    }
    let write = |value: &str| json!({ "changes": [{ "key": "k", "value": value }], "get": ["k"] });
    world.run(ACME, "statewrite", write("of acme")).await?;
    let run = world.run(UMBRELLA, "statewrite", json!({ "get": ["k"] })).await?;
    assert_eq!(run["answer"]["read"], json!([null]), "{run:#}");
    let run = world.run(UMBRELLA, "statewrite", write("of umbrella")).await?;
    assert_eq!(run["answer"]["read"][0]["value"], "of umbrella", "{run:#}");
    let run = world.run(ACME, "statewrite", json!({ "get": ["k"] })).await?;
    assert_eq!(run["answer"]["read"][0]["value"], "of acme", "{run:#}");
    // Nor between two deployments of one tenant.
    let mut second = Deployment::of("statewrite");
    second.name = "second".to_owned();
    world.deploy(second).await?;
    let run = world.run(ACME, "second", json!({ "get": ["k"] })).await?;
    assert_eq!(run["answer"]["read"], json!([null]), "{run:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_of_one_tenant_means_nothing_to_another() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut runs = Vec::new();
    for tenant in [ACME, UMBRELLA] {
        world.deploy(Deployment::of("echo").tenant(tenant)).await?;
        let path = format!("/v1/tenants/{tenant}/deployments/echo/runs");
        let headers = [("idempotency-key", "same"), ("prefer", "wait=60")];
        let run = world
            .operator()
            .json("POST", &path, &headers, &json!({ "of": tenant }))
            .await?;
        assert!(run.headers.get("idempotency-replayed").is_none());
        assert_eq!(run.body["answer"]["of"], tenant);
        runs.push(run.body["id"].clone());
    }
    assert_ne!(runs[0], runs[1]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_hold_the_tenants_own_and_public_pages_name_nobody() -> anyhow::Result<()> {
    let world = World::start().await?;
    for tenant in [ACME, UMBRELLA] {
        world.deploy(Deployment::of("echo").tenant(tenant)).await?;
        world.run(tenant, "echo", json!({ "secret-of": tenant })).await?;
    }
    let (_, key) = key(&world, ACME, &SCOPES).await?;
    let acme = world.operator().with_key(&key);
    for path in ["runs", "deployments"] {
        let listed = acme.get(&format!("/v1/tenants/{ACME}/{path}")).await?.ok()?;
        assert!(!listed.to_string().contains(UMBRELLA), "{listed:#}");
        assert_eq!(list(&listed[path]).len(), 1);
    }
    let nobody = Api::new(&world.operator().url, "")?;
    for path in ["/metrics", "/healthz", "/readyz"] {
        let page = nobody.get(path).await?.ok()?.to_string();
        assert!(
            ![ACME, UMBRELLA, "echo"].iter().any(|name| page.contains(name)),
            "{path}: {page}"
        );
    }
    world.finish().await
}
