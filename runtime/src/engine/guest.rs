//! What does an instance's store hold, and how is it linked?

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use synapse_capabilities::context::{self, Host};
use synapse_capabilities::gate::{Gate, Stop};
use synapse_domain::limits;
use synapse_sandbox::cache::Cache;
use synapse_sandbox::compile::Compiler;
use synapse_sandbox::engine::Engine;
use synapse_sandbox::state::{Data, FuelMode, State};
use synapse_sandbox::wasi::{JournaledTime, Stream, Wasi};

/// Components of this process, linked with our capabilities.
pub type Components = synapse_sandbox::prepared::Components<Guest>;

/// Lines that a guest of profile B wrote to standard output or error.
type Output = Arc<Mutex<Vec<(Stream, String)>>>;

/// The data of an instance's store.
pub struct Guest {
    /// Capabilities.
    pub host: Host,
    sandbox: State,
    output: Output,
}

impl Guest {
    /// For one attempt.
    pub fn new(mut gate: Gate, fuel: FuelMode) -> Self {
        let (seed, run_limits) = (gate.run().facts.seed, gate.run().version.limits.clone());
        let time = JournaledTime::new(gate.now());
        let clock = time.clone();
        gate.on_time(Box::new(move |now| clock.advance(now)));
        let output = Output::default();
        let sink = Arc::clone(&output);
        let wasi = Wasi::new(
            seed,
            time,
            Box::new(move |stream, line| {
                let mut lines = sink.lock().unwrap_or_else(PoisonError::into_inner);
                if lines.len() <= limits::LOG_LINES {
                    lines.push((stream, line.to_owned()));
                }
            }),
        );
        Self {
            host: Host::new(gate),
            sandbox: State::new(&run_limits, fuel, wasi),
            output,
        }
    }

    /// Puts what the guest wrote to its output into the run's log.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub async fn flush_output(&mut self) -> Result<(), Stop> {
        self.sandbox.flush_output();
        let lines = std::mem::take(&mut *self.output.lock().unwrap_or_else(PoisonError::into_inner));
        for (stream, line) in lines {
            let stream = match stream {
                Stream::Out => "stdout",
                Stream::Err => "stderr",
            };
            self.host
                .gate
                .log("debug", &line, &[("stream".to_owned(), stream.to_owned())])
                .await?;
        }
        Ok(())
    }
}

impl Data for Guest {
    fn sandbox(&mut self) -> &mut State {
        &mut self.sandbox
    }

    fn arm_fuel(&mut self) -> bool {
        self.host.gate.is_live()
    }
}

/// The components service: engine, compiler (this executable, as a child), artefact cache below `data_dir`.
///
/// # Errors
/// The engine or the cache cannot be set up.
pub fn components(data_dir: &Path, executable: &Path) -> anyhow::Result<Components> {
    let fill = |linker: &mut _| context::add_to_linker(linker, |guest: &mut Guest| &mut guest.host);
    let cache = Cache::open(data_dir)?;
    Components::new(
        Engine::shared()?,
        Compiler::new(executable),
        cache,
        context::INTERFACES,
        fill,
    )
    .map_err(|error| anyhow::anyhow!("the capabilities cannot be linked: {error:#}"))
}
