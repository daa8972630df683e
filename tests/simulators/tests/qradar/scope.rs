//! Does a token see only its own domains? (contract 3.7)

use serde_json::{Value, json};

use super::support::{Sim, offense};

fn sim(settings: &Value) -> Sim {
    let address = |id: i64, domain: i64| json!({"id": id, "source_ip": format!("192.0.2.{id}"), "domain_id": domain});
    let event = |offense: i64, domain: i64| json!({"offense_id": offense, "starttime": 1000 + offense, "domainid": domain, "sourceip": format!("192.0.2.{offense}")});
    Sim::new(json!({
        "tokens": [{"token": "sim-token", "label": "root"},
            {"token": "a", "label": "customer-a", "capabilities": ["offenses", "log_activity"], "domain_ids": [1], "expiry": 9_999_999_999_999_i64},
            {"token": "b", "label": "customer-b", "domain_ids": [2, 0]}],
        "domains": [{"id": 0, "name": ""}, {"id": 1, "name": "A", "description": "secret"}, {"id": 2, "name": "B"}],
        "offenses": [offense(1, json!({"domain_id": 1})), offense(2, json!({"domain_id": 2})),
            offense(3, json!({"domain_id": null}))],
        "source_addresses": [address(1, 1), address(2, 2)],
        "events": [event(1, 1), event(2, 2), event(1, 2)],
        "settings": settings,
    }))
}

async fn ids(sim: &Sim, token: &str, path: &str) -> Vec<i64> {
    sim.send("GET", path, &[("SEC", token)], "").await.ids()
}

#[tokio::test]
async fn lists_are_silently_filtered_and_foreign_ids_are_absent() {
    let sim = sim(&json!({}));
    for (path, root, a, b) in [
        ("/api/siem/offenses?sort=%2Bid", vec![1, 2, 3], vec![1], vec![2]),
        (
            "/api/siem/offenses?sort=%2Bid&filter=id+in+(1,2,3)",
            vec![1, 2, 3],
            vec![1],
            vec![2],
        ),
        (
            "/api/siem/source_addresses?filter=id+in+(1,2)",
            vec![1, 2],
            vec![1],
            vec![2],
        ),
        (
            "/api/config/domain_management/domains",
            vec![0, 1, 2],
            vec![1],
            vec![0, 2],
        ),
    ] {
        assert_eq!(ids(&sim, "sim-token", path).await, root, "{path}");
        assert_eq!(ids(&sim, "a", path).await, a, "{path}");
        assert_eq!(ids(&sim, "b", path).await, b, "{path}");
    }
    for path in [
        "/api/siem/offenses/2",
        "/api/siem/offenses/3",
        "/api/siem/source_addresses/2",
    ] {
        assert_eq!(
            sim.send("GET", path, &[("SEC", "a")], "").await.refusal(),
            (404, 1002),
            "{path}"
        );
    }
    for path in [
        "/api/siem/offenses/2?status=HIDDEN",
        "/api/siem/offenses/2/notes?note_text=x",
    ] {
        assert_eq!(
            sim.send("POST", path, &[("SEC", "a")], "").await.refusal(),
            (404, 1002),
            "{path}"
        );
    }
    assert!(sim.effects().is_empty());
}

#[tokio::test]
async fn foreign_status_and_null_domains_are_configurable() {
    let sim = sim(&json!({ "foreign_domain_status": 403, "null_domain_visible": true }));
    assert_eq!(
        sim.send("GET", "/api/siem/offenses/2", &[("SEC", "a")], "")
            .await
            .status,
        403
    );
    assert_eq!(
        sim.send("GET", "/api/siem/offenses/99", &[("SEC", "a")], "")
            .await
            .status,
        404
    );
    assert_eq!(ids(&sim, "a", "/api/siem/offenses?sort=%2Bid").await, [1, 3]);
}

