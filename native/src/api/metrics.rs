//! The answer to `/metrics`: `OpenMetrics` text, or the older text of Prometheus for those who do not ask for that. Names have
//! Prometheus' words for units.

mod devices;
mod fleet;

use core::fmt;
use std::time::UNIX_EPOCH;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, EncodeLabelSet, text},
    metrics::{MetricType, exemplar::Exemplar},
    registry::{Registry, Unit},
};

use super::{
    Doing,
    board::{GoalNow, View},
};
use crate::{registration::watch::Phase, report::Snapshot};

/// What an answer may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    /// What Prometheus asks for.
    Open,
    /// What everybody else reads.
    Classic,
}

impl Format {
    /// What a client accepts.
    pub(super) fn of(accept: &str) -> Self {
        if accept.contains("application/openmetrics-text") {
            Self::Open
        } else {
            Self::Classic
        }
    }

    /// Its name in HTTP.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Open => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Classic => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// The answer.
pub(super) fn answer(view: View, format: Format) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Moment(view)));
    let mut answer = String::with_capacity(8_192);
    text::encode(&mut answer, &registry).expect("a String takes everything");
    match format {
        Format::Open => answer,
        Format::Classic => classic(&answer),
    }
}

/// The same in the older format: it knows fewer types, and metrics are described by the names that their lines have.
fn classic(open: &str) -> String {
    let mut text = String::with_capacity(open.len());
    let mut about = "";
    for line in open.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            about = help.split_once(' ').map_or("", |(_, about)| about);
        } else if let Some((name, kind)) = line
            .strip_prefix("# TYPE ")
            .and_then(|it| it.split_once(' '))
        {
            let (suffix, kind) = match kind {
                "counter" => ("_total", kind),
                "info" => ("_info", "gauge"),
                _ => ("", kind),
            };
            text += &format!("# HELP {name}{suffix} {about}\n# TYPE {name}{suffix} {kind}\n");
        } else if !line.starts_with('#') {
            text += line;
            text.push('\n');
        }
    }
    text
}

/// What is known at one moment.
#[derive(Debug)]
struct Moment(View);

/// Labels and a value, for each line of a metric.
type Samples<'a, V> = Vec<(Vec<(&'static str, &'a str)>, V)>;

struct Metrics<'a>(DescriptorEncoder<'a>);

impl Collector for Moment {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let view = &self.0;
        let mut metrics = Metrics(encoder);
        metrics.process(view)?;
        metrics.goals(view)?;
        if let Some(search) = &view.search {
            metrics.devices(view, search)?;
            metrics.chain(view, search)?;
            metrics.pauses(search)?;
            if let Some(is_connected) = search.phase.and_then(Phase::rig_is_connected) {
                metrics.fleet_connected(is_connected)?;
            }
            if let Some(fleet) = &search.fleet {
                metrics.fleet(fleet)?;
            }
        }
        Ok(())
    }
}

