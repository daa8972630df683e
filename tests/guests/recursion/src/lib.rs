//! Does unbounded recursion end the guest and nothing else? Event: `{"depth": n, "frames": "memory"}`, or nothing for no bound.
//!
//! By default a level needs only the engine's stack; with `frames` it also needs the guest's own stack in its memory, which a
//! compiler uses for everything that has an address, and which is used up first.

use std::hint::black_box;

use serde::Deserialize;
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

#[derive(Deserialize)]
struct Params {
    depth: Option<u64>,
    frames: Option<String>,
}

fn run(_host: &impl Workflow, params: Option<Params>) -> Result<u64, WorkflowError> {
    let params = params.unwrap_or(Params {
        depth: None,
        frames: None,
    });
    let depth = params.depth.unwrap_or(u64::MAX);
    Ok(match params.frames.as_deref() {
        None => descend(depth),
        Some(_) => descend_in_memory(depth),
    })
}

/// Rotation and exclusive or do not commute, so that no optimiser makes a loop of it.
#[inline(never)]
fn descend(left: u64) -> u64 {
    if left == 0 {
        1
    } else {
        descend(left - 1).rotate_left(7) ^ left
    }
}

#[inline(never)]
fn descend_in_memory(left: u64) -> u64 {
    let frame = black_box([left; 16]);
    if left == 0 {
        frame[0]
    } else {
        black_box(descend_in_memory(left - 1)) + black_box(frame)[1] % 2
    }
}
