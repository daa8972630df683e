//! Do the faults, logs and holds do what the control API promises? On the laboratory target, where every request counts.

mod support;

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use support::{Peer, any};
use synapse_sim::{start, tls::PkiOptions, tls::TlsSetup};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn lab() -> Peer {
    Peer::new(start::lab(any()).await.unwrap(), None)
}

impl Peer {
    async fn append(&self, text: &str) -> (u16, Value) {
        self.call("POST", "/entries", json!({"text": text, "marker": format!("m-{text}")}))
            .await
    }

    async fn texts(&self) -> Vec<String> {
        let entries = self.call("GET", "/entries", Value::Null).await.1;
        entries
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["text"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Sends one append over a raw connection and answers the bytes received and how the connection ended.
    async fn raw_append(&self, text: &str) -> (Vec<u8>, Option<std::io::ErrorKind>) {
        let mut stream = TcpStream::connect(self.sim.server.addr()).await.unwrap();
        let body = json!({"text": text}).to_string();
        let head = format!(
            "POST /entries HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let (mut received, mut buffer) = (Vec::new(), [0; 256]);
        loop {
            match stream.read(&mut buffer).await {
                Ok(0) => return (received, None),
                Ok(read) => received.extend_from_slice(&buffer[..read]),
                Err(error) => return (received, Some(error.kind())),
            }
        }
    }
}

#[tokio::test]
async fn a_status_alone_is_answered_without_performing() {
    let lab = lab().await;
    lab.fault(json!({"match": {"method": "POST"}, "action": {"status": 503, "headers": {"retry-after": "7"}}}))
        .await;
    let response = lab.send("POST", "/entries", &json!({"text": "a"})).await.unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            response.headers()["retry-after"].to_str().unwrap()
        ),
        (503, "7")
    );
    assert!(lab.texts().await.is_empty() && lab.effects().await.is_empty());
    assert_eq!(lab.append("b").await.0, 201, "the count of one is used up");
    assert_eq!(lab.fired().await, [1]);
}

#[tokio::test]
async fn lie_did_it_performs_and_then_answers_the_status() {
    let lab = lab().await;
    lab.fault(json!({"match": {"path": "/entries"}, "action": {"lie": "did_it", "status": 500}}))
        .await;
    assert_eq!(lab.append("a").await.0, 500);
    assert_eq!(lab.texts().await, ["a"]);
    assert_eq!(lab.effects().await.len(), 1);
}

#[tokio::test]
async fn lie_did_nothing_answers_success_without_performing() {
    let lab = lab().await;
    lab.fault(json!({"action": {"lie": "did_nothing", "body": {"id": 99}}}))
        .await;
    assert_eq!(lab.append("a").await, (201, json!({"id": 99})));
    assert!(lab.texts().await.is_empty() && lab.effects().await.is_empty());
}

#[tokio::test]
async fn drop_response_performs_and_closes_without_a_byte() {
    let lab = lab().await;
    lab.fault(json!({"action": {"drop_response": true}, "count": 2})).await;
    assert_eq!(
        lab.raw_append("a").await,
        (vec![], None),
        "an orderly close, nothing before it"
    );
    assert!(lab.send("POST", "/entries", &json!({"text": "b"})).await.is_err());
    assert_eq!(lab.texts().await, ["a", "b"]);
    let requests = lab.sim.control.requests(0);
    assert_eq!(
        requests.iter().map(|request| request.status).collect::<Vec<_>>(),
        [None, None, Some(200)]
    );
}

#[tokio::test]
async fn drop_response_of_a_lie_performs_nothing() {
    let lab = lab().await;
    lab.fault(json!({"action": {"drop_response": true, "lie": "did_nothing"}}))
        .await;
    assert_eq!(lab.raw_append("a").await, (vec![], None));
    assert!(lab.texts().await.is_empty());
}

#[tokio::test]
async fn reset_after_bytes_performs_and_resets_after_exactly_that_many() {
    let lab = lab().await;
    for bytes in [0, 1, 20] {
        lab.fault(json!({"action": {"reset_after_bytes": bytes}})).await;
        let (received, end) = lab.raw_append(&bytes.to_string()).await;
        assert_eq!(
            end,
            Some(std::io::ErrorKind::ConnectionReset),
            "after {bytes}: {received:?}"
        );
        assert!(
            received.len() <= bytes && b"HTTP/1.1 201 Created".starts_with(&received),
            "{received:?}"
        );
    }
    assert_eq!(lab.texts().await, ["0", "1", "20"]);
}

#[tokio::test]
async fn delay_performs_first_and_answers_later() {
    let lab = lab().await;
    lab.fault(json!({"action": {"delay_ms": 80}})).await;
    let started = Instant::now();
    assert_eq!(lab.append("a").await.0, 201);
    assert!(started.elapsed() >= Duration::from_millis(80));
    assert_eq!(lab.texts().await, ["a"]);
}

#[tokio::test]
async fn a_held_request_is_performed_and_answers_after_the_release() {
    let lab = Arc::new(lab().await);
    lab.fault(json!({"match": {"method": "POST"}, "action": {"hold": "gate"}, "count": -1}))
        .await;
    let (_, nobody) = lab.call("GET", "/_sim/held?name=gate", Value::Null).await;
    assert_eq!(nobody["held"], 0);
    let one = tokio::spawn({
        let lab = Arc::clone(&lab);
        async move { lab.append("a").await }
    });
    let (_, held) = lab.call("GET", "/_sim/held?name=gate&wait_ms=10000", Value::Null).await;
    assert_eq!(held["held"], 1);
    assert_eq!(lab.texts().await, ["a"], "performed although not answered");
    assert!(!one.is_finished());
    assert_eq!(lab.call("POST", "/_sim/release", json!({"name": "gate"})).await.0, 204);
    assert_eq!(one.await.unwrap().0, 201);
    assert_eq!(lab.append("b").await.0, 201, "a released gate stays open");
    assert_eq!(lab.sim.control.in_flight_max(), 2, "the held one and the list");
}

#[tokio::test]
async fn a_client_that_leaves_a_hold_does_not_undo_the_effect_and_is_no_longer_held() {
    let lab = Arc::new(lab().await);
    lab.fault(json!({"action": {"hold": "gate"}})).await;
    let one = tokio::spawn({
        let lab = Arc::clone(&lab);
        async move { lab.append("a").await }
    });
    assert_eq!(
        lab.call("GET", "/_sim/held?name=gate&wait_ms=10000", Value::Null)
            .await
            .1["held"],
        1
    );
    one.abort();
    assert!(one.await.unwrap_err().is_cancelled());
    assert_eq!(lab.texts().await, ["a"]);
    // The server notices the closed connection at its own pace.
    let deadline = Instant::now() + Duration::from_secs(10);
    while lab.call("GET", "/_sim/held?name=gate", Value::Null).await.1["held"] != 0 {
        assert!(Instant::now() < deadline, "the request is still counted as held");
    }
}

#[tokio::test]
async fn body_and_raw_body_replace_the_answer() {
    let lab = lab().await;
    lab.fault(json!([
        {"match": {"method": "GET"}, "action": {"body": [{"id": 1}]}},
        {"match": {"method": "GET"}, "action": {"raw_body": "<html>", "headers": {"content-type": "text/html"}}},
    ]))
    .await;
    assert_eq!(
        lab.call("GET", "/entries", Value::Null).await,
        (200, json!([{"id": 1}]))
    );
    let response = lab.send("GET", "/entries", &Value::Null).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/html");
    assert_eq!(response.text().await.unwrap(), "<html>");
}

#[tokio::test]
async fn faults_match_by_body_and_skip_and_the_first_wins() {
    let lab = lab().await;
    lab.fault(json!([
        {"match": {"body": "m-x", "skip": 1}, "action": {"status": 429}, "count": 1},
        {"match": {"path": "/ent*"}, "action": {"status": 502}, "count": -1},
    ]))
    .await;
    let statuses = [
        lab.append("x").await.0,
        lab.append("x").await.0,
        lab.append("x").await.0,
        lab.append("y").await.0,
    ];
    assert_eq!(statuses, [502, 429, 502, 502]);
    assert_eq!(lab.fired().await, [1, 3]);
    assert_eq!(lab.call("DELETE", "/_sim/faults", Value::Null).await.0, 204);
    assert_eq!(lab.append("z").await.0, 201);
}

#[tokio::test]
async fn a_mistyped_fault_is_refused_with_its_reason() {
    let lab = lab().await;
    for (fault, reason) in [
        (json!({"action": {"stauts": 500}}), "stauts"),
        (json!({"action": {}}), "empty"),
        (json!({"action": {"status": 500}, "count": 0}), "count"),
        (json!({"action": {"lie": "did_nothing", "status": 500}}), "2xx"),
    ] {
        let (status, answer) = lab.call("POST", "/_sim/faults", fault).await;
        assert!(
            status == 400 && answer["error"].as_str().unwrap().contains(reason),
            "{answer}"
        );
    }
    assert_eq!(lab.append("a").await.0, 201);
}

#[tokio::test]
async fn effects_are_in_order_with_marker_and_id_and_reset_forgets_everything() {
    let lab = lab().await;
    for text in ["a", "b", "c"] {
        lab.append(text).await;
    }
    let effects = lab.effects().await;
    let seen: Vec<_> = effects
        .iter()
        .map(|one| (&one["seq"], &one["marker"], &one["id"], &one["path"]))
        .collect();
    assert_eq!(seen[2], (&json!(3), &json!("m-c"), &json!("3"), &json!("/entries")));
    let (_, later) = lab.call("GET", "/_sim/effects?since=2", Value::Null).await;
    assert_eq!(later.as_array().unwrap().len(), 1);
    let (_, by_marker) = lab.call("GET", "/entries?marker=m-b", Value::Null).await;
    assert_eq!(by_marker[0]["text"], "b");

    lab.fault(json!({"action": {"status": 500}})).await;
    assert_eq!(lab.call("POST", "/_sim/reset", Value::Null).await.0, 204);
    assert!(lab.effects().await.is_empty() && lab.fired().await.is_empty() && lab.texts().await.is_empty());
}

#[tokio::test]
async fn the_request_log_names_headers_but_keeps_no_secret() {
    let lab = lab().await;
    let request = lab
        .request("GET", "/entries?marker=x")
        .header("authorization", "Bearer canary-secret");
    request
        .header("x-organisation", "soc")
        .header("version", "20.0")
        .send()
        .await
        .unwrap();
    let (_, log) = lab.call("GET", "/_sim/requests", Value::Null).await;
    assert!(!log.to_string().contains("canary-secret"));
    let request = &log["requests"][0];
    assert!(request["headers"].as_array().unwrap().contains(&json!("authorization")));
    assert_eq!(
        (&request["organisation"], &request["version"]),
        (&json!("soc"), &json!("20.0"))
    );
    assert_eq!(
        (&request["path"], &request["status"]),
        (&json!("/entries?marker=x"), &json!(200))
    );
}

#[tokio::test]
async fn the_console_sends_only_a_leaf_without_authority_key_id_and_needs_the_chain() {
    let setup = TlsSetup::generate(&PkiOptions::default()).unwrap();
    let sim = start::qradar(any(), Some(setup.clone()), None).await.unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let with = |pem: &str| {
        let roots = reqwest::Certificate::from_pem_bundle(pem.as_bytes()).unwrap();
        reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only(roots)
            .build()
            .unwrap()
    };
    let url = format!("{}/_sim", sim.url());
    assert!(url.starts_with("https://127.0.0.1:"));
    assert!(
        with(setup.root_pem()).get(&url).send().await.is_err(),
        "the root alone cannot bridge the missing intermediate"
    );
    assert!(
        with(setup.chain_pem())
            .get(&url)
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );

    let mut roots = rustls::RootCertStore::empty();
    for pem in reqwest_der(setup.chain_pem()) {
        roots.add(pem).unwrap();
    }
    let config = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(sim.server.addr()).await.unwrap();
    let name = rustls_pki_types::ServerName::try_from("console.sim.test").unwrap();
    let stream = tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    let sent = stream.get_ref().1.peer_certificates().unwrap();
    assert_eq!(sent.len(), 1, "only the leaf");
    // 2.5.29.35, the object identifier of the Authority Key Identifier.
    assert!(!sent[0].windows(3).any(|window| window == [0x55, 0x1d, 0x23]));
}

fn reqwest_der(pem: &str) -> Vec<rustls_pki_types::CertificateDer<'static>> {
    use rustls_pki_types::pem::PemObject;
    rustls_pki_types::CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .unwrap()
}

