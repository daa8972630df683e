//! What happens when the category comes after the case?
//!
//! It assigns as long as the assignee is still the one we set: what a person decided in TheHive stays.

use synapse_guest::error::Error;
use synapse_guest::ews::Summary;
use synapse_guest::thehive::{CasePatch, TaskPatch};
use synapse_guest::workflow::Verdict;

use crate::Host;
use crate::case;
use crate::ledger::{self, Conversation, Home, Line, Mail};
use crate::people;
use crate::run::Run;
use crate::select;

/// What became of an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assigned {
    /// The case is this login's now.
    Now(String),
    /// It was already.
    Already,
    /// A person gave it to somebody else.
    Kept(String),
    /// There is nothing to assign: an alert, or a case that is gone.
    Nothing,
}

/// Acts on categories that are new since the mail was handled. True if that is what the report says about the mail.
///
/// # Errors
/// TheHive could not be asked at all.
pub fn reassign<H: Host>(run: &mut Run<'_, H>, summary: &Summary, line: &mut Line<Mail>) -> Result<bool, Error> {
    let given = people::given(&summary.categories, &run.config);
    let Some(known) = line.value.as_mut().filter(|known| known.categories != given) else {
        return Ok(false);
    };
    let about = select::about(summary);
    let users = run.users()?;
    let assignment = people::assignment(&given, &users, &run.config);
    for note in &assignment.notes {
        run.answer.warn(note);
    }
    let tags = if run.config.keep_unknown_categories_as_tags {
        assignment.unknown
    } else {
        Vec::new()
    };
    let mut thread =
        ledger::read::<Conversation>(run.host, &[ledger::conversation_key(&known.conversation)])?.remove(0);
    let assigned = match thread.value.as_mut() {
        Some(thread) => assign(run, thread, assignment.login.as_deref(), &tags),
        None => Ok(Assigned::Nothing),
    };
    let told = match assigned {
        Ok(Assigned::Now(login)) => {
            ledger::keep(run.host, &mut thread);
            run.answer.tell(
                run.host,
                &about,
                Verdict::Updated,
                known.home.as_ref(),
                &format!("category came later: assigned to {login}"),
            );
            true
        }
        Ok(Assigned::Kept(login)) => {
            let reason = format!("category came later; the case stays with {login}, as a person decided in TheHive");
            run.answer
                .tell(run.host, &about, Verdict::Skipped, known.home.as_ref(), &reason);
            true
        }
        Ok(Assigned::Already | Assigned::Nothing) => false,
        Err(error) => {
            let reason = format!(
                "category came later; not assigned: {}",
                synapse_guest::error::explain(&error)
            );
            run.answer
                .tell(run.host, &about, Verdict::Failed, known.home.as_ref(), &reason);
            return Ok(true);
        }
    };
    known.categories = given;
    ledger::keep(run.host, line);
    Ok(told)
}

/// Gives a conversation's case to somebody, and adds tags.
///
/// # Errors
/// TheHive could not be asked, or refused.
pub fn assign<H: Host>(
    run: &Run<'_, H>,
    thread: &mut Conversation,
    login: Option<&str>,
    tags: &[String],
) -> Result<Assigned, Error> {
    if thread.home.number.is_none() || login.is_none() && tags.is_empty() {
        return Ok(Assigned::Nothing);
    }
    let current = match run.host.get_case(&run.organisation, &thread.home.id) {
        Ok(case) => case,
        Err(Error::NotFound) => return Ok(Assigned::Nothing),
        Err(error) => return Err(error),
    };
    let mut tags: Vec<String> = tags.iter().map(|text| case::tag(text)).collect();
    tags.retain(|tag| !tag.is_empty() && !current.tags.contains(tag));
    let ours = current.assignee == thread.assignee;
    let (assignee, assigned) = match login {
        None => (None, Assigned::Nothing),
        Some(login) if current.assignee.as_deref() == Some(login) => (None, Assigned::Already),
        Some(login) if ours => (Some(login.to_owned()), Assigned::Now(login.to_owned())),
        Some(_) => (
            None,
            Assigned::Kept(current.assignee.clone().unwrap_or_else(|| "nobody".to_owned())),
        ),
    };
    if assignee.is_some() || !tags.is_empty() {
        let patch = CasePatch {
            assignee: assignee.clone(),
            add_tags: tags,
            ..empty_patch()
        };
        run.host.update_case(&run.organisation, &thread.home.id, &patch)?;
    }
    if let Some(login) = assignee {
        task(run, &thread.home, thread.assignee.as_deref(), &login)?;
        thread.assignee = Some(login);
    }
    Ok(assigned)
}

/// The task goes with the case, unless it is somebody's already.
fn task<H: Host>(run: &Run<'_, H>, home: &Home, before: Option<&str>, login: &str) -> Result<(), Error> {
    let Some(id) = &home.task else { return Ok(()) };
    let tasks = run.host.list_tasks(&run.organisation, &home.id)?;
    let is_ours = tasks
        .iter()
        .any(|task| task.id == *id && (task.assignee.is_none() || task.assignee.as_deref() == before));
    if is_ours {
        let patch = TaskPatch {
            title: None,
            status: None,
            assignee: Some(login.to_owned()),
            group: None,
            mandatory: None,
            flag: None,
            due_date: None,
        };
        run.host.update_task(&run.organisation, id, &patch)?;
    }
    Ok(())
}

/// A change that changes nothing.
pub const fn empty_patch() -> CasePatch {
    CasePatch {
        title: None,
        description: None,
        severity: None,
        tlp: None,
        pap: None,
        status: None,
        summary: None,
        impact: None,
        assignee: None,
        flag: None,
        start_date: None,
        add_tags: Vec::new(),
        remove_tags: Vec::new(),
        custom_fields: Vec::new(),
    }
}
