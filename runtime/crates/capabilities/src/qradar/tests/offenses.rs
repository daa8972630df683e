//! Is every offense listed exactly once, whatever the page sizes, and is what is odd named as such?

use serde_json::json;
use synapse_sim::start::Simulator;

use super::super::client::Client;
use super::super::permission::Domains;
use super::console::{ANY, asked, client, client_with, console, fault, last_asked, offenses, options};
use crate::bindings::synapse::qradar::offenses::{Offense, OffenseFilter, Status};
use crate::bindings::synapse::workflow::types::Error;

/// Follows the cursor to the end.
async fn all(client: &Client, filter: &OffenseFilter) -> (Vec<Offense>, usize) {
    let (mut found, mut pages, mut cursor) = (Vec::new(), 0, None);
    loop {
        let page = client.offenses(filter, cursor.as_deref(), &Domains::All).await.unwrap();
        found.extend(page.offenses);
        pages += 1;
        cursor = page.next;
        if cursor.is_none() {
            return (found, pages);
        }
    }
}

fn ids(offenses: &[Offense]) -> Vec<u64> {
    offenses.iter().map(|offense| offense.id).collect()
}

fn hide_totals(console: &Simulator) {
    fault(
        console,
        json!({"path": "/siem/offenses"}),
        json!({"headers": {"content-range": "hidden"}}),
        -1,
    );
}

#[tokio::test]
async fn d39_no_offense_is_lost_or_doubled_around_one_page() {
    for (count, pages) in [(0, 1), (99, 1), (100, 1), (101, 2), (250, 3)] {
        let console = console(json!({"offenses": offenses(1..=count)})).await;
        let (found, asked) = all(&client(&console), &ANY).await;
        assert_eq!(ids(&found), (1..=count).collect::<Vec<_>>(), "{count} offenses");
        assert_eq!(asked, pages, "{count} offenses: the total says where the end is");
    }
}

#[tokio::test]
async fn d39_the_same_holds_where_the_console_gives_no_total() {
    for count in [99, 100, 101, 200] {
        let console = console(json!({"offenses": offenses(1..=count)})).await;
        hide_totals(&console);
        let (found, _) = all(&client(&console), &ANY).await;
        assert_eq!(ids(&found), (1..=count).collect::<Vec<_>>(), "{count} offenses");
    }
}

#[tokio::test]
async fn d40_the_filter_is_in_every_page_and_text_of_any_script_arrives() {
    let mut rows = offenses(1..=150);
    rows.iter_mut()
        .step_by(5)
        .for_each(|row| row["status"] = json!("CLOSED"));
    let console = console(json!({"offenses": rows})).await;
    let filter = OffenseFilter {
        status: Some(Status::Open),
        min_magnitude: Some(5),
        ..ANY
    };
    let (found, pages) = all(&client(&console), &filter).await;
    assert_eq!((found.len(), pages), (120, 2));
    assert!(found.iter().all(|offense| offense.status == Status::Open));
    assert!(
        last_asked(&console, "/siem/offenses").contains("status%20%3D%20OPEN"),
        "the second page is filtered as well"
    );
    assert_eq!(
        found[0].description.as_deref(),
        Some("Anmeldung fehlgeschlagen: Jürgen 日本 2\n")
    );
    assert_eq!(found[0].event_count, 13_961_944_000);
    assert_eq!(
        found[0].link,
        "https://siem.example/console/do/sem/offensesummary?appName=Sem&pageId=OffenseSummary&summaryId=2"
    );
}

#[tokio::test]
async fn d40_a_cursor_of_another_filter_starts_the_list_again() {
    let console = console(json!({"offenses": offenses(1..=101)})).await;
    let client = client(&console);
    let next = client.offenses(&ANY, None, &Domains::All).await.unwrap().next.unwrap();
    let filter = OffenseFilter {
        status: Some(Status::Open),
        ..ANY
    };
    assert_eq!(
        client.offenses(&filter, Some(&next), &Domains::All).await,
        Err(Error::ResyncRequired)
    );
}

