//! What if mails become alerts?

use serde_json::json;
use synapse_guest::error::Error;
use synapse_guest::fake::Fake;
use synapse_guest::thehive::{AlertPatch, TheHive as _};

use crate::support::*;

#[test]
fn a_mail_becomes_an_alert_with_everything_an_alert_can_hold() {
    let host = configured(host(), json!({ "create": "alert" }));
    let mut message = mail(1);
    attach(&host, &mut message, "a", "invoice.pdf", "application/pdf", b"%PDF");
    host.add_mail("TheHive", message);
    let answer = run(&host);
    assert_eq!((answer.success, answer.created), (true, 1), "{:?}", told(&answer));
    let new = host.created_alerts().remove(0);
    assert_eq!((new.type_.as_str(), new.observables.len()), ("mail", 2));
    let alert = host.alerts().remove(0);
    assert_eq!(alert.key.source, "soc-mail");
    let names: Vec<_> = host
        .alert_observables(&alert.id)
        .into_iter()
        .filter_map(|observable| observable.file_name)
        .collect();
    assert_eq!(names, ["invoice.pdf"]);
    assert_eq!(host.count("thehive/comments.add-comment"), 1, "the mail's text");
    assert_eq!(
        host.mail("<1@corp.example>").unwrap().1.summary.categories,
        ["alice", "TheHive alert"]
    );
    assert_eq!(run(&host).created, 0);
    host.clear_state();
    assert_eq!(run(&host).created, 0);
    assert_eq!(host.count("thehive/comments.add-comment"), 1);
}

#[test]
fn an_answer_to_a_promoted_alert_lands_in_its_case() {
    use synapse_guest::thehive::Cases as _;
    let host = configured(host_with([mail(1)]), json!({ "create": "alert" }));
    run(&host);
    let alert = host.alerts().remove(0);
    let organisation = host.organisation("thehive").unwrap();
    let case = host.promote_alert(&organisation, &alert.id, None, None).unwrap();
    host.add_mail("TheHive", answer_to(2, 1));
    let answer = run(&host);
    assert_eq!((answer.created, answer.updated), (0, 1), "{:?}", told(&answer));
    assert_eq!(host.logs(&case.id).len(), 1);
}

/// TheHive 3 and 4 have no comments.
fn without_comments(host: &Fake) {
    for operation in ["thehive/comments.add-comment", "thehive/comments.list-comments"] {
        for _ in 0..4 {
            host.fail_next(operation, Error::Unsupported("TheHive 4 does not have this".into()));
        }
    }
}

#[test]
fn without_comments_each_mails_text_goes_into_the_alerts_description_once() {
    let host = configured(host_with([mail(1)]), json!({ "create": "alert" }));
    without_comments(&host);
    let answer = run(&host);
    assert_eq!((answer.success, answer.created), (true, 1), "{:?}", told(&answer));
    let text = |host: &Fake| host.alerts().remove(0).description.unwrap_or_default();
    let first = text(&host);
    assert!(first.starts_with("## Reported mail"), "{first}");
    assert!(
        first.contains("Message-ID:  <1@corp.example>") && first.contains("Please look at this."),
        "{first}"
    );

    host.add_mail("TheHive", answer_to(2, 1));
    let answer = run(&host);
    assert_eq!((answer.success, answer.updated), (true, 1), "{:?}", told(&answer));
    let both = text(&host);
    assert!(
        both.starts_with(&first) && both.contains("Message-ID:  <2@corp.example>"),
        "{both}"
    );

    // The ledger is lost: both mails are looked at again, and both texts are there.
    host.clear_state();
    let answer = run(&host);
    assert!(answer.success, "{:?}", told(&answer));
    assert_eq!(text(&host), both);
}

#[test]
fn a_description_without_room_gets_the_mails_header_and_at_last_the_report_says_so() {
    for (bytes, short) in [(159_000, true), (159_990, false)] {
        let host = configured(host_with([mail(1)]), json!({ "create": "alert" }));
        without_comments(&host);
        run(&host);
        let alert = host.alerts().remove(0);
        let organisation = host.organisation("thehive").unwrap();
        let patch = AlertPatch {
            description: Some("x".repeat(bytes)),
            ..AlertPatch::default()
        };
        host.update_alert(&organisation, &alert.id, &patch).unwrap();
        let mut long = answer_to(2, 1);
        long.text = Some("word ".repeat(2_000));
        host.add_mail("TheHive", long);
        let answer = run(&host);
        assert!(answer.success, "{:?}", told(&answer));
        let text = host.alerts().remove(0).description.unwrap_or_default();
        assert_eq!(text.contains("has no room for this mail's text"), short, "{bytes}");
        assert!(!text.contains("word word"));
        let reported = told(&answer)
            .iter()
            .any(|(_, reason)| reason.contains("has no room for the mail's text"));
        assert_eq!(reported, !short, "{:?}", told(&answer));
    }
}

#[test]
fn what_a_new_alert_brought_is_not_added_again() {
    let host = configured(host_with([mail(1)]), json!({ "create": "alert" }));
    run(&host);
    assert!(!host.created_alerts().remove(0).observables.is_empty());
    assert_eq!(host.count("thehive/observables.add-observables"), 0);
}
