//! What comes out of Outlook's own files, and what if they are damaged or hostile?

use cfb::Version;
use ews2case::outlook::compound::Compound;
use ews2case::outlook::opened::{Content, Opened};
use ews2case::outlook::source::{Broken, Source};
use ews2case::outlook::{MAIL_BYTES, msg, tnef};
use proptest::prelude::*;
use serde_json::{Value, json};
use synapse_guest::blobs::Span;
use synapse_guest::fake::Fake;

use crate::msgfile::Msg;
use crate::support::*;
use crate::tneffile::{Properties, Tnef};

const OUTLOOK: &str = "application/vnd.ms-outlook";
const TNEF: &str = "application/ms-tnef";

/// A run over a report with this file attached.
fn reported(name: &str, media_type: &str, bytes: &[u8], config: Value) -> Fake {
    let host = configured(host(), config);
    let mut message = mail(1);
    attach(&host, &mut message, "a", name, media_type, bytes);
    host.add_mail("TheHive", message);
    let answer = run(&host);
    assert!(answer.success && answer.created == 1, "{:?}", told(&answer));
    host
}

fn names(host: &Fake) -> Vec<String> {
    files(host, &only_case(host))
}

fn log(host: &Fake) -> String {
    only_log(host, &only_case(host))
}

/// The mail in the root of a file.
fn opened(bytes: &[u8]) -> Result<Option<Opened<u32>>, Broken> {
    let mut file = Compound::open(Source::of(bytes))?;
    msg::open(&mut file, 0, MAIL_BYTES)
}

fn invoice() -> Msg {
    Msg::new("Rechnung für Ünsal 检验", "Eve", "eve@evil.example")
        .text(0x1000, "Pay at https://pay.evil.example/now")
        .text(0x1035, "<inner@evil.example>")
        .number(0x0039_0040, 134_081_568_000_000_000)
        .recipient(1, "Victim", "victim@corp.example")
        .recipient(2, "Copy", "copy@corp.example")
        .file("tool.exe", "application/x-msdownload", b"MZ\x90\0\x03")
        .file("bill.pdf", "application/pdf", b"%PDF-1.7")
}

#[test]
fn d31_a_report_with_an_attached_msg_is_about_the_mail_in_it() {
    for (version, name, media_type) in [
        (Version::V3, "report.msg", OUTLOOK),
        (Version::V4, "report.MSG", "application/octet-stream"),
        (Version::V3, "report.bin", "application/octet-stream"),
    ] {
        let host = reported(name, media_type, &invoice().bytes_of(version), json!({}));
        let case = only_case(&host);
        assert_eq!(case.title, "Rechnung für Ünsal 检验");
        for row in [
            "| **From** | `Eve ‹eve@evil.example›` |",
            "| **Reported by** | `Bob B. ‹bob@corp.example›` |",
        ] {
            assert!(case.description.contains(row), "{}", case.description);
        }
        assert_eq!(names(&host), [name, "tool.exe", "bill.pdf"]);
        for expected in [
            ("mail", "eve@evil.example"),
            ("mail-subject", "Rechnung für Ünsal 检验"),
            ("url", "https://pay.evil.example/now"),
        ] {
            let texts = texts(&host, &case);
            assert!(
                texts
                    .iter()
                    .any(|(kind, value)| (kind.as_str(), value.as_str()) == expected),
                "{expected:?} in {texts:?}"
            );
        }
        let observables = host.observables(&case.id);
        let tool = observables
            .iter()
            .find(|o| o.file_name.as_deref() == Some("tool.exe"))
            .unwrap();
        assert!(
            tool.message
                .as_deref()
                .unwrap_or_default()
                .contains(&format!("Inside the attached mail {name}: tool.exe")),
            "{tool:?}"
        );
        assert_eq!(
            host.count("workflow/blobs.create"),
            0,
            "bytes never pass through the workflow"
        );
    }
}