#[tokio::test]
async fn broken_utf_8_in_one_text_does_not_hide_the_page() {
    // As `from_slice` would refuse it: a lone continuation byte. Checked at the parser, a JSON fault cannot carry it.
    let response = crate::egress::Response {
        status: 200,
        headers: http::HeaderMap::new(),
        body: b"[{\"id\":1,\"description\":\"a\x80b\"}]".as_slice().into(),
    };
    let rows: Vec<serde_json::Value> = super::super::client::parse(&response).unwrap();
    assert_eq!(rows[0]["description"], "a\u{fffd}b");
}

#[tokio::test]
async fn d44_a_list_names_its_fields_and_its_range() {
    let console = console(json!({"offenses": offenses(1..=3)})).await;
    all(&client(&console), &ANY).await;
    let path = last_asked(&console, "/siem/offenses");
    assert!(
        path.contains("fields=id%2Cdescription") && path.contains("sort=%2Bid"),
        "{path}"
    );
    let requests = console.control.requests(0);
    let list = requests
        .iter()
        .find(|request| request.path.contains("/siem/offenses"))
        .unwrap();
    assert!(list.headers.iter().any(|name| name == "range") && !list.headers.iter().any(|name| name == "content-type"));
}

#[tokio::test]
async fn an_offense_that_appears_while_pages_are_read_shifts_nothing() {
    let console = console(json!({"offenses": offenses(1..=150)})).await;
    let client = client(&console);
    let first = client.offenses(&ANY, None, &Domains::All).await.unwrap();
    console
        .target
        .load(json!({"offenses": offenses((1..=150).chain([1_000]).filter(|id| *id != 7))}))
        .unwrap();
    let second = client
        .offenses(&ANY, first.next.as_deref(), &Domains::All)
        .await
        .unwrap();
    assert_eq!(ids(&second.offenses), (101..=150).chain([1_000]).collect::<Vec<_>>());
}

#[tokio::test]
async fn ids_are_asked_in_one_request_and_no_ids_in_none() {
    let console = console(json!({"offenses": offenses(1..=150)})).await;
    let client = client(&console);
    let filter = OffenseFilter {
        ids: Some(vec![149, 3, 9_999]),
        ..ANY
    };
    assert_eq!(ids(&all(&client, &filter).await.0), [3, 149]);
    let before = console.control.requests(0).len();
    let none = OffenseFilter {
        ids: Some(Vec::new()),
        ..ANY
    };
    assert_eq!(all(&client, &none).await.0, []);
    assert_eq!(console.control.requests(0).len(), before);
}

/// Threat row 68.
#[tokio::test]
async fn a_list_that_repeats_or_reorders_itself_is_an_error_and_no_endless_loop() {
    let console = console(json!({"offenses": offenses(1..=5)})).await;
    let client = client(&console);
    let page =
        |ids: &[u64]| json!({"body": offenses(ids.iter().copied()), "headers": {"content-range": "items 0-1/900"}});
    fault(&console, json!({"path": "/siem/offenses"}), page(&[3, 4]), 2);
    let next = client.offenses(&ANY, None, &Domains::All).await.unwrap().next;
    let repeated = client.offenses(&ANY, next.as_deref(), &Domains::All).await;
    assert!(matches!(repeated, Err(Error::Other(error)) if error.code == "upstream-inconsistent"));
    fault(&console, json!({"path": "/siem/offenses"}), page(&[5, 4]), 1);
    let reordered = client.offenses(&ANY, None, &Domains::All).await;
    assert!(matches!(reordered, Err(Error::Other(error)) if error.code == "upstream-inconsistent"));
    fault(
        &console,
        json!({"path": "/siem/offenses"}),
        json!({"body": [], "headers": {"content-range": "items */900"}}),
        1,
    );
    assert_eq!(client.offenses(&ANY, None, &Domains::All).await.unwrap().next, None);
}

