//! How fast do mails become cases, and what does a large attachment cost in memory?

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::process;
use super::report::Report;
use crate::demo::now_ms;
use crate::http;
use crate::stage::{self, MAILBOX, Stage, text};

/// Mails of the import.
const MAILS: u64 = 1_000;
/// Size of the large attachment, bytes.
const ATTACHMENT_BYTES: u64 = 100 << 20;
/// Mails before the first look at the server's memory: what a first run loads for good is not the attachment's.
const WARM_UP: u64 = 20;
/// Connections of the bare exchanges: as many as the workflow's connections use at once.
const WIDTH: usize = 8;
/// Bodies that each simulator keeps, bytes: the whole import.
const RECORDED_BYTES: u64 = 256 << 20;

/// Measures both.
pub fn measure(report: &mut Report, profile: &str) -> Result<()> {
    println!("importing {MAILS} mails");
    import(report, profile)?;
    println!("a mail with an attachment of {} MiB", ATTACHMENT_BYTES >> 20);
    attachment(report, profile)
}

/// A stage with the workflow, which takes what it finds at once and without a brake.
fn staged(profile: &str) -> Result<Stage> {
    let stage = Stage::start(profile)?;
    let manifest = Path::new("workflows/ews2case/workflow.toml");
    let bindings = json!({ "mailbox": "mail", "thehive": "hive" });
    let config = json!({ "settle_seconds": 0, "cases_per_hour": MAILS * 2 });
    stage.deploy("ews2case", manifest, &bindings, &config, 1)?;
    Ok(stage)
}

fn import(report: &mut Report, profile: &str) -> Result<()> {
    let stage = staged(profile)?;
    deliver(&stage, 0..MAILS, &json!([]))?;
    record(&stage)?;
    let begin = Instant::now();
    ran(&stage, MAILS)?;
    let ours = MAILS as f64 / begin.elapsed().as_secs_f64();
    let exchanges = recorded(&stage)?;
    let floor = MAILS as f64 / bare(&exchanges)?.as_secs_f64();
    report.add("import_1000_mails_per_s", ours, "mails/s", Some(floor));
    report.add(
        "import_exchanges_per_mail",
        exchanges.len() as f64 / MAILS as f64,
        "requests",
        None,
    );
    Ok(())
}

fn attachment(report: &mut Report, profile: &str) -> Result<()> {
    let stage = staged(profile)?;
    deliver(
        &stage,
        0..WARM_UP,
        &json!([{ "name": "small.bin", "generate": { "bytes": 64 << 10, "seed": 1 } }]),
    )?;
    ran(&stage, WARM_UP)?;
    let before = process::rss_mib(stage.server_id())?;
    process::forget_peak(stage.server_id())?;
    let large = json!([{ "name": "disk.img", "generate": { "bytes": ATTACHMENT_BYTES, "seed": 2 } }]);
    deliver(&stage, WARM_UP..WARM_UP + 1, &large)?;
    let begin = Instant::now();
    ran(&stage, 1)?;
    let seconds = begin.elapsed().as_secs_f64();
    let peak = process::peak_rss_mib(stage.server_id())?;
    let effects = stage.effects("thehive")?;
    let arrived = effects
        .as_array()
        .into_iter()
        .flatten()
        .any(|effect| effect.to_string().contains(&ATTACHMENT_BYTES.to_string()));
    ensure!(arrived, "the large attachment is not in TheHive");
    report.add("attachment_100mb_rss_mib", peak - before, "MiB", None);
    report.add(
        "attachment_100mb_mib_per_s",
        (ATTACHMENT_BYTES >> 20) as f64 / seconds,
        "MiB/s",
        None,
    );
    Ok(())
}

/// Puts mails of different senders and conversations into the folder.
fn deliver(stage: &Stage, numbers: std::ops::Range<u64>, attachments: &Value) -> Result<()> {
    let url = format!("{}/_sim/ews/messages", stage.simulator("ews")?);
    let at = now_ms()?;
    for n in numbers {
        let eml = format!(
            "From: User {n} <user{n}@example.org>\r\nTo: soc@acme.example\r\nSubject: Report {n} of something odd\r\n\
             Message-ID: <{n}@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
             This looked odd to me. See http://example.net/{n} please.\r\n"
        );
        let message = json!({
            "mailbox": MAILBOX, "folder": "Inbox/TheHive", "eml": eml, "received_at": at, "attachments": attachments,
        });
        stage::expect(204, "POST", &url, Some(&message))?;
    }
    Ok(())
}

fn ran(stage: &Stage, mails: u64) -> Result<()> {
    let run = stage.run("ews2case", &json!({}))?;
    let made = run["answer"]["created"].as_u64();
    ensure!(made == Some(mails), "{made:?} of {mails} cases: {}", run["problem"]);
    Ok(())
}

/// A request that a simulator saw during the import.
struct Exchange {
    url: String,
    authorization: String,
    method: String,
    path: String,
    content_type: String,
    body: Vec<u8>,
}

impl Exchange {
    fn again(&self, connections: &mut BTreeMap<String, http::Connection>) -> Result<()> {
        let connection = match connections.entry(self.url.clone()) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(none) => none.insert(http::Connection::open(&self.url)?),
        };
        let headers = [
            ("authorization", self.authorization.as_str()),
            ("content-type", self.content_type.as_str()),
        ];
        connection.call(&self.method, &self.path, &headers, &self.body)?;
        Ok(())
    }
}

/// Sends every request of the import once more, bare. What is there already is refused, and costs the simulators about the same.
fn bare(exchanges: &[Exchange]) -> Result<Duration> {
    let next = AtomicUsize::new(0);
    let begin = Instant::now();
    std::thread::scope(|scope| {
        let worker = || {
            let mut connections = BTreeMap::new();
            while let Some(exchange) = exchanges.get(next.fetch_add(1, Ordering::Relaxed)) {
                exchange.again(&mut connections)?;
            }
            anyhow::Ok(())
        };
        let workers: Vec<_> = (0..WIDTH).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| anyhow::anyhow!("a worker panicked"))?)
    })?;
    Ok(begin.elapsed())
}

/// What the simulators recorded, in order.
fn recorded(stage: &Stage) -> Result<Vec<Exchange>> {
    let mut exchanges = Vec::new();
    for (product, authorization) in [
        ("ews", stage::mail_authorization()),
        ("thehive", stage::hive_authorization()),
    ] {
        let url = stage.simulator(product)?;
        let seen = stage::expect(200, "GET", &format!("{url}/_sim/recorded"), None)?;
        ensure!(
            seen["dropped"] == 0,
            "{product} could not keep every body: {} are missing",
            seen["dropped"]
        );
        for request in seen["requests"].as_array().context("requests")? {
            exchanges.push(Exchange {
                url: url.to_owned(),
                authorization: authorization.clone(),
                method: text(request, "method")?.to_owned(),
                path: text(request, "path")?.to_owned(),
                content_type: text(request, "content_type")?.to_owned(),
                body: STANDARD.decode(text(request, "body")?)?,
            });
        }
    }
    Ok(exchanges)
}

/// Has the simulators keep the bodies of what they are asked from now on.
fn record(stage: &Stage) -> Result<()> {
    for product in ["ews", "thehive"] {
        let url = format!("{}/_sim/record", stage.simulator(product)?);
        stage::expect(204, "POST", &url, Some(&json!({ "bytes": RECORDED_BYTES })))?;
    }
    Ok(())
}
