//! Do files arrive whole, with their hashes, once, and under their names? (Contract 5, D16.)

use crate::support::{Form, alert, each, hive, hive_with, id};
use serde_json::{Value, json};

fn file_json() -> Value {
    json!({"dataType": "file", "message": "m"})
}

#[tokio::test]
async fn a_file_observable_shows_hashes_and_gives_its_bytes_back() {
    let hive = hive().await;
    let case = hive.case().await;
    let form = Form::default()
        .field("_json", &file_json())
        .file("attachment", "a.eml", b"abc");
    let (status, made) = hive.upload(&format!("/api/v1/case/{case}/observable"), &form).await;
    assert_eq!(status, 201, "{made}");
    let attachment = &made[0]["attachment"];
    assert_eq!(
        (&attachment["name"], &attachment["size"], &attachment["contentType"]),
        (&json!("a.eml"), &json!(3), &json!("text/plain"))
    );
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let hashes = json!([
        sha256,
        "a9993e364706816aba3e25717850c26c9cd0d89d",
        "900150983cd24fb0d6963f7d28e17f72"
    ]);
    assert_eq!((&attachment["hashes"], &attachment["id"]), (&hashes, &json!(sha256)));
    let path = format!("/api/v1/observable/{}", id(&made));
    assert_eq!(hive.get(&path).await, made[0]);
    for name in [id(attachment), sha256.to_owned()] {
        let answer = hive
            .request("GET", &format!("{path}/attachment/{name}/download"))
            .send()
            .await
            .unwrap();
        assert_eq!(
            (answer.headers()["content-type"].clone(), answer.bytes().await.unwrap()),
            ("text/plain".parse().unwrap(), "abc".into())
        );
    }
    let zip = hive
        .request("GET", &format!("{path}/attachment/{sha256}/download?asZip=True"))
        .send()
        .await
        .unwrap();
    assert!(zip.bytes().await.unwrap().starts_with(b"PK\x03\x04"));
    let effect = &hive.effects().await[1];
    assert_eq!(
        effect["objects"][0]["files"],
        json!([{"name": "a.eml", "sha256": sha256, "size": 3}])
    );
    assert_eq!(effect["body"]["files"][0]["sha256"], sha256);
}

