//! Where do the server's own log lines go? Standard error, as text or JSON; never with payloads or secrets.

use tracing_subscriber::EnvFilter;

/// Starts logging. `SYNAPSE_LOG` filters (default `info`); `json` switches to one JSON object per line.
pub fn start(json: bool) {
    let filter = EnvFilter::try_from_env("SYNAPSE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // At `trace` this library writes login messages, from which passwords can be guessed.
    let filter = match "sspi=off".parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if json {
        lines.json().init();
    } else {
        lines.with_ansi(false).init();
    }
    // A panic's payload may hold data of a tenant: the place is enough to find the fault (threat row 81).
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map_or_else(|| "unknown place".to_owned(), ToString::to_string);
        tracing::error!(place, "a task panicked");
    }));
}
