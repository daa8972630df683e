//! Do a deployment's settings mean something at its targets? What its manifest declares under `[[checks]]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use synapse_capabilities::bindings::synapse::qradar::closing::ClosingReason;
use synapse_capabilities::bindings::synapse::thehive::statuses::Subject;
use synapse_capabilities::bindings::synapse::workflow::types::Error;
use synapse_capabilities::checkup::{Step, said};
use synapse_capabilities::connection::{Connection, Target};
use synapse_capabilities::ews::client::Client as Ews;
use synapse_capabilities::qradar::client::Client as QRadar;
use synapse_capabilities::thehive::client::Client as TheHive;
use synapse_domain::check::{Check, Whose};
use synapse_domain::ids::{BindingName, ConnectionName, TenantId};
use synapse_domain::manifest::Manifest;
use synapse_store::records::DeploymentVersion;

use crate::node::Node;

/// The case's status that closes nothing: the case it was merged into decides.
const DUPLICATED: &str = "duplicated";

/// A deployment, made or about to be.
pub struct Deployed<'a> {
    /// Whose.
    pub tenant: &'a TenantId,
    /// Of its workflow.
    pub manifest: &'a Manifest,
    /// Its settings; they satisfy the schema.
    pub config: &'a Value,
    /// Logical name to connection.
    pub bindings: &'a BTreeMap<BindingName, ConnectionName>,
}

/// Is every connection of a deployment still there, and the one that it was pinned to?
pub fn bound(node: &Node, version: &DeploymentVersion) -> Vec<Step> {
    let gone = |(binding, name): (&BindingName, &ConnectionName)| {
        let pinned = version.source_ids.get(binding);
        match node.connections.get(&version.tenant, name) {
            None => Some(Step::failed(
                "bindings",
                format!("`{binding}` is bound to `{name}`, which the configuration does not have any more"),
                "declare the connection again, or deploy with another one",
            )),
            Some(found) if pinned.is_some_and(|pinned| *pinned != found.source_id) => Some(Step::failed(
                "bindings",
                format!(
                    "`{name}` has the source id `{}` now: it is another source than the one that was deployed for",
                    found.source_id
                ),
                "give the connection its old `source_id` back, or deploy again",
            )),
            Some(_) => None,
        }
    };
    version.bindings.iter().filter_map(gone).collect()
}

/// Asks the targets everything that the manifest declares.
pub async fn check(node: &Node, deployed: &Deployed<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    for check in &deployed.manifest.checks {
        let asking = Asking { node, deployed };
        let step = match check {
            Check::ClosingReasons {
                setting,
                thehive,
                qradar,
                alerts,
            } => {
                asking
                    .closing_reasons(setting, thehive, qradar, alerts.as_deref())
                    .await
            }
            Check::ClosedStatuses { setting, thehive, of } => asking.closed_statuses(setting, thehive, *of).await,
            Check::CaseTemplate { setting, thehive } => asking.template(setting, thehive).await,
            Check::Folder { setting, ews } => asking.folder(setting, ews).await,
        };
        steps.push(step.unwrap_or_else(|Unasked { binding, why }| {
            Step::failed(
                check.name(),
                format!(
                    "`config.{}` cannot be checked: `{binding}` cannot be asked: {why}",
                    check.setting()
                ),
                "`synapse connections test` says which step fails",
            )
        }));
    }
    steps
}

/// Why a target did not say.
struct Unasked {
    binding: BindingName,
    why: String,
}

struct Asking<'a> {
    node: &'a Node,
    deployed: &'a Deployed<'a>,
}

