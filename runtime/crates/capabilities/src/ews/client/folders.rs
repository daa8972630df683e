//! Which folder is meant by a name? Walked level by level, or searched for; several of one name are an error (R8).

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::super::query::invalid;
use super::super::query::names::{self, Name, ROOT};
use super::super::refusal::Meaning;
use super::super::wire::{self, FolderId, FolderRow};
use super::Client;
use super::ask::inconsistent;
use crate::bindings::synapse::workflow::types::Error;

/// Pages of one search for a display name: the restriction leaves few, and a server that ignores it is not read for ever.
const PAGES: u32 = 20;
/// How long the id behind a name is taken as known: a folder that is made anew under its name is found within minutes.
const NAME_LIFE: Duration = Duration::from_secs(300);
/// Names kept: grants name a handful.
const NAMES: usize = 256;
/// Folders that hold no mail; they may have a mail folder's name.
const NO_MAIL: [&str; 5] = [
    "IPF.Appointment",
    "IPF.Contact",
    "IPF.Task",
    "IPF.StickyNote",
    "IPF.Journal",
];

/// Ids of folders by the names that grants give them; none: there is no such folder.
#[derive(Debug, Default)]
pub(super) struct Known(HashMap<String, (Instant, Option<String>)>);

impl Client {
    /// The folder of this name.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for `field` if the name is none or several folders have it; the server's.
    pub(in crate::ews) async fn find_folder(&self, field: &str, name: &str) -> Result<FolderRow, Error> {
        match names::parse(field, name)? {
            Name::Path { root, below } => self.walk(field, root, &below).await,
            Name::Display(wanted) => {
                let found = self.named(&self.well_known(ROOT), &wanted, true).await?;
                one(field, &wanted, found)
            }
        }
    }

    /// The id of the folder that a grant names; none: there is no such folder. Remembered for a while.
    pub(in crate::ews) async fn folder_id(&self, name: &str) -> Result<Option<String>, Error> {
        let mut known = self.folders.lock().await;
        if let Some((at, id)) = known.0.get(name)
            && at.elapsed() < NAME_LIFE
        {
            return Ok(id.clone());
        }
        let id = match self.find_folder("folder", name).await {
            Ok(folder) => Some(folder.id),
            Err(Error::NotFound) => None,
            Err(error) => return Err(error),
        };
        if known.0.len() >= NAMES {
            known.0.clear();
        }
        // A folder that is missing may be made in a moment; one that is there stays.
        if id.is_some() {
            known.0.insert(name.to_owned(), (Instant::now(), id.clone()));
        }
        Ok(id)
    }

    async fn walk(&self, field: &str, root: &str, below: &[String]) -> Result<FolderRow, Error> {
        let root = self.well_known(root);
        let mut at: Option<FolderRow> = None;
        for level in below {
            let parent = at.as_ref().map_or(root, |folder| FolderId::Id(&folder.id));
            let found = self.named(&parent, level, false).await?;
            at = Some(one(field, level, found)?);
        }
        match at {
            Some(folder) => Ok(folder),
            None => self.folder(&root).await,
        }
    }

    async fn folder(&self, id: &FolderId<'_>) -> Result<FolderRow, Error> {
        let asked = self.read_one(|envelope| wire::get_folder(envelope, id), wire::read_get_folder);
        let folder = asked.await.map_err(|fault| fault.into_error(self))?;
        if folder.id.is_empty() {
            return Err(inconsistent("a folder without an id").into_error(self));
        }
        Ok(folder)
    }

    /// Mail folders of this display name. The server compares as it likes, so its answers are compared again.
    async fn named(&self, parent: &FolderId<'_>, name: &str, deep: bool) -> Result<Vec<FolderRow>, Error> {
        let (mut found, mut offset) = (Vec::new(), 0u32);
        for _ in 0..PAGES {
            let asked = self.read(
                |envelope| wire::find_folder(envelope, parent, Some(name), deep, offset),
                wire::read_find_folder,
            );
            let page = match asked.await {
                Ok(page) => page,
                Err(fault) if fault.meaning() == Some(Meaning::Missing) => return Err(Error::NotFound),
                Err(fault) => return Err(fault.into_error(self)),
            };
            let count = u32::try_from(page.folders.len()).unwrap_or(u32::MAX);
            found.extend(page.folders.into_iter().filter(|folder| is(folder, name)));
            if page.last || count == 0 {
                break;
            }
            offset = page
                .next_offset
                .filter(|next| *next > offset)
                .unwrap_or(offset.saturating_add(count));
        }
        Ok(found)
    }
}

fn is(folder: &FolderRow, name: &str) -> bool {
    let class = folder.class.as_deref().unwrap_or_default();
    let mail = !NO_MAIL.iter().any(|other| class.starts_with(other));
    let shown = folder.display_name.as_deref().unwrap_or_default();
    mail && !folder.id.is_empty() && names::same(shown, name)
}

/// The only one. Where several differ in case only, the one that is written alike.
fn one(field: &str, name: &str, mut found: Vec<FolderRow>) -> Result<FolderRow, Error> {
    let alike = |folder: &FolderRow| folder.display_name.as_deref() == Some(name);
    if found.len() > 1 && found.iter().filter(|folder| alike(folder)).count() == 1 {
        found.retain(alike);
    }
    let count = found.len();
    match (found.pop(), count) {
        (None, _) => Err(Error::NotFound),
        (Some(folder), 1) => Ok(folder),
        (Some(_), count) => Err(invalid(
            field,
            format!("{count} folders are called `{name}`; write a path, for instance `inbox/{name}`"),
        )),
    }
}
