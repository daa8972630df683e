//! What happens while a closing waits: for its grace period, for the brake, for a target that is down?

use close_offense::answer::Kind;
use serde_json::json;
use synapse_guest::error::Error;
use synapse_guest::workflow::Verdict;

use crate::support::*;

const HOUR: u64 = 60 * MINUTE;

#[test]
fn a_case_that_is_reopened_within_the_grace_period_closes_nothing() {
    let host = host();
    let case = closed_case(&host);
    let reopened = case.clone();
    host.before_next("workflow/clock.sleep-until", move |host| reopen(host, &reopened));
    let answer = told(&host, &case);
    assert!(answer.skipped.unwrap().contains("reopened within the grace period"));
    assert!(!is_closed(&host, 42));
    assert_nothing_written(&host);
}

#[test]
fn a_case_that_is_merged_away_within_the_grace_period_closes_nothing() {
    let host = host();
    let case = closed_case(&host);
    let merged = case.clone();
    host.before_next("workflow/clock.sleep-until", move |host| host.delete_case(&merged));
    assert!(told(&host, &case).skipped.unwrap().contains("merged"));
    assert_nothing_written(&host);
}

#[test]
fn a_case_that_is_closed_again_waits_from_its_last_closing_and_takes_its_last_status() {
    let host = host();
    let case = closed_case(&host);
    let again = case.clone();
    host.before_next("workflow/clock.sleep-until", move |host| {
        host.change_case(&again, |case| {
            (case.status, case.closed_at) = ("TruePositive".into(), Some(NOW + 5 * MINUTE));
        });
    });
    assert_eq!(kinds(&told(&host, &case)), [(42, Kind::Closed)]);
    assert_eq!(host.sleeps(), [NOW + GRACE, NOW + 5 * MINUTE + GRACE]);
    assert_eq!(host.offense(42).unwrap().closing_reason_id, Some(3));
}

#[test]
fn who_names_a_case_waits_only_for_what_is_left_of_the_grace_period() {
    let host = host();
    let case = closed_case(&host);
    host.set_now(NOW + HOUR);
    assert_eq!(kinds(&named(&host, json!({ "case": 1 }))), [(42, Kind::Closed)]);
    assert_eq!(host.sleeps().len(), 0);
    assert_eq!(host.comments(&case).len(), 1);
}

/// Closes 25 cases within one hour; answers when each of them was closed.
#[test]
fn beyond_the_hours_share_a_closing_is_held_and_goes_on_in_the_next_hour() {
    let host = host().with_offenses((100..125).map(offense));
    for id in 100..125 {
        let alert = host.add_alert("QRadar", "hq", &id.to_string());
        let case = case_of(&host, &[&alert]);
        host.set_now(NOW);
        close(&host, &case, "FalsePositive");
        assert_eq!(kinds(&told(&host, &case)), [(id, Kind::Closed)]);
        let closed = host.offense(id).unwrap().close_time.unwrap();
        let expected = if id < 120 { NOW + GRACE } else { NOW + HOUR };
        assert_eq!(closed, expected, "offense {id}");
    }
    let held = host
        .report_lines()
        .into_iter()
        .filter(|line| line.verdict == Verdict::Held);
    assert_eq!(held.count(), 5);
    // Naming it releases it at once.
    host.set_now(NOW + GRACE + MINUTE);
    host.add_offenses([offense(200)]);
    let alert = host.add_alert("QRadar", "hq", "200");
    let case = case_of(&host, &[&alert]);
    host.change_case(&case, |case| {
        (case.status, case.stage, case.closed_at) = ("FalsePositive".into(), "Closed".into(), Some(NOW));
    });
    named(&host, json!({ "case": case }));
    assert_eq!(host.offense(200).unwrap().close_time, Some(NOW + GRACE + MINUTE));
}

#[test]
fn a_case_that_is_reopened_while_the_brake_holds_it_closes_nothing() {
    let host = host().with_config(config(json!({ "closures_per_hour": 1 })));
    told(&host, &closed_case(&host));
    let alert = host.add_alert("QRadar", "hq", "43");
    let case = case_of(&host, &[&alert]);
    host.set_now(NOW);
    close(&host, &case, "FalsePositive");
    let reopened = case.clone();
    host.before_next("workflow/clock.sleep-until", |_| ());
    host.before_next("workflow/clock.sleep-until", move |host| reopen(host, &reopened));
    assert!(told(&host, &case).skipped.is_some());
    assert!(!is_closed(&host, 43));
}

#[test]
fn a_console_that_is_down_is_tried_again_and_the_case_is_read_again_before() {
    let host = host();
    let case = closed_case(&host);
    host.fail_next("qradar/closing.close-offense", Error::Unavailable("down".into()));
    let answer = told(&host, &case);
    assert_eq!(kinds(&answer), [(42, Kind::Closed)]);
    assert_eq!(host.sleeps(), [NOW + GRACE, NOW + GRACE + MINUTE]);
    assert_eq!(
        (host.notes(42).len(), host.comments(&case).len()),
        (1, 1),
        "one note, one comment"
    );

    let alert = host.add_alert("QRadar", "hq", "43");
    let other = case_of(&host, &[&alert]);
    host.set_now(NOW);
    close(&host, &other, "FalsePositive");
    host.fail_next("qradar/offenses.get-offense", Error::RateLimited(5));
    let reopened = other.clone();
    host.before_next("workflow/clock.sleep-until", |_| ());
    host.before_next("workflow/clock.sleep-until", move |host| reopen(host, &reopened));
    assert!(told(&host, &other).skipped.unwrap().contains("reopened"));
    assert!(!is_closed(&host, 43));
}

#[test]
fn a_console_that_stays_down_is_told_in_the_case_and_marked_until_it_works() {
    let host = host().with_config(config(json!({ "retry_minutes": [1, 2] })));
    let case = closed_case(&host);
    (0..3).for_each(|_| host.fail_next("qradar/offenses.get-offense", Error::Unavailable("down".into())));
    let answer = told(&host, &case);
    assert_eq!((answer.success, kinds(&answer)), (false, vec![(42, Kind::Failed)]));
    assert!(host.comments(&case)[0].contains("cannot be reached"));
    assert_eq!(host.cases()[0].tags, ["synapse-close-failed"]);
    assert_eq!(kinds(&named(&host, json!({ "case": case }))), [(42, Kind::Closed)]);
    assert_eq!(host.cases()[0].tags, [] as [&str; 0]);
}
