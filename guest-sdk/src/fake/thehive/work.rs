//! Which cases, tasks, logs and users does the fake hold?

use super::statuses::{self, set_fields};
use super::{BATCH, Ids, OWN_LOGIN, chars, invalid, patch_tags, tags_fit};
use crate::error::Error;
use crate::fake::{Fake, FakeBlob, script::at_most};
use crate::thehive::{
    Case, CaseFilter, CasePage, CasePatch, Cases, Closing, Log, MergedObservables, NewCase, NewTask, NewUser, Subject,
    Task, TemplateParts, User, Users,
};
use crate::workflow::Workflow;

/// What users of the fake may do.
const PROFILE: &str = "analyst";

/// A log entry, where it belongs and what is attached to it.
pub(super) type HeldLog = (String, Log, Vec<FakeBlob>);

#[derive(Default)]
pub(super) struct Store {
    pub(super) cases: Vec<Case>,
    created: Vec<NewCase>,
    pub(super) tasks: Vec<(String, Task)>,
    pub(super) logs: Vec<HeldLog>,
    users: Vec<User>,
    last_number: u64,
}

impl Fake {
    /// A user who can be assigned; locked ones cannot. Without any user everybody can.
    pub fn with_user(self, login: &str, name: &str, email: Option<&str>, locked: bool) -> Self {
        self.thehive.borrow_mut().work.users.push(User {
            login: login.to_owned(),
            name: name.to_owned(),
            email: email.map(str::to_owned),
            locked,
            profile: PROFILE.to_owned(),
        });
        self
    }

    /// All cases that exist, oldest first.
    pub fn cases(&self) -> Vec<Case> {
        self.thehive.borrow().work.cases.clone()
    }

    /// What the workflow created, in order.
    pub fn created_cases(&self) -> Vec<NewCase> {
        self.thehive.borrow().work.created.clone()
    }

    /// A case that somebody else made; its id.
    pub fn add_case(&self, new: &NewCase) -> String {
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        store.work.insert(&mut store.ids, new, now).id
    }

    /// What an analyst changes about a case.
    pub fn change_case(&self, id: &str, change: impl FnOnce(&mut Case)) {
        if let Ok(case) = self.thehive.borrow_mut().work.case(id) {
            change(case);
        }
    }

    /// A case that an analyst deletes, with its tasks.
    pub fn delete_case(&self, id: &str) {
        let mut store = self.thehive.borrow_mut();
        store.work.cases.retain(|case| case.id != id);
        store.work.tasks.retain(|(case, _)| case != id);
    }

    /// The tasks of a case, oldest first.
    pub fn tasks(&self, case_id: &str) -> Vec<Task> {
        self.thehive.borrow().work.tasks_of(case_id)
    }

    /// The log entries of all tasks of a case, in the order they were made, with what is attached.
    pub fn logs(&self, case_id: &str) -> Vec<(Log, Vec<FakeBlob>)> {
        let store = self.thehive.borrow();
        let tasks = store.work.tasks_of(case_id);
        let of_case = |(task, ..): &&HeldLog| tasks.iter().any(|known| known.id == *task);
        store
            .work
            .logs
            .iter()
            .filter(of_case)
            .map(|(_, log, files)| (log.clone(), files.clone()))
            .collect()
    }
}

impl Store {
    pub(super) fn case(&mut self, id: &str) -> Result<&mut Case, Error> {
        let wanted = |case: &&mut Case| case.id == id || case.number.to_string() == id;
        self.cases.iter_mut().find(wanted).ok_or(Error::NotFound)
    }

    pub(super) fn tasks_of(&self, case_id: &str) -> Vec<Task> {
        self.tasks
            .iter()
            .filter(|(case, _)| case == case_id)
            .map(|(_, task)| task.clone())
            .collect()
    }

