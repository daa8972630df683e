//! What if something goes wrong half-way?

use serde_json::json;
use synapse_guest::error::{Error, OtherError, WorkflowError};
use synapse_guest::fake::Fake;
use synapse_guest::workflow::Workflow as _;

use crate::support::*;

fn with_two_files() -> Fake {
    let host = host();
    let mut message = mail(1);
    attach(&host, &mut message, "a", "invoice.pdf", "application/pdf", b"%PDF");
    attach(&host, &mut message, "b", "tool.exe", "application/octet-stream", b"MZ");
    host.add_mail("TheHive", message);
    host
}

fn refused() -> Error {
    Error::Other(OtherError {
        code: "500".into(),
        message: "no".into(),
    })
}

#[test]
fn what_a_case_is_told_of_a_failure_links_to_the_run_where_a_link_is_configured() {
    for (settings, named) in [
        (json!({}), format!("(run {}).", with_two_files().run_id())),
        (
            json!({ "run_url": "https://synapse.example/runs/{run}" }),
            "](https://synapse.example/runs/01900000-".to_owned(),
        ),
    ] {
        let host = configured(with_two_files(), settings);
        host.fail_observable("tool.exe", refused());
        run(&host);
        let comments = host.comments(&only_case(&host).id);
        assert!(comments[0].contains(&named), "{comments:?}");
    }
}

#[test]
fn d06_a_failed_upload_leaves_the_mail_unread_and_the_rerun_does_only_what_is_missing() {
    let host = with_two_files();
    host.fail_observable("tool.exe", refused());
    let first = run(&host);
    assert_eq!((first.success, first.failed), (false, 1));
    assert!(
        told(&first)[0]
            .1
            .starts_with("case #1 is not complete: 1 observables could not be added"),
        "{:?}",
        told(&first)
    );
    let mail = host.mail("<1@corp.example>").unwrap().1;
    assert_eq!(
        (mail.summary.is_read, mail.summary.categories),
        (false, vec!["alice".to_owned(), "TheHive: failed".to_owned()])
    );
    let case = only_case(&host);
    assert!(case.tags.contains(&"ews2case:failed".to_owned()));
    assert_eq!(host.comments(&case.id).len(), 1, "said where analysts work");
    run(&host);
    assert_eq!(host.comments(&case.id).len(), 1, "once for each reason");

    host.heal_observable("tool.exe");
    host.forget_calls();
    let last = run(&host);
    assert!(last.success, "{:?}", told(&last));
    assert_eq!(
        effects(&host),
        [
            "thehive/observables.add-file-observables",
            "thehive/tasks.create-log",
            "thehive/cases.update-case",
            "ews/messages.set-categories",
            "ews/messages.set-read",
        ]
    );
    let upload = host
        .calls()
        .into_iter()
        .find(|call| call.operation.ends_with("add-file-observables"))
        .unwrap();
    assert!(!upload.arguments.contains("invoice.pdf"), "{}", upload.arguments);
    let case = only_case(&host);
    assert_eq!(
        (
            files(&host, &case).len(),
            host.logs(&case.id).len(),
            host.tasks(&case.id).len()
        ),
        (2, 1, 1)
    );
    assert!(!case.tags.contains(&"ews2case:failed".to_owned()));
    assert_eq!(
        host.mail("<1@corp.example>").unwrap().1.summary.categories,
        ["alice", "TheHive #1"]
    );
}

#[test]
fn r9_one_failing_mail_stops_no_other() {
    let host = with_two_files();
    host.add_mail("TheHive", mail(2));
    host.fail_observable("tool.exe", refused());
    let answer = run(&host);
    assert_eq!((answer.failed, answer.created), (1, 1));
}

