//! Is what TheHive would refuse in a case, task, log entry, observable or comment refused here, before a byte is sent?

use super::case_updates::no_change;
use super::{Bytes, case, observable, task};
use crate::bindings::synapse::thehive::alerts::{CustomField, CustomValue};
use crate::bindings::synapse::thehive::cases::CasePatch;
use crate::bindings::synapse::thehive::observables::{FileObservable, Owner};
use crate::bindings::synapse::thehive::tasks::{NewLog, TaskPatch};
use crate::bindings::synapse::workflow::types::Error;
use crate::canonical;
use crate::gate::{Read as _, Write};
use crate::thehive::{
    AddAttachment, AddComment, AddFileObservable, AddObservable, CreateLog, FindCases, GetCase, ListLogs, PromoteAlert,
    Seen, UpdateCase, UpdateTask,
};

const TEXT: usize = 1 << 20;
const MARK: usize = 26;

fn field<C: Write>(call: &C) -> Option<String> {
    match call.check() {
        Ok(()) => None,
        Err(Error::Invalid(argument)) => Some(argument.field),
        Err(error) => panic!("{error:?}"),
    }
}

fn refuses<C: Write>(call: &C, name: &str) {
    assert_eq!(field(call).as_deref(), Some(name));
}

fn update(patch: CasePatch) -> UpdateCase {
    UpdateCase {
        id: "~1".to_owned(),
        patch,
    }
}

fn log(message: String, bytes: &Bytes) -> CreateLog {
    CreateLog {
        log: NewLog {
            task_id: "~1".to_owned(),
            message,
            date: None,
            dedup_key: None,
        },
        files: Vec::new(),
        spool: bytes.spool.clone(),
    }
}

fn owner() -> Owner {
    Owner::Case("~1".to_owned())
}

#[test]
fn d24_lengths_of_cases_and_tasks_are_checked_and_the_field_named() {
    assert_eq!(field(&case(&"x".repeat(512))), None);
    refuses(&case(&"x".repeat(513)), "title");
    refuses(&case("a\nb"), "title");
    let mut call = case("a");
    call.case.assignee = Some("x".repeat(129));
    refuses(&call, "assignee");
    let mut call = case("a");
    call.case.description = "x".repeat(TEXT + 1);
    refuses(&call, "description");
    assert_eq!(field(&task("~1", &"x".repeat(128))), None);
    refuses(&task("~1", &"x".repeat(129)), "title");
    refuses(&task("7", "a"), "case-id");
    let mut call = task("~1", "a");
    call.task.group = Some("x".repeat(65));
    refuses(&call, "group");
    // The marker has to fit as well.
    let mut call = task("~1", "a");
    call.task.description = Some("x".repeat(TEXT - MARK));
    assert_eq!(field(&call), None);
    call.task.description = Some("x".repeat(TEXT - MARK + 1));
    refuses(&call, "description");
}

#[test]
fn rows_40_41_a_guest_cannot_write_the_platforms_own_tags_on_a_case_or_observable() {
    let bytes = Bytes::new();
    for forged in ["synapse:0123456789abcdef", "Synapse:x", " synapse:x"] {
        let mut call = case("a");
        call.case.tags = vec![forged.to_owned()];
        refuses(&call, "tags[0]");
        for (add_tags, remove_tags, name) in [
            (vec![forged.to_owned()], Vec::new(), "patch.add-tags[0]"),
            (Vec::new(), vec![forged.to_owned()], "patch.remove-tags[0]"),
        ] {
            let patch = CasePatch {
                add_tags,
                remove_tags,
                ..no_change()
            };
            refuses(&update(patch), name);
        }
        let mut text = observable("ip", "192.0.2.1");
        text.tags = vec![forged.to_owned()];
        let call = AddObservable {
            owner: owner(),
            observable: text,
            spool: bytes.spool.clone(),
            seen: Seen::default(),
        };
        refuses(&call, "observable.tags[0]");
    }
}

#[test]
fn a_change_must_change_something() {
    refuses(&update(no_change()), "patch");
    let nothing = TaskPatch {
        title: None,
        status: None,
        assignee: None,
        group: None,
        mandatory: None,
        flag: None,
        due_date: None,
    };
    let call = UpdateTask {
        id: "~1".to_owned(),
        patch: nothing,
    };
    refuses(&call, "patch");
    let both = CasePatch {
        add_tags: vec!["a".to_owned()],
        remove_tags: vec!["a".to_owned()],
        ..no_change()
    };
    refuses(&update(both), "patch.remove-tags");
}

