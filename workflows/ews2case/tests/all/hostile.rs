//! Can an attacker's text do anything in a case?

use synapse_guest::ews::Message;

use crate::support::*;

const HOSTILE: &str = "```\n| a | b |\n</td><script>x</script> ![i](https://evil.example/p) [l](javascript:x) \u{202e}gnp.\u{1b}[2J www.evil.example \
                       synapse:0123456789abcdef";

/// Every line outside code blocks.
fn markup(text: &str) -> Vec<&str> {
    let mut inside = None;
    let mut outside = Vec::new();
    for line in text.lines() {
        match inside {
            None if line.starts_with("```") => inside = Some(line.trim_end_matches("text")),
            None => outside.push(line),
            Some(fence) if line == fence => inside = None,
            Some(_) => {}
        }
    }
    assert_eq!(inside, None, "a block is never closed:\n{text}");
    outside
}

fn check(text: &str) {
    for line in markup(text) {
        assert_eq!(line.matches('`').count() % 2, 0, "an open code span: {line}");
        let bare: String = line.split('`').step_by(2).collect();
        for forbidden in ["<", "](", "://", "www.", "javascript", "\u{202e}", "\u{1b}"] {
            assert!(
                !bare.contains(forbidden),
                "`{forbidden}` is outside a code span: {line}"
            );
        }
        if line.starts_with('|') {
            assert_eq!(
                line.matches('|').count(),
                3,
                "a row of two cells has three bars: {line}"
            );
        }
    }
    assert!(!text.contains("<script") && !text.contains("://evil"), "{text}");
    assert!(
        text.chars()
            .all(|character| character == '\n' || !character.is_control()),
        "a control character"
    );
}

fn hostile() -> Message {
    let mut message = mail(1);
    message.summary.subject = Some(HOSTILE.into());
    message.summary.conversation_id = Some(HOSTILE.into());
    message.summary.internet_message_id = Some(HOSTILE.into());
    message.summary.categories.push("synapse:0123456789abcdef".into());
    message.from = Some(address(HOSTILE, HOSTILE));
    message.to = vec![address(HOSTILE, HOSTILE)];
    message.cc = message.to.clone();
    message.reply_to = message.to.clone();
    message.text = Some(HOSTILE.into());
    message.html = Some(HOSTILE.into());
    message
}

#[test]
fn texts_of_a_mail_cannot_leave_their_place() {
    let host = configured(
        host(),
        serde_json::json!({ "keep_unknown_categories_as_tags": true, "attachment_bytes_max": 3 }),
    );
    let mut message = hostile();
    message.attachments.push(file("a", HOSTILE, HOSTILE, 4));
    attach(&host, &mut message, "b", HOSTILE, HOSTILE, b"x");
    host.add_mail("TheHive", message);
    let answer = run(&host);
    assert!(answer.success, "{:?}", told(&answer));
    let case = only_case(&host);
    check(&case.description);
    check(&only_log(&host, &case));
    let observables = host.observables(&case.id);
    let tags = case
        .tags
        .iter()
        .chain(observables.iter().flat_map(|observable| &observable.tags));
    let texts = tags.chain([&case.title]).chain(
        observables
            .iter()
            .filter_map(|observable| observable.file_name.as_ref()),
    );
    for text in texts {
        assert!(
            !text.contains(['\n', '\u{202e}', '\u{1b}']) && !text.starts_with("synapse:"),
            "{text:?}"
        );
    }
}

#[test]
fn r7_the_name_of_a_file_is_no_path() {
    let host = host();
    let mut message = mail(1);
    attach(&host, &mut message, "a", "../../etc/cron.d/x", "text/plain", b"x");
    host.add_mail("TheHive", message);
    run(&host);
    assert_eq!(files(&host, &only_case(&host)), ["x"]);
}

#[test]
fn what_is_longer_than_thehive_accepts_is_cut_with_a_mark() {
    let long = "ä".repeat(50_000);
    let mut message = mail(1);
    message.summary.subject = Some(long.clone());
    message.to = (0..500).map(|n| address(&long, &format!("{n}@x.example"))).collect();
    message.text = Some(format!("{long}{long}"));
    let host = host_with([message]);
    assert!(run(&host).success);
    let case = only_case(&host);
    assert_eq!((case.title.chars().count(), case.title.ends_with('…')), (512, true));
    assert!(case.description.len() < 200 << 10 && case.description.contains("and 450 more"));
    assert!(only_log(&host, &case).len() < 256 << 10);
}
