//! How does a case in TheHive reach the offense in QRadar: the mark, the person, the note?

use std::collections::BTreeSet;

use synapse_guest::error::{Error, WorkflowError, explain};
use synapse_guest::qradar::{NOTE_CHARS, Offense, Status};
use synapse_guest::text::{cut, visible};
use synapse_guest::thehive::Case;
use synapse_guest::workflow::Verdict;

use crate::Host;
use crate::memory::{Memory, Wrote};
use crate::run::Mirror;

/// Takes a case's state over to its offenses. `assigned`: somebody assigned the case just now.
///
/// # Errors
/// TheHive cannot be asked.
pub fn case<H: Host>(mirror: &mut Mirror<'_, H>, id: &str, assigned: bool) -> Result<(), WorkflowError> {
    let run = &mirror.run;
    let case = match run.host.get_case(&run.organisation, id) {
        Ok(case) => case,
        Err(Error::NotFound) => {
            let reason = "it is not there any more: merged into another one, or deleted";
            mirror
                .answer
                .add(run.host, &format!("case {id}"), Verdict::Skipped, reason, None);
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let subject = format!("case #{}", case.number);
    run.host.scanned(1, &subject);
    let offenses = offenses(mirror, &case)?;
    let idle = if case.stage == "Closed" {
        Some("it is closed: close-offense decides about its offenses".to_owned())
    } else {
        offenses
            .is_empty()
            .then(|| format!("no alert of it comes from the console `{}`", run.source_id))
    };
    if let Some(reason) = idle {
        mirror
            .answer
            .add(run.host, &subject, Verdict::Skipped, &reason, Some(&case.link));
        return Ok(());
    }
    for offense in offenses {
        let (verdict, message) = match one(mirror, &case, offense, assigned) {
            Ok(said) if said.is_empty() => (Verdict::Skipped, "it is as it should be".to_owned()),
            Ok(said) => (
                if said.iter().any(|(done, _)| *done) {
                    Verdict::Updated
                } else {
                    Verdict::Skipped
                },
                said.into_iter().map(|(_, said)| said).collect::<Vec<_>>().join("; "),
            ),
            Err(Error::NotFound) => (Verdict::Skipped, "gone: QRadar does not have it any more".to_owned()),
            Err(error) => (Verdict::Failed, format!("not mirrored: {}", explain(&error))),
        };
        let host = mirror.run.host;
        mirror
            .answer
            .add(host, &format!("offense {offense}"), verdict, &message, Some(&case.link));
    }
    Ok(())
}

fn offenses<H: Host>(mirror: &Mirror<'_, H>, case: &Case) -> Result<BTreeSet<u64>, Error> {
    let run = &mirror.run;
    let alerts = run.host.case_alerts(&run.organisation, &case.id)?;
    let is_ours = |key: &synapse_guest::thehive::AlertKey| {
        let adopted =
            |earlier: &synapse_offenses::config::Adopt| earlier.type_ == key.type_ && earlier.source == key.source;
        key.source == run.source_id || run.config.adopt.iter().any(adopted)
    };
    let ours = alerts.into_iter().filter(|alert| is_ours(&alert.key));
    Ok(ours
        .filter_map(|alert| alert.key.source_ref.trim().parse().ok())
        .collect())
}

/// What was done (true) or left (false), a sentence each. A field that is as it should be is not written.
fn one<H: Host>(mirror: &Mirror<'_, H>, case: &Case, id: u64, assigned: bool) -> Result<Vec<(bool, String)>, Error> {
    let run = &mirror.run;
    let offense = run.host.get_offense(&run.console, id)?;
    if offense.status == Status::Closed {
        return Ok(vec![(false, "it is closed in QRadar, which is final".to_owned())]);
    }
    let mut memory = Memory::read(run.host, &run.source_id, id)?;
    let mut said = Vec::new();
    let before = memory.clone();
    let result = write(mirror, case, &offense, assigned, &mut memory, &mut said);
    // Also what was written before something failed.
    if memory != before {
        memory.keep(run.host, &run.source_id, id);
    }
    result.map(|()| said)
}

fn write<H: Host>(
    mirror: &Mirror<'_, H>,
    case: &Case,
    offense: &Offense,
    assigned: bool,
    memory: &mut Memory,
    said: &mut Vec<(bool, String)>,
) -> Result<(), Error> {
    let (run, config) = (&mirror.run, &mirror.config);
    let wrote = |value: &str| {
        Some(Wrote {
            value: value.to_owned(),
            at: run.host.now(),
        })
    };
    // Once: who takes the mark away in QRadar means it.
    if config.follow_up && !offense.follow_up && memory.follow_up.is_none() {
        run.host.set_follow_up(&run.console, offense.id, true)?;
        memory.follow_up = wrote("true");
        said.push((true, "marked for follow-up".to_owned()));
    }
    if config.assign
        && let Some(login) = case.assignee.as_deref()
    {
        let there = offense.assigned_to.as_deref().filter(|user| !user.is_empty());
        let is_ours = there == memory.assigned.as_ref().map(|wrote| wrote.value.as_str());
        match (config.users.get(login), there) {
            (None, _) => said.push((
                false,
                format!("{} has no user of QRadar in config.users", visible(login)),
            )),
            (Some(user), Some(there)) if user == there => {}
            (Some(_), Some(there)) if !is_ours && !assigned => {
                said.push((
                    false,
                    format!("it stays assigned to {}, who was chosen in QRadar", visible(there)),
                ));
            }
            (Some(user), _) => {
                run.host.assign(&run.console, offense.id, user)?;
                memory.assigned = wrote(user);
                said.push((true, format!("assigned to {user}")));
            }
        }
    }
    if let Some(template) = &config.note
        && memory.noted.as_ref() != Some(&case.id)
    {
        let text = template
            .replace("{number}", &case.number.to_string())
            .replace("{link}", &case.link);
        let lines: Vec<String> = text.lines().map(visible).collect();
        let text = cut(lines.join("\n").trim(), NOTE_CHARS);
        let key = format!("case/{}/{}/{}", run.source_id, offense.id, case.id);
        run.host.add_note(&run.console, offense.id, &text, Some(&key))?;
        memory.noted = Some(case.id.clone());
        said.push((true, "noted".to_owned()));
    }
    Ok(())
}
