//! Are observables added at 3 and 4 whatever shape the answer has?

use synapse_domain::run::How;

use super::{BOTH, Bytes, Lab, alert, around, effect, lab, observable};
use crate::bindings::synapse::thehive::alerts::{Pap, Tlp};
use crate::bindings::synapse::thehive::observables::{Added, FileObservable, ObservablePatch, Owner};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Certainty;
use crate::thehive::{
    AddAttachment, AddFileObservable, AddObservable, GetObservable, ListObservables, ObservableTypes, Seen,
    UpdateObservable,
};

fn add(owner: &Owner, data_type: &str, data: &str, bytes: &Bytes) -> AddObservable {
    AddObservable {
        owner: owner.clone(),
        observable: observable(data_type, data),
        spool: bytes.spool.clone(),
        seen: Seen::default(),
    }
}

async fn added(lab: &Lab, call: &AddObservable) -> Added {
    let name = format!("add {}", lab.requests("POST", "/"));
    lab.send(call, &effect(&name, false)).await.unwrap().answer
}

#[tokio::test]
async fn d05_d13_one_that_is_there_is_a_success_in_every_shape_of_the_answer() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let (owner, bytes) = (Owner::Case(lab.case().await), Bytes::new());
        let call = add(&owner, "ip", "192.0.2.1", &bytes);
        let first = added(&lab, &call).await;
        assert!(first.id.is_some() && !first.already, "{flavour}");
        let again = added(&lab, &call).await;
        assert_eq!((again.already, again.id), (true, first.id), "{flavour}");
        // The case's own red, and not the server's default.
        assert_eq!(lab.last_body()["tlp"], 4, "{flavour}");
        let unknown = added(&lab, &add(&owner, "source_IP", "192.0.2.2", &bytes)).await;
        assert!(!unknown.already, "{flavour}");
        let page = lab.ask(&ListObservables { owner, cursor: None }).await.unwrap();
        let kinds: Vec<&str> = page.observables.iter().map(|one| one.data_type.as_str()).collect();
        assert_eq!((kinds, page.cursor), (vec!["ip", "other"], None), "{flavour}");
    }
}

#[tokio::test]
async fn a_file_goes_into_a_case_and_a_long_text_becomes_one() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let (owner, bytes) = (Owner::Case(lab.case().await), Bytes::new());
        let file = bytes.keep("a.exe", "application/octet-stream", b"MZ").await;
        let call = AddFileObservable {
            owner: owner.clone(),
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
        let done = lab.send(&call, &effect("file", false)).await.unwrap().answer;
        assert!(done.id.is_some() && !done.already, "{flavour}");
        assert_eq!(lab.last_body()["files"][0]["sha256"], file.sha256.as_str(), "{flavour}");
        let again = lab.send(&call, &effect("again", false)).await.unwrap().answer;
        assert!(again.already && again.id == done.id, "{flavour}");
        let long = added(&lab, &add(&owner, "url", &"x".repeat(5000), &bytes)).await;
        assert!(!long.already, "{flavour}");
        assert_eq!(lab.last_body()["files"][0]["size"], 5000, "{flavour}");
        let attach = AddAttachment {
            owner,
            file,
            spool: bytes.spool.clone(),
        };
        let refused = lab.send(&attach, &effect("attach", false)).await.unwrap_err();
        assert!(matches!(refused.error, Error::Unsupported(_)), "{flavour}");
    }
}

#[tokio::test]
async fn an_alert_that_is_there_takes_observables_on_4_only() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let made = lab.create(&alert("1"), &effect("alert", false)).await.unwrap().answer;
        let (owner, bytes) = (Owner::Alert(made.id), Bytes::new());
        let call = add(&owner, "ip", "192.0.2.1", &bytes);
        let done = lab.send(&call, &effect("one", false)).await;
        let page = lab.ask(&ListObservables { owner, cursor: None }).await.unwrap();
        if flavour == "v4" {
            assert!(!done.unwrap().answer.already);
            let again = lab.send(&call, &effect("two", false)).await.unwrap().answer;
            assert!(again.already);
            assert_eq!(page.observables[0].data.as_deref(), Some("192.0.2.1"));
        } else {
            let refused = done.unwrap_err();
            assert!(
                matches!(&refused.error, Error::Unsupported(why) if why.contains('3')),
                "{:?}",
                refused.error
            );
            assert_eq!(refused.certainty, Certainty::NotSent);
            assert!(page.observables.is_empty());
        }
    }
}

#[tokio::test]
async fn the_types_are_known_on_both() {
    for flavour in BOTH {
        let names = lab(flavour).await.ask(&ObservableTypes {}).await.unwrap();
        assert!(
            ["ip", "domain", "file", "other"]
                .iter()
                .all(|name| names.contains(&(*name).to_owned())),
            "{names:?}"
        );
    }
}

#[tokio::test]
async fn one_observable_is_read_and_changed_and_its_other_tags_stay() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let id = around::observable_of(&lab, &lab.case().await, "192.0.2.1").await;
        let patch = ObservablePatch {
            tlp: Some(Tlp::Green),
            sighted: Some(true),
            ..around::ioc()
        };
        let tagged = |tag: &str, remove: &[String]| UpdateObservable {
            id: id.clone(),
            patch: ObservablePatch {
                add_tags: vec![tag.to_owned()],
                remove_tags: remove.to_vec(),
                ..patch.clone()
            },
        };
        let first = lab.send(&tagged("one", &[]), &effect("first", false)).await.unwrap();
        assert_eq!(first.how, How::Performed, "{flavour}");
        let second = tagged("two", &["one".to_owned()]);
        lab.fault(
            "PATCH",
            "/api/case/artifact/*",
            &serde_json::json!({"lie": "did_it", "status": 500}),
        );
        let unknown = lab.send(&second, &effect("second", false)).await.unwrap_err();
        assert_eq!(unknown.certainty, Certainty::Unknown, "{flavour}");
        let before = lab.effects();
        let done = lab.send(&second, &effect("second", true)).await.unwrap();
        assert_eq!((done.how, lab.effects()), (How::Adopted, before), "{flavour}");
        let read = lab.ask(&GetObservable { id: id.clone() }).await.unwrap();
        assert_eq!(read, done.answer, "{flavour}");
        assert_eq!(
            (read.ioc, read.sighted, read.tlp),
            (true, true, Tlp::Green),
            "{flavour}"
        );
        assert!(
            read.tags.contains(&"two".to_owned()) && !read.tags.contains(&"one".to_owned()),
            "{flavour}"
        );
        let newer = UpdateObservable {
            id: id.clone(),
            patch: ObservablePatch {
                pap: Some(Pap::Green),
                ..around::ioc()
            },
        };
        let refused = lab.send(&newer, &effect("pap", false)).await.unwrap_err();
        assert!(
            matches!(&refused.error, Error::Unsupported(why) if why.contains("PAP")),
            "{flavour}: {:?}",
            refused.error
        );
    }
}
