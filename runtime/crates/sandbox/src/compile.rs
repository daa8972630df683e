//! How is a component compiled without risk to the server? In a child process with limits, one at a time. (threat row 16)

mod child;

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use synapse_domain::digest::Digest;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use child::{SUBCOMMAND, child_main};

/// Longest a child may take by the clock: twice its CPU limit, for a busy machine.
const WALL: Duration = Duration::from_secs(120);
/// Largest artefact: machine code is up to four times the component, which is at most 32 MiB.
const ARTEFACT_BYTES: u64 = 160 << 20;
/// Most that is read of what a child says about its failure.
const MESSAGE_BYTES: u64 = 4 << 10;
/// Failures remembered; the oldest is forgotten first.
const FAILURES: usize = 1_024;

/// Why a component did not compile.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CompileError {
    /// The compiler's own answer.
    #[error("the component is not valid for this runtime: {0}")]
    Invalid(String),
    /// Died of the address-space limit.
    #[error("compiling needs more than {} MiB of memory: some function is too large or has too many locals. Split it", child::MEMORY_BYTES >> 20)]
    Memory,
    /// Died of the CPU limit.
    #[error(
        "compiling needs more than {} seconds of CPU: some function is too large or has too many locals. Split it",
        child::CPU_SECONDS
    )]
    Cpu,
    /// Killed after the wall-clock limit.
    #[error("compiling took more than {} seconds. If the machine was overloaded, try again after a restart", WALL.as_secs())]
    Wall,
    /// More output than any component needs.
    #[error("compiling gave more than {} MiB of machine code. Split the workflow", ARTEFACT_BYTES >> 20)]
    TooMuchCode,
    /// Died otherwise: a fault of the compiler.
    #[error("the compiler stopped unexpectedly ({0}). Please report the component: this is a fault of the runtime")]
    Crashed(String),
    /// Not started, or not talked to. Says nothing about the component.
    #[error("cannot run the compiler `{exe}`: {reason}")]
    NotRun {
        /// The program.
        exe: String,
        /// What the operating system said.
        reason: String,
    },
}

impl CompileError {
    /// Would the same bytes fail again? Only such failures are remembered.
    fn is_final(&self) -> bool {
        !matches!(self, Self::NotRun { .. })
    }
}

/// Compiles components in child processes of `exe`, whose `compile-component` subcommand is [`child_main`].
pub struct Compiler {
    exe: PathBuf,
    /// One at a time: two would be 3 GB.
    turn: Arc<Semaphore>,
    failures: Mutex<Failures>,
}

/// The right to compile.
#[must_use]
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Compiler {
    /// A compiler that starts `exe`, normally `std::env::current_exe()`.
    pub fn new(exe: impl Into<PathBuf>) -> Self {
        Self {
            exe: exe.into(),
            turn: Arc::new(Semaphore::new(1)),
            failures: Mutex::default(),
        }
    }

    /// Waits until no other component is compiled. Whoever waited should look again whether the work is still needed.
    pub async fn turn(&self) -> Turn {
        let permit = Arc::clone(&self.turn).acquire_owned().await;
        Turn {
            _permit: permit.expect("the semaphore is never closed"),
        }
    }

    /// Machine code for a component. Vet it first. Dropping the future kills the child.
    ///
    /// # Errors
    /// See [`CompileError`]. What failed once fails at once for the rest of the process's life, without a child.
    pub async fn compile(&self, turn: Turn, digest: &Digest, component: &[u8]) -> Result<Vec<u8>, CompileError> {
        if let Some(error) = self.known_failure(digest) {
            return Err(error);
        }
        let outcome = self.run(component).await;
        drop(turn);
        if let Err(error) = &outcome {
            tracing::warn!(component = %digest, %error, "component did not compile");
            if error.is_final() {
                self.failures
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remember(*digest, error.clone());
            }
        }
        outcome
    }

    /// Why this component failed before, if it did.
    pub fn known_failure(&self, digest: &Digest) -> Option<CompileError> {
        self.failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .by_digest
            .get(digest)
            .cloned()
    }

    async fn run(&self, component: &[u8]) -> Result<Vec<u8>, CompileError> {
        let not_run = |error: std::io::Error| CompileError::NotRun {
            exe: self.exe.display().to_string(),
            reason: error.to_string(),
        };
        // Nothing of ours reaches the child: no environment (secrets may be in it), no working directory, no inherited files.
        let mut child = Command::new(&self.exe)
            .arg(SUBCOMMAND)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(not_run)?;
        match tokio::time::timeout(WALL, converse(&mut child, component)).await {
            Ok(Ok(said)) => said.verdict(),
            Ok(Err(error)) => Err(not_run(error)),
            Err(_elapsed) => {
                // Waits for the death, so that the next compilation does not share the machine with it.
                child.kill().await.map_err(not_run)?;
                Err(CompileError::Wall)
            }
        }
    }
}

/// What a child said and how it ended.
struct Said {
    artefact: Vec<u8>,
    message: Vec<u8>,
    status: ExitStatus,
}

async fn converse(child: &mut Child, component: &[u8]) -> std::io::Result<Said> {
    let (mut stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let send = async {
        if let Some(pipe) = &mut stdin {
            // A child that dies early breaks the pipe; its status says why.
            let _ = pipe.write_all(component).await;
        }
        // Closed: the end of the component.
        drop(stdin);
    };
    // One byte beyond the limit is enough to know. A reader that stops early breaks the child's pipe, which ends it.
    let ((), artefact, message) = tokio::join!(
        send,
        read_some(stdout, ARTEFACT_BYTES + 1),
        read_some(stderr, MESSAGE_BYTES)
    );
    Ok(Said {
        artefact: artefact?,
        message: message?,
        status: child.wait().await?,
    })
}

async fn read_some(pipe: Option<impl AsyncRead + Unpin>, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(limit).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

impl Said {
    fn verdict(self) -> Result<Vec<u8>, CompileError> {
        use std::os::unix::process::ExitStatusExt as _;

        let message: String = String::from_utf8_lossy(&self.message)
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        if self.artefact.len() as u64 > ARTEFACT_BYTES {
            return Err(CompileError::TooMuchCode);
        }
        match (self.status.code(), self.status.signal()) {
            // Some other program that ended well.
            (Some(0), _) if self.artefact.is_empty() => Err(CompileError::Crashed("its answer was empty".into())),
            (Some(0), _) => Ok(self.artefact),
            (Some(child::INVALID), _) if message.contains("os error 12") || message.contains("out of memory") => {
                Err(CompileError::Memory)
            }
            (Some(child::INVALID), _) => Err(CompileError::Invalid(message.trim().to_owned())),
            // Rust aborts when an allocation fails, and says so.
            (_, Some(child::SIGABRT)) if message.contains("memory allocation") => Err(CompileError::Memory),
            // The soft limit sends one, the hard limit the other.
            (_, Some(child::SIGXCPU | child::SIGKILL)) => Err(CompileError::Cpu),
            _ => Err(CompileError::Crashed(format!("{}: {}", self.status, message.trim()))),
        }
    }
}

#[derive(Default)]
struct Failures {
    by_digest: HashMap<Digest, CompileError>,
    oldest_first: VecDeque<Digest>,
}

impl Failures {
    fn remember(&mut self, digest: Digest, error: CompileError) {
        if self.by_digest.insert(digest, error).is_none() {
            self.oldest_first.push_back(digest);
        }
        if self.oldest_first.len() > FAILURES
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.by_digest.remove(&oldest);
        }
    }
}
