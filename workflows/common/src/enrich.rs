//! What else can be found out about the offenses of a page?
//!
//! Only batch calls (case R6), and none of them can stop an alert: what could not be had becomes a note of the offenses that
//! lack it, shown in the description and in the report (case D41).

use std::collections::{BTreeMap, BTreeSet};

use synapse_guest::error::{Error, explain};
use synapse_guest::qradar::{Address, Offense, OffenseType};

use crate::Host;
use crate::run::Run;
use crate::searches::{self, Event, Remote};
use crate::seen::{self, Earlier};

/// Ids of one address look-up.
const ADDRESS_IDS: usize = 10_000;
/// Ids of one rule look-up.
const RULE_IDS: usize = 1_000;
/// Rule names remembered in one run.
const RULE_NAMES: usize = 10_000;

/// What was found out about one offense.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    /// What the offense's source is.
    pub offense_type: Option<OffenseType>,
    /// Name of its domain.
    pub domain: Option<String>,
    /// Names of its rules, or their number where the console knows none.
    pub rules: Vec<RuleName>,
    /// Its source addresses.
    pub sources: Vec<Address>,
    /// Its local destination addresses.
    pub locals: Vec<Address>,
    /// All local destinations are in `locals`.
    pub locals_complete: bool,
    /// Its remote destinations, most events first.
    pub remotes: Vec<Remote>,
    /// Its newest events.
    pub events: Vec<Event>,
    /// Earlier offenses like it.
    pub earlier: Earlier,
    /// Events or destinations could not be had, and may be there later.
    pub missing: bool,
    /// What could not be had, a sentence each.
    pub notes: Vec<String>,
}

/// A rule that contributed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleName {
    /// Its name.
    Name(String),
    /// The console has no name for this id, or could not be asked.
    Id(u64),
}

/// What was asked once and holds for the whole run; an error is remembered too.
#[derive(Default)]
pub struct Memo {
    rules: BTreeMap<u64, Option<String>>,
    offense_types: Option<Result<BTreeMap<u64, OffenseType>, Error>>,
    domains: Option<Result<BTreeMap<u64, String>, Error>>,
    observable_types: Option<Result<BTreeSet<String>, Error>>,
}

impl Memo {
    /// The observable types TheHive knows; none if it could not be asked, and then the connector decides (case D15).
    pub fn observable_types(&self) -> Option<&BTreeSet<String>> {
        self.observable_types.as_ref()?.as_ref().ok()
    }
}

/// Finds out what can be found out; one answer per offense, in order.
pub fn page<H: Host>(run: &mut Run<'_, H>, offenses: &[&Offense]) -> Vec<Details> {
    let mut details = vec![Details::default(); offenses.len()];
    once(run, offenses);
    types_and_domains(run, offenses, &mut details);
    rules(run, offenses, &mut details);
    addresses(run, offenses, &mut details);
    searches::page(run, offenses, &mut details);
    earlier(run, offenses, &mut details);
    details
}

/// What does not depend on the page.
fn once<H: Host>(run: &mut Run<'_, H>, offenses: &[&Offense]) {
    let (host, console, memo) = (run.host, &run.console, &mut run.memo);
    memo.offense_types.get_or_insert_with(|| {
        Ok(host
            .offense_types(console)?
            .into_iter()
            .map(|known| (known.id, known))
            .collect())
    });
    memo.observable_types
        .get_or_insert_with(|| Ok(host.observable_types(&run.organisation)?.into_iter().collect()));
    // A console without domains has only the default one, 0: nothing to ask then.
    if offenses
        .iter()
        .any(|offense| offense.domain_id.is_some_and(|id| id != 0))
    {
        memo.domains.get_or_insert_with(|| {
            Ok(host
                .list_domains(console)?
                .into_iter()
                .map(|domain| (domain.id, domain.name))
                .collect())
        });
    }
}

fn types_and_domains<H: Host>(run: &Run<'_, H>, offenses: &[&Offense], details: &mut [Details]) {
    for (offense, details) in offenses.iter().zip(details) {
        match &run.memo.offense_types {
            Some(Ok(types)) => details.offense_type = types.get(&offense.offense_type).cloned(),
            Some(Err(error)) => details
                .notes
                .push(format!("offense types unavailable: {}", explain(error))),
            None => {}
        }
        match (&run.memo.domains, offense.domain_id) {
            (Some(Ok(domains)), Some(id)) => details.domain = domains.get(&id).filter(|name| !name.is_empty()).cloned(),
            (Some(Err(error)), Some(id)) if id != 0 => {
                details
                    .notes
                    .push(format!("domain names unavailable: {}", explain(error)));
            }
            _ => {}
        }
    }
}