#[tokio::test]
async fn what_a_case_has_already_is_a_failure_inside_207_and_other_cases_do_not_matter() {
    let hive = hive().await;
    let (one, two) = (hive.case().await, hive.case().await);
    let path = |case: &str| format!("/api/v1/case/{case}/observable");
    let data = json!({"dataType": "ip", "data": ["10.0.0.1", "10.0.0.2"]});
    assert_eq!(
        each(&hive.made(&path(&one), data.clone()).await, "data"),
        ["10.0.0.1", "10.0.0.2"]
    );
    hive.made(&path(&two), data).await;
    let (status, answer) = hive
        .call(
            "POST",
            &path(&one),
            json!({"dataType": "ip", "data": ["10.0.0.3", "10.0.0.1"]}),
        )
        .await;
    assert_eq!(
        (status, each(&answer["success"], "data")),
        (207, vec![&json!("10.0.0.3")])
    );
    let failure =
        json!([{"type": "CreateError", "message": "Observable already exists", "object": {"data": "10.0.0.1"}}]);
    assert_eq!(answer["failure"], failure);
    hive.made(&path(&one), json!({"dataType": "other", "data": "10.0.0.1"}))
        .await;

    let files = Form::default()
        .field("_json", &file_json())
        .file("attachment", "a.txt", b"same")
        .file("attachment", "b.txt", b"same")
        .file("attachment", "c.txt", b"different");
    let (status, answer) = hive.upload(&path(&one), &files).await;
    assert_eq!(
        (status, answer["success"].as_array().unwrap().len()),
        (207, 2),
        "{answer}"
    );
    let object = json!({"data": "file:b.txt", "attachment": {"name": "b.txt"}});
    assert_eq!(answer["failure"][0]["object"], object);
    let (status, again) = hive.upload(&path(&one), &files).await;
    assert_eq!((status, &again["success"]), (207, &json!([])));
    assert_eq!(
        hive.upload(&path(&two), &files).await.1["success"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let effects = hive.effects().await;
    assert_eq!(effects.len(), 2 + 5 + 1, "what added nothing is no change: {effects:?}");
}

#[tokio::test]
async fn a_file_needs_a_file_type_and_a_type_of_text_needs_text() {
    let hive = hive().await;
    let case = hive.case().await;
    let path = format!("/api/v1/case/{case}/observable");
    let text = Form::default()
        .field("_json", &json!({"dataType": "ip"}))
        .file("attachment", "a", b"x");
    let both = Form::default()
        .field("_json", &json!({"dataType": "file", "data": "x"}))
        .file("attachment", "a", b"x");
    let other_part = Form::default()
        .field("_json", &file_json())
        .file("attachments", "a", b"x");
    for form in [text, both, other_part] {
        let (status, answer) = hive.upload(&path, &form).await;
        assert_eq!(status, 400, "{answer}");
        assert_eq!(
            answer["message"],
            "Artifact must contain data or attachment (but not both)"
        );
    }
    for body in [file_json(), json!({"dataType": "ip"})] {
        assert_eq!(hive.call("POST", &path, body).await.0, 400);
    }
    assert_eq!(
        hive.upload(
            &path,
            &Form::default().field("_json", &json!({"dataType": "none", "data": "x"}))
        )
        .await
        .0,
        404
    );
    assert_eq!(hive.effects().await.len(), 1);
}

#[tokio::test]
async fn d16_a_name_beyond_ascii_is_read_by_default_and_refused_by_a_server_with_the_quirk() {
    let names = [
        "filename=\"письмо.eml\"",
        "filename*=UTF-8''%D0%BF.eml",
        "filename=\"p.eml\"; filename*=UTF-8''%D0%BF.eml",
    ];
    for quirk in [false, true] {
        let hive = hive_with(&json!({"ascii_filenames_only": quirk})).await;
        let case = hive.case().await;
        let path = format!("/api/v1/case/{case}/observable");
        for (number, name) in names.iter().enumerate() {
            let content = format!("content {number}");
            let form = Form::default().field("_json", &file_json()).part(
                &format!("name=\"attachment\"; {name}"),
                "",
                content.as_bytes(),
            );
            let (status, answer) = hive.upload(&path, &form).await;
            if quirk {
                assert_eq!(
                    (status, &answer["message"]),
                    (400, &json!("Artifact must contain data or attachment (but not both)"))
                );
            } else {
                assert_eq!(status, 201, "{answer}");
                assert!(answer[0]["attachment"]["name"].as_str().unwrap().starts_with('п'));
            }
        }
        let ascii = Form::default()
            .field("_json", &file_json())
            .file("attachment", "p.eml", b"ascii");
        assert_eq!(hive.upload(&path, &ascii).await.0, 201);
    }
}

#[tokio::test]
async fn a_file_of_100_mb_arrives_whole() {
    let hive = hive().await;
    let case = hive.case().await;
    let content: Vec<u8> = (0..100_u32 << 20 >> 2).flat_map(u32::to_le_bytes).collect();
    let expected = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&content));
    let form = Form::default()
        .field("_json", &file_json())
        .file("attachment", "big.bin", &content);
    drop(content);
    let (status, made) = hive.upload(&format!("/api/v1/case/{case}/observable"), &form).await;
    assert_eq!(status, 201, "{made}");
    let attachment = &made[0]["attachment"];
    assert_eq!(
        (&attachment["size"], &attachment["id"]),
        (&json!(100 << 20), &json!(expected))
    );
    let path = format!("/api/v1/observable/{}/attachment/{expected}/download", id(&made));
    let bytes = hive.request("GET", &path).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes)), expected);
}

