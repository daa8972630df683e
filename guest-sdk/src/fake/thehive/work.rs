//! Which cases, tasks, logs and users does the fake hold?

use super::{BATCH, Ids, chars, invalid, patch_tags, tags_fit};
use crate::error::Error;
use crate::fake::{Fake, FakeBlob, script::at_most};
use crate::thehive::{
    Case, CaseFilter, CasePage, CasePatch, Cases, Log, NewCase, NewLog, NewTask, Task, TaskPatch, Tasks, User, Users,
};
use crate::workflow::Workflow;

/// The connection's own user.
const OWN_LOGIN: &str = "synapse@thehive.example";

/// A log entry, where it belongs and what is attached to it.
type HeldLog = (String, Log, Vec<FakeBlob>);

#[derive(Default)]
pub(super) struct Store {
    cases: Vec<Case>,
    created: Vec<NewCase>,
    tasks: Vec<(String, Task)>,
    logs: Vec<HeldLog>,
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

    fn tasks_of(&self, case_id: &str) -> Vec<Task> {
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
            status: "New".to_owned(),
            stage: "New".to_owned(),
            assignee: new.assignee.clone().or_else(|| Some(OWN_LOGIN.to_owned())),
            custom_fields: new.custom_fields.clone(),
            created_at: now,
            updated_at: None,
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
    fn can_be_assigned(&self, login: Option<&str>) -> Result<(), Error> {
        let Some(login) = login else { return Ok(()) };
        if self.users.is_empty()
            || login == OWN_LOGIN
            || self.users.iter().any(|user| user.login == login && !user.locked)
        {
            return Ok(());
        }
        Err(invalid("assignee", format!("`{login}` cannot be assigned")))
    }

    fn create_task(&mut self, ids: &mut Ids, new: &NewTask, now: u64) -> Result<Task, Error> {
        chars("title", &new.title, 1, 128)?;
        self.case(&new.case_id)?;
        self.can_be_assigned(new.assignee.as_deref())?;
        let task = Task {
            id: ids.next(),
            title: new.title.clone(),
            group: new.group.clone().unwrap_or_else(|| "default".to_owned()),
            status: new.status,
            assignee: new.assignee.clone(),
            created_at: now,
        };
        self.tasks.push((new.case_id.clone(), task.clone()));
        Ok(task)
    }

    fn task(&mut self, id: &str) -> Result<&mut Task, Error> {
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
        if let Some(title) = &patch.title {
            case.title.clone_from(title);
        }
        if let Some(description) = &patch.description {
            case.description.clone_from(description);
        }
        if let Some(severity) = patch.severity {
            case.severity = severity;
        }
        if let Some(status) = &patch.status {
            case.status.clone_from(status);
        }
        if let Some(assignee) = &patch.assignee {
            case.assignee = Some(assignee.clone());
        }
        patch_tags(&mut case.tags, &patch.add_tags, &patch.remove_tags);
        for field in &patch.custom_fields {
            case.custom_fields.retain(|known| known.name != field.name);
            case.custom_fields.push(field.clone());
        }
        case.updated_at = Some(now);
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
            description: String::new(),
            severity: alert.severity,
            start_date: alert.date,
            tlp: crate::thehive::Tlp::Amber,
            pap: crate::thehive::Pap::Amber,
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
        Ok(case)
    }
}

impl Tasks for Fake {
    fn create_tasks(&self, _: &String, tasks: &[NewTask]) -> Vec<Result<Task, Error>> {
        let checked = self
            .call("thehive/tasks.create-tasks", &tasks)
            .and_then(|()| at_most("tasks", tasks.len(), BATCH));
        if let Err(error) = checked {
            return tasks.iter().map(|_| Err(error.clone())).collect();
        }
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        let (work, ids) = (&mut store.work, &mut store.ids);
        tasks.iter().map(|new| work.create_task(ids, new, now)).collect()
    }

    fn list_tasks(&self, _: &String, case_id: &str) -> Result<Vec<Task>, Error> {
        self.call("thehive/tasks.list-tasks", &case_id)?;
        let work = &mut self.thehive.borrow_mut().work;
        work.case(case_id)?;
        Ok(work.tasks_of(case_id))
    }

    fn update_task(&self, _: &String, id: &str, patch: &TaskPatch) -> Result<Task, Error> {
        self.call("thehive/tasks.update-task", &(id, patch))?;
        let work = &mut self.thehive.borrow_mut().work;
        work.can_be_assigned(patch.assignee.as_deref())?;
        let task = work.task(id)?;
        if let Some(title) = &patch.title {
            task.title.clone_from(title);
        }
        if let Some(status) = patch.status {
            task.status = status;
        }
        if let Some(assignee) = &patch.assignee {
            task.assignee = Some(assignee.clone());
        }
        Ok(task.clone())
    }

    fn create_log(&self, _: &String, new: &NewLog, attachments: &[&FakeBlob]) -> Result<Log, Error> {
        let names: Vec<String> = attachments.iter().map(|file| file.info().name.clone()).collect();
        self.call("thehive/tasks.create-log", &(new, &names))?;
        at_most("attachments", attachments.len(), 20)?;
        chars("message", &new.message, 1, 1 << 20)?;
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        store.work.task(&new.task_id)?;
        let log = Log {
            id: store.ids.next(),
            message: new.message.clone(),
            date: new.date.unwrap_or(now),
            attachments: names,
        };
        let files = attachments.iter().map(|file| (*file).clone()).collect();
        store.work.logs.push((new.task_id.clone(), log.clone(), files));
        Ok(log)
    }

    fn list_logs(&self, _: &String, task_id: &str) -> Result<Vec<Log>, Error> {
        self.call("thehive/tasks.list-logs", &task_id)?;
        let work = &mut self.thehive.borrow_mut().work;
        work.task(task_id)?;
        Ok(work
            .logs
            .iter()
            .filter(|(task, ..)| task == task_id)
            .map(|(_, log, _)| log.clone())
            .collect())
    }
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
        })
    }
}
