//! What does a profile B guest see? It must find an empty, deterministic world (compiled for `wasm32-wasip2`).

use std::collections::{BTreeMap, HashMap};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

fn run(host: &impl Workflow, _: Value) -> Result<Value, WorkflowError> {
    println!("a line on stdout");
    eprintln!("a line on stderr");
    let started = Instant::now();
    let clock = wall_ms();
    host.state_get(&["k".to_owned()])?;
    let later = wall_ms();
    // RandomState is seeded from wasi:random/insecure-seed: the order is equal on replay only if the seed is the run's.
    let order: Vec<u32> = (0..32)
        .map(|n| (n, ()))
        .collect::<HashMap<u32, ()>>()
        .into_keys()
        .collect();
    let files: BTreeMap<&str, Result<usize, String>> = ["/", "/etc/passwd", "/proc/self/environ", "/tmp/x", "relative"]
        .into_iter()
        .map(|path| {
            (
                path,
                std::fs::read(path)
                    .map(|bytes| bytes.len())
                    .map_err(|error| error.kind().to_string()),
            )
        })
        .collect();
    Ok(json!({
        "clock_ms": clock,
        "clock_after_call_ms": later,
        "host_now_ms": host.now(),
        "elapsed_ns": started.elapsed().as_nanos().to_string(),
        "hash_order": order,
        "host_random": host.random(8),
        "environment": std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect::<Vec<_>>(),
        "arguments": std::env::args_os().count(),
        "working_directory": std::env::current_dir().map_err(|error| error.kind().to_string()).ok(),
        "read_files": files.iter().map(|(path, read)| (*path, format!("{read:?}"))).collect::<BTreeMap<_, _>>(),
        "write_file": format!("{:?}", std::fs::write("/tmp/synapse", "x").map_err(|error| error.kind())),
        "list_root": format!("{:?}", std::fs::read_dir("/").map(Iterator::count).map_err(|error| error.kind())),
    }))
}

fn wall_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_millis() as u64)
}
