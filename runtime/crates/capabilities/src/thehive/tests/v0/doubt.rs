//! After every way a creation at 3 or 4 can end, does the object exist exactly once (design G3)?

use synapse_domain::run::How;

use super::doubt_of_new::endings;
use super::{BOTH, Bytes, Lab, alert, case, effect, lab, observable, task};
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::thehive::tasks::NewLog;
use crate::gate::{Certainty, Write};
use crate::thehive::client::Client;
use crate::thehive::{AddObservable, CreateLog, PromoteAlert, Seen};

/// A `probe` write: what happened is found by asking, and only what did not is sent again.
async fn probed<C: Write<Target = Client>>(path: &str, make: impl AsyncFn(&Lab) -> C) {
    for flavour in BOTH {
        for (ending, happened) in endings() {
            let lab = lab(flavour).await;
            let call = make(&lab).await;
            let before = lab.effects();
            lab.fault("POST", path, &ending);
            let unknown = lab.send(&call, &effect("one", false)).await.err().unwrap();
            assert_eq!(unknown.certainty, Certainty::Unknown, "{flavour} {path} {ending}");
            let found = call.probe(&lab.client, &effect("one", false)).await.unwrap();
            assert_eq!(found.is_some(), happened, "{flavour} {path} {ending}");
            if found.is_none() {
                assert!(
                    lab.send(&call, &effect("one", true)).await.is_ok(),
                    "{flavour} {path} {ending}"
                );
            }
            assert_eq!(lab.effects(), before + 1, "{flavour} {path} {ending}");
            let found = call.probe(&lab.client, &effect("one", true)).await.unwrap();
            assert!(found.is_some(), "{flavour} {path} {ending}");
        }
    }
}

#[tokio::test]
async fn row_66_a_case_is_found_by_its_tag() {
    probed("/api/case", async |_: &Lab| case("Mail")).await;
}

#[tokio::test]
async fn row_66_a_task_is_found_by_its_description() {
    probed("/api/case/*/task", async |lab: &Lab| {
        task(&lab.case().await, "Communication")
    })
    .await;
}

#[tokio::test]
async fn row_66_a_log_entry_is_found_by_its_message() {
    let bytes = Bytes::new();
    probed("/api/case/task/*/log", async |lab: &Lab| CreateLog {
        log: NewLog {
            task_id: lab.task().await,
            message: "From: a@example.org".to_owned(),
            date: None,
            dedup_key: None,
        },
        files: Vec::new(),
        spool: bytes.spool.clone(),
    })
    .await;
}

#[tokio::test]
async fn row_66_a_promotion_is_found_by_the_alerts_case() {
    probed("/api/alert/*/createCase", async |lab: &Lab| PromoteAlert {
        alert_id: lab
            .create(&alert("1"), &effect("alert", false))
            .await
            .unwrap()
            .answer
            .id,
        assignee: None,
        case_template: None,
    })
    .await;
}

#[tokio::test]
async fn row_66_an_alert_and_an_observable_absorb_a_repeat() {
    for flavour in BOTH {
        for (ending, happened) in endings() {
            let lab = lab(flavour).await;
            lab.fault("POST", "/api/alert", &ending);
            let unknown = lab.create(&alert("1"), &effect("one", false)).await.unwrap_err();
            assert_eq!(unknown.certainty, Certainty::Unknown, "{flavour} {ending}");
            let settled = lab.create(&alert("1"), &effect("one", true)).await.unwrap();
            let expected = if happened { How::Adopted } else { How::Performed };
            assert_eq!((settled.how, lab.effects()), (expected, 1), "{flavour} {ending}");

            let bytes = Bytes::new();
            let call = AddObservable {
                owner: Owner::Case(lab.case().await),
                observable: observable("ip", "192.0.2.1"),
                spool: bytes.spool.clone(),
                seen: Seen::default(),
            };
            let before = lab.effects();
            lab.fault("POST", "/api/case/*/artifact", &ending);
            let unknown = lab.send(&call, &effect("two", false)).await.unwrap_err();
            assert_eq!(unknown.certainty, Certainty::Unknown, "{flavour} {ending}");
            let settled = lab.send(&call, &effect("two", true)).await.unwrap();
            assert_eq!(
                (settled.answer.already, lab.effects()),
                (happened, before + 1),
                "{flavour} {ending}"
            );
        }
    }
}
