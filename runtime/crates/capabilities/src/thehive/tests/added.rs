//! What becomes of an observable, in every shape the servers answer in (contract 2.4)?

use crate::gate::observed::{CarryOutRead as _, CarryOutWrite as _};
use serde_json::{Value, json};
use synapse_domain::permission::Scopes;
use synapse_domain::run::How;

use super::{Bytes, Lab, alert, effect, observable};
use crate::bindings::synapse::thehive::observables::{Added, Owner};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Certainty;
use crate::thehive::client::Options;
use crate::thehive::{AddComment, AddObservable, ListComments, ListObservables, Seen};

fn add(owner: &Owner, data_type: &str, data: &str, bytes: &Bytes) -> AddObservable {
    AddObservable {
        owner: owner.clone(),
        observable: observable(data_type, data),
        spool: bytes.spool.clone(),
        seen: Seen::default(),
    }
}

async fn lab() -> (Lab, Owner, Bytes) {
    let lab = Lab::start().await;
    let owner = Owner::Case(lab.case().await);
    (lab, owner, Bytes::new())
}

#[tokio::test]
async fn d05_an_observable_that_is_there_is_a_success_whoever_added_it() {
    let (lab, owner, bytes) = lab().await;
    let call = add(&owner, "ip", "192.0.2.1", &bytes);
    let first = lab.send(&call, &effect("one", false)).await.unwrap();
    assert!(first.answer.id.is_some() && !first.answer.already);
    let sent = lab.last_body();
    // The case is for named recipients only (red), and so is what belongs to it.
    assert_eq!(
        (&sent["tlp"], &sent["pap"], &sent["data"]),
        (&json!(4), &json!(1), &json!("192.0.2.1"))
    );
    let already = Added {
        id: first.answer.id.clone(),
        already: true,
    };
    let second = lab.send(&call, &effect("another", false)).await.unwrap();
    assert_eq!((second.how, second.answer), (How::Performed, already.clone()));
    let repeat = lab.send(&call, &effect("one", true)).await.unwrap();
    assert_eq!((repeat.how, repeat.answer), (How::Adopted, already));
}

