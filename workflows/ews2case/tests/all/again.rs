//! Is every mail handled once, whatever happens in between?

use ews2case::input::Input;
use ews2case::run::ews2case;
use serde_json::json;
use synapse_guest::error::Error;
use synapse_guest::thehive::{NewCase, Pap, Severity, Tlp};

use crate::support::*;

#[test]
fn a_second_run_creates_nothing() {
    let host = host_with([mail(1), mail(2)]);
    assert_eq!(run(&host).created, 2);
    host.forget_calls();
    let again = run(&host);
    assert_eq!((again.success, again.created, again.skipped), (true, 0, 2));
    assert_eq!(told(&again)[0], ("skipped", "already in case #1"));
    assert_eq!(effects(&host), Vec::<String>::new());
    assert_eq!(
        host.count("ews/messages.get-messages"),
        0,
        "finished mails are not fetched again"
    );
}

#[test]
fn d05_mails_are_handled_oldest_first() {
    let mut late = mail(1);
    late.summary.received_at = Some(NOW - MINUTE);
    let host = host_with([late, mail(2)]);
    run(&host);
    let titles: Vec<String> = host.cases().into_iter().map(|case| case.title).collect();
    assert_eq!(titles, ["Strange mail 2", "Strange mail 1"]);
}

#[test]
fn the_ledger_decides_and_not_the_read_flag() {
    let mut message = mail(1);
    message.summary.is_read = true;
    let host = host_with([message]);
    assert_eq!(run(&host).created, 1, "a preview in Outlook hides nothing");
    host.change_mail("<1@corp.example>", |mail| mail.summary.is_read = false);
    assert_eq!(run(&host).created, 0);
}

#[test]
fn in_unread_mode_read_mails_are_left_alone_as_the_original_did() {
    let mut message = mail(1);
    message.summary.is_read = true;
    let host = configured(host_with([message, mail(2)]), json!({ "mode": "unread" }));
    let answer = run(&host);
    assert_eq!((answer.created, answer.scanned, answer.mode), (1, 1, "unread"));
}

#[test]
fn a_mail_that_was_moved_away_and_back_is_the_same_mail() {
    let host = host_with([mail(1)]);
    run(&host);
    host.change_mail("<1@corp.example>", |mail| mail.summary.id = "another-id".into());
    let again = run(&host);
    assert_eq!((again.created, told(&again)[0]), (0, ("skipped", "already in case #1")));
    host.forget_calls();
    run(&host);
    assert_eq!(host.count("ews/messages.get-messages"), 0, "its new id is remembered");
}

#[test]
fn another_mail_with_the_same_message_id_is_another_mail() {
    let mut forged = mail(2);
    forged.summary.internet_message_id = Some("<1@corp.example>".into());
    let host = host_with([mail(1), forged]);
    let answer = run(&host);
    assert_eq!((answer.created, host.cases().len()), (2, 2), "{:?}", told(&answer));
    let again = run(&host);
    assert_eq!((again.created, again.failed), (0, 0), "{:?}", told(&again));
}

#[test]
fn a_lost_ledger_makes_no_doubles() {
    let host = configured(host(), at_once());
    let mut message = mail(1);
    attach(&host, &mut message, "a", "invoice.pdf", "application/pdf", b"%PDF");
    host.add_mail("TheHive", message);
    host.add_mail("TheHive", answer_to(2, 1));
    run(&host);
    host.clear_state();
    let again = run(&host);
    assert_eq!((again.created, again.failed), (0, 0), "{:?}", told(&again));
    let case = only_case(&host);
    assert_eq!((host.tasks(&case.id).len(), host.logs(&case.id).len()), (1, 2));
    assert_eq!(files(&host, &case), ["invoice.pdf"]);
    host.forget_calls();
    run(&host);
    assert_eq!(effects(&host), Vec::<String>::new(), "the ledger is filled again");
}

