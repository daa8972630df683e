//! What does the alert of an offense look like?

use synapse_guest::qradar::Offense;
use synapse_guest::text;
use synapse_guest::thehive::NewAlert;

use crate::Host;
use crate::description;
use crate::enrich::Details;
use crate::observables;
use crate::run::Run;
use crate::severity;
use crate::tags;

/// Longest title that TheHive 5 accepts, characters.
const TITLE_CHARS: usize = 512;
/// Longest link that TheHive 5 accepts, characters.
const LINK_CHARS: usize = 512;

/// Puts the alert together; an unknown domain is warned about.
pub fn build<H: Host>(run: &mut Run<'_, H>, offense: &Offense, details: &Details, dedup_key: String) -> NewAlert {
    let config = &run.config;
    let observables = observables::collect(offense, details, config, &run.internal, run.memo.observable_types());
    let (tags, warning) = tags::tags(offense, details, config);
    let description = description::render(offense, details, &observables, warning.as_deref());
    let alert = NewAlert {
        type_: config.alert_type.clone(),
        source_ref: offense.id.to_string(),
        title: title(offense),
        description,
        severity: severity::severity(offense, config),
        date: offense.start_time,
        tlp: config.tlp.into(),
        pap: config.pap.into(),
        tags,
        external_link: link(offense),
        case_template: config.case_template.clone(),
        custom_fields: Vec::new(),
        observables: observables.kept,
        dedup_key: Some(dedup_key),
    };
    if let Some(warning) = warning {
        run.answer.warn(&warning);
    }
    alert
}

/// `#42 ` and the first line of the description that says something (case R2: it may be missing).
fn title(offense: &Offense) -> String {
    let description = offense.description.as_deref().unwrap_or("");
    let first = description.lines().map(text::visible).find(|line| !line.is_empty());
    text::cut(
        &format!("#{} {}", offense.id, first.as_deref().unwrap_or("(no description)")),
        TITLE_CHARS,
    )
}

/// A link that is too long would lead nowhere if it were cut.
fn link(offense: &Offense) -> Option<String> {
    let length = offense.link.chars().count();
    (1..=LINK_CHARS).contains(&length).then(|| offense.link.clone())
}

/// How much text an alert is, in bytes: for batches that fit one host call.
pub fn bytes(alert: &NewAlert) -> usize {
    let observable = |observable: &synapse_guest::thehive::Observable| {
        let tags: usize = observable.tags.iter().map(|tag| tag.len() + 8).sum();
        observable.data.len()
            + observable.data_type.len()
            + observable.message.as_ref().map_or(0, String::len)
            + tags
            + 64
    };
    let tags: usize = alert.tags.iter().map(|tag| tag.len() + 8).sum();
    let observables: usize = alert.observables.iter().map(observable).sum();
    alert.title.len() + alert.description.len() + tags + observables + 512
}
