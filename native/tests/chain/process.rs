//! What a process costs, as Linux tells.

use core::time::Duration;
use std::fs;

/// What a process holds at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Held {
    pub(crate) threads: usize,
    pub(crate) descriptors: usize,
    /// Bytes of memory.
    pub(crate) resident: u64,
}

/// What this one holds.
pub(crate) fn held(id: u32) -> Held {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("it lives");
    let number = |name: &str| -> u64 {
        let mut lines = status.lines().filter_map(|line| line.strip_prefix(name));
        let line = lines.next().expect("Linux tells");
        let digits = line.trim().trim_end_matches(" kB");
        digits.parse().expect("a number")
    };
    Held {
        threads: usize::try_from(number("Threads:")).expect("few"),
        descriptors: descriptors(id).len(),
        resident: 1_024 * number("VmRSS:"),
    }
}

/// What its open descriptors lead to.
pub(crate) fn descriptors(id: u32) -> Vec<String> {
    let folder = fs::read_dir(format!("/proc/{id}/fd")).expect("it lives");
    let links = folder
        .flatten()
        .filter_map(|it| fs::read_link(it.path()).ok());
    links.map(|it| it.display().to_string()).collect()
}

/// The processor time of all its threads, also of those that have ended, to a hundredth of a second.
pub(crate) fn processor_time(id: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).expect("it lives");
    let (_, fields) = stat.rsplit_once(") ").expect("its name ends");
    // The first of these fields is the third of all.
    let times = fields.split(' ').skip(14 - 3).take(2);
    let hundredths: u64 = times
        .map(|time| time.parse::<u64>().expect("a number"))
        .sum();
    Duration::from_millis(10 * hundredths)
}
