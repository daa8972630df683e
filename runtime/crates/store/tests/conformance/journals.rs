//! Is a run's record exactly what its attempts wrote, once?

use synapse_domain::digest::Digest;
use synapse_domain::limits::JOURNAL_PAYLOAD_BYTES;
use synapse_domain::run::{How, ReportItem, Scanned, Verdict};
use synapse_store::StoreError;
use synapse_store::journal::{Entry, Journal, Line, LineContent, Outcome};
use synapse_store::traits::Store;

use super::fixtures::*;

pub async fn a_journal_comes_back_as_it_was_written(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let lease = start(store, "acme", "a", 1).await.lease;
    let intents = vec![intent_at(1, 0, 0), intent_at(1, 0, 1), intent_at(1, 1, 0)];
    let outcomes: Vec<_> = [
        outcome_at(0, 0, 1),
        Outcome {
            effect_key: Some(Digest::of(b"1/0")),
            how: How::Adopted,
            class: "keyed".into(),
            ..outcome_at(1, 0, 1)
        },
        Outcome {
            ok: false,
            result: "{\"Err\":\"é\\u0000\"}".into(),
            how: How::Denied,
            binding: String::new(),
            ..outcome_at(1, 1, 1)
        },
        // Over 8 KiB: stored compressed.
        Outcome {
            result: format!("{{\"Ok\":\"{}\"}}", "ab".repeat(100_000)),
            ..outcome_at(2, 0, 1)
        },
    ]
    .into_iter()
    .chain((3..150).map(|call| outcome_at(call, 0, 1)))
    .collect();
    let report = ReportItem {
        subject: "offense 1".into(),
        verdict: Verdict::Skipped,
        reason: "known".into(),
        link: None,
    };
    let lines = vec![
        line_at(0, 0, "first"),
        Line {
            content: LineContent::Report(report),
            ..line_at(0, 1, "")
        },
        Line {
            content: LineContent::Scanned(Scanned {
                count: 3,
                window: "an hour".into(),
            }),
            ..line_at(2, 0, "")
        },
    ];
    // Written in two requests and in an order of its own.
    let written = Journal {
        intents,
        outcomes,
        lines,
        ..Journal::default()
    };
    let mut entries: Vec<Entry> = written.lines.iter().cloned().map(Entry::Line).collect();
    entries.extend(written.outcomes.iter().rev().cloned().map(Entry::Outcome));
    store.append(&lease, entries).await.unwrap();
    store
        .append(&lease, written.intents.iter().cloned().map(Entry::Intent).collect())
        .await
        .unwrap();
    store.append(&lease, Vec::new()).await.unwrap();
    assert_eq!(store.journal(&lease.tenant, lease.run).await.unwrap(), written);
}

pub async fn a_line_is_kept_once(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let lease = start(store, "acme", "a", 1).await.lease;
    store
        .append(
            &lease,
            vec![
                Entry::Line(line_at(0, 0, "first")),
                Entry::Line(line_at(0, 0, "repeated")),
            ],
        )
        .await
        .unwrap();
    store
        .append(
            &lease,
            vec![
                Entry::Line(line_at(0, 0, "replayed")),
                Entry::Line(line_at(0, 1, "new")),
            ],
        )
        .await
        .unwrap();
    let journal = store.journal(&lease.tenant, lease.run).await.unwrap();
    assert_eq!(journal.lines, [line_at(0, 0, "first"), line_at(0, 1, "new")]);
}

pub async fn an_outcome_is_recorded_once(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let lease = start(store, "acme", "a", 1).await.lease;
    store.append(&lease, vec![outcome(0)]).await.unwrap();
    let again = store
        .append(&lease, vec![Entry::Line(line_at(0, 0, "x")), outcome(1), outcome(0)])
        .await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    let journal = store.journal(&lease.tenant, lease.run).await.unwrap();
    assert_eq!(
        (journal.outcomes.len(), journal.lines.len()),
        (1, 0),
        "nothing of the refused request was kept"
    );
}

