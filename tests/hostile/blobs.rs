//! Do bytes on the host stay with the run that holds them, within what its tenant may keep, and go with it? (R7)

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use synapse_tests::{Deployment, Options, World};

use crate::support::{ACME, UMBRELLA, calls, digest, fault, held, list, release, text};

/// Longest time until the janitor has been there.
const SWEPT: Duration = Duration::from_secs(20);

/// Every file of the spool, by its path below `blobs`.
fn files(world: &World) -> anyhow::Result<Vec<PathBuf>> {
    let root = world.data().join("blobs");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path().strip_prefix(&root)?.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn place(tenant: &str, bytes: &[u8]) -> PathBuf {
    let name = digest(bytes);
    Path::new(tenant).join(&name[..2]).join(name)
}

/// Waits until the janitor has left these files only.
async fn left(world: &World, expected: &[PathBuf]) -> anyhow::Result<()> {
    let until = tokio::time::Instant::now() + SWEPT;
    loop {
        let found = files(world)?;
        if found == expected {
            return Ok(());
        }
        anyhow::ensure!(tokio::time::Instant::now() < until, "left: {found:?}");
        // The janitor works beside the requests: ask something else, and look again.
        world.operator().get("/healthz").await?;
    }
}

fn create(name: &str, text: &str, repeat: usize) -> Value {
    json!({ "create": { "name": name, "type": "text/plain", "text": text, "repeat": repeat } })
}

fn read(of: usize, offset: u64, len: u64) -> Value {
    json!({ "read": { "of": of, "offset": offset, "len": len } })
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_come_back_equal_and_the_journal_names_them_without_holding_them() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("blobber")).await?;
    let mail = "Subject: x\r\n\r\naGVsbG8g\r\nd29ybGQ=\r\n--end--";
    let steps = json!([
        create("mail.eml", mail, 1),
        read(0, 0, 1_000),
        read(0, 9, 4),
        read(0, 1_000, 4),
        { "extract": { "of": 0, "offset": 14, "len": 19, "encoding": "base64", "name": "../../x", "type": "" } },
        read(1, 0, 1_000),
        { "extract": { "of": 0, "offset": 14, "len": 1_000, "encoding": "base64", "name": "n", "type": "" } },
        create("big", "0123456789abcdef", 131_072),
        { "digest": { "of": 3 } },
        { "gather": { "of": 0, "spans": [[9, 1], [0, 7]], "name": "g", "type": "" } },
        read(4, 0, 100),
        { "gather": { "of": 0, "spans": [[0, 1], [9, 1_000]], "name": "g", "type": "" } },
    ]);
    let run = world.run(ACME, "blobber", json!({ "steps": steps })).await?;
    let answer = &run["answer"];
    assert_eq!(answer[0]["sha256"], digest(mail.as_bytes()), "{run:#}");
    assert_eq!(answer[1]["text"], mail);
    assert_eq!(
        (&answer[2]["text"], &answer[3]["text"]),
        (&json!("x\r\n\r"), &json!(""))
    );
    assert_eq!(
        (&answer[4]["name"], &answer[4]["type"]),
        (&json!("../../x"), &json!("application/octet-stream"))
    );
    assert_eq!(answer[5]["text"], "hello world");
    assert_eq!(answer[6]["error"], "invalid");
    assert_eq!(
        (&answer[7]["size"], &answer[8]["bytes"]),
        (&json!(2 << 20), &json!(2 << 20))
    );
    assert_eq!(
        (&answer[10]["text"], &answer[11]["error"]),
        (&json!("xSubject"), &json!("invalid"))
    );
    let calls = calls(&world, ACME, &run).await?;
    let operations: Vec<_> = calls.iter().map(|call| text(&call["operation"])).collect();
    let (create, extract) = ("workflow/blobs.create", "workflow/blobs.extract");
    let gather = "workflow/blobs.gather";
    assert_eq!(
        operations,
        [create, extract, extract, create, gather, gather],
        "reads are not journaled"
    );
    let journal = json!(calls).to_string();
    assert!(
        journal.contains(&digest(mail.as_bytes())) && !journal.contains("aGVsbG8g"),
        "{journal}"
    );
    left(&world, &[]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_there_while_the_run_goes_on_and_gone_after_it_also_when_it_is_cancelled_waiting()
-> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("blobber").concurrency(4)).await?;
    let far = 99_999_999_999_999_u64;
    let waits = json!({ "steps": [create("a", "waiting", 1), { "again": far }] });
    let waiting = world.begin(ACME, "blobber", waits).await?;
    let fails = json!({ "steps": [create("a", "failing", 1), read(7, 0, 1)] });
    let failed = world.begin(ACME, "blobber", fails).await?;
    let failed = world.end_of(ACME, &failed).await?;
    assert_eq!(failed["state"], "failed", "{failed:#}");
    left(&world, &[place(ACME, b"waiting")]).await?;
    let path = format!("/v1/tenants/{ACME}/runs/{waiting}/cancel");
    // The run may not have parked yet: then it stops at its end.
    world.operator().json("POST", &path, &[], &json!({})).await?.ok()?;
    left(&world, &[]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_bytes_are_one_file_of_a_tenant_and_another_tenants_are_its_own() -> anyhow::Result<()> {
    let world = World::with(Options {
        connection: "request_deadline_ms = 20000".to_owned(),
        ..Options::default()
    })
    .await?;
    for tenant in [ACME, UMBRELLA] {
        world
            .deploy(Deployment::of("blobber").tenant(tenant).concurrency(4))
            .await?;
    }
    let mut runs = Vec::new();
    for (tenant, pause) in [(ACME, "first"), (ACME, "second"), (UMBRELLA, "third")] {
        let hold = json!({ "match": { "method": "POST", "body": pause }, "action": { "hold": pause } });
        fault(&world.lab, hold).await?;
        let steps = [
            create("../../x", "equal", 1),
            create("y", "equal", 1),
            json!({ "pause": pause }),
            read(1, 0, 9),
        ];
        let run = world.begin(tenant, "blobber", json!({ "steps": steps })).await?;
        held(&world.lab, pause).await?;
        runs.push((tenant, pause, run));
    }
    let both = [place(ACME, b"equal"), place(UMBRELLA, b"equal")];
    for (tenant, pause, run) in runs {
        assert_eq!(files(&world)?, both, "before `{pause}` is over");
        release(&world.lab, pause).await?;
        let run = world.end_of(tenant, &run).await?;
        assert_eq!(run["answer"][3]["text"], "equal", "{run:#}");
        if pause == "second" {
            left(&world, &both[1..]).await?;
            break;
        }
    }
    release(&world.lab, "third").await?;
    left(&world, &[]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_spool_is_refused_by_name_and_only_for_its_tenant() -> anyhow::Result<()> {
    let limits = "spool_bytes_per_tenant = 3000\nblob_bytes = 2000".to_owned();
    let world = World::with(Options {
        limits,
        ..Options::default()
    })
    .await?;
    for tenant in [ACME, UMBRELLA] {
        world.deploy(Deployment::of("blobber").tenant(tenant)).await?;
    }
    let steps = json!({ "steps": [
        create("a", "a", 2_000), create("b", "b", 1_001), create("c", "c", 2_001), create("a again", "a", 2_000),
        create("d", "d", 1_000), { "drop": { "of": 0 } }, create("e", "e", 1),
    ] });
    for tenant in [ACME, UMBRELLA, ACME] {
        let run = world.run(tenant, "blobber", steps.clone()).await?;
        assert_eq!(run["state"], "succeeded", "{run:#}");
        let said: Vec<_> = list(&run["answer"]).iter().map(|step| step["error"].as_str()).collect();
        let full = Some("quota");
        assert_eq!(
            said,
            [None, full, Some("too-large"), None, None, None, full],
            "a handle that is dropped frees nothing: the journal names its bytes. {run:#}"
        );
        assert!(text(&run["answer"][1]["detail"]).contains("spool-bytes"), "{run:#}");
        left(&world, &[]).await?;
    }
    world.finish().await
}

/// Threat row 14: handles are bounded, and so are the calls that make them.
#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_hoards_blobs_is_stopped_and_leaves_nothing() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("blobber")).await?;
    let steps: Vec<_> = (0..300).map(|n| create("hoard", &format!("blob {n}"), 1)).collect();
    let run = world.run(ACME, "blobber", json!({ "steps": steps })).await?;
    assert_eq!(run["state"], "failed", "{run:#}");
    left(&world, &[]).await?;
    world.finish().await
}
