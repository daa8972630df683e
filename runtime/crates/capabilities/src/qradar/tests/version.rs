//! Is the API version found, pinned, and found again after an upgrade?

use serde_json::json;

use super::super::client::Options;
use super::super::permission::Domains;
use super::console::{ANY, asked, client, client_with, console, offenses, options};
use crate::bindings::synapse::workflow::types::Error;

#[tokio::test]
async fn the_version_is_asked_for_once_and_sent_with_every_other_call() {
    let console = console(json!({"offenses": offenses(1..=3)})).await;
    let client = client(&console);
    assert!(console.control.requests(0).is_empty(), "making a client asks nothing");
    let (one, two) = tokio::join!(client.offense(1, &Domains::All), client.offense(2, &Domains::All));
    assert!(one.is_ok() && two.is_ok());
    client.offenses(&ANY, None, &Domains::All).await.unwrap();
    assert_eq!(asked(&console, "GET", "/help/versions"), 1);
    for request in console.control.requests(0) {
        let expected = if request.path.contains("/help/versions") {
            None
        } else {
            Some("26.0")
        };
        assert_eq!(request.version.as_deref(), expected, "{}", request.path);
        assert!(request.headers.iter().any(|name| name == "accept"));
    }
}

#[tokio::test]
async fn a_newer_console_is_asked_in_the_newest_version_that_was_tested() {
    let console = console(json!({"console": {"version": "29.0"}, "offenses": offenses([1])})).await;
    client(&console).offense(1, &Domains::All).await.unwrap();
    assert_eq!(
        console.control.requests(0).last().unwrap().version.as_deref(),
        Some("26.0")
    );
}

#[tokio::test]
async fn the_operators_version_is_used_without_asking_and_an_unknown_one_is_unsupported() {
    let console = console(json!({"offenses": offenses([1])})).await;
    let fixed = |version: &str| {
        client_with(
            &console,
            "sim-token",
            Options {
                version: Some(version.to_owned()),
                ..options()
            },
        )
    };
    assert!(fixed("20.0").offense(1, &Domains::All).await.is_ok());
    for version in ["322.0123", "3.0"] {
        assert!(
            matches!(fixed(version).offense(1, &Domains::All).await, Err(Error::Unsupported(why)) if why.contains(version))
        );
    }
    assert_eq!(asked(&console, "GET", "/help/versions"), 0);
}

#[tokio::test]
async fn a_console_that_is_too_old_is_unsupported_and_says_what_to_do() {
    let console = console(json!({"console": {"version": "12.0"}})).await;
    let refused = client(&console).offense(1, &Domains::All).await;
    assert!(matches!(refused, Err(Error::Unsupported(why)) if why.contains("12.0 at most") && why.contains("15.0")));
}

#[tokio::test]
async fn after_an_upgrade_that_removed_the_version_the_next_call_finds_another() {
    let console = console(json!({"offenses": offenses([1])})).await;
    let client = client(&console);
    client.offense(1, &Domains::All).await.unwrap();
    console
        .target
        .load(json!({"console": {"version": "40.0", "strict": true}, "offenses": offenses([1])}))
        .unwrap();
    assert!(matches!(
        client.offense(1, &Domains::All).await,
        Err(Error::Unsupported(_))
    ));
    client.offense(1, &Domains::All).await.unwrap();
    assert_eq!(
        console.control.requests(0).last().unwrap().version.as_deref(),
        Some("38.0")
    );
}

#[tokio::test]
async fn a_discovery_that_failed_is_repeated_by_the_next_call() {
    let console = console(json!({"offenses": offenses([1])})).await;
    let client = client(&console);
    super::console::fault(
        &console,
        json!({"path": "/help/versions"}),
        json!({"drop_response": true}),
        1,
    );
    assert!(matches!(
        client.offense(1, &Domains::All).await,
        Err(Error::Unavailable(_))
    ));
    assert!(client.offense(1, &Domains::All).await.is_ok());
}
