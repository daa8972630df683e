//! Can an attempt that lost its run still write, and can one bad request harm another?

use futures::future::join_all;
use synapse_domain::run::RunState;
use synapse_store::StoreError;
use synapse_store::journal::{Entry, Journal};
use synapse_store::records::{Lease, StateChange};
use synapse_store::traits::Store;

use super::fixtures::*;

fn change(key: &str) -> StateChange {
    StateChange {
        key: key.into(),
        value: Some("1".into()),
        expected: None,
    }
}

async fn assert_fenced(store: &dyn Store, lease: &Lease) {
    let before = store.run(&lease.tenant, lease.run).await.unwrap();
    let journal = store.journal(&lease.tenant, lease.run).await.unwrap();
    let entries = || vec![Entry::Line(line_at(0, 7, "from the grave")), outcome(40)];
    assert!(matches!(store.append(lease, entries()).await, Err(StoreError::Fenced)));
    assert!(matches!(
        store.end(lease, entries(), end(RunState::Succeeded)).await,
        Err(StoreError::Fenced)
    ));
    assert!(matches!(store.release(lease, entries()).await, Err(StoreError::Fenced)));
    let applied = store
        .state_apply(
            lease,
            entries(),
            &name("a"),
            vec![change("k")],
            Box::new(|_| outcome(41)),
        )
        .await;
    assert!(matches!(applied, Err(StoreError::Fenced)));
    assert_eq!(
        store.state_get(&lease.tenant, &name("a"), &["k".into()]).await.unwrap(),
        [None]
    );
    assert_eq!(store.journal(&lease.tenant, lease.run).await.unwrap(), journal);
    assert_eq!(store.run(&lease.tenant, lease.run).await.unwrap(), before);
}

pub async fn a_stale_lease_can_write_nothing(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let first = start(store, "acme", "a", 1).await;
    store.append(&first.lease, vec![outcome(0)]).await.unwrap();
    store.heartbeat(NODE, 10).await.unwrap();
    let second = claim_one(store, "node-2", 10).await;
    assert_fenced(store, &first.lease).await;
    // Also where it would write what is there already.
    assert!(matches!(
        store.append(&first.lease, vec![outcome(0)]).await,
        Err(StoreError::Fenced)
    ));
    store.append(&second.lease, vec![outcome(1)]).await.unwrap();
}

pub async fn an_ended_attempt_can_write_nothing(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let claimed = start(store, "acme", "a", 1).await;
    store
        .end(&claimed.lease, vec![outcome(0)], end(RunState::InDoubt))
        .await
        .unwrap();
    assert_fenced(store, &claimed.lease).await;
}

pub async fn one_refused_request_does_not_fail_its_batch(store: &dyn Store) {
    deploy(store, "acme", "a", 100).await;
    let mut leases = Vec::new();
    for n in 0..20 {
        leases.push(start(store, "acme", "a", n).await.lease);
    }
    // Three are refused: a stale epoch, a position that is taken, a payload whose second row repeats its first.
    leases[3].epoch = 9;
    store.append(&leases[8], vec![outcome(0)]).await.unwrap();
    let appends = leases.iter().enumerate().map(|(n, lease)| {
        let entries = if n == 13 {
            vec![outcome(1), outcome(1)]
        } else {
            vec![outcome(1), outcome(0)]
        };
        store.append(lease, entries)
    });
    let before = store.counters().await.unwrap().commits;
    let answers = join_all(appends).await;
    let commits = store.counters().await.unwrap().commits - before;
    assert!(commits < 10, "the requests shared {commits} commits");
    for (n, (answer, lease)) in answers.into_iter().zip(&leases).enumerate() {
        let journal = store.journal(&lease.tenant, lease.run).await.unwrap();
        match n {
            3 => assert!(
                matches!(answer, Err(StoreError::Fenced)) && journal == Journal::default(),
                "{answer:?}"
            ),
            8 => assert!(
                matches!(answer, Err(StoreError::Conflict(_))) && journal.outcomes.len() == 1,
                "{answer:?}"
            ),
            13 => assert!(
                matches!(answer, Err(StoreError::Conflict(_))) && journal == Journal::default(),
                "{answer:?}"
            ),
            _ => assert!(answer.is_ok() && journal.outcomes.len() == 2, "{n}: {answer:?}"),
        }
    }
}
