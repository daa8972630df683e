//! Would TheHive accept what belongs to cases and alerts: links, events, shares, files, techniques, pages, jobs?

use synapse_domain::limits;

use super::{DEDUP_KEY, LOGIN, TEXT, changes, id, invalid, line, moment, named_id, optional_line, optional_text, text};
use crate::bindings::synapse::thehive::attachments::Holder;
use crate::bindings::synapse::thehive::cortex::Subject;
use crate::bindings::synapse::thehive::links::{CaseLink, UrlLink};
use crate::bindings::synapse::thehive::pages::PagePatch;
use crate::bindings::synapse::thehive::procedures::ProcedurePatch;
use crate::bindings::synapse::thehive::shares::{Access, NewShare, Shared};
use crate::bindings::synapse::thehive::timeline::EventPatch;
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::calls::{
    AddShares, AttachToLog, ChangeOwner, CreateEvent, CreatePage, CreateProcedure, CreateUser, LinkCase, LinkUrl,
    RemoveShares, RunAnalyzer, RunResponder, SetAccess, SetAction, SetLocked, SetShareProfile, SetShares, ShareWith,
    UnlinkCase, UnlinkUrl, UpdateComment, UpdateEvent, UpdateLog, UpdatePage, UpdateProcedure,
};
use crate::thehive::{owner, types};

const LINK_KIND: usize = 64;
const URL: usize = 4096;
const EVENT_TITLE: usize = 128;
const PATTERN: usize = 128;
const TACTIC: usize = 32;
const PAGE_TITLE: usize = 512;
const CATEGORY: usize = 128;
const ORGANISATION: usize = 128;
const USER_NAME: usize = 128;
const PROFILE: usize = 64;
const RULE: usize = 64;
const WORKER: usize = 256;
const DATA_TYPE: usize = 64;
/// Hexadecimal digits of a SHA-256.
const SHA256: usize = 64;

/// `link-case`
pub fn link_case(call: &LinkCase) -> Result<(), Error> {
    case_link(&call.case_id, &call.link)
}

/// `unlink-case`
pub fn unlink_case(call: &UnlinkCase) -> Result<(), Error> {
    case_link(&call.case_id, &call.link)
}

/// `link-url`
pub fn link_url(call: &LinkUrl) -> Result<(), Error> {
    url_link(&call.case_id, &call.link)
}

/// `unlink-url`
pub fn unlink_url(call: &UnlinkUrl) -> Result<(), Error> {
    url_link(&call.case_id, &call.link)
}

fn case_link(case: &str, link: &CaseLink) -> Result<(), Error> {
    named_id("case-id", case)?;
    line("link.kind", &link.kind, LINK_KIND)?;
    named_id("link.case-id", &link.case_id)?;
    if link.case_id == case {
        return invalid("link.case-id", "a case is not linked to itself".to_owned());
    }
    Ok(())
}

fn url_link(case: &str, link: &UrlLink) -> Result<(), Error> {
    named_id("case-id", case)?;
    line("link.kind", &link.kind, LINK_KIND)?;
    line("link.url", &link.url, URL)?;
    if link.url.starts_with("https://") || link.url.starts_with("http://") {
        Ok(())
    } else {
        invalid(
            "link.url",
            "it begins neither with `https://` nor with `http://`".to_owned(),
        )
    }
}

/// `create-event`
pub fn create_event(call: &CreateEvent) -> Result<(), Error> {
    let event = &call.event;
    named_id("event.case-id", &event.case_id)?;
    line("event.title", &event.title, EVENT_TITLE)?;
    moment("event.date", event.date)?;
    event.end_date.map_or(Ok(()), |date| moment("event.end-date", date))?;
    if event.end_date.is_some_and(|end| end < event.date) {
        return invalid("event.end-date", "it ends before it begins".to_owned());
    }
    optional_text("event.description", event.description.as_ref(), marked())?;
    optional_line("event.dedup-key", event.dedup_key.as_ref(), DEDUP_KEY)
}

/// `update-event`
pub fn update_event(call: &UpdateEvent) -> Result<(), Error> {
    named_id("case-id", &call.case_id)?;
    id(&call.id)?;
    let EventPatch {
        title,
        date,
        end_date,
        description,
    } = &call.patch;
    changes(&[
        title.is_some(),
        date.is_some(),
        end_date.is_some(),
        description.is_some(),
    ])?;
    optional_line("patch.title", title.as_ref(), EVENT_TITLE)?;
    date.map_or(Ok(()), |date| moment("patch.date", date))?;
    end_date.map_or(Ok(()), |date| moment("patch.end-date", date))?;
    optional_text("patch.description", description.as_ref(), marked())
}

