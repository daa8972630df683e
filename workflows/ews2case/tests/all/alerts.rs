//! What if mails become alerts?

use serde_json::json;

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
    use synapse_guest::thehive::{Cases as _, TheHive as _};
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
