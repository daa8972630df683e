//! Do the bytes come back, to the run that holds them and to nobody else?

use super::*;
use crate::bindings::synapse::workflow::blobs::{Encoding, Span};
use crate::blobs::Decoder;

#[tokio::test]
async fn what_is_kept_comes_back_equal_whole_and_in_ranges() {
    let node = Node::start().await;
    let spool = node.spool(&node.run("acme", 1).await);
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_be_bytes).collect();
    let kept = keep(&spool, "mail.eml", &bytes).await.unwrap();
    assert_eq!(
        kept,
        Kept {
            name: "mail.eml".into(),
            media_type: "text/plain".into(),
            size: bytes.len() as u64,
            sha256: Digest::of(&bytes).to_string(),
        }
    );
    assert_eq!(whole(&spool, &kept).await, bytes);
    for (offset, len) in [
        (0, 10),
        (1_000, 70_000),
        (399_990, 100),
        (400_000, 5),
        (u64::MAX, u32::MAX),
    ] {
        let read = spool.read(&kept, offset, len).await.unwrap();
        let from = usize::try_from(offset).unwrap().min(bytes.len());
        let to = from.saturating_add(len as usize).min(bytes.len());
        assert_eq!(read, &bytes[from..to], "{offset}+{len}");
    }
}

#[tokio::test]
async fn a_read_answers_at_most_its_limit() {
    let node = Node::with(Quotas {
        tenant_bytes: 8 << 20,
        blob_bytes: 8 << 20,
    })
    .await;
    let spool = node.spool(&node.run("acme", 1).await);
    let kept = keep(&spool, "large", &vec![7; 3 << 20]).await.unwrap();
    assert_eq!(spool.read(&kept, 5, u32::MAX).await.unwrap().len(), 1 << 20);
}

#[tokio::test]
async fn a_digest_alone_opens_nothing_for_another_run_or_tenant() {
    let node = Node::start().await;
    let kept = keep(&node.spool(&node.run("acme", 1).await), "secret", b"of acme")
        .await
        .unwrap();
    for (tenant, n) in [("acme", 2), ("umbrella", 3)] {
        let other = node.spool(&node.run(tenant, n).await);
        assert_eq!(other.path(&kept.sha256), Err(Error::NotFound));
        assert_eq!(other.open(&kept.sha256).await.map(drop), Err(Error::NotFound));
        assert_eq!(other.read(&kept, 0, 5).await, Err(Error::NotFound));
        assert!(!other.is_used());
    }
    let own = node.spool(&node.run("acme", 4).await);
    for sha256 in ["", "../../synapse.db", "x", &"0".repeat(64)] {
        assert_eq!(own.path(sha256), Err(Error::NotFound));
    }
}

#[tokio::test]
async fn what_a_journal_names_is_reached_again_by_the_next_attempt() {
    let node = Node::start().await;
    let lease = node.run("acme", 1).await;
    let kept = keep(&node.spool(&lease), "mail", b"bytes").await.unwrap();
    let next = node.spool(&lease);
    assert_eq!(next.path(&kept.sha256), Err(Error::NotFound));
    next.admit(&kept).unwrap();
    assert_eq!(whole(&next, &kept).await, b"bytes");
}

/// R7: the original wrote attachments to `/tmp` under the name that the sender chose.
#[tokio::test]
async fn r7_a_name_is_data_and_never_a_path() {
    let node = Node::start().await;
    let spool = node.spool(&node.run("acme", 1).await);
    let names = [
        "../../x",
        "/etc/passwd",
        "..",
        ".",
        "",
        "a/b\\c",
        "nul\0byte",
        "con",
        "\u{202e}fdp.exe",
        "same",
        "same",
    ];
    for (n, name) in names.iter().enumerate() {
        let bytes = format!("blob {n}");
        let kept = keep(&spool, name, bytes.as_bytes()).await.unwrap();
        assert_eq!(&kept.name, name);
        assert_eq!(whole(&spool, &kept).await, bytes.as_bytes());
    }
    let mut expected: Vec<_> = (0..names.len())
        .map(|n| place("acme", format!("blob {n}").as_bytes()))
        .collect();
    expected.sort();
    assert_eq!(node.files(), expected);
    let outside: Vec<_> = std::fs::read_dir(node.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("synapse.db"))
        .collect();
    assert_eq!(outside, ["blobs"]);
}

