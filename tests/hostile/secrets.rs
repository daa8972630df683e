//! Can a stored secret be read back over the API? (threat rows 49 and 81)

use base64::Engine as _;
use serde_json::json;
use synapse_tests::{Api, Deployment, TENANTS, World};

use crate::support::{ACME, SCOPES, digest, fault, generate, key, list, text};

const ROUTER: &str = include_str!("../../runtime/src/http/router.rs");

/// Every secret that the server knows, and the forms in which it could leak.
fn needles(world: &World, keys: &[String]) -> Vec<String> {
    let mut secrets: Vec<String> = TENANTS
        .iter()
        .flat_map(|tenant| [synapse_tests::hive_key(tenant), synapse_tests::siem_token(tenant)])
        .collect();
    let secret_part = |key: &str| key.rsplit('_').next().unwrap_or_default().to_owned();
    secrets.extend(keys.iter().map(|key| secret_part(key)));
    secrets.push(secret_part(world.key()));
    let base64 = base64::engine::general_purpose::STANDARD_NO_PAD;
    let forms = |secret: &String| {
        [
            secret.clone(),
            base64.encode(secret),
            hex::encode(secret),
            digest(secret.as_bytes()),
        ]
    };
    secrets.iter().flat_map(forms).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_49_no_get_route_shows_a_stored_secret() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    generate(&world.qradar, 0, 100, 2).await?;
    let imported = world.run(ACME, "qradar2alert", json!({ "timerange": 60 })).await?;
    assert_eq!(imported["answer"]["created"], 2, "{imported:#}");
    // A run that failed at a target, with everything that is kept of it.
    fault(
        &world.qradar,
        json!({ "match": { "path": "/siem/offenses" }, "action": { "status": 401 }, "count": -1 }),
    )
    .await?;
    let refused = world.run(ACME, "qradar2alert", json!({ "timerange": 60 })).await?;
    assert_ne!(refused["state"], "succeeded", "{refused:#}");

    let (id, tenants) = key(&world, ACME, &SCOPES).await?;
    let needles = needles(&world, std::slice::from_ref(&tenants));
    let gets: Vec<&str> = ROUTER
        .split("\"GET\",")
        .skip(1)
        .filter_map(|rest| rest.split('"').nth(1))
        .filter(|path| path.starts_with('/'))
        .collect();
    let routes: std::collections::BTreeSet<_> = gets.into_iter().collect();
    assert!(routes.len() >= 9, "the router's GET routes were not found: {routes:?}");
    let mut bodies = 0;
    for caller in [
        world.operator(),
        world.operator().with_key(&tenants),
        Api::new(&world.operator().url, "")?,
    ] {
        for route in &routes {
            for run in [&imported, &refused] {
                let path = route.replace("{tenant}", ACME).replace("{deployment}", "qradar2alert");
                let path = path.replace("{run}", text(&run["id"])).replace("{key}", &id);
                let answer = caller.get(&path).await?;
                let said = format!("{} {:?}", answer.body, answer.headers);
                let found: Vec<_> = needles.iter().filter(|needle| said.contains(needle.as_str())).collect();
                assert!(found.is_empty(), "GET {path} shows {found:?}");
                bodies += usize::from(answer.status == 200);
            }
        }
    }
    assert!(
        bodies > 2 * routes.len(),
        "most of the pages were refused: the test shows nothing"
    );
    let keys = world.operator().get("/v1/keys").await?.ok()?;
    assert!(list(&keys["keys"]).len() >= 2, "{keys:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_81_a_secret_in_the_configuration_file_is_refused_without_showing_it() -> anyhow::Result<()> {
    let world = World::start().await?;
    let file = world.folder.path().join("synapse.toml");
    let good = std::fs::read_to_string(&file)?;
    let literal = good.replace(&format!("{{ env = \"HIVE_{ACME}\" }}"), "\"swordfish-literal\"");
    assert_ne!(good, literal);
    std::fs::write(&file, literal)?;
    let (code, out, err) = world.cli(&["check-config", "--config", "synapse.toml"]).await?;
    assert_ne!(code, 0, "{out}{err}");
    let said = format!("{out}{err}");
    assert!(said.contains(&format!("tenants.{ACME}.connections.hive")), "{said}");
    assert!(!said.contains("swordfish"), "{said}");
    std::fs::write(&file, good)?;
    world.finish().await
}