impl Metrics<'_> {
    fn process(&mut self, view: &View) -> fmt::Result {
        let build = [
            ("version", env!("CARGO_PKG_VERSION")),
            ("command", view.command),
        ];
        self.info("btpow_build", "The program.", &[build])?;
        let since = view.started.duration_since(UNIX_EPOCH).unwrap_or_default();
        let started = vec![(Vec::new(), since.as_secs_f64())];
        let about = "When the search was started, since the Unix epoch.";
        self.gauge("process_start_time", about, Some("seconds"), started)?;
        let memory = resident().map(|bytes| (Vec::new(), bytes));
        self.gauge(
            "process_resident_memory",
            "Memory in use.",
            Some("bytes"),
            memory.into_iter().collect(),
        )?;
        let warnings = vec![(Vec::new(), view.warnings)];
        self.counter("btpow_warnings", "Warnings that were said.", None, warnings)
    }

    fn goals(&mut self, view: &View) -> fmt::Result {
        let labels: Vec<_> = view.goals.iter().map(|it| it.aim.label()).collect();
        let netuids = view.goals.iter().map(|it| it.aim.netuid);
        let netuids: Vec<_> = netuids
            .map(|it| it.map_or_else(String::new, |it| it.to_string()))
            .collect();
        let about: Vec<_> = labels
            .iter()
            .zip(&netuids)
            .map(|(goal, netuid)| [("goal", goal.as_str()), ("netuid", netuid)])
            .collect();
        self.info("btpow_goal", "What is searched for.", &about)?;
        let known: Vec<_> = labels
            .iter()
            .zip(&view.goals)
            .filter_map(|(goal, it)| Some((goal.as_str(), it.now?)))
            .collect();
        fn each<'a, V>(
            known: &[(&'a str, GoalNow)],
            value: impl Fn(&GoalNow) -> Option<V>,
        ) -> Samples<'a, V> {
            let sample = |(goal, now): &(&'a str, GoalNow)| {
                let labels = vec![("goal", *goal)];
                Some((labels, value(now)?))
            };
            known.iter().filter_map(sample).collect()
        }
        let phases = labels.iter().zip(&view.goals).flat_map(|(goal, it)| {
            let now = it.doing();
            let sample = move |doing: &Doing| {
                let labels = vec![("goal", goal.as_str()), ("phase", doing.name())];
                (labels, i64::from(*doing == now))
            };
            Doing::ALL.iter().map(sample)
        });
        let about = "1 for what goes on, 0 for everything else.";
        self.gauge("btpow_goal_phase", about, None, phases.collect())?;
        self.gauge(
            "btpow_chance",
            "The chance that as much work as was done so far brings a proof.",
            Some("ratio"),
            each(&known, |now| Some(now.chance)),
        )?;
        self.gauge(
            "btpow_expected_time",
            "How long a proof takes on average, from now on.",
            Some("seconds"),
            each(&known, |now| now.expected),
        )?;
        self.gauge(
            "btpow_difficulty",
            "Hashes that a proof takes on average.",
            None,
            each(&known, |now| now.difficulty),
        )?;
        self.counter(
            "btpow_proofs_found",
            "Proofs that were found.",
            None,
            each(&known, |now| Some(now.counts.proofs)),
        )?;
        self.counter(
            "btpow_submissions",
            "Proofs that were sent to the chain.",
            None,
            each(&known, |now| Some(now.counts.submissions)),
        )
    }

    fn chain(&mut self, view: &View, search: &Snapshot) -> fmt::Result {
        let Some(sight) = &search.sight else {
            return Ok(());
        };
        let endpoint = [("endpoint", sight.endpoint.as_str())];
        self.info("btpow_chain", "Where blocks come from.", &[endpoint])?;
        let connected = vec![(Vec::new(), i64::from(sight.is_connected))];
        let about = "1 while there is a connection to the chain.";
        self.gauge("btpow_chain_connected", about, None, connected)?;
        let number = search.total.block_number;
        let number = number.map(|number| (Vec::new(), number));
        self.gauge(
            "btpow_block_number",
            "The block that is searched for.",
            None,
            number.into_iter().collect(),
        )?;
        let age = view.block_age();
        let age = age.map(|age| (Vec::new(), age.as_secs_f64()));
        self.gauge(
            "btpow_block_age",
            "How long ago the last block came.",
            Some("seconds"),
            age.into_iter().collect(),
        )
    }

    fn pauses(&mut self, search: &Snapshot) -> fmt::Result {
        let paused = vec![(Vec::new(), i64::from(search.is_paused))];
        let about = "1 while nothing is hashed.";
        self.gauge("btpow_paused", about, None, paused)?;
        let reason = |reason: &'static str| vec![("reason", reason)];
        let tallies = || search.pauses.iter();
        let times = tallies().map(|it| (reason(it.reason.name()), it.times));
        let about = "How often nothing was hashed.";
        self.counter("btpow_pauses", about, None, times.collect())?;
        let spent = tallies().map(|it| (reason(it.reason.name()), it.time.as_secs_f64()));
        self.counter(
            "btpow_pause",
            "How long nothing was hashed.",
            Some("seconds"),
            spent.collect(),
        )
    }

    fn gauge<V: EncodeGaugeValue>(
        &mut self,
        name: &str,
        about: &str,
        unit: Option<&str>,
        samples: Samples<'_, V>,
    ) -> fmt::Result {
        self.each(
            name,
            about,
            unit,
            MetricType::Gauge,
            samples,
            |it, value| it.encode_gauge(value),
        )
    }

    fn counter<V: EncodeCounterValue>(
        &mut self,
        name: &str,
        about: &str,
        unit: Option<&str>,
        samples: Samples<'_, V>,
    ) -> fmt::Result {
        let kind = MetricType::Counter;
        self.each(name, about, unit, kind, samples, |it, value| {
            it.encode_counter(value, None::<&Exemplar<[(&str, &str); 0], f64>>)
        })
    }

    fn each<V>(
        &mut self,
        name: &str,
        about: &str,
        unit: Option<&str>,
        kind: MetricType,
        samples: Samples<'_, V>,
        encode: impl Fn(&mut prometheus_client::encoding::MetricEncoder<'_>, &V) -> fmt::Result,
    ) -> fmt::Result {
        if samples.is_empty() {
            return Ok(());
        }
        let unit = unit.map(|unit| Unit::Other(unit.to_owned()));
        let mut metric = self.0.encode_descriptor(name, about, unit.as_ref(), kind)?;
        for (labels, value) in &samples {
            if labels.is_empty() {
                encode(&mut metric, value)?;
            } else {
                encode(&mut metric.encode_family(labels)?, value)?;
            }
        }
        Ok(())
    }

    fn info(&mut self, name: &str, about: &str, all: &[impl EncodeLabelSet]) -> fmt::Result {
        if all.is_empty() {
            return Ok(());
        }
        let mut metric = self
            .0
            .encode_descriptor(name, about, None, MetricType::Info)?;
        all.iter().try_for_each(|labels| metric.encode_info(labels))
    }
}

/// Bytes of memory that the process has, where the system tells.
fn resident() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
        let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(1_024 * kilobytes)
    }
    #[cfg(not(target_os = "linux"))]
    None
}
