//! What can a person decide about a run, and when?

use synapse_domain::run::{How, RunState};
use synapse_store::StoreError;
use synapse_store::journal::{Entry, Outcome, Position};
use synapse_store::records::{Claimed, RunView};
use synapse_store::traits::Store;

use super::fixtures::*;

/// A run that is in doubt about item 1 of call 1, and about item 2 too if `both`; item 0 is known to have happened.
async fn in_doubt(store: &dyn Store, both: bool) -> Claimed {
    deploy(store, "acme", "a", 1).await;
    let claimed = start(store, "acme", "a", 1).await;
    let mut entries = vec![
        outcome(0),
        Entry::Intent(intent_at(1, 0, 0)),
        Entry::Outcome(outcome_at(1, 0, 1)),
    ];
    entries.extend([Entry::Intent(intent_at(1, 1, 0)), Entry::Intent(intent_at(1, 1, 1))]);
    if both {
        entries.push(Entry::Intent(intent_at(1, 2, 0)));
    }
    store
        .end(&claimed.lease, entries, end(RunState::InDoubt))
        .await
        .unwrap();
    claimed
}

const AT: Position = Position { call: 1, item: 1 };

pub async fn a_verdict_that_it_happened_is_the_outcome(store: &dyn Store) {
    let lease = in_doubt(store, false).await.lease;
    let not_a_result = store
        .resolve(&lease.tenant, lease.run, AT, Some("\"yes\"".into()), "ann", 7_000)
        .await;
    assert!(matches!(not_a_result, Err(StoreError::Conflict(_))), "{not_a_result:?}");
    assert_eq!(state_of(store, &lease).await, RunState::InDoubt);
    let result = "{\"Ok\":{\"id\":\"~42\"}}";
    store
        .resolve(&lease.tenant, lease.run, AT, Some(result.into()), "ann", 7_000)
        .await
        .unwrap();
    let again = claim_one(store, NODE, 7_000).await;
    let journal = store.journal(&lease.tenant, lease.run).await.unwrap();
    let intent = intent_at(1, 1, 1);
    let expected = Outcome {
        at: AT,
        operation: intent.operation,
        class: intent.class,
        binding: intent.binding,
        arguments: intent.arguments,
        effect_key: Some(intent.effect_key),
        result: result.into(),
        ok: true,
        how: How::Verdict,
        by: Some("ann".into()),
        epoch: 1,
        time: 7_000,
    };
    assert_eq!(
        journal.outcomes.iter().find(|outcome| outcome.at == AT),
        Some(&expected)
    );
    assert_eq!((again.lease.epoch, again.run.cut, journal.intents.len()), (2, 0, 3));
    let twice = store.resolve(&lease.tenant, lease.run, AT, None, "ann", 7_000).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
}

pub async fn a_verdict_to_repeat_forgets_the_intent(store: &dyn Store) {
    let mut lease = in_doubt(store, false).await.lease;
    // Twice: the row that was set aside first does not stand in the way of the second.
    for epoch in 2..=3 {
        store
            .resolve(&lease.tenant, lease.run, AT, None, "ann", 7_000)
            .await
            .unwrap();
        let journal = store.journal(&lease.tenant, lease.run).await.unwrap();
        assert_eq!(journal.intents, [intent_at(1, 0, 0)]);
        assert_eq!(journal.outcomes, [outcome_at(0, 0, 1), outcome_at(1, 0, 1)]);
        lease = claim_one(store, NODE, 7_000).await.lease;
        assert_eq!(lease.epoch, epoch);
        store
            .end(&lease, vec![Entry::Intent(intent_at(1, 1, 0))], end(RunState::InDoubt))
            .await
            .unwrap();
    }
}

pub async fn a_run_stays_in_doubt_until_the_last_verdict(store: &dyn Store) {
    let lease = in_doubt(store, true).await.lease;
    store
        .resolve(
            &lease.tenant,
            lease.run,
            AT,
            Some("{\"Err\":\"gone\"}".into()),
            "ann",
            7_000,
        )
        .await
        .unwrap();
    assert_eq!(state_of(store, &lease).await, RunState::InDoubt);
    assert!(store.claim(NODE, 7_000, 1, PLACES).await.unwrap().is_empty());
    let journal = store.journal(&lease.tenant, lease.run).await.unwrap();
    assert!(journal.outcomes.iter().any(|outcome| outcome.at == AT && !outcome.ok));
    store
        .resolve(
            &lease.tenant,
            lease.run,
            Position { call: 1, item: 2 },
            None,
            "ann",
            7_000,
        )
        .await
        .unwrap();
    assert_eq!(state_of(store, &lease).await, RunState::Queued);
}

