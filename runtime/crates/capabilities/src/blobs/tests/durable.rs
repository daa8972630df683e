//! Are file and row there before anybody is told, and is nothing there that nobody was told of?

use std::os::unix::fs::PermissionsExt as _;

use synapse_store::StoreError;
use synapse_store::traits::Blobs as _;

use super::*;

#[tokio::test]
async fn equal_bytes_of_a_tenant_are_one_file_under_any_name() {
    let node = Node::start().await;
    let (first, second) = (node.run("acme", 1).await, node.run("acme", 2).await);
    keep(&node.spool(&first), "a", b"equal").await.unwrap();
    let kept = keep(&node.spool(&second), "b", b"equal").await.unwrap();
    assert_eq!(kept.name, "b");
    keep(&node.spool(&node.run("umbrella", 3).await), "a", b"equal")
        .await
        .unwrap();
    assert_eq!(node.files(), [place("acme", b"equal"), place("umbrella", b"equal")]);
    assert_eq!(node.store.held_bytes(&first.tenant, None).await.unwrap(), 5);
}

#[tokio::test]
async fn a_writer_that_is_dropped_leaves_nothing() {
    let node = Node::start().await;
    let spool = node.spool(&node.run("acme", 1).await);
    let mut writer = spool.begin(100).await.unwrap();
    writer.write(b"half a ma").await.unwrap();
    assert_eq!(node.files().len(), 1, "it is written to disk");
    drop(writer);
    assert_eq!(node.files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn an_attempt_that_lost_its_run_keeps_nothing_and_knows_it() {
    let node = Node::start().await;
    let lease = node.run("acme", 1).await;
    let spool = node.spool(&lease);
    let mut writer = spool.begin(100).await.unwrap();
    writer.write(b"late").await.unwrap();
    node.end(&lease).await;
    assert!(matches!(writer.keep("late", "").await, Err(Error::Other(_))));
    assert!(matches!(spool.lost(), Some(StoreError::Fenced)));
    assert_eq!(node.files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_guest_that_is_stopped_meanwhile_leaves_a_file_only_with_its_row() {
    let node = Node::start().await;
    let lease = node.run("acme", 1).await;
    let mut writer = node.spool(&lease).begin(100).await.unwrap();
    writer.write(b"mail").await.unwrap();
    // Polled once, then dropped, as the engine does with a guest's future.
    let mut keeping = Box::pin(writer.keep("mail", ""));
    assert!(futures::poll!(keeping.as_mut()).is_pending());
    drop(keeping);
    // What was begun is done without it.
    while !node.store.known(&lease.tenant, &[Digest::of(b"mail")]).await.unwrap()[0] {
        tokio::task::yield_now().await;
    }
    assert_eq!(node.files(), [place("acme", b"mail")]);
}

#[tokio::test]
async fn nobody_else_on_the_machine_can_read_the_files() {
    let node = Node::start().await;
    keep(&node.spool(&node.run("acme", 1).await), "mail", b"mail")
        .await
        .unwrap();
    let root = node.folder.path().join("blobs");
    let file = root.join(place("acme", b"mail"));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    for folder in file.ancestors().skip(1).take(3) {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
}