/// A case, task or observable.
pub fn shared(shared: &Shared) -> Result<(), Error> {
    match shared {
        Shared::Case(id) | Shared::Task(id) | Shared::Observable(id) => named_id("shared", id),
    }
}

/// `add-shares`
pub fn add_shares(call: &AddShares) -> Result<(), Error> {
    named_id("case-id", &call.case_id)?;
    if call.shares.is_empty() {
        return invalid("shares", "it is empty".to_owned());
    }
    new_shares(&call.shares)
}

/// `set-shares`
pub fn set_shares(call: &SetShares) -> Result<(), Error> {
    named_id("case-id", &call.case_id)?;
    new_shares(&call.shares)
}

fn new_shares(shares: &[NewShare]) -> Result<(), Error> {
    let names: Vec<String> = shares.iter().map(|share| share.organisation.clone()).collect();
    organisations("shares", &names)?;
    for share in shares {
        optional_line("shares.profile", share.profile.as_ref(), PROFILE)?;
        optional_line("shares.rules.tasks", share.rules.tasks.as_ref(), RULE)?;
        optional_line("shares.rules.observables", share.rules.observables.as_ref(), RULE)?;
    }
    Ok(())
}

/// `share-with`
pub fn share_with(call: &ShareWith) -> Result<(), Error> {
    if let Shared::Case(_) = call.shared {
        return invalid("shared", "a case is shared by `add-shares`, which says how".to_owned());
    }
    some_organisations(&call.shared, &call.organisations)
}

/// `remove-shares`
pub fn remove_shares(call: &RemoveShares) -> Result<(), Error> {
    some_organisations(&call.shared, &call.organisations)
}

fn some_organisations(of: &Shared, names: &[String]) -> Result<(), Error> {
    shared(of)?;
    if names.is_empty() {
        return invalid("organisations", "it is empty".to_owned());
    }
    organisations("organisations", names)
}

fn organisations(field: &str, names: &[String]) -> Result<(), Error> {
    if names.len() > limits::BATCH_ITEMS {
        return invalid(field, format!("{} names; at most {}", names.len(), limits::BATCH_ITEMS));
    }
    for (n, name) in names.iter().enumerate() {
        organisation(&format!("{field}[{n}]"), name)?;
        if names.iter().take(n).any(|earlier| earlier == name) {
            return invalid(&format!("{field}[{n}]"), format!("`{name}` is given twice"));
        }
    }
    Ok(())
}

/// The name of an organisation. With a `~` in front it would be an id.
pub fn organisation(field: &str, name: &str) -> Result<(), Error> {
    natural(field, name, ORGANISATION)
}

/// `change-owner`
pub fn change_owner(call: &ChangeOwner) -> Result<(), Error> {
    named_id("case-id", &call.case_id)?;
    organisation("owner", &call.owner)?;
    optional_line("keep-profile", call.keep_profile.as_ref(), PROFILE)
}

/// `set-access`
pub fn set_access(call: &SetAccess) -> Result<(), Error> {
    named_id("case-id", &call.case_id)?;
    match &call.access {
        Access::Organisation | Access::AllExternal => Ok(()),
        Access::Users(users) | Access::External(users) => {
            if users.is_empty() || users.len() > limits::BATCH_ITEMS {
                return invalid("access", format!("name 1 to {} users", limits::BATCH_ITEMS));
            }
            users.iter().try_for_each(|user| line("access.users", user, LOGIN))
        }
    }
}

/// What files belong to.
pub fn holder(holder: &Holder) -> Result<(), Error> {
    named_id("holder", owner::holder_id(holder))
}

/// A file. The one of an observable may have no id but that of its bytes.
pub fn attachment(of: &Holder, given: &str) -> Result<(), Error> {
    holder(of)?;
    let digest = given.len() == SHA256 && given.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digest { Ok(()) } else { id(given) }
}

/// `delete-attachments`, one item
pub fn attachment_to_delete(of: &Holder, id: &str) -> Result<(), Error> {
    if let Holder::Observable(_) = of {
        return invalid(
            "holder",
            "the file of an observable goes with it: delete the observable".to_owned(),
        );
    }
    attachment(of, id)
}

/// `attach-to-log`
pub fn attach_to_log(call: &AttachToLog) -> Result<(), Error> {
    named_id("log-id", &call.log_id)
}

/// `create-procedures`, one item
pub fn create_procedure(call: &CreateProcedure) -> Result<(), Error> {
    let new = &call.procedure;
    named_id("owner", owner::id(&call.owner))?;
    line("procedure.pattern-id", &new.pattern_id, PATTERN)?;
    moment("procedure.occurred-at", new.occurred_at)?;
    optional_line("procedure.tactic", new.tactic.as_ref(), TACTIC)?;
    optional_text("procedure.description", new.description.as_ref(), marked())?;
    optional_line("procedure.dedup-key", new.dedup_key.as_ref(), DEDUP_KEY)
}

