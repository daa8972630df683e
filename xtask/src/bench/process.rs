//! What does a process use? Read from /proc.

use anyhow::{Context, Result};

/// Clock ticks a second: fixed in Linux's interface to user space.
const TICKS: f64 = 100.0;

/// Resident memory, MiB.
pub fn rss_mib(process: u32) -> Result<f64> {
    memory_mib(process, "VmRSS:")
}

/// The most resident memory since [`forget_peak`], MiB.
pub fn peak_rss_mib(process: u32) -> Result<f64> {
    memory_mib(process, "VmHWM:")
}

/// Lets the peak begin anew (proc(5): 5 into clear_refs).
pub fn forget_peak(process: u32) -> Result<()> {
    std::fs::write(format!("/proc/{process}/clear_refs"), "5").context("clear_refs")
}

fn memory_mib(process: u32, name: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .with_context(|| format!("no {name}"))?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1_024.0)
}

/// CPU time so far, milliseconds.
pub fn cpu_ms(process: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The program's name may hold spaces; the numbers begin after its closing parenthesis.
    let numbers: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| {
        numbers
            .get(at)
            .and_then(|text| text.parse::<f64>().ok())
            .context("a short /proc stat")
    };
    Ok((ticks(11)? + ticks(12)?) * 1_000.0 / TICKS)
}
