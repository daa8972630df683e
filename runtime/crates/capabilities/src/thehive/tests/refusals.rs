//! Is every "no" of the server's told apart (contract section 4)?

use crate::gate::observed::CarryOutRead as _;
use serde_json::json;
use synapse_domain::permission::Scopes;

use super::{KEY, Lab, alert, effect, egress};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Certainty;
use crate::thehive::ObservableTypes;
use crate::thehive::client::{Client, Options};

#[tokio::test]
async fn each_status_of_a_write_has_its_error_and_its_certainty() {
    use Certainty::{Refused, Unknown};
    let error = |kind: &str, message: &str| json!({"type": kind, "message": message});
    let cases = [
        (json!({"status": 401}), "Unauthenticated", Refused),
        (
            json!({"status": 402, "body": error("MultiFactorCodeRequired", "x")}),
            "Unauthenticated",
            Refused,
        ),
        (
            json!({"status": 403, "body": error("AuthorizationError", "no manageAlert")}),
            "code: \"forbidden\", message: \"no manageAlert\"",
            Refused,
        ),
        (json!({"status": 404}), "NotFound", Refused),
        (json!({"status": 413}), "TooLarge(", Refused),
        (
            json!({"status": 429, "headers": {"retry-after": "7"}}),
            "RateLimited(7000)",
            Refused,
        ),
        (json!({"status": 429}), "RateLimited(1000)", Refused),
        (
            json!({"status": 400, "body": error("AttributeCheckingError", "bad\ntlp")}),
            "code: \"AttributeCheckingError\", message: \"bad tlp\"",
            Refused,
        ),
        (
            json!({"status": 400, "raw_body": "<html>"}),
            "code: \"http-400\"",
            Refused,
        ),
        (json!({"status": 302}), "redirect", Unknown),
        (json!({"status": 408, "raw_body": ""}), "http-408", Unknown),
        (json!({"status": 500}), "Unavailable(", Unknown),
        (json!({"status": 502}), "Unavailable(", Unknown),
        (json!({"status": 520}), "Unavailable(", Unknown),
    ];
    for (action, shown, certainty) in cases {
        let lab = Lab::start().await;
        lab.fault("POST", "/api/v1/alert", &action);
        let failure = lab.create(&alert("1"), &effect("one", false)).await.unwrap_err();
        assert_eq!(failure.certainty, certainty, "{action}: {failure:?}");
        assert!(format!("{:?}", failure.error).contains(shown), "{action}: {failure:?}");
        assert_eq!(lab.effects(), 0);
    }
}

#[tokio::test]
async fn a_wrong_key_is_unauthenticated_for_reads_as_well() {
    let lab = Lab::start().await;
    let wrong = Client::new(egress(&lab.sim.url(), "canary-wrong-key"), Options::default());
    let answer = ObservableTypes {}.carry_out(&wrong, &Scopes::new()).await;
    assert_eq!(answer, Err(Error::Unauthenticated));
}

#[tokio::test]
async fn row_34_an_echoed_credential_and_an_endless_message_do_not_reach_the_guest() {
    let lab = Lab::start().await;
    let echo = json!({"status": 500, "body": {"type": KEY, "message": format!("Bearer {KEY} {}", "x".repeat(10_000))}});
    lab.fault("POST", "/api/v1/alert", &echo);
    let failure = lab.create(&alert("1"), &effect("one", false)).await.unwrap_err();
    let shown = format!("{failure:?}");
    assert!(
        !shown.contains(KEY) && shown.contains("[redacted]") && shown.len() < 600,
        "{shown}"
    );
    let echo = json!({"status": 400, "body": {"type": KEY, "message": ""}});
    lab.fault("POST", "/api/v1/alert", &echo);
    let failure = lab.create(&alert("1"), &effect("one", false)).await.unwrap_err();
    assert!(!format!("{failure:?}").contains(KEY), "{failure:?}");
}

#[tokio::test]
async fn a_web_page_instead_of_json_asks_whether_the_url_is_right() {
    let lab = Lab::start().await;
    let page =
        json!({"status": 200, "raw_body": "<html>canary-login</html>", "headers": {"content-type": "text/html"}});
    for path in ["/api/status", "/api/v1/status/public"] {
        lab.fault("GET", path, &page);
    }
    let answer = ObservableTypes {}
        .carry_out(&lab.client, &Scopes::new())
        .await
        .unwrap_err();
    let shown = format!("{answer:?}");
    assert!(
        shown.contains("text/html") && shown.contains("URL") && !shown.contains("canary"),
        "{shown}"
    );
}