#[test]
fn people_times_and_ids_come_from_the_properties() {
    let letter = opened(&invoice().bytes()).unwrap().unwrap().letter;
    assert_eq!(letter.recipients(), ["victim@corp.example", "copy@corp.example"]);
    assert_eq!((letter.to.len(), letter.cc.len()), (1, 1));
    assert_eq!(letter.message_id.as_deref(), Some("<inner@evil.example>"));
    assert_eq!(letter.sent, Some(1_763_683_200_000));
}

#[test]
fn d31_texts_in_a_code_page_are_read_and_without_one_they_are_western() {
    let russian = Msg::default()
        .number(0x3ffd_0003, 1_251)
        .narrow(0x0037, b"\xcf\xf0\xe8\xe2\xe5\xf2")
        .narrow(0x0c1f, b"eve@evil.example\0")
        .narrow(0x1000, b"\xec\xe8\xf0");
    let western = Msg::default().narrow(0x0037, b"\xdcberweisung");
    let html = Msg::default()
        .number(0x3fde_0003, 28_592)
        .stream(0x1013_0102, b"<p>\xb1\xea</p>".to_vec());
    let read = |mail: &Msg| opened(&mail.bytes()).unwrap().unwrap().letter;
    let letter = read(&russian);
    assert_eq!((letter.title().as_str(), letter.body().as_str()), ("Привет", "мир"));
    assert_eq!(letter.sender().as_deref(), Some("eve@evil.example"));
    assert_eq!(read(&western).title(), "Überweisung");
    assert_eq!(read(&html).html.as_deref(), Some("<p>ąę</p>"));
}

#[test]
fn d31_mails_inside_mails_are_read_level_by_level_down_to_the_limit() {
    let level = |n: u32| {
        Msg::new(&format!("level-{n}"), "Eve", "eve@evil.example").file(&format!("{n}.pdf"), "", &[n as u8; 9])
    };
    let deepest = level(4).file("x.exe", "", b"MZ");
    let file = level(1).mail(level(2).mail(level(3).mail(deepest))).bytes();
    let host = reported("fwd.msg", OUTLOOK, &file, json!({}));
    assert_eq!(only_case(&host).title, "level-1");
    assert_eq!(names(&host), ["fwd.msg", "1.pdf", "2.pdf", "3.pdf", "4.pdf", "x.exe"]);
    let host = reported("fwd.msg", OUTLOOK, &file, json!({ "nesting_max": 3 }));
    assert_eq!(names(&host), ["fwd.msg", "1.pdf", "2.pdf", "3.pdf"]);
    assert!(log(&host).contains("deeper than 3 levels"), "{}", log(&host));
    // A .msg inside a .msg as a file, and one inside an .eml, count the same.
    let twice = level(1)
        .file("inner.msg", OUTLOOK, &level(2).file("x.exe", "", b"MZ").bytes())
        .bytes();
    for (limit, last) in [(2, "x.exe"), (1, "inner.msg")] {
        let host = reported("fwd.msg", OUTLOOK, &twice, json!({ "nesting_max": limit }));
        assert_eq!(names(&host).last().map(String::as_str), Some(last));
        assert_eq!(log(&host).contains("deeper than 1 levels"), limit == 1);
    }
}

#[test]
fn an_attachment_larger_than_a_call_is_put_together_by_the_host() {
    let large: Vec<u8> = (0..6_u32 << 18).flat_map(u32::to_le_bytes).collect();
    for version in [Version::V3, Version::V4] {
        let mail = Msg::new("Large", "Eve", "eve@evil.example").file("large.bin", "", &large);
        let file = mail.bytes_of(version);
        let read = opened(&file).unwrap().unwrap();
        let Content::Bytes(spans) = &read.items[0].content else {
            panic!("{:?}", read.items[0]);
        };
        let joined: Vec<u8> = spans
            .iter()
            .flat_map(|span| &file[span.offset as usize..(span.offset + span.len) as usize])
            .copied()
            .collect();
        assert!(joined == large && spans.len() <= 4_096, "{}", spans.len());
        let host = reported("large.msg", OUTLOOK, &file, json!({}));
        assert_eq!(names(&host), ["large.msg", "large.bin"]);
        assert_eq!(host.count("workflow/blobs.create"), 0);
        assert_eq!(host.count("workflow/blobs.gather"), 1);
    }
}

