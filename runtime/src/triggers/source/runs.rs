//! How do waiting items become runs, in which order, and how many at once?

use serde_json::{Value, json};
use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_domain::event::Event;
use synapse_domain::ids::RunId;
use synapse_domain::trigger::Watch;
use synapse_store::StoreError;
use synapse_store::records::NewRun;
use synapse_store::sources::{Lane, SourceItem, SourceRun};

use super::item::Detail;
use super::poller::Watched;
use super::{folder, offenses};

/// Most runs of one change: bounds the transaction.
pub const RUNS: usize = 100;

/// How many runs there may be, and how many stand before them in the same change.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// At most.
    pub most: usize,
    /// Before them.
    pub before: usize,
}

/// Makes runs of waiting items, in their order: up to a batch each. What was in a run that failed goes alone, so
/// that an item on which its run fails takes no others with it.
///
/// # Errors
/// There is no randomness.
pub fn plan(
    watched: &Watched,
    items: &[SourceItem],
    places: Places,
    now: Timestamp,
) -> Result<Vec<SourceRun>, StoreError> {
    let batch = usize::try_from(watched.source.batch).unwrap_or(1).max(1);
    let groups = groups(items, batch, places.most.min(RUNS));
    let numbered = (places.before..).zip(groups);
    numbered.map(|(n, group)| run(watched, &group, n, now)).collect()
}

/// Which items share a run: at most `batch` of one lane; at most `most` runs.
fn groups(items: &[SourceItem], batch: usize, most: usize) -> Vec<Vec<&SourceItem>> {
    let mut groups: Vec<Vec<&SourceItem>> = Vec::new();
    for item in items {
        let joins = groups
            .last()
            .and_then(|group| group.first().map(|first| (group.len(), *first)))
            .is_some_and(|(count, first)| {
                // A reason on an item that waits is that of a run that failed.
                let fresh = item.reason.is_none() && first.reason.is_none();
                count < batch && fresh && first.lane == item.lane && since(first) == since(item)
            });
        if let Some(group) = groups.last_mut().filter(|_| joins) {
            group.push(item);
            continue;
        }
        if groups.len() >= most {
            break;
        }
        groups.push(vec![item]);
    }
    groups
}

/// From when on a workflow may act on an item, if that is not its go-live point.
fn since(item: &SourceItem) -> Option<Timestamp> {
    item.backfill.then(|| Detail::of(item).since.unwrap_or(0))
}

fn run(watched: &Watched, items: &[&SourceItem], n: usize, now: Timestamp) -> Result<SourceRun, StoreError> {
    let mut random = [0; 42];
    getrandom::fill(&mut random).map_err(|error| StoreError::Failed(format!("no randomness: {error}")))?;
    let (mut seed, mut id) = ([0; 32], [0; 10]);
    seed.copy_from_slice(&random[..32]);
    id.copy_from_slice(&random[32..]);
    // Runs of one moment start in the order of their ids: the first bits count.
    let count = u16::try_from(n).unwrap_or(u16::MAX).to_be_bytes();
    id[..2].copy_from_slice(&count);
    let lane = items.first().map_or(Lane::Live, |item| item.lane);
    let words: Vec<Value> = items
        .iter()
        .map(|item| match watched.source.watch {
            Watch::Offenses { .. } => offenses::event(item),
            Watch::Folder { .. } => folder::event(item),
        })
        .collect();
    let mut data = json!({ "connection": watched.connection, "lane": lane.as_str(), "items": words });
    if let Some(members) = data.as_object_mut() {
        if let Watch::Folder { folder } = &watched.source.watch {
            members.insert("folder".to_owned(), Value::from(folder.as_str()));
        }
        members.extend(
            items
                .first()
                .and_then(|item| since(item))
                .map(|since| ("since".to_owned(), Value::from(since))),
        );
    }
    let data = data.to_string();
    // The same items in the same versions, handed over as often as before, are the same run.
    let versions: Vec<String> = items
        .iter()
        .map(|item| format!("{}/{}/{}", item.id, item.version, item.times))
        .collect();
    let parts: Vec<&[u8]> = versions.iter().map(|version| version.as_bytes()).collect();
    let short = Digest::of_parts(&parts).to_string();
    let (tenant, deployment, trigger) = (&watched.id.tenant, &watched.id.deployment, &watched.id.trigger);
    Ok(SourceRun {
        items: items.iter().map(|item| item.id.clone()).collect(),
        run: NewRun {
            tenant: tenant.clone(),
            id: RunId::new(now, id),
            deployment: deployment.clone(),
            event: Event {
                id: format!("{trigger}:{short}"),
                source: format!("/t/{tenant}/connections/{}", watched.connection),
                kind: watched.source.watch.event_type().to_owned(),
                time: now,
                datacontenttype: "application/json".to_owned(),
                data: data.clone(),
            },
            trigger: watched.label.clone(),
            idempotency: Some((
                format!("source:{deployment}:{trigger}:{short}"),
                Digest::of(data.as_bytes()),
            )),
            seed,
            created_at: now,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triggers::source::item;

    fn waiting(name: &str, lane: Lane, failed: bool) -> SourceItem {
        let mut item = item::fresh(name.to_owned(), "1".to_owned(), &Detail::default(), (lane, 0), 1);
        (item.key, item.reason) = (name.to_owned(), failed.then(|| "its run failed".to_owned()));
        item
    }

    fn names(groups: &[Vec<&SourceItem>]) -> Vec<String> {
        let name = |group: &Vec<&SourceItem>| group.iter().map(|item| item.key.as_str()).collect();
        groups.iter().map(name).collect()
    }

    #[test]
    fn a_run_holds_one_lane_and_what_failed_before_goes_alone() {
        let (live, backlog) = (Lane::Live, Lane::Backlog);
        let items = [
            waiting("a", live, false),
            waiting("b", live, false),
            waiting("c", live, false),
            waiting("d", live, true),
            waiting("e", live, true),
            waiting("f", live, false),
            waiting("g", backlog, false),
            waiting("h", backlog, false),
        ];
        assert_eq!(names(&groups(&items, 2, 100)), ["ab", "c", "d", "e", "f", "gh"]);
        assert_eq!(names(&groups(&items, 20, 2)), ["abc", "d"]);
    }
}
