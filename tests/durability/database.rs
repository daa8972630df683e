//! How does a test read, or damage, what the server keeps?

use anyhow::Context as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};
use synapse_tests::World;

/// Opens the database; to change it, the server must be stopped.
pub async fn open(world: &World) -> anyhow::Result<SqliteConnection> {
    let file = world.data().join("synapse.db");
    SqliteConnectOptions::new()
        .filename(&file)
        .connect()
        .await
        .with_context(|| format!("opening {}", file.display()))
}

/// One text column of a query.
pub async fn column(world: &World, sql: &'static str) -> anyhow::Result<Vec<String>> {
    let rows = sqlx::query(sql).fetch_all(&mut open(world).await?).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Changes the database of a stopped server; answers how many rows it changed.
pub async fn change(world: &World, sql: &str) -> anyhow::Result<u64> {
    anyhow::ensure!(world.server.is_none(), "stop the server first");
    let done = sqlx::query(AssertSqlSafe(sql.to_owned()))
        .execute(&mut open(world).await?)
        .await?;
    Ok(done.rows_affected())
}
