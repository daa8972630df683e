//! How do this crate's tests get a compiling child? Production has the hidden subcommand of `synapse`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(synapse_sandbox::compile::SUBCOMMAND) => synapse_sandbox::compile::child_main(),
        _ => ExitCode::FAILURE,
    }
}
