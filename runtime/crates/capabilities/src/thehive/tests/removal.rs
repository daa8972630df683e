//! Is a deletion ours only when it is in doubt (design G3)?

use crate::gate::observed::CarryOutWrite as _;
use serde_json::json;
use synapse_domain::permission::Scopes;
use synapse_domain::run::How;

use super::{Bytes, Lab, alert, effect, task};
use crate::bindings::synapse::thehive::attachments::Holder;
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::thehive::tasks::NewLog;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Write};
use crate::thehive::client::Client;
use crate::thehive::{
    AddAttachment, AddComment, CreateLog, DeleteAlert, DeleteAttachment, DeleteCase, DeleteComment, DeleteLog,
    DeleteObservable, DeleteTask,
};

/// Once; a second time it is not found; in doubt, what is gone was us.
pub(super) async fn removed_once<C: Write<Target = Client, Answer = ()>>(lab: &Lab, path: &str, call: &C) {
    lab.fault("DELETE", path, &json!({"status": 500}));
    let unknown = lab.send(call, &effect(path, false)).await.unwrap_err();
    assert_eq!(unknown.certainty, Certainty::Unknown, "{path}");
    let before = lab.effects();
    lab.fault("DELETE", path, &json!({"lie": "did_it", "drop_response": true}));
    let unknown = lab.send(call, &effect(path, true)).await.unwrap_err();
    assert_eq!(unknown.certainty, Certainty::Unknown, "{path}");
    assert_eq!(
        lab.send(call, &effect(path, true)).await.unwrap().how,
        How::Adopted,
        "{path}"
    );
    let again = lab.send(call, &effect("another", false)).await.unwrap_err();
    assert_eq!(
        (again.error, again.certainty),
        (Error::NotFound, Certainty::Refused),
        "{path}"
    );
    assert_eq!(lab.effects(), before + 1, "{path}");
}

#[tokio::test]
async fn row_66_what_is_gone_after_a_doubt_was_us_and_what_was_never_there_is_not_found() {
    let lab = Lab::start().await;
    let bytes = Bytes::new();
    let id = lab
        .create(&alert("1"), &effect("alert", false))
        .await
        .unwrap()
        .answer
        .id;
    removed_once(&lab, "/api/v1/alert/*", &DeleteAlert { id }).await;
    let case = lab.case().await;
    let id = super::around::observable_of(&lab, &case, "192.0.2.1").await;
    removed_once(&lab, "/api/v1/observable/*", &DeleteObservable { id }).await;
    let comment = AddComment {
        owner: Owner::Case(case.clone()),
        message: "Imported".to_owned(),
        dedup_key: None,
    };
    let id = lab.send(&comment, &effect("comment", false)).await.unwrap().answer.id;
    removed_once(&lab, "/api/v1/comment/*", &DeleteComment { id }).await;
    let task_id = lab
        .send(&task(&case, "T"), &effect("task", false))
        .await
        .unwrap()
        .answer
        .id;
    let log = CreateLog {
        log: NewLog {
            task_id: task_id.clone(),
            message: "From".to_owned(),
            date: None,
            dedup_key: None,
        },
        files: Vec::new(),
        spool: bytes.spool.clone(),
    };
    let id = lab.send(&log, &effect("log", false)).await.unwrap().answer.id;
    removed_once(&lab, "/api/v1/log/*", &DeleteLog { id }).await;
    removed_once(&lab, "/api/v1/task/*", &DeleteTask { id: task_id }).await;
    let file = AddAttachment {
        owner: Owner::Case(case.clone()),
        file: bytes.keep("a.txt", "text/plain", b"evidence").await,
        spool: bytes.spool.clone(),
    };
    let id = lab.send(&file, &effect("file", false)).await.unwrap().answer;
    let holder = Holder::Case(case.clone());
    removed_once(&lab, "/api/v1/case/*/attachment/*", &DeleteAttachment { holder, id }).await;
    removed_once(&lab, "/api/v1/case/*", &DeleteCase { id: case }).await;
}

#[tokio::test]
async fn row_24_an_alert_outside_the_grant_and_what_belongs_to_it_is_not_deleted() {
    let lab = Lab::start().await;
    let id = lab
        .create(&alert("1"), &effect("alert", false))
        .await
        .unwrap()
        .answer
        .id;
    let before = lab.effects();
    let scopes = Scopes::from([("alert-type".to_owned(), ["mail".to_owned()].into())]);
    let call = DeleteAlert { id: id.clone() };
    for repeat in [false, true] {
        let refused = call
            .carry_out(&lab.client, &scopes, &effect("1", repeat))
            .await
            .unwrap_err();
        assert_eq!(refused.error, Error::NotFound);
    }
    assert_eq!(lab.effects(), before);
    assert!(lab.get(&id).await.is_ok());
    for odd in ["", "7", "qradar;console-a;1", "~1/../2", "~"] {
        assert!(DeleteAlert { id: odd.to_owned() }.check().is_err(), "{odd}");
    }
}
