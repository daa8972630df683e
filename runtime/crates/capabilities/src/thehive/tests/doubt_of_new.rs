//! After every way a creation can end, does each new kind of object exist exactly once (design G3)?

use serde_json::{Value, json};
use synapse_domain::run::How;

use super::{Bytes, Lab, case, effect, observable, task};
use crate::bindings::synapse::thehive::observables::{FileObservable, Owner};
use crate::bindings::synapse::thehive::tasks::NewLog;
use crate::gate::{Certainty, EffectId, Write};
use crate::thehive::client::{Client, Options};
use crate::thehive::{AddAttachment, AddComment, AddFileObservable, AddObservable, CreateLog, PromoteAlert, Seen};

/// Every way a sending can end without a clear answer, and whether it happened.
pub(super) fn endings() -> Vec<(Value, bool)> {
    vec![
        (json!({"lie": "did_it", "status": 500}), true),
        (json!({"lie": "did_it", "status": 503}), true),
        (json!({"lie": "did_it", "status": 408}), true),
        (json!({"drop_response": true}), true),
        (json!({"reset_after_bytes": 20}), true),
        (
            json!({"lie": "did_it", "status": 201, "raw_body": "<html>", "headers": {"content-type": "text/html"}}),
            true,
        ),
        (json!({"lie": "did_it", "status": 201, "body": {}}), true),
        (json!({"lie": "did_nothing", "drop_response": true}), false),
        (json!({"status": 500}), false),
        (json!({"status": 201, "body": {}}), false),
    ]
}

fn first() -> EffectId {
    effect("one", false)
}

fn again() -> EffectId {
    effect("one", true)
}

/// A `probe` write: what happened is found by asking, and only what did not is sent again.
pub(super) async fn probed<C: Write<Target = Client>>(path: &str, options: &Options, make: impl AsyncFn(&Lab) -> C) {
    for (ending, happened) in endings() {
        let lab = Lab::with(json!({}), options.clone()).await;
        let call = make(&lab).await;
        let before = lab.effects();
        assert!(call.probe(&lab.client, &first()).await.unwrap().is_none(), "{path}");
        lab.fault("POST", path, &ending);
        let unknown = lab.send(&call, &first()).await.err().unwrap();
        assert_eq!(unknown.certainty, Certainty::Unknown, "{path} {ending}");
        let found = call.probe(&lab.client, &first()).await.unwrap();
        assert_eq!(found.is_some(), happened, "{path} {ending}");
        if found.is_none() {
            let sent = lab.send(&call, &again()).await;
            assert!(sent.is_ok(), "{path} {ending}");
        }
        assert_eq!(lab.effects(), before + 1, "{path} {ending}");
        let found = call.probe(&lab.client, &again()).await.unwrap();
        assert!(found.is_some(), "{path} {ending}");
    }
}

/// A `keyed` write: a repeat is absorbed.
async fn repeated<C: Write<Target = Client>>(path: &str, make: impl AsyncFn(&Lab) -> C) {
    for (ending, happened) in endings() {
        let lab = Lab::start().await;
        let call = make(&lab).await;
        let before = lab.effects();
        lab.fault("POST", path, &ending);
        let unknown = lab.send(&call, &first()).await.err().unwrap();
        assert_eq!(unknown.certainty, Certainty::Unknown, "{path} {ending}");
        let settled = lab.send(&call, &again()).await.ok().unwrap();
        let expected = if happened { How::Adopted } else { How::Performed };
        assert_eq!(settled.how, expected, "{path} {ending}");
        assert_eq!(lab.effects(), before + 1, "{path} {ending}");
    }
}

#[tokio::test]
async fn row_66_a_case_is_found_by_its_tag_or_its_custom_field() {
    let field = Options {
        marker_field: Some("synapse-ref".to_owned()),
        ..Options::default()
    };
    for options in [Options::default(), field] {
        probed("/api/v1/case", &options, async |_: &Lab| case("Mail")).await;
    }
}

#[tokio::test]
async fn row_66_a_promotion_is_found_by_the_alerts_case() {
    probed("/api/v1/alert/*/case", &Options::default(), async |lab: &Lab| {
        PromoteAlert {
            alert_id: lab
                .create(&super::alert("1"), &effect("alert", false))
                .await
                .unwrap()
                .answer
                .id,
            assignee: None,
            case_template: None,
        }
    })
    .await;
}

#[tokio::test]
async fn row_66_a_task_is_found_by_the_last_line_of_its_description() {
    probed("/api/v1/case/*/task", &Options::default(), async |lab: &Lab| {
        task(&lab.case().await, "Communication")
    })
    .await;
}

#[tokio::test]
async fn row_66_a_log_entry_with_files_is_found_by_the_last_line_of_its_message() {
    let bytes = Bytes::new();
    let files = vec![bytes.keep("报告.pdf", "application/pdf", b"%PDF").await];
    for files in [Vec::new(), files] {
        probed("/api/v1/task/*/log", &Options::default(), async |lab: &Lab| CreateLog {
            log: NewLog {
                task_id: lab.task().await,
                message: "From: a@example.org".to_owned(),
                date: None,
                dedup_key: None,
            },
            files: files.clone(),
            spool: bytes.spool.clone(),
        })
        .await;
    }
}

#[tokio::test]
async fn row_66_a_comment_is_found_by_its_last_line_on_cases_and_alerts() {
    probed("/api/v1/case/*/comment", &Options::default(), async |lab: &Lab| {
        AddComment {
            owner: Owner::Case(lab.case().await),
            message: "Imported".to_owned(),
            dedup_key: None,
        }
    })
    .await;
    probed("/api/v1/alert/*/comment", &Options::default(), async |lab: &Lab| {
        AddComment {
            owner: Owner::Alert(
                lab.create(&super::alert("1"), &effect("alert", false))
                    .await
                    .unwrap()
                    .answer
                    .id,
            ),
            message: "Imported".to_owned(),
            dedup_key: None,
        }
    })
    .await;
}

