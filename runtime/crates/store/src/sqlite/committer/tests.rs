//! Who is told what when a commit fails, and does the writer go on?

use async_trait::async_trait;
use futures::future::join_all;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::super::columns::Columns as _;
use super::super::job::{Job, Tx};
use super::super::lock::FileLock;
use super::super::script::Script;
use super::Committer;
use crate::error::StoreError;
use crate::traits::Result;

/// Inserts a number; `parent` must exist when the transaction commits, not before (a deferred foreign key).
struct Insert {
    number: i64,
    parent: Option<i64>,
}

#[async_trait]
impl Job for Insert {
    type Answer = i64;

    async fn run(self, tx: &mut Tx<'_>) -> Result<i64> {
        let mut script = Script::default();
        script
            .add("INSERT INTO numbers VALUES (?, ?)")
            .bind(self.number)
            .bind(self.parent);
        let ran = tx.run(script).await?;
        if ran.is_duplicate() {
            return Err(StoreError::Conflict(self.number.to_string()));
        }
        ran.complete()?;
        if self.number < 0 {
            return Err(StoreError::Conflict("negative".into()));
        }
        Ok(self.number)
    }
}

/// Stores many bytes, or deletes them all.
enum Bulk {
    Fill(usize),
    Empty,
}

#[async_trait]
impl Job for Bulk {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        let mut script = Script::default();
        match self {
            Self::Fill(bytes) => script.add("INSERT INTO bulk VALUES (?)").bind(vec![7_u8; bytes]),
            Self::Empty => script.add("DELETE FROM bulk"),
        };
        tx.run(script).await?.complete().map(drop)
    }
}

struct Sum;

#[async_trait]
impl Job for Sum {
    type Answer = i64;

    async fn run(self, tx: &mut Tx<'_>) -> Result<i64> {
        let mut script = Script::default();
        script.add("SELECT coalesce(sum(n), 0) FROM numbers");
        let ran = tx.ask(script).await?.complete()?;
        ran.row(0).ok_or(StoreError::NotFound)?.value(0)
    }
}

async fn committer(directory: &std::path::Path) -> Committer {
    committer_with_pages(directory, 1_000_000).await
}

/// A committer on a file that may not grow over `pages`: to SQLite, a full disk.
async fn committer_with_pages(directory: &std::path::Path, pages: u32) -> Committer {
    let file = directory.join("test.db");
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .pragma("max_page_count", pages.to_string());
    let mut connection: SqliteConnection = options.connect().await.unwrap();
    let sql = "CREATE TABLE numbers (n INTEGER PRIMARY KEY, parent INTEGER REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED)";
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    sqlx::raw_sql("CREATE TABLE bulk (bytes BLOB)")
        .execute(&mut connection)
        .await
        .unwrap();
    Committer::start(connection, options, FileLock::take(&file).unwrap())
}

fn insert(number: i64) -> Insert {
    Insert { number, parent: None }
}

#[tokio::test]
async fn a_commit_that_fails_answers_failed_to_all_and_keeps_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let committer = committer(directory.path()).await;
    committer.write(insert(1)).await.unwrap();
    // Polled together on one thread, they are one batch: it fails at COMMIT, where the missing parent is noticed.
    let orphan = Insert {
        number: 4,
        parent: Some(99),
    };
    let answers = join_all([insert(2), insert(3), orphan, insert(1)].map(|job| committer.write(job))).await;
    for answer in &answers {
        assert!(
            matches!(answer, Err(StoreError::Failed(why)) if why.contains("not committed")),
            "{answers:?}"
        );
    }
    assert_eq!(committer.write(Sum).await.unwrap(), 1);
    assert_eq!(committer.write(insert(2)).await.unwrap(), 2, "the writer goes on");
}

#[tokio::test]
async fn a_refused_job_undoes_its_own_writes_wherever_it_stands_in_the_batch() {
    let directory = tempfile::tempdir().unwrap();
    let committer = committer(directory.path()).await;
    let numbers = [-1, 1, -2, -3, 2, 1, 4, -4];
    let before = committer.counts().commits.load(std::sync::atomic::Ordering::Relaxed);
    let answers = join_all(numbers.map(|number| committer.write(insert(number)))).await;
    let kept: Vec<_> = answers.iter().map(|answer| answer.as_ref().ok().copied()).collect();
    assert_eq!(kept, [None, Some(1), None, None, Some(2), None, Some(4), None]);
    assert_eq!(committer.write(Sum).await.unwrap(), 7);
    let commits = committer.counts().commits.load(std::sync::atomic::Ordering::Relaxed) - before;
    assert!(commits <= 2, "{commits} commits");
}

#[tokio::test]
async fn a_full_disk_fails_what_does_not_fit_and_the_writer_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let committer = committer_with_pages(directory.path(), 50).await;
    committer.write(Bulk::Fill(100_000)).await.unwrap();
    committer.write(insert(1)).await.unwrap();
    let (first, fill, last) = futures::join!(
        committer.write(insert(2)),
        committer.write(Bulk::Fill(200_000)),
        committer.write(insert(3))
    );
    let full = fill.unwrap_err().to_string();
    assert!(full.contains("full"), "{full}");
    // Who shared the transaction was told the truth, whatever SQLite made of it.
    let kept = 1 + first.unwrap_or(0) + last.unwrap_or(0);
    assert_eq!(committer.write(Sum).await.unwrap(), kept);
    committer.write(Bulk::Empty).await.unwrap();
    committer.write(Bulk::Fill(100_000)).await.unwrap();
    assert_eq!(committer.write(insert(9)).await.unwrap(), 9);
}

#[tokio::test]
async fn what_waits_at_a_close_is_done() {
    let directory = tempfile::tempdir().unwrap();
    let committer = committer(directory.path()).await;
    let writes = join_all((1..=20).map(|number| committer.write(insert(number))));
    let (answers, ()) = futures::join!(writes, committer.close());
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert!(!committer.is_open());
    assert!(matches!(committer.write(insert(99)).await, Err(StoreError::Failed(_))));
}
