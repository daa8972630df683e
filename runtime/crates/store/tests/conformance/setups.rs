//! Is what operators set up kept, versioned and read live?

use synapse_domain::digest::Digest;
use synapse_store::StoreError;
use synapse_store::records::{DeploymentVersion, KeyRecord};
use synapse_store::traits::Store;

use super::fixtures::*;

pub async fn versions_count_and_keep_the_first_go_live(store: &dyn Store) {
    let acme = tenant("acme");
    let first = store
        .deploy(version("acme", "a", 1), vec![grant("console", "qradar/*")])
        .await
        .unwrap();
    assert_eq!(
        first.current,
        DeploymentVersion {
            version: 1,
            ..version("acme", "a", 1)
        }
    );
    let next = DeploymentVersion {
        go_live: 5_000,
        config: serde_json::json!({"window": 5}),
        ..version("acme", "a", 3)
    };
    let second = store.deploy(next.clone(), vec![grant("hive", "*")]).await.unwrap();
    assert_eq!(
        second.current,
        DeploymentVersion {
            version: 2,
            go_live: 1_000,
            ..next
        }
    );
    assert_eq!(store.deployment(&acme, &name("a")).await.unwrap(), second);
    assert_eq!(
        store.deployment_version(&acme, &name("a"), 1).await.unwrap(),
        first.current
    );
    assert!(matches!(
        store.deployment_version(&acme, &name("a"), 3).await,
        Err(StoreError::NotFound)
    ));
    let other = store.deploy(version("acme", "0-first", 1), Vec::new()).await.unwrap();
    assert_eq!(store.deployments(&acme).await.unwrap(), [other, second]);
}

pub async fn a_run_is_pinned_to_the_version_it_was_submitted_to(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    queue(store, "acme", "a", 1).await;
    deploy(store, "acme", "a", 1).await;
    queue(store, "acme", "a", 2).await;
    let first = claim_one(store, NODE, 0).await;
    assert_eq!((first.run.id, first.run.version), (id(1), 1));
    assert_eq!(store.run(&tenant("acme"), id(2)).await.unwrap().version, 2);
}

pub async fn grants_are_read_live(store: &dyn Store) {
    let acme = tenant("acme");
    deploy(store, "acme", "a", 1).await;
    let read = || async { store.grants(&acme, &name("a")).await.unwrap() };
    assert_eq!(read().await, [grant("console", "qradar/*")]);
    assert_eq!(read().await, [grant("console", "qradar/*")]);
    let two = vec![grant("hive", "thehive/alerts.*"), grant("console", "*")];
    store.set_grants(&acme, &name("a"), two.clone()).await.unwrap();
    assert_eq!(read().await, two);
    store.set_grants(&acme, &name("a"), Vec::new()).await.unwrap();
    assert_eq!(read().await, []);
    assert_eq!(store.deployment(&acme, &name("a")).await.unwrap().grants, []);
    store
        .deploy(version("acme", "a", 1), vec![grant("hive", "*")])
        .await
        .unwrap();
    assert_eq!(read().await, [grant("hive", "*")]);
    assert!(matches!(
        store.grants(&acme, &name("b")).await,
        Err(StoreError::NotFound)
    ));
    assert!(matches!(
        store.set_grants(&acme, &name("b"), Vec::new()).await,
        Err(StoreError::NotFound)
    ));
}

pub async fn a_component_is_the_bytes_its_digest_names(store: &dyn Store) {
    let acme = tenant("acme");
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    let digest = Digest::of(&bytes);
    assert!(matches!(
        store.component(&acme, digest).await,
        Err(StoreError::NotFound)
    ));
    for _ in 0..2 {
        store.put_component(&acme, digest, bytes.clone(), 1).await.unwrap();
    }
    assert_eq!(store.component(&acme, digest).await.unwrap(), bytes);
    let wrong = store.put_component(&acme, Digest::of(b"other"), bytes, 1).await;
    assert!(matches!(wrong, Err(StoreError::Conflict(_))), "{wrong:?}");
}

pub async fn keys_are_stored_found_and_taken_back(store: &dyn Store) {
    let key = |id: &str, tenant: Option<&str>, created_at| KeyRecord {
        id: id.into(),
        secret_sha256: [9; 32],
        tenant: tenant.map(super::fixtures::tenant),
        scopes: vec!["runs:read".into(), "runs:start".into()],
        label: "for tests".into(),
        created_at,
        expires_at: tenant.map(|_| 99),
        revoked_at: None,
    };
    let (operator, acme) = (key("op", None, 2), key("acme-1", Some("acme"), 1));
    store.put_key(operator.clone()).await.unwrap();
    store.put_key(acme.clone()).await.unwrap();
    assert!(matches!(
        store.put_key(key("op", Some("acme"), 3)).await,
        Err(StoreError::Conflict(_))
    ));
    assert_eq!(store.keys().await.unwrap(), [acme.clone(), operator.clone()]);
    assert_eq!(store.key("op").await.unwrap(), Some(operator));
    assert_eq!(store.key("none").await.unwrap(), None);
    store.revoke_key("acme-1", 50).await.unwrap();
    store.revoke_key("acme-1", 60).await.unwrap();
    assert_eq!(
        store.key("acme-1").await.unwrap(),
        Some(KeyRecord {
            revoked_at: Some(50),
            ..acme
        })
    );
    assert!(matches!(store.revoke_key("none", 1).await, Err(StoreError::NotFound)));
}
