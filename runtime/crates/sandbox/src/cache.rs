//! Where is machine code kept between starts, and how do we know that it is ours?
//!
//! An artefact is native code: loading a foreign one is arbitrary code execution by contract. So each file carries a MAC
//! over component, fingerprint and artefact, checked on the very bytes that are loaded. What does not check is compiled
//! again, never loaded.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use synapse_domain::digest::Digest;
use wasmtime::component::Component;

use crate::engine::Engine;

/// Files kept; about 1 GB of typical artefacts. The least recently written go first.
const FILES: usize = 256;
/// Bytes of a MAC, at the start of a file.
const MAC_BYTES: usize = 32;
/// Largest file that is read; the compiler gives no larger artefact.
const FILE_BYTES: u64 = 200 << 20;
const EXTENSION: &str = "artefact";

/// The cache's key could not be had.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The operating system refused.
    #[error("cannot {action} `{path}`: {source}. The data folder must be writable by the server's user only")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Others can read or write the key.
    #[error(
        "others can access the key `{path}`: whoever knows it can make the server run machine code. Delete it and the folder beside it, then start again"
    )]
    KeyExposed {
        /// The key file.
        path: PathBuf,
    },
    /// Not 32 bytes.
    #[error("the key `{path}` is damaged. Delete it and start again: every component is then compiled once more")]
    KeyDamaged {
        /// The key file.
        path: PathBuf,
    },
}

/// Authenticated artefacts in a folder.
pub struct Cache {
    folder: PathBuf,
    key: [u8; 32],
}

impl Cache {
    /// The cache in `data/artefacts`, with its key in `data/artefacts.key` (made at the first start, mode 0600).
    ///
    /// # Errors
    /// See [`CacheError`]; the server should not start then.
    pub fn open(data: &Path) -> Result<Self, CacheError> {
        let folder = data.join("artefacts");
        fs::create_dir_all(&folder).map_err(|source| CacheError::Io {
            action: "create",
            path: folder.clone(),
            source,
        })?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).map_err(|source| CacheError::Io {
            action: "protect",
            path: folder.clone(),
            source,
        })?;
        let key = key(&data.join("artefacts.key"))?;
        Ok(Self { folder, key })
    }

    /// The component's machine code, if this cache holds it for this engine and the MAC is right.
    pub fn load(&self, engine: &Engine, digest: &Digest) -> Option<Component> {
        let path = self.path(engine, digest);
        let file = fs::File::open(&path).ok()?;
        let mut bytes = Vec::new();
        file.take(FILE_BYTES).read_to_end(&mut bytes).ok()?;
        let (mac, artefact) = bytes.split_at_checked(MAC_BYTES)?;
        // `verify_slice` compares in constant time.
        if self.mac(engine, digest, artefact).verify_slice(mac).is_err() {
            tracing::warn!(file = %path.display(), "a cached artefact does not carry our MAC: it is compiled again");
            return None;
        }
        deserialize(engine, artefact)
    }

    /// Keeps an artefact of our own compiler and loads it. None: it does not load, a fault of ours that the log tells. On a
    /// full disk it is not kept, only loaded, and compiled again after a restart.
    pub fn keep(&self, engine: &Engine, digest: &Digest, artefact: &[u8]) -> Option<Component> {
        if let Err(error) = self.write(engine, digest, artefact) {
            tracing::warn!(folder = %self.folder.display(), %error, "cannot keep a compiled component: it will be compiled again after a restart");
        }
        deserialize(engine, artefact)
    }

    fn write(&self, engine: &Engine, digest: &Digest, artefact: &[u8]) -> io::Result<()> {
        self.make_room()?;
        let path = self.path(engine, digest);
        let part = path.with_extension("part");
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&part)?;
        file.write_all(&self.mac(engine, digest, artefact).finalize().into_bytes())?;
        file.write_all(artefact)?;
        // Whole or not at all; a file torn by a crash fails its MAC.
        fs::rename(&part, &path)
    }

    fn make_room(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            files.push((entry.metadata()?.modified()?, entry.path()));
        }
        files.sort();
        let surplus = (files.len() + 1).saturating_sub(FILES);
        for (_, path) in files.iter().take(surplus) {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    fn path(&self, engine: &Engine, digest: &Digest) -> PathBuf {
        self.folder.join(format!(
            "{digest}-{}.{EXTENSION}",
            engine.fingerprint().digest().short()
        ))
    }

    /// Digest and fingerprint have a fixed length, so the parts cannot be shifted against each other.
    fn mac(&self, engine: &Engine, digest: &Digest, artefact: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(digest.as_bytes());
        mac.update(engine.fingerprint().digest().as_bytes());
        mac.update(artefact);
        mac
    }
}

/// The only way machine code gets into the process.
#[expect(
    unsafe_code,
    reason = "the artefact comes from our own compiler: straight from the child, or with our MAC on these very bytes"
)]
fn deserialize(engine: &Engine, artefact: &[u8]) -> Option<Component> {
    // SAFETY: see the reason above; nobody but `Cache::load` (after the MAC) and `Cache::keep` calls this.
    match unsafe { Component::deserialize(engine.wasmtime(), artefact) } {
        Ok(component) => Some(component),
        Err(error) => {
            tracing::error!(%error, "an artefact of our own compiler does not load");
            None
        }
    }
}

fn key(path: &Path) -> Result<[u8; 32], CacheError> {
    let io_error = |action| {
        move |source| CacheError::Io {
            action,
            path: path.to_owned(),
            source,
        }
    };
    match fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(mut file) => {
            let mut key = [0; 32];
            getrandom::fill(&mut key)
                .map_err(|error| io_error("draw a key for")(io::Error::other(error.to_string())))?;
            file.write_all(&key)
                .and_then(|()| file.sync_all())
                .map_err(io_error("write"))?;
            Ok(key)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let mut file = fs::File::open(path).map_err(io_error("open"))?;
            let mode = file.metadata().map_err(io_error("look at"))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(CacheError::KeyExposed { path: path.to_owned() });
            }
            let mut bytes = Vec::new();
            (&mut file).take(33).read_to_end(&mut bytes).map_err(io_error("read"))?;
            bytes
                .try_into()
                .map_err(|_| CacheError::KeyDamaged { path: path.to_owned() })
        }
        Err(error) => Err(io_error("create")(error)),
    }
}
