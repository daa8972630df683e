//! What is done about mails that a watched folder tells of?

use ews2case::answer::Answer;
use ews2case::input::Input;
use ews2case::run::ews2case;
use serde_json::json;
use synapse_guest::fake::Fake;

use crate::support::*;

fn items(host: &Fake, ids: &[&str], since: Option<u64>) -> Answer {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    ews2case(host, Input::Items { ids, since }).unwrap()
}

#[test]
fn only_the_told_mails_are_handled_and_one_that_is_gone_is_skipped() {
    let host = configured(host_with([mail(1), mail(2), mail(3)]), at_once());
    let answer = items(&host, &["item-1", "item-9", "item-3"], None);
    assert_eq!(
        (answer.success, answer.created, answer.skipped, answer.scanned),
        (true, 2, 1, 2),
        "{:?}",
        told(&answer)
    );
    assert!(
        told(&answer)
            .iter()
            .any(|(_, reason)| reason.contains("moved or deleted"))
    );
    let again = items(&host, &["item-1"], None);
    assert_eq!(
        (again.created, host.cases().len()),
        (0, 2),
        "the ledger decides what is new"
    );
}

#[test]
fn a_mail_that_has_to_settle_is_slept_for_and_handled_in_the_same_run() {
    let mut uncategorised = mail(1);
    uncategorised.summary.categories = Vec::new();
    let host = configured(host_with([uncategorised, mail(2)]), json!({ "settle_seconds": 60 }));
    let answer = items(&host, &["item-1", "item-2"], None);
    assert_eq!((answer.created, answer.skipped), (2, 0), "{:?}", told(&answer));
    assert_eq!(
        host.sleeps(),
        [NOW + 60_000],
        "once, and not for the one that has a category"
    );
}

#[test]
fn what_the_brake_holds_comes_in_the_next_hours_of_the_same_run() {
    let host = configured(
        host_with((0..5).map(mail)),
        json!({ "cases_per_hour": 2, "settle_seconds": 0 }),
    );
    let ids = ["item-0", "item-1", "item-2", "item-3", "item-4"];
    let answer = items(&host, &ids, None);
    assert_eq!((answer.created, host.cases().len()), (5, 5), "{:?}", told(&answer));
    assert_eq!(host.sleeps().len(), 2);
    assert_eq!(host.sleeps()[0] % (60 * MINUTE), 0, "when the hour is over");
}

#[test]
fn a_mail_that_waits_for_a_category_comes_with_it_and_not_by_the_clock() {
    let mut uncategorised = mail(1);
    uncategorised.summary.categories = Vec::new();
    let host = configured(host_with([uncategorised]), json!({ "wait_for_category": true }));
    let answer = items(&host, &["item-1"], None);
    assert_eq!((answer.created, answer.skipped), (0, 1));
    assert!(host.sleeps().is_empty(), "{:?}", host.sleeps());
}

#[test]
fn go_live_holds_unless_a_backfill_says_since_when() {
    let host = configured(host_with([mail(1)]), at_once()).with_go_live(NOW);
    let answer = items(&host, &["item-1"], None);
    assert_eq!((answer.created, answer.skipped), (0, 1), "{:?}", told(&answer));
    let answer = items(&host, &["item-1"], Some(NOW - 90 * MINUTE));
    assert_eq!(answer.created, 1, "{:?}", told(&answer));
}