    pub(super) fn insert(&mut self, ids: &mut Ids, new: &NewCase, now: u64) -> Case {
        self.last_number += 1;
        let id = ids.next();
        let case = Case {
            link: format!("https://thehive.example/cases/{id}/details"),
            id,
            number: self.last_number,
            title: new.title.clone(),
            description: new.description.clone(),
            severity: new.severity,
            start_date: new.start_date,
            tags: new.tags.clone(),
            flag: new.flag,
            tlp: new.tlp,
            pap: new.pap,
            status: "New".to_owned(),
            stage: "New".to_owned(),
            summary: None,
            impact: None,
            assignee: new.assignee.clone().or_else(|| Some(OWN_LOGIN.to_owned())),
            custom_fields: new.custom_fields.clone(),
            closed_at: None,
            created_at: now,
            created_by: OWN_LOGIN.to_owned(),
            updated_at: None,
            updated_by: None,
        };
        self.cases.push(case.clone());
        case
    }

    fn create(&mut self, ids: &mut Ids, new: &NewCase, now: u64) -> Result<Case, Error> {
        chars("title", &new.title, 1, 512)?;
        chars("description", &new.description, 0, 1 << 20)?;
        tags_fit(&new.tags)?;
        self.can_be_assigned(new.assignee.as_deref())?;
        self.created.push(new.clone());
        Ok(self.insert(ids, new, now))
    }

    /// The server refuses a login it does not know, and one that is locked.
    pub(super) fn can_be_assigned(&self, login: Option<&str>) -> Result<(), Error> {
        let Some(login) = login else { return Ok(()) };
        if self.users.is_empty()
            || login == OWN_LOGIN
            || self.users.iter().any(|user| user.login == login && !user.locked)
        {
            return Ok(());
        }
        Err(invalid("assignee", format!("`{login}` cannot be assigned")))
    }

    pub(super) fn create_task(&mut self, ids: &mut Ids, new: &NewTask, now: u64) -> Result<Task, Error> {
        chars("title", &new.title, 1, 128)?;
        self.case(&new.case_id)?;
        self.can_be_assigned(new.assignee.as_deref())?;
        let task = Task {
            id: ids.next(),
            title: new.title.clone(),
            group: new.group.clone().unwrap_or_else(|| "default".to_owned()),
            status: new.status,
            assignee: new.assignee.clone(),
            description: new.description.clone(),
            mandatory: false,
            flag: false,
            due_date: None,
            start_date: None,
            end_date: None,
            created_at: now,
            updated_at: None,
        };
        self.tasks.push((new.case_id.clone(), task.clone()));
        Ok(task)
    }

    pub(super) fn task(&mut self, id: &str) -> Result<&mut Task, Error> {
        self.tasks
            .iter_mut()
            .map(|(_, task)| task)
            .find(|task| task.id == id)
            .ok_or(Error::NotFound)
    }
}

fn fits(case: &Case, filter: &CaseFilter) -> bool {
    filter.tags.iter().all(|tag| case.tags.contains(tag))
        && filter.title.as_ref().is_none_or(|title| case.title == *title)
        && filter
            .custom_fields
            .iter()
            .all(|field| case.custom_fields.contains(field))
        && !(filter.open && case.stage == "Closed")
}

impl Cases for Fake {
    fn create_cases(&self, _: &String, cases: &[NewCase]) -> Vec<Result<Case, Error>> {
        let checked = self
            .call("thehive/cases.create-cases", &cases)
            .and_then(|()| at_most("cases", cases.len(), BATCH));
        if let Err(error) = checked {
            return cases.iter().map(|_| Err(error.clone())).collect();
        }
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        let (work, ids) = (&mut store.work, &mut store.ids);
        cases.iter().map(|new| work.create(ids, new, now)).collect()
    }

    fn find_cases(&self, _: &String, filter: &CaseFilter, cursor: Option<&str>) -> Result<CasePage, Error> {
        self.call("thehive/cases.find-cases", &(filter, cursor))?;
        if filter.tags.is_empty() && filter.title.is_none() && filter.custom_fields.is_empty() {
            return Err(invalid(
                "filter",
                "at least one condition beside `open` is needed".to_owned(),
            ));
        }
        let from = cursor.map_or(0, |cursor| cursor.parse().unwrap_or(usize::MAX));
        let store = self.thehive.borrow();
        let found = store.work.cases.iter().rev().filter(|case| fits(case, filter));
        let mut cases: Vec<Case> = found.skip(from).take(BATCH + 1).cloned().collect();
        let cursor = (cases.len() > BATCH).then(|| (from + BATCH).to_string());
        cases.truncate(BATCH);
        Ok(CasePage { cases, cursor })
    }

