//! Which alerts does the fake hold, and what did the workflow create?

use std::collections::BTreeMap;

use super::{Fake, script::at_most};
use crate::error::{Error, InvalidArgument};
use crate::thehive::{Alert, AlertKey, AlertPatch, NewAlert, TheHive};
use crate::workflow::Workflow;

const BATCH: usize = 100;

/// The types that TheHive 5 comes with.
const BUILT_IN_TYPES: [&str; 16] = [
    "autonomous-system",
    "domain",
    "file",
    "filename",
    "fqdn",
    "hash",
    "hostname",
    "ip",
    "mail",
    "mail-subject",
    "other",
    "regexp",
    "registry",
    "uri_path",
    "url",
    "user-agent",
];

pub(super) struct Store {
    alerts: Vec<Alert>,
    created: Vec<NewAlert>,
    types: Vec<String>,
    failures: BTreeMap<String, Error>,
    last_id: u64,
}

impl Default for Store {
    fn default() -> Self {
        let types = BUILT_IN_TYPES.iter().map(|name| (*name).to_owned()).collect();
        Self {
            alerts: Vec::new(),
            created: Vec::new(),
            types,
            failures: BTreeMap::new(),
            last_id: 0,
        }
    }
}

impl Fake {
    /// The observable types the organisation knows, instead of the built-in ones.
    pub fn with_observable_types(self, types: &[&str]) -> Self {
        self.thehive.borrow_mut().types = types.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// An alert that somebody else made; its id.
    pub fn add_alert(&self, type_: &str, source: &str, source_ref: &str) -> String {
        let key = AlertKey {
            type_: type_.into(),
            source: source.into(),
            source_ref: source_ref.into(),
        };
        let now = self.now();
        self.thehive.borrow_mut().insert(key, "made by somebody else", now).id
    }

    /// An alert that an analyst deletes.
    pub fn delete_alert(&self, id: &str) {
        self.thehive.borrow_mut().alerts.retain(|alert| alert.id != id);
    }

    /// Creating the alert with this reference fails, every time.
    pub fn fail_alert(&self, source_ref: &str, error: Error) {
        self.thehive.borrow_mut().failures.insert(source_ref.to_owned(), error);
    }

    /// What the workflow created, in order.
    pub fn created_alerts(&self) -> Vec<NewAlert> {
        self.thehive.borrow().created.clone()
    }

    /// All alerts that exist.
    pub fn alerts(&self) -> Vec<Alert> {
        self.thehive.borrow().alerts.clone()
    }
}

impl Store {
    fn find(&self, key: &AlertKey) -> Option<&Alert> {
        self.alerts.iter().find(|alert| alert.key == *key)
    }

    fn insert(&mut self, key: AlertKey, title: &str, now: u64) -> Alert {
        self.last_id += 1;
        let id = format!("~{}", self.last_id);
        let alert = Alert {
            link: format!("https://thehive.example/alerts/{id}/details"),
            id,
            key,
            title: title.to_owned(),
            severity: crate::thehive::Severity::Medium,
            date: now,
            tags: Vec::new(),
            status: "New".to_owned(),
            stage: "New".to_owned(),
            case_id: None,
            assignee: None,
            created_at: now,
            updated_at: None,
        };
        self.alerts.push(alert.clone());
        alert
    }

    fn create(&mut self, source: &str, new: &NewAlert, now: u64) -> Result<Alert, Error> {
        check(new)?;
        if let Some(error) = self.failures.get(&new.source_ref) {
            return Err(error.clone());
        }
        let key = AlertKey {
            type_: new.type_.clone(),
            source: source.into(),
            source_ref: new.source_ref.clone(),
        };
        if let Some(alert) = self.find(&key) {
            return Err(Error::AlreadyExists(alert.id.clone()));
        }
        let mut alert = self.insert(key, &new.title, now);
        (alert.severity, alert.date, alert.tags) = (new.severity, new.date, new.tags.clone());
        if let Some(kept) = self.alerts.last_mut() {
            *kept = alert.clone();
        }
        self.created.push(new.clone());
        Ok(alert)
    }

