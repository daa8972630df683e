//! Who needs which blob, until when, and how much may that be?

use synapse_domain::digest::Digest;
use synapse_domain::run::RunState;
use synapse_store::StoreError;
use synapse_store::records::Lease;
use synapse_store::traits::Store;

use super::fixtures::*;

/// Enough for every test that is not about the quota.
const QUOTA: u64 = 1_000_000;

fn blob(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

async fn hold(store: &dyn Store, lease: &Lease, name: &str, size: u64) {
    store.hold(lease, blob(name), size, QUOTA, 5_000).await.unwrap();
}

async fn unneeded(store: &dyn Store) -> Vec<(String, Digest)> {
    let found = store.unneeded(100).await.unwrap();
    found
        .into_iter()
        .map(|(tenant, digest)| (tenant.to_string(), digest))
        .collect()
}

async fn bytes(store: &dyn Store, name: &str) -> u64 {
    store.held_bytes(&tenant(name), None).await.unwrap()
}

pub async fn a_blob_is_needed_until_its_run_ends_for_good(store: &dyn Store) {
    deploy(store, "acme", "a", 10).await;
    for (n, state) in [
        RunState::Succeeded,
        RunState::Partial,
        RunState::Failed,
        RunState::Cancelled,
        RunState::Diverged,
    ]
    .into_iter()
    .enumerate()
    {
        let claimed = start(store, "acme", "a", n as u64).await;
        let name = state.as_str();
        hold(store, &claimed.lease, name, 10).await;
        assert_eq!((bytes(store, "acme").await, unneeded(store).await), (10, vec![]));
        store.end(&claimed.lease, Vec::new(), end(state)).await.unwrap();
        assert_eq!(bytes(store, "acme").await, 0, "{name}");
        assert_eq!(unneeded(store).await, [("acme".to_owned(), blob(name))]);
        store.forget(vec![(tenant("acme"), blob(name))]).await.unwrap();
        assert_eq!(unneeded(store).await, []);
    }
}

pub async fn a_run_that_waits_or_is_in_doubt_or_given_back_keeps_its_blobs(store: &dyn Store) {
    deploy(store, "acme", "a", 10).await;
    let first = start(store, "acme", "a", 1).await;
    hold(store, &first.lease, "mail", 10).await;
    store.release(&first.lease, Vec::new()).await.unwrap();
    let second = claim_one(store, NODE, 10).await;
    store
        .end(&second.lease, Vec::new(), wait_until(20, Some(0)))
        .await
        .unwrap();
    let third = claim_one(store, NODE, 20).await;
    store
        .end(&third.lease, Vec::new(), end(RunState::InDoubt))
        .await
        .unwrap();
    assert_eq!((bytes(store, "acme").await, unneeded(store).await), (10, vec![]));
    // Stopped in doubt, it is over.
    store
        .cancel(&tenant("acme"), first.lease.run, "an operator", 30)
        .await
        .unwrap();
    assert_eq!(unneeded(store).await, [("acme".to_owned(), blob("mail"))]);
}

pub async fn equal_bytes_count_once_and_are_needed_by_each_run(store: &dyn Store) {
    deploy(store, "acme", "a", 10).await;
    let (first, second) = (start(store, "acme", "a", 1).await, start(store, "acme", "a", 2).await);
    for lease in [&first.lease, &second.lease, &first.lease] {
        hold(store, lease, "mail", 10).await;
    }
    hold(store, &second.lease, "other", 5).await;
    assert_eq!(bytes(store, "acme").await, 15);
    let without = store.held_bytes(&tenant("acme"), Some(second.lease.run)).await.unwrap();
    assert_eq!(without, 0, "what the run holds itself is left out");
    store
        .end(&first.lease, Vec::new(), end(RunState::Succeeded))
        .await
        .unwrap();
    assert_eq!((bytes(store, "acme").await, unneeded(store).await), (15, vec![]));
    store
        .end(&second.lease, Vec::new(), end(RunState::Succeeded))
        .await
        .unwrap();
    assert_eq!((bytes(store, "acme").await, unneeded(store).await.len()), (0, 2));
    // Needed again before the janitor came.
    let third = start(store, "acme", "a", 3).await;
    hold(store, &third.lease, "mail", 10).await;
    assert_eq!(
        (bytes(store, "acme").await, unneeded(store).await),
        (10, vec![("acme".to_owned(), blob("other"))])
    );
}

pub async fn a_full_spool_refuses_by_name_and_only_its_tenant(store: &dyn Store) {
    deploy(store, "acme", "a", 10).await;
    deploy(store, "umbrella", "a", 10).await;
    let (first, second) = (start(store, "acme", "a", 1).await, start(store, "acme", "a", 2).await);
    let other = start(store, "umbrella", "a", 3).await;
    let hold = async |lease: &Lease, name: &str, quota: u64| store.hold(lease, blob(name), 60, quota, 5_000).await;
    hold(&first.lease, "one", 100).await.unwrap();
    for _ in 0..2 {
        let refused = hold(&second.lease, "two", 100).await;
        assert!(matches!(refused, Err(StoreError::Quota("spool-bytes"))), "{refused:?}");
    }
    assert_eq!(
        store.known(&tenant("acme"), &[blob("one"), blob("two")]).await.unwrap(),
        [true, false]
    );
    assert_eq!((bytes(store, "acme").await, unneeded(store).await), (60, vec![]));
    // What is held already costs nothing, even if the quota became smaller.
    hold(&second.lease, "one", 10).await.unwrap();
    hold(&other.lease, "two", 100).await.unwrap();
    store
        .end(&first.lease, Vec::new(), end(RunState::Failed))
        .await
        .unwrap();
    assert!(hold(&second.lease, "two", 100).await.is_err());
    store
        .end(&second.lease, Vec::new(), end(RunState::Failed))
        .await
        .unwrap();
    let third = start(store, "acme", "a", 4).await;
    hold(&third.lease, "two", 100).await.unwrap();
}

pub async fn an_attempt_that_lost_its_run_holds_nothing(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let first = start(store, "acme", "a", 1).await;
    store.heartbeat(NODE, 10).await.unwrap();
    let second = claim_one(store, "node-2", 10).await;
    let held = store.hold(&first.lease, blob("mail"), 10, QUOTA, 5_000).await;
    assert!(matches!(held, Err(StoreError::Fenced)), "{held:?}");
    assert_eq!(store.known(&tenant("acme"), &[blob("mail")]).await.unwrap(), [false]);
    store
        .end(&second.lease, Vec::new(), end(RunState::Succeeded))
        .await
        .unwrap();
    let held = store.hold(&second.lease, blob("mail"), 10, QUOTA, 5_000).await;
    assert!(matches!(held, Err(StoreError::Fenced)), "{held:?}");
    assert_eq!((bytes(store, "acme").await, unneeded(store).await), (0, vec![]));
}

pub async fn a_needed_blob_cannot_be_forgotten(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    deploy(store, "umbrella", "a", 1).await;
    let (ours, theirs) = (
        start(store, "acme", "a", 1).await,
        start(store, "umbrella", "a", 2).await,
    );
    hold(store, &ours.lease, "mail", 10).await;
    hold(store, &theirs.lease, "mail", 10).await;
    store
        .end(&theirs.lease, Vec::new(), end(RunState::Succeeded))
        .await
        .unwrap();
    let both = ["acme", "umbrella"].map(|name| (tenant(name), blob("mail")));
    store.forget(both.to_vec()).await.unwrap();
    for (name, known) in [("acme", true), ("umbrella", false)] {
        assert_eq!(
            store.known(&tenant(name), &[blob("mail")]).await.unwrap(),
            [known],
            "{name}"
        );
    }
    // A batch of the janitor's is a page.
    for n in 0..70 {
        hold(store, &ours.lease, &format!("blob {n}"), 1).await;
    }
    store
        .end(&ours.lease, Vec::new(), end(RunState::Succeeded))
        .await
        .unwrap();
    let page = store.unneeded(64).await.unwrap();
    assert_eq!(page.len(), 64);
    store.forget(page).await.unwrap();
    assert_eq!(unneeded(store).await.len(), 7);
}
