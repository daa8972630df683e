//! Who owns a cursor, what changes with it, and how much is remembered?

use synapse_domain::run::RunState;
use synapse_store::StoreError;
use synapse_store::sources::{
    Advance, Cursor, ItemFilter, ItemState, Lane, Looked, SourceCounts, SourceId, SourceItem, SourceLoad, SourceRun,
};
use synapse_store::traits::Store;

use super::fixtures::*;

fn source(tenant_name: &str, trigger: &str) -> SourceId {
    SourceId {
        tenant: tenant(tenant_name),
        deployment: name("a"),
        trigger: trigger.parse().unwrap(),
    }
}

async fn own(store: &dyn Store, id: &SourceId, node: &str) -> Result<Cursor, StoreError> {
    store.own_cursor(id, node, "siem offenses", "{}", 1_000, 2_000).await
}

/// A deployment with a cursor that `NODE` has.
async fn begin(store: &dyn Store) -> (SourceId, Cursor) {
    deploy(store, "acme", "a", 10).await;
    let id = source("acme", "s");
    let cursor = own(store, &id, NODE).await.unwrap();
    (id, cursor)
}

fn item(n: u64, lane: Lane, rank: i64) -> SourceItem {
    SourceItem {
        id: format!("item-{n}"),
        key: n.to_string(),
        alias: Some(format!("alias-{n}")),
        version: "v1".into(),
        detail: "{}".into(),
        lane,
        rank,
        state: ItemState::New,
        reason: None,
        run: None,
        tries: 0,
        times: 0,
        backfill: false,
        not_before: 0,
        changed_at: n,
    }
}

fn run_for(n: u64, items: &[u64]) -> SourceRun {
    let mut run = new_run("acme", "a", n);
    run.trigger = "source:s".into();
    run.idempotency = Some((format!("source:{n}"), synapse_domain::digest::Digest::of(b"data")));
    SourceRun {
        run,
        items: items.iter().map(|n| format!("item-{n}")).collect(),
    }
}

async fn waiting(store: &dyn Store, id: &SourceId, due: Option<u64>) -> Vec<String> {
    let filter = ItemFilter {
        state: Some(ItemState::New),
        due,
        limit: 1_000,
        ..ItemFilter::default()
    };
    let items = store.source_items(id, filter).await.unwrap();
    items.into_iter().map(|item| item.key).collect()
}

pub async fn a_cursor_has_one_owner_until_its_node_is_gone(store: &dyn Store) {
    store.heartbeat(NODE, 5_000).await.unwrap();
    store.heartbeat("node-2", 5_000).await.unwrap();
    let (id, cursor) = begin(store).await;
    assert_eq!(
        (cursor.node.as_deref(), cursor.floor, cursor.next_at),
        (Some(NODE), 1_000, 2_000)
    );
    let refused = own(store, &id, "node-2").await;
    assert!(
        matches!(&refused, Err(StoreError::Conflict(why)) if why.contains(NODE)),
        "{refused:?}"
    );
    let revision = own(store, &id, NODE).await.unwrap().revision;
    assert!(
        revision > cursor.revision,
        "who takes it again fences what it had under way"
    );
    // D42: a node that lost its lease can no longer move the cursor.
    let taken = store
        .own_cursor(&id, "node-2", "siem offenses", "{}", 1_000, 5_000)
        .await
        .unwrap();
    let late = store.advance(&id, taken.revision, Some(NODE), Advance::default()).await;
    assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
    let missing = own(store, &source("umbrella", "s"), NODE).await;
    assert!(
        matches!(missing, Err(StoreError::NotFound)),
        "no such deployment: {missing:?}"
    );
}

