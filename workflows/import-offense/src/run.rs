//! What happens from event to answer?

use std::collections::BTreeSet;

use serde::Serialize;
use synapse_guest::error::{WorkflowError, explain};
use synapse_guest::qradar::{Offense, OffenseFilter};
use synapse_guest::workflow::{Item, Verdict};
use synapse_offenses::answer::Answer;
use synapse_offenses::import::{self, Asked};
use synapse_offenses::ledger::{self, Standing};
use synapse_offenses::run::Run;

use crate::Host;
use crate::config::{Config, Create};
use crate::input::Input;

/// The workflow's answer: that of `qradar2alert`, and the cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// The alerts.
    #[serde(flatten)]
    pub alerts: Answer,
    /// The cases, if they were asked for.
    pub cases: Vec<MadeCase>,
}

/// The case of an offense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MadeCase {
    /// The offense.
    pub qradar_offense_id: u64,
    /// The case's id, if there is one now.
    pub case_id: Option<String>,
    /// Its number.
    pub case_number: Option<u64>,
    /// What happened.
    pub message: String,
}

/// Imports the named offenses, whatever their age and status, and also if their alert was deleted.
///
/// # Errors
/// Nothing can be imported at all: a binding or a grant is missing, or a target cannot be reached.
pub fn import_offense(host: &impl Host, Input(ids): Input) -> Result<Imported, WorkflowError> {
    let mut config: Config = host.config()?;
    // A caller waits. Who wants late evidence asks again: an alert that lacks some is filled in then.
    config.alert.late_minutes.clear();
    let mut run = Run::open(host, config.alert.clone())?;
    let text = format!(
        "{} offenses, as asked for, whatever their age, status and magnitude",
        ids.len()
    );
    run.answer = Answer::new(None, text.clone());
    let filter = OffenseFilter {
        ids: Some(ids.clone()),
        ..OffenseFilter::default()
    };
    let offenses = host.list_offenses(&run.console, &filter, None)?.offenses;
    run.answer.scanned = offenses.len() as u64;
    host.scanned(run.answer.scanned, &text);
    let found: BTreeSet<u64> = offenses.iter().map(|offense| offense.id).collect();
    for id in ids.into_iter().filter(|id| !found.contains(id)) {
        let why = format!("the console has no offense {id}, or it is not of a domain that this connection covers");
        run.answer.failed(host, id, &why, None);
    }
    import::page(&mut run, offenses.clone(), Asked::ById)?;
    let cases = match config.create {
        Create::Alert => Vec::new(),
        Create::Case => promote(&mut run, &config, &offenses)?,
    };
    Ok(Imported {
        alerts: run.answer,
        cases,
    })
}

/// Makes cases of the alerts, one after the other; an alert that has a case keeps it (case D25).
fn promote<H: Host>(
    run: &mut Run<'_, H>,
    config: &Config,
    offenses: &[Offense],
) -> Result<Vec<MadeCase>, WorkflowError> {
    let known = ledger::look_up(run, offenses)?;
    let mut cases = Vec::new();
    for (offense, known) in offenses.iter().zip(known) {
        let (Standing::Imported(alert, _) | Standing::Found(alert)) = known.standing else {
            continue;
        };
        let had = alert.case_id.is_some();
        let template = run.config.case_template.clone();
        let made = run.host.promote_alert(
            &run.organisation,
            &alert.id,
            config.assignee.as_deref(),
            template.as_deref(),
        );
        let (verdict, made) = match made {
            Ok(case) => {
                let message = if had {
                    format!("alert {} has case #{} already", alert.id, case.number)
                } else {
                    format!("alert {} became case #{}", alert.id, case.number)
                };
                let verdict = if had { Verdict::Skipped } else { Verdict::Created };
                (verdict, (Some(case.id), Some(case.number), message, case.link))
            }
            Err(error) => {
                run.answer.success = false;
                let message = format!("alert {} did not become a case: {}", alert.id, explain(&error));
                (Verdict::Failed, (None, None, message, alert.link))
            }
        };
        let (case_id, case_number, message, link) = made;
        run.host.report(&Item {
            subject: format!("offense {}", offense.id),
            verdict,
            reason: message.clone(),
            link: Some(link),
        });
        cases.push(MadeCase {
            qradar_offense_id: offense.id,
            case_id,
            case_number,
            message,
        });
    }
    Ok(cases)
}
