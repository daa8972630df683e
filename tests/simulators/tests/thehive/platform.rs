//! What do statuses, tags, archives, custom fields and MISP answer, beyond what the vendor's suite asks?

use super::support::{Form, Peer, alert, each, hive, hive_with, id, with};
use serde_json::{Value, json};

#[tokio::test]
async fn statuses_are_data_and_an_own_one_has_its_stage() {
    let hive = hive_with(
        &json!({"case_statuses": [{"value": "Contained", "stage": "InProgress"}],
                                 "alert_statuses": [{"value": "Noise", "stage": "Closed"}]}),
    )
    .await;
    let found = hive.query(json!([{"_name": "listCaseStatus"}])).await;
    let values = each(&found, "value");
    assert!(values.len() == 8 && values.contains(&&json!("Duplicated")) && values.contains(&&json!("Contained")));
    let found = hive.query(json!([{"_name": "listAlertStatus"}])).await;
    assert!(each(&found, "value").contains(&&json!("Duplicate")));
    let case = hive.case().await;
    let path = format!("/api/v1/case/{case}");
    assert_eq!(hive.call("PATCH", &path, json!({"status": "Contained"})).await.0, 204);
    assert_eq!(hive.get(&path).await["stage"], "InProgress");
    assert_eq!(hive.call("PATCH", &path, json!({"status": "Vanished"})).await.0, 404);
    let alert = id(&hive.create(alert(1)).await);
    let path = format!("/api/v1/alert/{alert}");
    assert_eq!(hive.call("PATCH", &path, json!({"status": "Noise"})).await.0, 204);
    assert_eq!(hive.get(&path).await["stage"], "Closed");
}

#[tokio::test]
async fn tags_are_known_from_their_first_use_and_renamed_everywhere() {
    let hive = hive().await;
    let alert = id(&hive.create(with(alert(1), &json!({"tags": ["a", "b"]}))).await);
    let found = hive.query(json!([{"_name": "listTag"}])).await;
    assert_eq!(each(&found, "predicate"), [&json!("a"), &json!("b")]);
    let tag = format!("/api/v1/tag/{}", found[0]["_id"].as_str().unwrap());
    assert_eq!(hive.call("PATCH", &tag, json!({"predicate": "b"})).await.0, 400);
    assert_eq!(hive.call("PATCH", &tag, json!({"predicate": "c"})).await.0, 204);
    let path = format!("/api/v1/alert/{alert}");
    assert_eq!(hive.get(&path).await["tags"], json!(["c", "b"]));
    assert_eq!(hive.call("DELETE", &tag, Value::Null).await.0, 204);
    assert_eq!(hive.get(&path).await["tags"], json!(["b"]));
}

#[tokio::test]
async fn an_archive_opens_with_its_password_only() {
    let hive = hive().await;
    let case = hive.case().await;
    let path = format!("/api/v1/case/{case}");
    hive.made(&format!("{path}/task"), json!({"title": "t"})).await;
    let input = json!({"dataType": "ip", "data": "203.0.113.7"});
    hive.made(&format!("{path}/observable"), input).await;
    let response = hive
        .send("GET", &format!("{path}/export?password=secret"), &Value::Null)
        .await
        .unwrap();
    let archive = response.bytes().await.unwrap();
    let form = |password: &str, content: &[u8]| {
        Form::default()
            .field("_json", &json!({"password": password}))
            .file("file", "case.thar", content)
    };
    assert_eq!(
        hive.upload("/api/v1/case/import", &form("wrong", &archive)).await.0,
        400
    );
    assert_eq!(hive.upload("/api/v1/case/import", &form("secret", b"{}")).await.0, 400);
    let (status, made) = hive.upload("/api/v1/case/import", &form("secret", &archive)).await;
    assert_eq!(
        (status, &made["case"]["title"], &made["case"]["number"]),
        (200, &json!("c"), &json!(2))
    );
    assert_eq!(each(&made["observables"], "data"), [&json!("203.0.113.7")]);
    let tasks = json!([{"_name": "getCase", "idOrName": "2"}, {"_name": "tasks"}]);
    assert_eq!(each(&hive.query(tasks).await, "title"), [&json!("t")]);
}

#[tokio::test]
async fn a_misp_event_becomes_a_case_with_the_observables_that_have_a_type() {
    let hive = hive().await;
    let event = json!({"Event": {"info": "campaign", "Tag": [{"name": "tlp:green"}], "Attribute": [
        {"type": "ip-dst", "value": "203.0.113.7", "to_ids": true, "comment": "C2"},
        {"type": "btc", "value": "1Boat"},
    ]}});
    let form = Form::default()
        .field("_json", &json!({}))
        .file("file", "event.json", event.to_string().as_bytes());
    let (status, case) = hive.upload("/api/v1/connector/misp/case/import", &form).await;
    assert_eq!(
        (status, &case["title"], &case["tags"]),
        (201, &json!("campaign"), &json!(["tlp:green"]))
    );
    let steps = json!([{"_name": "getCase", "idOrName": id(&case)}, {"_name": "observables"}]);
    let found = hive.query(steps).await;
    assert_eq!((found.as_array().unwrap().len(), &found[0]["ioc"]), (1, &json!(true)));
}

