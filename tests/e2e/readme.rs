//! Does the README's beginning work as it is written? Every shell block is executed, or says why not.
//!
//! The line above a `sh` block marks it: `<!-- test: run -->` (executed to its end), `<!-- test: serve -->` (its last command goes
//! on), or `<!-- test: exempt: reason -->`. A `text` block marked `<!-- test: output -->` has to appear in what was printed.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;
use synapse_sim::start;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A block of the README.
struct Block {
    mark: String,
    language: String,
    text: String,
}

fn root() -> anyhow::Result<PathBuf> {
    Ok(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?)
}

/// The fenced blocks, each with the mark right above it.
fn blocks(readme: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut mark, mut open) = (String::new(), None::<Block>);
    for line in readme.lines() {
        if let Some(language) = line.strip_prefix("```") {
            match open.take() {
                Some(block) => blocks.push(block),
                None => {
                    open = Some(Block {
                        mark: std::mem::take(&mut mark),
                        language: language.to_owned(),
                        text: String::new(),
                    });
                }
            }
        } else if let Some(block) = &mut open {
            block.text.push_str(line);
            block.text.push('\n');
        } else {
            let comment = line
                .strip_prefix("<!-- test: ")
                .and_then(|rest| rest.strip_suffix(" -->"));
            mark = comment.unwrap_or_default().to_owned();
        }
    }
    blocks
}

/// A port that nobody uses now.
fn free_address() -> anyhow::Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// What the commands of one README see: a tree with the paths that they name, and addresses of our own in place of the fixed ones.
struct Stage {
    tree: tempfile::TempDir,
    server: String,
    addresses: Vec<(&'static str, String)>,
}

impl Stage {
    fn new() -> anyhow::Result<Self> {
        let (root, tree) = (root()?, tempfile::tempdir()?);
        std::fs::create_dir(tree.path().join("target"))?;
        let binaries = synapse_tests::binaries()?;
        for (from, to) in [
            (root.join("target/guests"), "target/guests"),
            (binaries, "target/debug"),
            (root.join("workflows"), "workflows"),
        ] {
            std::os::unix::fs::symlink(from, tree.path().join(to))?;
        }
        let server = free_address()?;
        Ok(Self {
            tree,
            addresses: vec![("127.0.0.1:8080", server.clone())],
            server,
        })
    }

    /// The folder that the README's first block goes to.
    fn folder(&self) -> PathBuf {
        self.tree.path().join("target/try")
    }

    fn shell(&self, block: &Block) -> Command {
        let mut text = block.text.clone();
        for (written, real) in &self.addresses {
            text = text.replace(written, real);
        }
        let folder = if self.folder().exists() {
            self.folder()
        } else {
            self.tree.path().to_owned()
        };
        let mut shell = Command::new("sh");
        shell
            .args(["-e", "-c", &text])
            .current_dir(folder)
            .env("SYNAPSE_URL", format!("http://{}", self.server));
        shell.env_remove("SYNAPSE_KEY").stdin(Stdio::null()).kill_on_drop(true);
        shell
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readmes_ten_minutes_work_as_written() -> anyhow::Result<()> {
    let blocks = blocks(&std::fs::read_to_string(root()?.join("README.md"))?);
    let stage = Stage::new()?;
    let mut simulators = Vec::new();
    let mut servers = Vec::new();
    let mut printed = String::new();
    for block in &blocks {
        match (block.language.as_str(), block.mark.as_str()) {
            ("sh", "run") => {
                let output = stage.shell(block).output().await?;
                let (out, err) = (
                    String::from_utf8_lossy(&output.stdout),
                    String::from_utf8_lossy(&output.stderr),
                );
                assert!(output.status.success(), "{}\n{out}\n{err}", block.text);
                printed.push_str(&out);
                if simulators.is_empty() {
                    // The block that the README's first terminal runs, in this process.
                    let hive: Value = serde_json::from_slice(&std::fs::read(stage.folder().join("hive.json"))?)?;
                    let recorded: Value =
                        serde_json::from_str(include_str!("../simulators/fixtures/qradar-recorded.json"))?;
                    let anywhere = "127.0.0.1:0".parse()?;
                    let (thehive, qradar) = (
                        start::thehive(anywhere, Some(hive)).await?,
                        start::qradar(anywhere, None, Some(recorded)).await?,
                    );
                    let config = stage.folder().join("synapse.toml");
                    let mut text = std::fs::read_to_string(&config)?;
                    for (written, simulator) in
                        [("http://127.0.0.1:9000", &thehive), ("http://127.0.0.1:9001", &qradar)]
                    {
                        assert!(text.contains(written), "the README's configuration has no {written}");
                        text = text.replace(written, &simulator.url());
                    }
                    std::fs::write(&config, text)?;
                    simulators.push((thehive, qradar));
                }
            }
            ("sh", "serve") => {
                let mut server = stage.shell(block).stdout(Stdio::piped()).spawn()?;
                let mut lines = BufReader::new(server.stdout.take().context("its output")?).lines();
                let listens = async {
                    while let Some(line) = lines.next_line().await? {
                        if line.contains("\"listening\"") {
                            return anyhow::Ok(());
                        }
                    }
                    anyhow::bail!("it ended before it listened")
                };
                tokio::time::timeout(Duration::from_secs(60), listens)
                    .await
                    .context("it did not listen")??;
                servers.push(server);
            }
            ("sh", mark) => {
                let reason = mark
                    .strip_prefix("exempt: ")
                    .with_context(|| format!("a block without a mark:\n{}", block.text))?;
                assert!(reason.len() > 10, "why is it not executed? {}", block.text);
            }
            ("text", "output") => {
                for line in block.text.lines() {
                    assert!(printed.contains(line), "`{line}` was not printed:\n{printed}");
                }
            }
            _ => {}
        }
    }
    let (thehive, _) = simulators.first().context("no block was executed")?;
    assert_eq!(
        thehive.control.effects(0).len(),
        1,
        "one alert, however often it was asked for"
    );
    assert!(
        printed.contains("cut off at the go-live point, before which nothing is imported"),
        "{printed}"
    );
    assert!(
        printed.contains("skipped  offense 450: already imported as alert ~"),
        "{printed}"
    );
    assert!(!servers.is_empty(), "the server was never started");
    for server in servers {
        stop(server).await?;
    }
    Ok(())
}

/// Ends the server: the shell's child, or the shell itself if it became the server.
async fn stop(mut shell: Child) -> anyhow::Result<()> {
    let id = shell.id().context("the shell has ended")?;
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
    let server = children
        .split_whitespace()
        .next()
        .map_or_else(|| id.to_string(), ToOwned::to_owned);
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -TERM {server}")])
        .status()
        .await?;
    anyhow::ensure!(sent.success(), "SIGTERM was not delivered");
    let ended = tokio::time::timeout(Duration::from_secs(60), shell.wait())
        .await
        .context("the server did not stop")??;
    anyhow::ensure!(ended.success(), "the server ended with {ended}");
    Ok(())
}
