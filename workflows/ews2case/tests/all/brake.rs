//! What is left out, and why?

use serde_json::json;

use crate::support::*;

#[test]
fn the_brake_holds_what_is_over_the_limit_across_runs_and_it_comes_in_the_next_hours_or_by_name() {
    let host = configured(host_with((0..25).map(mail)), json!({ "cases_per_hour": 10 }));
    let first = run(&host);
    assert_eq!((first.success, first.created, first.held), (true, 10, 15));
    assert!(
        told(&first)
            .iter()
            .any(|(verdict, reason)| *verdict == "held" && reason.contains("cases_per_hour"))
    );
    let again = run(&host);
    assert_eq!((again.created, again.held), (0, 15), "another run does not release it");
    assert_eq!(
        run_message(&host, "<24@corp.example>").created,
        1,
        "who asks by name has approved"
    );
    host.set_now(NOW + 60 * MINUTE);
    assert_eq!(run(&host).created, 10);
    host.set_now(NOW + 120 * MINUTE);
    let last = run(&host);
    assert_eq!((last.created, last.held, last.skipped), (4, 0, 21));
}

#[test]
fn answers_are_not_held_by_the_brake() {
    let host = configured(
        host_with([mail(1), mail(2)]),
        json!({ "cases_per_hour": 1, "settle_seconds": 0 }),
    );
    run(&host);
    let mut answer = answer_to(3, 1);
    answer.summary.received_at = Some(NOW);
    host.add_mail("TheHive", answer);
    host.add_mail("TheHive", mail(4));
    let second = run(&host);
    assert_eq!(
        (second.created, second.updated, second.held),
        (0, 1, 2),
        "{:?}",
        told(&second)
    );
}

#[test]
fn automatic_answers_reports_and_loops_are_skipped_with_the_reason() {
    let exchange = with_header(mail(1), "Auto-Submitted", "auto-generated");
    let exchange = with_header(
        with_header(exchange, "X-Auto-Response-Suppress", "All"),
        "In-Reply-To",
        "<0@x>",
    );
    let mut report = mail(2);
    report.summary.item_class = Some("REPORT.IPM.Note.NDR".into());
    for (message, reason) in [
        (
            with_header(mail(3), "auto-submitted", "auto-replied (vacation)"),
            "Auto-Submitted",
        ),
        (with_header(mail(4), "Precedence", "auto_reply"), "Precedence"),
        (with_header(mail(5), "X-Synapse-Loop", "1"), "sent by this platform"),
        (
            with_header(mail(6), "Content-Type", "multipart/report; report-type=delivery-status"),
            "a delivery report",
        ),
        (exchange, "an automatic answer"),
        (report, "a delivery report or receipt (REPORT.IPM.Note.NDR)"),
    ] {
        let id = message.summary.internet_message_id.clone().unwrap();
        let host = host_with([message]);
        let answer = run(&host);
        assert_eq!((answer.success, answer.created), (true, 0));
        assert!(told(&answer)[0].1.contains(reason), "{:?}", told(&answer));
        assert_eq!(effects(&host), Vec::<String>::new());
        assert!(told(&run(&host))[0].1.contains(reason), "the second run knows it too");
        assert_eq!(run_message(&host, &id).created, 1, "unless it is asked for by name");
    }
}

#[test]
fn a_header_that_many_honest_and_many_hostile_mails_carry_hides_nothing() {
    let generated = with_header(mail(1), "Auto-Submitted", "auto-generated");
    let host = host_with([with_header(
        with_header(generated, "Precedence", "bulk"),
        "X-Auto-Response-Suppress",
        "All",
    )]);
    assert_eq!(run(&host).created, 1);
}

#[test]
fn r8_an_ambiguous_or_missing_folder_ends_the_run_with_its_name() {
    let host = host_with([mail(1)]).with_folder("TheHive");
    let why = try_run(&host).unwrap_err().to_string();
    assert!(why.contains("several folders are called `TheHive`"), "{why}");
    let host = configured(host_with([]), json!({ "folder": "Nowhere" }));
    let why = try_run(&host).unwrap_err().to_string();
    assert!(why.contains("setting `folder`") && why.contains("Nowhere"), "{why}");
}
