//! Are refusals the recorded ones, and in the right order? (contract 1 and 2.1)

use serde_json::{Value, json};

use super::support::{Sim, offense, offenses};

#[tokio::test]
async fn the_404_body_is_the_recorded_one() {
    let sim = Sim::new(offenses(1));
    let get = sim.get("/api/siem/offenses/32").await;
    let mut expected = json!({
        "http_response": { "code": 404, "message": "We could not find the resource you requested." },
        "code": 1002,
        "description": "No offense was found for the provided offense_id.",
        "details": {},
        "message": "No offense was found for the provided offense_id.",
    });
    assert_eq!((get.status, &get.json), (404, &expected));
    let post = sim.post("/api/siem/offenses/32?status=HIDDEN").await;
    expected["message"] = Value::from("Offense not found for offense_id: 32");
    assert_eq!((post.status, &post.json), (404, &expected));
}

#[tokio::test]
async fn every_family_has_its_own_404() {
    let sim = Sim::new(offenses(1));
    for (path, code, message) in [
        ("/api/siem/offenses/1/notes/2", 1003, "Note not found for note_id: 2"),
        (
            "/api/siem/offense_closing_reasons/12",
            1002,
            "Closing Reason not found for closing_reason_id: 12",
        ),
        ("/api/analytics/rules/1", 1002, "No Custom Rule found with id: 1"),
        (
            "/api/config/domain_management/domains/1",
            1002,
            "Domain ID 1 does not exist",
        ),
        ("/api/ariel/searches/abc", 1002, "Query abc does not exist"),
    ] {
        let answer = sim.get(path).await;
        assert_eq!(answer.refusal(), (404, code), "{path}");
        assert_eq!(answer.json["message"], message);
    }
    assert_eq!(sim.get("/api/siem/source_addresses/9").await.refusal(), (404, 1002));
    assert_eq!(sim.get("/api/siem/nonsense").await.status, 404);
    assert_eq!(sim.send("DELETE", "/api/siem/offenses/1", &[], "").await.status, 405);
}

#[tokio::test]
async fn the_first_failing_check_of_the_documented_order_wins() {
    let sim = Sim::new(json!({
        "tokens": [{"token": "sim-token"}, {"token": "weak", "capabilities": ["offenses"]}],
        "offenses": [offense(1, json!({}))],
    }));
    let long = format!("/api/siem/offenses?filter={}", "x".repeat(8190));
    let weak = |extra: &[(&'static str, &'static str)]| [&[("SEC", "weak")], extra].concat();
    let page = sim.send("GET", &long, &[("SEC", "wrong")], "").await;
    assert_eq!((page.status, page.json.is_null()), (414, true));
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let unauthorised = sim
        .send("GET", "/api/nope", &[("SEC", "wrong"), ("Version", "1.0")], "")
        .await;
    assert_eq!(unauthorised.refusal(), (401, 18));
    let version = sim.send("GET", "/api/nope", &weak(&[("Version", "3.0")]), "").await;
    assert_eq!(version.refusal(), (422, 37));
    assert_eq!(sim.send("GET", "/api/nope?fields=x", &weak(&[]), "").await.status, 404);
    let rules = "/api/analytics/rules?fields=nope";
    assert_eq!(
        sim.send("GET", rules, &weak(&[("Range", "x")]), "").await.refusal(),
        (403, 26)
    );
    assert_eq!(sim.send("GET", rules, &[("Range", "x")], "").await.refusal(), (422, 30));
    let notes = "/api/siem/offenses/abc/notes";
    assert_eq!(sim.post(notes).await.refusal(), (422, 8));
    assert_eq!(sim.post(&format!("{notes}?note_text=x")).await.refusal(), (422, 11));
    let status = sim.post("/api/siem/offenses/99?status=FOO").await;
    assert_eq!(status.refusal(), (422, 11));
    let text = r#"Failed to transform user query parameter "status" with a content type of "TEXT_PLAIN""#;
    assert_eq!(status.json["message"], text);
    let range = sim
        .send("GET", "/api/siem/offenses?filter=broken(", &[("Range", "x")], "")
        .await;
    assert_eq!(range.refusal(), (422, 36));
    assert_eq!(
        sim.get("/api/siem/offenses?filter=broken(").await.refusal(),
        (422, 1010)
    );
}

