//! Which settings does a deployment have, and what are they if it says nothing?
//!
//! `workflow.toml` describes each of them; a test keeps the two in step.

use serde::{Deserialize, Serialize};
use synapse_guest::thehive::settings::{Pap, Severity, Tlp};

/// The deployment's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The folder that analysts put mails into.
    pub folder: String,
    /// Which mails are looked at.
    pub mode: Mode,
    /// Mails received longer ago are not listed.
    pub window_days: u64,
    /// How long a new mail without a category waits for one.
    pub settle_seconds: u64,
    /// Wait for a category for as long as it takes.
    pub wait_for_category: bool,
    /// What a mail becomes.
    pub create: Create,
    /// The type of alerts.
    pub alert_type: String,
    /// Name of the case template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_template: Option<String>,
    /// Traffic Light Protocol.
    pub tlp: Tlp,
    /// Permissible Actions Protocol.
    pub pap: Pap,
    /// Severity.
    pub severity: Severity,
    /// Tags that every case gets.
    pub extra_tags: Vec<String>,
    /// Title of the task whose logs hold the conversation.
    pub task_title: String,
    /// Group of that task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_group: Option<String>,
    /// Completes a category to a login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_domain: Option<String>,
    /// Which category assigns if several could.
    pub category_precedence: Vec<String>,
    /// Categories that are no users become tags.
    pub keep_unknown_categories_as_tags: bool,
    /// Category of a finished mail.
    pub processed_category: String,
    /// Category of a mail that could not be finished.
    pub failed_category: String,
    /// Mark a finished mail as read.
    pub mark_read: bool,
    /// Folder that finished mails are moved into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub move_to: Option<String>,
    /// Attach the HTML body to the task log.
    pub attach_html: bool,
    /// Keep images that the body shows.
    pub inline_images: bool,
    /// Images that are never kept.
    pub skip_image_hashes: Vec<String>,
    /// What is taken from the bodies.
    pub extract: Vec<Extract>,
    /// Domains of which nothing is taken.
    pub own_domains: Vec<String>,
    /// Domains of the customer's own people.
    pub internal_domains: Vec<String>,
    /// Text observables of one mail.
    pub observables_max: usize,
    /// Files of one mail.
    pub attachments_max: usize,
    /// Larger attachments are not fetched, bytes.
    pub attachment_bytes_max: u64,
    /// How deep mails inside mails are taken apart.
    pub nesting_max: u32,
    /// New cases of one hour.
    pub cases_per_hour: usize,
    /// When an answer joins the case of its conversation.
    pub thread_join: ThreadJoin,
    /// Recognise cases that the original made.
    pub adopt: bool,
    /// Link to a run, with `{run}` in place of its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_url: Option<String>,
}

/// Which mails are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Everything in the folder.
    Folder,
    /// Unread ones, as the original did.
    Unread,
}

impl Mode {
    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Unread => "unread",
        }
    }
}

/// What a mail becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Create {
    /// A case at once.
    Case,
    /// An alert that an analyst promotes.
    Alert,
}

/// What is taken from the bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extract {
    /// Links.
    Urls,
    /// Mail addresses.
    Mails,
    /// The links' hosts.
    Domains,
    /// The links' hosts that are IP addresses.
    Addresses,
    /// MD5, SHA-1 and SHA-256.
    Hashes,
}

/// When an answer joins the case of its conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThreadJoin {
    /// If it also shares a participant.
    Participant,
    /// Always.
    Conversation,
    /// Never: every mail has a case of its own.
    Never,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            folder: "TheHive".to_owned(),
            mode: Mode::Folder,
            window_days: 90,
            settle_seconds: 60,
            wait_for_category: false,
            create: Create::Case,
            alert_type: "mail".to_owned(),
            case_template: None,
            tlp: Tlp::Amber,
            pap: Pap::Amber,
            severity: Severity::Medium,
            extra_tags: Vec::new(),
            task_title: "Communication".to_owned(),
            task_group: None,
            user_domain: None,
            category_precedence: Vec::new(),
            keep_unknown_categories_as_tags: false,
            processed_category: "TheHive #{number}".to_owned(),
            failed_category: "TheHive: failed".to_owned(),
            mark_read: true,
            move_to: None,
            attach_html: false,
            inline_images: false,
            skip_image_hashes: Vec::new(),
            extract: vec![Extract::Urls, Extract::Mails],
            own_domains: Vec::new(),
            internal_domains: Vec::new(),
            observables_max: 100,
            attachments_max: 50,
            attachment_bytes_max: 150 << 20,
            nesting_max: 5,
            cases_per_hour: 20,
            thread_join: ThreadJoin::Participant,
            adopt: true,
            run_url: None,
        }
    }
}