#[tokio::test]
async fn attachments_of_cases_and_alerts_are_listed_downloaded_and_deleted() {
    let hive = hive().await;
    let case = hive.case().await;
    let alert = id(&hive.create(alert(1)).await);
    for (kind, get, owner) in [("case", "getCase", case), ("alert", "getAlert", alert)] {
        let form = Form::default()
            .file("attachments", "a.txt", b"a")
            .file("attachments", "b.txt", b"b");
        let (status, made) = hive.upload(&format!("/api/v1/{kind}/{owner}/attachments"), &form).await;
        assert_eq!(
            (status, each(&made["attachments"], "name")),
            (201, vec![&json!("a.txt"), &json!("b.txt")])
        );
        let list = json!([{"_name": get, "idOrName": owner}, {"_name": "attachments"}]);
        assert_eq!(hive.query(list.clone()).await, made["attachments"]);
        let first = id(&made["attachments"]);
        let path = format!("/api/v1/{kind}/{owner}/attachment/{first}");
        let bytes = hive
            .request("GET", &format!("{path}/download"))
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap();
        assert_eq!(bytes, "a");
        assert_eq!(hive.call("DELETE", &path, Value::Null).await.0, 204);
        assert_eq!(hive.call("DELETE", &path, Value::Null).await.0, 404);
        assert_eq!(each(&hive.query(list).await, "name"), ["b.txt"]);
        assert_eq!(
            hive.upload(&format!("/api/v1/{kind}/{owner}/attachments"), &Form::default())
                .await
                .0,
            400
        );
    }
}

#[tokio::test]
async fn an_alert_brings_files_that_a_promotion_copies() {
    let hive = hive().await;
    let observables = json!([{"dataType": "file", "attachment": "part0"}, {"dataType": "ip", "data": "10.0.0.1"}]);
    let json = crate::support::with(alert(1), &json!({"observables": observables}));
    let form = Form::default()
        .field("_json", &json)
        .file("part0", "mail.eml", b"From: a");
    let (status, made) = hive.upload("/api/v1/alert", &form).await;
    assert_eq!((status, &made["observableCount"]), (201, &json!(2)), "{made}");
    let case = hive.made(&format!("/api/v1/alert/{}/case", id(&made)), json!({})).await;
    let steps = json!([{"_name": "getCase", "idOrName": id(&case)}, {"_name": "observables"}]);
    let copied = hive.query(steps).await;
    let path = format!(
        "/api/v1/observable/{}/attachment/{}/download",
        id(&copied),
        id(&copied[0]["attachment"])
    );
    let bytes = hive.request("GET", &path).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(
        (bytes, &copied[0]["attachment"]["name"]),
        ("From: a".into(), &json!("mail.eml"))
    );
    let missing = Form::default().field(
        "_json",
        &crate::support::with(
            alert(2),
            &json!({"observables": [{"dataType": "file", "attachment": "none"}]}),
        ),
    );
    assert_eq!(hive.upload("/api/v1/alert", &missing).await.0, 400);
}

#[tokio::test]
async fn an_upload_whose_answer_is_lost_is_there_and_fails_as_a_duplicate_when_repeated() {
    let hive = hive().await;
    let case = hive.case().await;
    let path = format!("/api/v1/case/{case}/observable");
    hive.fault(
        json!({"match": {"method": "POST", "path": "/observable", "body": "a.eml"}, "action": {"drop_response": true}}),
    )
    .await;
    let form = Form::default()
        .field("_json", &file_json())
        .file("attachment", "a.eml", &vec![7; 2 << 20]);
    let lost = hive
        .request("POST", &path)
        .header("content-type", "multipart/form-data; boundary=b-o-u-n-d");
    assert!(lost.body(form.body()).send().await.is_err());
    let (status, answer) = hive.upload(&path, &form).await;
    assert_eq!((status, &answer["failure"][0]["type"]), (207, &json!("CreateError")));
}

#[tokio::test]
async fn a_broken_multipart_body_is_a_bad_request() {
    let hive = hive().await;
    let case = hive.case().await;
    for (kind, body) in [
        ("multipart/form-data", "x"),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"_json\"\r\n\r\n{}",
        ),
        ("multipart/form-data; boundary=b", "no part"),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"_json\"\r\n\r\n{\r\n--b--",
        ),
    ] {
        let request = hive.request("POST", &format!("/api/v1/case/{case}/observable"));
        let answer = request.header("content-type", kind).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{kind} {body}");
    }
    let json_only = hive
        .request("POST", "/api/v1/case")
        .header("content-type", "multipart/form-data; boundary=b");
    assert_eq!(
        json_only.body("--b--").send().await.unwrap().status(),
        400,
        "a case takes JSON only"
    );
}
