//! Which links, events, shares, files, techniques and pages does the fake hold?

use super::{chars, invalid};
use crate::error::Error;
use crate::fake::{Fake, FakeBlob};
use crate::thehive::{
    Attachment, Attachments, CaseAccess, CaseLink, CaseLinks, EventPatch, Holder, Links, NewEvent, NewPage,
    NewProcedure, NewShare, Owner, Page, PagePatch, Pages, Procedure, ProcedurePatch, Procedures, Related, Share,
    Shared, Shares, TaskAction, Timeline, TimelineEntry, UrlLink,
};
use crate::workflow::Workflow;

use super::OWN_LOGIN;

#[derive(Default)]
pub(super) struct Store {
    pub(super) actions: Vec<(String, TaskAction)>,
    case_links: Vec<(String, CaseLink)>,
    url_links: Vec<(String, UrlLink)>,
    events: Vec<(String, TimelineEntry)>,
    shares: Vec<(Shared, Share)>,
    access: Vec<(String, CaseAccess)>,
    procedures: Vec<(Owner, Procedure)>,
    pages: Vec<(String, Page)>,
}

impl Fake {
    /// Who may see a case, if somebody said so.
    pub fn access(&self, case_id: &str) -> Option<CaseAccess> {
        let store = self.thehive.borrow();
        let of_case = store.around.access.iter().rev().find(|(case, _)| case == case_id);
        of_case.map(|(_, access)| access.clone())
    }
}

impl Links for Fake {
    fn list_links(&self, _: &String, case_id: &str) -> Result<CaseLinks, Error> {
        self.call("thehive/links.list-links", &case_id)?;
        let store = self.thehive.borrow();
        let cases = store.around.case_links.iter().filter(|(case, _)| case == case_id);
        let urls = store.around.url_links.iter().filter(|(case, _)| case == case_id);
        Ok(CaseLinks {
            cases: cases.map(|(_, link)| link.clone()).collect(),
            urls: urls.map(|(_, link)| link.clone()).collect(),
        })
    }

    fn link_kinds(&self, _: &String) -> Result<Vec<String>, Error> {
        self.call("thehive/links.link-kinds", &())?;
        let store = self.thehive.borrow();
        let cases = store.around.case_links.iter().map(|(_, link)| link.kind.clone());
        let mut kinds: Vec<String> = cases
            .chain(store.around.url_links.iter().map(|(_, link)| link.kind.clone()))
            .collect();
        kinds.sort();
        kinds.dedup();
        Ok(kinds)
    }

    fn link_case(&self, _: &String, case_id: &str, link: &CaseLink) -> Result<(), Error> {
        self.call("thehive/links.link-case", &(case_id, link))?;
        chars("link.kind", &link.kind, 1, 64)?;
        let store = &mut *self.thehive.borrow_mut();
        store.work.case(case_id)?;
        store.work.case(&link.case_id)?;
        add(&mut store.around.case_links, (case_id.to_owned(), link.clone()));
        Ok(())
    }

    fn unlink_case(&self, _: &String, case_id: &str, link: &CaseLink) -> Result<(), Error> {
        self.call("thehive/links.unlink-case", &(case_id, link))?;
        let store = &mut *self.thehive.borrow_mut();
        take(&mut store.around.case_links, |(case, known)| {
            case == case_id && known == link
        })
    }

    fn link_url(&self, _: &String, case_id: &str, link: &UrlLink) -> Result<(), Error> {
        self.call("thehive/links.link-url", &(case_id, link))?;
        chars("link.kind", &link.kind, 1, 64)?;
        let store = &mut *self.thehive.borrow_mut();
        store.work.case(case_id)?;
        add(&mut store.around.url_links, (case_id.to_owned(), link.clone()));
        Ok(())
    }

    fn unlink_url(&self, _: &String, case_id: &str, link: &UrlLink) -> Result<(), Error> {
        self.call("thehive/links.unlink-url", &(case_id, link))?;
        let store = &mut *self.thehive.borrow_mut();
        take(&mut store.around.url_links, |(case, known)| {
            case == case_id && known == link
        })
    }

