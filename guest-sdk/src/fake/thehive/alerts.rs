//! Which alerts does the fake hold, and what did the workflow create?

use std::collections::BTreeMap;

use super::statuses::{self, set_fields};
use super::{BATCH, Ids, OWN_LOGIN, chars, patch_tags, tags_fit};
use crate::error::Error;
use crate::fake::{Fake, script::at_most};
use crate::thehive::{Alert, AlertKey, AlertPatch, NewAlert, Owner, Subject, TheHive};
use crate::workflow::Workflow;

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
    pub(super) alerts: Vec<Alert>,
    created: Vec<NewAlert>,
    types: Vec<String>,
    failures: BTreeMap<String, Error>,
}

impl Default for Store {
    fn default() -> Self {
        let types = BUILT_IN_TYPES.iter().map(|name| (*name).to_owned()).collect();
        Self {
            alerts: Vec::new(),
            created: Vec::new(),
            types,
            failures: BTreeMap::new(),
        }
    }
}

impl Fake {
    /// The observable types the organisation knows, instead of the built-in ones.
    pub fn with_observable_types(self, types: &[&str]) -> Self {
        self.thehive.borrow_mut().alerts.types = types.iter().map(|name| (*name).to_owned()).collect();
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
        let mut store = self.thehive.borrow_mut();
        let id = store.ids.next();
        store.alerts.insert(id, key, "made by somebody else", now).id
    }

    /// What somebody else changes about an alert.
    pub fn change_alert(&self, id: &str, change: impl FnOnce(&mut Alert)) {
        if let Ok(alert) = self.thehive.borrow_mut().alerts.by_id(id) {
            change(alert);
        }
    }

    /// An alert that an analyst deletes.
    pub fn delete_alert(&self, id: &str) {
        self.thehive.borrow_mut().alerts.alerts.retain(|alert| alert.id != id);
    }

    /// Creating the alert with this reference fails, every time.
    pub fn fail_alert(&self, source_ref: &str, error: Error) {
        self.thehive
            .borrow_mut()
            .alerts
            .failures
            .insert(source_ref.to_owned(), error);
    }

    /// What the workflow created, in order.
    pub fn created_alerts(&self) -> Vec<NewAlert> {
        self.thehive.borrow().alerts.created.clone()
    }

    /// All alerts that exist.
    pub fn alerts(&self) -> Vec<Alert> {
        self.thehive.borrow().alerts.alerts.clone()
    }
}

impl Store {
    fn find(&self, key: &AlertKey) -> Option<&Alert> {
        self.alerts.iter().find(|alert| alert.key == *key)
    }

    fn insert(&mut self, id: String, key: AlertKey, title: &str, now: u64) -> Alert {
        let alert = Alert {
            link: format!("https://thehive.example/alerts/{id}/details"),
            id,
            key,
            title: title.to_owned(),
            description: Some(String::new()),
            severity: crate::thehive::Severity::Medium,
            date: now,
            tags: Vec::new(),
            tlp: crate::thehive::Tlp::Amber,
            pap: crate::thehive::Pap::Amber,
            status: "New".to_owned(),
            stage: "New".to_owned(),
            summary: None,
            case_id: None,
            assignee: None,
            external_link: None,
            case_template: None,
            custom_fields: Vec::new(),
            observable_count: 0,
            follow: true,
            imported_at: None,
            closed_at: None,
            created_at: now,
            created_by: OWN_LOGIN.to_owned(),
            updated_at: None,
            updated_by: None,
        };
        self.alerts.push(alert.clone());
        alert
    }

    fn create(&mut self, ids: &mut Ids, source: &str, new: &NewAlert, now: u64) -> Result<Alert, Error> {
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
        let mut alert = self.insert(ids.next(), key, &new.title, now);
        (alert.severity, alert.date, alert.tags) = (new.severity, new.date, new.tags.clone());
        (alert.tlp, alert.pap, alert.description) = (new.tlp, new.pap, Some(new.description.clone()));
        (alert.external_link, alert.case_template) = (new.external_link.clone(), new.case_template.clone());
        alert.custom_fields.clone_from(&new.custom_fields);
        alert.observable_count = new.observables.len() as u64;
        if let Some(kept) = self.alerts.last_mut() {
            *kept = alert.clone();
        }
        self.created.push(new.clone());
        Ok(alert)
    }

    pub(super) fn by_id(&mut self, id: &str) -> Result<&mut Alert, Error> {
        self.alerts
            .iter_mut()
            .find(|alert| alert.id == id)
            .ok_or(Error::NotFound)
    }
}

