//! Are tasks and logs made, changed and listed at 3 and 4 as they are at 5?

use synapse_domain::run::How;

use super::{BOTH, Bytes, effect, lab, task};
use crate::bindings::synapse::thehive::tasks::{NewLog, TaskPatch, TaskStatus};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Write as _};
use crate::thehive::{CreateLog, DeleteLog, ListLogs, ListTasks, UpdateLog, UpdateTask};

fn log(task: &str, message: &str) -> NewLog {
    NewLog {
        task_id: task.to_owned(),
        message: message.to_owned(),
        date: Some(1_700_000_000_000),
        dedup_key: None,
    }
}

#[tokio::test]
async fn a_task_is_made_changed_and_listed() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let mut call = task(&lab.case().await, "Communication");
        call.task.assignee = Some("synapse@soc.test".to_owned());
        let made = lab.send(&call, &effect("task", false)).await.unwrap().answer;
        assert_eq!(
            (made.status, made.group.as_str()),
            (TaskStatus::Waiting, "default"),
            "{flavour}"
        );
        assert_eq!(made.assignee.as_deref(), Some("synapse@soc.test"), "{flavour}");
        let update = UpdateTask {
            id: made.id.clone(),
            patch: TaskPatch {
                title: None,
                status: Some(TaskStatus::Completed),
                assignee: None,
                group: None,
                mandatory: None,
                flag: Some(true),
                due_date: None,
            },
        };
        let done = lab.send(&update, &effect("done", false)).await.unwrap();
        assert_eq!(done.answer.status, TaskStatus::Completed, "{flavour}");
        let again = lab.send(&update, &effect("done", true)).await.unwrap();
        assert_eq!(again.how, How::Adopted, "{flavour}");
        let listed = lab
            .ask(&ListTasks {
                case_id: call.task.case_id,
            })
            .await
            .unwrap();
        assert_eq!(listed, [done.answer], "{flavour}");
    }
}

#[tokio::test]
async fn d19_eleven_and_a_hundred_and_one_tasks_and_logs_are_all_listed() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let case_id = lab.case().await;
        let mut first = String::new();
        for n in 0..101 {
            let made = lab
                .send(&task(&case_id, &format!("task {n}")), &effect(&format!("t{n}"), false))
                .await;
            let id = made.unwrap().answer.id;
            if n == 0 {
                first = id;
            }
            if n == 10 {
                assert_eq!(
                    lab.ask(&ListTasks {
                        case_id: case_id.clone()
                    })
                    .await
                    .unwrap()
                    .len(),
                    11,
                    "{flavour}"
                );
            }
        }
        let titles: Vec<String> = lab
            .ask(&ListTasks {
                case_id: case_id.clone(),
            })
            .await
            .unwrap()
            .into_iter()
            .map(|task| task.title)
            .collect();
        let expected: Vec<String> = (0..101).map(|n| format!("task {n}")).collect();
        assert_eq!(titles, expected, "{flavour}");
        for n in 0..11 {
            let call = CreateLog {
                log: log(&first, &format!("entry {n}")),
                files: Vec::new(),
                spool: Bytes::new().spool.clone(),
            };
            lab.send(&call, &effect(&format!("l{n}"), false)).await.unwrap();
        }
        let logs = lab.ask(&ListLogs { task_id: first }).await.unwrap();
        let messages: Vec<&str> = logs.iter().map(|log| log.message.as_str()).collect();
        let expected: Vec<String> = (0..11).map(|n| format!("entry {n}")).collect();
        assert_eq!(messages, expected, "{flavour}: the marker is not shown");
    }
}

#[tokio::test]
async fn a_log_entry_holds_one_file_and_the_others_go_before_it() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let task = lab.task().await;
        let bytes = Bytes::new();
        let mut files = Vec::new();
        for (name, content) in [("a.txt", "one"), ("b.txt", "two"), ("c.txt", "three")] {
            files.push(bytes.keep(name, "text/plain", content.as_bytes()).await);
        }
        let call = CreateLog {
            log: log(&task, "From: a@example.org"),
            files,
            spool: bytes.spool.clone(),
        };
        let before = lab.effects();
        // The answer to the first is lost: it stays, and the repeat adds only what is missing.
        lab.fault(
            "POST",
            "/api/case/task/*/log",
            &serde_json::json!({"lie": "did_it", "status": 500}),
        );
        let unknown = lab.send(&call, &effect("log", false)).await.unwrap_err();
        assert_eq!(
            (unknown.certainty, lab.effects()),
            (Certainty::Unknown, before + 1),
            "{flavour}"
        );
        assert_eq!(
            call.probe(&lab.client, &effect("log", false)).await,
            Ok(None),
            "{flavour}"
        );
        let done = lab.send(&call, &effect("log", true)).await.unwrap().answer;
        assert_eq!(lab.effects(), before + 3, "{flavour}");
        assert_eq!(
            (done.message.as_str(), done.date),
            ("From: a@example.org", 1_700_000_000_000),
            "{flavour}"
        );
        let logs = lab.ask(&ListLogs { task_id: task }).await.unwrap();
        let mut names: Vec<String> = logs.into_iter().flat_map(|log| log.attachments).collect();
        names.sort();
        assert_eq!(names, ["a.txt", "b.txt", "c.txt"], "{flavour}");
        assert!(
            call.probe(&lab.client, &effect("log", true)).await.unwrap().is_some(),
            "{flavour}"
        );
    }
}

#[tokio::test]
async fn the_text_of_a_log_entry_is_replaced_and_its_marker_stays() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let task = lab.task().await;
        let call = CreateLog {
            log: log(&task, "first"),
            files: Vec::new(),
            spool: Bytes::new().spool.clone(),
        };
        let made = lab.send(&call, &effect("log", false)).await.unwrap().answer;
        let update = UpdateLog {
            id: made.id.clone(),
            message: "second".to_owned(),
        };
        lab.fault(
            "PATCH",
            "/api/case/task/log/*",
            &serde_json::json!({"lie": "did_it", "status": 500}),
        );
        let unknown = lab.send(&update, &effect("update", false)).await.unwrap_err();
        assert_eq!(unknown.certainty, Certainty::Unknown, "{flavour}");
        let before = lab.effects();
        let done = lab.send(&update, &effect("update", true)).await.unwrap();
        assert_eq!(
            (done.how, done.answer.message.as_str(), lab.effects()),
            (How::Adopted, "second", before),
            "{flavour}"
        );
        assert!(
            call.probe(&lab.client, &effect("log", true)).await.unwrap().is_some(),
            "{flavour}: the marker stays"
        );
        let again = UpdateLog {
            message: "third".to_owned(),
            ..update
        };
        let done = lab.send(&again, &effect("again", false)).await.unwrap();
        assert_eq!(
            (done.how, done.answer.message.as_str()),
            (How::Performed, "third"),
            "{flavour}"
        );
        let delete = DeleteLog { id: made.id };
        lab.send(&delete, &effect("delete", false)).await.unwrap();
        let gone = lab.send(&again, &effect("gone", false)).await.unwrap_err();
        assert_eq!(
            (gone.error, gone.certainty),
            (Error::NotFound, Certainty::NotSent),
            "{flavour}"
        );
    }
}
