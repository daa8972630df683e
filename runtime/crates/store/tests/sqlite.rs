//! Does the SQLite store keep every rule of the suite, and what only it has to promise?

mod conformance;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use conformance::fixtures::*;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use synapse_domain::run::RunState;
use synapse_store::StoreError;
use synapse_store::sqlite::{Options, SqliteStore};
use synapse_store::traits::{Journals as _, Runs as _, Store};

macro_rules! tests {
    ($($module:ident: $rule:ident,)*) => {
        $(
            #[tokio::test]
            async fn $rule() {
                let directory = tempfile::tempdir().unwrap();
                let store = open(directory.path()).await;
                conformance::$module::$rule(&*store).await;
                store.close().await;
            }
        )*
    };
}
rules!(tests);

async fn open(path: &Path) -> Arc<SqliteStore> {
    SqliteStore::open(path, Options::default()).await.unwrap()
}

#[tokio::test]
async fn a_second_open_of_a_file_in_use_is_refused_and_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    for path in [directory.path().to_owned(), directory.path().join("synapse.db")] {
        let Err(StoreError::Conflict(message)) = SqliteStore::open(&path, Options::default()).await else {
            panic!("opened twice")
        };
        assert!(
            message.contains("in use") && message.contains("stop it first"),
            "{message}"
        );
    }
    store.ping().await.unwrap();
    store.close().await;
    assert!(matches!(store.ping().await, Err(StoreError::Failed(_))));
    assert!(
        matches!(store.heartbeat(NODE, 1).await, Err(StoreError::Failed(_))),
        "a closed store refuses"
    );
    open(directory.path()).await.ping().await.unwrap();
}

/// Deploys, runs and leaves a store in the middle of a run.
async fn unfinished(store: &SqliteStore) {
    deploy(store, "acme", "a", 1).await;
    store.heartbeat(NODE, u64::MAX / 4).await.unwrap();
    let claimed = start(store, "acme", "a", 1).await;
    for call in 0..50 {
        store.append(&claimed.lease, vec![outcome(call)]).await.unwrap();
    }
    queue(store, "acme", "a", 2).await;
}

/// Everything acknowledged is there, and the run that was under way can be claimed although the node's name is the same again.
async fn assert_resumes(store: &SqliteStore) {
    let journal = store.journal(&tenant("acme"), id(1)).await.unwrap();
    assert_eq!(journal.outcomes.len(), 50);
    let claimed = claim_one(store, NODE, 0).await;
    assert_eq!((claimed.run.id, claimed.lease.epoch, claimed.run.barren), (id(1), 2, 0));
    assert!(
        store.claim(NODE, 0, 1, PLACES).await.unwrap().is_empty(),
        "the deployment is serial"
    );
    store
        .end(&claimed.lease, vec![outcome(50)], end(RunState::Succeeded))
        .await
        .unwrap();
    assert_eq!(claim_one(store, NODE, 0).await.run.id, id(2));
}

#[test]
fn what_was_acknowledged_survives_a_process_that_never_closed() {
    let directory = tempfile::tempdir().unwrap();
    // The runtime's end stops the writer in the middle of whatever it does, without a close.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(async {
        let store = open(directory.path()).await;
        unfinished(&store).await;
        store
    });
    drop(runtime);
    drop(store);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { assert_resumes(&*open(directory.path()).await).await });
}

