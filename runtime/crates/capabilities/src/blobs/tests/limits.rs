//! Is more than allowed refused by name, and is nothing left of it?

use tokio::fs::OpenOptions;

use super::*;
use crate::blobs::Writer;

fn full() -> Error {
    Error::Quota("spool-bytes".into())
}

const SMALL: Quotas = Quotas {
    tenant_bytes: 100,
    blob_bytes: 80,
};

#[tokio::test]
async fn a_blob_over_its_limit_is_refused_with_the_smaller_limit() {
    let node = Node::with(SMALL).await;
    let spool = node.spool(&node.run("acme", 1).await);
    for (asked, limit) in [(10, 10), (u64::MAX, 80)] {
        let mut writer = spool.begin(asked).await.unwrap();
        writer.write(&vec![1; usize::try_from(limit).unwrap()]).await.unwrap();
        assert_eq!(writer.write(b"x").await, Err(Error::TooLarge(limit)));
        assert_eq!(
            writer.write(b"").await,
            Err(Error::TooLarge(limit)),
            "bytes are missing"
        );
        assert_eq!(writer.keep("cut", "").await, Err(Error::TooLarge(limit)));
    }
    assert_eq!(node.files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_full_spool_refuses_by_name_leaves_nothing_and_has_room_again_after_the_run() {
    let node = Node::with(SMALL).await;
    let (first, second) = (node.run("acme", 1).await, node.run("acme", 2).await);
    keep(&node.spool(&first), "one", &[1; 60]).await.unwrap();
    let before = node.files();
    let spool = node.spool(&second);
    assert_eq!(keep(&spool, "two", &[2; 41]).await, Err(full()));
    assert_eq!(
        spool.lost().map(|error| error.to_string()),
        None,
        "a quota is an answer"
    );
    assert_eq!(node.files(), before);
    // Another tenant has its own.
    keep(&node.spool(&node.run("umbrella", 3).await), "two", &[2; 41])
        .await
        .unwrap();
    node.end(&first).await;
    node.vault.sweep(&*node.store).await.unwrap();
    keep(&spool, "two", &[2; 41]).await.unwrap();
}

#[tokio::test]
async fn blobs_that_are_written_at_once_share_the_room() {
    let node = Node::with(SMALL).await;
    let spool = node.spool(&node.run("acme", 1).await);
    let (mut one, mut two) = (spool.begin(80).await.unwrap(), spool.begin(80).await.unwrap());
    one.write(&[1; 60]).await.unwrap();
    assert_eq!(two.write(&[2; 41]).await, Err(full()));
    drop(one);
    let mut three = spool.begin(80).await.unwrap();
    three.write(&[3; 60]).await.unwrap();
    drop((two, three));
    assert_eq!(node.files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn the_ledger_decides_when_others_were_quicker() {
    let node = Node::with(SMALL).await;
    let (first, second) = (node.run("acme", 1).await, node.run("acme", 2).await);
    let spool = node.spool(&second);
    let mut late = spool.begin(80).await.unwrap();
    keep(&node.spool(&first), "quick", &[1; 60]).await.unwrap();
    late.write(&[2; 60]).await.unwrap();
    assert_eq!(late.keep("late", "").await, Err(full()));
    assert_eq!(node.files(), [place("acme", &[1; 60])]);
    assert!(!spool.is_used());
}

#[tokio::test]
async fn a_run_that_repeats_its_own_bytes_is_not_refused_by_a_full_spool() {
    let node = Node::with(SMALL).await;
    let lease = node.run("acme", 1).await;
    keep(&node.spool(&lease), "one", &[1; 80]).await.unwrap();
    keep(&node.spool(&lease), "two", &[2; 20]).await.unwrap();
    let again = node.spool(&lease);
    keep(&again, "one", &[1; 80]).await.unwrap();
    assert_eq!(keep(&again, "three", &[3; 20]).await, Err(full()));
    assert_eq!(node.files().len(), 2);
}

/// `/dev/full` answers as a full disk does.
#[tokio::test]
async fn a_full_disk_is_refused_by_name_and_leaves_nothing() {
    let node = Node::start().await;
    let spool = node.spool(&node.run("acme", 1).await);
    let (temporary, _) = node.vault.temporary(&"acme".parse().unwrap()).unwrap();
    let disk = OpenOptions::new().write(true).open("/dev/full").await.unwrap();
    let mut writer = Writer::new(spool.clone(), temporary, disk, 1_000, 1_000);
    // Tokio's file writes behind: the error comes with this write, the next one or the end.
    let written = writer.write(&[1; 100]).await;
    assert_eq!(written.and(writer.keep("full", "").await.map(drop)), Err(full()));
    assert_eq!(node.files(), Vec::<PathBuf>::new());
    assert!(!spool.is_used());
}
