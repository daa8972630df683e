//! Which rows and column names does the AQL subset give, and what does it refuse? (contract 4)

use serde_json::{Value, json};

use super::support::{Sim, offense};

fn sim() -> Sim {
    let event = |n: i64, more: Value| {
        let mut event = json!({"offense_id": 1, "starttime": 1000 * n, "sourceip": "10.0.0.1", "eventcount": n,
            "payload": format!("päy {n}"), "qidname": "Login", "logsourcename": "ad @ dc1", "rulenames": ["r1", "r2"]});
        for (name, value) in more.as_object().unwrap() {
            event[name] = value.clone();
        }
        event
    };
    Sim::new(json!({
        "offenses": [offense(1, json!({})), offense(2, json!({}))],
        "domains": [{"id": 0, "name": ""}, {"id": 7, "name": "Seven"}],
        "events": [
            event(1, json!({"destinationip": "10.0.0.9", "username": "o'neil"})),
            event(2, json!({"destinationip": "203.0.113.5", "My Property": "x"})),
            event(3, json!({"destinationip": "203.0.113.5", "domainid": 7})),
            event(4, json!({"destinationip": "203.0.113.6", "offense_id": 2})),
        ],
    }))
}

#[tokio::test]
async fn queries_give_the_expected_rows() {
    let sim = sim();
    let table = [
        (
            "SELECT eventcount FROM events WHERE INOFFENSE(1) START 0 STOP 9999",
            json!([{"eventcount": 3}, {"eventcount": 2}, {"eventcount": 1}]),
        ),
        (
            "select EventCount as n from EVENTS where inoffense('1') limit 1 start 0 stop 9999",
            json!([{"n": 3}]),
        ),
        (
            "SELECT eventcount AS 'n' FROM events WHERE INOFFENSE(1) START 2000 STOP 3000",
            json!([{"n": 3}, {"n": 2}]),
        ),
        (
            "SELECT eventcount AS n FROM events WHERE INOFFENSE(1) AND domainid = 7 START 0",
            json!([{"n": 3}]),
        ),
        (
            "SELECT eventcount AS n FROM events WHERE INOFFENSE(1) AND NOT domainid = 7 START 0",
            json!([{"n": 2}, {"n": 1}]),
        ),
        (
            "SELECT eventcount AS n FROM events WHERE (INOFFENSE(1) OR INOFFENSE(2)) AND eventcount BETWEEN 2 AND 4 START 0",
            json!([{"n": 4}, {"n": 3}, {"n": 2}]),
        ),
        (
            "SELECT eventcount AS n FROM events WHERE username = 'o''neil' START 0",
            json!([{"n": 1}]),
        ),
        (
            "SELECT eventcount AS n FROM events WHERE username ILIKE 'O%' START 0",
            json!([{"n": 1}]),
        ),
        (
            "SELECT eventcount AS n FROM events WHERE INOFFENSE(1) AND username IS NULL START 0",
            json!([{"n": 3}, {"n": 2}]),
        ),
        (
            "SELECT eventcount AS n FROM events WHERE destinationip IN ('203.0.113.6', '1.1.1.1') START 0",
            json!([{"n": 4}]),
        ),
        (
            "SELECT eventcount AS n FROM events WHERE INOFFENSE(1) AND NOT INCIDR('10.0.0.0/8', destinationip) START 0",
            json!([{"n": 3}, {"n": 2}]),
        ),
        (
            "SELECT eventcount AS n FROM events WHERE UTF8(payload) LIKE '%2' START 0",
            json!([{"n": 2}]),
        ),
        (
            "SELECT \"My Property\" AS p FROM events WHERE INOFFENSE(1) AND starttime = 2000 START 0",
            json!([{"p": "x"}]),
        ),
        (
            "SELECT destinationip AS 'ip', COUNT(*) AS 'events', SUM(eventcount) AS 'n' FROM events WHERE INOFFENSE(1) GROUP BY destinationip ORDER BY n DESC LIMIT 5 START 0 STOP 9999",
            json!([{"ip": "203.0.113.5", "events": 2.0, "n": 5.0}, {"ip": "10.0.0.9", "events": 1.0, "n": 1.0}]),
        ),
        (
            "SELECT destinationip AS ip FROM events WHERE INOFFENSE(1) GROUP BY ip ORDER BY SUM(eventcount) ASC START 0",
            json!([{"ip": "10.0.0.9"}, {"ip": "203.0.113.5"}]),
        ),
        (
            "SELECT eventcount AS n FROM events WHERE INOFFENSE(1) ORDER BY eventcount ASC LIMIT 2 START 0",
            json!([{"n": 1}, {"n": 2}]),
        ),
        (
            "SELECT COUNT(*) AS n, MIN(starttime) AS a, MAX(starttime) AS b, AVG(eventcount) AS c, UNIQUECOUNT(destinationip) AS d FROM events WHERE INOFFENSE(1) START 0",
            json!([{"n": 3.0, "a": 1000.0, "b": 3000.0, "c": 2.0, "d": 2.0}]),
        ),
        (
            "SELECT COUNT(*) AS n FROM events WHERE INOFFENSE(1) START 8000 STOP 9000",
            json!([{"n": 0.0}]),
        ),
        ("SELECT eventcount FROM events WHERE INOFFENSE(1)", json!([])),
        (
            "SELECT eventcount AS n FROM events WHERE INOFFENSE(1) LIMIT 1 START '1970-01-01 00:00' STOP '1970-01-01 00:00:02' PARAMETERS EXECUTIONTIMELIMIT=30000",
            json!([{"n": 2}]),
        ),
    ];
    for (query, expected) in table {
        assert_eq!(sim.rows(query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn result_columns_follow_the_recorded_naming_rules() {
    let sim = sim();
    let query = "SELECT QIDNAME(qid), LOGSOURCENAME(logsourceid), UTF8(payload), DATEFORMAT(starttime,'yyyy-MM-dd'), sourceMAC, RULENAME(\"creEventList\"), DOMAINNAME(domainid) FROM events WHERE INOFFENSE(1) LIMIT 1 START 0 STOP 9999";
    let row = json!({
        "qidname_qid": "Login", "logsourcename_logsourceid": "ad @ dc1", "utf8_payload": "päy 3",
        "dateformat_starttime_yyyy_MM_dd": "1970-01-01", "sourceMAC": "00:00:00:00:00:00",
        "rulename_creEventList": ["r1", "r2"], "domainname_domainid": "Seven",
    });
    assert_eq!(sim.rows(query).await, json!([row]));
    let grouped = "SELECT sourceip, destinationip, COUNT(*), SUM(eventcount) FROM events WHERE INOFFENSE(2) GROUP BY sourceip START 0";
    let row =
        json!({"sourceip": "10.0.0.1", "FIRST_destinationip": "203.0.113.6", "COUNT": 1.0, "SUM_eventcount": 4.0});
    assert_eq!(sim.rows(grouped).await, json!([row]));
}

#[tokio::test]
async fn what_is_not_understood_is_422_2000_with_the_text_in_both_fields() {
    let sim = sim();
    let table = [
        (
            "SELECT DISTINCT sourceip FROM events START 0",
            "Field \"DISTINCT\" does not exist in catalog \"events\"",
        ),
        (
            "SELECT nope FROM events START 0",
            "Field \"nope\" does not exist in catalog \"events\"",
        ),
        (
            "SELECT sourceip FROM events WHERE nope = 1 START 0",
            "Field \"nope\" does not exist in catalog \"events\"",
        ),
        (
            "SELECT sourceip FROM events WHERE payload LIKE '%x%' START 0",
            "Wrong argument type: \"byte[]\". \"String\" is required.",
        ),
        (
            "SELECT LOWER(payload) FROM events START 0",
            "Wrong argument type: \"byte[]\". \"String\" is required.",
        ),
        (
            "SELECT sourceip FROM events WHERE INOFFENSE(99) START 0",
            "InOffense function: Error loading Offense",
        ),
        (
            "SELECT NOPE(sourceip) FROM events START 0",
            "Function \"NOPE\" does not exist",
        ),
        ("SELECT QIDNAME(sourceip) FROM events START 0", "QIDNAME"),
        ("SELECT sourceip FROM assets", "assets"),
        ("DELETE FROM events", "near \"DELETE"),
        ("SELECT sourceip FROM events; SELECT 1", "near \";"),
        (
            "SELECT sourceip FROM events WHERE INOFFENSE(1) START 0 LIMIT 5",
            "near \"LIMIT",
        ),
        (
            "SELECT sourceip FROM events WHERE INOFFENSE(1) ORDER BY 'sourceip' START 0",
            "near \"'sourceip",
        ),
        (
            "SELECT sourceip FROM events WHERE username = 'open START 0",
            "near \"'open",
        ),
        (
            "SELECT sourceip FROM events WHERE sourceip = (SELECT x FROM events)",
            "syntax error",
        ),
        (
            "SELECT sourceip FROM events WHERE INCIDR('10.0.0.0/99', sourceip) START 0",
            "CIDR",
        ),
        ("SELECT sourceip FROM events LIMIT -1 START 0", "syntax error"),
        ("", "syntax error"),
    ];
    for (query, text) in table {
        let answer = sim.form("/api/ariel/searches", &[("query_expression", query)]).await;
        assert_eq!(answer.refusal(), (422, 2000), "{query}: {}", answer.text);
        assert_eq!(answer.json["message"], answer.json["description"]);
        assert!(
            answer.json["message"].as_str().unwrap().contains(text),
            "{query}: {}",
            answer.json["message"]
        );
        if !query.is_empty() {
            let checked = sim
                .form("/api/ariel/validators/aql", &[("query_expression", query)])
                .await;
            assert_eq!(checked.json["error_messages"][0]["severity"], "ERROR", "{query}");
        }
    }
    assert!(sim.effects().is_empty());
    for nested in [
        format!("SELECT {}", "LOWER(".repeat(500)),
        format!("SELECT a FROM events WHERE {}", "NOT ".repeat(500)),
    ] {
        let answer = sim.form("/api/ariel/searches", &[("query_expression", &nested)]).await;
        assert_eq!(answer.refusal(), (422, 2000), "hostile nesting");
    }
}

#[tokio::test]
async fn a_valid_query_has_no_error_messages_and_databases_list_their_columns() {
    let sim = sim();
    let valid = [("query_expression", "SELECT sourceip FROM events START 0")];
    assert_eq!(
        sim.form("/api/ariel/validators/aql", &valid).await.json,
        json!({"error_messages": []})
    );
    assert_eq!(sim.get("/api/ariel/databases").await.json[0], "events");
    let columns = sim.get("/api/ariel/databases/events").await.json;
    let names: Vec<&str> = columns["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"destinationip") && names.contains(&"My Property"));
    assert_eq!(sim.get("/api/ariel/databases/nope").await.refusal(), (404, 1002));
}

#[tokio::test]
async fn the_recorded_query_of_a_public_client_is_understood() {
    let sim = sim();
    let query = "SELECT QIDNAME(qid), LOGSOURCENAME(logsourceid), CATEGORYNAME(highlevelcategory), CATEGORYNAME(category), PROTOCOLNAME(protocolid), sourceip, sourceport, destinationip, destinationport, QIDDESCRIPTION(qid), username, PROTOCOLNAME(protocolid), RULENAME(\"creEventList\"), sourcegeographiclocation, sourceMAC, sourcev6, destinationgeographiclocation, destinationv6, LOGSOURCETYPENAME(devicetype), credibility, severity, magnitude, eventcount, eventDirection, postNatDestinationIP, postNatDestinationPort, postNatSourceIP, postNatSourcePort, preNatDestinationPort, preNatSourceIP, preNatSourcePort, UTF8(payload), starttime, devicetime  FROM events WHERE INOFFENSE(2)  limit 20 START 1000";
    let rows = sim.rows(query).await;
    let row = rows[0].as_object().unwrap();
    for name in [
        "qidname_qid",
        "categoryname_highlevelcategory",
        "categoryname_category",
        "qiddescription_qid",
        "protocolname_protocolid",
        "rulename_creEventList",
        "logsourcetypename_devicetype",
        "utf8_payload",
        "devicetime",
    ] {
        assert!(row.contains_key(name), "{name}");
    }
    assert_eq!(row["username"], Value::Null);
}

#[tokio::test]
async fn events_become_searchable_after_the_index_delay() {
    let mut state = json!({
        "offenses": [offense(1, json!({}))], "shift_to_now": true, "event_index_delay": 60_000,
        "events": [{"offense_id": 1, "starttime": 1_613_395_306_948_i64}],
    });
    let query = "SELECT COUNT(*) AS n FROM events WHERE INOFFENSE(1) START 0";
    let late = Sim::new(state.clone());
    assert_eq!(late.rows(query).await, json!([{"n": 0.0}]));
    late.control.set_clock_offset_ms(121_000);
    assert_eq!(late.rows(query).await, json!([{"n": 1.0}]));
    state["event_index_delay"] = json!(0);
    assert_eq!(Sim::new(state).rows(query).await, json!([{"n": 1.0}]));
}
