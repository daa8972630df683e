//! Are tasks and log entries made and listed as the server holds them, without the platform's marker?

use serde_json::json;

use super::{Bytes, Lab, effect, task};
use crate::bindings::synapse::thehive::comments::Comment;
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::thehive::tasks::{NewLog, TaskStatus};
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::{AddComment, CreateLog, ListComments, ListLogs, ListTasks};

fn log(task_id: &str, message: &str, bytes: &Bytes) -> CreateLog {
    CreateLog {
        log: NewLog {
            task_id: task_id.to_owned(),
            message: message.to_owned(),
            date: Some(1_700_000_000_123),
            dedup_key: None,
        },
        files: Vec::new(),
        spool: bytes.spool.clone(),
    }
}

#[tokio::test]
async fn tasks_are_listed_oldest_first_with_their_status() {
    let lab = Lab::start().await;
    let case_id = lab.case().await;
    let statuses = [
        (TaskStatus::Waiting, "Waiting"),
        (TaskStatus::InProgress, "InProgress"),
        (TaskStatus::Completed, "Completed"),
        (TaskStatus::Cancelled, "Cancel"),
    ];
    for (status, word) in statuses {
        let mut call = task(&case_id, word);
        call.task.status = status;
        call.task.group = (status == TaskStatus::Waiting).then(|| "mail".to_owned());
        let effect = effect(word, false);
        let made = lab.send(&call, &effect).await.unwrap().answer;
        assert_eq!((made.title.as_str(), made.status), (word, status));
        let sent = lab.last_body();
        assert_eq!(sent["status"], json!(word));
        assert_eq!(
            sent["description"],
            json!(format!("What was written\n\n{}", effect.marker()))
        );
    }
    let listed = lab.ask(&ListTasks { case_id }).await.unwrap();
    assert_eq!(
        listed.iter().map(|task| task.status).collect::<Vec<_>>(),
        statuses.map(|(status, _)| status)
    );
    assert_eq!(
        (listed[0].group.as_str(), listed[1].group.as_str()),
        ("mail", "default")
    );
}

#[tokio::test]
async fn d16_a_log_entry_carries_its_files_in_the_same_request_and_odd_names_in_the_message() {
    for ascii_only in [false, true] {
        let lab = Lab::with(json!({"ascii_filenames_only": ascii_only}), super::Options::default()).await;
        let bytes = Bytes::new();
        let task_id = lab.task().await;
        let mut call = log(&task_id, "From: a@example.org", &bytes);
        let pdf = bytes
            .keep("report.pdf", "application/pdf; name=x", b"%PDF-1.7\r\n--\0\xff")
            .await;
        let odd = bytes.keep("报告.docx", "", b"PK").await;
        call.files = vec![pdf.clone(), odd.clone()];
        let before = lab.effects();
        let effect = effect("one", false);
        let made = lab.send(&call, &effect).await.unwrap().answer;
        let shown = "From: a@example.org\n\nOriginal name of `file.docx`: `报告.docx`";
        assert_eq!((made.message.as_str(), made.date), (shown, 1_700_000_000_123));
        assert_eq!(made.attachments, ["report.pdf", "file.docx"]);
        assert_eq!(lab.effects(), before + 1);
        let sent = lab.last_body();
        assert_eq!(sent["message"], json!(format!("{shown}\n\n{}", effect.marker())));
        let file = |part: &str, name: &str, kind: &str, kept: &crate::blobs::Kept| json!({"part": part, "name": name, "contentType": kind, "size": kept.size, "sha256": kept.sha256});
        let expected = [
            file("attachments", "report.pdf", "application/pdf", &pdf),
            file("attachments", "file.docx", "application/octet-stream", &odd),
        ];
        assert_eq!(sent["files"], json!(expected));
        assert_eq!(lab.ask(&ListLogs { task_id }).await.unwrap(), [made]);
    }
}

#[tokio::test]
async fn log_entries_and_comments_are_listed_oldest_first_beyond_one_page() {
    let lab = Lab::start().await;
    let bytes = Bytes::new();
    let task_id = lab.task().await;
    let owner = Owner::Case(lab.case().await);
    for n in 0..105 {
        let name = n.to_string();
        lab.send(&log(&task_id, &name, &bytes), &effect(&name, false))
            .await
            .unwrap();
        let comment = AddComment {
            owner: owner.clone(),
            message: name.clone(),
            dedup_key: None,
        };
        lab.send(&comment, &effect(&name, false)).await.unwrap();
    }
    let expected: Vec<String> = (0..105).map(|n| n.to_string()).collect();
    let logs = lab.ask(&ListLogs { task_id }).await.unwrap();
    assert_eq!(logs.into_iter().map(|log| log.message).collect::<Vec<_>>(), expected);
    let comments: Vec<Comment> = lab.ask(&ListComments { owner }).await.unwrap();
    assert!(
        comments
            .iter()
            .all(|comment| comment.created_by == "synapse@soc.test" && comment.created_at > 0)
    );
    assert_eq!(
        comments.into_iter().map(|comment| comment.message).collect::<Vec<_>>(),
        expected
    );
}

#[tokio::test]
async fn a_file_that_the_run_does_not_hold_is_not_sent() {
    let lab = Lab::start().await;
    let (bytes, other) = (Bytes::new(), Bytes::new());
    let mut call = log(&lab.task().await, "text", &bytes);
    call.files = vec![other.keep("a.txt", "text/plain", b"a").await];
    let before = lab.effects();
    let failure = lab.send(&call, &effect("one", false)).await.unwrap_err();
    assert_eq!(
        (failure.error, failure.certainty),
        (Error::NotFound, crate::gate::Certainty::NotSent)
    );
    assert_eq!(lab.effects(), before);
}