#[tokio::test]
async fn a_name_is_cut_to_whole_characters_and_a_missing_type_has_a_name() {
    let node = Node::start().await;
    let spool = node.spool(&node.run("acme", 1).await);
    let mut writer = spool.begin(10).await.unwrap();
    writer.write(b"x").await.unwrap();
    let kept = writer.keep(&"\u{e9}".repeat(10_000), " ").await.unwrap();
    assert_eq!(kept.name, "\u{e9}".repeat(512));
    assert_eq!(kept.media_type, "application/octet-stream");
}

#[tokio::test]
async fn a_range_is_decoded_in_chunks_into_a_blob_of_its_own() {
    use base64::Engine as _;
    let node = Node::start().await;
    let spool = node.spool(&node.run("acme", 1).await);
    let part: Vec<u8> = (0..50_000_u32).flat_map(|n| n.to_le_bytes()).collect();
    let encoded = base64::engine::general_purpose::STANDARD.encode(&part);
    let folded: Vec<u8> = encoded
        .as_bytes()
        .chunks(76)
        .flat_map(|line| [line, b"\r\n"].concat())
        .collect();
    let mail = [b"Head: er\r\n\r\n".as_slice(), &folded, b"--boundary--"].concat();
    let source = keep(&spool, "mail.eml", &mail).await.unwrap();
    let range = (12, folded.len() as u64);
    let kept = spool
        .extract(
            &source,
            range,
            Decoder::of(Encoding::Base64),
            "part.bin",
            "application/pdf",
        )
        .await
        .unwrap();
    assert_eq!((kept.size, kept.name.as_str()), (200_000, "part.bin"));
    assert_eq!(whole(&spool, &kept).await, part);
    let empty = spool
        .extract(
            &source,
            (mail.len() as u64, 0),
            Decoder::of(Encoding::Identity),
            "none",
            "",
        )
        .await
        .unwrap();
    assert_eq!(empty.size, 0);
    for (offset, len) in [(0, mail.len() as u64 + 1), (mail.len() as u64, 1), (u64::MAX, 2)] {
        let refused = spool
            .extract(&source, (offset, len), Decoder::of(Encoding::Identity), "none", "")
            .await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
}

fn spans(spans: &[(u64, u64)]) -> Vec<Span> {
    spans.iter().map(|&(offset, len)| Span { offset, len }).collect()
}

#[tokio::test]
async fn pieces_in_any_order_become_a_blob_of_their_own() {
    let node = Node::start().await;
    let spool = node.spool(&node.run("acme", 1).await);
    let bytes: Vec<u8> = (0..50_000_u32).flat_map(u32::to_be_bytes).collect();
    let source = keep(&spool, "mail.msg", &bytes).await.unwrap();
    // Larger than a chunk, next to it, backwards, empty, and a thousand small ones.
    let mut layout = vec![(70_000, 130_000), (0, 65_536), (65_536, 1), (5, 0)];
    layout.extend((0..1_000).map(|n| (199_000 - n * 64, 63)));
    let expected: Vec<u8> = layout
        .iter()
        .flat_map(|&(offset, len)| &bytes[offset as usize..(offset + len) as usize])
        .copied()
        .collect();
    let kept = spool
        .gather(&source, &spans(&layout), "part.bin", "application/pdf")
        .await;
    let kept = kept.unwrap();
    assert_eq!(
        (kept.size, kept.name.as_str(), kept.media_type.as_str()),
        (expected.len() as u64, "part.bin", "application/pdf")
    );
    assert_eq!(kept.sha256, Digest::of(&expected).to_string());
    assert_eq!(whole(&spool, &kept).await, expected);
    assert_eq!(spool.gather(&source, &[], "none", "").await.unwrap().size, 0);
}

#[tokio::test]
async fn pieces_that_are_too_many_or_outside_or_too_large_together_are_refused_and_leave_nothing() {
    let node = Node::with(Quotas {
        tenant_bytes: 8 << 20,
        blob_bytes: 100_000,
    })
    .await;
    let spool = node.spool(&node.run("acme", 1).await);
    let source = keep(&spool, "mail.msg", &[7; 60_000]).await.unwrap();
    let files = node.files();
    for layout in [
        vec![(0, 60_001)],
        vec![(0, 1), (60_000, 1)],
        vec![(u64::MAX, 2)],
        vec![(0, 0); 4_097],
    ] {
        let refused = spool.gather(&source, &spans(&layout), "x", "").await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
    let twice = spool
        .gather(&source, &spans(&[(0, 60_000), (0, 60_000)]), "x", "")
        .await;
    assert_eq!(twice, Err(Error::TooLarge(100_000)));
    assert_eq!(node.files(), files);
    assert!(spool.gather(&source, &spans(&[(0, 0); 4_096]), "x", "").await.is_ok());
}
