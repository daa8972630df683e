//! Who are the users of the organisation, and of no other (G9)?

use serde_json::json;

use super::{KEY, Lab};
use synapse_domain::run::How;

use super::effect;
use crate::bindings::synapse::thehive::users::NewUser;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Certainty;
use crate::thehive::client::Options;
use crate::thehive::{CreateUser, CurrentUser, GetUser, ListUsers};

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

#[tokio::test]
async fn a_user_is_made_once_and_a_login_that_is_taken_is_nobody_new() {
    let users = json!([
        {"login": "synapse@soc.test", "key": KEY, "organisations": ["soc"]},
        {"login": "analyst@soc.test", "name": "An Analyst", "organisations": ["soc"]},
        {"login": "foreign@other.test", "name": "New", "organisations": ["other"]},
    ]);
    let state = json!({"organisations": ["soc", "other"], "users": users});
    let lab = Lab::with(state, Options::default()).await;
    let new = |login: &str| CreateUser {
        user: NewUser {
            login: login.to_owned(),
            name: "New".to_owned(),
            profile: "analyst".to_owned(),
        },
    };
    let call = new("new@soc.test");
    lab.fault("POST", "/api/v1/user", &json!({"lie": "did_it", "status": 500}));
    let unknown = lab.send(&call, &effect("new", false)).await.unwrap_err();
    assert_eq!(unknown.certainty, Certainty::Unknown);
    let before = lab.effects();
    let settled = lab.send(&call, &effect("new", true)).await.unwrap();
    assert_eq!((settled.how, lab.effects()), (How::Adopted, before));
    assert_eq!(
        (settled.answer.name.as_str(), settled.answer.profile.as_str()),
        ("New", "analyst")
    );
    let read = lab
        .ask(&GetUser {
            login: "new@soc.test".to_owned(),
        })
        .await;
    assert_eq!(read, Ok(settled.answer));
    // The server would answer each of these with the user who is there.
    for taken in ["analyst@soc.test", "new@soc.test", "foreign@other.test"] {
        let refused = lab.send(&new(taken), &effect(taken, false)).await.unwrap_err();
        assert_eq!(
            (refused.error, refused.certainty),
            (Error::AlreadyExists(taken.to_owned()), Certainty::Refused)
        );
    }
}