#[tokio::test]
async fn all_three_shapes_of_an_answer_are_read() {
    let row = json!({"_id": "~42", "_createdAt": 1, "dataType": "ip", "data": "192.0.2.1"});
    let exists =
        |kind: &str| json!({"type": kind, "message": "Observable already exists", "object": {"data": "192.0.2.1"}});
    let new = Ok((Some("~42"), false));
    // Nothing of the kind is there, so the refusal may mean something else: a repeat that does not find it hands it on.
    let already = Err(Certainty::Unknown);
    /// What is added: its id, and whether it was there already.
    type Told = Result<(Option<&'static str>, bool), Certainty>;
    let answers: [(u16, Value, Told); 12] = [
        (201, json!([row]), new),
        (201, row.clone(), new),
        (207, json!({"success": [row], "failure": []}), new),
        (207, json!({"success": [], "failure": [exists("CreateError")]}), already),
        (207, json!({"failure": [exists("ConflictError")]}), already),
        (
            207,
            json!({"success": [], "failure": [exists("BadRequest")]}),
            Err(Certainty::Refused),
        ),
        (207, json!({"success": [], "failure": []}), Err(Certainty::Unknown)),
        (400, exists("CreateError"), already),
        (400, json!([exists("ConflictError")]), already),
        (409, exists("ConflictError"), already),
        (400, exists("AttributeCheckingError"), Err(Certainty::Refused)),
        (201, json!([{"_id": "~42", "dataType": "url"}]), Err(Certainty::Unknown)),
    ];
    for (status, body, expected) in answers {
        let (lab, owner, bytes) = lab().await;
        lab.fault(
            "POST",
            "/api/v1/case/*/observable",
            &json!({"status": status, "body": body}),
        );
        let result = lab
            .send(&add(&owner, "ip", "192.0.2.1", &bytes), &effect("one", false))
            .await;
        let result = match &result {
            Ok(done) => Ok((done.answer.id.as_deref(), done.answer.already)),
            Err(failure) => Err(failure.certainty),
        };
        assert_eq!(result, expected, "{status} {body}");
    }
}

#[tokio::test]
async fn a_refusal_that_only_looks_like_there_is_one_is_no_success() {
    let (lab, owner, bytes) = lab().await;
    let call = add(&owner, "ip", "192.0.2.1", &bytes);
    let refuse = json!({"status": 400, "body": {"type": "CreateError", "message": "the index is full"}});
    for (repeat, certainty) in [(false, Certainty::Unknown), (true, Certainty::Refused)] {
        lab.fault("POST", "/api/v1/case/*/observable", &refuse);
        let failure = lab.send(&call, &effect("one", repeat)).await.unwrap_err();
        assert_eq!(failure.certainty, certainty);
    }
    // What differs in case only may be the same to the server.
    lab.send(&add(&owner, "domain", "Example.org", &bytes), &effect("two", false))
        .await
        .unwrap();
    lab.fault("POST", "/api/v1/case/*/observable", &refuse);
    let call = add(&owner, "domain", "example.org", &bytes);
    let same = lab.send(&call, &effect("three", false)).await.unwrap();
    assert!(same.answer.already && same.answer.id.is_some());
}

#[tokio::test]
async fn d15_an_unknown_type_becomes_other_with_its_name_as_a_tag() {
    let (lab, owner, bytes) = lab().await;
    lab.send(&add(&owner, "source_IP", "192.0.2.1", &bytes), &effect("one", false))
        .await
        .unwrap();
    let sent = lab.last_body();
    assert_eq!(
        (&sent["dataType"], &sent["tags"]),
        (&json!("other"), &json!(["type:source_IP"]))
    );
}

#[tokio::test]
async fn d17_a_value_that_is_too_long_becomes_a_file_and_no_duplicate_of_another() {
    let (lab, owner, bytes) = lab().await;
    let most = "x".repeat(4096);
    lab.send(&add(&owner, "other", &most, &bytes), &effect("text", false))
        .await
        .unwrap();
    assert_eq!(lab.last_body()["data"], json!(most));
    // The limit counts UTF-16 units: 2,049 emoji are 4,098.
    for (n, long) in ["x".repeat(4097), "😀".repeat(2049), "y".repeat(40_000)]
        .iter()
        .enumerate()
    {
        let mut call = add(&owner, "url", long, &bytes);
        call.observable.tags = vec!["mail".to_owned()];
        let done = lab.send(&call, &effect(&format!("file {n}"), false)).await.unwrap();
        assert!(!done.answer.already);
        let sent = lab.last_body();
        assert_eq!(
            (&sent["dataType"], &sent["tags"]),
            (&json!("file"), &json!(["mail", "type:url"]))
        );
        assert_eq!(
            (&sent["files"][0]["part"], &sent["files"][0]["name"]),
            (&json!("attachment"), &json!("url.txt"))
        );
        assert_eq!(sent["files"][0]["size"], json!(long.len()));
        assert!(sent.get("data").is_none());
    }
}

#[tokio::test]
async fn the_owner_and_the_types_are_looked_at_once_for_all_items_of_a_call() {
    let (lab, owner, bytes) = lab().await;
    let seen = Seen::default();
    let calls: Vec<_> = (0..5)
        .map(|n| AddObservable {
            seen: seen.clone(),
            ..add(&owner, "ip", &format!("192.0.2.{n}"), &bytes)
        })
        .collect();
    let effects: Vec<_> = (0..5).map(|n| effect(&n.to_string(), false)).collect();
    let before = lab.requests("GET", "/api/v1/case/");
    let added =
        futures::future::join_all(calls.iter().zip(&effects).map(|(call, effect)| lab.send(call, effect))).await;
    assert!(added.iter().all(Result::is_ok));
    assert_eq!(lab.requests("GET", "/api/v1/case/"), before + 1);
    assert_eq!(lab.requests("POST", "/api/v1/query"), 1);
}

#[tokio::test]
async fn observables_are_listed_page_by_page_with_what_is_known_of_their_files() {
    let (lab, owner, bytes) = lab().await;
    let seen = Seen::default();
    for n in 0..103 {
        let call = AddObservable {
            seen: seen.clone(),
            ..add(&owner, "ip", &format!("192.0.2.{n}"), &bytes)
        };
        lab.send(&call, &effect(&n.to_string(), false)).await.unwrap();
    }
    let long = "x".repeat(5000);
    lab.send(&add(&owner, "url", &long, &bytes), &effect("file", false))
        .await
        .unwrap();
    let list = |cursor: Option<String>| ListObservables {
        owner: owner.clone(),
        cursor,
    };
    let first = lab.ask(&list(None)).await.unwrap();
    assert_eq!(
        (first.observables.len(), first.observables[0].data.as_deref()),
        (100, Some("192.0.2.0"))
    );
    let second = lab.ask(&list(first.cursor.clone())).await.unwrap();
    assert_eq!((second.observables.len(), second.cursor), (4, None));
    let file = second.observables.last().unwrap();
    assert_eq!(
        (file.data_type.as_str(), file.file_name.as_deref(), &file.data),
        ("file", Some("url.txt"), &None)
    );
    let kept = bytes.keep("a", "", long.as_bytes()).await;
    assert_eq!(file.sha256.as_deref(), Some(kept.sha256.as_str()));
    let other = ListObservables {
        owner: Owner::Case("~1".to_owned()),
        cursor: first.cursor,
    };
    assert_eq!(lab.ask(&other).await, Err(Error::ResyncRequired));
}

#[tokio::test]
async fn row_22_what_belongs_to_an_alert_outside_the_grant_is_neither_seen_nor_changed() {
    let lab = Lab::start().await;
    let bytes = Bytes::new();
    let id = lab
        .create(&alert("1"), &effect("alert", false))
        .await
        .unwrap()
        .answer
        .id;
    let scopes = |source: &str| Scopes::from([("alert-source".to_owned(), [source.to_owned()].into())]);
    for owner in [Owner::Alert(id.clone()), Owner::Alert("~999999999".to_owned())] {
        let denied = scopes("console-b");
        let list = ListObservables {
            owner: owner.clone(),
            cursor: None,
        };
        assert_eq!(list.carry_out(&lab.client, &denied).await, Err(Error::NotFound));
        let comments = ListComments { owner: owner.clone() };
        assert_eq!(comments.carry_out(&lab.client, &denied).await, Err(Error::NotFound));
        let call = add(&owner, "ip", "192.0.2.1", &bytes);
        let refused = call
            .carry_out(&lab.client, &denied, &effect("one", false))
            .await
            .unwrap_err();
        assert_eq!(refused.error, Error::NotFound);
        let comment = AddComment {
            owner,
            message: "x".to_owned(),
            dedup_key: None,
        };
        let refused = comment
            .carry_out(&lab.client, &denied, &effect("one", false))
            .await
            .unwrap_err();
        assert_eq!(refused.error, Error::NotFound);
    }
    assert_eq!(lab.effects(), 1);
    let allowed = scopes("console-a");
    let call = add(&Owner::Alert(id.clone()), "ip", "192.0.2.1", &bytes);
    call.carry_out(&lab.client, &allowed, &effect("one", false))
        .await
        .unwrap();
    let list = ListObservables {
        owner: Owner::Alert(id),
        cursor: None,
    };
    assert_eq!(
        list.carry_out(&lab.client, &allowed).await.unwrap().observables.len(),
        1
    );
}

#[tokio::test]
async fn a_message_of_a_failed_item_holds_no_credential() {
    let (lab, owner, bytes) = lab().await;
    let failure = json!({"type": super::KEY, "message": format!("Bearer {}", super::KEY)});
    lab.fault(
        "POST",
        "/api/v1/case/*/observable",
        &json!({"status": 207, "body": {"success": [], "failure": [failure]}}),
    );
    let refused = lab
        .send(&add(&owner, "ip", "192.0.2.1", &bytes), &effect("one", false))
        .await
        .unwrap_err();
    assert!(!format!("{refused:?}").contains(super::KEY), "{refused:?}");
}

#[tokio::test]
async fn a_platform_without_the_type_of_files_refuses_a_long_value_in_its_own_words() {
    let lab = Lab::with(json!({"observable_types": ["ip", "other"]}), Options::default()).await;
    let owner = Owner::Case(lab.case().await);
    let bytes = Bytes::new();
    let refused = lab
        .send(&add(&owner, "url", &"x".repeat(5000), &bytes), &effect("one", false))
        .await
        .unwrap_err();
    assert_eq!(refused.certainty, Certainty::Refused);
}