#[tokio::test]
async fn row_66_an_attachment_is_found_by_name_and_digest() {
    let bytes = Bytes::new();
    let file = bytes.keep("März.txt", "text/plain", b"evidence").await;
    probed("/api/v1/case/*/attachments", &Options::default(), async |lab: &Lab| {
        AddAttachment {
            owner: Owner::Case(lab.case().await),
            file: file.clone(),
            spool: bytes.spool.clone(),
        }
    })
    .await;
}

#[tokio::test]
async fn row_66_a_text_observable_is_absorbed_by_the_server_whatever_its_length() {
    let bytes = Bytes::new();
    for data in ["192.0.2.1".to_owned(), "x".repeat(5_000)] {
        repeated("/api/v1/case/*/observable", async |lab: &Lab| AddObservable {
            owner: Owner::Case(lab.case().await),
            observable: observable("other", &data),
            spool: bytes.spool.clone(),
            seen: Seen::default(),
        })
        .await;
    }
}

#[tokio::test]
async fn row_66_a_file_observable_is_absorbed_by_the_server() {
    let bytes = Bytes::new();
    let file = bytes.keep("invoice.exe", "application/x-msdownload", b"MZ").await;
    repeated("/api/v1/case/*/observable", async |lab: &Lab| AddFileObservable {
        owner: Owner::Case(lab.case().await),
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
    })
    .await;
}

#[tokio::test]
async fn a_strangers_case_task_log_or_comment_is_not_taken_for_ours() {
    let lab = Lab::start().await;
    let stranger = effect("stranger", false);
    let made = case("Mail");
    lab.send(&made, &stranger).await.unwrap();
    assert_eq!(made.probe(&lab.client, &first()).await, Ok(None));
    let call = task(&lab.case().await, "Communication");
    lab.send(&call, &stranger).await.unwrap();
    assert_eq!(call.probe(&lab.client, &first()).await, Ok(None));
    let comment = AddComment {
        owner: Owner::Case(call.task.case_id.clone()),
        message: "Imported".to_owned(),
        dedup_key: None,
    };
    lab.send(&comment, &stranger).await.unwrap();
    assert_eq!(comment.probe(&lab.client, &first()).await, Ok(None));
}

#[tokio::test]
async fn a_marker_is_found_among_hundreds_of_others_and_behind_answers_that_are_too_large() {
    let lab = Lab::start().await;
    let case_id = lab.case().await;
    let call = |title: &str| task(&case_id, title);
    lab.send(&call("ours"), &first()).await.unwrap();
    for n in 0..250 {
        let name = format!("other {n}");
        lab.send(&call(&name), &effect(&name, false)).await.unwrap();
    }
    let found = call("ours").probe(&lab.client, &first()).await.unwrap().unwrap();
    assert_eq!(found.title, "ours");
    // The connection takes 4 MiB: the newest five comments of 1 MiB do not fit into one answer.
    let owner = Owner::Case(case_id);
    let comment = |message: String| AddComment {
        owner: owner.clone(),
        message,
        dedup_key: None,
    };
    let ours = comment("ours".to_owned());
    lab.send(&ours, &first()).await.unwrap();
    for n in 0..6 {
        let large = comment(format!("{n}{}", "x".repeat(1_000_000)));
        lab.send(&large, &effect(&format!("large {n}"), false)).await.unwrap();
    }
    assert_eq!(
        ours.probe(&lab.client, &first()).await.unwrap().unwrap().message,
        "ours"
    );
}

#[tokio::test]
async fn a_probe_that_the_server_does_not_answer_is_an_error_and_not_an_absence() {
    let lab = Lab::start().await;
    let call = case("Mail");
    lab.send(&call, &first()).await.unwrap();
    for action in [
        json!({"status": 503}),
        json!({"body": {}}),
        json!({"status": 403}),
        json!({"body": [{}]}),
    ] {
        lab.fault("POST", "/api/v1/query*", &action);
        assert!(call.probe(&lab.client, &first()).await.is_err(), "{action}");
    }
}

#[tokio::test]
async fn what_the_server_refuses_is_refused_and_what_cannot_be_asked_before_was_not_sent() {
    let bytes = Bytes::new();
    let lab = Lab::start().await;
    let case_id = lab.case().await;
    let before = lab.effects();
    let absent = task("~999999999", "Communication");
    let refused = lab.send(&absent, &first()).await.unwrap_err();
    assert_eq!(refused.certainty, Certainty::Refused);
    let add = AddObservable {
        owner: Owner::Case(case_id.clone()),
        observable: observable("ip", "192.0.2.1"),
        spool: bytes.spool.clone(),
        seen: Seen::default(),
    };
    for (method, path) in [("GET", "/api/v1/case/*"), ("POST", "/api/v1/query*")] {
        lab.fault(method, path, &json!({"status": 503}));
        assert_eq!(
            lab.send(&add, &first()).await.unwrap_err().certainty,
            Certainty::NotSent
        );
    }
    lab.fault("GET", "/api/v1/case/*", &json!({"status": 503}));
    let repeat = AddObservable {
        seen: Seen::default(),
        ..add
    };
    assert_eq!(
        lab.send(&repeat, &again()).await.unwrap_err().certainty,
        Certainty::Unknown
    );
    assert_eq!((lab.effects(), lab.requests("POST", "/api/v1/case/")), (before, 1));
}
