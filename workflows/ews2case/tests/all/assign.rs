//! Who gets the case, and when?

use serde_json::json;

use crate::support::*;

#[test]
fn a_late_category_assigns_until_a_person_decided() {
    let mut message = mail(1);
    message.summary.categories = Vec::new();
    let host = configured(host_with([message]), at_once());
    run(&host);
    let case = only_case(&host);
    assert_eq!(
        case.assignee.as_deref(),
        Some("synapse@thehive.example"),
        "nobody yet: the connection's own user"
    );
    host.change_mail("<1@corp.example>", |mail| mail.summary.categories.push("alice".into()));
    let late = run(&host);
    assert_eq!(
        told(&late),
        [("updated", "category came later: assigned to alice@soc.example")]
    );
    assert_eq!(only_case(&host).assignee.as_deref(), Some("alice@soc.example"));
    // Again, and the case goes with it as long as it is the one we set.
    host.change_mail("<1@corp.example>", |mail| mail.summary.categories = vec!["bob".into()]);
    run(&host);
    assert_eq!(only_case(&host).assignee.as_deref(), Some("bob@soc.example"));
    host.change_case(&case.id, |case| case.assignee = Some("dora@soc.example".into()));
    host.change_mail("<1@corp.example>", |mail| {
        mail.summary.categories = vec!["alice".into()];
    });
    let kept = run(&host);
    assert!(
        told(&kept)[0].1.contains("stays with dora@soc.example"),
        "{:?}",
        told(&kept)
    );
    assert_eq!(only_case(&host).assignee.as_deref(), Some("dora@soc.example"));
    host.forget_calls();
    assert_eq!(told(&run(&host)), [("skipped", "already in case #1")]);
    assert_eq!(
        host.count("thehive/cases.update-case"),
        0,
        "the same categories are not acted on twice"
    );
}

#[test]
fn the_task_goes_with_the_case() {
    let mut message = mail(1);
    message.summary.categories = Vec::new();
    let host = configured(host_with([message]), at_once());
    run(&host);
    host.change_mail("<1@corp.example>", |mail| mail.summary.categories.push("alice".into()));
    run(&host);
    let case = only_case(&host);
    assert_eq!(host.tasks(&case.id)[0].assignee, case.assignee);
}

#[test]
fn a_new_mail_without_a_category_waits_for_one_from_when_it_was_first_seen() {
    let mut message = mail(1);
    message.summary.categories = Vec::new();
    let host = host_with([message]);
    let first = run(&host);
    assert_eq!((first.created, first.skipped), (0, 1));
    assert!(
        told(&first)[0]
            .1
            .starts_with("waits for a category until 2026-11-25 03:01:00 UTC"),
        "{:?}",
        told(&first)
    );
    host.set_now(NOW + MINUTE / 2);
    assert_eq!(run(&host).created, 0);
    host.set_now(NOW + MINUTE);
    assert_eq!(run(&host).created, 1);
}

#[test]
fn a_category_ends_the_waiting() {
    let mut message = mail(1);
    message.summary.categories = Vec::new();
    let host = configured(host_with([message]), json!({ "wait_for_category": true }));
    host.set_now(NOW + 1_000 * MINUTE);
    assert!(told(&run(&host))[0].1.contains("wait_for_category"));
    host.change_mail("<1@corp.example>", |mail| {
        mail.summary.categories.push("Alice Adams".into());
    });
    assert_eq!(run(&host).created, 1);
    assert_eq!(only_case(&host).assignee.as_deref(), Some("alice@soc.example"));
}

#[test]
fn a_locked_user_is_not_assigned_and_the_report_says_so() {
    let mut message = mail(1);
    message.summary.categories = vec!["carol".into()];
    let host = host_with([message]);
    let answer = run(&host);
    assert_eq!(only_case(&host).assignee.as_deref(), Some("synapse@thehive.example"));
    assert!(told(&answer)[0].1.contains("locked in TheHive"), "{:?}", told(&answer));
}

#[test]
fn the_category_of_an_answer_assigns_the_case_too() {
    let mut message = mail(1);
    message.summary.categories = Vec::new();
    let host = configured(host_with([message]), at_once());
    run(&host);
    let mut answer = answer_to(2, 1);
    answer.summary.categories = vec!["alice".into()];
    host.add_mail("TheHive", answer);
    assert_eq!(
        told(&run(&host))[1],
        ("updated", "added to case #1; assigned to alice@soc.example")
    );
    assert_eq!(only_case(&host).assignee.as_deref(), Some("alice@soc.example"));
}
