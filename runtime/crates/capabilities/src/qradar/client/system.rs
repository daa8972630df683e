//! What is the console, and who are we at it? (contract 1.2, 3.6)

use std::sync::Arc;

use super::super::types::service::{WireAbout, WireProfile, WireService};
use super::Client;
use super::ask::{Ask, Items, parse};
use super::fault::Fault;
use super::list::Slice;
use super::version::Row;
use crate::bindings::synapse::qradar::system::{ApiVersion, Release, Service};
use crate::bindings::synapse::workflow::types::Error;

/// How a console signs what a service does [R].
const SIGNED: &str = "API_user: ";
/// API versions handed out: live consoles list 43.
const VERSIONS: usize = 200;
const ONE: Items = Items { first: 0, count: 1 };

/// Is somebody at the console this connection?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Signs with this label.
    Labelled(Arc<str>),
    /// The console does not say (before API 17.0, or without the right to ask): any service could be us.
    Unnamed,
}

impl Identity {
    /// Can this be us?
    pub fn is(&self, user: Option<&str>) -> bool {
        let Some(signed) = user.and_then(|user| user.strip_prefix(SIGNED)) else {
            return false;
        };
        match self {
            Self::Labelled(label) => signed.trim() == label.trim(),
            Self::Unnamed => true,
        }
    }
}

impl Client {
    /// Who we are. Asked once; if the console cannot be asked now, it is asked again next time.
    ///
    /// # Errors
    /// The console does not answer.
    pub async fn identity(&self) -> Result<Identity, Fault> {
        let known = self.identity.get_or_try_init(|| async {
            match self.own_service().await {
                Ok(service) => Ok(service
                    .and_then(|service| service.label().map(|label| Identity::Labelled(label.into())))
                    .unwrap_or(Identity::Unnamed)),
                Err(Fault::Refused(refusal)) if matches!(refusal.status, 403..=405 | 410 | 422) => {
                    let connection = &self.options.source_id;
                    tracing::info!(
                        connection,
                        "QRadar does not tell this token its label: {}",
                        refusal.text
                    );
                    Ok(Identity::Unnamed)
                }
                Err(fault) => Err(fault),
            }
        });
        known.await.cloned()
    }

    async fn own_service(&self) -> Result<Option<WireService>, Fault> {
        let ask = Ask::get(
            "the connection's own service",
            &["config", "access", "authorized_services"],
        )
        .query("current_authorized_service", "true")
        .query("fields", WireService::FIELDS);
        let found: Slice<WireService> = self.slice(&ask, ONE, None).await?;
        Ok(found.rows.into_iter().next())
    }

    /// Who we are, for a guest.
    ///
    /// # Errors
    /// `Unsupported`: before API 17.0. Otherwise the console's refusal, or that it does not answer.
    pub async fn current_service(&self) -> Result<Service, Error> {
        const WHAT: &str = "the connection's own service";
        self.needs(17, "authorised services").await?;
        let service = self.own_service().await.map_err(|fault| fault.into_error(WHAT))?;
        let service = service.ok_or(Error::NotFound)?;
        let ask = Ask::get("the own security profile", &["config", "access", "security_profiles"])
            .query("current_security_profile", "true")
            .query("fields", "domain_ids");
        let profile: Result<Slice<WireProfile>, Fault> = self.slice(&ask, ONE, None).await;
        let domains = match profile {
            Ok(found) => found.rows.into_iter().next().map(|profile| profile.domain_ids),
            // Not every service may ask.
            Err(Fault::Refused(refusal)) if matches!(refusal.status, 403 | 404) => None,
            Err(fault) => return Err(fault.into_error(ask.what)),
        };
        Ok(service.into_wit(domains))
    }

    /// The console's release.
    ///
    /// # Errors
    /// The console's refusal, or that it does not answer.
    pub async fn about(&self) -> Result<Release, Error> {
        let ask = Ask::get("the console's release", &["system", "about"]);
        let refused = |fault: Fault| fault.into_error(ask.what);
        let about: WireAbout = self.json(&ask).await.map_err(refused)?;
        let versions = Ask::get("the list of API versions", &["help", "versions"]);
        let versions = self.send(&versions, None, None).await.and_then(|answer| parse(&answer));
        let rows: Vec<Row> = versions.map_err(refused)?;
        let mut versions: Vec<((u32, u32), ApiVersion)> = rows.into_iter().filter_map(Row::into_wit).collect();
        versions.sort_by_key(|(number, _)| *number);
        let versions = versions.into_iter().map(|(_, version)| version).take(VERSIONS);
        let spoken = self.version().await.map_err(refused)?;
        Ok(about.into_wit(spoken.to_string(), versions.collect()))
    }

    /// Asks for one element of a list, to see whether that is allowed.
    ///
    /// # Errors
    /// The console's refusal, or that it does not answer.
    pub async fn sample(&self, what: &'static str, path: &[&str]) -> Result<(), Error> {
        let asked: Result<Slice<serde_json::Value>, Fault> = self.slice(&Ask::get(what, path), ONE, None).await;
        asked.map(drop).map_err(|fault| fault.into_error(what))
    }

    /// Refuses what came with a later version of the API than the one that is spoken.
    ///
    /// # Errors
    /// `Unsupported`; or the version cannot be found out.
    pub async fn needs(&self, major: u32, what: &str) -> Result<(), Error> {
        let spoken = self.version().await.map_err(|fault| fault.into_error(what))?;
        match major_of(&spoken) {
            Some(spoken) if spoken < major => Err(Error::Unsupported(format!(
                "QRadar has {what} from API {major}.0 on; this console is asked in {spoken}.x"
            ))),
            _ => Ok(()),
        }
    }
}

/// The major number of a version.
pub fn major_of(version: &str) -> Option<u32> {
    version.trim().split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_label_is_us_and_without_one_any_service_may_be() {
        let us = Identity::Labelled("synapse".into());
        assert!(us.is(Some("API_user: synapse")));
        for other in [Some("API_user: synapse2"), Some("synapse"), Some("admin"), None] {
            assert!(!us.is(other), "{other:?}");
        }
        assert!(Identity::Unnamed.is(Some("API_user: x")) && !Identity::Unnamed.is(Some("admin")));
    }
}
