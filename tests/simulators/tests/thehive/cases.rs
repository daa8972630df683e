//! Does a case get its number, what its template gives, and its alerts?

use crate::support::{alert, each, hive, hive_with, id, with};
use serde_json::{Value, json};

#[tokio::test]
async fn a_case_gets_the_next_number_its_defaults_and_its_tasks() {
    let hive = hive().await;
    let tasks = json!([{"title": "first"}, {"title": "second", "group": "g", "assignee": "synapse@soc.test"}]);
    let body = json!({"title": "one", "description": "d", "tags": ["x", "x"], "tasks": tasks});
    let one = hive.made("/api/v1/case", body).await;
    let two = hive
        .made("/api/v1/case", json!({"title": "two", "description": "d"}))
        .await;
    assert_eq!((&one["number"], &two["number"]), (&json!(1), &json!(2)));
    for (name, value) in [
        ("status", json!("New")),
        ("stage", json!("New")),
        ("severityLabel", json!("MEDIUM")),
        ("tags", json!(["x"])),
        ("assignee", json!("synapse@soc.test")),
        ("customFields", json!([])),
        ("flag", json!(false)),
    ] {
        assert_eq!(one[name], value, "{name}");
    }
    assert_eq!(hive.get("/api/v1/case/1").await, one, "by number");
    assert_eq!(
        hive.get(&format!("/api/v1/case/{}", id(&one))).await,
        one,
        "by id, and without an update"
    );
    let tasks = hive
        .query(json!([{"_name": "getCase", "idOrName": "1"}, {"_name": "tasks"}]))
        .await;
    assert_eq!(each(&tasks, "title"), ["first", "second"]);
    assert_eq!(each(&tasks, "group"), ["default", "g"]);
}

#[tokio::test]
async fn a_template_gives_prefix_tags_fields_and_tasks() {
    let template = json!({
        "name": "phishing", "titlePrefix": "[mail]", "tags": ["mail"], "severity": 3,
        "tasks": [{"title": "Communication"}, {"title": "Analysis"}], "customFields": [{"name": "synapse-ref", "value": "x"}],
    });
    let hive = hive_with(&json!({"case_templates": [template]})).await;
    let body = json!({"title": "t", "description": "d", "caseTemplate": "phishing", "tags": ["own"]});
    let case = hive.made("/api/v1/case", body.clone()).await;
    assert_eq!((&case["title"], &case["severity"]), (&json!("[mail] t"), &json!(3)));
    assert_eq!(case["tags"], json!(["own", "mail"]));
    assert_eq!(case["customFields"][0]["value"], "x");
    let tasks = async |case: &Value| {
        let steps = json!([{"_name": "getCase", "idOrName": id(case)}, {"_name": "tasks"}]);
        hive.query(steps).await
    };
    assert_eq!(each(&tasks(&case).await, "title"), ["Communication", "Analysis"]);
    let own = hive
        .made("/api/v1/case", with(body, &json!({"tasks": [{"title": "only"}]})))
        .await;
    assert_eq!(
        each(&tasks(&own).await, "title"),
        ["only"],
        "given tasks replace those of the template"
    );
    let unknown = json!({"title": "t", "description": "d", "caseTemplate": "none"});
    assert_eq!(hive.call("POST", "/api/v1/case", unknown).await.0, 404);
}

#[tokio::test]
async fn a_patch_answers_204_and_null_clears_only_what_can_be_cleared() {
    let hive = hive().await;
    let case = hive
        .made(
            "/api/v1/case",
            json!({"title": "t", "description": "d", "tags": ["a", "b"]}),
        )
        .await;
    let path = format!("/api/v1/case/{}", id(&case));
    let close = json!({"status": "TruePositive", "impactStatus": "WithImpact", "summary": "s", "addTags": ["c", "a"], "removeTags": ["b"]});
    assert_eq!(hive.call("PATCH", &path, close).await, (204, Value::Null));
    let closed = hive.get(&path).await;
    assert_eq!(
        (&closed["stage"], &closed["tags"]),
        (&json!("Closed"), &json!(["a", "c"]))
    );
    assert!(
        closed["endDate"].is_i64() && closed["_updatedBy"] == "synapse@soc.test",
        "{closed}"
    );
    let open = json!({"status": "InProgress", "summary": null, "assignee": null, "impactStatus": null});
    assert_eq!(hive.call("PATCH", "/api/v1/case/1", open).await.0, 204);
    let open = hive.get(&path).await;
    assert_eq!(open["stage"], "InProgress");
    for name in ["summary", "assignee", "impactStatus", "endDate"] {
        assert!(open.get(name).is_none(), "{name}: {open}");
    }
    for (refused, status) in [
        (json!({"title": null}), 400),
        (json!({"titel": "x"}), 400),
        (json!({"severity": 5}), 400),
        (json!({"status": "Solved"}), 404),
        (json!({"assignee": "nobody@soc.test"}), 404),
        (json!({"customFields": {"undefined": 1}}), 404),
    ] {
        assert_eq!(hive.call("PATCH", &path, refused.clone()).await.0, status, "{refused}");
    }
    assert_eq!(hive.get(&path).await, open, "a refused change changes nothing");
    let other = hive.case().await;
    let bulk = json!({"ids": [id(&case), other], "severity": 4});
    assert_eq!(hive.call("PATCH", "/api/v1/case/_bulk", bulk).await.0, 204);
    assert_eq!(hive.get("/api/v1/case/2").await["severityLabel"], "CRITICAL");
}

