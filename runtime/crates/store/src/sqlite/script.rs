//! How do several statements reach the database in one trip?
//!
//! sqlx runs a connection on its own thread, so every statement that is sent alone costs two thread switches. A script is the
//! statements of one request joined by `;` with their parameters in order; sqlx prepares and caches it as one. That sqlx can do this
//! for SQLite is documented as deprecated: this file is the only one that relies on it.

use futures::TryStreamExt as _;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Arguments as _, AssertSqlSafe, Either, Encode, Executor as _, Sqlite, Type};

use crate::error::StoreError;

/// Most rows of one multi-row insert; more become several statements.
const CHUNK: usize = 64;

/// Statements to run in one trip.
#[derive(Default)]
pub(super) struct Script {
    sql: String,
    arguments: SqliteArguments,
    error: Option<StoreError>,
}

/// What a script's statements answered, and why it stopped if it did not reach its end.
pub(super) struct Ran {
    rows: Vec<Vec<SqliteRow>>,
    error: Option<sqlx::Error>,
}

impl Script {
    /// Adds a statement; its parameters are written `?` and bound in order with [`Script::bind`].
    pub(super) fn add(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self.sql.push(';');
        self
    }

    /// Binds the next parameter.
    pub(super) fn bind<'q, T: Encode<'q, Sqlite> + Type<Sqlite>>(&mut self, value: T) -> &mut Self {
        if let Err(error) = self.arguments.add(value) {
            self.error = Some(StoreError::Failed(format!("a parameter could not be encoded: {error}")));
        }
        self
    }

    /// Adds `<head> (VALUES (?, ...), ...) AS v WHERE v.column1 IS NOT NULL <tail>` for every chunk of rows, with `common` bound before each row list.
    ///
    /// Lists are padded with empty rows to a power of two, so that few different texts exist and all of them stay prepared.
    pub(super) fn add_rows<R>(
        &mut self,
        head: &str,
        tail: &str,
        columns: usize,
        rows: Vec<R>,
        common: impl Fn(&mut Self),
        mut bind: impl FnMut(&mut Self, R),
    ) {
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let real = rows.len().min(CHUNK);
            let padded = real.next_power_of_two();
            self.sql.push_str(head);
            self.sql.push_str(" (VALUES ");
            for row in 0..padded {
                self.sql.push_str(if row == 0 { "(?" } else { ",(?" });
                self.sql.push_str(&",?".repeat(columns - 1));
                self.sql.push(')');
            }
            self.sql.push_str(") AS v WHERE v.column1 IS NOT NULL ");
            self.sql.push_str(tail);
            self.sql.push(';');
            common(self);
            for row in rows.by_ref().take(real) {
                bind(self, row);
            }
            for _ in 0..(padded - real) * columns {
                self.bind(None::<i64>);
            }
        }
    }

    /// Runs it after `prefix`, a list of `prefix_statements` statements without parameters whose rows are of no interest.
    pub(super) async fn run(
        self,
        connection: &mut SqliteConnection,
        prefix: &str,
        prefix_statements: usize,
    ) -> Result<Ran, StoreError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let sql = if prefix.is_empty() {
            self.sql
        } else {
            format!("{prefix}{}", self.sql)
        };
        let mut stream = connection.fetch_many(sqlx::query_with(AssertSqlSafe(sql), self.arguments));
        let mut rows = vec![Vec::new()];
        let error = loop {
            match stream.try_next().await {
                Ok(Some(Either::Right(row))) => {
                    if let Some(last) = rows.last_mut() {
                        last.push(row);
                    }
                }
                Ok(Some(Either::Left(_))) => rows.push(Vec::new()),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        Ok(Ran {
            rows: rows.split_off(prefix_statements.min(rows.len())),
            error,
        })
    }
}

impl Ran {
    /// The first row of a statement, by its place in the script.
    pub(super) fn row(&self, statement: usize) -> Option<&SqliteRow> {
        self.rows(statement).first()
    }

    /// The rows of a statement, by its place in the script.
    pub(super) fn rows(&self, statement: usize) -> &[SqliteRow] {
        self.rows.get(statement).map(Vec::as_slice).unwrap_or_default()
    }

    /// The rows of all statements.
    pub(super) fn all_rows(&self) -> impl Iterator<Item = &SqliteRow> {
        self.rows.iter().flatten()
    }

    /// Was a statement, by its place in the script, run to its end?
    pub(super) fn reached(&self, statement: usize) -> bool {
        self.rows.len() > statement + 1
    }

    /// Did it stop at a row that already exists?
    pub(super) fn is_duplicate(&self) -> bool {
        self.error
            .as_ref()
            .and_then(sqlx::Error::as_database_error)
            .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
    }

    /// Itself, if every statement was run.
    ///
    /// # Errors
    /// `Failed` with what the database said.
    pub(super) fn complete(self) -> Result<Self, StoreError> {
        match self.error {
            Some(error) => Err(error.into()),
            None => Ok(self),
        }
    }
}
