//! How does an alert get the evidence that was missing when it was made, or that came since?
//!
//! Events of a new offense are searchable minutes later, so an alert may be made before there is anything to show. Here it is rendered
//! again, and what is new is added. What an analyst wrote stays: the description is replaced only if it is still ours.

use synapse_guest::error::{Error, explain};
use synapse_guest::qradar::Offense;
use synapse_guest::thehive::{Alert, AlertPatch, NewAlert, Observable, Owner};

use crate::Host;
use crate::alert;
use crate::digest;
use crate::enrich::{self, Details};
use crate::run::Run;

/// Observables of one call.
const ADDED: usize = 100;

/// An offense whose alert is brought up to date.
pub struct Stale {
    /// The offense as it is now.
    pub offense: Offense,
    /// Its alert.
    pub alert: Alert,
    /// Digest of the description that was written last; none: not known, so it is not replaced.
    pub text: Option<String>,
    /// Said in the alert if something is still missing.
    pub remark: Option<String>,
}

/// What became of it.
pub struct Filled {
    /// Digest of the description that the alert has now, if it is ours.
    pub text: Option<String>,
    /// Something is still missing.
    pub missing: bool,
    /// What was done, in a sentence; an error if it could not be.
    pub outcome: Result<String, Error>,
    /// Something was changed.
    pub changed: bool,
    /// What the offense is like, for those who compare.
    pub rendered: NewAlert,
}

/// A description's digest; the server may trim it.
pub fn text_digest(description: &str) -> String {
    digest::short(&[description.trim()])
}

/// Brings the alerts of a page up to date; one answer each, in order. `severity` may raise the alert's severity.
pub fn page<H: Host>(run: &mut Run<'_, H>, stale: &[Stale], severity: Severity) -> Vec<Filled> {
    let offenses: Vec<&Offense> = stale.iter().map(|stale| &stale.offense).collect();
    let mut details = enrich::page(run, &offenses);
    for (stale, details) in stale.iter().zip(&mut details) {
        let remark = stale.remark.clone().filter(|_| details.missing);
        details.notes.extend(remark);
    }
    stale
        .iter()
        .zip(&details)
        .map(|(stale, details)| one(run, stale, details, severity))
        .collect()
}

/// What may happen to an alert's severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It stays as it is.
    Keep,
    /// It may be raised.
    Raise,
    /// It follows the offense.
    Follow,
}

fn one<H: Host>(run: &mut Run<'_, H>, stale: &Stale, details: &Details, severity: Severity) -> Filled {
    let rendered = alert::build(run, &stale.offense, details, String::new());
    let ours = text_digest(&rendered.description);
    let mut filled = Filled {
        text: stale.text.clone(),
        missing: details.missing,
        outcome: Ok(String::new()),
        changed: false,
        rendered,
    };
    match bring(run, stale, &filled.rendered, severity) {
        Ok(Brought {
            said,
            described,
            changed,
        }) => {
            if described {
                filled.text = Some(ours);
            }
            filled.changed = changed;
            let mut said = said;
            said.extend(details.notes.iter().cloned());
            filled.outcome = Ok(said.join("; "));
        }
        Err(error) => filled.outcome = Err(error),
    }
    filled
}

struct Brought {
    said: Vec<String>,
    described: bool,
    changed: bool,
}

fn bring<H: Host>(run: &Run<'_, H>, stale: &Stale, new: &NewAlert, severity: Severity) -> Result<Brought, Error> {
    let alert = run.host.get_alert(&run.organisation, &stale.alert.id)?;
    let there = text_digest(alert.description.as_deref().unwrap_or(""));
    let is_ours = stale.text.as_ref() == Some(&there);
    let is_new = text_digest(&new.description) != there;
    let mut said = Vec::new();
    let mut patch = AlertPatch {
        description: (is_ours && is_new).then(|| new.description.clone()),
        add_tags: new
            .tags
            .iter()
            .filter(|tag| !alert.tags.contains(tag))
            .cloned()
            .collect(),
        ..AlertPatch::default()
    };
    let wanted = match severity {
        Severity::Keep => alert.severity,
        Severity::Raise => alert.severity.max(new.severity),
        Severity::Follow => new.severity,
    };
    if wanted != alert.severity {
        patch.severity = Some(wanted);
        said.push(format!("severity {:?} instead of {:?}", wanted, alert.severity).to_lowercase());
    }
    if patch.description.is_some() {
        said.insert(0, "description brought up to date".to_owned());
    } else if is_new && !is_ours {
        said.push("its description was edited in TheHive and is left as it is".to_owned());
    }
    let is_changed = patch.description.is_some() || patch.severity.is_some() || !patch.add_tags.is_empty();
    if is_changed {
        run.host.update_alert(&run.organisation, &alert.id, &patch)?;
    }
    let mut added = add(run, &Owner::Alert(alert.id.clone()), &new.observables)?;
    if let Some(case) = &alert.case_id {
        // Analysts look at the case then; what the alert gets does not reach it any more.
        added = added.max(add(run, &Owner::Case(case.clone()), &new.observables)?);
    }
    if added > 0 {
        said.push(format!("{added} observables added"));
    }
    Ok(Brought {
        said,
        described: patch.description.is_some() || (is_ours && !is_new),
        changed: is_changed || added > 0,
    })
}

/// How many were not there yet. One that is refused stops no other.
fn add<H: Host>(run: &Run<'_, H>, owner: &Owner, observables: &[Observable]) -> Result<usize, Error> {
    let known = known(run, owner)?;
    let new: Vec<Observable> = observables
        .iter()
        .filter(|new| !known.contains(&(new.data_type.clone(), new.data.clone())))
        .cloned()
        .collect();
    let mut added = 0;
    for new in new.chunks(ADDED) {
        for (answer, new) in run
            .host
            .add_observables(&run.organisation, owner, new)
            .into_iter()
            .zip(new)
        {
            match answer {
                Ok(done) if !done.already => added += 1,
                Ok(_) => {}
                Err(error) => run.host.log(
                    synapse_guest::workflow::Level::Warn,
                    "an observable was not added",
                    &[("type", &new.data_type), ("error", &explain(&error))],
                ),
            }
        }
    }
    Ok(added)
}

/// What the owner has, at most a thousand: then the server's own "already there" decides.
fn known<H: Host>(run: &Run<'_, H>, owner: &Owner) -> Result<std::collections::BTreeSet<(String, String)>, Error> {
    const PAGES: usize = 10;
    let mut known = std::collections::BTreeSet::new();
    let mut cursor = None;
    for _ in 0..PAGES {
        let page = run.host.list_observables(&run.organisation, owner, cursor.as_deref())?;
        known.extend(
            page.observables
                .into_iter()
                .filter_map(|known| Some((known.data_type, known.data?))),
        );
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(known)
}
