//! How do task, observables, files and log get into the case, each once?

use synapse_guest::error::{Error, explain};
use synapse_guest::thehive::{Added, FileObservable, NewLog, Observable};

use super::Job;
use crate::Host;
use crate::case;
use crate::digest;
use crate::evidence::{Evidence, File};
use crate::failure::{self, Trouble};
use crate::indicators::Indicators;
use crate::ledger::{Conversation, Home, Line};
use crate::letter::Letter;
use crate::note;
use crate::run::Run;
use crate::said;

/// Items of one call.
const BATCH: usize = 100;
/// Attachment names in the log.
const NAMES: usize = 50;
/// Instead of a body for which there is no room.
const NO_ROOM: &str = "(the alert's description has no room for this mail's text)";

/// What one mail brings into its case.
pub struct Steps<'a, B> {
    /// The mail.
    pub letter: &'a Letter,
    /// Its body as text.
    pub body: &'a str,
    /// Its text observables.
    pub indicators: Indicators,
    /// What came with it.
    pub evidence: &'a Evidence<B>,
    /// The case was made for this mail just now: nothing can be in it yet.
    pub is_new: bool,
    /// There is no next try: what cannot be added is named instead.
    pub last: bool,
}

/// The case's task for the conversation: known, or there, or made.
pub fn task<H: Host>(
    run: &Run<'_, H>,
    thread: &mut Line<Conversation>,
    is_new: bool,
    login: Option<&str>,
) -> Result<(), Trouble> {
    let Some(line) = thread
        .value
        .as_mut()
        .filter(|line| line.home.number.is_some() && line.home.task.is_none())
    else {
        return Ok(());
    };
    // A template may have brought one, and so may an attempt whose ledger was lost.
    let may_exist = !is_new || run.config.case_template.is_some();
    let found = if may_exist {
        let tasks = run.host.list_tasks(&run.organisation, &line.home.id)?;
        tasks.into_iter().find(|task| task.title == run.config.task_title)
    } else {
        None
    };
    let task = match found {
        Some(task) => task,
        None => {
            // Like the case, if that is assigned by the category; the connection's own user works on nothing.
            let login = login.filter(|login| line.assignee.as_deref() == Some(*login));
            let key = format!("task/{}/{}", line.home.id, run.config.task_title);
            let new = case::task(&line.home.id, login, key, &run.config);
            let answers = run.host.create_tasks(&run.organisation, &[new]);
            answers
                .into_iter()
                .next()
                .unwrap_or_else(|| Err(Error::Unavailable("TheHive gave no answer".to_owned())))?
        }
    };
    line.home.task = Some(task.id);
    Ok(())
}

/// By what an observable is known that was added.
pub fn mark(observable: &Observable) -> String {
    digest::short(&[&observable.data_type, &observable.data])
}

/// Where the failed observables of one mail are collected.
#[derive(Default)]
struct Missing {
    notes: Vec<String>,
    worst: Option<Error>,
    count: usize,
}

