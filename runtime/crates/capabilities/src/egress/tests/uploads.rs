//! Do files leave byte for byte, in forms whose structure no name can change, and never half a file as if it were whole (cases D16, D18)?

use std::path::PathBuf;

use http::Method;
use http_body_util::BodyExt as _;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::server::{Server, answer};
use super::settings;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Content, Egress, Part, Request, multipart};
use crate::gate::Certainty;

/// Larger than all buffers between the two ends of a connection.
const LARGE: u64 = 64 << 20;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A file with this content.
    fn file(&self, content: &[u8]) -> PathBuf {
        let path = self.0.path().join("content");
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A file of this many zeroes that takes no room.
    fn hollow(&self, size: u64) -> PathBuf {
        let path = self.file(b"");
        resize(&path, size);
        path
    }
}

fn resize(path: &std::path::Path, size: u64) {
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(size).unwrap();
}

fn text(name: &str, text: &str) -> Part {
    Part {
        name: name.to_owned(),
        file_name: None,
        media_type: None,
        content: Content::Text(text.to_owned()),
    }
}

fn file(path: PathBuf, size: u64) -> Part {
    Part {
        name: "attachment".to_owned(),
        file_name: Some("mail.eml".to_owned()),
        media_type: Some("message/rfc822".to_owned()),
        content: Content::File { path, size },
    }
}

fn post(parts: Vec<Part>) -> Request {
    Request::new(Method::POST, ["x"]).multipart(parts)
}

/// The parts of a form as a reader sees them: head and content.
fn read(request: &str) -> Vec<(String, String)> {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let (_, boundary) = head.split_once("multipart/form-data; boundary=").unwrap();
    let boundary = boundary.lines().next().unwrap();
    let body = body.strip_prefix(&format!("--{boundary}\r\n")).unwrap();
    let body = body.strip_suffix(&format!("\r\n--{boundary}--\r\n")).unwrap();
    let between = format!("\r\n--{boundary}\r\n");
    let parts = body.split(&between);
    parts
        .map(|part| {
            part.split_once("\r\n\r\n")
                .map(|(head, content)| (head.to_owned(), content.to_owned()))
        })
        .map(Option::unwrap)
        .collect()
}

#[tokio::test]
async fn d16_a_form_arrives_byte_for_byte_with_its_exact_length() {
    let content = "From: a@example.org\r\n\r\n--boundary\r\n\u{4e2d}\u{6587}\0\r\n";
    let server = Server::script([answer("201 Created", "", "{}")]).await;
    let folder = Folder::new();
    let path = folder.file(content.as_bytes());
    let request = post(vec![text("_json", "{\"a\":1}"), file(path, content.len() as u64)]);
    let egress = Egress::new(settings(&server.url())).unwrap();
    assert_eq!(egress.write(&request).await.unwrap().status, 201);
    let sent = server.requests().remove(0);
    let (head, body) = sent.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains(&format!("\r\ncontent-length: {}", body.len())) && !head.contains("transfer-encoding"),
        "{head}"
    );
    assert_eq!(body.len(), request.body_bytes());
    let expected = [
        ("content-disposition: form-data; name=\"_json\"", "{\"a\":1}"),
        (
            "content-disposition: form-data; name=\"attachment\"; filename=\"mail.eml\"\r\ncontent-type: message/rfc822",
            content,
        ),
    ];
    let expected = expected.map(|(head, content)| (head.to_owned(), content.to_owned()));
    assert_eq!(read(&sent), expected);
}

#[tokio::test]
async fn an_empty_file_and_an_envelope_have_their_exact_length_too() {
    let server = Server::script([answer("201 Created", "", "{}"), answer("200 OK", "", "<a/>")]).await;
    let folder = Folder::new();
    let egress = Egress::new(settings(&server.url())).unwrap();
    egress.write(&post(vec![file(folder.file(b""), 0)])).await.unwrap();
    let request = Request::new(Method::POST, ["x"]).xml(b"<x/>".to_vec());
    egress.write(&request).await.unwrap();
    let [form, envelope] = server.requests().try_into().unwrap();
    assert_eq!(read(&form)[0].1, "");
    assert!(envelope.contains("content-type: text/xml; charset=utf-8\r\n") && envelope.contains("content-length: 4"));
    assert!(envelope.ends_with("\r\n\r\n<x/>"));
}

