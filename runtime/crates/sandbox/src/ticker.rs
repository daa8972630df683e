//! Who moves the epoch on, so that a guest which computes for long lets others run?

use std::thread;
use std::time::Duration;

/// One slice of a guest: short enough that a looping guest is not felt, long enough to cost nothing.
pub const TICK: Duration = Duration::from_millis(10);

/// Starts the ticker of an engine. It is an OS thread, because a ticker that is a task starves beside the guest it should
/// interrupt (security.md 1.1); it ends by itself within a tick after the engine is gone.
pub(crate) fn start(engine: &wasmtime::Engine) -> std::io::Result<thread::JoinHandle<()>> {
    let weak = engine.weak();
    thread::Builder::new().name("epoch-ticker".into()).spawn(move || {
        loop {
            thread::sleep(TICK);
            let Some(engine) = weak.upgrade() else { break };
            engine.increment_epoch();
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_with_its_engine() {
        let engine = crate::engine::compiling().unwrap();
        let thread = start(&engine).unwrap();
        drop(engine);
        // Joins only if the ticker saw that the engine is gone.
        thread.join().unwrap();
    }
}
