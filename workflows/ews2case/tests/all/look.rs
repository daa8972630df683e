//! What does an analyst see?

use serde_json::json;

use crate::support::*;

#[test]
fn a_reported_mail_becomes_a_case_with_task_log_observables_and_assignee() {
    let mut message = mail(1);
    message.cc = vec![address("Dora", "dora@corp.example")];
    message.text = Some("Look: https://evil.example/login?x=1\nBob".into());
    let (host, case) = case_of(message);
    assert_eq!(case.title, "Strange mail 1");
    assert_eq!(case.assignee.as_deref(), Some("alice@soc.example"));
    assert_eq!(
        case.description,
        "## Reported mail\n\n| | |\n|---|---|\n\
         | **Subject** | `Strange mail 1` |\n\
         | **From** | `Bob B. ‹bob@corp.example›` |\n\
         | **To** | `SOC ‹soc@corp.example›` |\n\
         | **Cc** | `Dora ‹dora@corp.example›` |\n\
         | **Date** | 2026-11-25 01:59:00 UTC |\n\
         | **Message-ID** | `<1@corp.example>` |\n\
         | **Folder** | `TheHive` |\n\
         | **Conversation** | `conversation-1` |\n"
    );
    assert!(
        case.tags[0] == "mail" && case.tags[1].starts_with("mail-conversation:"),
        "{:?}",
        case.tags
    );
    let tasks = host.tasks(&case.id);
    assert_eq!(
        (tasks.len(), tasks[0].title.as_str(), tasks[0].assignee.as_deref()),
        (1, "Communication", Some("alice@soc.example"))
    );
    assert_eq!(
        only_log(&host, &case),
        "```text\n\
         From:        Bob B. ‹bob@corp.example›\n\
         To:          SOC ‹soc@corp.example›\n\
         Cc:          Dora ‹dora@corp.example›\n\
         Subject:     Strange mail 1\n\
         Date:        2026-11-25 01:59:00 UTC\n\
         Message-ID:  <1@corp.example>\n\
         ```\n\n\
         ```text\n\
         Look: https[:]//evil.example/login?x=1\n\
         Bob\n\
         ```\n"
    );
    let expected = [
        ("mail", "bob@corp.example"),
        ("mail-subject", "Strange mail 1"),
        ("url", "https://evil.example/login?x=1"),
    ];
    assert_eq!(
        texts(&host, &case),
        expected.map(|(one, two)| (one.to_owned(), two.to_owned()))
    );
}

#[test]
fn d06_category_and_read_flag_come_last_when_everything_is_in_place() {
    let host = host();
    let mut message = mail(1);
    attach(&host, &mut message, "a", "invoice.pdf", "application/pdf", b"%PDF");
    host.add_mail("TheHive", message);
    run(&host);
    assert_eq!(
        effects(&host),
        [
            "thehive/cases.create-cases",
            "thehive/tasks.create-tasks",
            "thehive/observables.add-observables",
            "thehive/observables.add-file-observables",
            "thehive/tasks.create-log",
            "ews/messages.set-categories",
            "ews/messages.set-read",
        ]
    );
    let (folder, mail) = host.mail("<1@corp.example>").unwrap();
    assert_eq!((folder.as_str(), mail.summary.is_read), ("TheHive", true));
    assert_eq!(mail.summary.categories, ["alice", "TheHive #1"]);
}

#[test]
fn d04_the_log_names_people_with_their_addresses() {
    let mut message = mail(1);
    message.to = vec![
        address("Alice", "alice@x.example"),
        address("x@y.example", "x@y.example"),
    ];
    message.cc = vec![address("Eve", "eve@x.example")];
    let (host, case) = case_of(message);
    let log = only_log(&host, &case);
    assert!(
        log.contains("To:          Alice ‹alice@x.example›, x@y.example\n"),
        "{log}"
    );
    assert!(log.contains("Cc:          Eve ‹eve@x.example›\n"), "{log}");
}

