//! When do runs start by themselves, when are they held back, and when are they taken up again?

use futures::future::join_all;
use synapse_domain::digest::Digest;
use synapse_domain::ids::RunId;
use synapse_domain::limits::QUEUED_RUNS;
use synapse_domain::run::{How, RunState};
use synapse_domain::trigger::{CatchUp, Overlap, Schedule, Trigger};
use synapse_store::StoreError;
use synapse_store::journal::Entry;
use synapse_store::records::NewRun;
use synapse_store::timers::{Drain, Due, Fired, Firing, Pause, ScheduleView, Scope};
use synapse_store::traits::Store;

use super::fixtures::*;

const HOUR: u64 = 3_600_000;

fn schedule(name: &str, cron: &str, overlap: Overlap) -> Schedule {
    Schedule {
        name: name.parse().unwrap(),
        cron: cron.into(),
        time_zone: "UTC".into(),
        jitter_seconds: 0,
        overlap,
        catch_up: CatchUp::Latest,
        input: serde_json::json!({}),
    }
}

async fn deploy_with(store: &dyn Store, deployment: &str, schedules: Vec<Schedule>) {
    let mut version = version("acme", deployment, 8);
    version.triggers = schedules.into_iter().map(Trigger::Schedule).collect();
    store.deploy(version, Vec::new()).await.unwrap();
}

async fn hourly(store: &dyn Store, overlap: Overlap) {
    deploy_with(store, "a", vec![schedule("hourly", "0 * * * *", overlap)]).await;
}

async fn only_due(store: &dyn Store, now: u64) -> Due {
    let mut due = store.due(now, 10).await.unwrap();
    assert_eq!(due.len(), 1, "{due:?}");
    due.remove(0)
}

fn scheduled(n: u64, time: u64) -> NewRun {
    let key = format!("schedule:a:hourly:{time}");
    NewRun {
        trigger: "schedule:hourly".into(),
        idempotency: Some((key.clone(), Digest::of(key.as_bytes()))),
        ..new_run("acme", "a", n)
    }
}

/// Fires a time as number `n` of all runs.
async fn fire(store: &dyn Store, due: &Due, n: u64) -> Result<Fired, StoreError> {
    let (time, now) = (due.next, due.next + 1);
    let run = Some((time, scheduled(n, time)));
    let next = Some(time + HOUR);
    store
        .fire(Firing {
            due: due.clone(),
            run,
            skipped: None,
            next,
            now,
        })
        .await
}

async fn view(store: &dyn Store) -> ScheduleView {
    store.schedules(&tenant("acme"), &name("a")).await.unwrap().remove(0)
}

async fn state(store: &dyn Store, run: RunId) -> RunState {
    store.run(&tenant("acme"), run).await.unwrap().state
}

pub async fn a_due_time_and_its_run_are_one_and_happen_once(store: &dyn Store) {
    hourly(store, Overlap::Skip).await;
    assert_eq!(store.due(HOUR - 1, 10).await.unwrap(), []);
    assert_eq!(store.next_due(0).await.unwrap(), Some(HOUR));
    let due = only_due(store, HOUR).await;
    assert_eq!((due.next, due.version, due.jitter_ms), (HOUR, 1, 0));
    let fired = fire(store, &due, 1).await.unwrap();
    assert_eq!(
        fired,
        Fired {
            done: true,
            run: Some(id(1)),
            ..Fired::default()
        }
    );
    // Who read the schedule before it went on does nothing.
    assert_eq!(fire(store, &due, 2).await.unwrap(), Fired::default());
    assert!(matches!(
        store.run(&tenant("acme"), id(2)).await,
        Err(StoreError::NotFound)
    ));
    assert_eq!(store.due(HOUR + 10, 10).await.unwrap(), []);
    let view = view(store).await;
    assert_eq!(
        (view.next, view.last_fired, view.last_run, view.last_skipped),
        (Some(2 * HOUR), Some(HOUR), Some(id(1)), None)
    );
    // A time that has its run keeps it, whatever the request was.
    let mut other = only_due(store, 2 * HOUR).await;
    let run = NewRun {
        idempotency: Some((format!("schedule:a:hourly:{HOUR}"), Digest::of(b"other"))),
        ..scheduled(3, HOUR)
    };
    let lease = claim_one(store, NODE, 0).await.lease;
    store.end(&lease, Vec::new(), end(RunState::Succeeded)).await.unwrap();
    other.next = 2 * HOUR;
    let firing = Firing {
        due: other,
        run: Some((2 * HOUR, run)),
        skipped: None,
        next: None,
        now: 0,
    };
    assert_eq!(store.fire(firing).await.unwrap().run, Some(id(1)));
}

