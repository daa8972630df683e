//! Are offenses assigned, marked, protected and hidden by absolute values? (contract 3.1, 5)

use crate::gate::observed::{CarryOutRead as _, CarryOutWrite as _};
use serde_json::{Value, json};
use synapse_domain::permission::Scopes;
use synapse_domain::run::How;

use super::super::calls::{Assign, AssignableActors, CloseOffense, SetFollowUp, SetProtected, SetStatus};
use super::super::permission::DOMAIN;
use super::console::{client, console, fault, offenses};
use super::effects::{accepted, effect, offense, refusal, scope, send};
use crate::bindings::synapse::qradar::handling::Visibility;
use crate::bindings::synapse::qradar::offenses::Status;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Certainty;

fn state() -> Value {
    json!({"offenses": offenses([7]), "users": ["admin", "alice"]})
}

const FOLLOW_UP: SetFollowUp = SetFollowUp { id: 7, follow_up: true };

#[tokio::test]
async fn each_call_sets_one_field_and_nothing_else() {
    let console = console(state()).await;
    let client = client(&console);
    let once = |name: &str| effect(&console, name, false);
    let assigned = Assign {
        id: 7,
        user: "alice".to_owned(),
    };
    assert_eq!(
        send(&client, &assigned, &once("a"))
            .await
            .unwrap()
            .answer
            .assigned_to
            .as_deref(),
        Some("alice")
    );
    assert!(send(&client, &FOLLOW_UP, &once("f")).await.unwrap().answer.follow_up);
    let protect = SetProtected { id: 7, protected: true };
    assert!(send(&client, &protect, &once("p")).await.unwrap().answer.protected);
    for (status, shown) in [(Visibility::Hidden, Status::Hidden), (Visibility::Open, Status::Open)] {
        let done = send(&client, &SetStatus { id: 7, status }, &once("s")).await.unwrap();
        assert_eq!(done.answer.status, shown);
    }
    let bodies: Vec<Value> = accepted(&console).into_iter().map(|(_, body)| body).collect();
    let expected = [
        json!({"assigned_to": "alice"}),
        json!({"follow_up": true}),
        json!({"protected": true}),
        json!({"status": "HIDDEN"}),
        json!({"status": "OPEN"}),
    ];
    assert_eq!(bodies, expected);
}

#[tokio::test]
async fn row_66_a_lost_answer_is_settled_by_looking_and_what_is_as_asked_is_not_sent_again() {
    for (lie, sent) in [
        (json!({"drop_response": true}), 1),
        (json!({"lie": "did_it", "status": 200, "body": {}}), 1),
        (json!({"lie": "did_nothing", "drop_response": true}), 1),
    ] {
        let console = console(state()).await;
        let client = client(&console);
        fault(
            &console,
            json!({"method": "POST", "path": "/siem/offenses/7"}),
            lie.clone(),
            1,
        );
        let unknown = send(&client, &FOLLOW_UP, &effect(&console, "one", false))
            .await
            .unwrap_err();
        assert_eq!(unknown.certainty, Certainty::Unknown, "{lie}");
        send(&client, &FOLLOW_UP, &effect(&console, "one", true)).await.unwrap();
        assert_eq!(accepted(&console).len(), sent, "{lie}");
        assert_eq!(offense(&console, 7)["follow_up"], json!(true));
    }
}

#[tokio::test]
async fn a_success_that_changed_nothing_is_not_believed() {
    let console = console(state()).await;
    let untouched = offense(&console, 7);
    let lie = json!({"lie": "did_nothing", "status": 200, "body": untouched});
    fault(&console, json!({"method": "POST", "path": "/siem/offenses/7"}), lie, 1);
    let unknown = send(&client(&console), &FOLLOW_UP, &effect(&console, "one", false))
        .await
        .unwrap_err();
    assert_eq!(unknown.certainty, Certainty::Unknown);
}

#[tokio::test]
async fn a_user_the_console_does_not_know_is_the_guests_mistake() {
    let console = console(state()).await;
    let call = Assign {
        id: 7,
        user: "nobody".to_owned(),
    };
    let refused = refusal(send(&client(&console), &call, &effect(&console, "one", false)).await);
    let Error::Invalid(refused) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(refused.field, "assigned-to");
    assert!(
        refused.reason.contains("nobody is not a valid user"),
        "{}",
        refused.reason
    );
}

#[tokio::test]
async fn a_closed_offense_is_neither_hidden_nor_opened_but_marked() {
    let console = console(state()).await;
    let client = client(&console);
    let close = CloseOffense {
        id: 7,
        closing_reason_id: 1,
    };
    send(&client, &close, &effect(&console, "close", false)).await.unwrap();
    for status in [Visibility::Open, Visibility::Hidden] {
        let refused = send(&client, &SetStatus { id: 7, status }, &effect(&console, "one", false)).await;
        assert!(matches!(refusal(refused), Error::Conflict(_)));
    }
    assert!(
        send(&client, &FOLLOW_UP, &effect(&console, "mark", false))
            .await
            .unwrap()
            .answer
            .follow_up
    );
}

#[tokio::test]
async fn an_offense_of_another_domain_or_none_is_not_found_and_nothing_is_sent() {
    let console = console(state()).await;
    let client = client(&console);
    let foreign = FOLLOW_UP
        .carry_out(&client, &scope(DOMAIN, &["3"]), &effect(&console, "one", false))
        .await;
    assert_eq!(refusal(foreign), Error::NotFound);
    for id in [999, u64::MAX] {
        let call = SetFollowUp { id, follow_up: true };
        assert_eq!(
            refusal(send(&client, &call, &effect(&console, "one", false)).await),
            Error::NotFound
        );
    }
    assert!(accepted(&console).is_empty());
}

#[tokio::test]
async fn assignable_users_are_listed_from_17_0_on() {
    let console = console(state()).await;
    let call = AssignableActors { id: 7 };
    let actors = call.carry_out(&client(&console), &Scopes::new()).await.unwrap();
    let names: Vec<_> = actors.iter().map(|actor| actor.name.as_str()).collect();
    assert_eq!(names, ["admin", "alice"]);
    assert_eq!(
        AssignableActors { id: 9 }
            .carry_out(&client(&console), &Scopes::new())
            .await,
        Err(Error::NotFound)
    );
    let mut old = state();
    old["console"] = json!({"version": "16.0"});
    let console = super::console::console(old).await;
    let refused = call.carry_out(&client(&console), &Scopes::new()).await;
    assert!(matches!(refused, Err(Error::Unsupported(why)) if why.contains("17.0")));
}

#[tokio::test]
async fn how_a_set_field_came_about_is_told() {
    let console = console(state()).await;
    let client = client(&console);
    let first = send(&client, &FOLLOW_UP, &effect(&console, "one", false))
        .await
        .unwrap();
    let again = send(&client, &FOLLOW_UP, &effect(&console, "one", true)).await.unwrap();
    assert_eq!((first.how, again.how), (How::Performed, How::Adopted));
}