pub async fn a_cursor_changes_only_from_the_revision_it_was_read_at(store: &dyn Store) {
    let (id, cursor) = begin(store).await;
    let to = |position: &str| Advance {
        position: Some(position.into()),
        ..Advance::default()
    };
    let first = store
        .advance(&id, cursor.revision, Some(NODE), to("1"))
        .await
        .unwrap()
        .cursor;
    assert_eq!(first.position, "1");
    let lost = store.advance(&id, cursor.revision, Some(NODE), to("2")).await;
    assert!(matches!(lost, Err(StoreError::Conflict(_))), "{lost:?}");
    assert_eq!(store.cursor(&id).await.unwrap(), first);
    let looked = Looked { at: 10, next_at: 70 };
    let failed = Advance {
        looked: Some((looked, Err("the console is down".into()))),
        ..Advance::default()
    };
    // An operator's change names no node.
    let second = store
        .advance(&id, first.revision, None, failed.clone())
        .await
        .unwrap()
        .cursor;
    let third = store.advance(&id, second.revision, None, failed).await.unwrap().cursor;
    assert_eq!(
        (third.failures, third.problem.as_deref()),
        (2, Some("the console is down"))
    );
    assert_eq!((third.looked_at, third.ok_at, third.next_at), (Some(10), None, 70));
    let well = Advance {
        looked: Some((Looked { at: 80, next_at: 90 }, Ok(()))),
        backfill: Some(Some("{}".into())),
        floor: Some(3_000),
        ..Advance::default()
    };
    let fourth = store.advance(&id, third.revision, None, well).await.unwrap().cursor;
    assert_eq!((fourth.failures, fourth.problem, fourth.ok_at), (0, None, Some(80)));
    assert_eq!((fourth.backfill.as_deref(), fourth.floor), (Some("{}"), 3_000));
    let lower = Advance {
        floor: Some(1),
        backfill: Some(None),
        ..Advance::default()
    };
    let fifth = store.advance(&id, fourth.revision, None, lower).await.unwrap().cursor;
    assert_eq!((fifth.backfill, fifth.floor), (None, 3_000), "a floor only rises");
}

pub async fn items_cursor_and_runs_change_together_or_not_at_all(store: &dyn Store) {
    let (id, cursor) = begin(store).await;
    let change = Advance {
        position: Some("1".into()),
        items: (1..=3).map(|n| item(n, Lane::Live, 0)).collect(),
        runs: vec![run_for(1, &[1, 2])],
        now: 50,
        ..Advance::default()
    };
    let stale = store
        .advance(&id, cursor.revision + 7, Some(NODE), change.clone())
        .await;
    assert!(matches!(stale, Err(StoreError::Conflict(_))), "{stale:?}");
    assert_eq!(store.source_counts(&id).await.unwrap(), SourceCounts::default());
    assert!(
        store.run(&id.tenant, super::fixtures::id(1)).await.is_err(),
        "no run without its cursor"
    );

    let advanced = store.advance(&id, cursor.revision, Some(NODE), change).await.unwrap();
    assert_eq!(advanced.runs, [Some(super::fixtures::id(1))]);
    let handed = store.source_item(&id, "item-1").await.unwrap();
    assert_eq!(
        (handed.state, handed.run, handed.times),
        (ItemState::Handed, Some(super::fixtures::id(1)), 1)
    );
    assert_eq!(waiting(store, &id, None).await, ["3"]);
    let view = store.run(&id.tenant, super::fixtures::id(1)).await.unwrap();
    assert_eq!((view.state, view.trigger.as_str()), (RunState::Queued, "source:s"));
    // The same key is the same run.
    let again = Advance {
        runs: vec![SourceRun {
            run: synapse_store::records::NewRun {
                id: super::fixtures::id(2),
                ..run_for(1, &[]).run
            },
            items: vec!["item-3".into()],
        }],
        ..Advance::default()
    };
    let again = store
        .advance(&id, advanced.cursor.revision, Some(NODE), again)
        .await
        .unwrap();
    assert_eq!(again.runs, [Some(super::fixtures::id(1))]);
    // An item that waits no more is nobody's but its run's.
    let other = Advance {
        runs: vec![run_for(3, &[1])],
        ..Advance::default()
    };
    store
        .advance(&id, again.cursor.revision, Some(NODE), other)
        .await
        .unwrap();
    let handed = store.source_item(&id, "item-1").await.unwrap();
    assert_eq!((handed.run, handed.times), (Some(super::fixtures::id(1)), 1));
}

pub async fn a_full_queue_keeps_the_items_waiting_and_fails_nothing(store: &dyn Store) {
    let (id, cursor) = begin(store).await;
    for n in 0..synapse_domain::limits::QUEUED_RUNS {
        queue(store, "acme", "a", 1_000 + n).await;
    }
    let change = Advance {
        position: Some("1".into()),
        items: vec![item(1, Lane::Live, 0)],
        runs: vec![run_for(1, &[1])],
        ..Advance::default()
    };
    let advanced = store.advance(&id, cursor.revision, Some(NODE), change).await.unwrap();
    assert_eq!((advanced.runs, advanced.cursor.position.as_str()), (vec![None], "1"));
    assert_eq!(waiting(store, &id, None).await, ["1"]);
}