pub async fn a_full_queue_leaves_the_time_due(store: &dyn Store) {
    hourly(store, Overlap::Queue).await;
    let fill = (0..QUEUED_RUNS).map(|n| store.submit(new_run("acme", "a", 1_000 + n), None, PLACES));
    assert!(join_all(fill).await.iter().all(Result::is_ok));
    let due = only_due(store, HOUR).await;
    assert!(matches!(fire(store, &due, 1).await, Err(StoreError::Quota(_))));
    assert_eq!(only_due(store, HOUR).await, due, "nothing is lost");
    store.cancel(&tenant("acme"), id(1_000), "ann", 0).await.unwrap();
    assert_eq!(fire(store, &due, 1).await.unwrap().run, Some(id(1)));
}

pub async fn unfinished_runs_are_left_alone_waited_for_or_replaced(store: &dyn Store) {
    hourly(store, Overlap::Skip).await;
    fire(store, &only_due(store, HOUR).await, 1).await.unwrap();
    let skipped = fire(store, &only_due(store, 2 * HOUR).await, 2).await.unwrap();
    assert!(skipped.done && skipped.run.is_none() && skipped.left_out.unwrap().contains(&id(1).to_string()));
    let view = view(store).await;
    assert_eq!(
        (view.last_fired, view.last_skipped, view.next),
        (Some(HOUR), Some(2 * HOUR), Some(3 * HOUR))
    );
    assert!(view.skip_reason.unwrap().contains("not finished"));

    hourly(store, Overlap::Queue).await;
    fire(store, &only_due(store, 3 * HOUR).await, 3).await.unwrap();
    // The older one starts, sleeps, and ends: only then the younger one starts, although there are places.
    let first = claim_one(store, NODE, 0).await;
    assert_eq!(first.run.id, id(1));
    assert!(store.claim(NODE, 0, 9, PLACES).await.unwrap().is_empty());
    store.end(&first.lease, Vec::new(), wait_until(50, None)).await.unwrap();
    assert!(
        store.claim(NODE, 49, 9, PLACES).await.unwrap().is_empty(),
        "it is not finished"
    );
    let first = claim_one(store, NODE, 50).await;
    store
        .end(&first.lease, Vec::new(), end(RunState::Failed))
        .await
        .unwrap();
    assert_eq!(claim_one(store, NODE, 51).await.run.id, id(3));

    hourly(store, Overlap::Replace).await;
    queue(store, "acme", "a", 9).await;
    let replaced = fire(store, &only_due(store, 4 * HOUR).await, 4).await.unwrap();
    assert_eq!((replaced.run, replaced.replaced), (Some(id(4)), vec![id(3)]));
    assert_eq!(state(store, id(3)).await, RunState::Running, "it is told to stop");
    assert_eq!(
        state(store, id(9)).await,
        RunState::Queued,
        "others are none of the trigger's"
    );
    let again = fire(store, &only_due(store, 5 * HOUR).await, 5).await.unwrap();
    assert_eq!(again.replaced, [id(3), id(4)]);
    assert_eq!(state(store, id(4)).await, RunState::Cancelled);
}

pub async fn jitter_puts_off_each_time_by_as_much(store: &dyn Store) {
    let late = Schedule {
        jitter_seconds: 600,
        ..schedule("hourly", "0 * * * *", Overlap::Skip)
    };
    deploy_with(store, "a", vec![late.clone()]).await;
    let jitter = late.jitter_ms(&tenant("acme"), &name("a"));
    assert!((1..=600_000).contains(&jitter), "{jitter}");
    for n in 1..=2 {
        assert_eq!(store.due(n * HOUR + jitter - 1, 10).await.unwrap(), []);
        assert_eq!(store.next_due(n * HOUR).await.unwrap(), Some(n * HOUR + jitter));
        let due = only_due(store, n * HOUR + jitter).await;
        assert_eq!(
            (due.next, due.jitter_ms),
            (n * HOUR, jitter),
            "the time is the calendar's"
        );
        assert!(fire(store, &due, n).await.unwrap().done);
    }
}

