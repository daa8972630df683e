//! What can the store answer besides what was asked, and what should the caller do then?

/// A store's failure; the variants name the next action.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The attempt no longer holds the run: stop, another attempt goes on.
    #[error("the run is held by a newer attempt")]
    Fenced,
    /// No such object in this tenant.
    #[error("not found")]
    NotFound,
    /// The object is not in a state that allows this; the text says which.
    #[error("{0}")]
    Conflict(String),
    /// A limit of the tenant is used up; its name.
    #[error("quota `{0}` is used up")]
    Quota(&'static str),
    /// A stored record cannot be read: refuse, never guess.
    #[error("stored record is damaged: {0}")]
    Damaged(String),
    /// The database did not do it. Whether it did is unknown for writes: stop and re-read.
    #[error("the database failed: {0}")]
    Failed(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::NotFound,
            other => Self::Failed(other.to_string()),
        }
    }
}
