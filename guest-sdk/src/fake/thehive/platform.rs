//! What is the fake organisation configured with, and what does it answer to searches and raw requests?

use std::collections::VecDeque;

use super::{chars, invalid};
use crate::error::Error;
use crate::fake::Fake;
use crate::thehive::search::{Found, Kind, Place, ResultPage, Search};
use crate::thehive::{
    Alert, Cortex, CortexAction, CortexSubject, CustomFields, Definition, Job, Organisations, Profile, Progress, Query,
    Raw, RawAnswer, RawRequest, Template, Templates, Tenancy, TenancyLink, Worker,
};
use crate::workflow::Workflow;

#[derive(Default)]
pub(super) struct Store {
    definitions: Vec<Definition>,
    templates: Vec<Template>,
    organisations: Vec<(Tenancy, Vec<TenancyLink>)>,
    profiles: Vec<Profile>,
    tags: Vec<String>,
    analyzers: Vec<Worker>,
    responders: Vec<Worker>,
    jobs: Vec<(String, Job)>,
    actions: Vec<(CortexSubject, CortexAction)>,
    pages: VecDeque<ResultPage>,
    counts: VecDeque<u64>,
    answers: VecDeque<RawAnswer>,
}

impl Fake {
    /// Another organisation, and what it is linked to.
    pub fn with_organisation(self, organisation: Tenancy, links: Vec<TenancyLink>) -> Self {
        self.thehive
            .borrow_mut()
            .platform
            .organisations
            .push((organisation, links));
        self
    }

    /// A profile.
    pub fn with_profile(self, profile: Profile) -> Self {
        self.thehive.borrow_mut().platform.profiles.push(profile);
        self
    }

    /// A tag in use.
    pub fn with_tag(self, tag: &str) -> Self {
        self.thehive.borrow_mut().platform.tags.push(tag.to_owned());
        self
    }

    /// An analyzer.
    pub fn with_analyzer(self, analyzer: Worker) -> Self {
        self.thehive.borrow_mut().platform.analyzers.push(analyzer);
        self
    }

    /// A responder.
    pub fn with_responder(self, responder: Worker) -> Self {
        self.thehive.borrow_mut().platform.responders.push(responder);
        self
    }

    /// What Cortex makes of a job.
    pub fn finish_job(&self, id: &str, progress: Progress, report: Option<&str>) {
        let now = self.now();
        let mut store = self.thehive.borrow_mut();
        if let Some((_, job)) = store.platform.jobs.iter_mut().find(|(_, job)| job.id == id) {
            (job.progress, job.ended_at, job.report) = (progress, Some(now), report.map(str::to_owned));
        }
    }

    /// The answer to the next search that has none yet.
    pub fn answer_search(&self, page: ResultPage) {
        self.thehive.borrow_mut().platform.pages.push_back(page);
    }

    /// The answer to the next count that has none yet.
    pub fn answer_count(&self, count: u64) {
        self.thehive.borrow_mut().platform.counts.push_back(count);
    }

    /// The answer to the next raw request that has none yet.
    pub fn answer_raw(&self, answer: RawAnswer) {
        self.thehive.borrow_mut().platform.answers.push_back(answer);
    }

    pub(super) fn template(&self, name: &str) -> Result<Template, Error> {
        let store = self.thehive.borrow();
        let found = store.platform.templates.iter().find(|known| known.name == name);
        found.cloned().ok_or(Error::NotFound)
    }
}

impl CustomFields for Fake {
    fn list_definitions(&self, _: &String) -> Result<Vec<Definition>, Error> {
        self.call("thehive/custom-fields.list-definitions", &())?;
        Ok(self.thehive.borrow().platform.definitions.clone())
    }

    fn create_definition(&self, _: &String, definition: &Definition) -> Result<Definition, Error> {
        self.call("thehive/custom-fields.create-definition", &definition)?;
        chars("definition.name", &definition.name, 1, 64)?;
        let mut store = self.thehive.borrow_mut();
        let known = &mut store.platform.definitions;
        if known.iter().any(|one| one.name == definition.name) {
            return Err(Error::AlreadyExists(definition.name.clone()));
        }
        known.push(definition.clone());
        Ok(definition.clone())
    }

    fn update_definition(&self, _: &String, definition: &Definition) -> Result<Definition, Error> {
        self.call("thehive/custom-fields.update-definition", &definition)?;
        let mut store = self.thehive.borrow_mut();
        let found = store
            .platform
            .definitions
            .iter_mut()
            .find(|one| one.name == definition.name);
        found.ok_or(Error::NotFound)?.clone_from(definition);
        Ok(definition.clone())
    }

