//! Is a run accepted once, started when there is room, and shown as it is?

use futures::future::join_all;
use synapse_domain::digest::Digest;
use synapse_domain::limits::QUEUED_RUNS;
use synapse_domain::run::RunState;
use synapse_store::StoreError;
use synapse_store::records::{RunFilter, Submitted};
use synapse_store::traits::Store;

use super::fixtures::*;

pub async fn a_known_key_answers_the_run_it_started(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    deploy(store, "bolt", "a", 1).await;
    let with_key = |tenant: &str, n: u64, request: &[u8]| {
        let mut run = new_run(tenant, "a", n);
        run.idempotency = Some(("key-1".into(), Digest::of(request)));
        store.submit(run, Some(NODE.into()), PLACES)
    };
    let first = with_key("acme", 1, b"request").await.unwrap();
    assert!(first.created && first.claimed.is_some());
    let again = with_key("acme", 2, b"request").await.unwrap();
    assert_eq!(
        again,
        Submitted {
            run: id(1),
            created: false,
            claimed: None
        }
    );
    let same_id = with_key("acme", 1, b"request").await.unwrap();
    assert_eq!(
        same_id, again,
        "a caller that never got its answer submits the very same run again"
    );
    assert!(matches!(
        with_key("acme", 3, b"another request").await,
        Err(StoreError::Conflict(_))
    ));
    // The same key of another tenant is another key.
    assert!(with_key("bolt", 4, b"request").await.unwrap().created);
    let runs = store
        .runs(
            &tenant("acme"),
            RunFilter {
                limit: 10,
                ..RunFilter::default()
            },
        )
        .await
        .unwrap();
    assert_eq!(
        runs.iter().map(|run| run.id).collect::<Vec<_>>(),
        [id(1)],
        "no second run was left behind"
    );
    assert!(matches!(
        store.journal(&tenant("acme"), id(2)).await,
        Err(StoreError::NotFound)
    ));
}

pub async fn a_refused_submission_leaves_its_key_unused(store: &dyn Store) {
    let mut run = new_run("acme", "later", 1);
    run.idempotency = Some(("key-1".into(), Digest::of(b"request")));
    assert!(matches!(
        store.submit(run.clone(), None, PLACES).await,
        Err(StoreError::NotFound)
    ));
    deploy(store, "acme", "later", 1).await;
    assert!(store.submit(run.clone(), None, PLACES).await.unwrap().created);
    // An id is used once, with or without a key.
    run.idempotency = None;
    assert!(matches!(
        store.submit(run, None, PLACES).await,
        Err(StoreError::Conflict(_))
    ));
}

pub async fn a_run_starts_at_once_only_if_its_deployment_and_tenant_have_a_place(store: &dyn Store) {
    for deployment in ["a", "b", "c"] {
        deploy(store, "acme", deployment, 1).await;
    }
    let submit = |deployment: &'static str, n, places| async move {
        let submitted = store
            .submit(new_run("acme", deployment, n), Some(NODE.into()), places)
            .await
            .unwrap();
        let state = store.run(&tenant("acme"), submitted.run).await.unwrap().state;
        assert_eq!(submitted.claimed.is_some(), state == RunState::Running);
        submitted.claimed.is_some()
    };
    assert!(submit("a", 1, 2).await, "both have a place");
    assert!(!submit("a", 2, 2).await, "the deployment is serial");
    assert!(submit("b", 3, 2).await, "another deployment has its own place");
    assert!(!submit("c", 4, 2).await, "the tenant has two places");
}

pub async fn a_submission_never_overtakes_a_queued_run(store: &dyn Store) {
    deploy(store, "acme", "a", 10).await;
    queue(store, "acme", "a", 1).await;
    let second = store
        .submit(new_run("acme", "a", 2), Some(NODE.into()), PLACES)
        .await
        .unwrap();
    assert_eq!(second.claimed, None);
    assert_eq!(claim_one(store, NODE, 0).await.run.id, id(1));
}

pub async fn runs_are_listed_newest_first_in_pages(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    deploy(store, "acme", "b", 1).await;
    for n in 1..=5 {
        queue(store, "acme", if n % 2 == 0 { "b" } else { "a" }, n).await;
    }
    let list = |filter: RunFilter| async move {
        let runs = store.runs(&tenant("acme"), filter).await.unwrap();
        runs.into_iter().map(|run| run.id).collect::<Vec<_>>()
    };
    assert_eq!(
        list(RunFilter {
            limit: 2,
            ..RunFilter::default()
        })
        .await,
        [id(5), id(4)]
    );
    assert_eq!(
        list(RunFilter {
            limit: 2,
            before: Some(id(4)),
            ..RunFilter::default()
        })
        .await,
        [id(3), id(2)]
    );
    assert_eq!(
        list(RunFilter {
            limit: 9,
            deployment: Some(name("b")),
            ..RunFilter::default()
        })
        .await,
        [id(4), id(2)]
    );
    claim_one(store, NODE, 0).await;
    assert_eq!(
        list(RunFilter {
            limit: 9,
            state: Some(RunState::Running),
            ..RunFilter::default()
        })
        .await,
        [id(1)]
    );
    assert_eq!(
        list(RunFilter {
            limit: 0,
            ..RunFilter::default()
        })
        .await
        .len(),
        1,
        "a page has at least one run"
    );
}