    fn by_id(&mut self, id: &str) -> Result<&mut Alert, Error> {
        self.alerts
            .iter_mut()
            .find(|alert| alert.id == id)
            .ok_or(Error::NotFound)
    }
}

/// The lengths that TheHive 5 accepts.
fn check(new: &NewAlert) -> Result<(), Error> {
    let chars = |field: &str, text: &str, least: usize, most: usize| {
        let len = text.chars().count();
        if (least..=most).contains(&len) {
            return Ok(());
        }
        let reason = format!("{len} characters; {least} to {most} are allowed");
        Err(Error::Invalid(InvalidArgument {
            field: field.to_owned(),
            reason,
        }))
    };
    chars("type", &new.type_, 1, 32)?;
    chars("source-ref", &new.source_ref, 1, 128)?;
    chars("title", &new.title, 1, 512)?;
    chars("description", &new.description, 0, 1 << 20)?;
    chars("external-link", new.external_link.as_deref().unwrap_or("x"), 1, 512)?;
    new.tags.iter().try_for_each(|tag| chars("tags", tag, 1, 128))?;
    for observable in &new.observables {
        chars("observables.data", &observable.data, 1, 4_096)?;
        chars("observables.data-type", &observable.data_type, 1, 64)?;
        observable
            .tags
            .iter()
            .try_for_each(|tag| chars("observables.tags", tag, 1, 128))?;
    }
    Ok(())
}

impl TheHive for Fake {
    type Organisation = String;

    fn organisation(&self, binding: &str) -> Result<String, Error> {
        self.call("thehive/connection.open", &binding)?;
        self.bound(binding)?;
        Ok(binding.to_owned())
    }

    fn create_alerts(&self, _: &String, origin: &str, alerts: &[NewAlert]) -> Vec<Result<Alert, Error>> {
        let checked = self
            .call("thehive/alerts.create-alerts", &(origin, alerts))
            .and_then(|()| at_most("alerts", alerts.len(), BATCH))
            .and_then(|()| self.bound(origin));
        let source = match checked {
            Ok(source) => source,
            Err(error) => return alerts.iter().map(|_| Err(error.clone())).collect(),
        };
        let now = self.now();
        let mut store = self.thehive.borrow_mut();
        alerts.iter().map(|new| store.create(&source, new, now)).collect()
    }

    fn find_alerts(&self, _: &String, keys: &[AlertKey]) -> Result<Vec<Option<Alert>>, Error> {
        self.call("thehive/alerts.find-alerts", &keys)?;
        at_most("keys", keys.len(), BATCH)?;
        let store = self.thehive.borrow();
        Ok(keys.iter().map(|key| store.find(key).cloned()).collect())
    }

    fn get_alert(&self, _: &String, id: &str) -> Result<Alert, Error> {
        self.call("thehive/alerts.get-alert", &id)?;
        self.thehive.borrow_mut().by_id(id).cloned()
    }

    fn update_alert(&self, _: &String, id: &str, patch: &AlertPatch) -> Result<Alert, Error> {
        self.call("thehive/alerts.update-alert", &(id, patch))?;
        let now = self.now();
        let mut store = self.thehive.borrow_mut();
        let alert = store.by_id(id)?;
        if let Some(title) = &patch.title {
            alert.title.clone_from(title);
        }
        if let Some(severity) = patch.severity {
            alert.severity = severity;
        }
        if let Some(status) = &patch.status {
            alert.status.clone_from(status);
        }
        alert.tags.retain(|tag| !patch.remove_tags.contains(tag));
        for tag in &patch.add_tags {
            if !alert.tags.contains(tag) {
                alert.tags.push(tag.clone());
            }
        }
        alert.updated_at = Some(now);
        Ok(alert.clone())
    }

    fn observable_types(&self, _: &String) -> Result<Vec<String>, Error> {
        self.call("thehive/alerts.observable-types", &())?;
        Ok(self.thehive.borrow().types.clone())
    }
}
