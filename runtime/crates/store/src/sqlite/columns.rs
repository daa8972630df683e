//! How do the platform's values go into columns and come back?

use std::str::FromStr;

use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Decode, Row as _, Sqlite, Type};
use synapse_domain::digest::Digest;
use synapse_domain::ids::RunId;

use crate::codec;
use crate::error::StoreError;
use crate::traits::Result;

/// A number as SQLite keeps it; nothing the platform counts comes near 2^63.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A run's id as SQLite keeps it.
pub(super) fn run_key(run: RunId) -> Vec<u8> {
    run.as_bytes().to_vec()
}

/// A digest as SQLite keeps it.
pub(super) fn digest_key(digest: &Digest) -> Vec<u8> {
    digest.as_bytes().to_vec()
}

/// Reads columns by their place; what cannot be read is `Damaged`, never a default.
pub(super) trait Columns {
    /// The value of a column.
    fn value<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(&'r self, column: usize) -> Result<T>;

    /// A number that is not negative.
    fn count(&self, column: usize) -> Result<u64> {
        self.number(column)
    }

    /// A number of any unsigned type.
    fn number<N: TryFrom<i64>>(&self, column: usize) -> Result<N> {
        self.optional_number(column)?
            .ok_or_else(|| damaged(column, "it is empty"))
    }

    /// A number, or nothing.
    fn optional_number<N: TryFrom<i64>>(&self, column: usize) -> Result<Option<N>> {
        let number = self.value::<Option<i64>>(column)?;
        number
            .map(|number| N::try_from(number).map_err(|_| damaged(column, "its number is out of range")))
            .transpose()
    }

    /// A name or another text with a form.
    fn parsed<T: FromStr>(&self, column: usize) -> Result<T> {
        self.value::<&str>(column)?
            .parse()
            .map_err(|_| damaged(column, "its text has not the form it was stored in"))
    }

    /// A value that has a name, as [`synapse_domain::run::RunState`].
    fn named<T>(&self, column: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
        parse(self.value(column)?).ok_or_else(|| damaged(column, "its name is unknown"))
    }

    /// Bytes of a known length.
    fn bytes<const N: usize>(&self, column: usize) -> Result<[u8; N]> {
        self.value::<&[u8]>(column)?
            .try_into()
            .map_err(|_| damaged(column, "its length is wrong"))
    }

    /// A run's id.
    fn run_id(&self, column: usize) -> Result<RunId> {
        self.bytes(column).map(RunId::from_bytes)
    }

    /// A text that the codec wrote.
    fn payload(&self, column: usize) -> Result<String> {
        codec::decode(self.value(column)?)
    }

    /// A text that the codec wrote, or nothing.
    fn optional_payload(&self, column: usize) -> Result<Option<String>> {
        self.value::<Option<&[u8]>>(column)?.map(codec::decode).transpose()
    }
}

impl Columns for SqliteRow {
    fn value<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(&'r self, column: usize) -> Result<T>
    where
        usize: ColumnIndex<Self>,
    {
        self.try_get(column)
            .map_err(|error| damaged(column, &error.to_string()))
    }
}

/// A JSON record that was stored.
pub(super) fn record<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(format!("a record: {error}")))
}

/// A record as JSON.
pub(super) fn json<T: serde::Serialize>(record: &T) -> Result<String> {
    serde_json::to_string(record)
        .map_err(|error| StoreError::Failed(format!("a record cannot be written as JSON: {error}")))
}

fn damaged(column: usize, why: &str) -> StoreError {
    StoreError::Damaged(format!("column {column} of a row: {why}"))
}