pub async fn a_new_cut_sets_the_rows_from_its_call_on_aside(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let first = start(store, "acme", "a", 1).await;
    let lines = [line_at(1, 0, "before call 1"), line_at(2, 0, "after call 1")];
    store
        .append(&first.lease, lines.into_iter().map(Entry::Line).collect())
        .await
        .unwrap();
    store
        .append(&first.lease, vec![outcome(0), Entry::Intent(intent_at(1, 0, 0))])
        .await
        .unwrap();
    // The rows that come with the end belong to the cut that ends.
    store
        .end(&first.lease, vec![outcome(1), outcome(2)], wait_until(10, Some(1)))
        .await
        .unwrap();
    let journal = store.journal(&first.lease.tenant, first.lease.run).await.unwrap();
    let expected = Journal {
        outcomes: vec![outcome_at(0, 0, 1)],
        lines: vec![line_at(1, 0, "before call 1")],
        ..Journal::default()
    };
    assert_eq!(journal, expected);

    let second = claim_one(store, NODE, 10).await;
    assert_eq!((second.run.cut, second.run.retries, second.run.barren), (1, 1, 0));
    let lines = [line_at(1, 0, "replayed"), line_at(2, 0, "after call 1, again")];
    store
        .append(&second.lease, lines.into_iter().map(Entry::Line).collect())
        .await
        .unwrap();
    store
        .append(
            &second.lease,
            vec![Entry::Intent(intent_at(1, 0, 0)), Entry::Outcome(outcome_at(1, 0, 2))],
        )
        .await
        .unwrap();
    let repeated = store
        .append(&second.lease, vec![Entry::Outcome(outcome_at(0, 0, 2))])
        .await;
    assert!(
        matches!(repeated, Err(StoreError::Conflict(_))),
        "a row of an earlier cut that still counts holds its position"
    );
    // And once more, so that two sets of rows lie aside.
    store
        .end(&second.lease, Vec::new(), wait_until(20, Some(1)))
        .await
        .unwrap();
    let third = claim_one(store, NODE, 20).await;
    assert_eq!((third.run.cut, third.run.retries), (2, 2));
    store
        .append(
            &third.lease,
            vec![Entry::Outcome(outcome_at(1, 0, 3)), Entry::Line(line_at(2, 0, "third"))],
        )
        .await
        .unwrap();
    let journal = store.journal(&third.lease.tenant, third.lease.run).await.unwrap();
    assert_eq!(journal.outcomes, [outcome_at(0, 0, 1), outcome_at(1, 0, 3)]);
    assert_eq!(journal.lines, [line_at(1, 0, "before call 1"), line_at(2, 0, "third")]);
    assert_eq!(journal.intents, []);
}

pub async fn a_write_that_succeeded_before_the_cut_is_known_after_it(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let mut lease = start(store, "acme", "a", 1).await.lease;
    let write = |item, ok, epoch| {
        let key = Digest::of(format!("1/{item}").as_bytes());
        Outcome {
            effect_key: Some(key),
            class: "probe".into(),
            ok,
            result: format!("{{\"Ok\":{epoch}}}"),
            ..outcome_at(1, item, epoch)
        }
    };
    for epoch in 1..=2 {
        // One succeeds, one fails, one is a read: only the first has an effect to adopt.
        let outcomes = [write(0, true, epoch), write(1, false, epoch), outcome_at(2, 0, epoch)];
        let entries = outcomes
            .map(Entry::Outcome)
            .into_iter()
            .chain([Entry::Intent(intent_at(1, 0, 0))])
            .collect();
        store.end(&lease, entries, wait_until(10, Some(1))).await.unwrap();
        lease = claim_one(store, NODE, 10).await.lease;
    }
    let journal = store.journal(&lease.tenant, lease.run).await.unwrap();
    assert_eq!(
        journal,
        Journal {
            set_aside: vec![write(0, true, 1), write(0, true, 2)],
            ..Journal::default()
        }
    );
}

pub async fn a_payload_over_the_limit_is_refused(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let lease = start(store, "acme", "a", 1).await.lease;
    let large = Outcome {
        result: "x".repeat(JOURNAL_PAYLOAD_BYTES + 1),
        ..outcome_at(0, 0, 1)
    };
    let refused = store.append(&lease, vec![Entry::Outcome(large)]).await;
    assert!(
        matches!(refused, Err(StoreError::Quota("journal-payload-bytes"))),
        "{refused:?}"
    );
    store.append(&lease, vec![outcome(0)]).await.unwrap();
}
