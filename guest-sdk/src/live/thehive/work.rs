//! Which imports stand behind cases, tasks, comments and users?

use crate::bindings::thehive::synapse::thehive::{cases, comments, tasks, users};
use crate::error::Error;
use crate::live::Live;
use crate::thehive::{
    Case, CaseFilter, CasePage, CasePatch, Cases, Comment, Comments, Log, NewCase, NewLog, NewTask, Owner, Task,
    TaskPatch, Tasks, User, Users,
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

    fn promote_alert(
        &self,
        organisation: &Self::Organisation,
        alert_id: &str,
        assignee: Option<&str>,
        case_template: Option<&str>,
    ) -> Result<Case, Error> {
        cases::promote_alert(organisation, alert_id, assignee, case_template)
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
}

impl Users for Live {
    fn list_users(&self, organisation: &Self::Organisation) -> Result<Vec<User>, Error> {
        users::list_users(organisation)
    }

    fn current_user(&self, organisation: &Self::Organisation) -> Result<User, Error> {
        users::current_user(organisation)
    }
}
