//! What do the tests start from?

use ews2case::answer::Answer;
use ews2case::input::Input;
use ews2case::run::ews2case;
use serde_json::{Value, json};
use synapse_guest::error::WorkflowError;
use synapse_guest::ews::{Address, Attachment, AttachmentKind, Message, Summary};
use synapse_guest::fake::{Fake, FakeBlob};
use synapse_guest::thehive::Case;

/// The moment of the run: 2026-11-25 03:00:00 UTC.
pub const NOW: u64 = 1_795_575_600_000;
pub const MINUTE: u64 = 60_000;

pub fn address(name: &str, email: &str) -> Address {
    Address {
        name: Some(name.into()),
        email: Some(email.into()),
    }
}

/// A mail that Bob sent to the SOC an hour before the run, in a conversation of its own, with Alice's category.
pub fn mail(n: u64) -> Message {
    Message {
        summary: Summary {
            id: format!("item-{n}"),
            change_key: Some("key".into()),
            subject: Some(format!("Strange mail {n}")),
            received_at: Some(NOW - 60 * MINUTE + n),
            internet_message_id: Some(format!("<{n}@corp.example>")),
            conversation_id: Some(format!("conversation-{n}")),
            categories: vec!["alice".into()],
            is_read: false,
            has_attachments: false,
            size: 2_000,
            item_class: Some("IPM.Note".into()),
        },
        sender: None,
        from: Some(address("Bob B.", "bob@corp.example")),
        to: vec![address("SOC", "soc@corp.example")],
        cc: Vec::new(),
        bcc: Vec::new(),
        reply_to: Vec::new(),
        sent_at: Some(NOW - 61 * MINUTE),
        in_reply_to: None,
        references: Vec::new(),
        headers: Vec::new(),
        text: Some(format!("Please look at this.\nBob {n}")),
        html: None,
        truncated: false,
        attachments: Vec::new(),
    }
}

/// An answer to a mail: Carol to Bob and the SOC.
pub fn answer_to(n: u64, to: u64) -> Message {
    let mut message = mail(n);
    message.summary.subject = Some(format!("RE: Strange mail {to}"));
    message.summary.conversation_id = Some(format!("conversation-{to}"));
    message.summary.categories = Vec::new();
    message.in_reply_to = Some(format!("<{to}@corp.example>"));
    message.from = Some(address("Carol", "carol@corp.example"));
    message.to = vec![
        address("Bob B.", "bob@corp.example"),
        address("SOC", "soc@corp.example"),
    ];
    message
}

pub fn file(id: &str, name: &str, media_type: &str, size: u64) -> Attachment {
    Attachment {
        id: id.into(),
        kind: AttachmentKind::File,
        name: Some(name.into()),
        media_type: Some(media_type.into()),
        size,
        is_inline: false,
        content_id: None,
        url: None,
    }
}

/// Puts a file into a mail, and its bytes into the mailbox.
pub fn attach(host: &Fake, message: &mut Message, id: &str, name: &str, media_type: &str, bytes: &[u8]) {
    message.attachments.push(file(id, name, media_type, bytes.len() as u64));
    host.add_attachment(id, Ok(FakeBlob::new(name, media_type, bytes)));
}

/// Puts a mail into a mail, as Exchange does.
pub fn attach_mail(host: &Fake, message: &mut Message, id: &str, name: &str, eml: &[u8]) {
    message.attachments.push(Attachment {
        kind: AttachmentKind::Item,
        ..file(id, name, "", eml.len() as u64)
    });
    host.add_attachment(id, Ok(FakeBlob::new(name, "message/rfc822", eml)));
}

/// A mailbox with the folder, and an organisation with Alice, Bob and Carol, who is locked.
pub fn host() -> Fake {
    Fake::new()
        .with_now(NOW)
        .with_binding("mailbox", "soc-mail")
        .with_binding("thehive", "hive")
        .with_folder("TheHive")
        .with_folder("Done")
        .with_user("alice@soc.example", "Alice Adams", None, false)
        .with_user("bob@soc.example", "Bob", None, false)
        .with_user("carol@soc.example", "Carol", None, true)
}

pub fn host_with(mails: impl IntoIterator<Item = Message>) -> Fake {
    let host = host();
    mails.into_iter().for_each(|mail| host.add_mail("TheHive", mail));
    host
}

pub fn configured(host: Fake, config: Value) -> Fake {
    host.with_config(config)
}

pub fn run(host: &Fake) -> Answer {
    try_run(host).unwrap()
}

pub fn try_run(host: &Fake) -> Result<Answer, WorkflowError> {
    ews2case(host, Input::Folder)
}

pub fn run_message(host: &Fake, id: &str) -> Answer {
    ews2case(host, Input::Message(id.into())).unwrap()
}

/// The one case that exists.
pub fn only_case(host: &Fake) -> Case {
    let mut cases = host.cases();
    assert_eq!(
        cases.len(),
        1,
        "{:?}",
        cases.iter().map(|case| &case.title).collect::<Vec<_>>()
    );
    cases.remove(0)
}

/// Verdicts and reasons, in order.
pub fn told(answer: &Answer) -> Vec<(&str, &str)> {
    answer
        .mails
        .iter()
        .map(|mail| (mail.verdict, mail.reason.as_str()))
        .collect()
}

/// Runs with one mail that is complete, and gives the case.
pub fn case_of(message: Message) -> (Fake, Case) {
    let host = host_with([message]);
    let answer = run(&host);
    assert!(answer.success && answer.created == 1, "{answer:?}");
    let case = only_case(&host);
    (host, case)
}

/// Names of the file observables of a case.
pub fn files(host: &Fake, case: &Case) -> Vec<String> {
    host.observables(&case.id)
        .into_iter()
        .filter_map(|observable| observable.file_name)
        .collect()
}

/// Text observables of a case.
pub fn texts(host: &Fake, case: &Case) -> Vec<(String, String)> {
    let observables = host.observables(&case.id).into_iter();
    observables
        .filter_map(|observable| Some((observable.data_type, observable.data?)))
        .collect()
}

/// The only log entry of a case.
pub fn only_log(host: &Fake, case: &Case) -> String {
    let mut logs = host.logs(&case.id);
    assert_eq!(logs.len(), 1);
    logs.remove(0).0.message
}

/// Calls that change something outside.
pub fn effects(host: &Fake) -> Vec<String> {
    let changes = ["create", "update", "add-", "set-", "move", "promote"];
    let calls = host.calls().into_iter().map(|call| call.operation.to_owned());
    calls
        .filter(|operation| {
            !operation.starts_with("workflow/") && changes.iter().any(|change| operation.contains(change))
        })
        .collect()
}

/// The settings that most tests of one thing want: nobody waits.
pub fn at_once() -> Value {
    json!({ "settle_seconds": 0 })
}

pub fn with_header(mut message: Message, name: &str, value: &str) -> Message {
    message.headers.push((name.into(), value.into()));
    message
}
