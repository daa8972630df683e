//! How long does a fresh instance take? Store, instantiation, call and drop of a guest that answers at once, as an attempt does it.
//!
//! Prints `{"p50_us": .., "p99_us": .., "starts": ..}`.

use std::time::Instant;

use synapse_domain::limits::STANDARD;
use synapse_sandbox::cache::Cache;
use synapse_sandbox::compile::{self, Compiler};
use synapse_sandbox::engine::Engine;
use synapse_sandbox::instance;
use synapse_sandbox::prepared::{Components, Prepared};
use synapse_sandbox::state::{Data, FuelMode, State};
use synapse_sandbox::vet::HANDLER;
use synapse_sandbox::wasi::{JournaledTime, Wasi};

/// Starts that are measured, after as many that are not.
const STARTS: usize = 20_000;

/// A component whose handler answers 7.
const GUEST: &str = r#"(component
    (core module $m (func (export "run") (result i64) (i64.const 7)))
    (core instance $i (instantiate $m))
    (func $run (result u64) (canon lift (core func $i "run")))
    (instance $h (export "run" (func $run)))
    (export "synapse:workflow/handler@0.1.0" (instance $h)))"#;

struct Guest(State);

impl Data for Guest {
    fn sandbox(&mut self) -> &mut State {
        &mut self.0
    }

    fn arm_fuel(&mut self) -> bool {
        false
    }
}

fn main() -> anyhow::Result<std::process::ExitCode> {
    // The compiler's child is this executable, as it is in the server.
    if std::env::args().nth(1).as_deref() == Some(compile::SUBCOMMAND) {
        return Ok(compile::child_main());
    }
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(measure())?;
    Ok(std::process::ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "the line is for the benchmark that starts this")]
async fn measure() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (compiler, cache) = (Compiler::new(std::env::current_exe()?), Cache::open(folder.path())?);
    let components = Components::<Guest>::new(Engine::shared()?, compiler, cache, &[], |_| Ok(()))
        .map_err(|error| anyhow::anyhow!("{error:#}"))?;
    let component = wat::parse_str(GUEST)?;
    let prepared = components.load(&component, &STANDARD).await?;
    let mut times = Vec::with_capacity(STARTS);
    for n in 0..STARTS * 2 {
        let begin = Instant::now();
        let answer = start(components.engine(), &prepared)
            .await
            .map_err(|error| anyhow::anyhow!("{error:#}"))?;
        let nanoseconds = begin.elapsed().as_nanos();
        anyhow::ensure!(answer == 7, "the guest answered {answer}");
        if n >= STARTS {
            times.push(nanoseconds);
        }
    }
    times.sort_unstable();
    let at = |percent: usize| {
        times
            .get(times.len() * percent / 100)
            .map_or(0.0, |ns| *ns as f64 / 1_000.0)
    };
    println!(
        "{}",
        serde_json::json!({ "p50_us": at(50), "p99_us": at(99), "starts": STARTS })
    );
    Ok(())
}

async fn start(engine: &Engine, prepared: &Prepared<Guest>) -> wasmtime::Result<u64> {
    let wasi = Wasi::new([0; 32], JournaledTime::new(0), Box::new(|_, _| {}));
    let guest = Guest(State::new(&STANDARD.run, FuelMode::FromStart, wasi));
    let mut store = instance::store(engine, engine.slot().await, guest)?;
    let instance = prepared.instance_pre.instantiate_async(&mut *store).await?;
    let missing = || wasmtime::Error::msg("the component exports no handler");
    let handler = instance
        .get_export_index(&mut *store, None, HANDLER)
        .ok_or_else(missing)?;
    let run = instance
        .get_export_index(&mut *store, Some(&handler), "run")
        .ok_or_else(missing)?;
    let run = instance.get_typed_func::<(), (u64,)>(&mut *store, run)?;
    Ok(run.call_async(&mut *store, ()).await?.0)
}