#[test]
fn d01_a_mail_without_text_has_its_html_rendered_or_is_said_to_be_empty() {
    let mut message = mail(1);
    (message.text, message.html) = (
        None,
        Some("<p>Hello <b>SOC</b></p><a href='https://evil.example/'>bank</a>".into()),
    );
    let (host, case) = case_of(message);
    assert!(
        only_log(&host, &case).contains("```text\nHello SOC\nbank\n```"),
        "{}",
        only_log(&host, &case)
    );
    assert!(texts(&host, &case).contains(&("url".into(), "https://evil.example/".into())));
    let mut message = mail(1);
    message.text = None;
    let (host, case) = case_of(message);
    assert!(only_log(&host, &case).contains("```text\n(empty body)\n```"));
}

#[test]
fn d02_a_mail_without_a_subject_is_named_by_its_sender() {
    for subject in [None, Some("  ".to_owned())] {
        let mut message = mail(1);
        message.summary.subject = subject;
        let (_, case) = case_of(message);
        assert_eq!(case.title, "(no subject) from Bob B. ‹bob@corp.example›");
    }
}

#[test]
fn the_settings_decide_what_the_case_looks_like() {
    let config = json!({
        "tlp": "red", "pap": "clear", "severity": "critical", "extra_tags": ["customer:acme"], "case_template": "Phishing",
        "task_title": "Mails", "task_group": "inbox", "processed_category": "done {number}", "mark_read": false, "move_to": "Done",
        "keep_unknown_categories_as_tags": true,
    });
    let mut message = mail(1);
    message.summary.categories = vec!["alice".into(), "red".into()];
    let host = configured(host_with([message]), config);
    assert!(run(&host).success);
    let new = host.created_cases().remove(0);
    assert_eq!((new.case_template.as_deref(), new.flag), (Some("Phishing"), false));
    assert!(
        new.tags.contains(&"customer:acme".to_owned()) && new.tags.contains(&"red".to_owned()),
        "{:?}",
        new.tags
    );
    let case = only_case(&host);
    assert_eq!(host.tasks(&case.id)[0].title, "Mails");
    let (folder, mail) = host.mail("<1@corp.example>").unwrap();
    assert_eq!((folder.as_str(), mail.summary.is_read), ("Done", false));
    assert_eq!(mail.summary.categories, ["alice", "red", "done 1"]);
}

#[test]
fn the_html_is_attached_to_the_log_if_asked_for_and_a_body_that_is_cut_always_is() {
    let mut message = mail(1);
    message.html = Some("<b>x</b>".into());
    message.text = Some("long line\n".repeat(20_000));
    let host = configured(host_with([message]), json!({ "attach_html": true }));
    run(&host);
    let (log, files) = host.logs(&only_case(&host).id).remove(0);
    assert_eq!(log.attachments, ["body.txt", "body.html"]);
    assert_eq!((files[0].bytes().len(), files[1].bytes()), (200_000, &b"<b>x</b>"[..]));
    assert!(log.message.contains("The body is cut here"), "{}", log.message.len());
}

#[test]
fn the_answer_says_what_was_done_and_where() {
    let host = host_with([mail(1)]);
    let answer = run(&host);
    let json = serde_json::to_value(&answer).unwrap();
    assert_eq!(json["success"], true);
    assert_eq!(
        (&json["folder"], &json["mode"], &json["scanned"]),
        (&json!("TheHive"), &json!("folder"), &json!(1))
    );
    let mail = &json["mails"][0];
    assert_eq!(
        (&mail["internet_message_id"], &mail["verdict"]),
        (&json!("<1@corp.example>"), &json!("created"))
    );
    assert_eq!(mail["case"]["number"], 1);
    assert_eq!(mail["reason"], "created case #1; assigned to alice@soc.example");
    let line = host.report_lines().remove(0);
    assert_eq!(line.subject, "mail Strange mail 1");
    assert!(line.link.unwrap().contains("/cases/"));
}
