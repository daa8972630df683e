//! Is another process using this database?

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::StoreError;

/// An exclusive lock on a database, held by the process until it ends, however it ends.
pub(super) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock beside a database file.
    ///
    /// # Errors
    /// `Conflict` if somebody holds it; `Failed` if the lock file cannot be made.
    pub(super) fn take(database: &Path) -> Result<Self, StoreError> {
        let mut name = database.as_os_str().to_owned();
        name.push(".lock");
        let path = Path::new(&name);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path);
        let file = file.map_err(|error| {
            StoreError::Failed(format!("the lock file `{}` cannot be opened: {error}", path.display()))
        })?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { _file: file }),
            Err(Errno::WOULDBLOCK) => Err(StoreError::Conflict(format!(
                "the database `{}` is in use by another process, which holds `{}`: stop it first, or use another data directory",
                database.display(),
                path.display()
            ))),
            Err(error) => Err(StoreError::Failed(format!(
                "the lock file `{}` cannot be locked: {error}",
                path.display()
            ))),
        }
    }
}