    fn delete_definition(&self, _: &String, name: &str) -> Result<(), Error> {
        self.call("thehive/custom-fields.delete-definition", &name)?;
        let mut store = self.thehive.borrow_mut();
        let known = &mut store.platform.definitions;
        let at = known.iter().position(|one| one.name == name).ok_or(Error::NotFound)?;
        known.remove(at);
        Ok(())
    }
}

impl Templates for Fake {
    fn list_templates(&self, _: &String) -> Result<Vec<Template>, Error> {
        self.call("thehive/templates.list-templates", &())?;
        let mut all = self.thehive.borrow().platform.templates.clone();
        all.iter_mut().for_each(|one| one.tasks.clear());
        Ok(all)
    }

    fn get_template(&self, _: &String, name: &str) -> Result<Template, Error> {
        self.call("thehive/templates.get-template", &name)?;
        self.template(name)
    }

    fn create_template(&self, _: &String, template: &Template) -> Result<Template, Error> {
        self.call("thehive/templates.create-template", &template)?;
        chars("template.name", &template.name, 1, 128)?;
        let mut store = self.thehive.borrow_mut();
        let known = &mut store.platform.templates;
        if known.iter().any(|one| one.name == template.name) {
            return Err(Error::AlreadyExists(template.name.clone()));
        }
        known.push(template.clone());
        Ok(template.clone())
    }

    fn update_template(&self, _: &String, template: &Template) -> Result<Template, Error> {
        self.call("thehive/templates.update-template", &template)?;
        let mut store = self.thehive.borrow_mut();
        let found = store
            .platform
            .templates
            .iter_mut()
            .find(|one| one.name == template.name);
        found.ok_or(Error::NotFound)?.clone_from(template);
        Ok(template.clone())
    }

    fn delete_template(&self, _: &String, name: &str) -> Result<(), Error> {
        self.call("thehive/templates.delete-template", &name)?;
        let mut store = self.thehive.borrow_mut();
        let known = &mut store.platform.templates;
        let at = known.iter().position(|one| one.name == name).ok_or(Error::NotFound)?;
        known.remove(at);
        Ok(())
    }
}

impl Organisations for Fake {
    fn list_organisations(&self, _: &String) -> Result<Vec<Tenancy>, Error> {
        self.call("thehive/organisations.list-organisations", &())?;
        let store = self.thehive.borrow();
        Ok(store
            .platform
            .organisations
            .iter()
            .map(|(one, _)| one.clone())
            .collect())
    }

    fn get_organisation(&self, _: &String, name: &str) -> Result<Tenancy, Error> {
        self.call("thehive/organisations.get-organisation", &name)?;
        let store = self.thehive.borrow();
        let found = store.platform.organisations.iter().find(|(one, _)| one.name == name);
        found.map(|(one, _)| one.clone()).ok_or(Error::NotFound)
    }

    fn list_organisation_links(&self, _: &String, name: &str) -> Result<Vec<TenancyLink>, Error> {
        self.call("thehive/organisations.list-organisation-links", &name)?;
        let store = self.thehive.borrow();
        let found = store.platform.organisations.iter().find(|(one, _)| one.name == name);
        found.map(|(_, links)| links.clone()).ok_or(Error::NotFound)
    }

    fn list_profiles(&self, _: &String) -> Result<Vec<Profile>, Error> {
        self.call("thehive/organisations.list-profiles", &())?;
        Ok(self.thehive.borrow().platform.profiles.clone())
    }

    fn list_tags(&self, _: &String, text: Option<&str>) -> Result<Vec<String>, Error> {
        self.call("thehive/organisations.list-tags", &text)?;
        let mut tags = self.thehive.borrow().platform.tags.clone();
        tags.retain(|tag| text.is_none_or(|text| tag.contains(text)));
        Ok(tags)
    }
}

impl Cortex for Fake {
    fn list_analyzers(&self, _: &String, data_type: Option<&str>) -> Result<Vec<Worker>, Error> {
        self.call("thehive/cortex.list-analyzers", &data_type)?;
        let mut all = self.thehive.borrow().platform.analyzers.clone();
        all.retain(|one| data_type.is_none_or(|kind| one.data_types.iter().any(|known| known == kind)));
        Ok(all)
    }

    fn list_responders(&self, _: &String, subject: &CortexSubject) -> Result<Vec<Worker>, Error> {
        self.call("thehive/cortex.list-responders", &subject)?;
        Ok(self.thehive.borrow().platform.responders.clone())
    }

