//! Which interfaces may a component import?

use super::{Profile, Refused};

/// WASI 0.2 interfaces of profile B. All of them are linked empty: Python imports files and sockets that it never gets
/// (guests-and-engine.md section 1), so they must exist, dead.
const WASI: &[&str] = &[
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
];

/// How a component with these imports is linked.
pub(crate) fn profile_of<'a>(mut imports: impl Iterator<Item = &'a str>) -> Profile {
    if imports.any(|name| name.starts_with("wasi:")) {
        Profile::B
    } else {
        Profile::A
    }
}

/// May this name be imported?
pub(super) fn check(name: &str, interfaces: &[&str]) -> Result<(), Refused> {
    if interfaces.contains(&name) {
        return Ok(());
    }
    let refuse = |reason: String| {
        Err(Refused::Import {
            name: shown(name),
            reason,
        })
    };
    let (path, version) = name.split_once('@').unwrap_or((name, ""));
    if path.starts_with("wasi:http/") {
        return refuse("a workflow has no HTTP of its own. Use the typed operations of a connection (`synapse:thehive`, `synapse:qradar`)".into());
    }
    if path.starts_with("wasi:") {
        if !WASI.contains(&path) {
            return refuse("this WASI interface is not provided. Build without it, or without WASI at all (`wasm32-unknown-unknown`)".into());
        }
        let patch = version
            .strip_prefix("0.2.")
            .is_some_and(|patch| patch.parse::<u16>().is_ok());
        return if patch {
            Ok(())
        } else {
            refuse("only WASI 0.2 is provided. Build for `wasm32-wasip2`".into())
        };
    }
    let same = |known: &&&str| known.split_once('@').is_some_and(|(known, _)| known == path);
    match interfaces.iter().find(same) {
        Some(known) => refuse(format!(
            "this runtime provides `{known}`. Build against that version of the WIT packages"
        )),
        None => refuse(
            "this runtime provides no such interface. Remove it from the workflow's world, or check its spelling"
                .into(),
        ),
    }
}

/// A name from the component, safe to show: bounded, and without control characters.
fn shown(name: &str) -> String {
    name.chars().take(120).flat_map(char::escape_default).collect()
}