#[test]
fn a_mail_that_keeps_failing_is_given_up_and_comes_back_when_it_is_asked_for() {
    let host = host();
    let mut message = mail(1);
    attach(&host, &mut message, "a", "a.bin", "application/octet-stream", b"x");
    host.add_mail("TheHive", message);
    (0..5).for_each(|_| host.fail_next("thehive/tasks.create-log", refused()));
    for n in 1..=5 {
        assert_eq!(run(&host).failed, 1, "try {n}");
    }
    let given_up = run(&host);
    assert_eq!((given_up.failed, given_up.skipped), (0, 1));
    assert!(
        told(&given_up)[0].1.starts_with("given up after 5 tries"),
        "{:?}",
        told(&given_up)
    );
    let asked = run_message(&host, "<1@corp.example>");
    assert!(asked.success, "{:?}", told(&asked));
    assert_eq!(host.cases().len(), 1);
    assert_eq!(host.logs(&only_case(&host).id).len(), 1);
}

#[test]
fn the_last_try_names_what_cannot_be_added_and_finishes_the_rest() {
    let host = with_two_files();
    host.fail_observable("tool.exe", refused());
    (0..4).for_each(|_| assert_eq!(run(&host).failed, 1));
    let last = run(&host);
    assert!(last.success, "{:?}", told(&last));
    assert!(only_log(&host, &only_case(&host)).contains("tool.exe could not be added"));
}

#[test]
fn d32_an_attachment_that_cannot_be_fetched_is_named_and_the_case_made_without_it() {
    let host = host();
    let mut message = mail(1);
    message
        .attachments
        .push(file("a", "broken.docx", "application/msword", 4_711));
    host.add_attachment(
        "a",
        Err(Error::Unreadable(
            "the element to be streamed from was not found".into(),
        )),
    );
    attach(&host, &mut message, "b", "good.txt", "text/plain", b"x");
    host.add_mail("TheHive", message);
    let answer = run(&host);
    assert_eq!((answer.success, answer.created), (true, 1));
    let case = only_case(&host);
    assert_eq!(files(&host, &case), ["good.txt"]);
    for text in [&case.description, &only_log(&host, &case)] {
        assert!(
            text.contains("broken.docx (4711 bytes) could not be fetched: it exists and cannot be read: the element"),
            "{text}"
        );
    }
    assert!(told(&answer)[0].1.contains("broken.docx"));
}

#[test]
fn d18_a_reset_on_upload_does_not_lose_the_case() {
    let host = with_two_files();
    host.fail_next(
        "thehive/observables.add-file-observables",
        Error::Unavailable("connection reset".into()),
    );
    let error = try_run(&host).unwrap_err();
    assert!(
        matches!(error, WorkflowError::RetryAfter { ms: 30_000, .. }),
        "{error:?}"
    );
    assert_eq!(host.cases().len(), 1);
    assert!(run(&host).success);
    let case = only_case(&host);
    assert_eq!((files(&host, &case).len(), host.logs(&case.id).len()), (2, 1));
}

#[test]
fn d28_a_busy_mailbox_is_passed_to_the_scheduler_and_the_try_does_not_count() {
    let host = host_with([mail(1)]);
    for _ in 0..7 {
        host.fail_next("ews/messages.get-messages", Error::RateLimited(300_000));
        let error = try_run(&host).unwrap_err();
        assert!(
            matches!(error, WorkflowError::RetryAfter { ms: 300_000, .. }),
            "{error:?}"
        );
    }
    assert_eq!(run(&host).created, 1);
}

#[test]
fn targets_that_are_down_end_the_run_and_keep_what_was_done() {
    let host = host_with((1..=4).map(mail));
    host.before_next("thehive/cases.create-cases", |host| {
        host.before_next("thehive/cases.create-cases", |host| {
            (0..2).for_each(|_| host.fail_next("thehive/cases.create-cases", Error::Unavailable("down".into())));
        });
    });
    let error = try_run(&host).unwrap_err();
    assert!(matches!(error, WorkflowError::RetryAfter { .. }), "{error:?}");
    assert_eq!(host.cases().len(), 1);
    assert!(
        host.mail("<1@corp.example>").unwrap().1.summary.is_read,
        "the finished one is marked"
    );
    let rest = run(&host);
    assert_eq!(
        (rest.created, rest.failed, host.cases().len()),
        (3, 0, 4),
        "{:?}",
        told(&rest)
    );
}

