//! Which tables exist, and how does an older file get them?

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Row as _, SqlSafeStr as _};

use crate::error::StoreError;

/// The `application_id` of our files: set by the first migration, 0 in a file that is empty.
const APPLICATION_ID: i64 = 1_399_746_675;

/// In order; a published one is never edited.
const MIGRATIONS: [(i64, &str, &str); 5] = [
    (1, "spine", include_str!("migrations/0001_spine.sql")),
    (2, "blobs", include_str!("migrations/0002_blobs.sql")),
    (3, "deliveries", include_str!("migrations/0003_deliveries.sql")),
    (4, "schedules", include_str!("migrations/0004_schedules.sql")),
    (5, "cursors", include_str!("migrations/0005_cursors.sql")),
];

/// Brings a file's tables up to date.
///
/// # Errors
/// `Conflict` if the file belongs to another program or a newer version; `Failed` if a migration failed (it is undone).
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let id: i64 = sqlx::query("PRAGMA application_id")
        .fetch_one(&mut *connection)
        .await?
        .try_get(0)?;
    let tables: i64 = sqlx::query("SELECT count(*) FROM sqlite_schema")
        .fetch_one(&mut *connection)
        .await?
        .try_get(0)?;
    if id != APPLICATION_ID && (id != 0 || tables != 0) {
        return Err(StoreError::Conflict(
            "the file is the database of another program: name another data directory".into(),
        ));
    }
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(
            version,
            Cow::Borrowed(name),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    };
    let migrator = Migrator::with_migrations(MIGRATIONS.into_iter().map(migration).collect());
    migrator.run(connection).await.map_err(|error| match error {
        sqlx::migrate::MigrateError::VersionMissing(_) | sqlx::migrate::MigrateError::VersionMismatch(_) => {
            StoreError::Conflict(format!(
                "the database was written by another version of this program ({error}): use that version"
            ))
        }
        other => StoreError::Failed(format!("the tables could not be brought up to date: {other}")),
    })
}
