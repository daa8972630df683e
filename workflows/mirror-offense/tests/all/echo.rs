//! Does mirroring stay quiet when both sides only show what it wrote itself?

use serde_json::json;
use synapse_guest::qradar::Offense;

use crate::support::*;

#[test]
fn what_mirroring_wrote_to_qradar_is_not_mirrored_back() {
    let host = host().with_config(json!({ "users": { "alice@soc.example": "alice" }, "note": "{link}" }));
    let alert = import(&host);
    changed(&host, "changed");
    let case = case_of(&host, &[&alert]);
    case_created(&host, &case);
    host.forget_calls();
    let answer = changed(&host, "changed");
    assert!(
        answer.items[0].message.contains("mirroring itself wrote it"),
        "{answer:?}"
    );
    assert_eq!(writes(&host), [] as [&str; 0]);
}

#[test]
fn an_event_of_the_connections_own_user_is_an_echo() {
    let host = host();
    let case = case_of(&host, &[&import(&host)]);
    let answer = told(
        &host,
        json!({ "object": "case", "action": "updated", "id": case, "own": true }),
    );
    assert!(answer.items[0].message.contains("echo"), "{answer:?}");
    assert_eq!(writes(&host), [] as [&str; 0]);
}

#[test]
fn a_closing_by_close_offense_is_not_told_to_the_case_that_caused_it() {
    let host = host();
    let case = case_of(&host, &[&import(&host)]);
    host.change_case(&case, |case| {
        (case.status, case.stage) = ("FalsePositive".into(), "Closed".into());
    });
    close_offense(&host, "API_user: synapse", 2);
    assert!(changed(&host, "closed").items[0].message.contains("closed already"));
    assert_eq!(host.comments(&case).len(), 0);
}

#[test]
fn a_closing_by_a_named_user_is_not_mirrored() {
    let host = host().with_config(json!({ "own_users": ["API_user: synapse"] }));
    import(&host);
    close_offense(&host, "API_user: synapse", 2);
    assert!(changed(&host, "closed").items[0].message.contains("own_users"));
    assert_eq!(writes(&host), [] as [&str; 0]);
}

/// Both workflows, both directions, twenty rounds: each round hears of everything that the one before wrote, on both sides, also of what a
/// server forgot to mark as our own.
#[test]
fn over_twenty_rounds_nothing_is_written_after_the_first_change_was_mirrored() {
    let host = host().with_config(json!({
        "users": { "alice@soc.example": "alice" }, "note": "{link}", "severity": "follow", "own_users": [],
    }));
    let alert = import(&host);
    let case = case_of(&host, &[&alert]);
    let mut writes_of = Vec::new();
    for round in 0..20 {
        host.forget_calls();
        if round == 10 {
            host.add_offenses([Offense {
                magnitude: 9,
                ..host.offense(42).unwrap()
            }]);
        }
        changed(&host, "changed");
        case_created(&host, &case);
        case_assigned(&host, &case, "alice@soc.example");
        told(
            &host,
            json!({ "object": "alert", "action": "updated", "id": alert, "own": false }),
        );
        writes_of.push(writes(&host).len());
    }
    assert!(writes_of[0] > 0 && writes_of[10] > 0, "{writes_of:?}");
    let quiet = |rounds: &[usize]| rounds.iter().all(|writes| *writes == 0);
    assert!(quiet(&writes_of[2..10]) && quiet(&writes_of[12..]), "{writes_of:?}");
}