pub async fn an_equal_trigger_finds_the_run_that_is_not_final(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let claimed = start(store, "acme", "a", 1).await;
    let find = |trigger: &'static str, data: &'static str| async move {
        store
            .active_run(&tenant("acme"), &name("a"), trigger, data)
            .await
            .unwrap()
    };
    assert_eq!(find("api", "{\"n\":1}").await, Some(id(1)));
    assert_eq!(find("compat", "{\"n\":1}").await, None);
    assert_eq!(find("api", "{\"n\":2}").await, None);
    store
        .end(&claimed.lease, Vec::new(), wait_until(50, None))
        .await
        .unwrap();
    assert_eq!(
        find("api", "{\"n\":1}").await,
        Some(id(1)),
        "a waiting run is not final"
    );
    let claimed = claim_one(store, NODE, 50).await;
    store
        .end(&claimed.lease, Vec::new(), end(RunState::Succeeded))
        .await
        .unwrap();
    assert_eq!(find("api", "{\"n\":1}").await, None);
}

pub async fn a_full_queue_refuses_by_name_and_only_its_tenant(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    deploy(store, "acme", "b", 1).await;
    deploy(store, "bolt", "a", 1).await;
    let fill = (1..=QUEUED_RUNS).map(|n| store.submit(new_run("acme", "a", n), None, PLACES));
    assert!(join_all(fill).await.iter().all(Result::is_ok));
    let over = store.submit(new_run("acme", "b", QUEUED_RUNS + 1), None, PLACES).await;
    assert!(matches!(over, Err(StoreError::Quota("queued-runs"))), "{over:?}");
    assert!(matches!(
        store.run(&tenant("acme"), id(QUEUED_RUNS + 1)).await,
        Err(StoreError::NotFound)
    ));
    // Who need not queue is not refused, and neither is another tenant.
    start(store, "acme", "b", QUEUED_RUNS + 2).await;
    queue(store, "bolt", "a", QUEUED_RUNS + 3).await;
}

pub async fn an_ended_run_shows_what_its_attempt_said(store: &dyn Store) {
    for (n, state) in (1..).zip([
        RunState::Succeeded,
        RunState::Partial,
        RunState::Failed,
        RunState::Cancelled,
        RunState::Diverged,
        RunState::InDoubt,
    ]) {
        let deployment = format!("d-{n}");
        deploy(store, "acme", &deployment, 1).await;
        let claimed = start(store, "acme", &deployment, n).await;
        let said = end(state);
        store.end(&claimed.lease, vec![outcome(0)], said.clone()).await.unwrap();
        let view = store.run(&tenant("acme"), id(n)).await.unwrap();
        assert_eq!(
            (view.state, view.answer, view.problem, view.fuel),
            (state, said.answer, said.problem, said.fuel)
        );
        assert_eq!(view.ended_at, state.is_final().then_some(said.at));
        assert_eq!((view.started_at, view.created_at, view.attempts), (Some(n), n, 1));
        assert_eq!(
            (view.trigger.as_str(), view.event_type.as_str(), view.version),
            ("api", "com.example.test", 1)
        );
    }
    // An end that says nothing about how to go on is a mistake of the caller.
    deploy(store, "acme", "e", 1).await;
    let claimed = start(store, "acme", "e", 99).await;
    for wrong in [end(RunState::Waiting), end(RunState::Queued), end(RunState::Running)] {
        assert!(matches!(
            store.end(&claimed.lease, Vec::new(), wrong).await,
            Err(StoreError::Conflict(_))
        ));
    }
}

pub async fn counters_follow_every_state(store: &dyn Store) {
    let count = |state: RunState| async move {
        store
            .counters()
            .await
            .unwrap()
            .runs
            .get(state.as_str())
            .copied()
            .unwrap_or(0)
    };
    deploy(store, "acme", "a", 10).await;
    queue(store, "acme", "a", 1).await;
    assert_eq!((count(RunState::Queued).await, count(RunState::Running).await), (1, 0));
    let claimed = claim_one(store, NODE, 0).await;
    assert_eq!((count(RunState::Queued).await, count(RunState::Running).await), (0, 1));
    store
        .end(&claimed.lease, Vec::new(), wait_until(5, None))
        .await
        .unwrap();
    assert_eq!((count(RunState::Running).await, count(RunState::Waiting).await), (0, 1));
    let claimed = claim_one(store, NODE, 5).await;
    store
        .end(&claimed.lease, Vec::new(), end(RunState::Diverged))
        .await
        .unwrap();
    assert_eq!(
        (count(RunState::Waiting).await, count(RunState::Diverged).await),
        (0, 1)
    );
    let counters = store.counters().await.unwrap();
    assert!(
        counters.commits > 0 && counters.requests >= counters.commits,
        "{counters:?}"
    );
    store.claim(NODE, 5, 1, PLACES).await.unwrap();
    assert_eq!(
        store.counters().await.unwrap().commits,
        counters.commits,
        "a claim that finds nothing commits nothing"
    );
}