pub async fn a_schedule_that_is_faster_than_its_runs_keeps_a_hundred_of_them_unfinished(store: &dyn Store) {
    hourly(store, Overlap::Queue).await;
    for n in 1..=100 {
        let fired = fire(store, &only_due(store, n * HOUR).await, n).await.unwrap();
        assert_eq!(fired.run, Some(id(n)));
    }
    let left = fire(store, &only_due(store, 101 * HOUR).await, 101).await.unwrap();
    assert!(left.done && left.run.is_none() && left.left_out.unwrap().contains("100 runs"));
    let first = claim_one(store, NODE, 0).await;
    store
        .end(&first.lease, Vec::new(), end(RunState::Succeeded))
        .await
        .unwrap();
    let next = fire(store, &only_due(store, 102 * HOUR).await, 102).await.unwrap();
    assert_eq!(next.run, Some(id(102)), "one has ended");
}

pub async fn a_new_version_replaces_the_schedules_and_keeps_unchanged_times(store: &dyn Store) {
    let two = vec![
        schedule("hourly", "0 * * * *", Overlap::Skip),
        schedule("gone", "30 * * * *", Overlap::Skip),
    ];
    deploy_with(store, "a", two).await;
    let due = only_due(store, HOUR / 2).await;
    assert_eq!(due.schedule.name.as_str(), "gone");
    // A new version does not change what it does not name: the time that is due stays due, under the new version.
    let mut later = version("acme", "a", 8);
    later.created_at = 3 * HOUR;
    later.triggers = vec![Trigger::Schedule(schedule("hourly", "0 * * * *", Overlap::Queue))];
    store.deploy(later.clone(), Vec::new()).await.unwrap();
    let due = only_due(store, 3 * HOUR).await;
    assert_eq!((due.next, due.version, due.overlap()), (HOUR, 2, Overlap::Queue));
    fire(store, &due, 1).await.unwrap();
    // Other times begin after the version, and after the last that had its run.
    later.created_at = 10;
    later.triggers = vec![Trigger::Schedule(schedule("hourly", "15 * * * *", Overlap::Queue))];
    store.deploy(later, Vec::new()).await.unwrap();
    assert_eq!(view(store).await.next, Some(HOUR + HOUR / 4));
    let stale = fire(store, &due, 2).await.unwrap();
    assert!(!stale.done, "the schedule has changed");
    deploy_with(store, "a", Vec::new()).await;
    assert_eq!(store.schedules(&tenant("acme"), &name("a")).await.unwrap(), []);
    assert_eq!(store.next_due(0).await.unwrap(), None);
}

fn scope(connection: Option<&str>, deployment: Option<&str>, trigger: Option<&str>) -> Scope {
    Scope {
        connection: connection.map(|name| name.parse().unwrap()),
        deployment: deployment.map(|name| name.parse().unwrap()),
        trigger: trigger.map(|name| name.parse().unwrap()),
    }
}

fn paused(scope: Scope) -> Pause {
    Pause {
        tenant: tenant("acme"),
        scope,
        maintenance: false,
        by: "ann".into(),
        why: "odd".into(),
        at: 7,
        until: None,
    }
}

const DRAIN: Drain = Drain {
    per_minute: 60,
    now: 10_000,
};

pub async fn a_paused_schedule_is_not_due(store: &dyn Store) {
    hourly(store, Overlap::Skip).await;
    for scope in [
        scope(None, None, None),
        scope(Some("qradar-eu"), None, None),
        scope(None, Some("a"), None),
        scope(None, Some("a"), Some("hourly")),
    ] {
        assert!(store.pause(paused(scope.clone())).await.unwrap());
        assert!(
            !store.pause(paused(scope.clone())).await.unwrap(),
            "it is paused already"
        );
        assert_eq!(store.due(HOUR, 10).await.unwrap(), [], "{scope:?}");
        store.resume(&tenant("acme"), scope, DRAIN).await.unwrap();
        only_due(store, HOUR).await;
    }
    for other in [
        scope(None, Some("b"), None),
        scope(None, Some("a"), Some("other")),
        scope(Some("elsewhere"), None, None),
    ] {
        store.pause(paused(other)).await.unwrap();
    }
    only_due(store, HOUR).await;
}

