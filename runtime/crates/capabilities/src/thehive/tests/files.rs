//! Do files arrive whole, under names the server reads (D16), one failure never stopping another?

use serde_json::json;

use super::{Bytes, Lab, effect};
use crate::bindings::synapse::thehive::alerts::Tlp;
use crate::bindings::synapse::thehive::observables::{FileObservable, Owner};
use crate::blobs::Kept;
use crate::gate::{Certainty, Write as _};
use crate::thehive::client::Options;
use crate::thehive::{AddAttachment, AddFileObservable, Seen};

fn add(owner: &Owner, file: &Kept, bytes: &Bytes) -> AddFileObservable {
    AddFileObservable {
        owner: owner.clone(),
        observable: FileObservable {
            message: Some("from the mail".to_owned()),
            tags: vec!["mail".to_owned()],
            ioc: true,
            ignore_similarity: true,
            tlp: None,
        },
        file: file.clone(),
        spool: bytes.spool.clone(),
        seen: Seen::default(),
    }
}

#[tokio::test]
async fn d16_a_file_arrives_byte_for_byte_with_an_ascii_name_and_the_original_in_the_message() {
    for ascii_only in [false, true] {
        let lab = Lab::with(json!({"ascii_filenames_only": ascii_only}), Options::default()).await;
        let owner = Owner::Case(lab.case().await);
        let bytes = Bytes::new();
        let file = bytes
            .keep("Rechnung März.exe", "Application/X-MsDownload; x=y", b"MZ\0\r\n--\xff")
            .await;
        let done = lab
            .send(&add(&owner, &file, &bytes), &effect("one", false))
            .await
            .unwrap();
        assert!(done.answer.id.is_some() && !done.answer.already);
        let sent = lab.last_body();
        let expected = json!({
            "dataType": "file", "message": "from the mail\n\nOriginal name of `Rechnung M_rz.exe`: `Rechnung März.exe`",
            "tags": ["mail"], "ioc": true, "ignoreSimilarity": true, "tlp": 4, "pap": 1,
            "files": [{"part": "attachment", "name": "Rechnung M_rz.exe", "contentType": "application/x-msdownload",
                "size": file.size, "sha256": file.sha256}],
        });
        assert_eq!(sent, expected);
        // The same bytes under another name are the same observable.
        let again = bytes.keep("other.exe", "", b"MZ\0\r\n--\xff").await;
        let done = lab
            .send(&add(&owner, &again, &bytes), &effect("two", false))
            .await
            .unwrap();
        assert!(done.answer.already);
    }
}

#[tokio::test]
async fn a_file_may_be_less_guarded_than_its_owner_only_if_the_guest_says_so() {
    let lab = Lab::start().await;
    let owner = Owner::Case(lab.case().await);
    let bytes = Bytes::new();
    let file = bytes.keep("a.txt", "text/plain", b"a").await;
    let mut call = add(&owner, &file, &bytes);
    call.observable.tlp = Some(Tlp::Green);
    lab.send(&call, &effect("one", false)).await.unwrap();
    assert_eq!(lab.last_body()["tlp"], json!(1));
}

#[tokio::test]
async fn d18_a_reset_during_one_upload_leaves_the_others() {
    let lab = Lab::start().await;
    let owner = Owner::Case(lab.case().await);
    let bytes = Bytes::new();
    let before = lab.effects();
    lab.fault(
        "POST",
        "/api/v1/case/*/observable",
        &json!({"lie": "did_nothing", "drop_response": true}),
    );
    let mut outcomes = Vec::new();
    for n in 0..3 {
        let file = bytes.keep(&format!("{n}.bin"), "", &[n; 100_000]).await;
        let result = lab
            .send(&add(&owner, &file, &bytes), &effect(&n.to_string(), false))
            .await;
        outcomes.push(
            result
                .map(|done| done.answer.already)
                .map_err(|failure| failure.certainty),
        );
    }
    assert_eq!(outcomes, [Err(Certainty::Unknown), Ok(false), Ok(false)]);
    assert_eq!(lab.effects(), before + 2);
}

#[tokio::test]
async fn a_file_that_changed_on_disk_is_not_sent() {
    let lab = Lab::start().await;
    let owner = Owner::Case(lab.case().await);
    let bytes = Bytes::new();
    let file = bytes.keep("a.txt", "text/plain", b"evidence").await;
    let path = bytes.spool.path(&file.sha256).unwrap();
    std::fs::remove_file(&path).unwrap();
    let before = lab.effects();
    let failure = lab
        .send(&add(&owner, &file, &bytes), &effect("one", false))
        .await
        .unwrap_err();
    assert_eq!((failure.certainty, lab.effects()), (Certainty::NotSent, before));
}

#[tokio::test]
async fn an_attachment_answers_its_id_and_another_of_that_name_is_not_taken_for_it() {
    let lab = Lab::start().await;
    let owner = Owner::Case(lab.case().await);
    let bytes = Bytes::new();
    let attach = |file: Kept| AddAttachment {
        owner: owner.clone(),
        file,
        spool: bytes.spool.clone(),
    };
    let one = attach(bytes.keep("image.png", "image/png", b"one").await);
    let other = attach(bytes.keep("image.png", "image/png", b"other").await);
    let id = lab.send(&one, &effect("one", false)).await.unwrap().answer;
    assert_eq!(lab.last_body()["files"][0]["part"], json!("attachments"));
    assert_eq!(
        one.probe(&lab.client, &effect("one", false)).await,
        Ok(Some(id.clone()))
    );
    assert_eq!(other.probe(&lab.client, &effect("other", false)).await, Ok(None));
    let second = lab.send(&other, &effect("other", false)).await.unwrap().answer;
    assert_ne!(id, second);
}