#[tokio::test]
async fn a_refused_creation_leaves_no_case_and_takes_no_number() {
    let hive = hive().await;
    for refused in [
        json!({"title": "t"}),
        json!({"title": "t".repeat(513), "description": "d"}),
        json!({"title": "t", "description": "d", "assignee": "nobody@soc.test"}),
        json!({"title": "t", "description": "d", "tasks": [{"title": "x".repeat(129)}]}),
        json!({"title": "t", "description": "d", "customFields": {"undefined": "x"}}),
    ] {
        let (status, answer) = hive.call("POST", "/api/v1/case", refused).await;
        assert!([400, 404].contains(&status), "{status} {answer}");
    }
    assert_eq!(
        hive.made("/api/v1/case", json!({"title": "t", "description": "d"}))
            .await["number"],
        1
    );
    assert_eq!(hive.effects().await.len(), 1);
}

#[tokio::test]
async fn a_case_is_not_closed_while_a_mandatory_task_is_open() {
    let hive = hive().await;
    let tasks = json!([{"title": "must", "mandatory": true}]);
    let case = hive
        .made(
            "/api/v1/case",
            json!({"title": "t", "description": "d", "tasks": tasks}),
        )
        .await;
    let path = format!("/api/v1/case/{}", id(&case));
    let close = json!({"status": "Other", "summary": "s"});
    assert_eq!(hive.call("PATCH", &path, close.clone()).await.0, 400);
    let task = id(&hive
        .query(json!([{"_name": "getCase", "idOrName": "1"}, {"_name": "tasks"}]))
        .await);
    hive.made(&format!("/api/v1/task/{task}/log"), json!({"message": "m"}))
        .await;
    hive.call("PATCH", &format!("/api/v1/task/{task}"), json!({"status": "Completed"}))
        .await;
    assert_eq!(hive.call("PATCH", &path, close).await.0, 204);
}

#[tokio::test]
async fn a_promoted_alert_belongs_to_its_case_however_often_it_is_promoted() {
    let hive = hive().await;
    let observables = json!([{"dataType": "ip", "data": "10.0.0.1", "tags": ["src"]}]);
    let more = json!({"observables": observables, "tags": ["a"], "severity": 3, "caseTemplate": "does not exist"});
    let made = hive.create(with(alert(1), &more)).await;
    let path = format!("/api/v1/alert/{}", id(&made));
    let case = hive.made(&format!("{path}/case"), json!({"title": "mine"})).await;
    assert_eq!(
        (&case["title"], &case["description"], &case["severity"]),
        (&json!("mine"), &json!("d"), &json!(3))
    );
    assert_eq!(hive.made(&format!("{path}/case"), json!({})).await["_id"], case["_id"]);
    let imported = hive.get(&path).await;
    assert_eq!(
        (&imported["caseId"], &imported["status"], &imported["stage"]),
        (&case["_id"], &json!("Imported"), &json!("Imported"))
    );
    let below = async |step: &str| {
        let steps = json!([{"_name": "getCase", "idOrName": id(&case)}, {"_name": step}]);
        hive.query(steps).await
    };
    assert_eq!(each(&below("observables").await, "data"), ["10.0.0.1"]);
    assert_eq!(each(&below("alerts").await, "sourceRef"), ["1"]);
    assert_eq!(
        hive.call("POST", &format!("{path}/merge/{}", id(&case)), Value::Null)
            .await
            .0,
        400,
        "imported already"
    );
}

#[tokio::test]
async fn a_merged_alert_adds_its_text_tags_and_new_observables() {
    let hive = hive().await;
    let case = hive.case().await;
    let ip = json!({"dataType": "ip", "data": "10.0.0.1"});
    hive.made(&format!("/api/v1/case/{case}/observable"), ip.clone()).await;
    let more = json!({"observables": [ip, {"dataType": "ip", "data": "10.0.0.2"}], "tags": ["a"]});
    let made = hive.create(with(alert("ref"), &more)).await;
    let (status, merged) = hive
        .call(
            "POST",
            &format!("/api/v1/alert/{}/merge/{case}", id(&made)),
            Value::Null,
        )
        .await;
    assert_eq!((status, &merged["tags"]), (200, &json!(["a"])));
    assert_eq!(merged["description"], "d\n  \n#### Merged with alert #ref t\n\nd");
    let observables = hive
        .query(json!([{"_name": "getCase", "idOrName": case}, {"_name": "observables"}]))
        .await;
    assert_eq!(each(&observables, "data"), ["10.0.0.1", "10.0.0.2"]);

    let other = hive.create(alert("other")).await;
    let (status, same) = hive
        .call(
            "POST",
            &format!("/api/v1/alert/{}/import/{case}", id(&other)),
            Value::Null,
        )
        .await;
    assert_eq!(
        (status, &same["description"]),
        (200, &merged["description"]),
        "an import brings no text"
    );
    let unlink = format!("/api/v1/case/{case}/alert/{}", id(&other));
    assert_eq!(hive.call("DELETE", &unlink, Value::Null).await.0, 204);
    assert!(
        hive.get(&format!("/api/v1/alert/{}", id(&other)))
            .await
            .get("caseId")
            .is_none()
    );
}

