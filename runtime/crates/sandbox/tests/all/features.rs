//! Is wasmtime built as lean as security.md 1.3 says? Other crates may turn features on by unification, so cargo is asked.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

fn metadata() -> Value {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--manifest-path",
            manifest,
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Version and enabled features of a package, over the whole workspace with its tests.
fn resolved(metadata: &Value, name: &str) -> Vec<(String, BTreeSet<String>)> {
    let packages = metadata["packages"].as_array().unwrap();
    let id_and_version = |package: &Value| (package["id"].clone(), package["version"].as_str().unwrap().to_owned());
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    packages
        .iter()
        .filter(|package| package["name"] == name)
        .map(id_and_version)
        .map(|(id, version)| {
            let node = nodes.iter().find(|node| node["id"] == id).unwrap();
            let features = node["features"].as_array().unwrap();
            (
                version,
                features
                    .iter()
                    .map(|feature| feature.as_str().unwrap().to_owned())
                    .collect(),
            )
        })
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn row_19_wasmtime_has_exactly_the_features_we_chose() {
    let metadata = metadata();
    let chosen = set(&[
        "std",
        "runtime",
        "cranelift",
        "component-model",
        "pooling-allocator",
        "async",
        "parallel-compilation",
    ]);
    // Optional dependencies that those features turn on count as features too.
    let implied = set(&["once_cell", "wasmtime-jit-icache-coherence", "wasmtime-unwinder"]);
    let wasmtime = resolved(&metadata, "wasmtime");
    let [(version, features)] = wasmtime.as_slice() else {
        panic!("more than one wasmtime: {wasmtime:?}")
    };
    assert_eq!(version, synapse_sandbox::engine::WASMTIME_VERSION);
    assert!(features.is_superset(&chosen), "missing of {chosen:?}: {features:?}");
    let extra: Vec<_> = features
        .iter()
        .filter(|name| !chosen.contains(*name) && !implied.contains(*name))
        .collect();
    assert!(extra.is_empty(), "features that nobody chose: {extra:?}");

    let wasi = resolved(&metadata, "wasmtime-wasi");
    let [(version, features)] = wasi.as_slice() else {
        panic!("more than one wasmtime-wasi: {wasi:?}")
    };
    assert_eq!(version, synapse_sandbox::engine::WASMTIME_VERSION);
    assert_eq!(*features, set(&["p2"]));
}

#[test]
fn dangerous_crates_of_wasmtime_are_not_in_the_tree() {
    let metadata = metadata();
    for absent in [
        "wasmtime-wasi-http",
        "wasmtime-internal-winch",
        "wasmtime-internal-cache",
        "wiggle",
        "winch-codegen",
    ] {
        assert!(resolved(&metadata, absent).is_empty(), "{absent} is in the tree");
    }
}

#[test]
fn vetting_and_compiling_parse_with_one_wasmparser() {
    let metadata = metadata();
    let version_in = |package: &str| {
        let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        let id = packages
            .iter()
            .find(|p| p["name"] == package)
            .map(|p| p["id"].clone())
            .unwrap();
        let node = nodes.iter().find(|node| node["id"] == id).unwrap();
        let deps = node["deps"].as_array().unwrap();
        deps.iter()
            .find(|dep| dep["name"] == "wasmparser")
            .map(|dep| dep["pkg"].clone())
            .unwrap()
    };
    assert_eq!(version_in("synapse-sandbox"), version_in("wasmtime-environ"));
}