#[tokio::test]
async fn versions_are_current_deprecated_removed_or_unknown() {
    let sim = Sim::new(json!({}));
    let ask = async |version: &str| sim.send("GET", "/api/system/about", &[("Version", version)], "").await;
    for current in ["24.0", "25.0", "26.0", "26", "", " 26.0"] {
        let answer = ask(current).await;
        assert_eq!((answer.status, answer.header("deprecated")), (200, None), "{current}");
    }
    for deprecated in ["4.0", "6.0", "8.0", "9.1", "10.1", "12.0", "20", "23.0"] {
        let answer = ask(deprecated).await;
        assert!(
            answer.status == 200 && answer.header("deprecated").is_some(),
            "{deprecated}"
        );
    }
    for (version, text) in [
        ("3.0", "has been removed and is no longer valid"),
        ("322.0123", "is not a valid version"),
    ] {
        let answer = ask(version).await;
        let message = format!(
            "Version ({version}) from header parameter (Version) {text}. Please refer to documentation for list of valid versions."
        );
        assert_eq!(
            (answer.status, answer.json["message"].as_str()),
            (422, Some(message.as_str()))
        );
    }
    for unknown in ["27.0", "26.1", "x", "26.x", "26."] {
        assert_eq!(ask(unknown).await.status, 422, "{unknown}");
    }
    let strict = Sim::new(json!({ "console": { "version": "29.0", "strict": true } }));
    let old = strict
        .send("GET", "/api/system/about", &[("Version", "26.0")], "")
        .await;
    assert!(old.json["message"].as_str().unwrap().contains("has been removed"));
    let listed = sim
        .get("/api/help/versions?filter=removed%3Dfalse+and+deprecated%3Dfalse")
        .await;
    let names: Vec<&str> = listed
        .json
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["version"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["24.0", "25.0", "26.0"]);
}

#[tokio::test]
async fn tokens_expire_sec_wins_over_basic_and_basic_sets_the_cookie() {
    let sim = Sim::new(json!({ "tokens": [
        {"token": "good", "username": "bob", "password": "pw:x"}, {"token": "old", "expiry": 1000},
    ] }));
    let path = "/api/help/versions";
    // base64("bob:pw:x"), base64("bob:wrong")
    let (right, wrong) = ("Basic Ym9iOnB3Ong=", "Basic Ym9iOndyb25n");
    let basic = sim.send("GET", path, &[("Authorization", right)], "").await;
    assert!(basic.status == 200 && basic.header("set-cookie").unwrap().starts_with("SEC=good;"));
    let both = sim
        .send("GET", path, &[("sec", "good"), ("Authorization", wrong)], "")
        .await;
    assert_eq!((both.status, both.header("set-cookie")), (200, None));
    for headers in [
        [("SEC", "old")],
        [("Authorization", wrong)],
        [("Authorization", "Bearer good")],
        [("SEC", "")],
    ] {
        assert_eq!(
            sim.send("GET", path, &headers, "").await.refusal(),
            (401, 18),
            "{headers:?}"
        );
    }
    let cookie = sim.send("GET", path, &[("SEC", ""), ("Cookie", "SEC=good")], "").await;
    assert_eq!(cookie.refusal(), (401, 18));
    for path in ["/auth/logout", "/api/auth/logout"] {
        let out = sim.send("POST", path, &[("SEC", "good")], "").await;
        assert_eq!((out.status, out.text.as_str()), (200, "true"));
    }
}

#[tokio::test]
async fn accept_is_json_unless_the_endpoint_has_csv() {
    let sim = Sim::new(offenses(1));
    for accept in ["application/json", "*/*", "text/html, application/json;q=0.9"] {
        assert_eq!(
            sim.send("GET", "/api/siem/offenses", &[("Accept", accept)], "")
                .await
                .status,
            200,
            "{accept}"
        );
    }
    let csv = sim
        .send("GET", "/api/siem/offenses", &[("Accept", "application/csv")], "")
        .await;
    assert_eq!(csv.status, 406);
    let json_on_get = ("Content-Type", "application/json");
    assert_eq!(
        sim.send("GET", "/api/siem/offenses", &[json_on_get], "").await.status,
        200
    );
}

#[tokio::test]
async fn endpoints_list_our_routes_with_template_paths() {
    let sim = Sim::new(json!({}));
    let filter = ("filter", "version=\"26.0\"");
    let listed = sim
        .query("/api/help/endpoints", &[filter, ("fields", "http_method, path")])
        .await;
    let wanted = json!({"http_method": "POST", "path": "/siem/offenses/{offense_id}"});
    assert!(listed.json.as_array().unwrap().contains(&wanted));
    // PyPI `qradar` sends the version bare.
    assert_eq!(
        sim.query("/api/help/endpoints", &[("filter", "version=26.0")])
            .await
            .status,
        200
    );
    assert!(!sim.get("/api/help/resources").await.ids().is_empty());
}
