//! The record of a run: a dated Markdown file, so that no number is quoted without its machine.

use super::machine::Machine;
use super::startup::Startup;

/// Median and extremes of repeated measurements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// The spread of at least one value.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = if sorted.len().is_multiple_of(2) {
            (sorted.get(middle.checked_sub(1)?)? + sorted.get(middle)?) / 2.0
        } else {
            *sorted.get(middle)?
        };
        Some(Self {
            median,
            min: *sorted.first()?,
            max: *sorted.last()?,
        })
    }
}

/// One contender's result.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) protocol: &'static str,
    pub(crate) threads: usize,
    /// In hashes per second.
    pub(crate) rate: Spread,
    pub(crate) is_peer: bool,
}

/// Everything that a run found.
pub(crate) struct Record {
    pub(crate) date: String,
    pub(crate) machine: Machine,
    pub(crate) commit: String,
    pub(crate) rounds: usize,
    pub(crate) seconds: f64,
    pub(crate) rows: Vec<Row>,
    pub(crate) startup: Startup,
    pub(crate) notes: Vec<String>,
}

impl Record {
    /// `YYYY-MM-DD-<cpu>.md`.
    pub(crate) fn file_name(&self) -> String {
        format!("{}-{}.md", self.date, slug(&self.machine.cpu))
    }

    /// The whole file.
    pub(crate) fn markdown(&self) -> String {
        let Machine {
            cpu,
            cpus,
            memory,
            system,
            rustc,
        } = &self.machine;
        let (rounds, seconds) = (self.rounds, self.seconds);
        let mut text = format!(
            "# {cpu}, {date}\n\n\
             `cargo xtask bench`, commit: {commit}. {rounds} rounds in which the contenders take \
             turns, {seconds} s each.\n\n\
             | | |\n|---|---|\n\
             | CPU | {cpu} |\n| CPUs | {cpus} |\n| memory | {memory} |\n| system | {system} |\n\
             | compiler | {rustc} |\n\n\
             ## Rates\n\n\
             MH/s: million hashes per second of wall clock. {ratios}\n\n\
             | solver | protocol | threads | median | min | max | ratio |\n\
             |---|---|---|---|---|---|---|\n",
            date = self.date,
            commit = self.commit,
            ratios =
                "The ratio is to the peer on the same message, one thread against one, by medians.",
        );
        for row in &self.rows {
            let Spread { median, min, max } = row.rate;
            text += &format!(
                "| {} | {} | {} | {} | {} | {} | {} |\n",
                row.name,
                row.protocol,
                row.threads,
                mega(median),
                mega(min),
                mega(max),
                self.ratio(row)
                    .map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.1}")),
            );
        }
        for protocol in ["v1", "legacy"] {
            if let Some(scaling) = self.scaling(protocol) {
                text += &format!("\nTwo threads are {scaling:.2} times one on {protocol}.\n");
            }
        }
        text += &self.startup_markdown();
        text += "\n## Notes\n\n";
        for note in &self.notes {
            text += &format!("- {note}\n");
        }
        text
    }

    fn startup_markdown(&self) -> String {
        let Startup {
            first_hash_ms,
            challenge_change_ms,
            peak_memory_kib,
        } = &self.startup;
        let times = |spread: &Option<Spread>| {
            spread.map_or_else(
                || "not measured".to_owned(),
                |Spread { median, min, max }| format!("{median:.1} ms ({min:.1} to {max:.1})"),
            )
        };
        let memory = peak_memory_kib.map_or_else(
            || "not measured: this system does not report it".to_owned(),
            |kib| format!("{}.{} MiB", kib >> 10, ((kib & 1023) * 10) >> 10),
        );
        format!(
            "\n## Start, change, memory\n\n\
             All threads; median (min to max).\n\n\
             | | |\n|---|---|\n\
             | start of `main` to the end of the first round | {} |\n\
             | new challenge to the first round on it | {} |\n\
             | most memory during `btpow solve --sample` | {memory} |\n",
            times(first_hash_ms),
            times(challenge_change_ms),
        )
    }

    /// The ratio of our row to the peer with the same protocol and number of threads.
    fn ratio(&self, row: &Row) -> Option<f64> {
        let peer = self.rows.iter().find(|peer| {
            peer.is_peer && (peer.protocol, peer.threads) == (row.protocol, row.threads)
        })?;
        (!row.is_peer).then(|| row.rate.median / peer.rate.median)
    }

    /// Two threads against one, with the instruction set that the binary chooses.
    fn scaling(&self, protocol: &str) -> Option<f64> {
        let two = self
            .rows
            .iter()
            .find(|row| row.protocol == protocol && row.threads == 2)?;
        let one = self
            .rows
            .iter()
            .find(|row| row.protocol == protocol && row.threads == 1 && row.name == two.name)?;
        Some(two.rate.median / one.rate.median)
    }
}