impl Asking<'_> {
    fn setting(&self, path: &str) -> Option<&Value> {
        self.deployed.manifest.setting(self.deployed.config, path)
    }

    fn connection(&self, binding: &BindingName) -> Result<Arc<Connection>, Unasked> {
        let name = self.deployed.bindings.get(binding);
        let found = name.and_then(|name| self.node.connections.get(self.deployed.tenant, name));
        found.ok_or_else(|| unasked(binding, &Error::NotFound))
    }

    async fn closing_reasons(
        &self,
        setting: &str,
        thehive: &BindingName,
        qradar: &BindingName,
        alerts: Option<&str>,
    ) -> Result<Step, Unasked> {
        let (organisation, console) = (self.connection(thehive)?, self.connection(qradar)?);
        let hive = client::<TheHive>(&organisation, thehive)?;
        let asked = |error: &Error| unasked(thehive, error);
        let mut statuses = hive
            .closed_statuses(Subject::Case)
            .await
            .map_err(|error| asked(&error))?;
        statuses.retain(|status| plain(status) != DUPLICATED);
        let counts = match alerts.and_then(|alerts| self.setting(alerts)?.as_str()) {
            Some("always") => true,
            Some("by-dialect") => hive.closes_by_reading().await.map_err(|error| asked(&error))?,
            _ => false,
        };
        if counts {
            let of_alerts = hive
                .closed_statuses(Subject::Alert)
                .await
                .map_err(|error| asked(&error))?;
            let missing = |status: &String| plain(status) != DUPLICATED && !statuses.contains(status);
            let missing: Vec<String> = of_alerts.into_iter().filter(missing).collect();
            statuses.extend(missing);
        }
        let reasons = client::<QRadar>(&console, qradar)?.closing_reasons().await;
        let reasons = reasons.map_err(|error| unasked(qradar, &error))?;
        let map = named(self.setting(setting));
        Ok(reason_map(setting, &statuses, &map, &reasons))
    }

    async fn closed_statuses(&self, setting: &str, thehive: &BindingName, of: Whose) -> Result<Step, Unasked> {
        const STEP: &str = "closed-statuses";
        let named = named(self.setting(setting));
        if named.is_empty() {
            return Ok(Step::ok(STEP, format!("`config.{setting}` names none")));
        }
        let (subject, whose) = match of {
            Whose::Cases => (Subject::Case, "cases"),
            Whose::Alerts => (Subject::Alert, "alerts"),
        };
        let organisation = self.connection(thehive)?;
        let closed = client::<TheHive>(&organisation, thehive)?
            .closed_statuses(subject)
            .await;
        let closed = closed.map_err(|error| unasked(thehive, &error))?;
        let unknown = |name: &&str| !closed.iter().any(|status| plain(status) == plain(name));
        let unknown: Vec<&str> = named.iter().map(|(_, name)| *name).filter(unknown).collect();
        if unknown.is_empty() {
            return Ok(Step::ok(
                STEP,
                format!("`config.{setting}` names closed statuses of the organisation"),
            ));
        }
        Ok(Step::failed(
            STEP,
            format!(
                "`config.{setting}` names {}, no closed status of the organisation's {whose}",
                quoted(&unknown)
            ),
            format!("use one of {}", quoted(&closed)),
        ))
    }

    async fn template(&self, setting: &str, thehive: &BindingName) -> Result<Step, Unasked> {
        const STEP: &str = "case-template";
        let Some(name) = self.setting(setting).and_then(Value::as_str) else {
            return Ok(Step::ok(STEP, format!("`config.{setting}` names none")));
        };
        let organisation = self.connection(thehive)?;
        match client::<TheHive>(&organisation, thehive)?.has_template(name).await {
            Ok(true) => Ok(Step::ok(STEP, format!("the organisation has `{name}`"))),
            Ok(false) => Ok(Step::failed(
                STEP,
                format!("`config.{setting}` names `{name}`, and the organisation has no such case template"),
                "make the template in TheHive, or correct its name",
            )),
            Err(Error::Unsupported(why)) => Ok(Step::skipped(STEP, why)),
            Err(error) => Err(unasked(thehive, &error)),
        }
    }

    async fn folder(&self, setting: &str, ews: &BindingName) -> Result<Step, Unasked> {
        const STEP: &str = "folder";
        let Some(name) = self.setting(setting).and_then(Value::as_str) else {
            return Ok(Step::ok(STEP, format!("`config.{setting}` names none")));
        };
        let mailbox = self.connection(ews)?;
        let remedy = "make the folder in the mailbox, or write its path: `inbox/TheHive`";
        match client::<Ews>(&mailbox, ews)?.folder_rights(name).await {
            Ok(Some(Some(false))) => Ok(Step::warning(
                STEP,
                format!("the account may read `{name}` and not change what is in it"),
                "give it the rights of an editor on the folder, or switch off what marks, categorises and moves mails",
            )),
            Ok(Some(_)) => Ok(Step::ok(STEP, format!("the mailbox has `{name}`"))),
            Ok(None) => {
                let found = format!("`config.{setting}` names `{name}`, and the mailbox has no such folder");
                Ok(Step::failed(STEP, found, remedy))
            }
            Err(error @ Error::Invalid(_)) => Ok(Step::failed(
                STEP,
                format!("`config.{setting}`: {}", said(&error)),
                remedy,
            )),
            Err(error) => Err(unasked(ews, &error)),
        }
    }
}

