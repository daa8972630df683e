//! Does a console know us, until when, and does it let us do what deployments need?

use synapse_domain::clock::Timestamp;

use super::client::Client;
use crate::bindings::synapse::workflow::types::Error;
use crate::checkup::{NOTICE_DAYS, Need, Step, days_left, said};

/// A list that is asked for one element, the interfaces that need it, and the capability that a user role needs for it [C].
struct Sample {
    interfaces: &'static [&'static str],
    what: &'static str,
    path: &'static [&'static str],
    capability: &'static str,
}

const SAMPLES: [Sample; 7] = [
    Sample {
        interfaces: &["qradar/offenses", "qradar/closing", "qradar/notes", "qradar/handling"],
        what: "offenses",
        path: &["siem", "offenses"],
        capability: "Offenses",
    },
    Sample {
        interfaces: &["qradar/ariel"],
        what: "Ariel searches",
        path: &["ariel", "searches"],
        capability: "Log Activity (and Network Activity for flows)",
    },
    Sample {
        interfaces: &["qradar/reference"],
        what: "reference data",
        path: &["reference_data", "maps"],
        capability: "View Reference Data (to write: Admin, or a delegated right)",
    },
    Sample {
        interfaces: &["qradar/assets"],
        what: "assets",
        path: &["asset_model", "assets"],
        capability: "Assets",
    },
    Sample {
        interfaces: &["qradar/log-sources"],
        what: "log sources",
        path: &["config", "event_sources", "log_source_management", "log_sources"],
        capability: "Admin, or Delegated Administration: Manage Log Sources",
    },
    Sample {
        interfaces: &["qradar/rules"],
        what: "rules",
        path: &["analytics", "rules"],
        capability: "Offenses: View Custom Rules",
    },
    Sample {
        interfaces: &["qradar/domains"],
        what: "domains",
        path: &["config", "domain_management", "domains"],
        capability: "Admin",
    },
];

/// Functions whose right can be asked for only by using it.
const CHANGES: [(&str, &str); 2] = [
    ("qradar/closing.close-offense", "closing offenses"),
    (
        "qradar/handling.assign",
        "assigning offenses (Assign Offenses to Users)",
    ),
];

impl Client {
    /// Login, version, token, domains and rights.
    pub async fn examine(&self, needs: &[Need], now: Timestamp) -> Vec<Step> {
        let mut steps = Vec::new();
        let release = match self.about().await {
            Ok(release) => release,
            Err(error) => {
                steps.push(refused(&error));
                return steps;
            }
        };
        steps.push(Step::ok("authentication", "the console accepts the token"));
        steps.push(Step::ok(
            "version",
            format!(
                "QRadar {}, asked in API {}",
                release.external_version, release.api_version
            ),
        ));
        steps.extend(self.examine_token(now).await);
        steps.extend(self.examine_capabilities(needs).await);
        steps
    }

    async fn examine_token(&self, now: Timestamp) -> Vec<Step> {
        let service = match self.current_service().await {
            Ok(service) => service,
            Err(error) => {
                return vec![Step::skipped(
                    "token",
                    format!("its end is not known: {}", said(&error)),
                )];
            }
        };
        let label = &service.label;
        let token = match service.expires_at {
            None => Step::ok("token", format!("`{label}`, without an end")),
            Some(end) => {
                let days = days_left(end, now);
                let found = format!("`{label}` holds for {days} more days");
                if days < NOTICE_DAYS {
                    let remedy = "make a new authorised service with the same role and profile in QRadar, deploy changes there, and put its token where `auth.secret` points";
                    Step::warning("token", found, remedy)
                } else {
                    Step::ok("token", found)
                }
            }
        };
        let domains = match service.domain_ids {
            Some(ids) if !ids.is_empty() => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                Step::ok("domains", format!("sees the domains {}", ids.join(", ")))
            }
            Some(_) => Step::warning(
                "domains",
                "the token's security profile is not limited to domains: it sees every customer of the console",
                "where the console has several customers, give each tenant a token of its own, whose security profile names its domains",
            ),
            None => Step::skipped("domains", "the console does not say which domains the token sees"),
        };
        vec![token, domains]
    }

    async fn examine_capabilities(&self, needs: &[Need]) -> Vec<Step> {
        const STEP: &str = "permissions";
        let named = |uses: &dyn Fn(&Need) -> bool| -> Vec<String> {
            let using = needs.iter().filter(|need| uses(need));
            using.map(|need| format!("`{}`", need.deployment)).collect()
        };
        let (mut steps, mut seen) = (Vec::new(), Vec::new());
        for sample in &SAMPLES {
            let users = named(&|need| sample.interfaces.iter().any(|interface| need.touches(interface)));
            if users.is_empty() {
                continue;
            }
            let Err(error) = self.sample(sample.what, sample.path).await else {
                seen.push(sample.what);
                continue;
            };
            steps.push(Step::failed(
                STEP,
                format!("{}, needed by {}: {}", sample.what, users.join(", "), said(&error)),
                format!(
                    "give the user role of the token's authorised service `{}`, and deploy changes in QRadar",
                    sample.capability
                ),
            ));
        }
        if steps.is_empty() {
            let found = match seen.as_slice() {
                [] => "no deployment uses it yet".to_owned(),
                seen => format!("can read {}", seen.join(", ")),
            };
            steps.push(Step::ok(STEP, found));
        }
        let untried: Vec<_> = CHANGES
            .iter()
            .filter(|(function, _)| needs.iter().any(|need| need.may(function)))
            .map(|(_, what)| *what)
            .collect();
        if !untried.is_empty() {
            steps.push(Step::skipped(
                STEP,
                format!(
                    "QRadar tells only by doing whether the token may do this: {}",
                    untried.join(", ")
                ),
            ));
        }
        steps
    }
}

fn refused(error: &Error) -> Step {
    match error {
        Error::Unauthenticated => Step::failed(
            "authentication",
            "the console does not accept the token",
            "tokens end, and new ones hold only after changes were deployed in QRadar: look at Admin > Authorized Services, and put the token where `auth.secret` points",
        ),
        Error::Unsupported(why) => Step::failed(
            "version",
            why.clone(),
            "set the connection's `api_version`, or upgrade the console",
        ),
        error => Step::failed(
            "authentication",
            said(error),
            "is the connection's `url` that of the console, without `/api`? Then look at the console's own state",
        ),
    }
}
