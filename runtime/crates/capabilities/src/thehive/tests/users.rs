//! Who are the users of the organisation, and of no other (G9)?

use serde_json::json;

use super::{KEY, Lab};
use crate::thehive::client::Options;
use crate::thehive::{CurrentUser, ListUsers};

#[tokio::test]
async fn users_of_other_organisations_are_not_shown_even_to_an_administrator_of_the_platform() {
    let users = json!([
        {"login": "synapse@soc.test", "key": KEY, "organisations": ["soc", "admin"]},
        {"login": "analyst@soc.test", "name": "An Analyst", "organisations": ["soc"]},
        {"login": "gone@soc.test", "organisations": ["soc"], "locked": true},
        {"login": "foreign@other.test", "organisations": ["other"]},
    ]);
    let lab = Lab::with(
        json!({"organisations": ["soc", "other"], "users": users}),
        Options::default(),
    )
    .await;
    let listed = lab.ask(&ListUsers {}).await.unwrap();
    let mut logins: Vec<(&str, bool)> = listed.iter().map(|user| (user.login.as_str(), user.locked)).collect();
    logins.sort_unstable();
    let expected = [
        ("analyst@soc.test", false),
        ("gone@soc.test", true),
        ("synapse@soc.test", false),
    ];
    assert_eq!(logins, expected);
    let own = lab.ask(&CurrentUser {}).await.unwrap();
    assert_eq!(own.login, "synapse@soc.test");
    // What a server says of a foreign user is not handed on, whatever its list holds.
    let foreign = json!([{"login": "foreign@other.test", "name": "x", "organisation": "other", "organisations": [{"organisation": "other"}]}]);
    lab.fault("POST", "/api/v1/query*", &json!({"body": foreign}));
    assert_eq!(lab.ask(&ListUsers {}).await, Ok(Vec::new()));
}
