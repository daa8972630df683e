//! Who writes, and when is a write durable?
//!
//! One task owns the only connection that writes. It opens a transaction, runs every request that waits, each in its own savepoint,
//! commits once, and only then answers (group commit). Nothing is delayed on purpose: while one commit runs, the next batch gathers.
//! A commit that fails answers `Failed` to everyone in it, because whether it reached the disk is unknown; the connection is replaced,
//! so that nothing it may still believe is carried on (a failed fsync must not be retried on the same handle).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{mpsc, oneshot};

use super::job::{AnyRequest, Finish, Job, Request, Tx};
use super::lock::FileLock;
use crate::error::StoreError;
use crate::traits::Result;

/// Requests that may wait for the writer; more callers wait for a place. Bounds memory: a request holds at most its entries.
const QUEUE: usize = 1_024;
/// Requests of one transaction: bounds how long the first one waits for the last.
const BATCH: usize = 128;

/// What the writer did so far.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) commits: AtomicU64,
    pub(super) requests: AtomicU64,
}

/// The way to the writer.
pub(super) struct Committer {
    queue: mpsc::Sender<Message>,
    counts: Arc<Counts>,
}

enum Message {
    Request(Box<dyn AnyRequest>),
    Close(oneshot::Sender<()>),
}

impl Committer {
    /// Starts the writer on this connection. `options` open another one if it fails; `lock` is held as long as the writer lives.
    pub(super) fn start(connection: SqliteConnection, options: SqliteConnectOptions, lock: FileLock) -> Self {
        let (queue, requests) = mpsc::channel(QUEUE);
        let counts = Arc::new(Counts::default());
        let writer = Writer {
            connection: Some(connection),
            options,
            counts: Arc::clone(&counts),
            _lock: lock,
        };
        tokio::spawn(writer.work(requests));
        Self { queue, counts }
    }

    /// Has a job done; returns after its commit.
    ///
    /// # Errors
    /// The job's own, or `Failed` if its transaction did not commit.
    pub(super) async fn write<J: Job>(&self, job: J) -> Result<J::Answer> {
        let (caller, answer) = oneshot::channel();
        let request = Message::Request(Box::new(Request { job, caller }));
        self.queue.send(request).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Is the writer there?
    pub(super) fn is_open(&self) -> bool {
        !self.queue.is_closed()
    }

    /// What the writer did so far.
    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Does what waits, then closes the connection.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            // The writer answers, or is gone: either way it is closed.
            closed.await.ok();
        }
    }
}

fn closed() -> StoreError {
    StoreError::Failed("the store is closed".into())
}

/// The task that writes.
struct Writer {
    connection: Option<SqliteConnection>,
    options: SqliteConnectOptions,
    counts: Arc<Counts>,
    /// Dropped with the connection: nobody else may open the file before.
    _lock: FileLock,
}

impl Writer {
    async fn work(mut self, mut queue: mpsc::Receiver<Message>) {
        let mut closing = Vec::new();
        while let Some(message) = queue.recv().await {
            match message {
                Message::Request(first) => self.batch(first, &mut queue, &mut closing).await,
                Message::Close(done) => closing.push(done),
            }
            if !closing.is_empty() {
                // What is in the queue is still done; `recv` ends after it.
                queue.close();
            }
        }
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database could not be closed cleanly; its write-ahead log is replayed at the next start");
        }
        drop(self);
        for done in closing {
            done.send(()).ok();
        }
    }

    /// One transaction: `first` and whatever else waits.
    async fn batch(
        &mut self,
        first: Box<dyn AnyRequest>,
        queue: &mut mpsc::Receiver<Message>,
        closing: &mut Vec<oneshot::Sender<()>>,
    ) {
        let mut connection = match self.connect().await {
            Ok(connection) => connection,
            Err(error) => return first.refuse(error),
        };
        let mut answers: Vec<Finish> = Vec::new();
        let mut tx = Tx::new(&mut connection);
        let mut next = Some(first);
        let mut broken = None;
        while let Some(request) = next.take() {
            let (answer, finished) = request.run(&mut tx).await;
            answers.push(answer);
            if let Err(error) = finished {
                broken = Some(error);
            } else if answers.len() < BATCH {
                next = loop {
                    match queue.try_recv() {
                        Ok(Message::Request(request)) => break Some(request),
                        Ok(Message::Close(done)) => closing.push(done),
                        Err(_) => break None,
                    }
                };
            }
        }
        let committed = match broken {
            None => tx.commit().await.map_err(|error| error.to_string()),
            Some(error) => Err(error),
        };
        self.counts.requests.fetch_add(answers.len() as u64, Ordering::Relaxed);
        match committed {
            Ok(durable) => {
                self.counts.commits.fetch_add(u64::from(durable), Ordering::Relaxed);
                self.connection = Some(connection);
                answers.into_iter().for_each(|answer| answer(Ok(())));
            }
            Err(error) => {
                tracing::error!(%error, requests = answers.len(), "a transaction was not committed; its requests are answered `failed`");
                // Dropped, not closed: closing would have to trust it.
                drop(connection);
                let error = StoreError::Failed(format!("the transaction was not committed: {error}"));
                answers.into_iter().for_each(|answer| answer(Err(error.clone())));
            }
        }
    }

    async fn connect(&mut self) -> Result<SqliteConnection> {
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => Ok(self.options.connect().await?),
        }
    }
}

#[cfg(test)]
mod tests;
