//! What becomes of items whose run has ended?
//!
//! A run that ended well is the end of its items. After one that failed they are handed over again, each alone, with growing pauses; what
//! fails alone too often is poison: recorded with the reason, in nobody's way, and tried again when somebody says so.

use std::collections::{BTreeMap, HashMap};

use synapse_domain::clock::Timestamp;
use synapse_domain::ids::{RunId, TenantId};
use synapse_domain::run::{RunState, Verdict};
use synapse_store::journal::LineContent;
use synapse_store::sources::{EndedItem, ItemState, SourceItem};
use synapse_store::{Store, StoreError};

use super::item::Detail;

/// Pause after the first failure of an item alone; each further one is four times as long.
const PAUSE_MS: u64 = 30_000;
/// Longest reason kept, characters.
const REASON_CHARS: usize = 300;

/// The items as they stand after their runs. `tries`: failures alone until an item is poison.
///
/// # Errors
/// The store's.
pub async fn settle(
    store: &dyn Store,
    tenant: &TenantId,
    ended: Vec<EndedItem>,
    tries: u32,
    now: Timestamp,
) -> Result<Vec<SourceItem>, StoreError> {
    let mut runs: BTreeMap<Option<RunId>, Vec<EndedItem>> = BTreeMap::new();
    for item in ended {
        runs.entry(item.item.run).or_default().push(item);
    }
    let mut settled = Vec::new();
    for (run, items) in runs {
        let alone = items.len() == 1;
        let why = why(store, tenant, run, &items).await?;
        for EndedItem { item, state } in items {
            settled.push(stand(item, state, &why, alone, tries, now));
        }
    }
    Ok(settled)
}

/// Why did a run not succeed, as a whole and for each of its items?
#[derive(Default)]
struct Why {
    run: String,
    /// By the report's subject.
    items: HashMap<String, String>,
    /// Every failure that the report has is about one of the items.
    known: bool,
}

async fn why(store: &dyn Store, tenant: &TenantId, run: Option<RunId>, items: &[EndedItem]) -> Result<Why, StoreError> {
    let state = items.first().and_then(|item| item.state);
    let (Some(run), Some(state)) = (run, state) else {
        return Ok(Why {
            run: "its run is not there any more".to_owned(),
            ..Why::default()
        });
    };
    if state == RunState::Succeeded {
        return Ok(Why::default());
    }
    let view = store.run(tenant, run).await?;
    let problem = view
        .problem
        .map_or_else(String::new, |problem| format!(": {}", problem.message));
    let mut why = Why {
        run: format!("run {run} ended {}{problem}", state.as_str()),
        known: true,
        ..Why::default()
    };
    if state == RunState::Partial {
        let subjects: Vec<String> = items.iter().map(|item| Detail::of(&item.item).subject).collect();
        for line in store.journal(tenant, run).await?.lines {
            let LineContent::Report(report) = line.content else {
                continue;
            };
            if report.verdict == Verdict::Failed {
                why.known &= subjects.contains(&report.subject);
                why.items.insert(report.subject, report.reason);
            }
        }
    }
    Ok(why)
}

fn stand(
    mut item: SourceItem,
    state: Option<RunState>,
    why: &Why,
    alone: bool,
    tries: u32,
    now: Timestamp,
) -> SourceItem {
    item.changed_at = now;
    item.reason = None;
    let own = why.items.get(&Detail::of(&item).subject);
    let failed = match state {
        Some(RunState::Succeeded) => false,
        Some(RunState::Cancelled) => {
            (item.state, item.reason) = (ItemState::Skipped, Some(cut(&why.run)));
            return item;
        }
        // The others of the run are well; unless the report speaks of something that nobody knows here.
        Some(RunState::Partial) => own.is_some() || !why.known || why.items.is_empty(),
        _ => true,
    };
    if !failed {
        item.state = ItemState::Done;
        return item;
    }
    let reason = cut(own.unwrap_or(&why.run));
    item.tries += u32::from(alone);
    if item.tries >= tries {
        item.state = ItemState::Poison;
        item.reason = Some(format!("given up after {} tries; last: {reason}", item.tries));
        return item;
    }
    let pause = PAUSE_MS.saturating_mul(4_u64.saturating_pow(item.tries.saturating_sub(1)));
    item.state = ItemState::New;
    item.not_before = if alone { now.saturating_add(pause) } else { now };
    item.reason = Some(reason);
    item
}

fn cut(text: &str) -> String {
    text.chars().take(REASON_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triggers::source::item;

    fn handed(subject: &str) -> SourceItem {
        let detail = Detail {
            subject: subject.to_owned(),
            ..Detail::default()
        };
        let mut item = item::fresh(
            subject.to_owned(),
            "1".to_owned(),
            &detail,
            (synapse_store::sources::Lane::Live, 0),
            1,
        );
        (item.state, item.times) = (ItemState::Handed, 1);
        item
    }

    #[test]
    fn one_bad_item_of_a_run_is_tried_again_alone_and_the_others_are_done() {
        let why = Why {
            run: "run x ended partial".to_owned(),
            items: [("offense 2".to_owned(), "too large".to_owned())].into(),
            known: true,
        };
        let partial = Some(RunState::Partial);
        assert_eq!(
            stand(handed("offense 1"), partial, &why, false, 3, 9).state,
            ItemState::Done
        );
        let bad = stand(handed("offense 2"), partial, &why, false, 3, 9);
        assert_eq!(
            (bad.state, bad.tries, bad.not_before),
            (ItemState::New, 0, 9),
            "its run's failure may be another's"
        );
        let bad = stand(bad, partial, &why, true, 3, 9);
        assert_eq!(
            (bad.state, bad.tries, bad.not_before),
            (ItemState::New, 1, 9 + PAUSE_MS)
        );
        let bad = stand(bad, partial, &why, true, 3, 9);
        assert_eq!(bad.not_before, 9 + 4 * PAUSE_MS);
        let bad = stand(bad, partial, &why, true, 3, 9);
        assert_eq!(bad.state, ItemState::Poison);
        assert!(bad.reason.unwrap().contains("given up after 3 tries; last: too large"));
    }

    #[test]
    fn a_report_that_speaks_of_something_else_ends_no_item_of_a_partial_run() {
        let why = Why {
            run: "run x ended partial".to_owned(),
            items: [("the folder".to_owned(), "gone".to_owned())].into(),
            known: false,
        };
        assert_eq!(
            stand(handed("offense 1"), Some(RunState::Partial), &why, false, 3, 9).state,
            ItemState::New
        );
        let stopped = stand(handed("offense 1"), Some(RunState::Cancelled), &why, false, 3, 9);
        assert_eq!(stopped.state, ItemState::Skipped);
        assert_eq!(
            stand(handed("offense 1"), None, &why, true, 1, 9).state,
            ItemState::Poison
        );
    }
}
