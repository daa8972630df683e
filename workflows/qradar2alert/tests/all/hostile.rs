//! Can an attacker's text do anything in an alert?

use serde_json::json;
use synapse_guest::qradar::{LogSource, Offense};

use crate::support::*;

const HOSTILE: &str = "```\n| a | b |\n</td><script>x</script> ![i](https://evil.example/p) [l](javascript:x) \u{202e}gnp.\u{1b}[2J www.evil.example";

/// Every line of the description outside its code blocks.
fn markup(description: &str) -> Vec<&str> {
    let mut inside = None;
    let mut outside = Vec::new();
    for line in description.lines() {
        match inside {
            None if line.starts_with("```") => inside = Some(line.trim_end_matches("text")),
            None => outside.push(line),
            Some(fence) if line == fence => inside = None,
            Some(_) => {}
        }
    }
    assert_eq!(inside, None, "a block is never closed:\n{description}");
    outside
}

/// What is left when the code spans are taken out: only what we wrote ourselves.
fn without_spans(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

fn check(description: &str) {
    for line in markup(description) {
        assert_eq!(line.matches('`').count() % 2, 0, "an open code span: {line}");
        let bare = without_spans(line);
        for forbidden in ["<", "](", "://", "www.", "javascript", "\u{202e}", "\u{1b}"] {
            assert!(
                !bare.contains(forbidden),
                "`{forbidden}` is outside a code span: {line}"
            );
        }
        if line.starts_with('|') {
            let cells = line.matches('|').count();
            assert_eq!(cells, 3, "a row of two cells has three bars: {line}");
        }
    }
    assert!(
        !description.contains("<script") && !description.contains("://evil"),
        "{description}"
    );
    assert!(
        description
            .chars()
            .all(|character| character == '\n' || !character.is_control()),
        "a control character"
    );
}

#[test]
fn r2_texts_of_an_offense_cannot_leave_their_place() {
    let offense = Offense {
        description: Some(HOSTILE.into()),
        offense_source: Some(HOSTILE.into()),
        offense_type: 9_999,
        categories: vec![HOSTILE.into()],
        log_sources: vec![LogSource {
            id: 1,
            name: HOSTILE.into(),
            type_name: HOSTILE.into(),
        }],
        assigned_to: Some(HOSTILE.into()),
        event_count: 4,
        remote_destination_count: 1,
        source_address_ids: vec![1],
        source_count: 1,
        ..offense(1)
    };
    let host = host()
        .with_rules(vec![rule(100_033, HOSTILE)])
        .with_source_addresses(vec![address(1, HOSTILE)])
        .with_ariel(|_| rows(vec![event(HOSTILE, HOSTILE, Some(HOSTILE))]));
    let alert = alert_of(host, offense, json!({ "raw_payloads": true }));
    check(&alert.description);
    let texts = alert.tags.iter().chain([&alert.title]);
    for text in texts {
        assert!(!text.contains(['\n', '\u{202e}', '\u{1b}']), "{text:?}");
    }
}

#[test]
fn r2_a_log_line_with_backticks_cannot_leave_its_block() {
    let offense = Offense {
        event_count: 1,
        ..offense(1)
    };
    let host = host().with_ariel(|_| rows(vec![event("x", "y", Some("a\n````\n# heading\n"))]));
    let alert = alert_of(host, offense, json!({ "raw_payloads": true }));
    check(&alert.description);
    assert!(
        alert.description.contains("`````text\na ⏎ ```` ⏎ # heading\n`````"),
        "{}",
        alert.description
    );
}

#[test]
fn r2_an_offense_without_description_and_source_is_imported() {
    let alert = alert(
        host(),
        Offense {
            description: None,
            offense_source: None,
            ..offense(42)
        },
    );
    assert_eq!(alert.title, "#42 (no description)");
    assert!(alert.observables.is_empty());
}

#[test]
fn d40_text_in_any_script_arrives_as_it_is() {
    let offense = Offense {
        description: Some("Überwachung 検出 – «тест»".into()),
        ..offense(1)
    };
    let alert = alert(host(), offense);
    assert_eq!(alert.title, "#1 Überwachung 検出 – «тест»");
    assert!(alert.description.contains("`Überwachung 検出 – «тест»`"));
}

#[test]
fn payloads_are_shown_only_if_asked_for_and_masked() {
    let offense = || Offense {
        event_count: 1,
        ..offense(1)
    };
    let host = || {
        host().with_ariel(|search| {
            let wants_payload = search.selection.iter().any(|selection| selection.alias == "payload");
            rows(vec![event(
                "Login",
                "bob",
                wants_payload.then_some("user=bob password=hunter2 token: abc"),
            )])
        })
    };
    assert!(!alert(host(), offense()).description.contains("raw payloads"));
    let shown = alert_of(host(), offense(), json!({ "raw_payloads": true })).description;
    assert!(
        shown.contains("user=bob password=*** token: ***") && !shown.contains("hunter2"),
        "{shown}"
    );
}

#[test]
fn what_is_longer_than_thehive_accepts_is_cut_with_a_mark() {
    let long = "ä".repeat(5_000);
    let offense = Offense {
        description: Some(long.clone()),
        offense_source: Some(long.clone()),
        offense_type: 3,
        categories: vec![long.clone()],
        log_sources: (0..500)
            .map(|id| LogSource {
                id,
                name: format!("{id}-{long}"),
                type_name: long.clone(),
            })
            .collect(),
        link: format!("https://console.example/{long}"),
        ..offense(1)
    };
    let alert = alert(host(), offense);
    assert_eq!((alert.title.chars().count(), alert.title.ends_with('…')), (512, true));
    assert!(alert.tags.iter().all(|tag| tag.chars().count() <= 128) && alert.tags.len() == 100);
    assert_eq!((alert.external_link, alert.observables.len()), (None, 0));
    assert!(
        alert.description.contains("1 values were too long to be observables"),
        "{}",
        alert.description
    );
    assert!(alert.description.len() < 64 << 10, "{}", alert.description.len());
}

#[test]
fn alerts_with_very_much_text_are_sent_in_several_calls() {
    let payload = "p".repeat(4_000);
    let of = |id| Offense {
        event_count: 50,
        ..offense(id)
    };
    let host = host()
        .with_offenses((1..=100).map(of))
        .with_config(json!({ "raw_payloads": true, "sample_events": 50 }))
        .with_ariel(move |_| rows((0..50).map(|_| event("x", "y", Some(&payload))).collect()));
    assert_eq!(import(&host).created, 100);
    let calls = host.count("thehive/alerts.create-alerts");
    assert!((10..=12).contains(&calls), "{calls} calls for 100 alerts of 200 KB");
}