    fn related_cases(&self, _: &String, owner: &Owner) -> Result<Vec<Related>, Error> {
        self.call("thehive/links.related-cases", &owner)?;
        let store = self.thehive.borrow();
        let own = store.evidence.of(owner);
        let mut related = Vec::new();
        for case in &store.work.cases {
            let other = Owner::Case(case.id.clone());
            if other == *owner {
                continue;
            }
            let theirs = store.evidence.of(&other);
            let alike = own.iter().filter(|one| {
                theirs
                    .iter()
                    .any(|two| one.data_type == two.data_type && one.data == two.data && one.sha256 == two.sha256)
            });
            match u32::try_from(alike.count()) {
                Ok(0) | Err(_) => {}
                Ok(shared) => related.push(Related {
                    case: case.clone(),
                    shared: Some(shared),
                }),
            }
        }
        Ok(related)
    }
}

impl Timeline for Fake {
    fn read_timeline(&self, _: &String, case_id: &str) -> Result<Vec<TimelineEntry>, Error> {
        self.call("thehive/timeline.read-timeline", &case_id)?;
        let store = &mut *self.thehive.borrow_mut();
        let case = store.work.case(case_id)?.clone();
        let mut entries = vec![TimelineEntry {
            date: case.start_date,
            end_date: None,
            kind: "CaseCreated".to_owned(),
            entity: "Case".to_owned(),
            entity_id: case.id,
            details: "{}".to_owned(),
        }];
        let events = store.around.events.iter().filter(|(of, _)| of == case_id);
        entries.extend(events.map(|(_, event)| event.clone()));
        entries.sort_by_key(|entry| entry.date);
        Ok(entries)
    }

    fn create_event(&self, _: &String, event: &NewEvent) -> Result<String, Error> {
        self.call("thehive/timeline.create-event", &event)?;
        chars("event.title", &event.title, 1, 128)?;
        let store = &mut *self.thehive.borrow_mut();
        store.work.case(&event.case_id)?;
        let id = store.ids.next();
        let entry = TimelineEntry {
            date: event.date,
            end_date: event.end_date,
            kind: "CustomEvent".to_owned(),
            entity: "CustomEvent".to_owned(),
            entity_id: id.clone(),
            details: serde_json::json!({"title": event.title, "description": event.description}).to_string(),
        };
        store.around.events.push((event.case_id.clone(), entry));
        Ok(id)
    }

    fn update_event(&self, _: &String, case_id: &str, id: &str, patch: &EventPatch) -> Result<TimelineEntry, Error> {
        self.call("thehive/timeline.update-event", &(case_id, id, patch))?;
        let store = &mut *self.thehive.borrow_mut();
        let mut events = store.around.events.iter_mut();
        let found = events.find(|(of, event)| of == case_id && event.entity_id == id);
        let (_, event) = found.ok_or(Error::NotFound)?;
        event.date = patch.date.unwrap_or(event.date);
        event.end_date = patch.end_date.or(event.end_date);
        let mut details: serde_json::Value = serde_json::from_str(&event.details).unwrap_or_default();
        for (name, text) in [("title", &patch.title), ("description", &patch.description)] {
            if let Some(text) = text {
                details[name] = text.as_str().into();
            }
        }
        event.details = details.to_string();
        Ok(event.clone())
    }

    fn delete_events(&self, _: &String, ids: &[String]) -> Vec<Result<(), Error>> {
        self.each("thehive/timeline.delete-events", ids, |store, id| {
            take(&mut store.around.events, |(_, event)| event.entity_id == *id)
        })
    }
}

impl Fake {
    fn shares_of(&self, shared: &Shared) -> Vec<Share> {
        let store = self.thehive.borrow();
        let of_it = store.around.shares.iter().filter(|(of, _)| of == shared);
        of_it.map(|(_, share)| share.clone()).collect()
    }

    fn share(&self, shared: &Shared, organisation: &str, profile: Option<&str>) {
        let store = &mut *self.thehive.borrow_mut();
        let id = store.ids.next();
        store
            .around
            .shares
            .retain(|(of, share)| of != shared || share.organisation != organisation);
        let share = Share {
            id,
            organisation: organisation.to_owned(),
            profile: profile.unwrap_or("analyst").to_owned(),
            owner: false,
            task_rule: "manual".to_owned(),
            observable_rule: "manual".to_owned(),
        };
        store.around.shares.push((shared.clone(), share));
    }

    fn unshare(&self, shared: &Shared, gone: impl Fn(&Share) -> bool) {
        let store = &mut *self.thehive.borrow_mut();
        store.around.shares.retain(|(of, share)| of != shared || !gone(share));
    }
}