/// The lengths that TheHive 5 accepts.
fn check(new: &NewAlert) -> Result<(), Error> {
    chars("type", &new.type_, 1, 32)?;
    chars("source-ref", &new.source_ref, 1, 128)?;
    chars("title", &new.title, 1, 512)?;
    chars("description", &new.description, 0, 1 << 20)?;
    chars("external-link", new.external_link.as_deref().unwrap_or("x"), 1, 512)?;
    tags_fit(&new.tags)?;
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
        let store = &mut *self.thehive.borrow_mut();
        let (held, ids, evidence) = (&mut store.alerts, &mut store.ids, &mut store.evidence);
        let create = |new: &NewAlert| {
            let alert = held.create(ids, &source, new, now)?;
            evidence.create(&Owner::Alert(alert.id.clone()), &new.observables);
            Ok(alert)
        };
        alerts.iter().map(create).collect()
    }

    fn find_alerts(&self, _: &String, keys: &[AlertKey]) -> Result<Vec<Option<Alert>>, Error> {
        self.call("thehive/alerts.find-alerts", &keys)?;
        at_most("keys", keys.len(), BATCH)?;
        let store = self.thehive.borrow();
        let shown = |alert: &Alert| Alert {
            description: None,
            ..alert.clone()
        };
        Ok(keys.iter().map(|key| store.alerts.find(key).map(shown)).collect())
    }

    fn get_alert(&self, _: &String, id: &str) -> Result<Alert, Error> {
        self.call("thehive/alerts.get-alert", &id)?;
        self.thehive.borrow_mut().alerts.by_id(id).cloned()
    }

    fn update_alert(&self, _: &String, id: &str, patch: &AlertPatch) -> Result<Alert, Error> {
        self.call("thehive/alerts.update-alert", &(id, patch))?;
        let now = self.now();
        let mut store = self.thehive.borrow_mut();
        let alert = store.alerts.by_id(id)?;
        change(alert, patch, now)?;
        Ok(alert.clone())
    }

    fn observable_types(&self, _: &String) -> Result<Vec<String>, Error> {
        self.call("thehive/alerts.observable-types", &())?;
        Ok(self.thehive.borrow().alerts.types.clone())
    }

    fn update_alerts(&self, _: &String, ids: &[String], patch: &AlertPatch) -> Result<(), Error> {
        self.call("thehive/alerts.update-alerts", &(ids, patch))?;
        at_most("ids", ids.len(), BATCH)?;
        let now = self.now();
        let mut store = self.thehive.borrow_mut();
        // All or none, as at the server.
        for id in ids {
            store.alerts.by_id(id)?;
        }
        ids.iter()
            .try_for_each(|id| change(store.alerts.by_id(id)?, patch, now))
    }

    fn delete_alerts(&self, _: &String, ids: &[String]) -> Vec<Result<(), Error>> {
        self.each("thehive/alerts.delete-alerts", ids, |store, id| {
            store.alerts.by_id(id)?;
            store.alerts.alerts.retain(|alert| alert.id != *id);
            Ok(())
        })
    }

    fn follow_alert(&self, _: &String, id: &str, follow: bool) -> Result<(), Error> {
        self.call("thehive/alerts.follow-alert", &(id, follow))?;
        self.thehive.borrow_mut().alerts.by_id(id)?.follow = follow;
        Ok(())
    }
}

fn change(alert: &mut Alert, patch: &AlertPatch, now: u64) -> Result<(), Error> {
    if let Some(title) = &patch.title {
        alert.title.clone_from(title);
    }
    alert.severity = patch.severity.unwrap_or(alert.severity);
    alert.tlp = patch.tlp.unwrap_or(alert.tlp);
    alert.pap = patch.pap.unwrap_or(alert.pap);
    if let Some(status) = &patch.status {
        alert.stage = statuses::stage(Subject::Alert, status)?;
        alert.status.clone_from(status);
        alert.closed_at = (alert.stage == "Closed").then_some(now);
    }
    alert.description = patch.description.clone().or(alert.description.take());
    alert.summary = patch.summary.clone().or(alert.summary.take());
    alert.assignee = patch.assignee.clone().or(alert.assignee.take());
    alert.external_link = patch.external_link.clone().or(alert.external_link.take());
    patch_tags(&mut alert.tags, &patch.add_tags, &patch.remove_tags);
    set_fields(&mut alert.custom_fields, &patch.custom_fields);
    (alert.updated_at, alert.updated_by) = (Some(now), Some(OWN_LOGIN.to_owned()));
    Ok(())
}
