//! What is one write request, and what may it do inside the shared transaction?

use async_trait::async_trait;
use futures::FutureExt as _;
use sqlx::sqlite::SqliteConnection;
use std::panic::AssertUnwindSafe;
use tokio::sync::oneshot;

use super::script::{Ran, Script};
use crate::error::StoreError;
use crate::traits::Result;

/// A write request. It is run once, by the committer, and its answer is given after the commit.
#[async_trait]
pub(super) trait Job: Send + 'static {
    /// What the caller gets.
    type Answer: Send + 'static;

    /// Does it. An error undoes what this job wrote and nothing else.
    async fn run(self, tx: &mut Tx<'_>) -> Result<Self::Answer>;
}

/// The transaction as one job sees it: its own savepoint.
pub(super) struct Tx<'c> {
    connection: &'c mut SqliteConnection,
    /// Is the shared transaction open (an earlier job of the batch opened it)?
    began: bool,
    /// Is a savepoint of this or an earlier, finished job open?
    savepoint: Savepoint,
    /// Did a job of the batch change anything?
    changed: bool,
}

/// Whose savepoint is open. There is at most one: the next job's first script releases its predecessor's, which saves a trip.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Savepoint {
    None,
    OfEarlierJob,
    Own,
}

impl<'c> Tx<'c> {
    /// A batch on this connection; the transaction begins with the first script.
    pub(super) fn new(connection: &'c mut SqliteConnection) -> Self {
        Self {
            connection,
            began: false,
            savepoint: Savepoint::None,
            changed: false,
        }
    }

    /// Runs a script of the job and marks the batch as one that has to be made durable.
    pub(super) async fn run(&mut self, script: Script) -> Result<Ran> {
        self.changed = true;
        self.ask(script).await
    }

    /// Runs a script that changed nothing, or of which the caller says with [`Tx::changed`] that it did.
    pub(super) async fn ask(&mut self, script: Script) -> Result<Ran> {
        let (prefix, statements) = match (self.began, self.savepoint) {
            (false, _) => ("BEGIN IMMEDIATE;SAVEPOINT r;", 2),
            (true, Savepoint::None) => ("SAVEPOINT r;", 1),
            (true, Savepoint::OfEarlierJob) => ("RELEASE r;SAVEPOINT r;", 2),
            (true, Savepoint::Own) => ("", 0),
        };
        self.began = true;
        self.savepoint = Savepoint::Own;
        script.run(self.connection, prefix, statements).await
    }

    /// The batch has to be made durable.
    pub(super) fn changed(&mut self) {
        self.changed = true;
    }

    /// Ends a job: keeps or undoes what it wrote.
    async fn finish(&mut self, keep: bool) -> std::result::Result<(), sqlx::Error> {
        match (self.savepoint, keep) {
            (Savepoint::None | Savepoint::OfEarlierJob, _) => {}
            (Savepoint::Own, true) => self.savepoint = Savepoint::OfEarlierJob,
            (Savepoint::Own, false) => {
                sqlx::raw_sql("ROLLBACK TO r; RELEASE r")
                    .execute(&mut *self.connection)
                    .await?;
                self.savepoint = Savepoint::None;
            }
        }
        Ok(())
    }

    /// Commits the batch; answers whether there was anything to make durable.
    pub(super) async fn commit(self) -> std::result::Result<bool, sqlx::Error> {
        if self.began {
            sqlx::raw_sql("COMMIT").execute(self.connection).await?;
        }
        Ok(self.began && self.changed)
    }
}

/// Tells a caller how its request ended; the argument is what became of the commit.
pub(super) type Finish = Box<dyn FnOnce(Result<()>) + Send>;

/// A job with the caller that waits for it.
pub(super) struct Request<J: Job> {
    pub(super) job: J,
    pub(super) caller: oneshot::Sender<Result<J::Answer>>,
}

/// A request whose types the committer need not know.
#[async_trait]
pub(super) trait AnyRequest: Send {
    /// Runs the job in its savepoint. An error, the reason for people, says that the whole batch is lost.
    async fn run(self: Box<Self>, tx: &mut Tx<'_>) -> (Finish, std::result::Result<(), String>);
    /// Answers without having run.
    fn refuse(self: Box<Self>, error: StoreError);
}

#[async_trait]
impl<J: Job> AnyRequest for Request<J> {
    async fn run(self: Box<Self>, tx: &mut Tx<'_>) -> (Finish, std::result::Result<(), String>) {
        let Self { job, caller } = *self;
        let before = tx.changed;
        // A panic in one job (the caller's closure of `state_apply`, for instance) must not take the writer of the whole process with it.
        let answer = AssertUnwindSafe(job.run(tx)).catch_unwind().await;
        let answer = answer.unwrap_or_else(|_| Err(StoreError::Failed("the request panicked and was undone".into())));
        if answer.is_err() {
            tx.changed = before;
        }
        // Where SQLite gave up the whole transaction (a full disk does that), there is no savepoint to go back to: the reason is the
        // error that came first.
        let finished = tx.finish(answer.is_ok()).await.map_err(|error| match &answer {
            Err(first) => first.to_string(),
            Ok(_) => error.to_string(),
        });
        // A caller that has gone needs no answer.
        let finish: Finish = Box::new(move |committed| drop(caller.send(committed.and(answer))));
        (finish, finished)
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        drop(self.caller.send(Err(error)));
    }
}
