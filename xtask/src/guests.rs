//! Are all workflows and test guests built, as components, from today's sources?

mod build;
mod component;
mod discover;

use crate::{paths, setup, stamp};
use anyhow::{Context, Result, bail};
use discover::{Group, Guest};

/// Builds what changed and removes components whose guest is gone.
pub fn run() -> Result<()> {
    let toolchain = setup::wasm_toolchain()?;
    let version = toolchain.version()?;
    let mut names = Vec::new();
    let mut broken = Vec::new();
    for group in discover::groups() {
        // One group that does not compile must not hide the state of the other.
        match current(&group, &toolchain, &version) {
            Ok(guests) => names.extend(guests),
            Err(error) => broken.push(format!("{}: {error:#}", group.name)),
        }
    }
    if !broken.is_empty() {
        bail!("{}", broken.join("\n"));
    }
    names.sort();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        bail!(
            "two guests are called {}: rename one, a component's file name is its guest's name",
            twice[0]
        );
    }
    remove_others(&names)
}

/// The names of a group's guests, all of them built from today's sources.
fn current(group: &Group, toolchain: &setup::Toolchain, version: &str) -> Result<Vec<String>> {
    let key = group.key(version)?;
    let step = format!("guests-{}", group.name);
    if let Some(guests) = stamp::read(&step).as_deref().and_then(|text| unchanged(text, &key)) {
        return Ok(guests);
    }
    stamp::clear(&step);
    let guests = make(group, toolchain)?;
    stamp::write(&step, &format!("{key}\n{}", guests.join("\n")))?;
    Ok(guests)
}

/// The guests of a group that was built with this key, if all their components are still there.
fn unchanged(stamp: &str, key: &str) -> Option<Vec<String>> {
    let mut lines = stamp.lines();
    let same = lines.next() == Some(key);
    let names: Vec<String> = lines.map(str::to_owned).collect();
    let complete = names.iter().all(|name| component::path(name).is_file());
    (same && complete).then_some(names)
}

/// Builds a group: one cargo call for each target that its guests ask for.
fn make(group: &Group, toolchain: &setup::Toolchain) -> Result<Vec<String>> {
    let guests = group.guests()?;
    for target in setup::WASM_TARGETS {
        let wanted: Vec<&Guest> = guests.iter().filter(|guest| guest.target == target).collect();
        if wanted.is_empty() {
            continue;
        }
        let names: Vec<&str> = wanted.iter().map(|guest| guest.name.as_str()).collect();
        println!("guests: building {} for {target}: {}", group.name, names.join(", "));
        build::build(group, &wanted, target, toolchain)?;
        for guest in wanted {
            component::make(guest).with_context(|| format!("guest {}", guest.name))?;
        }
    }
    Ok(guests.into_iter().map(|guest| guest.name).collect())
}

/// A component without a guest would be tested for ever after its source is gone.
fn remove_others(names: &[String]) -> Result<()> {
    let dir = paths::components();
    if !dir.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(&dir)? {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_component = path.extension().is_some_and(|extension| extension == "wasm");
        if is_component && !names.contains(&stem) {
            println!("guests: removing {} (its guest is gone)", path.display());
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}
