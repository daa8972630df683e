//! How do calls on tasks and their logs reach the gate?

use wasmtime::component::Resource;

use super::{Answer, Answers};
use crate::bindings::synapse::thehive::tasks::{self, Action, Log, NewLog, NewTask, Task, TaskPatch};
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::Held;
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{
    AttachToLog, CreateLog, CreateTask, DeleteLog, DeleteTask, GetTask, ListActions, ListLogs, ListTasks, SetAction,
    UpdateLog, UpdateTask, UpdateTasks,
};

impl tasks::Host for Host {
    async fn create_tasks(
        &mut self,
        organisation: Resource<Handle>,
        tasks: Vec<NewTask>,
    ) -> wasmtime::Result<Vec<Result<Task, Error>>> {
        let handle = self.handle(&organisation)?;
        let calls = tasks.into_iter().map(|task| CreateTask { task }).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    async fn list_tasks(
        &mut self,
        organisation: Resource<Handle>,
        case_id: String,
    ) -> wasmtime::Result<Result<Vec<Task>, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListTasks { case_id }).await?)
    }

    async fn update_task(
        &mut self,
        organisation: Resource<Handle>,
        id: String,
        patch: TaskPatch,
    ) -> wasmtime::Result<Result<Task, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateTask { id, patch }).await?)
    }

    async fn create_log(
        &mut self,
        organisation: Resource<Handle>,
        log: NewLog,
        attachments: Vec<Resource<Held>>,
    ) -> wasmtime::Result<Result<Log, Error>> {
        let handle = self.handle(&organisation)?;
        let files = attachments.iter().map(|file| self.blob(file));
        let call = CreateLog {
            log,
            files: files.collect::<wasmtime::Result<_>>()?,
            spool: self.gate.spool(),
        };
        Ok(self.gate.write(&handle, call).await?)
    }

    async fn list_logs(
        &mut self,
        organisation: Resource<Handle>,
        task_id: String,
    ) -> wasmtime::Result<Result<Vec<Log>, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListLogs { task_id }).await?)
    }

    async fn get_task(&mut self, organisation: Resource<Handle>, id: String) -> Answer<Task> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, GetTask { id }).await?)
    }

    async fn update_tasks(&mut self, organisation: Resource<Handle>, ids: Vec<String>, patch: TaskPatch) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateTasks { ids, patch }).await?)
    }

    async fn delete_tasks(&mut self, organisation: Resource<Handle>, ids: Vec<String>) -> Answers<()> {
        let handle = self.handle(&organisation)?;
        let calls = ids.into_iter().map(|id| DeleteTask { id }).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    async fn list_actions(&mut self, organisation: Resource<Handle>, task_id: String) -> Answer<Vec<Action>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListActions { task_id }).await?)
    }

    async fn set_action(&mut self, organisation: Resource<Handle>, task_id: String, action: Action) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, SetAction { task_id, action }).await?)
    }

    async fn update_log(&mut self, organisation: Resource<Handle>, id: String, message: String) -> Answer<Log> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateLog { id, message }).await?)
    }

    async fn delete_logs(&mut self, organisation: Resource<Handle>, ids: Vec<String>) -> Answers<()> {
        let handle = self.handle(&organisation)?;
        let calls = ids.into_iter().map(|id| DeleteLog { id }).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    async fn attach_to_log(
        &mut self,
        organisation: Resource<Handle>,
        log_id: String,
        file: Resource<Held>,
    ) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        let call = AttachToLog {
            log_id,
            file: self.blob(&file)?,
            spool: self.gate.spool(),
        };
        Ok(self.gate.write(&handle, call).await?)
    }
}
