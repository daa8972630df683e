//! Which calls on tasks and their logs are there, and what does the gate need to know about each?

use serde::Serialize;
use synapse_domain::operation::{Effect, Operation};
use synapse_domain::permission::Scopes;

use super::declare::{ask, change};
use crate::bindings::synapse::thehive::tasks::{Action, Log, NewLog, NewTask, Task, TaskPatch};
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::{Kept, Spool};
use crate::gate::{Done, EffectId, Failure, Read, Write};
use crate::thehive::client::Client;
use crate::thehive::types::{LogRow, TaskRow};
use crate::thehive::{check, permission, reconcile};

/// `create-tasks`, one item. The marker that the client adds is not an argument.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CreateTask {
    /// What the guest asks for.
    pub task: NewTask,
}

/// `list-tasks`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListTasks {
    /// The case's id.
    pub case_id: String,
}

/// `update-task`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UpdateTask {
    /// The server's id.
    pub id: String,
    /// Absolute values.
    pub patch: TaskPatch,
}

/// `create-log`. The marker that the client adds is not an argument.
#[derive(Debug, Clone, Serialize)]
pub struct CreateLog {
    /// What the guest asks for.
    pub log: NewLog,
    /// Its attachments, by name and digest.
    pub files: Vec<Kept>,
    /// Where their bytes are.
    #[serde(skip)]
    pub spool: Spool,
}

/// `list-logs`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListLogs {
    /// The task's id.
    pub task_id: String,
}

impl Write for CreateTask {
    const OPERATION: Operation = Operation::write("thehive/tasks.create-tasks", Effect::Probe);
    type Target = Client;
    type Answer = Task;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::CreateTask(self))
    }

    fn dedup_key(&self) -> Option<&str> {
        self.task.dedup_key.as_deref()
    }

    fn check(&self) -> Result<(), Error> {
        check::create_task(self)
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes, effect: &EffectId) -> Result<Done<Task>, Failure> {
        reconcile::create_task(client, self, effect).await
    }

    async fn probe(&self, client: &Client, effect: &EffectId) -> Result<Option<Task>, Error> {
        reconcile::created_task(client, self, effect).await
    }
}

impl Write for UpdateTask {
    const OPERATION: Operation = Operation::write("thehive/tasks.update-task", Effect::Keyed);
    type Target = Client;
    type Answer = Task;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::UpdateTask(self))
    }

    fn check(&self) -> Result<(), Error> {
        check::update_task(self)
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes, effect: &EffectId) -> Result<Done<Task>, Failure> {
        reconcile::update_task(client, self, effect).await
    }
}

impl Write for CreateLog {
    const OPERATION: Operation = Operation::write("thehive/tasks.create-log", Effect::Probe);
    type Target = Client;
    type Answer = Log;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::CreateLog(self))
    }

    fn dedup_key(&self) -> Option<&str> {
        self.log.dedup_key.as_deref()
    }

    fn check(&self) -> Result<(), Error> {
        check::create_log(self)
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes, effect: &EffectId) -> Result<Done<Log>, Failure> {
        reconcile::create_log(client, self, effect).await
    }

    async fn probe(&self, client: &Client, effect: &EffectId) -> Result<Option<Log>, Error> {
        reconcile::created_log(client, self, effect).await
    }
}

impl Read for ListTasks {
    const OPERATION: Operation = Operation::read("thehive/tasks.list-tasks");
    type Target = Client;
    type Answer = Vec<Task>;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::ListTasks(self))
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes) -> Result<Vec<Task>, Error> {
        check::named_id("case-id", &self.case_id)?;
        let rows = client.tasks(&self.case_id).await?;
        rows.into_iter().map(TaskRow::into_task).collect()
    }
}

impl Read for ListLogs {
    const OPERATION: Operation = Operation::read("thehive/tasks.list-logs");
    type Target = Client;
    type Answer = Vec<Log>;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::ListLogs(self))
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes) -> Result<Vec<Log>, Error> {
        check::named_id("task-id", &self.task_id)?;
        let rows = client.logs(&self.task_id).await?;
        Ok(rows.into_iter().map(LogRow::into_log).collect())
    }
}

ask!(
    /// `get-task`
    GetTask {
        /// The server's id.
        id: String,
    } = "thehive/tasks.get-task" -> Task,
    |call, client, _scopes| {
        check::id(&call.id)?;
        client.task(&call.id).await?.into_task()
    }
);
ask!(
    /// `list-actions`
    ListActions {
        /// The task's id.
        task_id: String,
    } = "thehive/tasks.list-actions" -> Vec<Action>,
    |call, client, _scopes| {
        check::named_id("task-id", &call.task_id)?;
        client.task_actions(&call.task_id).await
    }
);
change!(
    /// `set-action`
    SetAction {
        /// The task's id.
        task_id: String,
        /// Who has to act, or not any more.
        action: Action,
    } = Keyed "thehive/tasks.set-action" -> (),
    check: check::set_action, perform: reconcile::set_action
);
change!(
    /// `update-log`
    UpdateLog {
        /// The server's id.
        id: String,
        /// The new text.
        message: String,
    } = Keyed "thehive/tasks.update-log" -> Log,
    check: check::update_log, perform: reconcile::update_log
);
