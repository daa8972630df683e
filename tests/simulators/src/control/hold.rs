//! Which requests are being held back, and who waits for that to happen? Named gates, so that tests need no sleeps.

use super::log::lock;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tokio::sync::watch;

/// One named gate: how many requests wait at it, and whether it is open.
struct Gate {
    held: watch::Sender<usize>,
    open: watch::Sender<bool>,
}

/// All gates of one simulator, made at first use of a name.
#[derive(Default)]
pub(super) struct Holds(Mutex<HashMap<String, Arc<Gate>>>);

impl Holds {
    fn gate(&self, name: &str) -> Arc<Gate> {
        let make = || {
            Arc::new(Gate {
                held: watch::Sender::new(0),
                open: watch::Sender::new(false),
            })
        };
        Arc::clone(lock(&self.0).entry(name.to_owned()).or_insert_with(make))
    }

    /// Waits until `name` is released. Counts as held meanwhile, also if the client goes away (the guard undoes it).
    pub(super) async fn wait(&self, name: &str) {
        let gate = self.gate(name);
        gate.held.send_modify(|held| *held += 1);
        let _guard = Held(Arc::clone(&gate));
        // An error means that the sender is gone: the simulator was reset, so the request goes on.
        let _ = gate.open.subscribe().wait_for(|open| *open).await;
    }

    /// Opens the gate `name`: those waiting go on, later ones pass.
    pub(super) fn release(&self, name: &str) {
        self.gate(name).open.send_replace(true);
    }

    /// Opens all gates and forgets them.
    pub(super) fn release_all(&self) {
        for gate in std::mem::take(&mut *lock(&self.0)).into_values() {
            gate.open.send_replace(true);
        }
    }

    /// Closes the gate again if it was released: a fault that is added after a release holds anew.
    pub(super) fn rearm(&self, name: &str) {
        self.gate(name).open.send_replace(false);
    }

    /// How many requests are held under `name`, as soon as it is at least one.
    pub(super) async fn held(&self, name: &str) -> usize {
        let mut held = self.gate(name).held.subscribe();
        held.wait_for(|held| *held > 0).await.map_or(0, |held| *held)
    }

    /// How many requests are held under `name` now.
    pub(super) fn held_now(&self, name: &str) -> usize {
        *self.gate(name).held.borrow()
    }
}

struct Held(Arc<Gate>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.held.send_modify(|held| *held = held.saturating_sub(1));
    }
}
