//! Does a deployment's memory change only as expected, and only together with the journal?

use synapse_domain::run::RunState;
use synapse_store::StoreError;
use synapse_store::journal::Entry;
use synapse_store::records::{Lease, StateChange, StateEntry, StateResult};
use synapse_store::traits::Store;

use super::fixtures::*;

fn put(key: &str, value: &str, expected: Option<u64>) -> StateChange {
    StateChange {
        key: key.into(),
        value: Some(value.into()),
        expected,
    }
}

fn delete(key: &str, expected: Option<u64>) -> StateChange {
    StateChange {
        key: key.into(),
        value: None,
        expected,
    }
}

/// Applies changes as the call with this number.
async fn apply(store: &dyn Store, lease: &Lease, call: u32, changes: Vec<StateChange>) -> Vec<StateResult> {
    store
        .state_apply(lease, Vec::new(), &name("a"), changes, Box::new(move |_| outcome(call)))
        .await
        .unwrap()
}

async fn get(store: &dyn Store, keys: &[&str]) -> Vec<Option<(String, u64)>> {
    let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
    let entries = store.state_get(&tenant("acme"), &name("a"), &keys).await.unwrap();
    entries
        .into_iter()
        .map(|entry| entry.map(|StateEntry { value, revision }| (value, revision)))
        .collect()
}

fn some(value: &str, revision: u64) -> Option<(String, u64)> {
    Some((value.into(), revision))
}

pub async fn a_change_is_made_only_if_the_key_is_as_expected(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let lease = start(store, "acme", "a", 1).await.lease;
    assert_eq!(
        apply(store, &lease, 0, vec![put("a", "1", None), put("b", "1", None)]).await,
        [StateResult::Changed(1), StateResult::Changed(1)]
    );
    // Each change for itself, in order: a later one sees an earlier one.
    let changes = vec![
        put("a", "2", Some(1)),
        put("a", "3", Some(2)),
        put("a", "x", Some(2)),
        put("b", "x", None),
        put("c", "x", Some(1)),
        delete("b", Some(1)),
        delete("d", None),
    ];
    let results = apply(store, &lease, 1, changes).await;
    let expected = [
        StateResult::Changed(2),
        StateResult::Changed(3),
        StateResult::Conflict(Some(3)),
        StateResult::Conflict(Some(1)),
        StateResult::Conflict(None),
        StateResult::Changed(0),
        StateResult::Changed(0),
    ];
    assert_eq!(results, expected);
    assert_eq!(
        get(store, &["c", "a", "b", "a"]).await,
        [None, some("3", 3), None, some("3", 3)]
    );
    assert_eq!(get(store, &[]).await, []);
}

pub async fn a_key_that_comes_back_has_a_higher_revision(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let lease = start(store, "acme", "a", 1).await.lease;
    apply(store, &lease, 0, vec![put("a", "1", None), put("a", "2", Some(1))]).await;
    apply(store, &lease, 1, vec![delete("a", Some(2))]).await;
    assert_eq!(
        apply(store, &lease, 2, vec![put("a", "new", None)]).await,
        [StateResult::Changed(3)]
    );
    let stale = apply(
        store,
        &lease,
        3,
        vec![put("a", "stale", Some(2)), put("a", "stale", Some(1))],
    )
    .await;
    assert_eq!(stale, [StateResult::Conflict(Some(3)), StateResult::Conflict(Some(3))]);
}