    fn get_case(&self, _: &String, id: &str) -> Result<Case, Error> {
        self.call("thehive/cases.get-case", &id)?;
        self.thehive.borrow_mut().work.case(id).cloned()
    }

    fn update_case(&self, _: &String, id: &str, patch: &CasePatch) -> Result<Case, Error> {
        self.call("thehive/cases.update-case", &(id, patch))?;
        let now = self.now();
        let work = &mut self.thehive.borrow_mut().work;
        work.can_be_assigned(patch.assignee.as_deref())?;
        let case = work.case(id)?;
        change(case, patch, now)?;
        Ok(case.clone())
    }

    fn close_case(&self, _: &String, id: &str, closing: &Closing) -> Result<Case, Error> {
        self.call("thehive/cases.close-case", &(id, closing))?;
        let now = self.now();
        let status = statuses::closed(&closing.status)?;
        let work = &mut self.thehive.borrow_mut().work;
        let case = work.case(id)?;
        (case.status, case.stage, case.closed_at) = (status, "Closed".to_owned(), Some(now));
        case.impact = Some(closing.impact);
        case.summary = closing.summary.clone().or(case.summary.take());
        (case.updated_at, case.updated_by) = (Some(now), Some(OWN_LOGIN.to_owned()));
        Ok(case.clone())
    }

    fn reopen_case(&self, _: &String, id: &str) -> Result<Case, Error> {
        self.call("thehive/cases.reopen-case", &id)?;
        let now = self.now();
        let work = &mut self.thehive.borrow_mut().work;
        let case = work.case(id)?;
        (case.status, case.stage, case.closed_at) = ("InProgress".to_owned(), "InProgress".to_owned(), None);
        (case.updated_at, case.updated_by) = (Some(now), Some(OWN_LOGIN.to_owned()));
        Ok(case.clone())
    }

    fn promote_alert(
        &self,
        _: &String,
        alert_id: &str,
        assignee: Option<&str>,
        case_template: Option<&str>,
    ) -> Result<Case, Error> {
        self.call("thehive/cases.promote-alert", &(alert_id, assignee, case_template))?;
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        let alert = store.alerts.by_id(alert_id)?;
        if let Some(case) = alert.case_id.clone() {
            return store.work.case(&case).cloned();
        }
        let new = NewCase {
            title: alert.title.clone(),
            description: alert.description.clone().unwrap_or_default(),
            severity: alert.severity,
            start_date: alert.date,
            tlp: alert.tlp,
            pap: alert.pap,
            tags: alert.tags.clone(),
            flag: false,
            assignee: assignee.map(str::to_owned),
            case_template: case_template.map(str::to_owned),
            custom_fields: Vec::new(),
            dedup_key: None,
        };
        let case = store.work.insert(&mut store.ids, &new, now);
        let alert = store.alerts.by_id(alert_id)?;
        (alert.case_id, alert.stage, alert.status) = (Some(case.id.clone()), "Imported".into(), "Imported".into());
        alert.imported_at = Some(now);
        Ok(case)
    }

    fn update_cases(&self, _: &String, ids: &[String], patch: &CasePatch) -> Result<(), Error> {
        self.call("thehive/cases.update-cases", &(ids, patch))?;
        at_most("ids", ids.len(), BATCH)?;
        let now = self.now();
        let work = &mut self.thehive.borrow_mut().work;
        work.can_be_assigned(patch.assignee.as_deref())?;
        // All or none, as at the server.
        for id in ids {
            work.case(id)?;
        }
        ids.iter().try_for_each(|id| change(work.case(id)?, patch, now))
    }

    fn delete_cases(&self, _: &String, ids: &[String]) -> Vec<Result<(), Error>> {
        self.each("thehive/cases.delete-cases", ids, |store, id| {
            store.work.case(id)?;
            store.work.cases.retain(|case| case.id != *id);
            store.work.tasks.retain(|(case, _)| case != id);
            Ok(())
        })
    }

