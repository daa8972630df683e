//! Does a tenant ever see or touch another's rows (G9)?

use synapse_domain::digest::Digest;
use synapse_domain::run::RunState;
use synapse_store::StoreError;
use synapse_store::journal::{Entry, Position};
use synapse_store::records::{Lease, RunFilter, StateChange};
use synapse_store::traits::Store;

use super::fixtures::*;

/// A tenant with one of everything: a run in doubt, state, a component.
async fn furnished(store: &dyn Store) -> Lease {
    deploy(store, "acme", "a", 1).await;
    let bytes = b"component".to_vec();
    store
        .put_component(&tenant("acme"), Digest::of(&bytes), bytes, 1)
        .await
        .unwrap();
    let lease = start(store, "acme", "a", 1).await.lease;
    let put = StateChange {
        key: "k".into(),
        value: Some("v".into()),
        expected: None,
    };
    store
        .state_apply(&lease, Vec::new(), &name("a"), vec![put], Box::new(|_| outcome(0)))
        .await
        .unwrap();
    store
        .end(
            &lease,
            vec![Entry::Intent(intent_at(1, 0, 0)), Entry::Line(line_at(0, 0, "x"))],
            end(RunState::InDoubt),
        )
        .await
        .unwrap();
    lease
}

pub async fn no_read_shows_a_row_of_another_tenant(store: &dyn Store) {
    let lease = furnished(store).await;
    let (bolt, a) = (tenant("bolt"), name("a"));
    // With and without a deployment of the same name: unknown and foreign answer alike.
    for has_same_name in [false, true] {
        assert!(matches!(store.run(&bolt, lease.run).await, Err(StoreError::NotFound)));
        assert_eq!(
            store
                .runs(
                    &bolt,
                    RunFilter {
                        limit: 100,
                        ..RunFilter::default()
                    }
                )
                .await
                .unwrap(),
            []
        );
        assert_eq!(store.active_run(&bolt, &a, "api", "{\"n\":1}").await.unwrap(), None);
        assert!(matches!(
            store.journal(&bolt, lease.run).await,
            Err(StoreError::NotFound)
        ));
        assert_eq!(store.state_get(&bolt, &a, &["k".into()]).await.unwrap(), [None]);
        assert_eq!(store.state_keys(&bolt, &a, "", None, 100).await.unwrap(), [""; 0]);
        assert!(matches!(
            store.component(&bolt, Digest::of(b"component")).await,
            Err(StoreError::NotFound)
        ));
        if has_same_name {
            assert_eq!(store.deployments(&bolt).await.unwrap().len(), 1);
            assert_eq!(store.grants(&bolt, &a).await.unwrap(), []);
        } else {
            assert!(matches!(store.deployment(&bolt, &a).await, Err(StoreError::NotFound)));
            assert!(matches!(
                store.deployment_version(&bolt, &a, 1).await,
                Err(StoreError::NotFound)
            ));
            assert_eq!(store.deployments(&bolt).await.unwrap(), []);
            assert!(matches!(store.grants(&bolt, &a).await, Err(StoreError::NotFound)));
            store.deploy(version("bolt", "a", 1), Vec::new()).await.unwrap();
        }
    }
}

pub async fn no_write_reaches_a_row_of_another_tenant(store: &dyn Store) {
    let lease = furnished(store).await;
    let (acme, bolt, a) = (tenant("acme"), tenant("bolt"), name("a"));
    let before = store.run(&acme, lease.run).await.unwrap();
    assert!(matches!(
        store.cancel(&bolt, lease.run, "eve", 1).await,
        Err(StoreError::NotFound)
    ));
    let at = Position { call: 1, item: 0 };
    assert!(matches!(
        store.resolve(&bolt, lease.run, at, None, "eve", 1).await,
        Err(StoreError::NotFound)
    ));
    assert!(matches!(
        store.set_grants(&bolt, &a, Vec::new()).await,
        Err(StoreError::NotFound)
    ));
    assert!(matches!(
        store.submit(new_run("bolt", "a", 2), None, PLACES).await,
        Err(StoreError::NotFound)
    ));

    deploy(store, "acme", "b", 1).await;
    let mut running = start(store, "acme", "b", 3).await.lease;
    running.tenant = bolt.clone();
    assert!(matches!(
        store.append(&running, vec![outcome(0)]).await,
        Err(StoreError::Fenced)
    ));
    assert!(matches!(
        store.end(&running, Vec::new(), end(RunState::Succeeded)).await,
        Err(StoreError::Fenced)
    ));
    // The same names in another tenant are other rows.
    store.deploy(version("bolt", "a", 1), Vec::new()).await.unwrap();
    assert!(
        store
            .submit(new_run("bolt", "a", 1), Some(NODE.into()), PLACES)
            .await
            .unwrap()
            .claimed
            .is_some()
    );
    store.set_grants(&bolt, &a, Vec::new()).await.unwrap();
    assert_eq!(store.grants(&acme, &a).await.unwrap().len(), 1);
    assert_eq!(store.run(&acme, lease.run).await.unwrap(), before);
    assert_eq!(store.journal(&acme, lease.run).await.unwrap().outcomes.len(), 1);
}