/// Hashes per second as MH/s, with three significant digits.
fn mega(rate: f64) -> String {
    let rate = rate / 1e6;
    let digits = if rate < 1.0 { 4 } else { 2 };
    format!("{rate:.digits$}")
}

/// Small letters, digits and single hyphens: `AMD EPYC (family 25)` is `amd-epyc-family-25`.
fn slug(name: &str) -> String {
    let words = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::{Machine, Record, Row, Spread, Startup, slug};

    fn row(name: &str, threads: usize, rate: f64, is_peer: bool) -> Row {
        let rate = Spread {
            median: rate,
            min: rate * 0.9,
            max: rate * 1.1,
        };
        Row {
            name: name.to_owned(),
            protocol: "v1",
            threads,
            rate,
            is_peer,
        }
    }

    fn record() -> Record {
        Record {
            date: "2026-01-02".to_owned(),
            machine: Machine {
                cpu: "AMD EPYC (family 25, model 17)".to_owned(),
                cpus: 2,
                memory: "24 GiB".to_owned(),
                system: "Debian 12".to_owned(),
                rustc: "rustc 1.95.0".to_owned(),
            },
            commit: "0123456789ab".to_owned(),
            rounds: 5,
            seconds: 2.0,
            rows: vec![
                row("btpow", 1, 15e6, false),
                row("btpow", 2, 29.4e6, false),
                row("peer", 1, 1.5e6, true),
            ],
            startup: Startup {
                peak_memory_kib: Some(5 * 1024 + 512),
                ..Startup::default()
            },
            notes: vec!["a note".to_owned()],
        }
    }

    #[test]
    fn median_of_odd_and_even_counts() {
        let spread = Spread::of(&[3.0, 1.0, 2.0]).unwrap();
        assert_eq!(
            spread,
            Spread {
                median: 2.0,
                min: 1.0,
                max: 3.0
            }
        );
        assert_eq!(Spread::of(&[4.0, 1.0]).unwrap().median, 2.5);
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn a_file_is_named_by_date_and_cpu() {
        assert_eq!(
            record().file_name(),
            "2026-01-02-amd-epyc-family-25-model-17.md"
        );
        assert_eq!(slug("Intel(R) Xeon(R) @ 2.00GHz"), "intel-r-xeon-r-2-00ghz");
    }

    #[test]
    fn a_record_has_rates_ratios_and_scaling() {
        let text = record().markdown();
        for line in [
            "| btpow | v1 | 1 | 15.00 | 13.50 | 16.50 | 10.0 |\n",
            "| btpow | v1 | 2 | 29.40 | 26.46 | 32.34 | - |\n",
            "| peer | v1 | 1 | 1.50 | 1.35 | 1.65 | - |\n",
            "Two threads are 1.96 times one on v1.\n",
            "| most memory during `btpow solve --sample` | 5.5 MiB |\n",
            "| new challenge to the first round on it | not measured |\n",
            "- a note\n",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
