//! What does a guest of the tests find around it? Two small interfaces, and stores as production makes them.

use std::sync::{Arc, Mutex};

use synapse_domain::limits::{RunLimits, STANDARD};
use synapse_sandbox::cache::Cache;
use synapse_sandbox::compile::Compiler;
use synapse_sandbox::engine::Engine;
use synapse_sandbox::instance::{Guarded, store};
use synapse_sandbox::prepared::{Components, Prepared};
use synapse_sandbox::state::{Data, FuelMode, State};
use synapse_sandbox::trap::{Trap, classify};
use synapse_sandbox::wasi::{JournaledTime, Wasi};
use wasmtime::component::{ComponentNamedList, Lift, Linker, Resource, ResourceTable, ResourceType};

pub const LOG: &str = "synapse:workflow/log@0.1.0";
pub const LAB: &str = "synapse:lab/target@0.1.0";
pub const INTERFACES: &[&str] = &[LOG, LAB];
pub const CHILD: &str = env!("CARGO_BIN_EXE_sandbox-compile-child");

/// Data of a store in the tests.
pub struct Run {
    pub state: State,
    pub live: bool,
    pub written: Vec<usize>,
    table: ResourceTable,
}

impl Data for Run {
    fn sandbox(&mut self) -> &mut State {
        &mut self.state
    }

    fn arm_fuel(&mut self) -> bool {
        self.live
    }
}

/// An error of the embedder, to be found again behind wasmtime.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the host function says no")]
pub struct HostError;

struct Bench;

pub fn fill(linker: &mut Linker<Run>) -> wasmtime::Result<()> {
    let mut log = linker.instance(LOG)?;
    log.func_wrap("write", |mut store, (message,): (String,)| {
        store.data_mut().written.push(message.len());
        Ok(())
    })?;
    log.func_wrap("write-all", |mut store, (messages,): (Vec<String>,)| {
        store.data_mut().written.push(messages.len());
        Ok(())
    })?;
    log.func_wrap("fail", |_store, ()| -> wasmtime::Result<()> { Err(HostError.into()) })?;
    log.func_wrap("live", |mut store, ()| {
        store.data_mut().live = true;
        Ok(())
    })?;
    log.func_wrap_async("wait", |_store, ()| {
        Box::new(async {
            tokio::task::yield_now().await;
            Ok(())
        })
    })?;
    let mut lab = linker.instance(LAB)?;
    lab.resource("bench", ResourceType::host::<Bench>(), |_store, _rep| Ok(()))?;
    lab.func_wrap("open", |mut store, ()| {
        let handle: Resource<Bench> = store.data_mut().table.push(Bench)?;
        Ok((handle,))
    })
}

/// The sandbox as `serve` sets it up, with its data folder.
pub struct Sandbox {
    pub components: Components<Run>,
    pub folder: tempfile::TempDir,
}

impl Sandbox {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            components: Self::components(folder.path()),
            folder,
        }
    }

    pub fn components(data: &std::path::Path) -> Components<Run> {
        let engine = Engine::shared().unwrap();
        Components::new(
            engine,
            Compiler::new(CHILD),
            Cache::open(data).unwrap(),
            INTERFACES,
            fill,
        )
        .unwrap()
    }

    pub async fn prepare(&self, component: &[u8]) -> Arc<Prepared<Run>> {
        self.components
            .load(component, &STANDARD)
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Runs a component once under `limits`.
    pub async fn run(&self, component: &[u8], limits: &RunLimits) -> Ended<u64> {
        let prepared = self.prepare(component).await;
        self.start(&prepared, limits, FuelMode::FromStart).await
    }

    pub async fn start<A>(&self, prepared: &Prepared<Run>, limits: &RunLimits, fuel: FuelMode) -> Ended<A>
    where
        A: Lift + Send + Sync + 'static,
        (A,): ComponentNamedList + Lift,
    {
        let (wasi, lines) = wasi();
        let engine = self.components.engine();
        let state = State::new(limits, fuel, wasi);
        let data = Run {
            state,
            live: false,
            written: Vec::new(),
            table: ResourceTable::new(),
        };
        let mut store = store(engine, engine.slot().await, data).unwrap();
        let result = call(&mut store, prepared).await;
        let fuel_used = store.fuel_used();
        let mut data = store.into_data();
        data.state.flush_output();
        let lines = lines.lock().unwrap().clone();
        Ended {
            result,
            fuel_used,
            data,
            lines,
        }
    }
}

/// How a run of a guest ended.
pub struct Ended<A> {
    pub result: wasmtime::Result<A>,
    pub fuel_used: Option<u64>,
    pub data: Run,
    pub lines: Vec<String>,
}

impl<A: std::fmt::Debug> Ended<A> {
    /// Why it trapped.
    pub fn trap(&self) -> Trap {
        classify(self.result.as_ref().expect_err("the guest should have trapped"))
    }
}

async fn call<A>(store: &mut Guarded<Run>, prepared: &Prepared<Run>) -> wasmtime::Result<A>
where
    A: Lift + Send + Sync + 'static,
    (A,): ComponentNamedList + Lift,
{
    let instance = prepared.instance_pre.instantiate_async(&mut **store).await?;
    let handler = instance
        .get_export_index(&mut **store, None, synapse_sandbox::vet::HANDLER)
        .expect("vetted");
    let run = instance
        .get_export_index(&mut **store, Some(&handler), "run")
        .expect("a handler has run");
    let run = instance.get_typed_func::<(), (A,)>(&mut **store, run)?;
    Ok(run.call_async(&mut **store, ()).await?.0)
}

/// The WASI of a run with a fixed seed, its time standing at 1,000,000 ms, and the lines it wrote.
pub fn wasi() -> (Wasi, Arc<Mutex<Vec<String>>>) {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let into = Arc::clone(&lines);
    let sink = Box::new(move |stream, line: &str| into.lock().unwrap().push(format!("{stream:?}: {line}")));
    (Wasi::new([7; 32], JournaledTime::new(1_000_000), sink), lines)
}

/// The limits of the standard plan with this much fuel.
pub fn fuel(fuel: u64) -> RunLimits {
    RunLimits { fuel, ..STANDARD.run }
}
