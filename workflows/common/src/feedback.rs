//! How does an analyst learn in TheHive what a workflow did?
//!
//! A comment where the server has them (5), else a log entry in a task of the case (3 and 4 have no comments).

use synapse_guest::error::Error;
use synapse_guest::thehive::{Comments, NewLog, NewTask, Owner, TaskStatus, Tasks};

/// Where feedback goes.
pub struct Place<'a> {
    /// The case or alert.
    pub owner: Owner,
    /// Title of the task whose log is used where there are no comments.
    pub task: &'a str,
}

/// Writes one entry; `key` makes it one, however often the run is carried on.
///
/// # Errors
/// Neither is possible: `unsupported` for an alert without comments.
pub fn write<H: Comments + Tasks>(
    host: &H,
    organisation: &H::Organisation,
    place: &Place<'_>,
    text: &str,
    key: &str,
) -> Result<(), Error> {
    let unsupported = match host.add_comment(organisation, &place.owner, text, Some(key)) {
        Ok(_) => return Ok(()),
        Err(error @ Error::Unsupported(_)) => error,
        Err(error) => return Err(error),
    };
    let Owner::Case(case) = &place.owner else {
        return Err(unsupported);
    };
    let log = NewLog {
        task_id: task(host, organisation, case, place.task)?,
        message: text.to_owned(),
        date: None,
        dedup_key: Some(key.to_owned()),
    };
    host.create_log(organisation, &log, &[]).map(|_| ())
}

fn task<H: Tasks>(host: &H, organisation: &H::Organisation, case: &str, title: &str) -> Result<String, Error> {
    let known = host.list_tasks(organisation, case)?;
    if let Some(task) = known.into_iter().find(|task| task.title == title) {
        return Ok(task.id);
    }
    let new = NewTask {
        case_id: case.to_owned(),
        title: title.to_owned(),
        group: None,
        description: Some("What workflows did for this case.".to_owned()),
        status: TaskStatus::Waiting,
        assignee: None,
        dedup_key: Some(format!("task/{case}/{title}")),
    };
    let missing = || Error::Unavailable("TheHive's connector gave no answer for the task".to_owned());
    let made = host.create_tasks(organisation, &[new]).into_iter().next();
    made.ok_or_else(missing)?.map(|task| task.id)
}
