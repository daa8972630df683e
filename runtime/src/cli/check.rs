//! Is a configuration right? Everything that can be known without the network.

use std::path::Path;
use std::process::ExitCode;

use super::say;
use crate::config;

/// Checks a file; secrets and certificates must be readable, too.
pub fn check(path: &Path) -> anyhow::Result<ExitCode> {
    let config = config::load(path)?;
    let problems = config::connections(&config).problems;
    if problems.is_empty() {
        let connections: usize = config.tenants.values().map(|tenant| tenant.connections.len()).sum();
        say(format_args!(
            "{}: {} tenant(s), {connections} connection(s), no problem found",
            path.display(),
            config.tenants.len()
        ));
        return Ok(ExitCode::SUCCESS);
    }
    Err(config::Refused {
        path: path.to_owned(),
        problems,
    }
    .into())
}