#[test]
fn what_is_inside_is_looked_at_like_any_attachment() {
    let mail = Msg::new("Mixed", "Eve", "eve@evil.example")
        .text(0x1013, "<img src='cid:Logo@1'>")
        .file("message.rpmsg", "application/x-microsoft-rpmsg-message", b"v")
        .file(
            "fwd.txt",
            "",
            b"From: eve@evil.example\r\nTo: x@y\r\nSubject: Deep\r\n\r\nhttps://deep.evil.example/",
        )
        .attachment(
            Msg::default()
                .text(0x3707, "logo.png")
                .text(0x3712, "logo@1")
                .stream(0x3701_0102, b"PNG".to_vec()),
        )
        .attachment(Msg::default().number(0x3705_0003, 6).object())
        .attachment(Msg::default().text(0x3704, "../LINK~1.DOC").number(0x3705_0003, 2));
    let host = reported("mixed.msg", OUTLOOK, &mail.bytes(), json!({}));
    assert_eq!(names(&host), ["mixed.msg", "message.rpmsg", "fwd.txt.eml"]);
    let log = log(&host);
    for said in [
        "message.rpmsg: the mail is encrypted by Rights Management",
        "part-4 could not be taken out of its mail: it is another program's object",
        "LINK~1.DOC could not be taken out of its mail: the file holds no bytes of it",
    ] {
        assert!(log.contains(said), "{said}: {log}");
    }
    let urls = texts(&host, &only_case(&host));
    assert!(
        urls.contains(&("url".into(), "https://deep.evil.example/".into())),
        "{urls:?}"
    );
}

#[test]
fn a_compound_file_of_another_kind_is_a_file_like_all() {
    let mut other = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    std::io::Write::write_all(&mut other.create_stream("/WordDocument").unwrap(), b"text").unwrap();
    let bytes = other.into_inner().into_inner();
    let host = reported("letter.doc", "application/msword", &bytes, json!({}));
    assert_eq!(names(&host), ["letter.doc"]);
    assert!(!log(&host).contains("Outlook"), "{}", log(&host));
    let host = reported("letter.msg", OUTLOOK, &bytes, json!({}));
    assert!(
        log(&host)
            .contains("letter.msg is an Outlook message that cannot be read (it holds no mail); it was kept whole")
    );
}

#[test]
fn a_truncated_file_is_kept_and_said_and_never_a_failure_of_the_mail() {
    let file = invoice().file("more.bin", "", &[7; 40_000]).bytes();
    let mut unreadable = 0;
    for len in (8..file.len()).step_by(487) {
        let host = reported("cut.msg", OUTLOOK, &file[..len], json!({}));
        assert_eq!(names(&host)[..1], ["cut.msg"], "{len}");
        let said = log(&host);
        // What is cut off may be free sectors: then nothing is missing.
        let whole = ["cut.msg", "tool.exe", "bill.pdf", "more.bin"];
        let is_said = said.contains("cannot be read") || said.contains("could not be taken out");
        assert_eq!(is_said, names(&host) != whole, "{len}: {said}");
        unreadable += usize::from(said.contains("it was kept whole"));
    }
    assert!(unreadable > 0);
}

#[test]
fn properties_recipients_attachments_and_mails_beyond_the_limits_are_left_out_and_said() {
    let mut bomb = Msg::new("Bomb", "Eve", "eve@evil.example");
    for n in 0..100_000_u64 {
        bomb = bomb.number((n as u32) << 16 | 3, n);
    }
    for n in 0..600 {
        bomb = bomb.recipient(1, "x", &format!("{n}@corp.example"));
    }
    for n in 0..250_u32 {
        bomb = bomb.file(&format!("{n}.bin"), "", &n.to_le_bytes());
    }
    let file = bomb.bytes();
    let read = opened(&file).unwrap().unwrap();
    assert_eq!((read.letter.to.len(), read.items.len()), (500, 200));
    assert_eq!(
        read.notes,
        [
            "100 recipients over the limit of 500 were left out",
            "50 attachments over the limit of 200 were left out"
        ]
    );
    let host = reported("bomb.msg", OUTLOOK, &file, json!({}));
    assert_eq!(names(&host).len(), 50, "setting attachments_max");

    let mut nest = Msg::new("Nest", "Eve", "eve@evil.example");
    for n in 0..40 {
        nest = nest.mail(Msg::new(&format!("{n}"), "Eve", "eve@evil.example"));
    }
    let host = reported("nest.msg", OUTLOOK, &nest.bytes(), json!({}));
    assert!(log(&host).contains("more than 32 mails in one file"), "{}", log(&host));
}