pub async fn a_verdict_needs_something_in_doubt(store: &dyn Store) {
    let lease = in_doubt(store, false).await.lease;
    let resolve = |run, call, item| store.resolve(&lease.tenant, run, Position { call, item }, None, "ann", 7_000);
    assert!(matches!(resolve(id(99), 1, 1).await, Err(StoreError::NotFound)));
    for (call, item) in [(0, 0), (1, 0), (1, 3), (9, 0)] {
        assert!(
            matches!(resolve(lease.run, call, item).await, Err(StoreError::Conflict(_))),
            "{call}/{item}"
        );
    }
    deploy(store, "acme", "b", 1).await;
    let running = start(store, "acme", "b", 2).await.lease;
    store
        .append(&running, vec![Entry::Intent(intent_at(1, 1, 0))])
        .await
        .unwrap();
    assert!(
        matches!(resolve(running.run, 1, 1).await, Err(StoreError::Conflict(_))),
        "a running attempt resolves its own intents"
    );
}

fn code(view: &RunView) -> Option<&str> {
    view.problem.as_ref().map(|problem| problem.code.as_str())
}

pub async fn a_run_can_be_stopped_in_every_state_that_is_not_final(store: &dyn Store) {
    let acme = tenant("acme");
    assert!(matches!(
        store.cancel(&acme, id(99), "ann", 1).await,
        Err(StoreError::NotFound)
    ));
    // In doubt: what is in doubt stays visible.
    let doubtful = in_doubt(store, false).await.lease;
    assert_eq!(
        store.cancel(&acme, doubtful.run, "ann", 8_000).await.unwrap(),
        RunState::Cancelled
    );
    let view = store.run(&acme, doubtful.run).await.unwrap();
    assert_eq!(
        (view.state, view.ended_at, code(&view)),
        (RunState::Cancelled, Some(8_000), Some("cancelled"))
    );
    assert_eq!(
        view.problem.unwrap().detail,
        end(RunState::InDoubt).problem.unwrap().detail
    );
    // Waiting.
    let waiting = start(store, "acme", "a", 2).await.lease;
    store.end(&waiting, Vec::new(), wait_until(9_000, None)).await.unwrap();
    assert_eq!(
        store.cancel(&acme, waiting.run, "ann", 8_000).await.unwrap(),
        RunState::Cancelled
    );
    assert_eq!(store.next_wake().await.unwrap(), None);
    // Queued.
    let running = start(store, "acme", "a", 3).await.lease;
    let queued = queue(store, "acme", "a", 4).await;
    assert_eq!(
        store.cancel(&acme, queued, "ann", 8_000).await.unwrap(),
        RunState::Cancelled
    );
    assert!(store.claim(NODE, 10_000, 9, PLACES).await.unwrap().is_empty());
    // Running: marked, and the attempt may still write and end as it finds right.
    assert_eq!(
        store.cancel(&acme, running.run, "ann", 8_000).await.unwrap(),
        RunState::Running
    );
    assert_eq!(
        store.cancel(&acme, running.run, "bob", 8_001).await.unwrap(),
        RunState::Running
    );
    store.append(&running, vec![outcome(0)]).await.unwrap();
    store.heartbeat(NODE, 10).await.unwrap();
    let again = claim_one(store, "node-2", 10).await;
    assert!(again.run.cancel_requested, "the mark survives the node");
    store
        .end(&again.lease, Vec::new(), end(RunState::Cancelled))
        .await
        .unwrap();
    // Final.
    for run in [doubtful.run, waiting.run, queued, running.run] {
        assert!(matches!(
            store.cancel(&acme, run, "ann", 8_002).await,
            Err(StoreError::Conflict(_))
        ));
    }
}

pub async fn a_stop_that_comes_while_a_run_parks_is_not_lost(store: &dyn Store) {
    deploy(store, "acme", "a", 10).await;
    for (n, parks) in [(1, wait_until(50, Some(0))), (2, end(RunState::InDoubt))] {
        let lease = start(store, "acme", "a", n).await.lease;
        store.cancel(&lease.tenant, lease.run, "ann", 8_000).await.unwrap();
        store.end(&lease, vec![outcome(0)], parks).await.unwrap();
        let view = store.run(&lease.tenant, lease.run).await.unwrap();
        assert_eq!(
            (view.state, view.ended_at, code(&view)),
            (RunState::Cancelled, Some(9_000), Some("cancelled"))
        );
        assert!(view.problem.unwrap().message.contains("ann"));
    }
    assert_eq!(store.next_wake().await.unwrap(), None);
}