pub async fn changes_and_outcome_commit_together_or_not_at_all(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let lease = start(store, "acme", "a", 1).await.lease;
    let before = vec![outcome(0), Entry::Line(line_at(1, 0, "before"))];
    let made = Box::new(|results: &[StateResult]| {
        assert_eq!(results, [StateResult::Changed(1)]);
        outcome(1)
    });
    store
        .state_apply(&lease, before, &name("a"), vec![put("a", "1", None)], made)
        .await
        .unwrap();
    let written = store.journal(&lease.tenant, lease.run).await.unwrap();
    assert_eq!((written.outcomes.len(), written.lines.len()), (2, 1));
    // The outcome's position is taken; then, the outcome cannot be made at all. Neither leaves a trace, and the store goes on.
    let refused = store
        .state_apply(
            &lease,
            vec![outcome(7)],
            &name("a"),
            vec![put("a", "2", Some(1))],
            Box::new(|_| outcome(1)),
        )
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let panics = Box::new(|_: &[StateResult]| panic!("the caller's closure panics (on purpose)"));
    let refused = store
        .state_apply(
            &lease,
            vec![outcome(7)],
            &name("a"),
            vec![put("a", "2", Some(1))],
            panics,
        )
        .await;
    assert!(matches!(refused, Err(StoreError::Failed(_))), "{refused:?}");
    assert_eq!(get(store, &["a"]).await, [some("1", 1)]);
    assert_eq!(store.journal(&lease.tenant, lease.run).await.unwrap(), written);
    // State survives a failed run.
    store.end(&lease, Vec::new(), end(RunState::Failed)).await.unwrap();
    assert_eq!(get(store, &["a"]).await, [some("1", 1)]);
}

pub async fn keys_are_listed_by_prefix_in_byte_order(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let lease = start(store, "acme", "a", 1).await.lease;
    let keys = [
        "offense/1",
        "offense/10",
        "offense/2",
        "Offense/1",
        "offens",
        "offense/é",
        "offense/%",
        "éa",
        "éb",
        "é",
        "z",
    ];
    apply(store, &lease, 0, keys.iter().map(|key| put(key, "1", None)).collect()).await;
    let list = |prefix: &'static str, after: Option<&'static str>, limit| async move {
        store
            .state_keys(&tenant("acme"), &name("a"), prefix, after, limit)
            .await
            .unwrap()
    };
    assert_eq!(
        list("offense/", None, 100).await,
        ["offense/%", "offense/1", "offense/10", "offense/2", "offense/é"]
    );
    assert_eq!(
        list("offense/", Some("offense/1"), 2).await,
        ["offense/10", "offense/2"]
    );
    assert_eq!(
        list("offense/%", None, 100).await,
        ["offense/%"],
        "a prefix is no pattern"
    );
    assert_eq!(list("é", None, 100).await, ["é", "éa", "éb"]);
    assert_eq!(list("", None, 3).await, ["Offense/1", "offens", "offense/%"]);
    assert_eq!(list("none", None, 100).await, [""; 0]);
}

pub async fn a_thousand_changes_are_one_call(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let lease = start(store, "acme", "a", 1).await.lease;
    let keys: Vec<_> = (0..1_000).map(|n| format!("key-{n:04}")).collect();
    let results = apply(store, &lease, 0, keys.iter().map(|key| put(key, key, None)).collect()).await;
    assert_eq!(results, vec![StateResult::Changed(1); 1_000]);
    let entries = store.state_get(&tenant("acme"), &name("a"), &keys).await.unwrap();
    assert!(
        entries
            .iter()
            .zip(&keys)
            .all(|(entry, key)| entry.as_ref().is_some_and(|entry| entry.value == *key))
    );
    let results = apply(store, &lease, 1, keys.iter().map(|key| delete(key, Some(1))).collect()).await;
    assert_eq!(results, vec![StateResult::Changed(0); 1_000]);
    assert_eq!(
        store
            .state_keys(&tenant("acme"), &name("a"), "", None, 9)
            .await
            .unwrap(),
        [""; 0]
    );
}

pub async fn an_attempt_has_no_business_with_the_state_of_another_deployment(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    deploy(store, "acme", "b", 1).await;
    let lease = start(store, "acme", "b", 1).await.lease;
    let refused = store
        .state_apply(
            &lease,
            Vec::new(),
            &name("a"),
            vec![put("a", "1", None)],
            Box::new(|_| outcome(0)),
        )
        .await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(get(store, &["a"]).await, [None]);
}