#[test]
fn a_case_that_an_analyst_deleted_is_not_made_again() {
    let host = host_with([mail(1)]);
    run(&host);
    host.delete_case(&only_case(&host).id);
    let again = run(&host);
    assert_eq!((again.created, host.cases().len()), (0, 0));
    let reason = told(&again)[0].1;
    assert!(reason.starts_with("deleted in TheHive (it was case #1)"), "{reason}");
    // Unless somebody asks for it by name.
    let asked = run_message(&host, "<1@corp.example>");
    assert_eq!((asked.created, host.cases().len()), (1, 1), "{:?}", told(&asked));
    assert_eq!(
        host.mail("<1@corp.example>").unwrap().1.summary.categories,
        ["alice", "TheHive #2"]
    );
}

#[test]
fn a_case_that_is_deleted_before_it_was_complete_is_said_to_be_deleted() {
    let host = host();
    let mut message = mail(1);
    attach(&host, &mut message, "a", "invoice.pdf", "application/pdf", b"%PDF");
    host.add_mail("TheHive", message);
    host.fail_observable("invoice.pdf", Error::Conflict("x".into()));
    assert_eq!(run(&host).failed, 1);
    host.delete_case(&only_case(&host).id);
    let again = run(&host);
    assert!(
        told(&again)[0].1.starts_with("deleted in TheHive (it was case #1)"),
        "{:?}",
        told(&again)
    );
    assert_eq!((again.failed, run(&host).created), (0, 0));
}

#[test]
fn go_live_three_thousand_old_mails_have_no_effect_until_they_are_asked_for() {
    let host = host().with_go_live(NOW - 10 * MINUTE);
    for n in 0..3_000 {
        host.add_mail("TheHive", mail(n));
    }
    let answer = run(&host);
    assert_eq!((answer.success, answer.created, answer.scanned), (true, 0, 0));
    assert_eq!(effects(&host), Vec::<String>::new());
    assert_eq!(host.count("ews/messages.list-messages"), 1, "the server filters");
    assert!(answer.window.contains("go-live point"), "{}", answer.window);
    assert_eq!(run_message(&host, "<7@corp.example>").created, 1);
    let since = ews2case(&host, Input::Since(NOW - 60 * MINUTE)).unwrap();
    // The one that was asked for by name counts as well.
    assert_eq!((since.created, since.held), (19, 2_000 - 19), "{:?}", since.warnings);
}

#[test]
fn mails_outside_the_window_are_not_listed() {
    let mut old = mail(1);
    old.summary.received_at = Some(NOW - 100 * 24 * 60 * MINUTE);
    let host = host_with([old]);
    let answer = run(&host);
    assert!(
        answer.scanned == 0 && answer.window.contains("window_days"),
        "{}",
        answer.window
    );
}

#[test]
fn a_message_that_is_not_there_is_a_failure_that_says_so() {
    let host = host();
    let answer = run_message(&host, "<nobody@x>");
    assert_eq!(
        (answer.success, told(&answer)),
        (false, vec![("failed", "there is no such mail in the folder `TheHive`")])
    );
    let host = host_with([mail(1)]);
    assert_eq!(run_message(&host, "item-1").created, 1, "an item id works too");
    assert_eq!(
        told(&run_message(&host, "1@corp.example"))[0],
        ("skipped", "already in case #1")
    );
}

#[test]
fn cases_of_the_original_are_recognised_by_the_conversation_in_their_description() {
    let host = configured(host_with([answer_to(2, 1)]), at_once());
    let old = NewCase {
        title: "Strange mail 1".into(),
        description: "conversation-1".into(),
        severity: Severity::Medium,
        start_date: NOW,
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        tags: vec!["email".into()],
        flag: false,
        assignee: None,
        case_template: None,
        custom_fields: Vec::new(),
        dedup_key: None,
    };
    host.add_case(&NewCase {
        description: "conversation-9".into(),
        ..old.clone()
    });
    let id = host.add_case(&old);
    let answer = run(&host);
    assert_eq!((answer.created, answer.updated), (0, 1), "{:?}", told(&answer));
    assert_eq!(host.logs(&id).len(), 1);
    // It can be switched off.
    let host = configured(host_with([mail(1)]), json!({ "adopt": false }));
    host.add_case(&NewCase {
        description: "conversation-1".into(),
        ..old
    });
    assert_eq!(run(&host).created, 1);
}
