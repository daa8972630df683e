//! Is fresh memory empty? Takes 48 MiB that no allocator has touched, and counts the words in it that are not zero.

use serde_json::{Value, json};
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

const PAGE: usize = 65_536;
const PAGES: usize = 48 << 4;

fn run(_host: &impl Workflow, _: Value) -> Result<Value, WorkflowError> {
    let words = PAGES * PAGE / size_of::<u64>();
    Ok(json!({ "words": words, "foreign": foreign(words) }))
}

#[cfg(target_arch = "wasm32")]
#[expect(
    unsafe_code,
    reason = "an allocator clears or writes what it hands out: only the pages themselves tell"
)]
fn foreign(words: usize) -> usize {
    let first = core::arch::wasm32::memory_grow::<0>(PAGES);
    if first == usize::MAX {
        panic!("no memory");
    }
    let start = (first * PAGE) as *const u64;
    // SAFETY: the pages were added just now, nobody else has a pointer into them, and every bit pattern is a u64.
    (0..words)
        .filter(|n| unsafe { start.add(*n).read_volatile() } != 0)
        .count()
}

#[cfg(not(target_arch = "wasm32"))]
fn foreign(_words: usize) -> usize {
    0
}
