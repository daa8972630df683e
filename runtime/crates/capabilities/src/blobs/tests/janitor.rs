//! Is what nobody needs deleted, and nothing else, whatever happens at the same time?

use async_trait::async_trait;
use synapse_store::StoreError;
use tokio::sync::Notify;

use super::*;
use crate::blobs::ledger::Ledger;

#[tokio::test]
async fn files_are_gone_when_the_last_run_that_needs_them_is_over() {
    let node = Node::start().await;
    let (first, second) = (node.run("acme", 1).await, node.run("acme", 2).await);
    keep(&node.spool(&first), "a", b"both").await.unwrap();
    keep(&node.spool(&first), "a", b"first").await.unwrap();
    keep(&node.spool(&second), "a", b"both").await.unwrap();
    assert_eq!(node.vault.sweep(&*node.store).await.unwrap(), 0);
    node.end(&first).await;
    assert_eq!(node.vault.sweep(&*node.store).await.unwrap(), 1);
    assert_eq!(node.files(), [place("acme", b"both")]);
    node.end(&second).await;
    assert_eq!(node.vault.sweep(&*node.store).await.unwrap(), 1);
    assert_eq!(node.files(), Vec::<PathBuf>::new());
    assert_eq!(node.vault.sweep(&*node.store).await.unwrap(), 0);
}

/// Stops between a blob's file and its row until it is told to go on.
struct Slow {
    ledger: StoreLedger,
    reached: Arc<Notify>,
    go_on: Arc<Notify>,
}

#[async_trait]
impl Ledger for Slow {
    async fn hold(&self, digest: Digest, size: u64) -> Result<(), StoreError> {
        self.reached.notify_one();
        self.go_on.notified().await;
        self.ledger.hold(digest, size).await
    }

    async fn known(&self, digest: Digest) -> Result<bool, StoreError> {
        self.ledger.known(digest).await
    }

    async fn room(&self, repeat: bool) -> Result<u64, StoreError> {
        self.ledger.room(repeat).await
    }
}

/// The file is in place, its row says that nobody needs it, or there is none: the very moment in which a janitor would delete it.
async fn held_just_now(swept_as: fn(&Node) -> tokio::task::JoinHandle<usize>, known_before: bool) {
    let node = Node::start().await;
    if known_before {
        let first = node.run("acme", 1).await;
        keep(&node.spool(&first), "a", b"mail").await.unwrap();
        node.end(&first).await;
    }
    let lease = node.run("acme", 2).await;
    let (reached, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let ledger = Slow {
        ledger: node.ledger(&lease),
        reached: Arc::clone(&reached),
        go_on: Arc::clone(&go_on),
    };
    let spool = Spool::new(Arc::clone(&node.vault), lease.tenant.clone(), ledger);
    let keeping = {
        let spool = spool.clone();
        tokio::spawn(async move { keep(&spool, "a", b"mail").await.unwrap() })
    };
    reached.notified().await;
    assert_eq!(node.files(), [place("acme", b"mail")], "the file is in place");
    assert!(
        futures::FutureExt::now_or_never(node.vault.deleting()).is_none(),
        "nobody can delete now"
    );
    let sweeping = swept_as(&node);
    go_on.notify_one();
    let kept = keeping.await.unwrap();
    assert_eq!(sweeping.await.unwrap(), 0);
    assert_eq!(whole(&spool, &kept).await, b"mail");
}

#[tokio::test]
async fn a_blob_that_is_being_held_just_now_is_never_deleted_as_unneeded() {
    held_just_now(
        |node| {
            let (vault, store) = (Arc::clone(&node.vault), Arc::clone(&node.store));
            tokio::spawn(async move { vault.sweep(&*store).await.unwrap() })
        },
        true,
    )
    .await;
}

#[tokio::test]
async fn a_blob_that_is_being_held_just_now_is_never_deleted_as_a_stray() {
    held_just_now(
        |node| {
            let (vault, store) = (Arc::clone(&node.vault), Arc::clone(&node.store));
            tokio::spawn(async move { vault.clear_strays(&*store).await.unwrap() })
        },
        false,
    )
    .await;
}

#[tokio::test]
async fn a_start_removes_what_a_crash_left_and_nothing_that_is_not_ours() {
    let node = Node::start().await;
    let lease = node.run("tmp", 1).await;
    keep(&node.spool(&lease), "a", b"needed").await.unwrap();
    let root = node.folder.path().join("blobs");
    let put = |path: &Path, bytes: &[u8]| {
        std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        std::fs::write(root.join(path), bytes).unwrap();
    };
    // Half written; in place without a row; beside an equal one of a tenant that has a row; and what an operator put there.
    put(Path::new("tmp/17"), b"half");
    put(&place("tmp", b"stray"), b"stray");
    put(&place("acme", b"needed"), b"needed");
    put(Path::new("acme/README"), b"ours");
    put(
        &Path::new("acme")
            .join(&Digest::of(b"needed").to_string()[..2])
            .join("note"),
        b"ours",
    );
    let vault = Vault::open(&root, QUOTAS).unwrap();
    assert_eq!(vault.clear_strays(&*node.store).await.unwrap(), 2);
    let left = node.files();
    assert_eq!(left.len(), 3, "{left:?}");
    assert!(left.contains(&place("tmp", b"needed")));
    assert!(left.iter().filter(|file| file.starts_with("acme")).count() == 2);
    assert_eq!(vault.sweep(&*node.store).await.unwrap(), 0);
}

#[tokio::test]
async fn a_file_that_is_gone_already_does_not_stop_the_janitor() {
    let node = Node::start().await;
    let lease = node.run("acme", 1).await;
    for n in 0..130 {
        keep(&node.spool(&lease), "a", format!("blob {n}").as_bytes())
            .await
            .unwrap();
    }
    std::fs::remove_file(node.folder.path().join("blobs").join(place("acme", b"blob 7"))).unwrap();
    node.end(&lease).await;
    assert_eq!(node.vault.sweep(&*node.store).await.unwrap(), 130);
    assert_eq!(node.files(), Vec::<PathBuf>::new());
}