#[tokio::test]
async fn a_page_that_is_cut_off_or_too_large_is_asked_in_halves() {
    let console = console(json!({"offenses": offenses(1..=100)})).await;
    let cut = json!({"status": 200, "raw_body": r#"[{"id":1,"descr{"http_response":{"code":500},"code":13}"#});
    fault(&console, json!({"path": "/siem/offenses"}), cut, 2);
    let client = client(&console);
    let page = client.offenses(&ANY, None, &Domains::All).await.unwrap();
    assert_eq!(ids(&page.offenses), (1..=25).collect::<Vec<_>>());
    let rest = client
        .offenses(&ANY, page.next.as_deref(), &Domains::All)
        .await
        .unwrap();
    assert_eq!(ids(&rest.offenses), (26..=100).collect::<Vec<_>>());
    assert_eq!(rest.next, None);
}

#[tokio::test]
async fn a_page_too_large_for_the_journal_is_cut_before_an_offense_and_goes_on_there() {
    let mut rows = offenses(1..=100);
    for row in &mut rows {
        row["description"] = json!("x".repeat(20_000));
        row["log_sources"] = (0..200)
            .map(|id| json!({"id": id, "name": "n".repeat(200), "type_name": "t"}))
            .collect();
    }
    let console = console(json!({"offenses": rows})).await;
    let (found, pages) = all(&client(&console), &ANY).await;
    assert_eq!(ids(&found), (1..=100).collect::<Vec<_>>());
    assert!(pages > 1);
}

#[tokio::test]
async fn one_offense_is_found_or_not() {
    let console = console(json!({"offenses": offenses([42])})).await;
    let client = client(&console);
    let offense = client.offense(42, &Domains::All).await.unwrap();
    assert_eq!(
        (
            offense.id,
            offense.rule_ids.as_slice(),
            offense.source_address_ids.as_slice()
        ),
        (42, [100_056].as_slice(), [1, 2].as_slice())
    );
    assert_eq!(client.offense(43, &Domains::All).await, Err(Error::NotFound));
    let before = console.control.requests(0).len();
    assert_eq!(client.offense(u64::MAX, &Domains::All).await, Err(Error::NotFound));
    assert_eq!(console.control.requests(0).len(), before, "no such id can exist");
}

/// Threat row 65.
#[tokio::test]
async fn an_answer_about_another_offense_is_refused() {
    let console = console(json!({"offenses": offenses([42])})).await;
    fault(
        &console,
        json!({"path": "/siem/offenses/42"}),
        json!({"body": offenses([41])[0]}),
        1,
    );
    let swapped = client(&console).offense(42, &Domains::All).await;
    assert!(matches!(swapped, Err(Error::Other(error)) if error.code == "upstream-inconsistent"));
}

#[tokio::test]
async fn a_web_page_instead_of_json_is_unavailable_with_any_status() {
    let console = console(json!({"offenses": offenses([42])})).await;
    let client = client(&console);
    for status in [200, 404, 503] {
        let page =
            json!({"status": status, "raw_body": "<html>Starting</html>", "headers": {"content-type": "text/html"}});
        fault(&console, json!({"path": "/siem/offenses/42"}), page, 1);
        assert!(
            matches!(client.offense(42, &Domains::All).await, Err(Error::Unavailable(why)) if why.contains("web page"))
        );
    }
}

#[tokio::test]
async fn a_refused_token_and_a_missing_capability_are_told_apart() {
    let tokens = json!([{"token": "weak-token", "label": "weak", "capabilities": ["log_activity"]}]);
    let console = console(json!({"offenses": offenses([42]), "tokens": tokens})).await;
    let wrong = client(&console).offense(42, &Domains::All).await;
    assert_eq!(wrong, Err(Error::Unauthenticated));
    assert_eq!(
        asked(&console, "GET", "/siem/offenses"),
        0,
        "the version is asked for first"
    );
    let weak = client_with(&console, "weak-token", options())
        .offense(42, &Domains::All)
        .await;
    assert!(matches!(weak, Err(Error::Other(error)) if error.code == "forbidden" && error.message.contains("403/26")));
}
