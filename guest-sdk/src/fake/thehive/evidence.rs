//! Which observables, attachments and comments does the fake hold?

use std::collections::BTreeMap;

use super::{BATCH, Ids, chars, patch_tags, tags_fit};
use crate::error::Error;
use crate::fake::{Fake, FakeBlob, script::at_most};
use crate::thehive::{
    Added, Comment, Comments, Existing, FileObservable, Holder, Observable, ObservablePage, ObservablePatch,
    Observables, Owner,
};
use crate::workflow::Workflow;

#[derive(Default)]
pub(super) struct Store {
    observables: Vec<(Owner, Existing)>,
    pub(super) attachments: Vec<(Holder, String, FakeBlob)>,
    pub(super) comments: Vec<(Owner, Comment)>,
    keys: BTreeMap<String, Comment>,
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
    pub(super) fn of(&self, owner: &Owner) -> Vec<Existing> {
        let of_owner = self.observables.iter().filter(|(of, _)| of == owner);
        of_owner.map(|(_, existing)| existing.clone()).collect()
    }

    fn by_id(&mut self, id: &str) -> Result<&mut Existing, Error> {
        let found = self.observables.iter_mut().find(|(_, known)| known.id == id);
        Ok(&mut found.ok_or(Error::NotFound)?.1)
    }

    /// What the server has already it refuses, which counts as success.
    fn add(&mut self, ids: &mut Ids, now: u64, owner: &Owner, name: &str, mut new: Existing) -> Result<Added, Error> {
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
        (new.id, new.created_at) = (ids.next(), now);
        let id = Some(new.id.clone());
        self.observables.push((owner.clone(), new));
        Ok(Added { id, already: false })
    }
}

impl Store {
    /// What an alert is created with; equal ones are one (case D14).
    pub(super) fn create(&mut self, owner: &Owner, new: &[Observable]) {
        for (n, new) in new.iter().enumerate() {
            let id = format!("~observable-{n}");
            let known = Existing { id, ..text(new) };
            let is_same = |(of, old): &(Owner, Existing)| {
                of == owner && (&old.data_type, &old.data) == (&known.data_type, &known.data)
            };
            if !self.observables.iter().any(is_same) {
                self.observables.push((owner.clone(), known));
            }
        }
    }
}

