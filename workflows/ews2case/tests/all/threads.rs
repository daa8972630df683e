//! Which case does an answer join?

use serde_json::json;

use crate::support::*;

#[test]
fn an_answer_of_the_same_conversation_lands_in_the_same_case() {
    let host = host_with([mail(1)]);
    run(&host);
    host.add_mail("TheHive", answer_to(2, 1));
    let answer = run(&host);
    assert_eq!((answer.created, answer.updated), (0, 1), "{:?}", told(&answer));
    let case = only_case(&host);
    assert_eq!((host.tasks(&case.id).len(), host.logs(&case.id).len()), (1, 2));
    let mail = host.mail("<2@corp.example>").unwrap().1;
    assert_eq!(
        (mail.summary.is_read, mail.summary.categories),
        (true, vec!["TheHive #1".to_owned()])
    );
}

#[test]
fn mails_of_one_conversation_in_one_run_share_a_case() {
    let host = configured(host_with([mail(1), answer_to(2, 1)]), at_once());
    let answer = run(&host);
    assert_eq!(
        (answer.created, answer.updated, host.cases().len()),
        (1, 1, 1),
        "{:?}",
        told(&answer)
    );
}

#[test]
fn a_stranger_in_the_conversation_gets_a_case_of_its_own_that_names_the_other() {
    let mut stranger = answer_to(2, 1);
    stranger.from = Some(address("Eve", "eve@evil.example"));
    stranger.to = vec![address("SOC", "soc@corp.example")];
    let host = host_with([mail(1)]);
    run(&host);
    host.add_mail("TheHive", stranger.clone());
    let answer = run(&host);
    assert_eq!((answer.created, host.cases().len()), (1, 2), "{:?}", told(&answer));
    let apart = &host.cases()[1];
    assert!(
        apart.description.contains("part of the conversation of case #1"),
        "{}",
        apart.description
    );
    // What she writes next joins her own case, not the other one.
    stranger.summary.id = "item-3".into();
    stranger.summary.internet_message_id = Some("<3@evil.example>".into());
    host.add_mail("TheHive", stranger);
    let next = run(&host);
    assert_eq!((next.created, next.updated), (0, 1), "{:?}", told(&next));
    assert_eq!(
        (host.logs(&host.cases()[0].id).len(), host.logs(&apart.id).len()),
        (1, 2)
    );
}

#[test]
fn after_a_lost_ledger_a_stranger_is_still_a_stranger() {
    let mut stranger = answer_to(2, 1);
    stranger.from = Some(address("Eve", "eve@evil.example"));
    stranger.to = vec![address("SOC", "soc@corp.example")];
    let host = configured(host_with([mail(1)]), at_once());
    run(&host);
    host.clear_state();
    host.add_mail("TheHive", stranger);
    host.add_mail("TheHive", answer_to(3, 1));
    let answer = run(&host);
    assert_eq!((answer.created, host.cases().len()), (1, 2), "{:?}", told(&answer));
    assert_eq!(host.logs(&host.cases()[0].id).len(), 2, "Carol's answer joins");
}

#[test]
fn the_setting_decides_whether_answers_join() {
    let mut stranger = answer_to(2, 1);
    stranger.from = Some(address("Eve", "eve@evil.example"));
    stranger.to = vec![address("SOC", "soc@corp.example")];
    for (join, cases) in [("conversation", 1), ("participant", 2), ("never", 2)] {
        let config = json!({ "thread_join": join, "settle_seconds": 0 });
        let host = configured(host_with([mail(1), stranger.clone()]), config);
        run(&host);
        assert_eq!(host.cases().len(), cases, "{join}");
        assert_eq!(run(&host).created, 0, "{join}");
    }
}

#[test]
fn without_a_conversation_id_the_references_tell() {
    let mut first = mail(1);
    first.summary.conversation_id = None;
    let mut answer = answer_to(2, 1);
    answer.summary.conversation_id = None;
    answer.references = vec!["<1@corp.example>".into()];
    let host = configured(host_with([first, answer]), at_once());
    run(&host);
    assert_eq!(host.cases().len(), 1);
}

#[test]
fn an_answer_to_a_deleted_case_is_a_new_matter() {
    let host = configured(host_with([mail(1)]), at_once());
    run(&host);
    host.delete_case(&only_case(&host).id);
    host.add_mail("TheHive", answer_to(2, 1));
    let answer = run(&host);
    assert_eq!(host.cases().len(), 1, "{:?}", told(&answer));
    assert_eq!(host.logs(&only_case(&host).id).len(), 1);
}
