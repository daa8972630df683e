//! How do calls on tasks and their logs reach the gate?

use wasmtime::component::Resource;

use crate::bindings::synapse::thehive::tasks::{self, Log, NewLog, NewTask, Task, TaskPatch};
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::Held;
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{CreateLog, CreateTask, ListLogs, ListTasks, UpdateTask};

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
}
