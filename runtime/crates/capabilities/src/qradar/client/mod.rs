//! How is a QRadar console asked? Typed upstream calls over one egress, without policy beyond the domains it is told.

mod ariel;
mod ask;
mod assets;
mod change;
mod changes;
mod closing;
mod fault;
mod list;
mod lookups;
mod offenses;
mod reference;
mod system;
mod version;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::{OnceCell, Semaphore};

use self::ariel::Searches;
use self::reference::Dialect;
use self::version::Version;
use crate::egress::Egress;

pub use self::changes::{ChangePage, Changes, OffenseChange, Past};

pub(super) use self::ask::Ask;
#[cfg(test)]
pub(super) use self::ask::parse;
pub(super) use self::change::{not_sent, odd, refused, unknown};
pub(super) use self::fault::Fault;
pub(super) use self::system::Identity;

/// What an operator says about a console, beside the way to it.
#[derive(Debug, Clone)]
pub struct Options {
    /// API version to use (`26.0`); none: discovered at the first call.
    pub version: Option<String>,
    /// Ariel searches under way at once; at least 1. They are the console's dearest work (contract 5: at most 4).
    pub searches: usize,
    /// How long one search may take, from its creation to its last row.
    pub search_deadline: Duration,
    /// Where people reach the console, for links; none: the URL that is asked.
    pub public_url: Option<String>,
    /// Is what spans several domains shown to a grant that names domains?
    pub include_multi_domain: bool,
    /// The connection's immutable source id: its searches are told from others' by it.
    pub source_id: String,
}

/// The client of one console. Making it asks nothing.
#[derive(Debug)]
pub struct Client {
    egress: Egress,
    options: Options,
    version: Version,
    /// Slots for searches.
    slots: Semaphore,
    searches: Searches,
    /// Who we are at the console, once it is known.
    identity: OnceCell<Identity>,
    /// Which endpoints it has for reference sets, once it is known.
    dialect: OnceCell<Dialect>,
    /// Endpoints that the console called deprecated; said once each.
    deprecated: Mutex<BTreeSet<&'static str>>,
}

impl Client {
    /// The way to the target.
    pub fn egress(&self) -> &Egress {
        &self.egress
    }

    /// A client over this way.
    pub fn new(egress: Egress, options: Options) -> Self {
        let (version, searches) = (Version::new(options.version.clone()), Searches::new(&options.source_id));
        let slots = Semaphore::new(options.searches.clamp(1, Semaphore::MAX_PERMITS));
        Self {
            egress,
            options,
            version,
            slots,
            searches,
            identity: OnceCell::new(),
            dialect: OnceCell::new(),
            deprecated: Mutex::default(),
        }
    }

    /// Is what spans several domains shown to a grant that names domains?
    pub fn includes_multi_domain(&self) -> bool {
        self.options.include_multi_domain
    }

    /// The page of an offense, for people.
    fn link(&self, offense: u64) -> String {
        let base = self
            .options
            .public_url
            .as_deref()
            .unwrap_or_else(|| self.egress.base_url())
            .trim_end_matches('/');
        format!("{base}/console/do/sem/offensesummary?appName=Sem&pageId=OffenseSummary&summaryId={offense}")
    }
}
