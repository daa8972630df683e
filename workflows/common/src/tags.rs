//! Which tags does an alert get?

use synapse_guest::qradar::Offense;
use synapse_guest::text;

use crate::config::Config;
use crate::enrich::{Details, RuleName};

/// Longest tag that TheHive 5 accepts, characters.
const TAG_CHARS: usize = 128;
/// Tags of one alert: an offense can have hundreds of log sources.
const TAGS: usize = 100;

/// The tags, and a warning if the offense's domain is in none of the deployment's.
pub fn tags(offense: &Offense, details: &Details, config: &Config) -> (Vec<String>, Option<String>) {
    let mut tags = vec![
        "QRadar".to_owned(),
        "Offense".to_owned(),
        format!("offense:{}", offense.id),
    ];
    let (domain_tags, warning) = domain(offense, details, config);
    tags.extend(domain_tags);
    tags.extend(config.extra_tags.iter().cloned());
    tags.extend(details.rules.iter().filter_map(|rule| match rule {
        RuleName::Name(name) => Some(format!("rule:{name}")),
        RuleName::Id(_) => None,
    }));
    tags.extend(offense.categories.iter().cloned());
    tags.extend(
        offense
            .log_sources
            .iter()
            .map(|source| format!("log-source:{}", source.name)),
    );
    let mut kept: Vec<String> = Vec::new();
    for tag in tags.iter().map(|text| tag(text)).filter(|tag| !tag.is_empty()) {
        if kept.len() < TAGS && !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    (kept, warning)
}

/// One tag: visible, and cut with a mark.
pub fn tag(text: &str) -> String {
    text::cut(&text::visible(text), TAG_CHARS)
}

/// Without a map there is nothing to miss; with one, an offense of an unnamed domain is imported and reported (case D10).
fn domain(offense: &Offense, details: &Details, config: &Config) -> (Vec<String>, Option<String>) {
    let Some(id) = offense.domain_id else {
        let warning = (!config.domain_tags.is_empty()).then(|| {
            format!(
                "offense {} spans several domains; it has no tag of config.domain_tags",
                offense.id
            )
        });
        return (Vec::new(), warning);
    };
    match config.domain_tags.get(&id.to_string()) {
        Some(tags) => (tags.clone(), None),
        None => {
            let name = details.domain.clone().unwrap_or_else(|| id.to_string());
            let tags = if id == 0 {
                Vec::new()
            } else {
                vec![format!("domain:{name}")]
            };
            let warning = (!config.domain_tags.is_empty()).then(|| {
                let name = text::cut(&text::visible(&name), TAG_CHARS);
                format!("domain {id} ({name}) is not in config.domain_tags; its offenses are imported without a customer's tag")
            });
            (tags, warning)
        }
    }
}
