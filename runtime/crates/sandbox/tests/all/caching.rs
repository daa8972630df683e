//! Is machine code loaded only if it is our own? (threat row 19: never deserialise what somebody else wrote)

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use synapse_domain::digest::Digest;
use synapse_domain::limits::STANDARD;
use synapse_sandbox::cache::{Cache, CacheError};
use synapse_sandbox::engine::Engine;

use crate::guests::{LOOPS, SEVEN, plain};
use crate::host::Sandbox;

impl Sandbox {
    /// The one artefact in the cache.
    fn artefact(&self) -> PathBuf {
        let mut files = fs::read_dir(self.folder.path().join("artefacts")).unwrap();
        files.next().expect("an artefact").unwrap().path()
    }

    /// The cache as the next start of the server finds it.
    fn reopened(&self) -> Cache {
        Cache::open(self.folder.path()).unwrap()
    }

    /// Loads through a fresh `Components`, as after a restart, and runs.
    async fn after_restart(&self, component: &[u8]) -> u64 {
        let components = Self::components(self.folder.path());
        let prepared = components.load(component, &STANDARD).await.unwrap();
        self.start(&prepared, &STANDARD.run, synapse_sandbox::state::FuelMode::FromStart)
            .await
            .result
            .unwrap()
    }
}

#[tokio::test]
async fn an_artefact_is_found_again_after_a_restart() {
    let sandbox = Sandbox::new();
    let component = plain(SEVEN);
    let prepared = sandbox.prepare(&component).await;
    assert!(sandbox.components.get(&prepared.digest).is_some());
    let engine = Engine::shared().unwrap();
    assert!(sandbox.reopened().load(&engine, &prepared.digest).is_some());
    assert_eq!(sandbox.after_restart(&component).await, 7);
}

#[tokio::test]
async fn a_tampered_artefact_is_compiled_again_and_never_loaded() {
    let sandbox = Sandbox::new();
    let component = plain(SEVEN);
    let digest = sandbox.prepare(&component).await.digest;
    let engine = Engine::shared().unwrap();
    let path = sandbox.artefact();
    let good = fs::read(&path).unwrap();
    let is_loaded = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        sandbox.reopened().load(&engine, &digest).is_some()
    };
    assert!(is_loaded(&good));
    // One bit in the MAC, at the start, in the middle and at the end of the code.
    for at in [0, 31, 32, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(!is_loaded(&bad), "loaded with byte {at} changed");
    }
    for length in [0, 31, 32, 33, good.len() / 2, good.len() - 1] {
        assert!(!is_loaded(&good[..length]), "loaded after truncation to {length} bytes");
    }
    assert!(!is_loaded(&[good.as_slice(), b"x"].concat()));
    assert_eq!(sandbox.after_restart(&component).await, 7);
    assert_eq!(
        fs::read(&path).unwrap().len(),
        good.len(),
        "a good artefact is in its place again"
    );
}

#[tokio::test]
async fn an_artefact_of_another_component_or_another_key_is_not_loaded() {
    let sandbox = Sandbox::new();
    let engine = Engine::shared().unwrap();
    let digest = sandbox.prepare(&plain(SEVEN)).await.digest;
    let path = sandbox.artefact();

    // An attacker who can write into the folder puts one component's code in another's place.
    let other = Digest::of(&plain(LOOPS));
    let name = path
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .replace(&digest.to_string(), &other.to_string());
    fs::copy(&path, path.with_file_name(name)).unwrap();
    assert!(sandbox.reopened().load(&engine, &other).is_none());

    // Code from another installation, whose key differs.
    let foreign = Sandbox::new();
    assert_eq!(foreign.prepare(&plain(SEVEN)).await.digest, digest);
    fs::copy(foreign.artefact(), &path).unwrap();
    assert!(sandbox.reopened().load(&engine, &digest).is_none());
}

#[test]
fn the_key_is_private_and_checked_to_be() {
    let folder = tempfile::tempdir().unwrap();
    Cache::open(folder.path()).unwrap();
    let key = folder.path().join("artefacts.key");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&key), mode(&folder.path().join("artefacts"))), (0o600, 0o700));

    let bytes = fs::read(&key).unwrap();
    assert_eq!(bytes.len(), 32);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(Cache::open(folder.path()), Err(CacheError::KeyExposed { .. })));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&key, &bytes[..31]).unwrap();
    assert!(matches!(Cache::open(folder.path()), Err(CacheError::KeyDamaged { .. })));
}

#[tokio::test]
async fn the_folder_does_not_grow_without_end() {
    let sandbox = Sandbox::new();
    let digest = sandbox.prepare(&plain(SEVEN)).await.digest;
    let engine = Engine::shared().unwrap();
    let artefact = engine.wasmtime().precompile_component(&plain(SEVEN)).unwrap();
    let cache = sandbox.reopened();
    for n in 0..300_u32 {
        assert!(cache.keep(&engine, &Digest::of(&n.to_be_bytes()), &artefact).is_some());
    }
    let files = fs::read_dir(sandbox.folder.path().join("artefacts")).unwrap().count();
    assert_eq!(files, 256);
    assert!(cache.load(&engine, &digest).is_none(), "the oldest went first");
    assert!(cache.load(&engine, &Digest::of(&299_u32.to_be_bytes())).is_some());
}
