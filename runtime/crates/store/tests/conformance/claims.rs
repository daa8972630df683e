//! Whose turn is it, and what may run at once?

use synapse_domain::run::RunState;
use synapse_store::StoreError;
use synapse_store::traits::Store;

use super::fixtures::*;

pub async fn turns_go_round_the_tenants_oldest_first(store: &dyn Store) {
    for tenant in ["acme", "bolt", "core"] {
        deploy(store, tenant, "a", 10).await;
        deploy(store, tenant, "b", 10).await;
    }
    // The first tenant fills its queue before anybody else comes, younger runs first.
    for n in (1..=4).rev() {
        queue(store, "acme", if n % 2 == 0 { "a" } else { "b" }, n).await;
    }
    queue(store, "bolt", "a", 10).await;
    queue(store, "bolt", "a", 11).await;
    queue(store, "core", "a", 20).await;
    let mut turns = Vec::new();
    for _ in 0..7 {
        turns.push(claim_one(store, NODE, 0).await.run.id);
    }
    assert_eq!(turns, [1, 10, 20, 2, 11, 3, 4].map(id));
    assert!(store.claim(NODE, 0, 5, PLACES).await.unwrap().is_empty());
}

pub async fn one_claim_takes_one_run_per_tenant_and_round(store: &dyn Store) {
    deploy(store, "acme", "a", 10).await;
    deploy(store, "bolt", "a", 10).await;
    for n in 1..=5 {
        queue(store, "acme", "a", n).await;
    }
    queue(store, "bolt", "a", 10).await;
    let claimed = store.claim(NODE, 0, 4, PLACES).await.unwrap();
    assert_eq!(
        claimed.iter().map(|claimed| claimed.run.id).collect::<Vec<_>>(),
        [1, 10, 2, 3].map(id)
    );
}

pub async fn a_serial_deployment_runs_one_at_a_time(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    queue(store, "acme", "a", 1).await;
    queue(store, "acme", "a", 2).await;
    let claimed = store.claim(NODE, 0, 10, PLACES).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].run.id, id(1));
    assert!(store.claim(NODE, 0, 10, PLACES).await.unwrap().is_empty());
    store
        .end(&claimed[0].lease, Vec::new(), end(RunState::Failed))
        .await
        .unwrap();
    assert_eq!(claim_one(store, NODE, 0).await.run.id, id(2));
}

pub async fn concurrency_and_tenant_places_are_kept(store: &dyn Store) {
    deploy(store, "acme", "a", 2).await;
    deploy(store, "acme", "b", 10).await;
    for n in 1..=3 {
        queue(store, "acme", "a", n).await;
        queue(store, "acme", "b", 10 + n).await;
    }
    let first = store.claim(NODE, 0, 10, 4).await.unwrap();
    assert_eq!(
        first.iter().map(|claimed| claimed.run.id).collect::<Vec<_>>(),
        [1, 2, 11, 12].map(id),
        "two of `a`, four in all"
    );
    assert!(store.claim(NODE, 0, 10, 4).await.unwrap().is_empty());
    assert_eq!(
        store.claim(NODE, 0, 10, 10).await.unwrap()[0].run.id,
        id(13),
        "`a` is still full"
    );
}

pub async fn a_waiting_run_goes_on_when_it_is_due(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let claimed = start(store, "acme", "a", 1).await;
    assert_eq!(store.next_wake().await.unwrap(), None);
    store
        .end(&claimed.lease, vec![outcome(0)], wait_until(5_000, None))
        .await
        .unwrap();
    assert_eq!(state_of(store, &claimed.lease).await, RunState::Waiting);
    assert_eq!(store.next_wake().await.unwrap(), Some(5_000));
    assert!(store.claim(NODE, 4_999, 1, PLACES).await.unwrap().is_empty());
    // It holds no place meanwhile.
    let other = start(store, "acme", "a", 2).await;
    store
        .end(&other.lease, Vec::new(), end(RunState::Succeeded))
        .await
        .unwrap();
    let again = claim_one(store, NODE, 5_000).await;
    assert_eq!(
        (again.run.id, again.lease.epoch, again.run.cut, again.run.retries),
        (id(1), 2, 0, 0)
    );
    assert_eq!(again.run.fingerprint.as_deref(), Some("engine-1"));
    assert_eq!(store.next_wake().await.unwrap(), None);
}

pub async fn a_run_of_a_node_that_is_gone_is_claimed_with_a_new_epoch(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    store.heartbeat("node-1", 100).await.unwrap();
    store.heartbeat("node-2", 1_000).await.unwrap();
    let first = start(store, "acme", "a", 1).await;
    assert!(
        store.claim("node-2", 99, 1, PLACES).await.unwrap().is_empty(),
        "the lease of node-1 has not ended"
    );
    store.heartbeat("node-1", 200).await.unwrap();
    assert!(
        store.claim("node-2", 199, 1, PLACES).await.unwrap().is_empty(),
        "it was extended"
    );
    let second = claim_one(store, "node-2", 200).await;
    assert_eq!(
        (second.run.id, second.lease.epoch, second.lease.node.as_str()),
        (id(1), 2, "node-2")
    );
    assert!(matches!(
        store.append(&first.lease, vec![outcome(0)]).await,
        Err(StoreError::Fenced)
    ));
    store.append(&second.lease, vec![outcome(0)]).await.unwrap();
}

pub async fn claims_that_add_nothing_are_counted(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let mut claimed = start(store, "acme", "a", 1).await;
    assert_eq!(claimed.run.barren, 0);
    // The node dies: `barren` counts the claims before this one that added nothing.
    let mut now = 0;
    let mut die = async |claimed: &synapse_store::records::Claimed| {
        now += 100;
        store.heartbeat(&claimed.lease.node, now).await.unwrap();
        let next = claim_one(store, "node-2", now).await;
        store.heartbeat("node-2", now + 50).await.unwrap();
        next
    };
    for barren in 1..=3 {
        claimed = die(&claimed).await;
        assert_eq!(claimed.run.barren, barren);
    }
    store.append(&claimed.lease, vec![outcome(0)]).await.unwrap();
    claimed = die(&claimed).await;
    assert_eq!(claimed.run.barren, 0, "the last one added an entry");
    claimed = die(&claimed).await;
    assert_eq!(claimed.run.barren, 1);
    // A run that was given back at a shutdown had no chance: it counts neither way.
    store.release(&claimed.lease, Vec::new()).await.unwrap();
    assert_eq!(state_of(store, &claimed.lease).await, RunState::Queued);
    let claimed = claim_one(store, "node-3", 0).await;
    assert_eq!(claimed.run.barren, 1);
}

pub async fn a_claimed_run_has_the_facts_it_was_submitted_with(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let mut run = new_run("acme", "a", 1);
    run.event.data = "é".repeat(100_000);
    store.submit(run.clone(), None, PLACES).await.unwrap();
    let claimed = claim_one(store, NODE, 0).await;
    assert_eq!(
        (claimed.run.event, claimed.run.seed, claimed.run.created_at),
        (run.event, run.seed, run.created_at)
    );
    assert_eq!(
        (claimed.run.deployment, claimed.run.version, claimed.run.cut),
        (run.deployment, 1, 0)
    );
    assert_eq!(
        (claimed.lease.tenant, claimed.lease.run, claimed.lease.epoch),
        (run.tenant, run.id, 1)
    );
}