#[tokio::test]
async fn a_reset_under_tls_counts_bytes_of_the_answer_not_of_tls() {
    let setup = TlsSetup::generate(&PkiOptions::default()).unwrap();
    let sim = start::qradar(any(), Some(setup.clone()), None).await.unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut roots = rustls::RootCertStore::empty();
    for der in reqwest_der(setup.chain_pem()) {
        roots.add(der).unwrap();
    }
    let config = Arc::new(
        rustls::ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth(),
    );
    sim.control
        .faults()
        .add(serde_json::from_value(json!({"action": {"reset_after_bytes": 9}})).unwrap())
        .unwrap();
    let stream = TcpStream::connect(sim.server.addr()).await.unwrap();
    let name = rustls_pki_types::ServerName::try_from("127.0.0.1").unwrap();
    let mut stream = tokio_rustls::TlsConnector::from(config)
        .connect(name, stream)
        .await
        .unwrap();
    stream
        .write_all(b"GET /api/help/versions HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut received = Vec::new();
    let end = stream.read_to_end(&mut received).await;
    assert_eq!(
        (end.unwrap_err().kind(), received.as_slice()),
        (std::io::ErrorKind::ConnectionReset, &b"HTTP/1.1 "[..])
    );
}

#[test]
fn the_binary_prints_its_urls_and_ends_when_standard_input_closes() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_synapse-sim"))
        .args([
            "--thehive",
            "127.0.0.1:0",
            "--qradar",
            "127.0.0.1:0",
            "--lab",
            "127.0.0.1:0",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let urls: Value = serde_json::from_str(&line).unwrap();
    for name in ["thehive", "qradar", "lab"] {
        let url = urls[name].as_str().unwrap();
        let addr = url.strip_prefix("http://").unwrap();
        std::net::TcpStream::connect(addr).unwrap();
    }
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}
