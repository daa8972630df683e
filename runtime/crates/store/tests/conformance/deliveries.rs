//! Is an event that came in recorded with its runs, once, and kept as long as it should be?

use synapse_domain::digest::Digest;
use synapse_domain::hive::{Action, Object, Via};
use synapse_domain::ids::{ConnectionName, DeliveryId};
use synapse_domain::limits::QUEUED_RUNS;
use synapse_store::StoreError;
use synapse_store::deliveries::{
    Delivered, Delivery, DeliveryFilter, DeliveryState, HookRun, Keep, Mark, NewDelivery, Told, Verdict, What,
};
use synapse_store::traits::Store;

use super::fixtures::*;

fn connection(name: &str) -> ConnectionName {
    name.parse().unwrap()
}

fn delivery_id(n: u64) -> DeliveryId {
    DeliveryId::new(1_700_000_000_000 + n, [0; 10])
}

/// Run `n` of a deployment, with the key that its event gives it.
fn hook_run(tenant_name: &str, deployment: &str, n: u64, key: &str) -> HookRun {
    let mut run = new_run(tenant_name, deployment, n);
    run.idempotency = Some((format!("hook:{deployment}:t:{key}"), Digest::of(key.as_bytes())));
    run.trigger = "webhook:t".into();
    HookRun {
        trigger: "t".parse().unwrap(),
        run,
    }
}

/// Delivery `n` of the closure of case `object` at `moment`.
fn closure(tenant_name: &str, n: u64, object: &str, moment: u64, verdict: Verdict) -> NewDelivery {
    NewDelivery {
        tenant: tenant(tenant_name),
        id: delivery_id(n),
        connection: connection("hive"),
        key: format!("case:{object}:closed:{moment}"),
        via: Via::Webhook,
        what: Some(What {
            object: Object::Case,
            action: Action::Closed,
            id: object.into(),
            time: moment,
            moment: Some((moment, true)),
        }),
        data: format!("{{\"n\":{n}}}"),
        received_at: n,
        verdict,
    }
}

fn ignore() -> Verdict {
    Verdict::Ignore("no trigger".into())
}

async fn list(store: &dyn Store, tenant_name: &str) -> Vec<Delivery> {
    let filter = DeliveryFilter {
        limit: 100,
        ..DeliveryFilter::default()
    };
    store.deliveries(&tenant(tenant_name), filter).await.unwrap()
}

pub async fn an_event_and_its_runs_are_recorded_once(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    deploy(store, "acme", "b", 1).await;
    let runs = |n| Verdict::Start(vec![hook_run("acme", "a", n, "k"), hook_run("acme", "b", n + 1, "k")]);
    let first = store.deliver(closure("acme", 1, "~1", 500, runs(10))).await.unwrap();
    let expected = Delivered {
        id: delivery_id(1),
        created: true,
        state: DeliveryState::Accepted,
        reason: None,
        runs: vec![id(10), id(11)],
        started: true,
    };
    assert_eq!(first, expected);
    let again = store.deliver(closure("acme", 2, "~1", 500, runs(20))).await.unwrap();
    let (created, started) = (false, false);
    assert_eq!(
        again,
        Delivered {
            created,
            started,
            ..expected
        }
    );
    assert!(matches!(
        store.run(&tenant("acme"), id(20)).await,
        Err(StoreError::NotFound)
    ));
    let all = list(store, "acme").await;
    assert_eq!(
        (all.len(), all[0].duplicates, all[0].last_at, all[0].runs.len()),
        (1, 1, 2, 2)
    );
    let counts = store.hook_counts(&tenant("acme"), &connection("hive")).await.unwrap();
    assert_eq!(
        (counts.received, counts.duplicates, counts.accepted, counts.ignored),
        (2, 1, 1, 0)
    );
    assert_eq!((counts.last_received_at, counts.last_accepted_at), (Some(2), Some(1)));
    // The same key through another connection, or of another tenant, is another event.
    let mut elsewhere = closure("acme", 3, "~1", 500, ignore());
    elsewhere.connection = connection("hive2");
    assert!(store.deliver(elsewhere).await.unwrap().created);
    assert!(
        store
            .deliver(closure("bolt", 4, "~1", 500, ignore()))
            .await
            .unwrap()
            .created
    );
}

