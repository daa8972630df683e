//! Who is waiting for a run, and what do they get?

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use synapse_domain::ids::RunId;
use synapse_store::records::RunView;
use tokio::sync::watch;

/// What a waiter learns: nothing yet, that the run changed (read it), or its end.
#[derive(Debug, Clone)]
pub enum News {
    /// Nothing yet.
    None,
    /// Read the run again.
    Changed,
    /// The run as it ended, after its commit.
    Ended(Arc<RunView>),
}

/// Callers that wait, by run.
#[derive(Default)]
pub struct Waiters(Mutex<HashMap<RunId, watch::Sender<News>>>);

impl Waiters {
    /// Starts to listen. Listen before the run can end, or read the run after this.
    pub fn listen(&self, run: RunId) -> watch::Receiver<News> {
        self.lock()
            .entry(run)
            .or_insert_with(|| watch::channel(News::None).0)
            .subscribe()
    }

    /// Something about the run changed.
    pub fn changed(&self, run: RunId) {
        if let Some(sender) = self.lock().get(&run) {
            sender.send_replace(News::Changed);
        }
    }

    /// The run ended.
    pub fn ended(&self, view: RunView) {
        if let Some(sender) = self.lock().remove(&view.id) {
            sender.send_replace(News::Ended(Arc::new(view)));
        }
    }

    /// Forgets a run that nobody listens to any more.
    pub fn leave(&self, run: RunId) {
        let mut waiting = self.lock();
        if waiting.get(&run).is_some_and(|sender| sender.receiver_count() == 0) {
            waiting.remove(&run);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RunId, watch::Sender<News>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