#[tokio::test]
async fn texts_leave_room_for_the_marker_and_the_names_of_files() {
    let bytes = Bytes::new();
    refuses(&log(String::new(), &bytes), "message");
    assert_eq!(field(&log("x".repeat(TEXT - MARK), &bytes)), None);
    refuses(&log("x".repeat(TEXT - MARK + 1), &bytes), "message");
    let mut call = log("x".repeat(TEXT - MARK), &bytes);
    call.files = vec![bytes.keep("plain.txt", "", b"a").await];
    assert_eq!(field(&call), None);
    call.files = vec![bytes.keep("报告.pdf", "", b"a").await];
    refuses(&call, "message");
    call.log.message = "x".to_owned();
    call.files = vec![call.files[0].clone(); 21];
    refuses(&call, "attachments");
    let comment = |message: String| AddComment {
        owner: owner(),
        message,
        dedup_key: None,
    };
    refuses(&comment(String::new()), "message");
    refuses(&comment("x".repeat(TEXT - MARK + 1)), "message");
    assert_eq!(field(&comment("x".repeat(TEXT - MARK))), None);
}

#[tokio::test]
async fn only_the_servers_ids_name_objects() {
    let bytes = Bytes::new();
    let file = bytes.keep("a", "", b"a").await;
    for id in [
        "",
        "~",
        "1",
        "qradar;console-a;1",
        "~1/../2",
        "~1234567890123456789012345",
    ] {
        let promote = PromoteAlert {
            alert_id: id.to_owned(),
            assignee: None,
            case_template: None,
        };
        refuses(&promote, "alert-id");
        let file = AddFileObservable {
            owner: Owner::Alert(id.to_owned()),
            observable: FileObservable {
                message: None,
                tags: Vec::new(),
                ioc: false,
                ignore_similarity: false,
                tlp: None,
            },
            file: file.clone(),
            spool: bytes.spool.clone(),
            seen: Seen::default(),
        };
        refuses(&file, "owner");
        let attach = AddAttachment {
            owner: Owner::Case(id.to_owned()),
            file: file.file.clone(),
            spool: bytes.spool.clone(),
        };
        refuses(&attach, "owner");
    }
}

#[tokio::test]
async fn reads_check_their_ids_and_a_case_may_be_named_by_its_number() {
    let lab = super::Lab::start().await;
    for id in ["", "~", "a", "1;2", "../1", "-1"] {
        let answer = lab.ask(&GetCase { id: id.to_owned() }).await;
        assert!(
            matches!(&answer, Err(Error::Invalid(argument)) if argument.field == "id"),
            "{id}: {answer:?}"
        );
        let answer = lab.ask(&ListLogs { task_id: id.to_owned() }).await;
        assert!(
            matches!(&answer, Err(Error::Invalid(argument)) if argument.field == "task-id"),
            "{id}: {answer:?}"
        );
    }
    assert_eq!(lab.ask(&GetCase { id: "7".to_owned() }).await, Err(Error::NotFound));
}

#[tokio::test]
async fn canonical_arguments_name_files_by_digest_and_name_and_nothing_of_the_host() {
    let bytes = Bytes::new();
    let file = bytes.keep("a.txt", "text/plain", b"a").await;
    let attach = AddAttachment {
        owner: owner(),
        file: file.clone(),
        spool: bytes.spool.clone(),
    };
    let sha256 = file.sha256;
    let expected = format!(
        r#"{{"owner":{{"Case":"~1"}},"file":{{"name":"a.txt","media_type":"text/plain","size":1,"sha256":"{sha256}"}}}}"#
    );
    assert_eq!(canonical::text(&attach), expected);
    let find = FindCases {
        filter: crate::bindings::synapse::thehive::cases::CaseFilter {
            tags: Vec::new(),
            title: None,
            custom_fields: vec![CustomField {
                name: "a".to_owned(),
                value: CustomValue::Integer(1),
            }],
            open: true,
        },
        cursor: None,
    };
    assert!(find.scoped().is_empty());
    assert_eq!(
        canonical::text(&find),
        r#"{"filter":{"tags":[],"custom_fields":[{"name":"a","value":{"Integer":1}}],"open":true}}"#
    );
}
