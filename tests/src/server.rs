//! How is the server process started, stopped, and killed?

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Longest time for a start; a start takes milliseconds, but a loaded machine may not.
const START: Duration = Duration::from_secs(60);

/// A running server process. Dropped: killed.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub url: String,
}

/// The folder of the binaries under test: the test's own, or the one that `SYNAPSE_TEST_BINARIES` names (cargo's `build.build-dir`
/// keeps test programs and binaries apart).
pub fn binaries() -> anyhow::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("SYNAPSE_TEST_BINARIES") {
        return Ok(PathBuf::from(folder));
    }
    let test = std::env::current_exe()?;
    let folder = test.parent().and_then(Path::parent);
    Ok(folder
        .context("a test binary lives in target/<profile>/deps")?
        .to_owned())
}

/// The binary under test.
pub fn binary() -> anyhow::Result<PathBuf> {
    let binary = binaries()?.join("synapse");
    anyhow::ensure!(
        binary.exists(),
        "`{}` is missing; `cargo xtask test` builds it first",
        binary.display()
    );
    Ok(binary)
}

/// Where a run of all tests collects which requests each capability function makes, and for which test.
fn observed() -> Vec<(&'static str, std::ffi::OsString)> {
    let Some(file) = std::env::var_os("SYNAPSE_OBSERVED") else {
        return Vec::new();
    };
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    vec![("SYNAPSE_OBSERVED", file), ("SYNAPSE_OBSERVED_TEST", test.into())]
}

impl Server {
    /// Starts `synapse serve` in a folder that holds `synapse.toml`; its output is appended to `server.log` there.
    pub async fn start(folder: &Path, environment: &[(String, String)]) -> anyhow::Result<Self> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(folder.join("server.log"))?;
        let mut child = Command::new(binary()?)
            .args(["serve", "--config"])
            .arg(folder.join("synapse.toml"))
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .envs(observed())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("the server cannot be started")?;
        let stdout = child.stdout.take().context("no standard output")?;
        let line = tokio::time::timeout(START, BufReader::new(stdout).lines().next_line())
            .await
            .context("the server did not say where it listens")??;
        let log_text = || std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
        let line = line.with_context(|| format!("the server ended before it listened:\n{}", log_text()))?;
        let said: serde_json::Value = serde_json::from_str(&line)?;
        let url = said["listening"]
            .as_str()
            .context("no address in the server's first line")?
            .to_owned();
        Ok(Self { child, url })
    }

    /// Waits until the process has ended by itself (a fail point killed it).
    pub async fn ended(&mut self) -> anyhow::Result<std::process::ExitStatus> {
        let ended = tokio::time::timeout(START, self.child.wait()).await;
        Ok(ended.context("the server did not end: was the fail point reached?")??)
    }

    /// Is the process still there?
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// kill -9. A process that has ended (at a fail point) is fine too.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        if self.is_running() {
            self.child.start_kill()?;
        }
        self.child.wait().await?;
        Ok(())
    }

    /// SIGTERM, and waits for the end.
    pub async fn terminate(&mut self) -> anyhow::Result<std::process::ExitStatus> {
        self.signal_terminate()?;
        self.ended().await
    }

    /// SIGTERM.
    pub fn signal_terminate(&self) -> anyhow::Result<()> {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        let process = id
            .and_then(rustix::process::Pid::from_raw)
            .context("the server has ended")?;
        rustix::process::kill_process(process, rustix::process::Signal::TERM).context("SIGTERM was not delivered")
    }

    /// The process id.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }
}
