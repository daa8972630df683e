//! What do the analyst and the console read?

use close_offense::answer::Kind;
use close_offense::closure::Closure;
use close_offense::config::Config;
use close_offense::note::render;
use serde_json::json;
use synapse_guest::error::Error;
use synapse_guest::thehive::Owner;

use crate::support::*;

fn closure(summary: &str) -> Closure {
    Closure {
        owner: Owner::Case("~1".into()),
        name: "case #7".into(),
        status: "FalsePositive".into(),
        closed_at: Some(NOW),
        link: "https://thehive.example/cases/~1/details".into(),
        summary: Some(summary.into()),
        assignee: Some("alice@soc.example".into()),
        tags: Vec::new(),
        alert: None,
    }
}

fn note(template: &str, summary: &str) -> String {
    let config = Config {
        note: template.into(),
        ..Config::default()
    };
    render(&config, &closure(summary), 42, "Non-Issue", "run-1")
}

#[test]
fn the_note_names_case_status_and_link_and_an_alias_instead_of_the_analyst() {
    let text = note(&Config::default().note, "secret");
    assert_eq!(
        text,
        "Closed by Synapse: TheHive case #7, status FalsePositive, by an analyst.\nhttps://thehive.example/cases/~1/details"
    );
    let config = Config {
        aliases: [("alice@soc.example".to_owned(), "analyst 3".to_owned())].into(),
        note: "{analyst}".into(),
        ..Config::default()
    };
    assert_eq!(render(&config, &closure(""), 42, "", ""), "analyst 3");
}

#[test]
fn a_note_is_cut_with_a_mark_has_no_control_characters_and_values_are_no_placeholders() {
    let long = note("{summary}", &"x".repeat(5_000));
    assert_eq!((long.chars().count(), long.chars().last()), (1_900, Some('…')));
    assert_eq!(
        note("{summary}", "a\u{1b}[31m\u{202e}b\nline {link}"),
        "a\\u{1b}[31m\\u{202e}b\nline {link}"
    );
    assert_eq!(
        note("{offense} {reason} {run} {unknown} {", ""),
        "42 Non-Issue run-1 {unknown} {"
    );
    assert_eq!(note("{summary}", ""), "Closed by Synapse: TheHive case #7");
}

#[test]
fn the_case_is_told_once_with_the_offenses_link_and_the_run() {
    let host = host();
    let case = closed_case(&host);
    told(&host, &case);
    let comments = host.comments(&case);
    assert_eq!(comments.len(), 1);
    let comment = &comments[0];
    assert!(
        comment.contains("[offense 42](https://console.example/42): closed in QRadar, reason `False-Positive, Tuned`"),
        "{comment}"
    );
    assert!(comment.contains("01900000-0000-7000-8000-000000000001"), "{comment}");
    // A second event about the same closing, a reconciler's for instance, says and notes nothing more.
    let again = told(&host, &case);
    assert_eq!(kinds(&again), [(42, Kind::Already)]);
    assert_eq!((host.comments(&case).len(), host.notes(42).len()), (1, 1));
}

#[test]
fn thehive_3_and_4_have_no_comments_and_get_a_log_entry_in_a_task() {
    let host = host();
    let case = closed_case(&host);
    host.fail_next(
        "thehive/comments.add-comment",
        Error::Unsupported("TheHive 4 has no comments".into()),
    );
    let answer = told(&host, &case);
    assert_eq!(answer.warnings, [] as [&str; 0]);
    assert_eq!(host.tasks(&case)[0].title, "Synapse");
    assert!(host.logs(&case)[0].0.message.contains("closed in QRadar"));
}

#[test]
fn feedback_that_cannot_be_written_is_a_warning_and_the_offense_is_closed() {
    let host = host();
    let case = closed_case(&host);
    host.fail_next("thehive/comments.add-comment", Error::Denied("no grant".into()));
    let answer = told(&host, &case);
    assert_eq!(kinds(&answer), [(42, Kind::Closed)]);
    assert!(answer.warnings[0].contains("was not told"), "{answer:?}");
    // The next look tells it.
    told(&host, &case);
    assert_eq!(host.comments(&case).len(), 1);
}

#[test]
fn a_name_from_the_console_is_no_link_and_no_markup_in_the_case() {
    let evil = synapse_guest::qradar::Offense {
        status: synapse_guest::qradar::Status::Closed,
        closing_user: Some("![x](https://evil.example/p) <img>".into()),
        ..offense(42)
    };
    let host = host().with_offenses([evil]);
    let case = closed_case(&host);
    told(&host, &case);
    let comment = &host.comments(&case)[0];
    assert!(
        !comment.contains("https://evil") && !comment.contains("<img"),
        "{comment}"
    );
    assert_eq!(comment.matches("](").count(), 1, "the offense's own link: {comment}");
}

#[test]
fn the_run_can_be_a_link() {
    let host = host().with_config(config(json!({ "run_url": "https://synapse.example/runs/{run}" })));
    let case = closed_case(&host);
    told(&host, &case);
    assert!(host.comments(&case)[0].contains("(https://synapse.example/runs/01900000-"));
}