#[tokio::test]
async fn what_was_acknowledged_is_in_the_files_at_that_moment() {
    let (live, crashed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(live.path()).await;
    unfinished(&store).await;
    // What a kill at this moment would leave: database and write-ahead log as they are, nothing flushed by us.
    for file in ["synapse.db", "synapse.db-wal"] {
        fs::copy(live.path().join(file), crashed.path().join(file)).unwrap();
    }
    let image = open(crashed.path()).await;
    assert_resumes(&image).await;
    image.close().await;
    store.close().await;
}

#[tokio::test]
async fn a_damaged_payload_is_refused_not_guessed() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    unfinished(&store).await;
    store.close().await;
    let file = directory.path().join("synapse.db");
    let mut connection = SqliteConnectOptions::new().filename(&file).connect().await.unwrap();
    // The result `{"Ok":{"id":7}}` becomes `{"Ok":{"id":6}}`: valid JSON, the wrong answer.
    let sql = "UPDATE journal SET result_blob = CAST(replace(CAST(result_blob AS TEXT), ':7}', ':6}') AS BLOB) WHERE call = 7";
    assert_eq!(
        sqlx::query(sql).execute(&mut connection).await.unwrap().rows_affected(),
        1
    );
    sqlx::Connection::close(connection).await.unwrap();
    let store = open(directory.path()).await;
    let Err(StoreError::Damaged(why)) = store.journal(&tenant("acme"), id(1)).await else {
        panic!("a damaged journal was read")
    };
    assert!(why.contains("payload"), "{why}");
    store.close().await;
}

#[tokio::test]
async fn a_damaged_or_foreign_file_is_refused_at_start() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    unfinished(&store).await;
    store.close().await;
    let file = directory.path().join("synapse.db");
    let good = fs::read(&file).unwrap();
    let refused = async |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        match SqliteStore::open(&file, Options::default()).await {
            Err(error) => error,
            Ok(_) => panic!("a file that is no database was opened"),
        }
    };
    let truncated = refused(&good[..good.len() / 2]).await;
    assert!(matches!(truncated, StoreError::Damaged(_)), "{truncated:?}");
    let mut overwritten = good.clone();
    overwritten[4_096..16_384].fill(0xaa);
    let overwritten = refused(&overwritten).await;
    assert!(matches!(overwritten, StoreError::Damaged(_)), "{overwritten:?}");
    let text = refused(&b"this is a text file ".repeat(500)).await;
    assert!(matches!(text, StoreError::Damaged(_)), "{text:?}");

    fs::remove_file(&file).unwrap();
    let mut connection = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .connect()
        .await
        .unwrap();
    sqlx::query("CREATE TABLE somebody_elses (x)")
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    let foreign = SqliteStore::open(&file, Options::default()).await.err().unwrap();
    assert!(matches!(foreign, StoreError::Conflict(_)), "{foreign:?}");
    // Nothing was changed: the refusals were not repairs.
    fs::write(&file, &good).unwrap();
    assert_resumes(&*open(&file).await).await;
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    open(directory.path()).await.close().await;
    let mut connection = SqliteConnectOptions::new()
        .filename(directory.path().join("synapse.db"))
        .connect()
        .await
        .unwrap();
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (999, 'newer', 1, x'00', 0)";
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    let refused = SqliteStore::open(directory.path(), Options::default())
        .await
        .err()
        .unwrap();
    assert!(
        matches!(&refused, StoreError::Conflict(message) if message.contains("another version")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn nobody_else_on_the_machine_can_read_the_files() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("data");
    let store = open(&directory).await;
    unfinished(&store).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    for file in ["synapse.db", "synapse.db-wal", "synapse.db-shm", "synapse.db.lock"] {
        assert_eq!(mode(&directory.join(file)), 0o600, "{file}");
    }
    store.close().await;
}

#[tokio::test]
async fn concurrent_runs_share_their_commits() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    deploy(&*store, "acme", "a", 100).await;
    let before = store.counters().await.unwrap();
    let run = async |n: u64| {
        let claimed = start(&*store, "acme", "a", n).await;
        store
            .end(&claimed.lease, (0..10).map(outcome).collect(), end(RunState::Succeeded))
            .await
            .unwrap();
    };
    futures::future::join_all((0..64).map(run)).await;
    let after = store.counters().await.unwrap();
    assert_eq!(after.requests - before.requests, 128, "two requests per run");
    assert!(
        after.commits - before.commits < 32,
        "{} commits for 64 runs",
        after.commits - before.commits
    );
    store.close().await;
}