    fn merge_cases(&self, _: &String, ids: &[String]) -> Result<Case, Error> {
        self.call("thehive/cases.merge-cases", &ids)?;
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        let mut parts = Vec::new();
        for id in ids {
            parts.push(store.work.case(id)?.clone());
        }
        let Some(mut merged) = parts.first().cloned() else {
            return Err(invalid("ids", "a merge needs two cases at least".to_owned()));
        };
        let joined = |text: fn(&Case) -> &String, between: &str| -> String {
            parts
                .iter()
                .map(|case| text(case).as_str())
                .collect::<Vec<_>>()
                .join(between)
        };
        (merged.title, merged.description) = (
            joined(|case| &case.title, " / "),
            joined(|case| &case.description, "\n\n"),
        );
        store.work.last_number += 1;
        (merged.id, merged.number, merged.created_at) = (store.ids.next(), store.work.last_number, now);
        merged.tags = parts.iter().flat_map(|case| case.tags.clone()).collect();
        merged.tags.dedup();
        store.work.cases.retain(|case| !ids.contains(&case.id));
        for (case, _) in store.work.tasks.iter_mut().filter(|(case, _)| ids.contains(case)) {
            case.clone_from(&merged.id);
        }
        store.work.cases.push(merged.clone());
        Ok(merged)
    }

    fn merge_alert(&self, _: &String, alert_id: &str, case_id: &str) -> Result<Case, Error> {
        self.call("thehive/cases.merge-alert", &(alert_id, case_id))?;
        self.bring(&[alert_id.to_owned()], case_id, true)
    }

    fn import_alert(&self, _: &String, alert_id: &str, case_id: &str) -> Result<Case, Error> {
        self.call("thehive/cases.import-alert", &(alert_id, case_id))?;
        self.bring(&[alert_id.to_owned()], case_id, false)
    }

    fn merge_alerts(&self, _: &String, alert_ids: &[String], case_id: &str) -> Result<Case, Error> {
        self.call("thehive/cases.merge-alerts", &(alert_ids, case_id))?;
        at_most("alert-ids", alert_ids.len(), 50)?;
        self.bring(alert_ids, case_id, true)
    }

    fn unlink_alert(&self, _: &String, case_id: &str, alert_id: &str) -> Result<(), Error> {
        self.call("thehive/cases.unlink-alert", &(case_id, alert_id))?;
        let mut store = self.thehive.borrow_mut();
        let alert = store.alerts.by_id(alert_id)?;
        if alert.case_id.as_deref() != Some(case_id) {
            return Err(Error::NotFound);
        }
        (alert.case_id, alert.imported_at) = (None, None);
        (alert.status, alert.stage) = ("New".to_owned(), "New".to_owned());
        Ok(())
    }

    fn merge_observables(&self, _: &String, case_id: &str) -> Result<MergedObservables, Error> {
        self.call("thehive/cases.merge-observables", &case_id)?;
        let untouched = u32::try_from(self.observables(case_id).len()).unwrap_or(u32::MAX);
        // The fake refuses a second equal observable, so there is nothing to merge.
        Ok(MergedObservables {
            untouched,
            updated: 0,
            deleted: 0,
        })
    }

    fn apply_template(
        &self,
        _: &String,
        case_ids: &[String],
        template: &str,
        parts: &TemplateParts,
    ) -> Result<(), Error> {
        self.call("thehive/cases.apply-template", &(case_ids, template, parts))?;
        let found = self.template(template)?;
        let store = &mut *self.thehive.borrow_mut();
        for id in case_ids {
            let case = store.work.case(id)?;
            if parts.tags {
                patch_tags(&mut case.tags, &found.tags, &[]);
            }
            if let (true, Some(description)) = (parts.description, &found.description) {
                case.description.clone_from(description);
            }
        }
        Ok(())
    }
}