/// `update-procedure`
pub fn update_procedure(call: &UpdateProcedure) -> Result<(), Error> {
    let ProcedurePatch {
        occurred_at,
        tactic,
        description,
    } = &call.patch;
    id(&call.id)?;
    occurred_at.map_or(Ok(()), |date| moment("patch.occurred-at", date))?;
    optional_line("patch.tactic", tactic.as_ref(), TACTIC)?;
    optional_text("patch.description", description.as_ref(), marked())?;
    changes(&[occurred_at.is_some(), tactic.is_some(), description.is_some()])
}

/// `create-page`
pub fn create_page(call: &CreatePage) -> Result<(), Error> {
    let page = &call.page;
    named_id("page.case-id", &page.case_id)?;
    line("page.title", &page.title, PAGE_TITLE)?;
    line("page.category", &page.category, CATEGORY)?;
    text("page.content", &page.content, marked())?;
    optional_line("page.dedup-key", page.dedup_key.as_ref(), DEDUP_KEY)
}

/// `update-page`
pub fn update_page(call: &UpdatePage) -> Result<(), Error> {
    let PagePatch {
        title,
        category,
        content,
    } = &call.patch;
    named_id("case-id", &call.case_id)?;
    id(&call.id)?;
    optional_line("patch.title", title.as_ref(), PAGE_TITLE)?;
    optional_line("patch.category", category.as_ref(), CATEGORY)?;
    optional_text("patch.content", content.as_ref(), marked())?;
    changes(&[title.is_some(), category.is_some(), content.is_some()])
}

/// `update-comment`
pub fn update_comment(call: &UpdateComment) -> Result<(), Error> {
    id(&call.id)?;
    message(&call.message)
}

/// `update-log`
pub fn update_log(call: &UpdateLog) -> Result<(), Error> {
    id(&call.id)?;
    message(&call.message)
}

fn message(message: &str) -> Result<(), Error> {
    if message.is_empty() {
        return invalid("message", "it is empty".to_owned());
    }
    text("message", message, marked())
}

/// `set-action`
pub fn set_action(call: &SetAction) -> Result<(), Error> {
    named_id("task-id", &call.task_id)?;
    organisation("action.organisation", &call.action.organisation)
}

/// A login.
pub fn login(login: &str) -> Result<(), Error> {
    natural("login", login, LOGIN)
}

/// `create-user`
pub fn create_user(call: &CreateUser) -> Result<(), Error> {
    natural("user.login", &call.user.login, LOGIN)?;
    line("user.name", &call.user.name, USER_NAME)?;
    line("user.profile", &call.user.profile, PROFILE)
}

/// `set-share-profile`
pub fn set_share_profile(call: &SetShareProfile) -> Result<(), Error> {
    named_id("case-id", &call.case_id)?;
    natural("other", &call.other, ORGANISATION)?;
    line("profile", &call.profile, PROFILE)
}

/// `set-locked`
pub fn set_locked(call: &SetLocked) -> Result<(), Error> {
    login(&call.login)
}

/// What responders act on.
pub fn subject(subject: &Subject) -> Result<(), Error> {
    match subject {
        Subject::Case(id) | Subject::Alert(id) | Subject::Task(id) | Subject::Log(id) | Subject::Observable(id) => {
            named_id("subject", id)
        }
    }
}

/// `list-analyzers`
pub fn data_type(name: Option<&String>) -> Result<(), Error> {
    optional_line("data-type", name, DATA_TYPE)
}

/// `run-analyzer`
pub fn run_analyzer(call: &RunAnalyzer) -> Result<(), Error> {
    named_id("observable-id", &call.observable_id)?;
    line("analyzer-id", &call.analyzer_id, WORKER)?;
    line("server", &call.server, WORKER)
}

/// `run-responder`
pub fn run_responder(call: &RunResponder) -> Result<(), Error> {
    subject(&call.subject)?;
    line("responder-id", &call.responder_id, WORKER)?;
    optional_line("server", call.server.as_ref(), WORKER)
}

/// A name that stands in a path: not an id, and no step up or down.
pub fn natural(field: &str, name: &str, most: usize) -> Result<(), Error> {
    line(field, name, most)?;
    if name.starts_with('~') || matches!(name, "." | "..") {
        return invalid(
            field,
            "it is no name: the server would take it for an id or a path".to_owned(),
        );
    }
    Ok(())
}

/// Longest text that still has room for the marker.
fn marked() -> usize {
    TEXT.saturating_sub(types::MARK)
}
