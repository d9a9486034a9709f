//! What matters to a user besides the rate: the first hash, a new challenge, memory.

use core::time::Duration;
use std::fs;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use super::record::Spread;
use super::{Bench, devices};

/// The measurements; `None` if the binary or the system does not report one.
#[derive(Default)]
pub(crate) struct Startup {
    /// From the start of the process to the end of the first round, in milliseconds.
    pub(crate) first_hash_ms: Option<Spread>,
    /// From a new challenge to the first round on it, in milliseconds.
    pub(crate) challenge_change_ms: Option<Spread>,
    /// The most memory that `btpow solve --sample` held, in KiB.
    pub(crate) peak_memory_kib: Option<u64>,
}

/// Measures with all threads and the instruction set that the binary chooses.
///
/// # Errors
///
/// When the binary fails.
pub(super) fn measure(bench: &Bench<'_>) -> Result<Startup> {
    let (mut first, mut change) = (Vec::new(), Vec::new());
    for _ in 0..bench.effort.rounds() {
        let json = bench
            .workspace
            .program(&bench.btpow, "bench --seconds 0.3 --json")
            .output()?;
        first.extend(devices::number(&json, "first_hash_ms")?);
        change.extend(devices::number(&json, "challenge_change_ms")?);
    }
    Ok(Startup {
        first_hash_ms: Spread::of(&first),
        challenge_change_ms: Spread::of(&change),
        peak_memory_kib: peak_memory_kib(bench)?,
    })
}

/// The kernel's high-water mark of the process, read until the process ends. The usual `ru_maxrss` would start with the
/// memory of the parent process.
fn peak_memory_kib(bench: &Bench<'_>) -> Result<Option<u64>> {
    let program = bench
        .workspace
        .program(&bench.btpow, "solve --sample --json");
    program.show();
    let mut child = program
        .into_command()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    let ended = loop {
        if let Some(kib) = fs::read_to_string(&status)
            .ok()
            .as_deref()
            .and_then(high_water_kib)
        {
            peak = Some(kib);
        }
        if let Some(ended) = child.try_wait().context("cannot wait for btpow")? {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    ensure!(
        ended.success(),
        "`btpow solve --sample --json` ended with {ended}"
    );
    Ok(peak)
}

/// `VmHWM` of Linux's `/proc/PID/status`. A process that has ended no longer has it.
fn high_water_kib(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::high_water_kib;

    #[test]
    fn the_high_water_mark_is_read() {
        assert_eq!(
            high_water_kib("Name:\tbtpow\nVmHWM:\t    5120 kB\nVmRSS:\t 4000 kB"),
            Some(5120)
        );
        assert_eq!(high_water_kib("Name:\tbtpow\nState:\tZ (zombie)"), None);
    }
}
