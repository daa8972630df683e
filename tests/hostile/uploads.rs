//! Is everything that is no harmless component refused at the door, with a text that helps? (threat rows 5, 16, 17 and 19)

use serde_json::json;
use synapse_tests::World;

use crate::support::{ACME, component, digest, manifest, memory_kib, put, text, upload};

/// Magic number, version and layer of a component and of a core module.
const COMPONENT: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
const MODULE: [u8; 8] = [0, b'a', b's', b'm', 1, 0, 0, 0];

/// An unsigned LEB128 number.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id][..], &leb(content.len()), content].concat()
}

/// A component around core modules.
fn around(modules: &[Vec<u8>]) -> Vec<u8> {
    let sections = modules.iter().flat_map(|module| section(1, module));
    COMPONENT.into_iter().chain(sections).collect()
}

/// A core module with functions of this body.
fn functions(count: usize, body: &[u8]) -> Vec<u8> {
    let types = section(1, &[1, 0x60, 0, 0]);
    let declared = section(3, &[leb(count), vec![0; count]].concat());
    let one = [leb(body.len() + 2), vec![0], body.to_vec(), vec![0x0b]].concat();
    let code = section(10, &[leb(count), one.repeat(count)].concat());
    [MODULE.to_vec(), types, declared, code].concat()
}

/// A core module with one memory of so many pages, and with one table of so many elements.
fn memory(pages: usize) -> Vec<u8> {
    [MODULE.to_vec(), section(5, &[&[1, 0][..], &leb(pages)].concat())].concat()
}

fn table(elements: usize) -> Vec<u8> {
    [
        MODULE.to_vec(),
        section(4, &[&[1, 0x70, 0][..], &leb(elements)].concat()),
    ]
    .concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_5_16_17_19_what_is_no_harmless_component_is_refused_at_upload() -> anyhow::Result<()> {
    let world = World::start().await?;
    let api = world.operator();
    let echo = component("echo")?;
    let nested = (0..1_000).fold(COMPONENT.to_vec(), |inner, _| {
        [COMPONENT.to_vec(), section(4, &inner)].concat()
    });
    let before = memory_kib(&world, "VmHWM")?;
    let cases: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("text", b"\n (component)".to_vec(), &["text", ".wasm file"]),
        (
            "core module",
            functions(1, &[]),
            &["core module", "wasm-tools component new"],
        ),
        (
            "machine code",
            b"\x7fELF\x02\x01\x01\0whatever".to_vec(),
            &["machine code", "never accepted"],
        ),
        (
            "something else",
            b"PK\x03\x04".to_vec(),
            &["not a WebAssembly component", "magic number"],
        ),
        ("nothing", Vec::new(), &["not a WebAssembly component"]),
        (
            "a truncated component",
            echo[..echo.len() / 2].to_vec(),
            &["cannot be read at byte", "truncated"],
        ),
        (
            "an empty component",
            COMPONENT.to_vec(),
            &["does not export", "synapse:workflow/handler"],
        ),
        (
            "too many functions",
            around(&[functions(20_001, &[])]),
            &["20001 functions", "20000 are allowed"],
        ),
        (
            "one huge function",
            around(&[functions(1, &vec![1; 7_000_000])]),
            &["bytes of one function"],
        ),
        ("a huge memory", around(&[memory(65_536)]), &["memory"]),
        (
            "many memories",
            around(&vec![memory(1); 100]),
            &["memories", "4 are allowed"],
        ),
        (
            "a huge table",
            around(&[table(10_000_000)]),
            &["table elements", "20000 are allowed"],
        ),
        ("a thousand nested components", nested, &["nested components"]),
    ];
    for (what, bytes, words) in cases {
        let answer = upload(&api, ACME, bytes).await?;
        let said = text(&answer.body["detail"]);
        assert_eq!(answer.status, 422, "{what}: {:#}", answer.body);
        assert!(
            words.iter().all(|word| said.contains(word)),
            "{what}: `{said}` should hold {words:?}"
        );
    }
    let highest = memory_kib(&world, "VmHWM")?;
    assert!(highest < before + (64 << 10), "vetting took {} KiB", highest - before);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_16_an_upload_has_a_size_and_an_address() -> anyhow::Result<()> {
    let world = World::start().await?;
    let api = world.operator();
    let answer = upload(&api, ACME, vec![0; (32 << 20) + 1]).await?;
    assert_eq!(answer.status, 413, "{:#}", answer.body);
    let path = format!("/v1/tenants/{ACME}/components/{}", "0".repeat(64));
    let answer = api.send("PUT", &path, &[], Some(component("echo")?)).await?;
    assert!(
        answer.status == 400 && text(&answer.body["detail"]).contains("SHA-256"),
        "{:#}",
        answer.body
    );
    let answer = api
        .send(
            "PUT",
            &format!("/v1/tenants/{ACME}/components/echo"),
            &[],
            Some(component("echo")?),
        )
        .await?;
    assert!(
        answer.status == 400 && text(&answer.body["detail"]).contains("64 hexadecimal digits"),
        "{:#}",
        answer.body
    );
    world.finish().await
}

/// Uploads are vetted by structure and validated by the compiler in its child: whatever passes the one must not harm in the other.
#[tokio::test(flavor = "multi_thread")]
async fn row_16_a_damaged_component_is_refused_or_runs_and_the_server_lives() -> anyhow::Result<()> {
    const SEED: u64 = 0x5eed_0016;
    println!("seed {SEED:#x}");
    let world = World::start().await?;
    let api = world.operator();
    let whole = component("echo")?;
    let mut random = SEED;
    let (mut refused, mut compiled) = (0, 0);
    for _ in 0..24 {
        let mut damaged = whole.clone();
        for _ in 0..4 {
            // xorshift64: where, and which bits.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let at = usize::try_from(random % u64::try_from(damaged.len())?)?;
            damaged[at] ^= u8::try_from((random >> 32) & 0xff)?;
        }
        let address = digest(&damaged);
        let answer = upload(&api, ACME, damaged).await?;
        assert!([201, 422].contains(&answer.status), "{:#}", answer.body);
        if answer.status == 422 {
            refused += 1;
            continue;
        }
        let wanted = json!({ "component": address, "manifest": manifest("echo")?, "limits": { "fuel": 100_000_000, "wall_ms": 5_000 } });
        let answer = put(&api, ACME, "damaged", &wanted).await?;
        assert!([201, 422].contains(&answer.status), "{:#}", answer.body);
        if answer.status == 422 {
            assert!(
                text(&answer.body["detail"]).starts_with("component: "),
                "{:#}",
                answer.body
            );
            refused += 1;
            continue;
        }
        compiled += 1;
        let run = world.run(ACME, "damaged", json!({})).await?;
        assert!(["succeeded", "failed"].contains(&text(&run["state"])), "{run:#}");
    }
    println!("{refused} refused, {compiled} run");
    assert!(refused > 0, "the damage is too small to show anything");
    assert_eq!(api.get("/readyz").await?.status, 200);
    world.finish().await
}