fn change(observable: &mut Existing, patch: &ObservablePatch, now: u64) {
    observable.message = patch.message.clone().or(observable.message.take());
    observable.tlp = patch.tlp.unwrap_or(observable.tlp);
    observable.pap = patch.pap.unwrap_or(observable.pap);
    observable.ioc = patch.ioc.unwrap_or(observable.ioc);
    observable.sighted = patch.sighted.unwrap_or(observable.sighted);
    observable.ignore_similarity = patch.ignore_similarity.unwrap_or(observable.ignore_similarity);
    patch_tags(&mut observable.tags, &patch.add_tags, &patch.remove_tags);
    observable.updated_at = Some(now);
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
        tlp: crate::thehive::Tlp::Amber,
        pap: crate::thehive::Pap::Amber,
        ioc: new.ioc,
        sighted: false,
        ignore_similarity: new.ignore_similarity,
        attachment_id: None,
        created_at: 0,
        updated_at: None,
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
        tlp: new.tlp.unwrap_or(crate::thehive::Tlp::Amber),
        pap: crate::thehive::Pap::Amber,
        ioc: new.ioc,
        sighted: false,
        ignore_similarity: new.ignore_similarity,
        attachment_id: Some(blob.info().sha256.clone()),
        created_at: 0,
        updated_at: None,
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
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        let (evidence, ids) = (&mut store.evidence, &mut store.ids);
        let mut add = |new: &Observable| {
            chars("data", &new.data, 1, 1 << 20)?;
            chars("data-type", &new.data_type, 1, 64)?;
            evidence.add(ids, now, owner, &new.data, text(new))
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
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        let (evidence, ids) = (&mut store.evidence, &mut store.ids);
        let mut add = |(new, blob): (&FileObservable, &&FakeBlob)| {
            evidence.add(ids, now, owner, &blob.info().name, file(new, blob))
        };
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
        let holder = match owner {
            Owner::Case(id) => Holder::Case(id.clone()),
            Owner::Alert(id) => Holder::Alert(id.clone()),
        };
        let id = store.ids.next();
        store.evidence.attachments.push((holder, id.clone(), file.clone()));
        Ok(id)
    }

    fn get_observable(&self, _: &String, id: &str) -> Result<Existing, Error> {
        self.call("thehive/observables.get-observable", &id)?;
        self.thehive.borrow_mut().evidence.by_id(id).cloned()
    }

    fn update_observable(&self, _: &String, id: &str, patch: &ObservablePatch) -> Result<Existing, Error> {
        self.call("thehive/observables.update-observable", &(id, patch))?;
        let now = self.now();
        let mut store = self.thehive.borrow_mut();
        let observable = store.evidence.by_id(id)?;
        change(observable, patch, now);
        Ok(observable.clone())
    }

    fn update_observables(&self, _: &String, ids: &[String], patch: &ObservablePatch) -> Result<(), Error> {
        self.call("thehive/observables.update-observables", &(ids, patch))?;
        at_most("ids", ids.len(), BATCH)?;
        let now = self.now();
        let mut store = self.thehive.borrow_mut();
        // All or none, as at the server.
        for id in ids {
            store.evidence.by_id(id)?;
        }
        for id in ids {
            change(store.evidence.by_id(id)?, patch, now);
        }
        Ok(())
    }

    fn delete_observables(&self, _: &String, ids: &[String]) -> Vec<Result<(), Error>> {
        self.each("thehive/observables.delete-observables", ids, |store, id| {
            store.evidence.by_id(id)?;
            store.evidence.observables.retain(|(_, known)| known.id != *id);
            Ok(())
        })
    }

    fn similar_observables(&self, _: &String, owner: &Owner, other: &Owner) -> Result<Vec<Existing>, Error> {
        self.call("thehive/observables.similar-observables", &(owner, other))?;
        let store = self.thehive.borrow();
        let theirs = store.evidence.of(other);
        let alike = |one: &Existing, two: &Existing| {
            one.data_type == two.data_type && one.data == two.data && one.sha256 == two.sha256
        };
        let mut own = store.evidence.of(owner);
        own.retain(|one| !one.ignore_similarity && theirs.iter().any(|two| alike(one, two)));
        Ok(own)
    }
}

impl Comments for Fake {
    fn add_comment(&self, _: &String, owner: &Owner, message: &str, dedup_key: Option<&str>) -> Result<Comment, Error> {
        self.call("thehive/comments.add-comment", &(owner, message, dedup_key))?;
        chars("message", message, 1, 1 << 20)?;
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        if let Some(comment) = dedup_key.and_then(|key| store.evidence.keys.get(key)) {
            return Ok(comment.clone());
        }
        let comment = Comment {
            id: store.ids.next(),
            message: message.to_owned(),
            created_by: "synapse@thehive.example".to_owned(),
            created_at: now,
        };
        let key = dedup_key.map(str::to_owned);
        store.evidence.keys.extend(key.map(|key| (key, comment.clone())));
        store.evidence.comments.push((owner.clone(), comment.clone()));
        Ok(comment)
    }

    fn list_comments(&self, _: &String, owner: &Owner) -> Result<Vec<Comment>, Error> {
        self.call("thehive/comments.list-comments", &owner)?;
        let store = self.thehive.borrow();
        let of_owner = store.evidence.comments.iter().filter(|(of, _)| of == owner);
        Ok(of_owner.map(|(_, comment)| comment.clone()).collect())
    }

    fn update_comment(&self, _: &String, id: &str, message: &str) -> Result<(), Error> {
        self.call("thehive/comments.update-comment", &(id, message))?;
        chars("message", message, 1, 1 << 20)?;
        let mut store = self.thehive.borrow_mut();
        let found = store.evidence.comments.iter_mut().find(|(_, comment)| comment.id == id);
        message.clone_into(&mut found.ok_or(Error::NotFound)?.1.message);
        Ok(())
    }

    fn delete_comments(&self, _: &String, ids: &[String]) -> Vec<Result<(), Error>> {
        self.each("thehive/comments.delete-comments", ids, |store, id| {
            let before = store.evidence.comments.len();
            store.evidence.comments.retain(|(_, comment)| comment.id != *id);
            if store.evidence.comments.len() < before {
                Ok(())
            } else {
                Err(Error::NotFound)
            }
        })
    }
}
