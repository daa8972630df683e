//! Which observables does an alert get?
//!
//! The most telling ones first, up to a limit; equal values are one observable with all tags and messages (case D14); a type
//! that TheHive does not know becomes `other` with a tag (case D15); tags belong to the observable alone (case R1).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use synapse_guest::qradar::Offense;
use synapse_guest::text;
use synapse_guest::thehive::Observable;

use crate::cidr::{self, Cidr};
use crate::config::Config;
use crate::enrich::Details;
use crate::origin;
use crate::tags;

/// Longest value that TheHive 5 accepts, characters.
const DATA_CHARS: usize = 4_096;
/// Longest message, characters.
const MESSAGE_CHARS: usize = 1_000;

/// The observables of an alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Observables {
    /// Those it gets, most telling first.
    pub kept: Vec<Observable>,
    /// How many there were.
    pub total: usize,
    /// How many had a value too long to be one.
    pub too_long: usize,
}

/// How telling a value is; less is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Origin,
    ExternalRemote,
    ExternalSource,
    Destination,
    InternalSource,
    InternalRemote,
}

struct Candidate {
    rank: Rank,
    weight: u64,
    order: usize,
    internal: bool,
    tags: BTreeSet<String>,
    messages: Vec<String>,
}

#[derive(Default)]
struct Candidates(BTreeMap<(String, String), Candidate>);

impl Candidates {
    fn add(&mut self, value: (String, String), rank: Rank, weight: u64, internal: bool, tag: &str, message: String) {
        let order = self.0.len();
        let candidate = self.0.entry(value).or_insert_with(|| Candidate {
            rank,
            weight,
            order,
            internal,
            tags: BTreeSet::new(),
            messages: Vec::new(),
        });
        candidate.rank = candidate.rank.min(rank);
        candidate.weight = candidate.weight.max(weight);
        candidate.tags.insert(tag.to_owned());
        candidate.messages.push(message);
    }

    fn add_address(&mut self, ip: &str, internal: &[Cidr], ranks: [Rank; 2], weight: u64, tag: &str, message: String) {
        let Some(address) = cidr::address(ip) else { return };
        let is_internal = internal.iter().any(|net| net.contains(address));
        let rank = ranks[usize::from(is_internal)];
        self.add(
            ("ip".to_owned(), address.to_string()),
            rank,
            weight,
            is_internal,
            tag,
            message,
        );
    }
}

/// The observables of an offense. `known` are the types TheHive knows, if it could be asked.
pub fn collect(
    offense: &Offense,
    details: &Details,
    config: &Config,
    internal: &[Cidr],
    known: Option<&BTreeSet<String>>,
) -> Observables {
    let mut candidates = Candidates::default();
    if let Some((data_type, data)) = origin::observable(offense, details.offense_type.as_ref()) {
        let is_internal = cidr::address(&data).is_some_and(|address| internal.iter().any(|net| net.contains(address)));
        let message = format!(
            "{}: source of the offense",
            origin::label(offense, details.offense_type.as_ref())
        );
        candidates.add(
            (data_type, data),
            Rank::Origin,
            0,
            is_internal,
            "offense-source",
            message,
        );
    }
    for remote in &details.remotes {
        let ranks = [Rank::ExternalRemote, Rank::InternalRemote];
        let message = format!("Remote destination, {} events", remote.events);
        candidates.add_address(
            &remote.address.to_string(),
            internal,
            ranks,
            remote.events,
            "remote-destination",
            message,
        );
    }
    let network = |network: &Option<String>| {
        network
            .as_ref()
            .map_or(String::new(), |name| format!(", network {name}"))
    };
    for source in &details.sources {
        let ranks = [Rank::ExternalSource, Rank::InternalSource];
        candidates.add_address(
            &source.ip,
            internal,
            ranks,
            0,
            "source",
            format!("Source address{}", network(&source.network)),
        );
    }
    for local in &details.locals {
        let message = format!("Local destination address{}", network(&local.network));
        candidates.add_address(
            &local.ip,
            internal,
            [Rank::Destination; 2],
            0,
            "local-destination",
            message,
        );
    }
    let all = candidates.0.len();
    candidates.0.retain(|(_, data), _| data.chars().count() <= DATA_CHARS);
    let total = candidates.0.len();
    let mut ranked: Vec<_> = candidates.0.into_iter().collect();
    ranked.sort_by_key(|(_, candidate)| (candidate.rank, Reverse(candidate.weight), candidate.order));
    let kept = ranked
        .into_iter()
        .take(config.observables_max)
        .map(|(value, candidate)| finish(value, candidate, known))
        .collect();
    Observables {
        kept,
        total,
        too_long: all - total,
    }
}

fn finish((data_type, data): (String, String), candidate: Candidate, known: Option<&BTreeSet<String>>) -> Observable {
    let Candidate {
        internal,
        mut tags,
        messages,
        ..
    } = candidate;
    if internal {
        tags.insert("internal".to_owned());
    }
    let is_known = known.is_none_or(|known| known.contains(&data_type));
    if !is_known {
        tags.insert(format!("type:{data_type}"));
    }
    Observable {
        data_type: if is_known { data_type } else { "other".to_owned() },
        data,
        message: Some(text::cut(&text::visible(&messages.join("; ")), MESSAGE_CHARS)),
        tags: tags.iter().map(|tag| tags::tag(tag)).collect(),
        ioc: false,
        ignore_similarity: internal,
    }
}