pub async fn what_goes_first_is_listed_first(store: &dyn Store) {
    let (id, cursor) = begin(store).await;
    let mut later = item(9, Lane::Live, 99);
    later.not_before = 500;
    let items = vec![
        item(1, Lane::Backlog, 50),
        item(2, Lane::Live, 5),
        item(3, Lane::Live, 9),
        item(5, Lane::Live, 9),
        later,
    ];
    let change = Advance {
        items,
        ..Advance::default()
    };
    store.advance(&id, cursor.revision, Some(NODE), change).await.unwrap();
    assert_eq!(waiting(store, &id, Some(499)).await, ["3", "5", "2", "1"]);
    assert_eq!(waiting(store, &id, Some(500)).await, ["9", "3", "5", "2", "1"]);
    let load = SourceLoad {
        live: 4,
        backlog: 1,
        handed: 0,
        backlog_runs: 0,
    };
    assert_eq!(store.source_load(&id).await.unwrap(), load);
    let all = ItemFilter {
        limit: 2,
        ..ItemFilter::default()
    };
    let newest: Vec<String> = store
        .source_items(&id, all)
        .await
        .unwrap()
        .into_iter()
        .map(|item| item.key)
        .collect();
    assert_eq!(newest, ["9", "5"]);
}

pub async fn an_ended_run_gives_its_items_back(store: &dyn Store) {
    let (id, cursor) = begin(store).await;
    let change = Advance {
        items: vec![item(1, Lane::Backlog, 0), item(2, Lane::Live, 0)],
        runs: vec![run_for(1, &[1]), run_for(2, &[2])],
        ..Advance::default()
    };
    store.advance(&id, cursor.revision, Some(NODE), change).await.unwrap();
    let load = store.source_load(&id).await.unwrap();
    assert_eq!((load.backlog_runs, load.handed), (1, 2));
    let first = claim_one(store, NODE, 10).await;
    assert_eq!(store.ended_items(&id, 10).await.unwrap(), []);
    store.end(&first.lease, Vec::new(), wait_until(20, None)).await.unwrap();
    assert_eq!(
        store.source_load(&id).await.unwrap().backlog_runs,
        0,
        "a run that waits holds no place"
    );
    assert_eq!(store.ended_items(&id, 10).await.unwrap(), [], "and has not ended");
    let second = claim_one(store, NODE, 10).await;
    store
        .end(&second.lease, Vec::new(), end(RunState::Failed))
        .await
        .unwrap();
    let ended = store.ended_items(&id, 10).await.unwrap();
    assert_eq!(ended.len(), 1);
    assert_eq!(
        (ended[0].item.key.as_str(), ended[0].state),
        ("2", Some(RunState::Failed))
    );
    let mut done = ended[0].item.clone();
    done.state = ItemState::Poison;
    done.reason = Some("failed".into());
    let cursor = store.cursor(&id).await.unwrap();
    let change = Advance {
        items: vec![done],
        ..Advance::default()
    };
    store.advance(&id, cursor.revision, Some(NODE), change).await.unwrap();
    let counts = store.source_counts(&id).await.unwrap();
    assert_eq!((counts.handed, counts.poison), (1, 1));
}

pub async fn another_thing_that_is_watched_begins_anew(store: &dyn Store) {
    let (id, cursor) = begin(store).await;
    let change = Advance {
        position: Some("7".into()),
        items: vec![item(1, Lane::Live, 0)],
        ..Advance::default()
    };
    store.advance(&id, cursor.revision, Some(NODE), change).await.unwrap();
    let same = own(store, &id, NODE).await.unwrap();
    assert_eq!(
        (same.position.as_str(), waiting(store, &id, None).await.len()),
        ("7", 1)
    );
    let other = store
        .own_cursor(&id, NODE, "other offenses", "{}", 4_000, 5_000)
        .await
        .unwrap();
    assert_eq!(
        (other.position.as_str(), other.floor, other.watches.as_str()),
        ("{}", 4_000, "other offenses")
    );
    assert_eq!(store.source_counts(&id).await.unwrap(), SourceCounts::default());
    store.drop_cursor(&id).await.unwrap();
    assert!(matches!(store.cursor(&id).await, Err(StoreError::NotFound)));
}

