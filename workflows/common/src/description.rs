//! What does an analyst read in the alert?
//!
//! Everything that QRadar says about an offense may be an attacker's text, so all of it is shown in code spans and blocks that it
//! cannot leave (case R2, `synapse_guest::text`). Everything that grows has a limit, and the text says what was left out.

use std::fmt::Write;

use synapse_guest::qradar::{Offense, Status};
use synapse_guest::text::{code_block, code_span, cut};
use synapse_guest::time::utc;

use crate::enrich::{Details, RuleName};
use crate::observables::Observables;
use crate::origin;
use crate::searches::Event;
use crate::seen::Earlier;

/// Names listed in one cell.
const NAMES: usize = 20;
/// Characters of one name.
const NAME_CHARS: usize = 200;
/// Characters of the offense's own description.
const TEXT_CHARS: usize = 2_000;
/// Characters of one raw payload.
const PAYLOAD_CHARS: usize = 4_000;

/// The alert's description, in Markdown.
pub fn render(offense: &Offense, details: &Details, observables: &Observables, domain_warning: Option<&str>) -> String {
    let mut out = String::new();
    summary(&mut out, offense, details, observables);
    remotes(&mut out, offense, details);
    events(&mut out, details);
    earlier(&mut out, details);
    notes(&mut out, details, observables, domain_warning);
    out
}

fn row(out: &mut String, name: &str, value: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "| **{name}** | {value} |");
}

fn shown(text: &str) -> String {
    code_span(&cut(text.trim(), NAME_CHARS))
}

fn list(names: impl ExactSizeIterator<Item = String>) -> String {
    let total = names.len();
    let mut shown: Vec<String> = names.take(NAMES).collect();
    if total > NAMES {
        shown.push(format!("and {} more", total - NAMES));
    }
    if shown.is_empty() {
        "(none)".to_owned()
    } else {
        shown.join(", ")
    }
}

fn summary(out: &mut String, offense: &Offense, details: &Details, observables: &Observables) {
    out.push_str("## Summary\n\n| | |\n|---|---|\n");
    let status = match offense.status {
        Status::Open => "open",
        Status::Hidden => "hidden",
        Status::Closed => "closed",
    };
    row(out, "Offense", &format!("{} ({status})", offense.id));
    row(
        out,
        "Description",
        &code_span(&cut(offense.description.as_deref().unwrap_or("").trim(), TEXT_CHARS)),
    );
    let label = shown(&origin::label(offense, details.offense_type.as_ref()));
    row(
        out,
        "Offense source",
        &format!("{label} {}", shown(offense.offense_source.as_deref().unwrap_or(""))),
    );
    for (name, value) in [
        ("Magnitude", offense.magnitude),
        ("Severity", offense.severity),
        ("Credibility", offense.credibility),
        ("Relevance", offense.relevance),
    ] {
        row(out, name, &format!("{value} of 10"));
    }
    row(out, "First event", &utc(offense.start_time));
    row(out, "Last event", &utc(offense.last_updated_time));
    for (name, value) in [
        ("Events", offense.event_count),
        ("Flows", offense.flow_count),
        ("Source addresses", offense.source_count),
        ("Local destinations", offense.local_destination_count),
        ("Remote destinations", offense.remote_destination_count),
        ("User names", offense.username_count),
    ] {
        row(out, name, &value.to_string());
    }
    row(
        out,
        "Categories",
        &list(offense.categories.iter().map(|name| shown(name))),
    );
    row(out, "Rules", &list(details.rules.iter().map(rule)));
    let source =
        |source: &synapse_guest::qradar::LogSource| format!("{} {}", shown(&source.name), shown(&source.type_name));
    row(out, "Log sources", &list(offense.log_sources.iter().map(source)));
    row(out, "Domain", &domain(offense, details));
    if let Some(person) = &offense.assigned_to {
        row(out, "Assigned to", &shown(person));
    }
    let flags = [
        (offense.follow_up, "follow-up"),
        (offense.protected, "protected"),
        (offense.inactive, "inactive"),
    ];
    let flags: Vec<&str> = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
    if !flags.is_empty() {
        row(out, "Flags", &flags.join(", "));
    }
    let kept = observables.kept.len();
    let total = observables.total;
    let kinds = if kept < total {
        format!("the {kept} most telling of {total}")
    } else {
        total.to_string()
    };
    row(out, "Observables", &kinds);
}

