//! What happens from event to answer?

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use synapse_guest::error::{Error, WorkflowError};
use synapse_guest::ews::{Filter, Folder, Summary};
use synapse_guest::text;
use synapse_guest::thehive::User;
use synapse_guest::workflow::Verdict;

use crate::Host;
use crate::answer::{About, Answer};
use crate::brake::Brake;
use crate::chunks;
use crate::config::Config;
use crate::input::Input;
use crate::items;
use crate::ledger::{self, Home, Mail};
use crate::select::{self, Todo};
use crate::thread;

/// The binding of the mailbox.
pub const MAILBOX: &str = "mailbox";
/// The binding of the organisation.
pub const THEHIVE: &str = "thehive";
/// What every step of one run needs.
pub struct Run<'a, H: Host> {
    /// The host.
    pub host: &'a H,
    /// The mailbox.
    pub mailbox: H::Mailbox,
    /// The organisation.
    pub organisation: H::Organisation,
    /// The folder that analysts put mails into.
    pub folder: Folder,
    /// The folder that finished mails go to.
    pub move_to: Option<Folder>,
    /// The settings.
    pub config: Config,
    /// What this hour may still bring.
    pub brake: Brake,
    /// What the caller will be told.
    pub answer: Answer,
    /// Keys of the mails that were handled.
    pub handled: BTreeSet<String>,
    /// Mails that come back within this run, by item id, and when; none where the next run brings them.
    pub later: Option<Vec<(String, u64)>>,
    users: Option<Rc<[User]>>,
    /// Cases and alerts of finished mails that were looked at again, by id: are they still there?
    there: BTreeMap<String, bool>,
}

/// Cases and alerts of finished mails that one run looks at again.
const LOOKS: usize = 100;

impl<H: Host> Run<'_, H> {
    /// The organisation's users, asked for once.
    ///
    /// # Errors
    /// TheHive could not be asked.
    pub fn users(&mut self) -> Result<Rc<[User]>, Error> {
        if self.users.is_none() {
            self.users = Some(self.host.list_users(&self.organisation)?.into());
        }
        Ok(self.users.clone().unwrap_or_default())
    }

    /// Did somebody delete what a finished mail became? Asked once for each, for a limited number of them; what cannot be asked counts as there.
    pub fn is_gone(&mut self, home: &Home) -> bool {
        if !self.there.contains_key(&home.id) && self.there.len() < LOOKS {
            let there = !matches!(thread::current(self, home), Ok(None));
            self.there.insert(home.id.clone(), there);
        }
        self.there.get(&home.id) == Some(&false)
    }

    /// Remembers a mail for later in this run. False: a later run brings it.
    pub fn comes_back(&mut self, id: &str, at: u64) -> bool {
        self.later.as_mut().is_some_and(|later| {
            later.push((id.to_owned(), at));
            true
        })
    }

    /// Has this hour brought as many new cases as it may?
    pub fn brakes(&self) -> bool {
        self.brake.holds(self.host.now())
    }
}

/// Handles what the event asks for.
///
/// # Errors
/// Nothing can be handled at all: a binding, a folder or a grant is missing, or a target cannot be reached.
pub fn ews2case(host: &impl Host, input: Input) -> Result<Answer, WorkflowError> {
    let config: Config = host.config()?;
    let mailbox = host.mailbox(MAILBOX)?;
    let organisation = host.organisation(THEHIVE)?;
    let named = |name: &str, setting: &str| {
        host.find_folder(&mailbox, name).map_err(|error| match error {
            Error::NotFound => {
                WorkflowError::Failed(format!("setting `{setting}`: the mailbox has no folder `{name}`"))
            }
            other => WorkflowError::from(other),
        })
    };
    let folder = named(&config.folder, "folder")?;
    let move_to = config
        .move_to
        .as_deref()
        .map(|name| named(name, "move_to"))
        .transpose()?;
    let brake = Brake::read(host, config.cases_per_hour)?;
    let answer = Answer::new(&config.folder, config.mode.name(), String::new());
    let mut run = Run {
        host,
        mailbox,
        organisation,
        folder,
        move_to,
        config,
        brake,
        answer,
        handled: BTreeSet::new(),
        later: None,
        users: None,
        there: BTreeMap::new(),
    };
    let todo = match input {
        Input::Items { ids, since } => {
            items::all(&mut run, ids, since)?;
            return Ok(run.answer);
        }
        Input::Message(id) => by_name(&mut run, &id)?,
        input @ (Input::Folder | Input::Since(_)) => {
            let window = select::window(&run, &input);
            run.answer.window.clone_from(&window.text);
            select::list(&mut run, &window)?
        }
    };
    chunks::all(&mut run, todo)?;
    Ok(run.answer)
}

/// The mails that the event names: all copies in the folder, or one item wherever it lies.
fn by_name<H: Host>(run: &mut Run<'_, H>, id: &str) -> Result<Vec<Todo>, Error> {
    let window = format!(
        "mail {}, as asked for, whatever its age",
        text::cut(&text::visible(id), 200)
    );
    run.answer.window.clone_from(&window);
    let is_message_id = id.starts_with('<') || id.contains('@');
    let found: Vec<Summary> = if is_message_id {
        let bare = id.trim_matches(['<', '>']);
        let mut found = Vec::new();
        for name in [format!("<{bare}>"), bare.to_owned()] {
            let filter = Filter {
                is_read: None,
                received_since: None,
                internet_message_id: Some(name),
                subject_contains: None,
            };
            found = run
                .host
                .list_messages(&run.mailbox, &run.folder.id, &filter, None)?
                .messages;
            if !found.is_empty() {
                break;
            }
        }
        found
    } else {
        let answers = run.host.get_messages(&run.mailbox, &[id.to_owned()], false)?;
        answers.into_iter().flatten().map(|message| message.summary).collect()
    };
    run.answer.scanned += found.len() as u64;
    run.host.scanned(found.len() as u64, &window);
    if found.is_empty() {
        let about = About {
            internet_message_id: is_message_id.then(|| id.to_owned()),
            subject: None,
        };
        let reason = format!("there is no such mail in the folder `{}`", run.config.folder);
        run.answer.tell(run.host, &about, Verdict::Failed, None, &reason);
    }
    let keys: Vec<String> = found
        .iter()
        .filter_map(|summary| summary.internet_message_id.as_deref().map(ledger::mail_key))
        .collect();
    let mut lines = ledger::read::<Mail>(run.host, &keys)?.into_iter();
    let todo = |summary: Summary| Todo {
        line: summary.internet_message_id.as_ref().and_then(|_| lines.next()),
        summary,
        asked: true,
        in_thread: false,
    };
    Ok(found.into_iter().map(todo).collect())
}
