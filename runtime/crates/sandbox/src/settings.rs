//! Which wasmtime settings does every guest run under? (security.md 1.3, design.md section 5)

use std::fmt::{Display, Write as _};
use std::num::NonZeroUsize;

use synapse_domain::digest::Digest;
use synapse_domain::limits;
use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig, Strategy, WasmFeatures};

/// Where instances come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allocator {
    /// Slots reserved at start: the process that runs guests.
    Pool,
    /// Fresh mappings: the child that only compiles, because a pool does not fit its address-space limit.
    OnDemand,
}

/// Tables of one component: interpreters have up to four; the rest is room.
pub(crate) const TABLES: u32 = 8;
/// Slots beyond `limits::INSTANCES`: a store frees its slots a moment after its permit could be taken again.
const SPARE_INSTANCES: u32 = 8;
/// Slots that keep the mappings of the component they last ran.
const WARM_SLOTS: u32 = 32;
/// Runtime data of one component instance or one core instance; wasmtime's default, stated because vetting relies on it.
const INSTANCE_BYTES: usize = 1 << 20;
/// Frames kept of a guest's call stack; enough to name the function, too few to be an attack (guests-and-engine.md 5.1).
const BACKTRACE_FRAMES: NonZeroUsize = NonZeroUsize::new(8).unwrap();

/// Proposals that no supported toolchain needs; each has had advisories or costs determinism.
const REFUSED_FEATURES: [(&str, WasmFeatures); 14] = [
    ("gc", WasmFeatures::GC),
    ("gc-types", WasmFeatures::GC_TYPES),
    ("function-references", WasmFeatures::FUNCTION_REFERENCES),
    ("exceptions", WasmFeatures::EXCEPTIONS),
    ("tail-call", WasmFeatures::TAIL_CALL),
    ("threads", WasmFeatures::THREADS),
    ("shared-everything-threads", WasmFeatures::SHARED_EVERYTHING_THREADS),
    ("memory64", WasmFeatures::MEMORY64),
    ("multi-memory", WasmFeatures::MULTI_MEMORY),
    ("relaxed-simd", WasmFeatures::RELAXED_SIMD),
    ("stack-switching", WasmFeatures::STACK_SWITCHING),
    ("custom-page-sizes", WasmFeatures::CUSTOM_PAGE_SIZES),
    ("component-async", WasmFeatures::CM_ASYNC),
    ("component-threading", WasmFeatures::CM_THREADING),
];

/// The settings, and the digest that names them in cache keys and in the record of an attempt.
///
/// Loading an artefact does not check all of them (an artefact without NaN canonicalisation loads into an engine that
/// has it, guests-and-engine.md 5.1), so the digest is ours.
pub(crate) fn settings(allocator: Allocator) -> (Config, Digest) {
    let mut s = Settings {
        config: Config::new(),
        text: String::new(),
    };

    // One compiler: four of this year's escapes are in the other one.
    s.config.strategy(Strategy::Cranelift);
    s.note("strategy", "cranelift");
    // The CPU limit, deterministic; and fairness, which decides nothing that a journal could see.
    s.set("consume-fuel", true, Config::consume_fuel);
    s.set("epoch-interruption", true, Config::epoch_interruption);
    // Determinism: NaN bits differ by CPU, relaxed SIMD by definition.
    s.set("nan-canonicalization", true, Config::cranelift_nan_canonicalization);
    for (name, feature) in REFUSED_FEATURES {
        s.set(name, false, |config, on| config.wasm_features(feature, on));
    }
    s.set("relaxed-simd-deterministic", true, Config::relaxed_simd_deterministic);
    s.set("shared-memory", false, Config::shared_memory);
    s.set("concurrency-support", false, Config::concurrency_support);
    // What is left of the fiber's stack belongs to host functions; overflowing that aborts the process (row 7).
    s.set("max-wasm-stack", limits::WASM_STACK, Config::max_wasm_stack);
    s.set("async-stack-size", limits::ASYNC_STACK, Config::async_stack_size);
    // Stacks are used again by other tenants.
    s.set("async-stack-zeroing", true, Config::async_stack_zeroing);
    s.set("memory-init-cow", true, Config::memory_init_cow);
    s.set("backtrace-frames", BACKTRACE_FRAMES.get(), |config, frames| {
        config.wasm_backtrace_max_frames(NonZeroUsize::new(frames))
    });
    // `memory_guard_size`, `guard_before_linear_memory`, `memory_reservation` and signals keep their defaults: guard pages
    // turned two miscompilations of 2026 into mere faults (vc8c, qqfj).

    let digest = Digest::of(s.text.as_bytes());
    let mut config = s.config;
    match allocator {
        Allocator::Pool => config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool())),
        // One thread: the CPU limit of the child is then also a limit of wall time, and its memory is a third less.
        Allocator::OnDemand => config
            .allocation_strategy(InstanceAllocationStrategy::OnDemand)
            .parallel_compilation(false),
    };
    (config, digest)
}

/// A pool that holds `INSTANCES` components of the larger plan. It reserves address space (some terabytes), not memory.
fn pool() -> PoolingAllocationConfig {
    let plan = &limits::LARGE;
    let instances = limits::INSTANCES + SPARE_INSTANCES;
    let memory = usize::try_from(plan.run.memory_bytes).unwrap_or(usize::MAX);
    let elements = usize::try_from(plan.table_elements).unwrap_or(usize::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances * plan.core_instances)
        .total_memories(instances * plan.memories)
        .total_tables(instances * TABLES)
        .total_stacks(instances)
        .max_core_instances_per_component(plan.core_instances)
        .max_memories_per_component(plan.memories)
        .max_tables_per_component(TABLES)
        .max_memories_per_module(1)
        .max_tables_per_module(TABLES)
        .max_component_instance_size(INSTANCE_BYTES)
        .max_core_instance_size(INSTANCE_BYTES)
        .max_memory_size(memory)
        .table_elements(elements)
        .max_unused_warm_slots(WARM_SLOTS);
    pool
}

/// Applies a setting and writes it down in one step, so that the digest cannot forget one.
struct Settings {
    config: Config,
    text: String,
}

impl Settings {
    fn set<V: Copy + Display>(&mut self, name: &str, value: V, apply: impl FnOnce(&mut Config, V) -> &mut Config) {
        apply(&mut self.config, value);
        self.note(name, value);
    }

    fn note(&mut self, name: &str, value: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{name}={value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_has_what_we_set_whatever_the_allocator() {
        let (pool, on_demand) = (settings(Allocator::Pool), settings(Allocator::OnDemand));
        assert_eq!(pool.1, on_demand.1);
        for (config, _) in [pool, on_demand] {
            let engine = wasmtime::Engine::new(&config).unwrap();
            assert!(engine.get_consume_fuel() && engine.get_epoch_interruption() && engine.get_async_stack_zeroing());
            assert_eq!(engine.get_cranelift_nan_canonicalization(), Some(true));
            assert!(!engine.get_concurrency_support());
            assert_eq!(
                (engine.get_max_wasm_stack(), engine.get_async_stack_size()),
                (512 << 10, 2 << 20)
            );
            // Defaults that we rely on (security.md 1.3).
            assert!(engine.get_guard_before_linear_memory() && engine.get_signals_based_traps());
            assert!(engine.get_memory_guard_size() >= 32 << 20);
            for (name, feature) in REFUSED_FEATURES {
                assert!(!engine.get_wasm_features().intersects(feature), "{name} is on");
            }
        }
    }
}
