//! Which tasks and logs does the fake hold?

use super::{BATCH, OWN_LOGIN, chars};
use crate::error::Error;
use crate::fake::{Fake, FakeBlob, script::at_most};
use crate::thehive::{Log, NewLog, NewTask, Task, TaskAction, TaskPatch, Tasks};
use crate::workflow::Workflow;

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
        change(task, patch);
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
            created_by: OWN_LOGIN.to_owned(),
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

    fn get_task(&self, _: &String, id: &str) -> Result<Task, Error> {
        self.call("thehive/tasks.get-task", &id)?;
        self.thehive.borrow_mut().work.task(id).cloned()
    }

    fn update_tasks(&self, _: &String, ids: &[String], patch: &TaskPatch) -> Result<(), Error> {
        self.call("thehive/tasks.update-tasks", &(ids, patch))?;
        at_most("ids", ids.len(), BATCH)?;
        let work = &mut self.thehive.borrow_mut().work;
        work.can_be_assigned(patch.assignee.as_deref())?;
        // All or none, as at the server.
        for id in ids {
            work.task(id)?;
        }
        for id in ids {
            change(work.task(id)?, patch);
        }
        Ok(())
    }

    fn delete_tasks(&self, _: &String, ids: &[String]) -> Vec<Result<(), Error>> {
        self.each("thehive/tasks.delete-tasks", ids, |store, id| {
            store.work.task(id)?;
            store.work.tasks.retain(|(_, task)| task.id != *id);
            store.work.logs.retain(|(task, ..)| task != id);
            Ok(())
        })
    }

    fn list_actions(&self, _: &String, task_id: &str) -> Result<Vec<TaskAction>, Error> {
        self.call("thehive/tasks.list-actions", &task_id)?;
        self.thehive.borrow_mut().work.task(task_id)?;
        let store = self.thehive.borrow();
        let of_task = store.around.actions.iter().filter(|(task, _)| task == task_id);
        Ok(of_task.map(|(_, action)| action.clone()).collect())
    }

    fn set_action(&self, _: &String, task_id: &str, action: &TaskAction) -> Result<(), Error> {
        self.call("thehive/tasks.set-action", &(task_id, action))?;
        let store = &mut *self.thehive.borrow_mut();
        store.work.task(task_id)?;
        let other = |(task, known): &(String, TaskAction)| task != task_id || known.organisation != action.organisation;
        store.around.actions.retain(other);
        store.around.actions.push((task_id.to_owned(), action.clone()));
        Ok(())
    }

    fn update_log(&self, _: &String, id: &str, message: &str) -> Result<Log, Error> {
        self.call("thehive/tasks.update-log", &(id, message))?;
        chars("message", message, 1, 1 << 20)?;
        let mut store = self.thehive.borrow_mut();
        let found = store.work.logs.iter_mut().find(|(_, log, _)| log.id == id);
        let (_, log, _) = found.ok_or(Error::NotFound)?;
        message.clone_into(&mut log.message);
        Ok(log.clone())
    }

    fn delete_logs(&self, _: &String, ids: &[String]) -> Vec<Result<(), Error>> {
        self.each("thehive/tasks.delete-logs", ids, |store, id| {
            let before = store.work.logs.len();
            store.work.logs.retain(|(_, log, _)| log.id != *id);
            if store.work.logs.len() < before {
                Ok(())
            } else {
                Err(Error::NotFound)
            }
        })
    }

    fn attach_to_log(&self, _: &String, log_id: &str, file: &FakeBlob) -> Result<(), Error> {
        self.call("thehive/tasks.attach-to-log", &(log_id, &file.info().name))?;
        let mut store = self.thehive.borrow_mut();
        let found = store.work.logs.iter_mut().find(|(_, log, _)| log.id == log_id);
        let (_, log, files) = found.ok_or(Error::NotFound)?;
        log.attachments.push(file.info().name.clone());
        files.push(file.clone());
        Ok(())
    }
}

fn change(task: &mut Task, patch: &TaskPatch) {
    if let Some(title) = &patch.title {
        task.title.clone_from(title);
    }
    if let Some(group) = &patch.group {
        task.group.clone_from(group);
    }
    task.status = patch.status.unwrap_or(task.status);
    task.mandatory = patch.mandatory.unwrap_or(task.mandatory);
    task.flag = patch.flag.unwrap_or(task.flag);
    task.due_date = patch.due_date.or(task.due_date);
    task.assignee = patch.assignee.clone().or(task.assignee.take());
}