#[tokio::test]
async fn d16_a_name_that_would_need_quoting_is_refused_before_anything_is_sent() {
    let server = Server::script([]).await;
    let egress = Egress::new(settings(&server.url())).unwrap();
    let long = "x".repeat(256);
    for bad in [
        "a\"b", "a\r\nb", "a\nb", "a\0b", "a\tb", "a\\", "\u{4e2d}", "\u{e9}", &long,
    ] {
        let mut name = text(bad, "");
        let mut file_name = text("x", "");
        file_name.file_name = Some(bad.to_owned());
        let mut media_type = text("x", "");
        media_type.media_type = Some(bad.to_owned());
        for part in [&mut name, &mut file_name, &mut media_type] {
            let failure = egress.write(&post(vec![part.clone()])).await.unwrap_err();
            assert_eq!(failure.certainty, Certainty::NotSent);
            assert!(matches!(failure.error, Error::Invalid(_)), "{bad:?}: {failure:?}");
        }
    }
    let many = post(vec![text("x", ""); 65]);
    assert!(matches!(
        egress.write(&many).await.unwrap_err().error,
        Error::Invalid(_)
    ));
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_file_that_is_missing_or_has_another_size_is_not_sent() {
    let server = Server::script([]).await;
    let egress = Egress::new(settings(&server.url())).unwrap();
    let folder = Folder::new();
    let path = folder.file(b"four");
    let gone = folder.0.path().join("gone");
    let cases = [(path.clone(), 3), (path, 5), (gone, 4), (folder.0.path().to_owned(), 4)];
    for (path, size) in cases {
        let failure = egress.write(&post(vec![file(path.clone(), size)])).await.unwrap_err();
        assert_eq!(failure.certainty, Certainty::NotSent, "{failure:?}");
        assert!(
            matches!(&failure.error, Error::Other(other) if other.code == "unreadable-content"),
            "{failure:?}"
        );
        assert!(
            !format!("{failure:?}").contains(&path.display().to_string()),
            "{failure:?}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_file_that_changes_its_size_while_it_is_sent_leaves_the_outcome_unknown_and_the_form_unfinished() {
    for size in [LARGE / 2, LARGE * 2] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let egress = Egress::new(settings(&format!("http://{}", listener.local_addr().unwrap()))).unwrap();
        let folder = Folder::new();
        let path = folder.hollow(LARGE);
        let request = post(vec![file(path.clone(), LARGE)]);
        let target = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut received = vec![0; 1 << 10];
            stream.read_exact(&mut received).await.unwrap();
            resize(&path, size);
            stream.read_to_end(&mut received).await.unwrap();
            received.ends_with(b"--\r\n")
        };
        let (result, is_whole) = tokio::join!(egress.write(&request), target);
        let failure = result.unwrap_err();
        assert_eq!(failure.certainty, Certainty::Unknown, "{failure:?}");
        // Which is told first, that the file changed or that the connection is gone, is open.
        assert!(matches!(failure.error, Error::Unavailable(_)), "{failure:?}");
        assert!(!is_whole, "the target could take the form for complete");
    }
}

#[tokio::test]
async fn d18_an_answer_in_the_middle_of_an_upload_is_an_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let egress = Egress::new(settings(&format!("http://{}", listener.local_addr().unwrap()))).unwrap();
    let folder = Folder::new();
    let request = post(vec![file(folder.hollow(LARGE), LARGE)]);
    let target = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_exact(&mut [0; 1 << 10]).await.unwrap();
        let refusal = b"HTTP/1.1 413 Payload Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        stream.write_all(refusal).await.unwrap();
        stream
    };
    let (result, _stream) = tokio::join!(egress.write(&request), target);
    assert_eq!(result.unwrap().status, 413);
}

#[tokio::test]
async fn a_large_file_is_never_in_memory_as_a_whole() {
    let folder = Folder::new();
    let parts = [file(folder.hollow(LARGE), LARGE)];
    let (_, mut body) = multipart::open(&parts).await.unwrap();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let bytes = frame.unwrap().into_data().unwrap();
        assert!(bytes.len() <= 64 << 10);
        length += bytes.len() as u64;
    }
    assert_eq!(length, multipart::length(&parts));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_length_that_is_announced_is_the_length_that_is_sent(
        texts in prop::collection::vec(("[ -~&&[^\"\\\\]]{0,20}", prop::option::of("[a-z/]{0,9}"), ".{0,40}"), 0..6),
    ) {
        let parts: Vec<_> = texts
            .iter()
            .map(|(name, extra, content)| Part {
                name: name.clone(),
                file_name: extra.clone(),
                media_type: extra.clone(),
                content: Content::Text(content.clone()),
            })
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let body = runtime.block_on(async { multipart::open(&parts).await.unwrap().1.collect().await.unwrap() });
        prop_assert_eq!(body.to_bytes().len() as u64, multipart::length(&parts));
    }
}
