//! What a record says about the machine: enough to compare, but nothing that identifies it or its owner.

use std::fs;

use anyhow::Result;

use crate::workspace::Workspace;

/// The hardware and the compiler.
pub(crate) struct Machine {
    /// The CPU's own name, with its family and model, since the name may say little.
    pub(crate) cpu: String,
    pub(crate) cpus: usize,
    /// In GiB.
    pub(crate) memory: String,
    pub(crate) system: String,
    pub(crate) rustc: String,
}

/// The values that the system reports; "unknown" for the rest.
pub(super) fn describe(workspace: &Workspace) -> Machine {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let unknown = || "unknown".to_owned();
    Machine {
        cpu: cpu(&read("/proc/cpuinfo")).unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        cpus: std::thread::available_parallelism().map_or(1, usize::from),
        memory: memory(&read("/proc/meminfo")).unwrap_or_else(unknown),
        system: system(
            &read("/etc/os-release"),
            read("/proc/sys/kernel/osrelease").trim(),
        ),
        rustc: workspace
            .program("rustc", "--version")
            .ask()
            .unwrap_or_else(|_| unknown()),
    }
}

/// Today in UTC, as YYYY-MM-DD.
pub(super) fn date(workspace: &Workspace) -> Result<String> {
    workspace.program("date", "-u +%F").ask()
}

/// The measured commit, and whether files differ from it.
pub(super) fn commit(workspace: &Workspace) -> String {
    let git = |arguments: &str| workspace.program("git", arguments).ask();
    match (git("rev-parse --short=12 HEAD"), git("status --porcelain")) {
        (Ok(commit), Ok(changes)) if changes.is_empty() => commit,
        (Ok(commit), _) => format!("{commit}, with changes"),
        (Err(_), _) => "not committed yet".to_owned(),
    }
}

/// The load averages of 1, 5 and 15 minutes.
pub(super) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<_> = load.split_whitespace().take(3).collect();
    if load.is_empty() {
        "unknown".to_owned()
    } else {
        load.join(" ")
    }
}

/// The last CPU that this process may use: the first one gets most of a system's interrupts.
pub(super) fn last_cpu() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let allowed = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    allowed.trim().rsplit([',', '-']).next().map(str::to_owned)
}

fn cpu(info: &str) -> Option<String> {
    let field = |name: &str| {
        info.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == name).then(|| value.trim().to_owned())
        })
    };
    let name = field("model name")?;
    // Virtual machines often have a name like "AMD EPYC"; the numbers reveal the generation.
    Some(match (field("cpu family"), field("model")) {
        (Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        _ => name,
    })
}

fn memory(info: &str) -> Option<String> {
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(format!("{} GiB", (kib + (1 << 19)) >> 20))
}

fn system(release: &str, kernel: &str) -> String {
    let name = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .map_or(std::env::consts::OS, |name| name.trim_matches('"'));
    match kernel.split(['-', '+']).next() {
        // Only the version, since what follows may name a provider or a build machine.
        Some(version) if !version.is_empty() => format!("{name}, kernel {version}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{cpu, memory, system};

    #[test]
    fn a_cpu_is_named_with_its_generation() {
        let info = "processor\t: 0\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\n";
        assert_eq!(cpu(info).unwrap(), "AMD EPYC (family 25, model 17)");
        assert_eq!(cpu("processor\t: 0\n"), None);
    }

    #[test]
    fn memory_is_rounded_to_whole_gib() {
        assert_eq!(memory("MemTotal:       24646248 kB\n").unwrap(), "24 GiB");
    }

    #[test]
    fn a_kernel_is_named_by_its_version_alone() {
        assert_eq!(
            system("PRETTY_NAME=\"Debian 12\"\n", "6.1.0-18-cloud"),
            "Debian 12, kernel 6.1.0"
        );
    }
}