pub async fn a_pause_holds_the_runs_it_covers_and_no_others(store: &dyn Store) {
    deploy(store, "acme", "a", 8).await;
    deploy(store, "acme", "b", 8).await;
    deploy(store, "umbrella", "a", 8).await;
    let mut n = 0;
    for (scope, expected) in [
        (scope(None, None, None), vec!["umbrella/a/api"]),
        (scope(Some("qradar-eu"), None, None), vec!["umbrella/a/api"]),
        (scope(None, Some("a"), None), vec!["acme/b/api", "umbrella/a/api"]),
        (
            scope(None, Some("a"), Some("t")),
            vec!["acme/a/api", "acme/b/api", "umbrella/a/api"],
        ),
        (
            scope(Some("other"), None, None),
            vec!["acme/a/api", "acme/a/webhook:t", "acme/b/api", "umbrella/a/api"],
        ),
    ] {
        store.pause(paused(scope.clone())).await.unwrap();
        for (tenant, deployment, trigger) in [
            ("acme", "a", "api"),
            ("acme", "a", "webhook:t"),
            ("acme", "b", "api"),
            ("umbrella", "a", "api"),
        ] {
            n += 1;
            let run = NewRun {
                trigger: trigger.into(),
                ..new_run(tenant, deployment, n)
            };
            let submitted = store.submit(run, Some(NODE.into()), PLACES).await.unwrap();
            // Where something of the tenant is paused, nothing starts at once.
            assert_eq!(submitted.claimed.is_some(), tenant == "umbrella", "{scope:?}");
            if let Some(claimed) = submitted.claimed {
                store.release(&claimed.lease, Vec::new()).await.unwrap();
            }
        }
        let claimed = store.claim(NODE, 0, 99, PLACES).await.unwrap();
        let mut started = Vec::new();
        for claimed in claimed {
            let run = &claimed.run;
            started.push(format!("{}/{}/{}", run.tenant, run.deployment, run.trigger));
            store
                .end(&claimed.lease, Vec::new(), end(RunState::Succeeded))
                .await
                .unwrap();
        }
        started.sort();
        assert_eq!(started, expected, "{scope:?}");
        store.resume(&tenant("acme"), scope, DRAIN).await.unwrap();
        for claimed in store.claim(NODE, u64::MAX / 4, 99, PLACES).await.unwrap() {
            store
                .end(&claimed.lease, Vec::new(), end(RunState::Succeeded))
                .await
                .unwrap();
        }
    }
    let gone = store.resume(&tenant("acme"), scope(None, None, None), DRAIN).await;
    assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");
}

pub async fn held_runs_are_let_go_at_the_rate_of_the_drain(store: &dyn Store) {
    deploy(store, "acme", "a", 8).await;
    store.pause(paused(scope(None, Some("a"), None))).await.unwrap();
    for n in 1..=3 {
        queue(store, "acme", "a", n).await;
    }
    assert!(store.claim(NODE, 5_000, 9, PLACES).await.unwrap().is_empty());
    let held = store
        .resume(&tenant("acme"), scope(None, Some("a"), None), DRAIN)
        .await
        .unwrap();
    assert_eq!(held, 3);
    // One a second, oldest first.
    for (now, run) in [(10_000, id(1)), (11_000, id(2)), (12_000, id(3))] {
        assert!(
            store.claim(NODE, now - 1, 9, PLACES).await.unwrap().is_empty(),
            "before {now}"
        );
        assert_eq!(store.next_wake().await.unwrap(), Some(now));
        let claimed = store.claim(NODE, now, 9, PLACES).await.unwrap();
        assert_eq!(claimed.iter().map(|claimed| claimed.run.id).collect::<Vec<_>>(), [run]);
    }
    assert_eq!(store.next_wake().await.unwrap(), None);
}

pub async fn another_pause_still_holds_what_one_lets_go(store: &dyn Store) {
    deploy(store, "acme", "a", 8).await;
    store.pause(paused(scope(None, None, None))).await.unwrap();
    store.pause(paused(scope(None, Some("a"), None))).await.unwrap();
    queue(store, "acme", "a", 1).await;
    assert_eq!(
        store
            .resume(&tenant("acme"), scope(None, None, None), DRAIN)
            .await
            .unwrap(),
        0
    );
    assert!(store.claim(NODE, 99_000, 9, PLACES).await.unwrap().is_empty());
    assert_eq!(
        store
            .resume(&tenant("acme"), scope(None, Some("a"), None), DRAIN)
            .await
            .unwrap(),
        1
    );
    assert_eq!(claim_one(store, NODE, 99_000).await.run.id, id(1));
}

