//! What does the note on the offense say?

use synapse_guest::qradar::NOTE_CHARS;
use synapse_guest::text;

use crate::closure::Closure;
use crate::config::{Analyst, Config};

/// The template with its values in place, cut to what QRadar keeps. Control characters are shown by their code; lines stay lines.
pub fn render(config: &Config, closure: &Closure, offense: u64, reason: &str, run: &str) -> String {
    let offense = offense.to_string();
    let value = |name: &str| {
        Some(match name {
            "subject" => closure.name.clone(),
            "status" => closure.status.clone(),
            "link" => closure.link.clone(),
            "summary" => closure.summary.clone().unwrap_or_default(),
            "analyst" => analyst(config, closure),
            "reason" => reason.to_owned(),
            "offense" => offense.clone(),
            "run" => run.to_owned(),
            _ => return None,
        })
    };
    let filled = fill(&config.note, value);
    let lines: Vec<String> = filled.lines().map(text::visible).collect();
    let note = lines.join("\n");
    let note = note.trim();
    if note.is_empty() {
        return format!("Closed by Synapse: TheHive {}", text::visible(&closure.name));
    }
    text::cut(note, NOTE_CHARS)
}

/// In one pass, so that what a value holds is never a placeholder; an unknown one stays as it is.
fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after
            .split_once('}')
            .and_then(|(name, after)| Some((value(name)?, after)))
        {
            Some((value, after)) => {
                filled.push_str(&value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

fn analyst(config: &Config, closure: &Closure) -> String {
    let login = closure.assignee.as_deref().unwrap_or("");
    match config.analyst {
        Analyst::Alias => config.aliases.get(login).unwrap_or(&config.alias).clone(),
        Analyst::Login if login.is_empty() => "nobody".to_owned(),
        Analyst::Login => login.to_owned(),
    }
}