/// Has each status a reason that an offense can be closed with?
fn reason_map(setting: &str, statuses: &[String], map: &[(&str, &str)], reasons: &[ClosingReason]) -> Step {
    const STEP: &str = "closing-reasons";
    let usable: Vec<&ClosingReason> = reasons
        .iter()
        .filter(|reason| !reason.reserved && !reason.deleted)
        .collect();
    let mapped = |status: &&String| map.iter().any(|(known, _)| plain(known) == plain(status));
    let unmapped: Vec<&String> = statuses.iter().filter(|status| !mapped(status)).collect();
    let mut wrong = Vec::new();
    if !unmapped.is_empty() {
        wrong.push(format!("`config.{setting}` has no reason for {}", quoted(&unmapped)));
    }
    for (status, reason) in map {
        if !usable.iter().any(|known| is_meant(known, reason)) {
            let why = match reasons.iter().find(|known| is_meant(known, reason)) {
                Some(known) if known.deleted => "which is deleted",
                Some(_) => "which is reserved",
                None => "which the console does not have",
            };
            wrong.push(format!("`{status}` has the reason `{reason}`, {why}"));
        }
    }
    if wrong.is_empty() {
        let found = format!(
            "`config.{setting}` has a reason of the console for {}",
            quoted(statuses)
        );
        return Step::ok(STEP, found);
    }
    let texts: Vec<&str> = usable.iter().map(|reason| reason.text.as_str()).collect();
    Step::failed(
        STEP,
        wrong.join("; "),
        format!(
            "a closed offense is final, so nothing is guessed; the console has {}",
            quoted(&texts)
        ),
    )
}

/// Does an operator's text mean this reason? By its text, or else its id, as the workflow reads it.
fn is_meant(reason: &ClosingReason, text: &str) -> bool {
    reason.text.trim().to_lowercase() == text.trim().to_lowercase() || text.trim().parse() == Ok(reason.id)
}

/// A status without capitals and blanks: `True Positive` is `TruePositive` (D26).
fn plain(status: &str) -> String {
    let letters = status.chars().filter(|character| character.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// A table's entries; a text is one without a name.
fn named(setting: Option<&Value>) -> Vec<(&str, &str)> {
    match setting {
        Some(Value::Object(table)) => {
            let entries = table
                .iter()
                .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
            entries.collect()
        }
        Some(Value::String(text)) => vec![("", text.as_str())],
        _ => Vec::new(),
    }
}

fn quoted<T: std::fmt::Display>(names: &[T]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() {
        "nothing".to_owned()
    } else {
        quoted.join(", ")
    }
}

fn client<'a, T: Target>(connection: &'a Connection, binding: &BindingName) -> Result<&'a T, Unasked> {
    T::of(connection).ok_or_else(|| {
        unasked(
            binding,
            &Error::Unsupported(format!("it is no `{}` connection", T::KIND)),
        )
    })
}

fn unasked(binding: &BindingName, error: &Error) -> Unasked {
    Unasked {
        binding: binding.clone(),
        why: said(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(id: u64, text: &str, reserved: bool, deleted: bool) -> ClosingReason {
        ClosingReason {
            id,
            text: text.to_owned(),
            reserved,
            deleted,
        }
    }

    #[test]
    fn each_closed_status_needs_a_reason_that_is_live_and_not_reserved() {
        let reasons = [
            reason(1, "Non-Issue", false, false),
            reason(2, "Automatic", true, false),
            reason(3, "Old", false, true),
        ];
        let statuses = ["False Positive".to_owned(), "Other".to_owned()];
        let step = |map: &[(&str, &str)]| reason_map("reasons", &statuses, map, &reasons);
        assert!(!step(&[("FalsePositive", "non-issue"), ("Other", "1"), ("Gone", "Non-Issue")]).is_failed());
        for (map, why) in [
            (vec![("FalsePositive", "1")], "no reason for `Other`"),
            (vec![], "no reason for `False Positive`, `Other`"),
            (
                vec![("FalsePositive", "1"), ("Other", "Automatic")],
                "`Automatic`, which is reserved",
            ),
            (vec![("FalsePositive", "1"), ("Other", "3")], "`3`, which is deleted"),
            (vec![("FalsePositive", "1"), ("Other", "Non-Isue")], "does not have"),
        ] {
            let step = step(&map);
            assert!(step.is_failed() && step.found.contains(why), "{step:?}");
            assert!(step.remedy.unwrap().contains("`Non-Issue`"));
        }
    }
}