pub async fn maintenance_windows_open_and_close_beside_pauses(store: &dyn Store) {
    deploy(store, "acme", "a", 8).await;
    let window = Pause {
        maintenance: true,
        until: Some(20_000),
        ..paused(scope(Some("qradar-eu"), None, None))
    };
    let person = paused(scope(Some("qradar-eu"), None, None));
    let shorter = Pause {
        until: Some(15_000),
        ..window.clone()
    };
    store.set_maintenance(vec![shorter], DRAIN).await.unwrap();
    store.set_maintenance(vec![window.clone()], DRAIN).await.unwrap();
    store.set_maintenance(vec![window.clone()], DRAIN).await.unwrap();
    store.pause(person.clone()).await.unwrap();
    assert_eq!(store.pauses(None).await.unwrap().len(), 2);
    queue(store, "acme", "a", 1).await;
    // A person ends a person's pause, never a window.
    store.resume(&tenant("acme"), person.scope, DRAIN).await.unwrap();
    assert_eq!(store.pauses(Some(&tenant("acme"))).await.unwrap(), [window]);
    assert_eq!(store.pauses(Some(&tenant("umbrella"))).await.unwrap(), []);
    assert!(store.claim(NODE, 19_000, 9, PLACES).await.unwrap().is_empty());
    store.set_maintenance(Vec::new(), DRAIN).await.unwrap();
    assert_eq!(claim_one(store, NODE, 19_000).await.run.id, id(1));
}

pub async fn a_retry_sets_the_journal_aside_and_queues_the_run(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let lease = start(store, "acme", "a", 1).await.lease;
    let mut failed = outcome_at(1, 0, 1);
    failed.ok = false;
    let mut write = outcome_at(2, 0, 1);
    (write.class, write.effect_key) = ("keyed".into(), Some(Digest::of(b"effect")));
    let entries = vec![
        outcome(0),
        Entry::Line(line_at(1, 0, "before")),
        Entry::Outcome(failed),
        Entry::Outcome(write.clone()),
        Entry::Line(line_at(3, 0, "after")),
    ];
    store.end(&lease, entries, end(RunState::Partial)).await.unwrap();
    store.retry(&lease.tenant, lease.run, 1).await.unwrap();
    let shown = store.run(&lease.tenant, lease.run).await.unwrap();
    assert_eq!(
        (shown.state, shown.ended_at, shown.answer, shown.problem),
        (RunState::Queued, None, None, None)
    );
    let again = claim_one(store, NODE, 0).await;
    assert_eq!((again.run.cut, again.lease.epoch, again.run.barren), (1, 2, 0));
    let journal = store.journal(&lease.tenant, lease.run).await.unwrap();
    assert_eq!(
        journal
            .outcomes
            .iter()
            .map(|outcome| outcome.at.call)
            .collect::<Vec<_>>(),
        [0]
    );
    assert_eq!(journal.lines, [line_at(1, 0, "before")]);
    assert_eq!(journal.set_aside, [write], "what happened is known");
    assert_eq!(journal.set_aside[0].how, How::Performed);
}

pub async fn a_run_that_is_taken_up_again_has_all_its_retries_and_no_order_to_stop(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let first = start(store, "acme", "a", 1).await.lease;
    let again = wait_until(20, Some(0));
    store.end(&first, vec![outcome(0)], again).await.unwrap();
    let second = claim_one(store, NODE, 20).await;
    assert_eq!(second.run.retries, 1);
    let stopped = store.cancel(&first.tenant, first.run, "ann", 30).await.unwrap();
    assert_eq!(stopped, RunState::Running, "it is told to stop, and fails by itself");
    store
        .end(&second.lease, Vec::new(), end(RunState::Failed))
        .await
        .unwrap();
    store.retry(&first.tenant, first.run, 0).await.unwrap();
    let third = claim_one(store, NODE, 30).await;
    assert_eq!((third.run.retries, third.run.cancel_requested), (0, false));
}

pub async fn a_retry_is_refused_where_it_would_hide_a_doubt_or_repeat_nothing(store: &dyn Store) {
    deploy(store, "acme", "a", 1).await;
    let lease = start(store, "acme", "a", 1).await.lease;
    let refused = |answer: Result<(), StoreError>, word: &str| match answer {
        Err(StoreError::Conflict(why)) => assert!(why.contains(word), "{why}"),
        other => panic!("{other:?}"),
    };
    let retry = async |from| store.retry(&lease.tenant, lease.run, from).await;
    refused(retry(0).await, "`running`");
    let entries = vec![outcome(0), Entry::Intent(intent_at(1, 0, 0))];
    store.end(&lease, entries, end(RunState::Failed)).await.unwrap();
    refused(retry(1).await, "not known");
    refused(retry(3).await, "no call 3");
    assert!(matches!(
        store.retry(&tenant("umbrella"), lease.run, 2).await,
        Err(StoreError::NotFound)
    ));
    retry(2).await.unwrap();
    assert_eq!(state_of(store, &lease).await, RunState::Queued);
    let journal = store.journal(&lease.tenant, lease.run).await.unwrap();
    assert_eq!(journal.intents.len(), 1, "the doubt is settled by the next attempt");
}