pub async fn a_closure_that_the_reconciler_found_is_the_webhooks(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let reconciled = |n: u64, object: &str, moment: u64, exact: bool| {
        let mut found = closure(
            "acme",
            n,
            object,
            moment,
            Verdict::Start(vec![hook_run("acme", "a", n, &n.to_string())]),
        );
        found.via = Via::Reconciler;
        found.what.as_mut().unwrap().moment = Some((moment, exact));
        found
    };
    assert!(store.deliver(reconciled(1, "~1", 10_000, true)).await.unwrap().created);
    for (moment, new) in [
        (10_000, false),
        (11_900, false),
        (8_100, false),
        (12_100, true),
        (7_900, true),
    ] {
        let told = store
            .deliver(closure("acme", 100 + moment, "~1", moment, ignore()))
            .await
            .unwrap();
        assert_eq!(told.created, new, "{moment}");
    }
    // One that could only be dated by a later change stands for every closure before it.
    assert!(store.deliver(reconciled(2, "~2", 90_000, false)).await.unwrap().created);
    let told = store.deliver(closure("acme", 3, "~2", 20_000, ignore())).await.unwrap();
    assert_eq!((told.created, told.runs), (false, vec![id(2)]));
    assert!(
        store
            .deliver(closure("acme", 4, "~2", 99_000, ignore()))
            .await
            .unwrap()
            .created
    );
    // What the reconciler sees again was not sent again.
    assert!(!store.deliver(reconciled(5, "~1", 10_000, true)).await.unwrap().created);
    let counts = store.hook_counts(&tenant("acme"), &connection("hive")).await.unwrap();
    assert_eq!((counts.found, counts.duplicates), (2, 4));
    let told = store
        .told(&tenant("acme"), &connection("hive"), Object::Case, "~2")
        .await
        .unwrap();
    let action = Action::Closed;
    assert_eq!(told, [Told { action, moment: 99_000 }, Told { action, moment: 90_000 }]);
    assert!(
        store
            .told(&tenant("bolt"), &connection("hive"), Object::Case, "~2")
            .await
            .unwrap()
            .is_empty()
    );
}

pub async fn a_full_queue_leaves_an_event_pending_and_it_starts_once(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let fill = (1..=QUEUED_RUNS).map(|n| store.submit(new_run("acme", "a", n), None, PLACES));
    assert!(futures::future::join_all(fill).await.iter().all(Result::is_ok));
    let run = |n| Verdict::Start(vec![hook_run("acme", "a", n, "k")]);
    let told = store
        .deliver(closure("acme", 1, "~1", 500, run(QUEUED_RUNS + 1)))
        .await
        .unwrap();
    assert_eq!(
        (told.state, told.runs.len(), told.started),
        (DeliveryState::Pending, 0, false)
    );
    let pending = store.pending_deliveries(None, 10).await.unwrap();
    assert_eq!(pending, [(tenant("acme"), delivery_id(1), 1)]);
    assert!(
        store
            .pending_deliveries(Some((1, delivery_id(1))), 10)
            .await
            .unwrap()
            .is_empty()
    );
    let still = store
        .settle(&tenant("acme"), delivery_id(1), run(QUEUED_RUNS + 2), 2)
        .await
        .unwrap();
    assert_eq!(still.state, DeliveryState::Pending);
    store.cancel(&tenant("acme"), id(1), "test", 3).await.unwrap();
    for n in [QUEUED_RUNS + 3, QUEUED_RUNS + 4] {
        let settled = store.settle(&tenant("acme"), delivery_id(1), run(n), 4).await.unwrap();
        assert_eq!(
            (settled.state, settled.runs),
            (DeliveryState::Accepted, vec![id(QUEUED_RUNS + 3)])
        );
        assert_eq!(settled.started, n == QUEUED_RUNS + 3);
    }
    assert!(store.pending_deliveries(None, 10).await.unwrap().is_empty());
    let counts = store.hook_counts(&tenant("acme"), &connection("hive")).await.unwrap();
    assert_eq!((counts.pending, counts.accepted), (0, 1));
    let unknown = store.settle(&tenant("bolt"), delivery_id(1), ignore(), 5).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
}

pub async fn an_ignored_event_says_why_and_can_be_accepted_later(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let mut unreadable = closure("acme", 1, "~1", 500, Verdict::Ignore("no event".into()));
    unreadable.what = None;
    unreadable.key = "unreadable".into();
    unreadable.data = "null".into();
    store.deliver(unreadable).await.unwrap();
    store.deliver(closure("acme", 2, "~1", 500, ignore())).await.unwrap();
    let all = list(store, "acme").await;
    let reasons: Vec<_> = all
        .iter()
        .map(|event| (event.event.as_str(), event.reason.as_deref()))
        .collect();
    assert_eq!(reasons, [("case.closed", Some("no trigger")), ("", Some("no event"))]);
    let stored = store.delivery(&tenant("acme"), delivery_id(2)).await.unwrap();
    assert_eq!(
        (stored.data.as_str(), stored.moment, stored.view.time),
        ("{\"n\":2}", Some((500, true)), 500)
    );
    let run = Verdict::Start(vec![hook_run("acme", "a", 10, "k")]);
    let settled = store.settle(&tenant("acme"), delivery_id(2), run, 7).await.unwrap();
    assert_eq!((settled.state, settled.started), (DeliveryState::Accepted, true));
    let counts = store.hook_counts(&tenant("acme"), &connection("hive")).await.unwrap();
    assert_eq!(
        (counts.ignored, counts.accepted, counts.last_accepted_at),
        (1, 1, Some(7))
    );
    assert_eq!(counts.last_ignored_reason.as_deref(), Some("no trigger"));
}