async fn field(hive: &Peer, name: &str, kind: &str) -> (u16, Value) {
    let body = json!({"name": name, "type": kind, "group": "default", "description": "d"});
    hive.call("POST", "/api/v1/customField", body).await
}

#[tokio::test]
async fn custom_field_values_are_replaced_by_a_list_and_set_by_a_map() {
    let fields = ["one", "two"].map(|name| {
        json!({"name": name, "type": if name == "one" { "string" } else { "integer" }, "group": "default", "description": "d"})
    });
    let hive = hive_with(&json!({"custom_fields": fields})).await;
    assert_eq!(
        field(&hive, "three", "string").await.0,
        403,
        "an administrator's business"
    );
    let made = hive
        .create(with(
            alert(1),
            &json!({"customFields": [{"name": "one", "value": "x"}]}),
        ))
        .await;
    let path = format!("/api/v1/alert/{}", id(&made));
    let values = async |change: Value| {
        assert_eq!(hive.call("PATCH", &path, json!({"customFields": change})).await.0, 204);
        let shown = hive.get(&path).await;
        let fields = shown["customFields"].as_array().unwrap().iter();
        fields
            .map(|field| (field["name"].clone(), field["value"].clone()))
            .collect::<Vec<_>>()
    };
    let both = [(json!("one"), json!("x")), (json!("two"), json!(8))];
    assert_eq!(values(json!({"two": 8})).await, both);
    assert_eq!(
        values(json!([{"name": "two", "value": 9}])).await,
        [(json!("two"), json!(9))]
    );
    for (change, expected) in [
        (json!({"none": 1}), 404),
        (json!({"two": "text"}), 400),
        (json!({"two": 5_000_000_000_i64}), 400),
    ] {
        assert_eq!(
            hive.call("PATCH", &path, json!({"customFields": change})).await.0,
            expected,
            "{change}"
        );
    }
}

#[tokio::test]
async fn only_its_author_changes_a_comment() {
    let users = json!({"users": [
        {"login": "synapse@soc.test", "key": "k-soc", "organisations": ["soc"]},
        {"login": "other@soc.test", "key": "k-other", "organisations": ["soc"]},
    ]});
    let hive = hive_with(&users).await;
    let case = hive.case().await;
    let comment = id(&hive
        .made(&format!("/api/v1/case/{case}/comment"), json!({"message": "m"}))
        .await);
    let path = format!("/api/v1/comment/{comment}");
    for method in ["PATCH", "DELETE"] {
        let request = hive
            .client
            .request(method.parse().unwrap(), format!("{}{path}", hive.sim.url()));
        let request = request.header("authorization", "Bearer k-other");
        let request = request.header("content-type", "application/json");
        assert_eq!(
            request.body("{\"message\": \"n\"}").send().await.unwrap().status(),
            403,
            "{method}"
        );
    }
    assert_eq!(
        hive.call("PATCH", &path, json!({})).await.0,
        400,
        "the message is required"
    );
    assert_eq!(hive.call("PATCH", &path, json!({"message": "n"})).await.0, 204);
    let shown = hive.query(json!([{"_name": "getComment", "idOrName": comment}])).await;
    assert_eq!(
        (&shown[0]["message"], &shown[0]["isEdited"]),
        (&json!("n"), &json!(true))
    );
}

#[tokio::test]
async fn links_between_organisations_have_two_sides_and_exclude_admin() {
    let hive =
        hive_with(&json!({"users": [{"login": "admin@thehive.local", "key": "k-soc", "organisations": ["admin"]}]}))
            .await;
    let sides = json!({"linkType": "supervised", "otherLinkType": "default"});
    let link = "/api/v1/organisation/soc/link/other";
    assert_eq!(hive.call("PUT", link, sides.clone()).await.0, 201);
    let of = async |name: &str| hive.get(&format!("/api/v1/organisation/{name}/links")).await;
    let (soc, other) = (of("soc").await, of("other").await);
    assert_eq!(
        (&soc[0]["linkType"], &soc[0]["organisation"]["name"]),
        (&json!("supervised"), &json!("other"))
    );
    assert_eq!(
        (&other[0]["linkType"], &other[0]["otherLinkType"]),
        (&json!("default"), &json!("supervised"))
    );
    assert_eq!(
        hive.call("PUT", "/api/v1/organisation/soc/link/admin", sides).await.0,
        400
    );
    let links = json!({"links": [{"toOrganisation": "nobody", "linkType": "default", "otherLinkType": "default"}]});
    assert_eq!(hive.call("PUT", "/api/v1/organisation/soc/links", links).await.0, 404);
    assert_eq!(of("soc").await, soc, "a refused call changes nothing");
    assert_eq!(hive.call("DELETE", link, Value::Null).await.0, 204);
    assert_eq!((of("soc").await, of("other").await), (json!([]), json!([])));
    assert_eq!(hive.call("DELETE", link, Value::Null).await.0, 404);
}