    fn run_analyzer(&self, _: &String, observable_id: &str, analyzer_id: &str, server: &str) -> Result<Job, Error> {
        self.call("thehive/cortex.run-analyzer", &(observable_id, analyzer_id, server))?;
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        let job = Job {
            id: store.ids.next(),
            analyzer_id: analyzer_id.to_owned(),
            server: server.to_owned(),
            progress: Progress::Waiting,
            started_at: now,
            ended_at: None,
            report: None,
        };
        store.platform.jobs.push((observable_id.to_owned(), job.clone()));
        Ok(job)
    }

    fn get_job(&self, _: &String, id: &str) -> Result<Job, Error> {
        self.call("thehive/cortex.get-job", &id)?;
        let store = self.thehive.borrow();
        let found = store.platform.jobs.iter().find(|(_, job)| job.id == id);
        found.map(|(_, job)| job.clone()).ok_or(Error::NotFound)
    }

    fn list_jobs(&self, _: &String, observable_id: &str) -> Result<Vec<Job>, Error> {
        self.call("thehive/cortex.list-jobs", &observable_id)?;
        let store = self.thehive.borrow();
        let of_it = store.platform.jobs.iter().rev().filter(|(of, _)| of == observable_id);
        let bare = |(_, job): &(String, Job)| Job {
            report: None,
            ..job.clone()
        };
        Ok(of_it.map(bare).collect())
    }

    fn run_responder(
        &self,
        _: &String,
        subject: &CortexSubject,
        responder_id: &str,
        server: Option<&str>,
    ) -> Result<CortexAction, Error> {
        self.call("thehive/cortex.run-responder", &(subject, responder_id, server))?;
        let now = self.now();
        let store = &mut *self.thehive.borrow_mut();
        let action = CortexAction {
            id: store.ids.next(),
            responder_id: responder_id.to_owned(),
            server: server.map(str::to_owned),
            progress: Progress::Waiting,
            started_at: now,
            ended_at: None,
            report: None,
        };
        store.platform.actions.push((subject.clone(), action.clone()));
        Ok(action)
    }

    fn list_actions(&self, _: &String, subject: &CortexSubject) -> Result<Vec<CortexAction>, Error> {
        self.call("thehive/cortex.list-actions", &subject)?;
        let store = self.thehive.borrow();
        let of_it = store.platform.actions.iter().rev().filter(|(of, _)| of == subject);
        Ok(of_it.map(|(_, action)| action.clone()).collect())
    }
}

impl Fake {
    /// The one search that needs no script: all alerts of a case.
    fn alerts_of_case(&self, search: &Search, cursor: Option<&str>) -> Option<ResultPage> {
        let (Kind::Alert, Place::Case(case), None) = (search.kind, &search.place, &search.filter) else {
            return None;
        };
        let from: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap_or(usize::MAX));
        let is_of_case = |alert: &Alert| alert.case_id.as_ref() == Some(case);
        let mut alerts: Vec<Alert> = self.alerts().into_iter().filter(is_of_case).skip(from).collect();
        let limit = search.limit as usize;
        let cursor = (alerts.len() > limit).then(|| (from + limit).to_string());
        alerts.truncate(limit);
        let found = Found::Alerts(alerts);
        Some(ResultPage { found, cursor })
    }
}

impl Query for Fake {
    fn find(&self, _: &String, search: &Search, cursor: Option<&str>) -> Result<ResultPage, Error> {
        self.call("thehive/query.find", &(search, cursor))?;
        if search.limit == 0 || search.limit > 100 {
            return Err(invalid("search.limit", format!("{}; 1 to 100", search.limit)));
        }
        let page = self.thehive.borrow_mut().platform.pages.pop_front();
        page.or_else(|| self.alerts_of_case(search, cursor))
            .ok_or_else(|| Error::Unsupported("the fake answers searches from `answer_search`".to_owned()))
    }

    fn count(&self, _: &String, search: &Search) -> Result<u64, Error> {
        self.call("thehive/query.count", &search)?;
        let count = self.thehive.borrow_mut().platform.counts.pop_front();
        count.ok_or_else(|| Error::Unsupported("the fake answers counts from `answer_count`".to_owned()))
    }
}

impl Raw for Fake {
    fn request(&self, _: &String, request: &RawRequest) -> Result<RawAnswer, Error> {
        self.call("thehive/raw.request", &request)?;
        if !request.path.starts_with("/api/") {
            return Err(invalid("request.path", "it does not begin with `/api/`".to_owned()));
        }
        let answer = self.thehive.borrow_mut().platform.answers.pop_front();
        answer.ok_or_else(|| Error::Unsupported("the fake answers raw requests from `answer_raw`".to_owned()))
    }
}
