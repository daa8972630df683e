//! Which repository task does the developer (or CI) want to run?

mod bench;
mod check;
mod demo;
mod functions;
mod guests;
mod http;
mod judges;
mod paths;
mod proc;
mod setup;
mod stage;
mod stamp;
mod steps;
mod tempdir;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  setup               install what is missing: wasm toolchain, judge programs, cargo-deny
  guests              build every workflow and test guest to target/guests/<name>.wasm
  check [rules]       format, clippy, dependency and layout rules (rules: only the layout rules)
  functions           the table of capability functions, from the last run of all tests
  judges              the outside judges alone, against the simulators
  test                setup, guests, check, all tests, then the outside judges
  demo [--once] [--json FILE]
                      run the product against the simulators and say what happened
  bench [--json FILE] measure, each number beside its floor
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["setup"] => setup::run(),
        ["guests"] => setup::run().and_then(|()| guests::run()),
        ["check"] => setup::run().and_then(|()| check::run()),
        ["check", "rules"] => check::rules_only(),
        ["functions"] => functions::run(),
        ["judges"] => setup::run()
            .and_then(|()| judges::build())
            .and_then(|()| judges::run().map(drop)),
        ["test"] => test::run(),
        ["demo", rest @ ..] => demo::run(rest),
        ["bench", rest @ ..] => bench::run(rest),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
