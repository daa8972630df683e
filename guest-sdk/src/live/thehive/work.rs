//! Which imports stand behind cases, tasks, comments and users?

use crate::bindings::thehive::synapse::thehive::{cases, comments, statuses, tasks, users};
use crate::error::Error;
use crate::live::Live;
use crate::thehive::{
    Case, CaseFilter, CasePage, CasePatch, Cases, Closing, Comment, Comments, Log, MergedObservables, NewCase, NewLog,
    NewTask, NewUser, Owner, Status, Statuses, Subject, Task, TaskAction, TaskPatch, Tasks, TemplateParts, User, Users,
};

impl Cases for Live {
    fn create_cases(&self, organisation: &Self::Organisation, new: &[NewCase]) -> Vec<Result<Case, Error>> {
        cases::create_cases(organisation, new)
    }

    fn find_cases(
        &self,
        organisation: &Self::Organisation,
        filter: &CaseFilter,
        cursor: Option<&str>,
    ) -> Result<CasePage, Error> {
        cases::find_cases(organisation, filter, cursor)
    }

    fn get_case(&self, organisation: &Self::Organisation, id: &str) -> Result<Case, Error> {
        cases::get_case(organisation, id)
    }

    fn update_case(&self, organisation: &Self::Organisation, id: &str, patch: &CasePatch) -> Result<Case, Error> {
        cases::update_case(organisation, id, patch)
    }

    fn close_case(&self, organisation: &Self::Organisation, id: &str, closing: &Closing) -> Result<Case, Error> {
        cases::close_case(organisation, id, closing)
    }

    fn reopen_case(&self, organisation: &Self::Organisation, id: &str) -> Result<Case, Error> {
        cases::reopen_case(organisation, id)
    }

    fn promote_alert(
        &self,
        organisation: &Self::Organisation,
        alert_id: &str,
        assignee: Option<&str>,
        case_template: Option<&str>,
    ) -> Result<Case, Error> {
        cases::promote_alert(organisation, alert_id, assignee, case_template)
    }

    fn update_cases(&self, organisation: &Self::Organisation, ids: &[String], patch: &CasePatch) -> Result<(), Error> {
        cases::update_cases(organisation, ids, patch)
    }

    fn delete_cases(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>> {
        cases::delete_cases(organisation, ids)
    }

    fn merge_cases(&self, organisation: &Self::Organisation, ids: &[String]) -> Result<Case, Error> {
        cases::merge_cases(organisation, ids)
    }

    fn merge_alert(&self, organisation: &Self::Organisation, alert_id: &str, case_id: &str) -> Result<Case, Error> {
        cases::merge_alert(organisation, alert_id, case_id)
    }

    fn import_alert(&self, organisation: &Self::Organisation, alert_id: &str, case_id: &str) -> Result<Case, Error> {
        cases::import_alert(organisation, alert_id, case_id)
    }

    fn merge_alerts(
        &self,
        organisation: &Self::Organisation,
        alert_ids: &[String],
        case_id: &str,
    ) -> Result<Case, Error> {
        cases::merge_alerts(organisation, alert_ids, case_id)
    }

    fn unlink_alert(&self, organisation: &Self::Organisation, case_id: &str, alert_id: &str) -> Result<(), Error> {
        cases::unlink_alert(organisation, case_id, alert_id)
    }

    fn merge_observables(&self, organisation: &Self::Organisation, case_id: &str) -> Result<MergedObservables, Error> {
        cases::merge_observables(organisation, case_id)
    }

    fn apply_template(
        &self,
        organisation: &Self::Organisation,
        case_ids: &[String],
        template: &str,
        parts: &TemplateParts,
    ) -> Result<(), Error> {
        cases::apply_template(organisation, case_ids, template, parts)
    }
}

impl Tasks for Live {
    fn create_tasks(&self, organisation: &Self::Organisation, new: &[NewTask]) -> Vec<Result<Task, Error>> {
        tasks::create_tasks(organisation, new)
    }

    fn list_tasks(&self, organisation: &Self::Organisation, case_id: &str) -> Result<Vec<Task>, Error> {
        tasks::list_tasks(organisation, case_id)
    }

    fn update_task(&self, organisation: &Self::Organisation, id: &str, patch: &TaskPatch) -> Result<Task, Error> {
        tasks::update_task(organisation, id, patch)
    }

    fn create_log(
        &self,
        organisation: &Self::Organisation,
        log: &NewLog,
        attachments: &[&Self::Blob],
    ) -> Result<Log, Error> {
        tasks::create_log(organisation, log, attachments)
    }

    fn list_logs(&self, organisation: &Self::Organisation, task_id: &str) -> Result<Vec<Log>, Error> {
        tasks::list_logs(organisation, task_id)
    }

    fn get_task(&self, organisation: &Self::Organisation, id: &str) -> Result<Task, Error> {
        tasks::get_task(organisation, id)
    }

    fn update_tasks(&self, organisation: &Self::Organisation, ids: &[String], patch: &TaskPatch) -> Result<(), Error> {
        tasks::update_tasks(organisation, ids, patch)
    }

    fn delete_tasks(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>> {
        tasks::delete_tasks(organisation, ids)
    }

    fn list_actions(&self, organisation: &Self::Organisation, task_id: &str) -> Result<Vec<TaskAction>, Error> {
        tasks::list_actions(organisation, task_id)
    }

    fn set_action(&self, organisation: &Self::Organisation, task_id: &str, action: &TaskAction) -> Result<(), Error> {
        tasks::set_action(organisation, task_id, action)
    }

    fn update_log(&self, organisation: &Self::Organisation, id: &str, message: &str) -> Result<Log, Error> {
        tasks::update_log(organisation, id, message)
    }

    fn delete_logs(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>> {
        tasks::delete_logs(organisation, ids)
    }

    fn attach_to_log(&self, organisation: &Self::Organisation, log_id: &str, file: &Self::Blob) -> Result<(), Error> {
        tasks::attach_to_log(organisation, log_id, file)
    }
}

impl Comments for Live {
    fn add_comment(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        message: &str,
        dedup_key: Option<&str>,
    ) -> Result<Comment, Error> {
        comments::add_comment(organisation, owner, message, dedup_key)
    }

    fn list_comments(&self, organisation: &Self::Organisation, owner: &Owner) -> Result<Vec<Comment>, Error> {
        comments::list_comments(organisation, owner)
    }

    fn update_comment(&self, organisation: &Self::Organisation, id: &str, message: &str) -> Result<(), Error> {
        comments::update_comment(organisation, id, message)
    }

    fn delete_comments(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>> {
        comments::delete_comments(organisation, ids)
    }
}

impl Statuses for Live {
    fn list_statuses(&self, organisation: &Self::Organisation, subject: Subject) -> Result<Vec<Status>, Error> {
        statuses::list_statuses(organisation, subject)
    }
}

impl Users for Live {
    fn list_users(&self, organisation: &Self::Organisation) -> Result<Vec<User>, Error> {
        users::list_users(organisation)
    }

    fn current_user(&self, organisation: &Self::Organisation) -> Result<User, Error> {
        users::current_user(organisation)
    }

    fn get_user(&self, organisation: &Self::Organisation, login: &str) -> Result<User, Error> {
        users::get_user(organisation, login)
    }

    fn set_locked(&self, organisation: &Self::Organisation, login: &str, locked: bool) -> Result<User, Error> {
        users::set_locked(organisation, login, locked)
    }

    fn create_user(&self, organisation: &Self::Organisation, user: &NewUser) -> Result<User, Error> {
        users::create_user(organisation, user)
    }
}