impl Shares for Fake {
    fn set_share_profile(&self, _: &String, case_id: &str, other: &str, profile: &str) -> Result<Share, Error> {
        self.call("thehive/shares.set-share-profile", &(case_id, other, profile))?;
        let shared = Shared::Case(case_id.to_owned());
        let mut store = self.thehive.borrow_mut();
        let mut shares = store.around.shares.iter_mut();
        let found = shares.find(|(of, share)| *of == shared && share.organisation == other);
        let (_, share) = found.ok_or(Error::NotFound)?;
        profile.clone_into(&mut share.profile);
        Ok(share.clone())
    }

    fn list_shares(&self, _: &String, shared: &Shared) -> Result<Vec<Share>, Error> {
        self.call("thehive/shares.list-shares", &shared)?;
        Ok(self.shares_of(shared))
    }

    fn add_shares(&self, _: &String, case_id: &str, shares: &[NewShare]) -> Result<Vec<Share>, Error> {
        self.call("thehive/shares.add-shares", &(case_id, shares))?;
        self.thehive.borrow_mut().work.case(case_id)?;
        let shared = Shared::Case(case_id.to_owned());
        for new in shares {
            self.share(&shared, &new.organisation, new.profile.as_deref());
        }
        Ok(self.shares_of(&shared))
    }

    fn set_shares(&self, _: &String, case_id: &str, shares: &[NewShare]) -> Result<Vec<Share>, Error> {
        self.call("thehive/shares.set-shares", &(case_id, shares))?;
        self.thehive.borrow_mut().work.case(case_id)?;
        let shared = Shared::Case(case_id.to_owned());
        self.unshare(&shared, |_| true);
        for new in shares {
            self.share(&shared, &new.organisation, new.profile.as_deref());
        }
        Ok(self.shares_of(&shared))
    }

    fn share_with(&self, _: &String, shared: &Shared, organisations: &[String]) -> Result<(), Error> {
        self.call("thehive/shares.share-with", &(shared, organisations))?;
        if let Shared::Case(_) = shared {
            return Err(invalid("shared", "a case is shared by `add-shares`".to_owned()));
        }
        for name in organisations {
            self.share(shared, name, None);
        }
        Ok(())
    }

    fn remove_shares(&self, _: &String, shared: &Shared, organisations: &[String]) -> Result<(), Error> {
        self.call("thehive/shares.remove-shares", &(shared, organisations))?;
        self.unshare(shared, |share| organisations.contains(&share.organisation));
        Ok(())
    }

    fn change_owner(&self, _: &String, case_id: &str, owner: &str, keep_profile: Option<&str>) -> Result<(), Error> {
        self.call("thehive/shares.change-owner", &(case_id, owner, keep_profile))?;
        let store = &mut *self.thehive.borrow_mut();
        store.work.case(case_id)?;
        if keep_profile.is_none() {
            // The fake's organisation does not see it any more.
            store.work.cases.retain(|case| case.id != case_id);
        }
        Ok(())
    }

    fn set_access(&self, _: &String, case_id: &str, access: &CaseAccess) -> Result<(), Error> {
        self.call("thehive/shares.set-access", &(case_id, access))?;
        let store = &mut *self.thehive.borrow_mut();
        store.work.case(case_id)?;
        store.around.access.push((case_id.to_owned(), access.clone()));
        Ok(())
    }
}

impl Attachments for Fake {
    fn list_attachments(&self, _: &String, holder: &Holder) -> Result<Vec<Attachment>, Error> {
        self.call("thehive/attachments.list-attachments", &holder)?;
        let store = self.thehive.borrow();
        let of_it = store.evidence.attachments.iter().filter(|(of, ..)| of == holder);
        let shown = |(_, id, file): &(Holder, String, FakeBlob)| Attachment {
            id: id.clone(),
            name: file.info().name.clone(),
            size: Some(file.info().size),
            media_type: Some(file.info().media_type.clone()),
            sha256: Some(file.info().sha256.clone()),
        };
        Ok(of_it.map(shown).collect())
    }

    fn download(&self, _: &String, holder: &Holder, id: &str) -> Result<FakeBlob, Error> {
        self.call("thehive/attachments.download", &(holder, id))?;
        let store = self.thehive.borrow();
        let found = store
            .evidence
            .attachments
            .iter()
            .find(|(of, known, _)| of == holder && known == id);
        found.map(|(.., file)| file.clone()).ok_or(Error::NotFound)
    }

    fn delete_attachments(&self, _: &String, holder: &Holder, ids: &[String]) -> Vec<Result<(), Error>> {
        self.each("thehive/attachments.delete-attachments", ids, |store, id| {
            take(&mut store.evidence.attachments, |(of, known, _)| {
                of == holder && known == id
            })
        })
    }
}

