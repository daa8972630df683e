//! Does TheHive know us, and does it let us do what deployments need?

use std::collections::{BTreeMap, BTreeSet};

use synapse_domain::clock::Timestamp;

use super::client::Client;
use super::rights;
use super::types::{CLOSED, UserRow};
use crate::bindings::synapse::thehive::statuses::Subject;
use crate::bindings::synapse::workflow::types::Error;
use crate::checkup::{NOTICE_DAYS, Need, Step, days_left, said};

const RENEW: &str = "let whoever administrates TheHive renew it (Platform management, Licence)";
/// The organisation and the profile of those who administrate a platform (contract 1.3).
const ADMIN: &str = "admin";

impl Client {
    /// Version, login, organisation, licence, rights and marker.
    pub async fn examine(&self, needs: &[Need], now: Timestamp) -> Vec<Step> {
        let mut steps = Vec::new();
        let version = match self.release().await {
            Ok(version) => version,
            Err(error) => {
                let remedy = "is the connection's `url` that of TheHive, with its context path, and without `/api`?";
                steps.push(Step::failed("version", said(&error), remedy));
                return steps;
            }
        };
        match self.scale().await {
            Ok(_) => steps.push(Step::ok("version", format!("TheHive {version}"))),
            Err(error) => steps.push(Step::failed("version", said(&error), "use TheHive 3, 4 or 5")),
        }
        match self.current_user().await {
            Ok(user) => {
                steps.push(login(&user));
                steps.extend(self.examine_licence(now).await);
                steps.push(allowed(&user, &version, needs));
            }
            Err(error) => steps.push(refused(&error)),
        }
        steps.extend(self.examine_marker().await);
        steps
    }

    /// Does the licence hold? Without one TheHive 5 only lets read.
    async fn examine_licence(&self, now: Timestamp) -> Option<Step> {
        const STEP: &str = "licence";
        let (valid, end) = match self.licence().await {
            Ok(licence) => licence?,
            Err(error) => return Some(Step::skipped(STEP, said(&error))),
        };
        if !valid {
            return Some(Step::failed(
                STEP,
                "TheHive's licence does not hold: nothing can be written",
                RENEW,
            ));
        }
        Some(match end.map(|end| days_left(end, now)) {
            None => Step::ok(STEP, "TheHive's licence holds"),
            Some(days) if days < NOTICE_DAYS => {
                Step::warning(STEP, format!("TheHive's licence holds for {days} more days"), RENEW)
            }
            Some(days) => Step::ok(STEP, format!("TheHive's licence holds for {days} more days")),
        })
    }

    /// Is the custom field of the marker there, and of type string?
    async fn examine_marker(&self) -> Option<Step> {
        const STEP: &str = "marker";
        let name = self.marker_field()?;
        let remedy = format!(
            "let an administrator of TheHive define a custom field `{name}` of type string, or remove `marker_field`"
        );
        Some(match self.definition(name).await {
            Ok(field) if field.r#type == "string" => Step::ok(STEP, format!("the custom field `{name}` is there")),
            Ok(field) => Step::failed(
                STEP,
                format!("the custom field `{name}` is of type {}", field.r#type),
                remedy,
            ),
            Err(Error::NotFound) => Step::failed(STEP, format!("there is no custom field `{name}`"), remedy),
            Err(Error::Unsupported(why)) => Step::skipped(STEP, why),
            Err(error) => Step::failed(STEP, said(&error), remedy),
        })
    }

    /// The statuses with which cases (or alerts) of the organisation end, in its order.
    ///
    /// # Errors
    /// TheHive cannot be asked.
    pub async fn closed_statuses(&self, subject: Subject) -> Result<Vec<String>, Error> {
        let rows = self.fetch_statuses(subject).await?;
        let closed = rows.iter().filter(|row| row.stage == CLOSED);
        Ok(closed.map(|row| row.value.clone()).collect())
    }

    /// Does it speak v0 (3, 4), where an alert that is marked as read is closed?
    ///
    /// # Errors
    /// TheHive cannot be asked.
    pub async fn closes_by_reading(&self) -> Result<bool, Error> {
        Ok(self.v0().await?.is_some())
    }

    /// Is there a case template of this name?
    ///
    /// # Errors
    /// `Unsupported`: 3 and 4 are not asked. Otherwise TheHive cannot be asked.
    pub async fn has_template(&self, name: &str) -> Result<bool, Error> {
        match self.template(name).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn refused(error: &Error) -> Step {
    let remedy = match error {
        Error::Unauthenticated => {
            "make the user a new API key in TheHive and put it where the connection's `auth.secret` points; with `organisation` set, the user must be a member of it"
        }
        _ => "look at TheHive's own log; then ask again",
    };
    Step::failed("authentication", said(error), remedy)
}

fn login(user: &UserRow) -> Step {
    const STEP: &str = "authentication";
    let organisation = user.organisation.as_deref().unwrap_or("the only one there is");
    let found = format!("as `{}` in organisation `{organisation}`", user.login);
    if user.locked {
        return Step::failed(STEP, format!("{found}, who is locked"), "unlock the user in TheHive");
    }
    if organisation == ADMIN {
        let remedy = "set the connection's `organisation`, or use a user of the organisation whose cases are meant";
        return Step::warning(STEP, format!("{found}, which has no cases"), remedy);
    }
    Step::ok(STEP, found)
}

/// Has the user every right that deployments need?
fn allowed(user: &UserRow, version: &str, needs: &[Need]) -> Step {
    const STEP: &str = "permissions";
    let mut missing: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (function, right) in rights::all() {
        for need in needs.iter().filter(|need| need.may(function)) {
            if !holds(user, version, right, function) {
                let wanted = format!("`{}` ({function})", need.deployment);
                missing.entry(right).or_default().insert(wanted);
            }
        }
    }
    if missing.is_empty() {
        let found = match needs.len() {
            0 => "no deployment uses it yet".to_owned(),
            count => format!("everything that {count} deployment(s) may do"),
        };
        return Step::ok(STEP, found);
    }
    let lines = missing.iter().map(|(right, wanted)| {
        let wanted: Vec<_> = wanted.iter().map(String::as_str).collect();
        format!("`{right}`, needed by {}", wanted.join(", "))
    });
    let found = format!("`{}` lacks {}", user.login, lines.collect::<Vec<_>>().join("; "));
    let remedy = "give the user a profile that holds these rights, or grant the deployments less";
    Step::failed(STEP, found, remedy)
}

/// 5 names rights; 3 and 4 say by v0 only which roles a user has (contract 1.5).
fn holds(user: &UserRow, version: &str, right: &str, function: &str) -> bool {
    let has = |list: &[String], wanted: &str| list.iter().any(|one| one == wanted);
    let is_old = matches!(version.split('.').next(), Some("3" | "4"));
    match function {
        _ if !is_old => has(&user.permissions, right),
        "thehive/alerts.create-alerts" => has(&user.roles, "alert") || has(&user.roles, "write"),
        "thehive/cases.delete-cases" => {
            has(&user.roles, "admin") || (version.starts_with('4') && has(&user.roles, "write"))
        }
        _ => has(&user.roles, "write"),
    }
}