fn rules<H: Host>(run: &mut Run<'_, H>, offenses: &[&Offense], details: &mut [Details]) {
    let wanted: BTreeSet<u64> = offenses
        .iter()
        .flat_map(|offense| offense.rule_ids.iter().copied())
        .collect();
    let unknown: Vec<u64> = wanted
        .into_iter()
        .filter(|id| !run.memo.rules.contains_key(id))
        .collect();
    let mut problem = None;
    // Beyond the memo's size nothing is remembered for good, so that a run over very many rules stays small.
    if run.memo.rules.len() + unknown.len() > RULE_NAMES {
        run.memo.rules.clear();
    }
    for ids in unknown.chunks(RULE_IDS) {
        match run.host.get_rules(&run.console, ids) {
            Ok(rules) => {
                run.memo.rules.extend(ids.iter().map(|id| (*id, None)));
                run.memo
                    .rules
                    .extend(rules.into_iter().map(|rule| (rule.id, Some(rule.name))));
            }
            Err(error) => problem = Some(error),
        }
    }
    for (offense, details) in offenses.iter().zip(details) {
        let name = |id: &u64| match run.memo.rules.get(id) {
            Some(Some(name)) => RuleName::Name(name.clone()),
            Some(None) | None => RuleName::Id(*id),
        };
        details.rules = offense.rule_ids.iter().map(name).collect();
        let unasked = offense.rule_ids.iter().any(|id| !run.memo.rules.contains_key(id));
        if let Some(error) = problem.as_ref().filter(|_| unasked) {
            details
                .notes
                .push(format!("rule names unavailable: {}", explain(error)));
        }
    }
}

fn addresses<H: Host>(run: &Run<'_, H>, offenses: &[&Offense], details: &mut [Details]) {
    let most = run.config.address_lookups_max;
    let sources = look_up(
        offenses,
        most,
        |offense| &offense.source_address_ids,
        |ids| run.host.source_addresses(&run.console, ids),
    );
    let locals = look_up(
        offenses,
        most,
        |offense| &offense.local_destination_address_ids,
        |ids| run.host.local_destination_addresses(&run.console, ids),
    );
    for (n, (details, offense)) in details.iter_mut().zip(offenses).enumerate() {
        let mut take = |kind: &str, found: &Found, total: u64| {
            let Some(Of { addresses, problem }) = found.get(n) else {
                return (Vec::new(), false);
            };
            if let Some(error) = problem {
                details.notes.push(format!("{kind} unavailable: {}", explain(error)));
            } else if (addresses.len() as u64) < total {
                details
                    .notes
                    .push(format!("{kind} truncated: {} of {total} looked up", addresses.len()));
            }
            (addresses.clone(), problem.is_none() && addresses.len() as u64 >= total)
        };
        let (found_sources, _) = take("source addresses", &sources, offense.source_count);
        let (found_locals, complete) = take("local destination addresses", &locals, offense.local_destination_count);
        (details.sources, details.locals, details.locals_complete) = (found_sources, found_locals, complete);
    }
}

fn earlier<H: Host>(run: &mut Run<'_, H>, offenses: &[&Offense], details: &mut [Details]) {
    match seen::look_up(run, offenses) {
        Ok(earlier) => details
            .iter_mut()
            .zip(earlier)
            .for_each(|(details, earlier)| details.earlier = earlier),
        Err(error) => {
            let note = format!("earlier offenses unavailable: {}", explain(&error));
            details.iter_mut().for_each(|details| details.notes.push(note.clone()));
        }
    }
}

/// The addresses of each offense, in the offenses' order.
type Found = Vec<Of>;

#[derive(Default)]
struct Of {
    addresses: Vec<Address>,
    problem: Option<Error>,
}

/// All ids of the page in as few calls as possible. A failed call concerns only the offenses that have ids in it.
fn look_up(
    offenses: &[&Offense],
    most: usize,
    ids_of: impl Fn(&Offense) -> &Vec<u64>,
    ask: impl Fn(&[u64]) -> Result<Vec<Address>, Error>,
) -> Found {
    let few = |offense: &Offense| ids_of(offense).iter().copied().take(most).collect::<Vec<u64>>();
    let wanted: BTreeSet<u64> = offenses.iter().flat_map(|offense| few(offense)).collect();
    let wanted: Vec<u64> = wanted.into_iter().collect();
    let mut known = BTreeMap::new();
    let mut failed = BTreeMap::new();
    for ids in wanted.chunks(ADDRESS_IDS) {
        match ask(ids) {
            Ok(addresses) => known.extend(addresses.into_iter().map(|address| (address.id, address))),
            Err(error) => failed.extend(ids.iter().map(|id| (*id, error.clone()))),
        }
    }
    let of = |offense: &&Offense| {
        let ids = few(offense);
        Of {
            addresses: ids.iter().filter_map(|id| known.get(id).cloned()).collect(),
            problem: ids.iter().find_map(|id| failed.get(id).cloned()),
        }
    };
    offenses.iter().map(of).collect()
}
