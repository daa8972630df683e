//! May this file be used, and in which state does a node find it?

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Row as _};

use super::committer::Committer;
use super::lock::FileLock;
use super::store::SqliteStore;
use super::{pauses, schema};
use crate::error::StoreError;

/// Below it, a WAL file can be corrupted when it is reset (security.md section 0, rule 11).
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];
/// Prepared scripts kept per connection. A request's text depends on how many rows it has, rounded up to a power of two: dozens exist.
const STATEMENTS: usize = 512;
/// Pages of write-ahead log (16 MiB) after which a commit also moves them to the database file.
const CHECKPOINT_PAGES: &str = "4000";

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections that read; more than cores help nobody.
    pub readers: u32,
    /// Look through the whole file for damage at start. Takes seconds per gigabyte.
    pub check: bool,
    /// How long a statement waits for a lock, which only a tool beside us can hold.
    pub busy_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 4,
            check: true,
            busy_timeout: Duration::from_secs(5),
        }
    }
}

impl SqliteStore {
    /// Opens a database, and makes it if it does not exist: a path that ends in `.db` is the file, any other one is the directory of `synapse.db`.
    ///
    /// Every run that was under way is queued again: the lock proves that the process that had it is gone.
    ///
    /// # Errors
    /// `Conflict` if another process uses the file or it is not ours; `Damaged` if it is; `Failed` if it cannot be opened.
    pub async fn open(path: &Path, options: Options) -> Result<Arc<Self>, StoreError> {
        let file = prepare(path)?;
        let lock = FileLock::take(&file)?;
        let connect = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(options.busy_timeout)
            .statement_cache_capacity(STATEMENTS)
            .row_buffer_size(256)
            .disable_statement_logging();
        let writes = connect
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            // Savepoints keep the pages they may have to restore; in memory, because they never outlive a batch.
            .pragma("temp_store", "MEMORY")
            // 16 MiB. The writer works at the ends of its tables; and SQLite walks through its whole cache at most commits.
            .pragma("cache_size", "-16384");
        let mut connection = writes.connect().await.map_err(|error| unreadable(&file, &error))?;
        assert_version(&mut connection).await?;
        if options.check {
            check(&mut connection, &file).await?;
        }
        schema::migrate(&mut connection).await?;
        pauses::backfill(&mut connection).await?;
        orphan_runs(&mut connection).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(options.readers.max(1))
            .test_before_acquire(false);
        let readers = readers.connect_with(connect.read_only(true)).await?;
        Ok(Arc::new(Self::new(Committer::start(connection, writes, lock), readers)))
    }
}

/// Makes directory and file, readable by nobody else: they hold every tenant's data.
fn prepare(path: &Path) -> Result<PathBuf, StoreError> {
    let failed = |what: &Path, error: std::io::Error| {
        StoreError::Failed(format!("`{}` cannot be made: {error}", what.display()))
    };
    let file = if path.extension().is_some_and(|extension| extension == "db") {
        path.to_owned()
    } else {
        path.join("synapse.db")
    };
    if let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(|error| failed(directory, error))?;
    }
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&file)
        .map_err(|error| failed(&file, error))?;
    Ok(file)
}

fn unreadable(file: &Path, error: &sqlx::Error) -> StoreError {
    StoreError::Damaged(format!(
        "the database `{}` cannot be read ({error}): restore it from a copy, or name another data directory",
        file.display()
    ))
}

async fn assert_version(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let text: String = sqlx::query("SELECT sqlite_version()")
        .fetch_one(connection)
        .await?
        .try_get(0)?;
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0_u32));
    let version = [
        parts.next().unwrap_or(0),
        parts.next().unwrap_or(0),
        parts.next().unwrap_or(0),
    ];
    if version < OLDEST_SQLITE {
        return Err(StoreError::Failed(format!(
            "this program was linked with SQLite {text}, which can damage a WAL database: build it with 3.51.3 or later"
        )));
    }
    Ok(())
}

async fn check(connection: &mut SqliteConnection, file: &Path) -> Result<(), StoreError> {
    let answer = sqlx::query("PRAGMA quick_check(1)")
        .fetch_one(connection)
        .await
        .map_err(|error| unreadable(file, &error))?;
    match answer.try_get::<String, _>(0)?.as_str() {
        "ok" => Ok(()),
        what => Err(StoreError::Damaged(format!(
            "the database `{}` is damaged ({what}): restore it from a copy",
            file.display()
        ))),
    }
}

/// Ends the leases of all nodes that used this file before.
async fn orphan_runs(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let sql = "BEGIN IMMEDIATE; DELETE FROM nodes; UPDATE runs INDEXED BY runs_active SET state = 'queued', node = NULL \
        WHERE state = 'running' AND ended_at IS NULL; COMMIT";
    sqlx::raw_sql(sql).execute(connection).await?;
    Ok(())
}
