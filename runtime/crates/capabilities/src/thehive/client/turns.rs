//! Who may bring an alert into a case now? One at a time per alert: two promotions or merges at once may make two cases (D25).

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use tokio::sync::{Mutex, MutexGuard};

use super::Client;

/// Alerts share this many turns, so that their number does not grow with that of alerts.
const TURNS: usize = 64;

/// The turns of one connection.
#[derive(Debug)]
pub(super) struct Turns(Vec<Mutex<()>>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..TURNS).map(|_| Mutex::default()).collect())
    }
}

impl Client {
    /// Waits until no other call of this node brings one of these alerts into a case. Taken in one order, so that nobody waits in a circle.
    pub(in crate::thehive) async fn turn<'a>(
        &'a self,
        alerts: impl IntoIterator<Item = &str>,
    ) -> Vec<MutexGuard<'a, ()>> {
        let places: BTreeSet<usize> = alerts.into_iter().map(place).collect();
        let mut held = Vec::with_capacity(places.len());
        for place in places {
            if let Some(turn) = self.turns.0.get(place) {
                held.push(turn.lock().await);
            }
        }
        held
    }
}

fn place(alert: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    alert.hash(&mut hasher);
    usize::try_from(hasher.finish().checked_rem(TURNS as u64).unwrap_or_default()).unwrap_or_default()
}