#[tokio::test]
async fn searches_see_only_the_events_and_searches_of_their_token() {
    let sim = sim(&json!({}));
    let create = async |token: &str, query: &str| {
        let kind = ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
        let body = super::support::encode(&[("query_expression", query)]);
        sim.send("POST", "/api/ariel/searches", &[("SEC", token), kind], &body)
            .await
    };
    let foreign = create("a", "SELECT sourceip FROM events WHERE INOFFENSE(2) START 0 STOP 9999").await;
    assert_eq!(foreign.refusal(), (422, 2000));
    assert!(
        foreign.json["message"]
            .as_str()
            .unwrap()
            .contains("InOffense function: Error loading Offense")
    );
    let own = create(
        "a",
        "SELECT sourceip FROM events INTO mine WHERE INOFFENSE(1) START 0 STOP 9999",
    )
    .await;
    assert_eq!(own.status, 201, "{}", own.text);
    sim.send("GET", "/api/ariel/searches/mine", &[("SEC", "a")], "").await;
    let rows = sim
        .send("GET", "/api/ariel/searches/mine/results", &[("SEC", "a")], "")
        .await;
    assert_eq!(
        rows.json,
        json!({"events": [{"sourceip": "192.0.2.1"}]}),
        "the event of domain 2 stays out"
    );
    assert_eq!(
        sim.send("GET", "/api/ariel/searches/mine", &[("SEC", "b")], "")
            .await
            .refusal(),
        (404, 1002)
    );
    assert_eq!(
        sim.send("GET", "/api/ariel/searches", &[("SEC", "b")], "").await.json,
        json!([])
    );
    // The name is taken all the same: ids are per console.
    let taken = create(
        "b",
        "SELECT sourceip FROM events INTO mine WHERE INOFFENSE(2) START 0 STOP 9999",
    )
    .await;
    assert_eq!(taken.refusal(), (409, 1004));
}

#[tokio::test]
async fn a_token_can_read_itself_and_a_customer_sees_little_of_its_domain() {
    let sim = sim(&json!({}));
    let own = "/api/config/access/authorized_services?current_authorized_service=true";
    let service = sim.send("GET", own, &[("SEC", "a")], "").await;
    assert_eq!(service.ids().len(), 1);
    assert_eq!(service.json[0]["label"], "customer-a");
    assert_eq!(service.json[0]["expiration_date"], 9_999_999_999_999_i64);
    assert_eq!(service.json[0]["token"], Value::Null);
    let profile = "/api/config/access/security_profiles?current_security_profile=true";
    assert_eq!(
        sim.send("GET", profile, &[("SEC", "a")], "").await.json[0]["domain_ids"],
        json!([1])
    );
    assert_eq!(sim.get(profile).await.json[0]["domain_ids"], json!([0, 1, 2]));
    let domain = sim
        .send("GET", "/api/config/domain_management/domains/1", &[("SEC", "a")], "")
        .await;
    assert_eq!(
        (&domain.json["name"], &domain.json["description"]),
        (&json!("A"), &Value::Null)
    );
    assert_eq!(
        sim.get("/api/config/domain_management/domains/1").await.json["description"],
        "secret"
    );
    assert_eq!(
        sim.send("GET", "/api/config/domain_management/domains/2", &[("SEC", "a")], "")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn tokens_with_the_same_label_keep_their_own_scope() {
    let sim = Sim::new(json!({
        "tokens": [{"token": "x", "domain_ids": [1]}, {"token": "y", "domain_ids": [2]}],
        "events": [{"starttime": 1000, "domainid": 1}, {"starttime": 2000, "domainid": 2}],
        "ariel": {"polls_until_done": 0},
    }));
    for (token, time) in [("x", 1000), ("y", 2000)] {
        let query = super::support::encode(&[("query_expression", "SELECT starttime FROM events START 0 STOP 9999")]);
        let uri = format!("/api/ariel/searches?{query}");
        let made = sim.send("POST", &uri, &[("SEC", token)], "").await;
        let id = made.json["search_id"].as_str().unwrap();
        let path = format!("/api/ariel/searches/{id}/results");
        let rows = sim.send("GET", &path, &[("SEC", token)], "").await;
        assert_eq!(rows.json, json!({"events": [{"starttime": time}]}));
    }
}
