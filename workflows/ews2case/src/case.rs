//! What does the case or alert of a conversation look like?

use synapse_guest::text;
use synapse_guest::thehive::{NewAlert, NewCase, NewTask, Observable, TaskStatus};

use crate::config::Config;
use crate::description::{self, Facts};

/// Longest title that TheHive 5 accepts, characters.
const TITLE_CHARS: usize = 512;
/// Longest tag, characters.
const TAG_CHARS: usize = 128;
/// Tags of one case.
const TAGS: usize = 60;

/// What a new conversation brings.
pub struct Draft<'a> {
    /// What is written into it.
    pub facts: Facts<'a>,
    /// Digest of the conversation: the mark by which its case is found again.
    pub conversation: &'a str,
    /// When the reported mail was sent, milliseconds.
    pub date: u64,
    /// Who gets it.
    pub assignee: Option<String>,
    /// Categories that are kept as tags.
    pub categories: Vec<String>,
    /// The effect's key.
    pub dedup_key: String,
}

/// The tag by which the case of a conversation is found when the ledger is lost.
pub fn conversation_tag(conversation: &str) -> String {
    format!("mail-conversation:{conversation}")
}

/// One tag: visible, not one of the platform's own, and cut with a mark.
pub fn tag(text: &str) -> String {
    let shown = text::visible(text);
    let shown = if shown.starts_with("synapse:") {
        format!("category {shown}")
    } else {
        shown
    };
    text::cut(&shown, TAG_CHARS)
}

fn tags(draft: &Draft<'_>, config: &Config) -> Vec<String> {
    let mut tags = vec!["mail".to_owned(), conversation_tag(draft.conversation)];
    if draft.facts.inner.is_some() {
        tags.push("reported".to_owned());
        let reporter = draft.facts.outer.sender();
        tags.extend(reporter.map(|reporter| format!("reporter:{reporter}")));
    }
    tags.extend(config.extra_tags.iter().cloned());
    tags.extend(draft.categories.iter().cloned());
    let mut kept: Vec<String> = Vec::new();
    for tag in tags.iter().map(|text| tag(text)).filter(|tag| !tag.is_empty()) {
        if kept.len() < TAGS && !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    kept
}

fn title(draft: &Draft<'_>) -> String {
    text::cut(&draft.facts.inner.unwrap_or(draft.facts.outer).title(), TITLE_CHARS)
}

/// The case.
pub fn case(draft: &Draft<'_>, config: &Config) -> NewCase {
    NewCase {
        title: title(draft),
        description: description::render(&draft.facts),
        severity: config.severity.into(),
        start_date: draft.date,
        tlp: config.tlp.into(),
        pap: config.pap.into(),
        tags: tags(draft, config),
        flag: false,
        assignee: draft.assignee.clone(),
        case_template: config.case_template.clone(),
        custom_fields: Vec::new(),
        dedup_key: Some(draft.dedup_key.clone()),
    }
}

/// The alert. Its reference is the conversation's digest: the server itself refuses a second one.
pub fn alert(draft: &Draft<'_>, config: &Config, observables: &[Observable]) -> NewAlert {
    NewAlert {
        type_: config.alert_type.clone(),
        source_ref: draft.conversation.to_owned(),
        title: title(draft),
        description: description::render(&draft.facts),
        severity: config.severity.into(),
        date: draft.date,
        tlp: config.tlp.into(),
        pap: config.pap.into(),
        tags: tags(draft, config),
        external_link: None,
        case_template: config.case_template.clone(),
        custom_fields: Vec::new(),
        observables: observables.to_vec(),
        dedup_key: Some(draft.dedup_key.clone()),
    }
}

/// The task whose logs hold the conversation.
pub fn task(case_id: &str, assignee: Option<&str>, dedup_key: String, config: &Config) -> NewTask {
    NewTask {
        case_id: case_id.to_owned(),
        title: config.task_title.clone(),
        group: config.task_group.clone(),
        description: Some("Mails of this conversation, one log entry each.".to_owned()),
        status: if assignee.is_some() {
            TaskStatus::InProgress
        } else {
            TaskStatus::Waiting
        },
        assignee: assignee.map(str::to_owned),
        dedup_key: Some(dedup_key),
    }
}
