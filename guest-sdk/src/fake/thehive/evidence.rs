//! Which observables, attachments and comments does the fake hold?

use std::collections::BTreeMap;

use super::{BATCH, Ids, chars, tags_fit};
use crate::error::Error;
use crate::fake::{Fake, FakeBlob, script::at_most};
use crate::thehive::{
    Added, Comment, Comments, Existing, FileObservable, Observable, ObservablePage, Observables, Owner,
};
use crate::workflow::Workflow;

#[derive(Default)]
pub(super) struct Store {
    observables: Vec<(Owner, Existing)>,
    attachments: Vec<(Owner, FakeBlob)>,
    comments: Vec<(Owner, Comment)>,
    failures: BTreeMap<String, Error>,
}

impl Fake {
    /// The observables of a case, in the order they were added.
    pub fn observables(&self, case_id: &str) -> Vec<Existing> {
        self.thehive.borrow().evidence.of(&Owner::Case(case_id.to_owned()))
    }

    /// The observables of an alert, in the order they were added.
    pub fn alert_observables(&self, alert_id: &str) -> Vec<Existing> {
        self.thehive.borrow().evidence.of(&Owner::Alert(alert_id.to_owned()))
    }

    /// The comments of a case, oldest first.
    pub fn comments(&self, case_id: &str) -> Vec<String> {
        let store = self.thehive.borrow();
        let owner = Owner::Case(case_id.to_owned());
        let of_case = store.evidence.comments.iter().filter(|(of, _)| *of == owner);
        of_case.map(|(_, comment)| comment.message.clone()).collect()
    }

    /// Adding the file of this name, or the observable of this value, fails until [`Fake::heal_observable`].
    pub fn fail_observable(&self, name: &str, error: Error) {
        self.thehive
            .borrow_mut()
            .evidence
            .failures
            .insert(name.to_owned(), error);
    }

    /// The next time it succeeds.
    pub fn heal_observable(&self, name: &str) {
        self.thehive.borrow_mut().evidence.failures.remove(name);
    }
}

impl Store {
    fn of(&self, owner: &Owner) -> Vec<Existing> {
        let of_owner = self.observables.iter().filter(|(of, _)| of == owner);
        of_owner.map(|(_, existing)| existing.clone()).collect()
    }

    /// What the server has already it refuses, which counts as success.
    fn add(&mut self, ids: &mut Ids, owner: &Owner, name: &str, mut new: Existing) -> Result<Added, Error> {
        if let Some(error) = self.failures.get(name) {
            return Err(error.clone());
        }
        tags_fit(&new.tags)?;
        let same = |(of, known): &&(Owner, Existing)| {
            of == owner && known.data_type == new.data_type && known.data == new.data && known.sha256 == new.sha256
        };
        if self.observables.iter().any(|known| same(&known)) {
            return Ok(Added {
                id: None,
                already: true,
            });
        }
        new.id = ids.next();
        let id = Some(new.id.clone());
        self.observables.push((owner.clone(), new));
        Ok(Added { id, already: false })
    }
}

fn text(new: &Observable) -> Existing {
    Existing {
        id: String::new(),
        data_type: new.data_type.clone(),
        data: Some(new.data.clone()),
        file_name: None,
        sha256: None,
        message: new.message.clone(),
        tags: new.tags.clone(),
    }
}

fn file(new: &FileObservable, blob: &FakeBlob) -> Existing {
    Existing {
        id: String::new(),
        data_type: "file".to_owned(),
        data: None,
        file_name: Some(blob.info().name.clone()),
        sha256: Some(blob.info().sha256.clone()),
        message: new.message.clone(),
        tags: new.tags.clone(),
    }
}

impl Observables for Fake {
    fn add_observables(&self, _: &String, owner: &Owner, new: &[Observable]) -> Vec<Result<Added, Error>> {
        let checked = self
            .call("thehive/observables.add-observables", &(owner, new))
            .and_then(|()| at_most("observables", new.len(), BATCH));
        if let Err(error) = checked {
            return new.iter().map(|_| Err(error.clone())).collect();
        }
        let store = &mut *self.thehive.borrow_mut();
        let (evidence, ids) = (&mut store.evidence, &mut store.ids);
        let mut add = |new: &Observable| {
            chars("data", &new.data, 1, 1 << 20)?;
            chars("data-type", &new.data_type, 1, 64)?;
            evidence.add(ids, owner, &new.data, text(new))
        };
        new.iter().map(&mut add).collect()
    }

    fn add_file_observables(
        &self,
        _: &String,
        owner: &Owner,
        new: &[FileObservable],
        files: &[&FakeBlob],
    ) -> Vec<Result<Added, Error>> {
        let names: Vec<&str> = files.iter().map(|file| file.info().name.as_str()).collect();
        let checked = self
            .call("thehive/observables.add-file-observables", &(owner, new, names))
            .and_then(|()| at_most("observables", new.len(), BATCH));
        if let Err(error) = checked {
            return new.iter().map(|_| Err(error.clone())).collect();
        }
        let store = &mut *self.thehive.borrow_mut();
        let (evidence, ids) = (&mut store.evidence, &mut store.ids);
        let mut add =
            |(new, blob): (&FileObservable, &&FakeBlob)| evidence.add(ids, owner, &blob.info().name, file(new, blob));
        new.iter().zip(files).map(&mut add).collect()
    }

    fn list_observables(&self, _: &String, owner: &Owner, cursor: Option<&str>) -> Result<ObservablePage, Error> {
        self.call("thehive/observables.list-observables", &(owner, cursor))?;
        let from = cursor.map_or(0, |cursor| cursor.parse().unwrap_or(usize::MAX));
        let all = self.thehive.borrow().evidence.of(owner);
        let cursor = (all.len() > from.saturating_add(BATCH)).then(|| (from + BATCH).to_string());
        let observables = all.into_iter().skip(from).take(BATCH).collect();
        Ok(ObservablePage { observables, cursor })
    }

    fn add_attachment(&self, _: &String, owner: &Owner, file: &FakeBlob) -> Result<String, Error> {
        self.call("thehive/observables.add-attachment", &(owner, &file.info().name))?;
        let store = &mut *self.thehive.borrow_mut();
        store.evidence.attachments.push((owner.clone(), file.clone()));
        Ok(store.ids.next())
    }
}

impl Comments for Fake {
    fn add_comment(&self, _: &String, owner: &Owner, message: &str, dedup_key: Option<&str>) -> Result<Comment, Error> {
        self.call("thehive/comments.add-comment", &(owner, message, dedup_key))?;
        chars("message", message, 1, 1 << 20)?;
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        let comment = Comment {
            id: store.ids.next(),
            message: message.to_owned(),
            created_by: "synapse@thehive.example".to_owned(),
            created_at: now,
        };
        store.evidence.comments.push((owner.clone(), comment.clone()));
        Ok(comment)
    }

    fn list_comments(&self, _: &String, owner: &Owner) -> Result<Vec<Comment>, Error> {
        self.call("thehive/comments.list-comments", &owner)?;
        let store = self.thehive.borrow();
        let of_owner = store.evidence.comments.iter().filter(|(of, _)| of == owner);
        Ok(of_owner.map(|(_, comment)| comment.clone()).collect())
    }
}