/// The directory's first sector, and where its n-th entry lies.
fn entry(file: &[u8], n: usize) -> usize {
    let first = u32::from_le_bytes(file[48..52].try_into().unwrap()) as usize;
    assert!(n < 4, "in the first sector");
    (first + 1) * 512 + n * 128
}

#[test]
fn circles_and_sizes_that_lie_end_and_are_said() {
    let whole = invoice().bytes();
    let patched = |at: usize, value: u32| {
        let mut file = whole.clone();
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
        opened(&file)
    };
    // The root's child is its own sibling, and leads nowhere.
    let child = u32::from_le_bytes(whole[entry(&whole, 0) + 76..][..4].try_into().unwrap()) as usize;
    let first = u32::from_le_bytes(whole[48..52].try_into().unwrap()) as usize;
    let table = u32::from_le_bytes(whole[76..80].try_into().unwrap()) as usize;
    let damaged = |why| Err(Broken::Damaged(why));
    if child < 4 {
        let circle = patched(entry(&whole, child) + 68, child as u32);
        assert_eq!(circle, damaged("its directory runs in a circle"));
    }
    assert_eq!(
        patched(entry(&whole, 0) + 76, 0),
        damaged("its directory runs in a circle")
    );
    assert_eq!(
        patched(entry(&whole, 0) + 76, 9_999),
        damaged("its directory leads out of the file")
    );
    // The directory's chain is a circle.
    let chain = (table + 1) * 512 + first * 4;
    assert_eq!(patched(chain, first as u32), damaged("its directory is too large"));
    // Sizes and counts that nothing can have.
    assert_eq!(
        patched(entry(&whole, 0) + 120, u32::MAX),
        damaged("a stream is larger than the file")
    );
    assert_eq!(patched(44, u32::MAX), damaged("its table is larger than the file"));
    assert_eq!(patched(64, u32::MAX), damaged("a stream is larger than the file"));
    assert_eq!(patched(30, 0xffff_ffff), damaged("its header is wrong"));
}

fn container() -> Tnef {
    let attributes = Properties::default()
        .text(0x0037, "Von außen")
        .text(0x0c1a, "Eve")
        .text(0x5d01, "eve@evil.example")
        .variable(0x8001_001f, b"x\0\0\0")
        .number(0x3ffd_0003, 1_252);
    Tnef::new()
        .of_mail(0x0006_9007, &[0xe4, 4, 0, 0, 0, 0, 0, 0])
        .of_mail(0x0001_8004, b"Outer\0")
        .of_mail(0x0002_800c, b"See https://tnef.evil.example/\0")
        .of_mail(0x0006_9003, &attributes.bytes())
}

#[test]
fn d31_what_is_in_a_winmail_dat_came_with_the_mail() {
    let long = Properties::default()
        .text(0x3707, "long name of a tool.exe")
        .text(0x370e, "application/x-msdownload");
    let inner = container().file(b"INNER.PDF", b"%PDF", &Properties::default());
    let file = container()
        .file(b"TOOL~1.EXE", b"MZ\x90", &long)
        .file(
            "Stück.txt".chars().map(|c| c as u8).collect::<Vec<u8>>().as_slice(),
            b"text",
            &Properties::default(),
        )
        .mail(&inner)
        .bytes();
    let host = configured(host(), json!({}));
    let mut message = mail(1);
    message.text = None;
    attach(&host, &mut message, "a", "winmail.dat", TNEF, &file);
    host.add_mail("TheHive", message);
    assert!(run(&host).success);
    assert_eq!(
        names(&host),
        ["winmail.dat", "long name of a tool.exe", "Stück.txt", "INNER.PDF"]
    );
    let log = log(&host);
    assert!(
        log.contains("tnef.evil.example"),
        "the body was in the container: {log}"
    );
    assert_eq!(
        only_case(&host).title,
        "Von außen",
        "the mail inside is what was reported"
    );
    assert_eq!(host.count("workflow/blobs.create"), 0);
}