pub async fn old_events_are_deleted_and_pending_ones_are_not(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    for n in 1..=6 {
        let verdict = match n {
            1 => Verdict::Wait("later".into()),
            2 => Verdict::Start(vec![hook_run("acme", "a", n, "k")]),
            _ => ignore(),
        };
        store
            .deliver(closure("acme", n, &n.to_string(), 500, verdict))
            .await
            .unwrap();
    }
    let keep = Keep {
        accepted: 10,
        accepted_ms: 1_000,
        ignored: 2,
        ignored_ms: 1_000,
        bytes: u64::MAX / 2,
    };
    let left = async || {
        list(store, "acme")
            .await
            .iter()
            .map(|event| event.received_at)
            .collect::<Vec<_>>()
    };
    // By number, the oldest first, never more at once than asked for.
    assert_eq!(store.trim_deliveries(keep, 100, 1).await.unwrap(), 1);
    assert_eq!(left().await, [6, 5, 4, 2, 1]);
    assert_eq!(store.trim_deliveries(keep, 100, 100).await.unwrap(), 1);
    assert_eq!(left().await, [6, 5, 2, 1]);
    // By age.
    assert_eq!(store.trim_deliveries(keep, 1_006, 100).await.unwrap(), 2);
    assert_eq!(left().await, [6, 1]);
    // By size.
    assert_eq!(
        store
            .trim_deliveries(Keep { bytes: 0, ..keep }, 100, 100)
            .await
            .unwrap(),
        1
    );
    assert_eq!(left().await, [1]);
    assert!(store.run(&tenant("acme"), id(2)).await.is_ok(), "the run stays");
}

pub async fn events_are_listed_by_what_is_asked_for_and_for_their_tenant_only(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    for n in 1..=4 {
        let verdict = if n == 2 {
            Verdict::Start(vec![hook_run("acme", "a", n, "k")])
        } else {
            ignore()
        };
        store
            .deliver(closure("acme", n, &n.to_string(), 500, verdict))
            .await
            .unwrap();
    }
    let found = async |filter: DeliveryFilter| {
        let found = store
            .deliveries(&tenant("acme"), DeliveryFilter { limit: 3, ..filter })
            .await
            .unwrap();
        found.iter().map(|event| event.received_at).collect::<Vec<_>>()
    };
    assert_eq!(found(DeliveryFilter::default()).await, [4, 3, 2]);
    let before = Some(delivery_id(2));
    assert_eq!(
        found(DeliveryFilter {
            before,
            ..DeliveryFilter::default()
        })
        .await,
        [1]
    );
    let state = Some(DeliveryState::Ignored);
    assert_eq!(
        found(DeliveryFilter {
            state,
            ..DeliveryFilter::default()
        })
        .await,
        [4, 3, 1]
    );
    let deployment = Some(name("a"));
    assert_eq!(
        found(DeliveryFilter {
            deployment,
            ..DeliveryFilter::default()
        })
        .await,
        [2]
    );
    let since = Some(3);
    assert_eq!(
        found(DeliveryFilter {
            since,
            ..DeliveryFilter::default()
        })
        .await,
        [4, 3]
    );
    let elsewhere = Some(connection("hive2"));
    assert!(
        found(DeliveryFilter {
            connection: elsewhere,
            ..DeliveryFilter::default()
        })
        .await
        .is_empty()
    );
    let failed = DeliveryFilter {
        failed: true,
        ..DeliveryFilter::default()
    };
    assert!(found(failed.clone()).await.is_empty());
    let claimed = claim_one(store, NODE, 10).await;
    store
        .end(&claimed.lease, Vec::new(), end(synapse_domain::run::RunState::Failed))
        .await
        .unwrap();
    assert_eq!(found(failed).await, [2]);
    assert!(list(store, "bolt").await.is_empty());
    let foreign = store.delivery(&tenant("bolt"), delivery_id(2)).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)), "{foreign:?}");
}

pub async fn a_watermark_never_goes_back(store: &dyn Store) {
    let (acme, hive) = (tenant("acme"), connection("hive"));
    let mark = |watermark, looked_at, problem: Option<&str>| Mark {
        lane: "case-changed".into(),
        watermark,
        looked_at,
        problem: problem.map(str::to_owned),
    };
    store.set_mark(&acme, &hive, mark(50, 1, None)).await.unwrap();
    store
        .set_mark(&acme, &hive, mark(40, 2, Some("it was refused")))
        .await
        .unwrap();
    assert_eq!(
        store.marks(&acme, &hive).await.unwrap(),
        [mark(50, 2, Some("it was refused"))]
    );
    store.set_mark(&acme, &hive, mark(60, 3, None)).await.unwrap();
    assert_eq!(store.marks(&acme, &hive).await.unwrap(), [mark(60, 3, None)]);
    assert!(store.marks(&tenant("bolt"), &hive).await.unwrap().is_empty());
}