#[test]
fn a_mail_that_thehive_chokes_on_alone_does_not_hide_the_others() {
    let host = host_with([mail(1), mail(2)]);
    host.fail_next("thehive/cases.create-cases", Error::Unavailable("reset".into()));
    let answer = run(&host);
    assert_eq!((answer.created, answer.failed), (1, 1), "{:?}", told(&answer));
}

#[test]
fn a_mail_that_cannot_be_marked_is_complete_and_marked_by_the_next_run() {
    let host = host_with([mail(1)]);
    host.fail_next("ews/messages.set-read", Error::Conflict("changed".into()));
    let first = run(&host);
    assert!(
        told(&first)[0].1.contains("the mail could not be marked"),
        "{:?}",
        told(&first)
    );
    host.forget_calls();
    let second = run(&host);
    assert_eq!((second.success, second.updated), (true, 1), "{:?}", told(&second));
    assert_eq!(effects(&host), ["ews/messages.set-read"]);
    assert!(host.mail("<1@corp.example>").unwrap().1.summary.is_read);
}

#[test]
fn a_run_that_dies_with_a_mail_takes_no_other_one_with_it_for_ever() {
    // What an attempt leaves behind that ended in the middle of a chunk: every mail of it was begun.
    let host = host_with([mail(1), mail(2)]);
    for n in [1, 2] {
        host.set_state(
            &ews2case::ledger::mail_key(&format!("<{n}@corp.example>")),
            r#"{"tries": 1, "seen": 1}"#,
        );
    }
    host.forget_calls();
    assert_eq!(run(&host).created, 2);
    assert_eq!(host.count("ews/messages.get-messages"), 2, "one by one");
}

#[test]
fn an_attachment_over_the_limit_is_named_and_not_fetched() {
    let host = configured(
        host(),
        serde_json::json!({ "attachment_bytes_max": 100, "attachments_max": 1 }),
    );
    let mut message = mail(1);
    message
        .attachments
        .push(file("a", "huge.iso", "application/octet-stream", 101));
    attach(&host, &mut message, "b", "b.txt", "text/plain", b"b");
    attach(&host, &mut message, "c", "c.txt", "text/plain", b"c");
    host.add_mail("TheHive", message);
    run(&host);
    let case = only_case(&host);
    let log = only_log(&host, &case);
    assert_eq!(files(&host, &case), ["b.txt"]);
    assert!(
        log.contains("huge.iso (101 bytes) is larger than 100 bytes") && log.contains("1 files over the limit of 1"),
        "{log}"
    );
    assert_eq!(host.count("ews/messages.get-attachment"), 1);
}

#[test]
fn without_ledger_nothing_is_created() {
    for operation in [
        "workflow/state.get",
        "thehive/cases.find-cases",
        "ews/messages.list-messages",
        "ews/connection.open",
    ] {
        let host = host_with([mail(1)]);
        host.fail_next(operation, Error::Denied("no grant".into()));
        assert!(matches!(try_run(&host), Err(WorkflowError::Failed(_))), "{operation}");
        assert_eq!(host.count("thehive/cases.create-cases"), 0, "{operation}");
    }
}

#[test]
fn a_ledger_line_that_cannot_be_read_is_written_again() {
    let host = host_with([mail(1)]);
    run(&host);
    host.set_state(&ews2case::ledger::mail_key("<1@corp.example>"), "{");
    let again = run(&host);
    assert_eq!((again.created, again.failed), (0, 0), "{:?}", told(&again));
    assert_eq!(told(&run(&host)), [("skipped", "already in case #1")]);
}
