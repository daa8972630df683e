//! How does a task start another program, wait for it, and make sure that it does not outlive the task?

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// A command in the repository's root that does not inherit this crate's own build variables.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::paths::root());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let ours = text.starts_with("CARGO_PKG_")
            || matches!(
                &*text,
                "CARGO_MANIFEST_DIR" | "CARGO_MANIFEST_PATH" | "CARGO_PRIMARY_PACKAGE"
            );
        if ours {
            command.env_remove(&name);
        }
    }
    command
}

/// The same, ended after `limit` by coreutils' `timeout` (exit status 124). For programs that may hang on a network.
pub fn limited(limit: Duration, program: impl AsRef<OsStr>) -> Command {
    let mut command = command("timeout");
    command
        .arg("--kill-after=5")
        .arg(limit.as_secs().max(1).to_string())
        .arg(program);
    command
}

/// Cargo of the toolchain that runs us.
pub fn cargo() -> Command {
    command(crate::paths::cargo())
}

/// Runs to the end with our own output streams; an exit other than 0 is an error that names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", describe(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", describe(command));
    }
    Ok(())
}

/// Runs to the end and returns what was printed, whatever the exit status.
pub fn capture(command: &mut Command) -> Result<Output> {
    command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", describe(command)))
}

/// Runs quietly; on failure the error carries what the program printed.
pub fn run_quiet(command: &mut Command) -> Result<String> {
    let output = capture(command)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} ended with {}\n{}{}",
            describe(command),
            output.status,
            text,
            errors.trim_end()
        );
    }
    Ok(text)
}

/// The command line, for messages.
pub fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A program that is killed and reaped when this value goes away.
pub struct Guard {
    child: Child,
    name: String,
}

impl Guard {
    /// Starts it. A piped standard input stays open as long as the guard lives.
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {name}: {}", describe(command)))?;
        Ok(Self {
            child,
            name: name.to_owned(),
        })
    }

    /// The process id, for reading its memory and CPU use.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The first line it prints. Later lines are read and dropped, so that it never blocks on a full pipe.
    pub fn ready_line(&mut self, limit: Duration) -> Result<String> {
        let stdout = self
            .child
            .stdout
            .take()
            .context("the program was started without a piped standard output")?;
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut line = String::new();
            let read = reader.read_line(&mut line);
            let _ = sender.send(read.map(|_| line));
            let mut rest = [0u8; 4096];
            while matches!(reader.read(&mut rest), Ok(n) if n > 0) {}
        });
        match receiver.recv_timeout(limit) {
            Ok(Ok(line)) if !line.trim().is_empty() => Ok(line.trim().to_owned()),
            Ok(Ok(_)) => bail!("{} ended before it was ready: {:?}", self.name, self.child.wait()),
            Ok(Err(error)) => Err(error).with_context(|| format!("cannot read what {} prints", self.name)),
            Err(RecvTimeoutError::Timeout) => bail!("{} was not ready within {limit:?}", self.name),
            Err(RecvTimeoutError::Disconnected) => bail!("{}: its output could not be read", self.name),
        }
    }

    /// Closes its standard input (our programs stop then) and waits for its end.
    pub fn stop(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        let status = self
            .child
            .wait()
            .with_context(|| format!("cannot wait for {}", self.name))?;
        if !status.success() {
            bail!("{} ended with {status}", self.name);
        }
        Ok(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Both fail harmlessly when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a program of this name can be found on `PATH`.
pub fn on_path(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

/// Puts `dir` in front of the command's `PATH`.
pub fn prepend_path(command: &mut Command, dir: &Path) -> Result<()> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::iter::once(dir.to_path_buf()).chain(std::env::split_paths(&path));
    command.env("PATH", std::env::join_paths(dirs)?);
    Ok(())
}