impl Config {
    /// Is it taken from the bodies?
    pub fn extracts(&self, what: Extract) -> bool {
        self.extract.contains(&what)
    }

    /// Is the category one that this workflow sets? Then it says nothing about who works on the mail.
    pub fn is_own_category(&self, category: &str) -> bool {
        let (before, after) = self
            .processed_category
            .split_once("{number}")
            .unwrap_or((&self.processed_category, ""));
        let number = category.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        let processed = if self.processed_category.contains("{number}") {
            number.is_some_and(|number| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()))
        } else {
            category == self.processed_category
        };
        !category.is_empty() && (processed || category == self.failed_category || category == ALERT_CATEGORY)
    }
}

/// Category of a mail that became an alert: there is no number.
pub const ALERT_CATEGORY: &str = "TheHive alert";

/// Is the host one of these domains, or below one?
pub fn is_below(host: &str, domains: &[String]) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    domains.iter().any(|domain| {
        let domain = domain.trim_matches('.').to_ascii_lowercase();
        host == domain || host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, Value, json};
    use synapse_domain::manifest::Manifest;

    fn manifest() -> Manifest {
        Manifest::parse(include_str!("../workflow.toml")).unwrap()
    }

    #[test]
    fn the_manifests_defaults_are_the_ones_used() {
        let schema = manifest().config.schema;
        let properties = schema["properties"].as_object().unwrap();
        let documented: Map<String, Value> = properties
            .iter()
            .filter_map(|(name, property)| Some((name.clone(), property.get("default")?.clone())))
            .collect();
        assert_eq!(
            serde_json::to_value(Config::default()).unwrap(),
            Value::Object(documented)
        );
        assert!(
            properties.values().all(|property| property["description"].is_string()),
            "a setting without a description"
        );
    }

    #[test]
    fn an_empty_configuration_and_the_defaults_written_out_are_both_accepted() {
        let defaults = serde_json::to_value(Config::default()).unwrap();
        for config in [json!({}), defaults] {
            manifest().check_config(&config).unwrap();
            assert_eq!(serde_json::from_value::<Config>(config).unwrap(), Config::default());
        }
    }

    #[test]
    fn what_the_workflow_could_not_use_is_refused_at_deployment() {
        for bad in [
            json!({ "folder": "" }),
            json!({ "mode": "all" }),
            json!({ "settle_seconds": -1 }),
            json!({ "extract": ["passwords"] }),
            json!({ "own_domains": ["*.example"] }),
            json!({ "skip_image_hashes": ["abc"] }),
            json!({ "cases_per_hour": 0 }),
            json!({ "attachments_max": 151 }),
            json!({ "task_title": "x".repeat(129) }),
            json!({ "colour": "blue" }),
        ] {
            assert!(manifest().check_config(&bad).is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn own_categories_are_recognised_by_their_template() {
        let config = Config::default();
        for own in ["TheHive #12", "TheHive: failed", "TheHive alert"] {
            assert!(config.is_own_category(own), "{own}");
        }
        for other in ["", "alice", "TheHive #", "TheHive #1x", "TheHive"] {
            assert!(!config.is_own_category(other), "{other}");
        }
    }

    #[test]
    fn a_domain_covers_what_is_below_it_and_nothing_beside_it() {
        let domains = ["Corp.example".to_owned()];
        assert!(is_below("corp.EXAMPLE", &domains) && is_below("a.b.corp.example.", &domains));
        assert!(!is_below("evilcorp.example", &domains) && !is_below("example", &domains));
    }
}
