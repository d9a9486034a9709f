//! Keeps count of the trials that tune a device, and remembers the best so far, so that nothing is lost when the program is
//! ended meanwhile.

use core::{fmt, time::Duration};
use std::time::Instant;

use schemars::JsonSchema;
use serde::Serialize;

use super::tunings::{NotKept, Tunings};
use crate::report::units;

/// Trials of one device.
pub(crate) struct Trials<'a> {
    begun: Instant,
    /// Where each improvement is remembered at once; none where the caller does so at the end.
    tunings: Option<Tunings>,
    fingerprint: String,
    tell: &'a mut dyn FnMut(&str),
    /// What works, the fastest first.
    rates: Vec<Rated>,
    kept: Result<(), NotKept>,
}

/// A tuning and how fast a device is with it.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Rated {
    /// As it is written.
    pub tuning: String,
    /// Nonces per second in v1.
    pub hash_rate: f64,
}

/// What the trials of a device came to.
#[derive(Debug)]
pub struct Tuned {
    /// The fastest.
    pub best: Rated,
    /// The fastest but one; none when nothing else was tried, or worked.
    pub next: Option<Rated>,
    /// How many tunings were tried.
    pub tried: usize,
    /// How many there were to try.
    pub of: usize,
    /// How long that took.
    pub took: Duration,
    /// Whether the best will be used from now on.
    pub kept: Result<(), NotKept>,
}

impl<'a> Trials<'a> {
    /// Those of a card, which is known by `fingerprint`; each is told.
    pub(crate) fn new(
        tunings: Option<Tunings>,
        fingerprint: String,
        tell: &'a mut dyn FnMut(&str),
    ) -> Self {
        Self {
            begun: Instant::now(),
            tunings,
            fingerprint,
            tell,
            rates: Vec::new(),
            kept: Ok(()),
        }
    }

    /// For how long they have been going on.
    pub(crate) fn spent(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Notes how a tuning did: its rate in nonces per second, or why it does not work.
    pub(crate) fn note(&mut self, tuning: impl fmt::Display, rate: Result<f64, &dyn fmt::Display>) {
        let tuning = tuning.to_string();
        let hash_rate = match rate {
            Ok(rate) => rate,
            Err(error) => return (self.tell)(&format!("{tuning:<14} {error}")),
        };
        (self.tell)(&format!("{tuning:<14} {}", units::measured_rate(hash_rate)));
        if self.rates.first().is_none_or(|it| hash_rate > it.hash_rate) {
            let set = |all: &Tunings| all.set(&self.fingerprint, &tuning);
            self.kept = self.tunings.as_ref().map_or(Ok(()), set);
        }
        self.rates.push(Rated { tuning, hash_rate });
        self.rates
            .sort_by(|a, b| b.hash_rate.total_cmp(&a.hash_rate));
    }

    /// What they came to, so many of so many; none if nothing works.
    pub(crate) fn end(self, (tried, of): (usize, usize)) -> Option<Tuned> {
        let took = self.spent();
        let mut rates = self.rates.into_iter();
        Some(Tuned {
            best: rates.next()?,
            next: rates.next(),
            tried,
            of,
            took,
            kept: self.kept,
        })
    }
}

impl Tuned {
    /// By how much the best is faster than the next: 0.01 is 1 %.
    pub fn margin(&self) -> Option<f64> {
        let next = self.next.as_ref()?;
        Some(self.best.hash_rate / next.hash_rate.max(1.0) - 1.0)
    }
}

/// `b 256, 3.494 GH/s, 1.7 % ahead of a 256; tried 12 of 36 in 20.0 s; remembered`.
impl fmt::Display for Tuned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rated { tuning, hash_rate } = &self.best;
        write!(f, "{tuning}, {}", units::measured_rate(*hash_rate))?;
        if let Some((margin, next)) = self.margin().zip(self.next.as_ref()) {
            let next = &next.tuning;
            let percent = margin * 100.0;
            // A second measurement would differ by more.
            if percent < 0.05 {
                write!(f, ", as fast as {next}")?;
            } else {
                write!(f, ", {percent:.1} % ahead of {next}")?;
            }
        }
        let took = units::time(self.took.as_secs_f64());
        write!(f, "; tried {} of {} in {took}; ", self.tried, self.of)?;
        f.write_str(match self.kept {
            Ok(()) => "remembered",
            Err(_) => "not remembered",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trials(rates: &[(&str, f64)], folder: &std::path::Path) -> (Tuned, Vec<String>) {
        let mut told = Vec::new();
        let mut tell = |line: &str| told.push(line.to_owned());
        let tunings = Tunings::of(folder.join("new/tunings.json"));
        let mut trials = Trials::new(Some(tunings), "a card".to_owned(), &mut tell);
        for (tuning, rate) in rates {
            let broken: &dyn fmt::Display = &"it is broken";
            trials.note(tuning, if *rate > 0.0 { Ok(*rate) } else { Err(broken) });
        }
        let tuned = trials.end((rates.len(), 36)).expect("something works");
        (tuned, told)
    }

    #[test]
    fn the_best_is_named_with_its_margin_and_remembered() {
        let folder = tempfile::tempdir().expect("a folder");
        let all = [
            ("b 256", 3.4935e9),
            ("c 128", 0.0),
            ("a 256", 3.4346e9),
            ("b 512", 3.4936e9),
        ];
        let (tuned, told) = trials(&all, folder.path());
        assert_eq!(
            told[..2],
            ["b 256          3.494 GH/s", "c 128          it is broken"]
        );
        let text = tuned.to_string();
        assert!(
            text.starts_with("b 512, 3.494 GH/s, as fast as b 256; tried 4 of 36 in "),
            "{text}"
        );
        assert!(text.ends_with("; remembered"), "{text}");
        let (tuned, _) = trials(&all[..3], folder.path());
        let text = tuned.to_string();
        assert!(
            text.starts_with("b 256, 3.494 GH/s, 1.7 % ahead of a 256; tried 3"),
            "{text}"
        );
        let (tuned, _) = trials(&all[..1], folder.path());
        let text = tuned.to_string();
        assert!(
            text.starts_with("b 256, 3.494 GH/s; tried 1 of 36"),
            "{text}"
        );
    }

    /// As they come, so that it does not matter when the program is ended.
    #[test]
    fn the_best_so_far_is_remembered_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = || Tunings::of(folder.path().join("new/tunings.json")).get("a card");
        let mut nobody = |_: &str| {};
        let tunings = Tunings::of(folder.path().join("new/tunings.json"));
        let mut trials = Trials::new(Some(tunings), "a card".to_owned(), &mut nobody);
        for (tuning, rate, best) in [("b", 5.0, "b"), ("a", 4.0, "b"), ("c", 6.0, "c")] {
            trials.note(tuning, Ok(rate));
            assert_eq!(kept().as_deref(), Some(best));
        }
    }

    #[test]
    fn what_cannot_be_written_is_not_remembered() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let (tuned, _) = trials(&[("b 256", 1e9)], file.path());
        let text = tuned.to_string();
        assert!(text.ends_with("; not remembered"), "{text}");
        let error = tuned.kept.expect_err("a file is no folder").to_string();
        assert!(error.contains("tunings.json"), "{error}");
    }
}