fn rule(rule: &RuleName) -> String {
    match rule {
        RuleName::Name(name) => shown(name),
        RuleName::Id(id) => format!("{id} (no name known)"),
    }
}

fn domain(offense: &Offense, details: &Details) -> String {
    match (offense.domain_id, &details.domain) {
        (None, _) => "several".to_owned(),
        (Some(0), None) => "default domain".to_owned(),
        (Some(id), None) => id.to_string(),
        (Some(id), Some(name)) => format!("{} ({id})", shown(name)),
    }
}

fn remotes(out: &mut String, offense: &Offense, details: &Details) {
    if details.remotes.is_empty() {
        return;
    }
    let (count, total) = (details.remotes.len(), offense.remote_destination_count);
    let _ = write!(
        out,
        "\n## Remote destinations\n\n{count} of {total}, most events first.\n\n| Address | Events |\n|---|---|\n"
    );
    for remote in &details.remotes {
        let _ = writeln!(out, "| {} | {} |", shown(&remote.address.to_string()), remote.events);
    }
}

fn events(out: &mut String, details: &Details) {
    if details.events.is_empty() {
        return;
    }
    let _ = write!(out, "\n## Newest events\n\n{} of them.\n\n", details.events.len());
    out.push_str(&code_block(&details.events.iter().map(event).collect::<Vec<_>>()));
    let payloads: Vec<String> = details
        .events
        .iter()
        .filter_map(|event| event.payload.as_deref())
        .map(|text| cut(text, PAYLOAD_CHARS))
        .collect();
    if !payloads.is_empty() {
        out.push_str("\n## Their raw payloads\n\n");
        out.push_str(&code_block(&payloads));
    }
}

fn event(event: &Event) -> String {
    let [name, log_source, source, destination, user] =
        event.fields.each_ref().map(|field| cut(field.trim(), NAME_CHARS));
    let mut line = format!(
        "{}  {name}  [{log_source}]",
        event.time.map_or_else(|| "(no time)".to_owned(), utc)
    );
    if !source.is_empty() || !destination.is_empty() {
        let _ = write!(line, "  {source} -> {destination}");
    }
    if !user.is_empty() && user != "null" {
        let _ = write!(line, "  user {user}");
    }
    if event.count > 1 {
        let _ = write!(line, "  x{}", event.count);
    }
    line
}

fn earlier(out: &mut String, details: &Details) {
    let Earlier { shown: named, total } = &details.earlier;
    if named.is_empty() {
        return;
    }
    let count = named.len();
    let _ = write!(
        out,
        "\n## Seen before\n\n{count} of {total} remembered offenses with this source and a rule in common, newest first.\n\n| Offense | First event | Outcome |\n|---|---|---|\n"
    );
    for (offense, start, outcome) in named {
        let _ = writeln!(out, "| {offense} | {} | {} |", utc(*start), shown(outcome));
    }
}

fn notes(out: &mut String, details: &Details, observables: &Observables, domain_warning: Option<&str>) {
    let mut notes: Vec<String> = details
        .notes
        .iter()
        .map(|note| code_span(&cut(note, TEXT_CHARS)))
        .collect();
    notes.extend(domain_warning.map(code_span));
    if observables.too_long > 0 {
        notes.push(format!(
            "{} values were too long to be observables.",
            observables.too_long
        ));
    }
    if notes.is_empty() {
        return;
    }
    out.push_str("\n## What is missing\n\n");
    for note in notes {
        let _ = writeln!(out, "- {note}");
    }
}