impl Fake {
    /// Alerts go into a case, all or none.
    fn bring(&self, alerts: &[String], case_id: &str, with_text: bool) -> Result<Case, Error> {
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        store.work.case(case_id)?;
        for id in alerts {
            let alert = store.alerts.by_id(id)?;
            if alert.case_id.as_deref().is_some_and(|case| case != case_id) {
                return Err(Error::Conflict(format!("alert {id} is in another case already")));
            }
        }
        for id in alerts {
            let alert = store.alerts.by_id(id)?;
            if alert.case_id.is_some() {
                continue;
            }
            (alert.case_id, alert.imported_at) = (Some(case_id.to_owned()), Some(now));
            (alert.status, alert.stage) = ("Imported".to_owned(), "Imported".to_owned());
            let (title, text, tags) = (alert.title.clone(), alert.description.clone(), alert.tags.clone());
            let case = store.work.case(case_id)?;
            if with_text {
                let text = text.unwrap_or_default();
                case.description
                    .push_str(&format!("\n\n#### Merged with alert {title}\n\n{text}"));
                patch_tags(&mut case.tags, &tags, &[]);
            }
        }
        store.work.case(case_id).cloned()
    }
}

fn change(case: &mut Case, patch: &CasePatch, now: u64) -> Result<(), Error> {
    if let Some(title) = &patch.title {
        case.title.clone_from(title);
    }
    if let Some(description) = &patch.description {
        case.description.clone_from(description);
    }
    case.severity = patch.severity.unwrap_or(case.severity);
    case.tlp = patch.tlp.unwrap_or(case.tlp);
    case.pap = patch.pap.unwrap_or(case.pap);
    case.flag = patch.flag.unwrap_or(case.flag);
    case.start_date = patch.start_date.unwrap_or(case.start_date);
    case.impact = patch.impact.or(case.impact);
    case.summary = patch.summary.clone().or(case.summary.take());
    if let Some(status) = &patch.status {
        case.stage = statuses::stage(Subject::Case, status)?;
        case.status.clone_from(status);
        case.closed_at = (case.stage == "Closed").then_some(now);
    }
    if let Some(assignee) = &patch.assignee {
        case.assignee = Some(assignee.clone());
    }
    patch_tags(&mut case.tags, &patch.add_tags, &patch.remove_tags);
    set_fields(&mut case.custom_fields, &patch.custom_fields);
    (case.updated_at, case.updated_by) = (Some(now), Some(OWN_LOGIN.to_owned()));
    Ok(())
}

impl Users for Fake {
    fn list_users(&self, _: &String) -> Result<Vec<User>, Error> {
        self.call("thehive/users.list-users", &())?;
        Ok(self.thehive.borrow().work.users.clone())
    }

    fn current_user(&self, _: &String) -> Result<User, Error> {
        self.call("thehive/users.current-user", &())?;
        Ok(User {
            login: OWN_LOGIN.to_owned(),
            name: "Synapse".to_owned(),
            email: None,
            locked: false,
            profile: PROFILE.to_owned(),
        })
    }

    fn get_user(&self, _: &String, login: &str) -> Result<User, Error> {
        self.call("thehive/users.get-user", &login)?;
        let store = self.thehive.borrow();
        let found = store.work.users.iter().find(|user| user.login == login);
        found.cloned().ok_or(Error::NotFound)
    }

    fn set_locked(&self, _: &String, login: &str, locked: bool) -> Result<User, Error> {
        self.call("thehive/users.set-locked", &(login, locked))?;
        let mut store = self.thehive.borrow_mut();
        let found = store.work.users.iter_mut().find(|user| user.login == login);
        let user = found.ok_or(Error::NotFound)?;
        user.locked = locked;
        Ok(user.clone())
    }

    fn create_user(&self, _: &String, user: &NewUser) -> Result<User, Error> {
        self.call("thehive/users.create-user", &user)?;
        chars("user.name", &user.name, 1, 128)?;
        let mut store = self.thehive.borrow_mut();
        if store.work.users.iter().any(|known| known.login == user.login) {
            return Err(Error::AlreadyExists(user.login.clone()));
        }
        let made = User {
            login: user.login.clone(),
            name: user.name.clone(),
            email: None,
            locked: false,
            profile: user.profile.clone(),
        };
        store.work.users.push(made.clone());
        Ok(made)
    }
}