impl Procedures for Fake {
    fn create_procedures(&self, _: &String, owner: &Owner, new: &[NewProcedure]) -> Vec<Result<Procedure, Error>> {
        let now = self.now();
        self.each("thehive/procedures.create-procedures", new, |store, new| {
            chars("procedure.pattern-id", &new.pattern_id, 1, 128)?;
            let made = Procedure {
                id: store.ids.next(),
                pattern_id: Some(new.pattern_id.clone()),
                pattern_name: None,
                tactic: new.tactic.clone(),
                occurred_at: new.occurred_at,
                description: new.description.clone(),
                created_by: OWN_LOGIN.to_owned(),
                created_at: now,
            };
            store.around.procedures.push((owner.clone(), made.clone()));
            Ok(made)
        })
    }

    fn list_procedures(&self, _: &String, owner: &Owner) -> Result<Vec<Procedure>, Error> {
        self.call("thehive/procedures.list-procedures", &owner)?;
        let store = self.thehive.borrow();
        let of_it = store.around.procedures.iter().filter(|(of, _)| of == owner);
        Ok(of_it.map(|(_, procedure)| procedure.clone()).collect())
    }

    fn update_procedure(&self, _: &String, id: &str, patch: &ProcedurePatch) -> Result<Procedure, Error> {
        self.call("thehive/procedures.update-procedure", &(id, patch))?;
        let mut store = self.thehive.borrow_mut();
        let found = store.around.procedures.iter_mut().find(|(_, known)| known.id == id);
        let (_, procedure) = found.ok_or(Error::NotFound)?;
        procedure.occurred_at = patch.occurred_at.unwrap_or(procedure.occurred_at);
        procedure.tactic = patch.tactic.clone().or(procedure.tactic.take());
        procedure.description = patch.description.clone().or(procedure.description.take());
        Ok(procedure.clone())
    }

    fn delete_procedures(&self, _: &String, ids: &[String]) -> Vec<Result<(), Error>> {
        self.each("thehive/procedures.delete-procedures", ids, |store, id| {
            take(&mut store.around.procedures, |(_, known)| known.id == *id)
        })
    }
}

impl Pages for Fake {
    fn create_page(&self, _: &String, page: &NewPage) -> Result<Page, Error> {
        self.call("thehive/pages.create-page", &page)?;
        chars("page.title", &page.title, 1, 512)?;
        chars("page.category", &page.category, 1, 128)?;
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        store.work.case(&page.case_id)?;
        let made = Page {
            id: store.ids.next(),
            title: page.title.clone(),
            category: page.category.clone(),
            content: page.content.clone(),
            created_at: now,
            updated_at: None,
        };
        store.around.pages.push((page.case_id.clone(), made.clone()));
        Ok(made)
    }

    fn list_pages(&self, _: &String, case_id: &str) -> Result<Vec<Page>, Error> {
        self.call("thehive/pages.list-pages", &case_id)?;
        let store = self.thehive.borrow();
        let of_case = store.around.pages.iter().filter(|(case, _)| case == case_id);
        Ok(of_case.map(|(_, page)| page.clone()).collect())
    }

    fn update_page(&self, _: &String, case_id: &str, id: &str, patch: &PagePatch) -> Result<Page, Error> {
        self.call("thehive/pages.update-page", &(case_id, id, patch))?;
        let now = self.now();
        let mut store = self.thehive.borrow_mut();
        let is_it = |(case, page): &&mut (String, Page)| case == case_id && page.id == id;
        let found = store.around.pages.iter_mut().find(is_it);
        let (_, page) = found.ok_or(Error::NotFound)?;
        if let Some(title) = &patch.title {
            page.title.clone_from(title);
        }
        if let Some(category) = &patch.category {
            page.category.clone_from(category);
        }
        if let Some(content) = &patch.content {
            page.content.clone_from(content);
        }
        page.updated_at = Some(now);
        Ok(page.clone())
    }

    fn delete_pages(&self, _: &String, case_id: &str, ids: &[String]) -> Vec<Result<(), Error>> {
        self.each("thehive/pages.delete-pages", ids, |store, id| {
            take(&mut store.around.pages, |(case, page)| {
                case == case_id && page.id == *id
            })
        })
    }
}

/// Links are a set.
fn add<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn take<T>(list: &mut Vec<T>, mut is_it: impl FnMut(&T) -> bool) -> Result<(), Error> {
    let before = list.len();
    list.retain(|item| !is_it(item));
    if list.len() < before {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}