impl<B> Steps<'_, B> {
    /// Observables, files and log. Answers what is told about them.
    ///
    /// # Errors
    /// Something is missing that another try may bring.
    pub fn write<H: Host<Blob = B>>(&self, run: &Run<'_, H>, job: &mut Job) -> Result<Vec<String>, Trouble> {
        let Some(home) = job.known().home.clone() else {
            return Ok(Vec::new());
        };
        let mut missing = Missing::default();
        self.observables(run, job, &home, &mut missing);
        self.files(run, job, &home, &mut missing);
        if let Some(error) = missing.worst.take() {
            let reason = format!(
                "{} observables could not be added; {}",
                missing.count,
                missing.notes.join("; ")
            );
            return Err(Trouble {
                reason,
                error: Some(error),
            });
        }
        if self.indicators.total > self.indicators.kept.len() {
            let (kept, total) = (self.indicators.kept.len(), self.indicators.total);
            missing.notes.push(format!(
                "{kept} of {total} text observables were added (setting `observables_max`)"
            ));
        }
        let unsaid = self.log(run, job, &home, &missing.notes)?;
        missing.notes.extend(unsaid);
        Ok(missing.notes)
    }

    fn observables<H: Host<Blob = B>>(&self, run: &Run<'_, H>, job: &mut Job, home: &Home, missing: &mut Missing) {
        let open: Vec<&Observable> = self
            .indicators
            .kept
            .iter()
            .filter(|new| !job.known().added.contains(&mark(new)))
            .collect();
        for batch in open.chunks(BATCH) {
            let new: Vec<Observable> = batch.iter().map(|new| (*new).clone()).collect();
            let answers = run.host.add_observables(&run.organisation, &home.owner(), &new);
            let names = new
                .iter()
                .map(|new| (mark(new), format!("{} {}", new.data_type, new.data)));
            self.settle(job, names, answers, missing);
        }
    }

    fn files<H: Host<Blob = B>>(&self, run: &Run<'_, H>, job: &mut Job, home: &Home, missing: &mut Missing) {
        let open: Vec<&File<B>> = self
            .evidence
            .files
            .iter()
            .filter(|file| !job.known().added.contains(&digest::short(&[&file.sha256])))
            .collect();
        for batch in open.chunks(BATCH) {
            let new: Vec<FileObservable> = batch.iter().map(|file| observable(file)).collect();
            let blobs: Vec<&B> = batch.iter().map(|file| &file.blob).collect();
            let answers = run
                .host
                .add_file_observables(&run.organisation, &home.owner(), &new, &blobs);
            let names = batch
                .iter()
                .map(|file| (digest::short(&[&file.sha256]), file.name.clone()));
            self.settle(job, names, answers, missing);
        }
    }

    /// What is there is remembered; what TheHive will never take is named; what it may take later is missing.
    fn settle(
        &self,
        job: &mut Job,
        names: impl Iterator<Item = (String, String)>,
        answers: Vec<Result<Added, Error>>,
        missing: &mut Missing,
    ) {
        let nothing = || Err(Error::Unavailable("TheHive gave no answer for it".to_owned()));
        let mut answers = answers.into_iter();
        for (key, name) in names {
            match answers.next().unwrap_or_else(nothing) {
                Ok(_) => job.known().added.push(key),
                Err(error) => {
                    missing
                        .notes
                        .push(format!("{name} could not be added: {}", explain(&error)));
                    let for_good = matches!(
                        error,
                        Error::Invalid(_) | Error::TooLarge(_) | Error::Unsupported(_) | Error::Unreadable(_)
                    );
                    let is_note = for_good || self.last && !failure::is_general(&error);
                    if !is_note {
                        missing.count += 1;
                        missing.worst = Some(missing.worst.take().filter(failure::is_general).unwrap_or(error));
                    }
                }
            }
        }
    }

    /// One log entry; where the mail became an alert a comment, or on 3 and 4 a part of the description. Answers what could not be said.
    fn log<H: Host<Blob = B>>(
        &self,
        run: &Run<'_, H>,
        job: &mut Job,
        home: &Home,
        missing: &[String],
    ) -> Result<Option<String>, Trouble> {
        if job.known().logged {
            return Ok(None);
        }
        let mut full = None;
        let notes: Vec<String> = self.evidence.notes.iter().chain(missing).cloned().collect();
        let attached = job.message.attachments.iter().take(NAMES);
        let names: Vec<String> = attached
            .map(|attachment| crate::names::clean(attachment.name.as_deref(), "(no name)"))
            .collect();
        let text = note::render(self.letter, self.body, &names, &notes);
        let key = format!("log/{}/{}", job.line.key, home.id);
        match &home.task {
            Some(task) => {
                let known = if !self.is_new {
                    run.host.list_logs(&run.organisation, task)?
                } else {
                    Vec::new()
                };
                if !known.iter().any(|log| note::is_about(&log.message, self.letter)) {
                    let blobs = self.bodies(run, text.cut)?;
                    let log = NewLog {
                        task_id: task.clone(),
                        message: text.markdown,
                        date: self.letter.sent,
                        dedup_key: Some(key),
                    };
                    run.host
                        .create_log(&run.organisation, &log, &blobs.iter().collect::<Vec<_>>())?;
                }
            }
            None => match self.comment(run, home, &text.markdown, &key) {
                Err(Error::Unsupported(_)) => {
                    let short = note::render(self.letter, NO_ROOM, &names, &notes).markdown;
                    let texts = [text.markdown.as_str(), short.as_str()];
                    if !said::append(run, home, &texts, |known| note::is_in(known, self.letter))? {
                        full = Some("the alert's description has no room for the mail's text".to_owned());
                    }
                }
                said => said?,
            },
        }
        job.known().logged = true;
        Ok(full)
    }

    /// A comment about the mail, unless there is one.
    fn comment<H: Host<Blob = B>>(&self, run: &Run<'_, H>, home: &Home, text: &str, key: &str) -> Result<(), Error> {
        let known = if !self.is_new {
            run.host.list_comments(&run.organisation, &home.owner())?
        } else {
            Vec::new()
        };
        if known
            .iter()
            .any(|comment| note::is_about(&comment.message, self.letter))
        {
            return Ok(());
        }
        said::comment(run, home, text, key)
    }

    /// The bodies that are attached to the log: what was cut, and the HTML if the deployment asks for it.
    fn bodies<H: Host<Blob = B>>(&self, run: &Run<'_, H>, cut: bool) -> Result<Vec<B>, Error> {
        let mut blobs = Vec::new();
        if cut {
            blobs.push(
                run.host
                    .create_blob("body.txt", "text/plain; charset=utf-8", self.body.as_bytes())?,
            );
        }
        if let Some(html) = self.letter.html.as_ref().filter(|_| run.config.attach_html) {
            blobs.push(
                run.host
                    .create_blob("body.html", "text/html; charset=utf-8", html.as_bytes())?,
            );
        }
        Ok(blobs)
    }
}

fn observable<B>(file: &File<B>) -> FileObservable {
    FileObservable {
        message: Some(file.message.clone()),
        tags: file.tags.iter().map(|tag| case::tag(tag)).collect(),
        ioc: false,
        ignore_similarity: false,
        tlp: None,
    }
}