#[tokio::test]
async fn merged_cases_are_one_and_the_originals_are_gone() {
    let hive = hive().await;
    let (one, two) = (hive.case().await, hive.case().await);
    for case in [&one, &two] {
        hive.made(&format!("/api/v1/case/{case}/task"), json!({"title": "t"}))
            .await;
        hive.made(
            &format!("/api/v1/case/{case}/observable"),
            json!({"dataType": "ip", "data": "10.0.0.1"}),
        )
        .await;
    }
    let merged = hive
        .made(&format!("/api/v1/case/_merge/{one},{two}"), Value::Null)
        .await;
    assert_eq!(merged["title"], "c / c");
    for case in [one, two] {
        assert_eq!(
            hive.call("GET", &format!("/api/v1/case/{case}"), Value::Null).await.0,
            404
        );
    }
    let count = async |step: &str| {
        let steps = json!([{"_name": "getCase", "idOrName": id(&merged)}, {"_name": step}, {"_name": "count"}]);
        hive.query(steps).await
    };
    assert_eq!((count("tasks").await, count("observables").await), (json!(2), json!(1)));
}

#[tokio::test]
async fn a_deleted_case_takes_everything_below_it_and_frees_its_alerts() {
    let hive = hive().await;
    let made = hive.create(alert(1)).await;
    let case = id(&hive.made(&format!("/api/v1/alert/{}/case", id(&made)), json!({})).await);
    let task = id(&hive
        .made(&format!("/api/v1/case/{case}/task"), json!({"title": "t"}))
        .await);
    hive.made(&format!("/api/v1/task/{task}/log"), json!({"message": "m"}))
        .await;
    let path = format!("/api/v1/case/{case}");
    assert_eq!(hive.call("DELETE", &path, Value::Null).await.0, 204);
    assert_eq!(hive.call("DELETE", &path, Value::Null).await.0, 404);
    for list in ["listTask", "listLog", "listCase"] {
        assert_eq!(hive.query(json!([{"_name": list}])).await, json!([]), "{list}");
    }
    assert!(
        hive.get(&format!("/api/v1/alert/{}", id(&made)))
            .await
            .get("caseId")
            .is_none()
    );
}

#[tokio::test]
async fn another_organisation_sees_no_case() {
    let hive = hive().await;
    let case = hive.case().await;
    for path in [format!("/api/v1/case/{case}"), "/api/v1/case/1".to_owned()] {
        let request = hive.request("GET", &path).header("x-organisation", "other");
        assert_eq!(request.send().await.unwrap().status(), 404, "{path}");
    }
}

#[tokio::test]
async fn effects_tell_what_was_made_and_what_it_hangs_below() {
    let hive = hive().await;
    let case = hive
        .made(
            "/api/v1/case",
            json!({"title": "t", "description": "d", "tags": ["synapse:0a"]}),
        )
        .await;
    let task = hive
        .made(
            "/api/v1/case/1/task",
            json!({"title": "work", "description": "synapse:0b"}),
        )
        .await;
    hive.made(
        &format!("/api/v1/task/{}/log", id(&task)),
        json!({"message": "m synapse:0c"}),
    )
    .await;
    hive.made("/api/v1/case/1/comment", json!({"message": "said"})).await;
    let effects = json!(hive.effects().await);
    assert_eq!(
        each(&effects, "marker"),
        [
            &json!("synapse:0a"),
            &json!("synapse:0b"),
            &json!("synapse:0c"),
            &Value::Null
        ]
    );
    let objects: Vec<&Value> = effects
        .as_array()
        .unwrap()
        .iter()
        .map(|effect| &effect["objects"][0])
        .collect();
    let kinds: Vec<&Value> = objects.iter().map(|object| &object["kind"]).collect();
    assert_eq!(kinds, ["Case", "Task", "Log", "Comment"]);
    assert_eq!(objects[0]["number"], 1);
    assert_eq!(objects[1]["caseId"], case["_id"]);
    assert_eq!(
        (&objects[2]["taskId"], &objects[2]["caseId"]),
        (&task["_id"], &case["_id"])
    );
    assert_eq!(
        (&objects[3]["message"], &effects[3]["id"]),
        (&json!("said"), &objects[3]["id"])
    );
}