#[test]
fn a_damaged_winmail_dat_is_kept_and_what_was_read_before_is_used() {
    let file = container()
        .file(b"A.PDF", b"%PDF", &Properties::default())
        .file(b"B.EXE", b"MZ", &Properties::default())
        .bytes();
    let host = reported("winmail.dat", TNEF, &file[..file.len() - 5], json!({}));
    assert_eq!(names(&host), ["winmail.dat", "A.PDF", "B.EXE"]);
    assert!(
        log(&host).contains("what is behind that was not read"),
        "{}",
        log(&host)
    );
    let host = reported("winmail.dat", TNEF, &file[..12], json!({}));
    assert_eq!(names(&host), ["winmail.dat"]);
    // A count that lies.
    let lies = Tnef::new().of_mail(0x0006_9003, &[0xff; 64]).bytes();
    let host = reported("winmail.dat", TNEF, &lies, json!({}));
    assert!(
        log(&host).contains("winmail.dat is an Outlook container (TNEF) that cannot be read"),
        "{}",
        log(&host)
    );
}

/// Whatever the bytes are: the mail becomes a case, and the file is kept.
fn survives(name: &str, media_type: &str, bytes: &[u8]) -> Result<(), TestCaseError> {
    let host = reported(name, media_type, bytes, json!({}));
    prop_assert!(
        names(&host).iter().any(|kept| kept.starts_with(name)),
        "{:?}",
        names(&host)
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_an_outlook_message_breaks_the_reader(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..24), cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = invoice().mail(invoice()).file("more.bin", "", &[7; 9_000]).bytes();
        for (at, value) in &changes {
            // The signature stays: it is what leads here.
            let at = 8 + at.index(bytes.len() - 8);
            bytes[at] = *value;
        }
        let len = bytes.len();
        if changes.len() % 4 == 0 {
            bytes.truncate(8 + cut.index(len - 8));
        }
        survives("x.msg", OUTLOOK, &bytes)?;
    }

    #[test]
    fn no_header_or_directory_breaks_the_reader(
        changes in prop::collection::vec((0_usize..6 * 128, any::<u32>()), 1..8), small in any::<bool>(),
    ) {
        let mut bytes = invoice().bytes();
        let directory = entry(&bytes, 0);
        for (at, value) in changes {
            let at = if at < 128 { 24 + at } else { directory + at - 128 };
            let value = if small { value % 64 } else { value };
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        survives("x.msg", OUTLOOK, &bytes)?;
    }

    #[test]
    fn no_bytes_behind_a_signature_break_the_readers(rest in prop::collection::vec(any::<u8>(), 0..4_000)) {
        let compound = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &rest].concat();
        survives("x.msg", OUTLOOK, &compound)?;
        survives("winmail.dat", TNEF, &[&[0x78, 0x9f, 0x3e, 0x22, 1, 0][..], &rest].concat())?;
    }

    #[test]
    fn no_change_of_a_container_breaks_the_reader(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = container().file(b"A", b"B", &Properties::default().text(0x3707, "n")).mail(&container()).bytes();
        for (at, value) in changes {
            let at = 4 + at.index(bytes.len() - 4);
            bytes[at] = value;
        }
        let all = Span { offset: 0, len: bytes.len() as u64 };
        let _ = tnef::open(&mut Source::of(&bytes), &all, MAIL_BYTES);
        survives("winmail.dat", TNEF, &bytes)?;
    }
}
