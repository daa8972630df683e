//! Do both families of endpoints show one set, with exactly their own status codes? (contract 3.5)

use serde_json::{Value, json};

use super::support::Sim;

fn sim() -> Sim {
    Sim::new(json!({
        "tokens": [{"token": "sim-token"}, {"token": "reader", "capabilities": ["view_reference_data"], "domain_ids": [3]}],
        "reference_sets": [{"name": "Users", "element_type": "ALNIC", "data": [{"value": "alice"}, {"value": "bob", "domain_id": 4}]}],
        "reference_maps": [{"name": "Hosts", "data": {"a": {"value": "1"}, "b": {"value": "2"}}}],
    }))
}

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

#[tokio::test]
async fn an_entry_is_201_when_made_200_when_updated_204_when_deleted_and_404_after_that() {
    let sim = sim();
    let path = "/api/reference_data_collections/set_entries";
    let body = json!({"collection_id": 1, "value": "Carol"}).to_string();
    let made = sim.send("POST", path, &JSON, &body).await;
    assert_eq!(
        (made.status, &made.json["value"]),
        (201, &json!("carol")),
        "{}",
        made.text
    );
    assert_eq!(sim.send("POST", path, &JSON, &body).await.status, 200);
    let one = format!("{path}/{}", made.json["id"]);
    let gone = sim.send("DELETE", &one, &[], "").await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    assert_eq!(sim.send("DELETE", &one, &[], "").await.refusal(), (404, 25_000));
    let methods: Vec<_> = sim.effects().into_iter().map(|effect| effect.method).collect();
    assert_eq!(methods, ["POST", "POST", "DELETE"]);
}

#[tokio::test]
async fn the_older_endpoints_say_200_404_1003_and_202() {
    let sim = sim();
    let path = "/api/reference_data/sets/Users";
    assert_eq!(sim.post(&format!("{path}?value=Carol")).await.status, 200);
    assert_eq!(sim.send("DELETE", &format!("{path}/carol"), &[], "").await.status, 200);
    assert_eq!(
        sim.send("DELETE", &format!("{path}/carol"), &[], "").await.refusal(),
        (404, 1003)
    );
    assert_eq!(sim.post(path).await.refusal(), (422, 8));
    assert_eq!(
        sim.post("/api/reference_data/sets/None?value=x").await.refusal(),
        (404, 1002)
    );
    assert_eq!(sim.send("DELETE", path, &[], "").await.status, 202);
    assert_eq!(
        sim.get("/api/reference_data_collections/sets/1").await.refusal(),
        (404, 15_000)
    );
}

#[tokio::test]
async fn a_segment_is_decoded_twice_where_it_still_looks_encoded() {
    let sim =
        Sim::new(json!({"reference_sets": [{"name": "a/b?c", "element_type": "ALN", "data": [{"value": "x#y"}]}]}));
    for once in ["a%2Fb%3Fc", "a%252Fb%253Fc"] {
        assert_eq!(
            sim.get(&format!("/api/reference_data/sets/{once}")).await.json["number_of_elements"],
            1
        );
    }
    let gone = sim
        .send("DELETE", "/api/reference_data/sets/a%252Fb%253Fc/x%2523y", &[], "")
        .await;
    assert_eq!(gone.status, 200, "{}", gone.text);
}

#[tokio::test]
async fn range_holds_for_the_values_and_twenty_come_without_one() {
    let data: Vec<Value> = (0..45).map(|n| json!({"value": format!("v{n}")})).collect();
    let sim = Sim::new(json!({"reference_sets": [{"name": "S", "element_type": "ALN", "data": data}]}));
    let path = "/api/reference_data/sets/S";
    assert_eq!(sim.get(path).await.json["data"].as_array().unwrap().len(), 20);
    let part = sim.send("GET", path, &[("range", "items=40-99")], "").await;
    assert_eq!(part.json["data"].as_array().unwrap().len(), 5);
    assert_eq!(
        (part.header("content-range"), &part.json["number_of_elements"]),
        (Some("items 40-44/45"), &json!(45))
    );
    let past = sim.send("GET", path, &[("range", "items=45-99")], "").await;
    assert_eq!(
        (past.header("content-range"), past.json.get("data")),
        (Some("items */45"), None)
    );
}

#[tokio::test]
async fn a_customers_token_sees_shared_values_and_its_own_and_changes_nothing() {
    let sim = sim();
    let reader = [("sec", "reader")];
    let listed = sim
        .send("GET", "/api/reference_data_collections/set_entries", &reader, "")
        .await;
    assert_eq!(listed.ids(), [1]);
    let old = sim.send("GET", "/api/reference_data/sets/Users", &reader, "").await;
    assert_eq!(old.json["number_of_elements"], 1);
    let refused = sim
        .send("POST", "/api/reference_data/sets/Users?value=x", &reader, "")
        .await;
    assert_eq!(refused.refusal(), (403, 26));
}

#[tokio::test]
async fn the_newer_endpoints_are_unknown_before_17_0() {
    let sim = sim();
    let path = "/api/reference_data_collections/sets";
    assert_eq!(sim.send("GET", path, &[("version", "16.0")], "").await.status, 404);
    assert_eq!(sim.send("GET", path, &[("version", "17.0")], "").await.status, 200);
    assert_eq!(sim.get(path).await.status, 200);
}

#[tokio::test]
async fn a_body_is_needed_has_to_be_json_and_its_fields_are_a_header() {
    let sim = sim();
    let path = "/api/reference_data_collections/set_entries";
    assert_eq!(sim.send("POST", path, &JSON, "").await.refusal(), (422, 10));
    assert_eq!(sim.send("POST", path, &JSON, "{").await.refusal(), (400, 1001));
    let body = json!({"collection_id": 1, "value": "dave"}).to_string();
    let made = sim.send("POST", path, &[JSON[0], ("fields", "value")], &body).await;
    assert_eq!(made.json, json!({"value": "dave"}));
}

#[tokio::test]
async fn a_map_shows_the_keys_of_its_range() {
    let sim = sim();
    let part = sim
        .send("GET", "/api/reference_data/maps/Hosts", &[("range", "items=1-5")], "")
        .await;
    assert_eq!(
        (&part.json["data"], part.header("content-range")),
        (&json!({"b": {"value": "2"}}), Some("items 1-1/2"))
    );
    assert_eq!(
        sim.get("/api/reference_data/maps").await.json[0]["number_of_elements"],
        2
    );
}