pub async fn ten_thousand_items_stay_bounded_and_raise_the_floor(store: &dyn Store) {
    let (id, mut cursor) = begin(store).await;
    for chunk in 0..20_u64 {
        let state = |n: u64| match n % 50 {
            0 => ItemState::New,
            1 => ItemState::Poison,
            2 => ItemState::Skipped,
            _ => ItemState::Done,
        };
        let items = (chunk * 500..(chunk + 1) * 500).map(|n| SourceItem {
            state: state(n),
            ..item(10_000 + n, Lane::Live, 0)
        });
        let change = Advance {
            items: items.collect(),
            ..Advance::default()
        };
        cursor = store
            .advance(&id, cursor.revision, Some(NODE), change)
            .await
            .unwrap()
            .cursor;
    }
    let counts = store.source_counts(&id).await.unwrap();
    assert_eq!(
        (counts.live, counts.done, counts.skipped, counts.poison),
        (200, 9_400, 200, 200)
    );
    // By age: what waits stays, however old it is.
    assert_eq!(store.forget_items(&id, 15_000, 50_000).await.unwrap(), 4_900);
    assert_eq!(
        store.cursor(&id).await.unwrap().floor,
        14_999,
        "what happened before is not remembered"
    );
    assert_eq!(waiting(store, &id, None).await.len(), 200);
    // By number: the oldest go.
    assert_eq!(store.forget_items(&id, 0, 1_000).await.unwrap(), 3_900);
    let counts = store.source_counts(&id).await.unwrap();
    assert_eq!(counts.done + counts.skipped + counts.poison, 1_000);
    assert_eq!(counts.live, 200);
    assert!(store.cursor(&id).await.unwrap().floor > 18_900);
    assert_eq!(store.forget_items(&id, 0, 1_000).await.unwrap(), 0);
}

pub async fn known_items_are_found_by_id_and_by_what_stays(store: &dyn Store) {
    let (id, cursor) = begin(store).await;
    let change = Advance {
        items: (1..=200).map(|n| item(n, Lane::Live, 0)).collect(),
        ..Advance::default()
    };
    store.advance(&id, cursor.revision, Some(NODE), change).await.unwrap();
    let ids: Vec<String> = (150..=250).map(|n| format!("item-{n}")).collect();
    let known = store
        .known_items(&id, &ids, &["alias-7".into(), "alias-150".into(), "none".into()])
        .await
        .unwrap();
    assert_eq!(known.len(), 52, "51 by id, one more by its alias");
    assert_eq!(
        known.iter().filter(|item| item.key == "7" || item.key == "150").count(),
        2
    );
    assert_eq!(store.known_items(&id, &[], &[]).await.unwrap(), []);
}

pub async fn a_source_belongs_to_its_tenant(store: &dyn Store) {
    let (ours, cursor) = begin(store).await;
    deploy(store, "umbrella", "a", 1).await;
    let theirs = source("umbrella", "s");
    own(store, &theirs, NODE).await.unwrap();
    let change = Advance {
        items: vec![item(1, Lane::Live, 0)],
        ..Advance::default()
    };
    store.advance(&ours, cursor.revision, Some(NODE), change).await.unwrap();
    assert!(matches!(
        store.source_item(&theirs, "item-1").await,
        Err(StoreError::NotFound)
    ));
    assert_eq!(store.source_counts(&theirs).await.unwrap(), SourceCounts::default());
    assert_eq!(
        store
            .known_items(&theirs, &["item-1".into()], &["alias-1".into()])
            .await
            .unwrap(),
        []
    );
    let listed = |tenant_name: &'static str| async move {
        let cursors = store.cursors(&tenant(tenant_name), None).await.unwrap();
        cursors
            .into_iter()
            .map(|cursor| cursor.id.tenant.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (listed("acme").await, listed("umbrella").await),
        (vec!["acme".to_owned()], vec!["umbrella".to_owned()])
    );
    assert_eq!(store.cursors(&ours.tenant, Some(&name("b"))).await.unwrap(), []);
}
