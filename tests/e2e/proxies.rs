//! Does everything go through the proxy that an operator configured, and does nobody learn its password?

use serde_json::json;
use synapse_sim::proxy::{Proxy, Setup};
use synapse_tests::{Deployment, Options, World};

use crate::support::{self, ACME, IMPORT, offense};

const PASSWORD: &str = "canary-proxy-password-7d6c5b4a";

/// A world whose every connection goes through this proxy, with this password.
async fn world(proxy: &Proxy, password: &str, ntlm: bool) -> anyhow::Result<World> {
    let setting = format!(
        "proxy = {{ url = \"{}\", user = \"gate\", secret = {{ env = \"HOOK_PROXY\" }}, allow = [\"127.0.0.0/8\"] }}",
        proxy.url()
    );
    World::with(Options {
        connection: setting,
        environment: vec![
            ("HOOK_PROXY".to_owned(), password.to_owned()),
            // Nobody asks for these.
            ("HTTPS_PROXY".to_owned(), "http://127.0.0.1:9".to_owned()),
            ("http_proxy".to_owned(), "http://127.0.0.1:9".to_owned()),
        ],
        ntlm,
        ..Options::default()
    })
    .await
}

fn guarded() -> Setup {
    Setup {
        credentials: Some(format!("gate:{PASSWORD}")),
        ..Setup::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_through_the_proxy_of_its_connections() -> anyhow::Result<()> {
    let proxy = Proxy::start(guarded()).await?;
    let world = world(&proxy, PASSWORD, false).await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let at = support::now(&world);
    support::load_console(&world.qradar, json!({ "offenses": [offense(7, at, json!({}))] }))?;
    let run = support::import(&world).await?;
    assert_eq!(run["answer"]["created"], 1, "{run:#}");
    let heads = proxy.heads();
    for target in [&world.qradar, &world.thehive] {
        let line = format!("CONNECT {} HTTP/1.1", target.server.addr());
        let tunnels = heads.iter().filter(|head| head.starts_with(&line)).count() as u64;
        assert_eq!(tunnels, target.server.accepted(), "nothing goes past it: {heads:?}");
        assert!(tunnels > 0, "{heads:?}");
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_over_ntlm_go_through_the_proxy_too() -> anyhow::Result<()> {
    let proxy = Proxy::start(guarded()).await?;
    let world = world(&proxy, PASSWORD, true).await?;
    world.deploy(Deployment::of("ews2case")).await?;
    let run = world.run(ACME, "ews2case", json!({})).await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    let line = format!("CONNECT {} HTTP/1.1", world.ews.server.addr());
    let tunnels = proxy.heads().iter().filter(|head| head.starts_with(&line)).count() as u64;
    assert!(tunnels > 0 && tunnels == world.ews.server.accepted());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_refuses_its_credentials_is_said_and_nothing_is_sent() -> anyhow::Result<()> {
    let proxy = Proxy::start(guarded()).await?;
    let world = world(&proxy, "canary-wrong-password-1a2b3c4d", false).await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let run = support::import(&world).await?;
    assert_eq!(run["state"], "failed", "{run:#}");
    let id = run["id"].as_str().unwrap_or_default();
    let journal = world.journal(ACME, id).await?.to_string();
    assert!(journal.contains("refused its credentials (407)"), "{journal}");
    assert!(journal.contains(&proxy.addr().to_string()), "{journal}");
    assert_eq!(
        (world.qradar.server.accepted(), world.thehive.server.accepted()),
        (0, 0)
    );
    // The world's end searches everything for the password.
    world.finish().await
}
