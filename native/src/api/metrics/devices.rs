//! What `/metrics` tells of each device.

use core::{fmt, time::Duration};

use super::Metrics;
use crate::{
    api::board::View,
    pauses::{Reason, Tally},
    report::{RowRates, Snapshot},
};

/// What tells a device from others.
fn device(row: &RowRates) -> Vec<(&'static str, &str)> {
    vec![("device", &row.row.listed.name)]
}

impl Metrics<'_> {
    pub(super) fn devices(&mut self, view: &View, search: &Snapshot) -> fmt::Result {
        let rows = &search.rows;
        let about = rows.iter().map(|it| {
            let listed = &it.row.listed;
            [
                ("device", listed.name.as_str()),
                ("kind", listed.kind),
                ("description", &listed.description),
            ]
        });
        self.info("btpow_device", "What hashes.", &about.collect::<Vec<_>>())?;
        self.gauge(
            "btpow_device_up",
            "1 for a device that gets work, 0 for one that was dropped.",
            None,
            rows.iter()
                .map(|it| (device(it), i64::from(it.is_up())))
                .collect(),
        )?;
        self.device_pauses(rows)?;
        self.counter(
            "btpow_hashes",
            "Hashes that were tried.",
            None,
            rows.iter()
                .map(|it| (device(it), it.rates.nonces_total))
                .collect(),
        )?;
        // What pauses keeps its last rate.
        let rate = |it: &RowRates| {
            if search.is_paused {
                0.0
            } else {
                it.rates.hash_rate
            }
        };
        self.gauge(
            "btpow_hash_rate",
            "Hashes a second, over the last seconds.",
            Some("hertz"),
            rows.iter().map(|it| (device(it), rate(it))).collect(),
        )?;
        let sensed = || rows.iter().zip(&view.sensors);
        let temperatures = sensed().filter_map(|(row, it)| Some((device(row), it.temperature?)));
        self.gauge(
            "btpow_device_temperature",
            "The temperature of a device's chip.",
            Some("celsius"),
            temperatures.collect(),
        )?;
        let powers = sensed().filter_map(|(row, it)| Some((device(row), it.power?)));
        self.gauge(
            "btpow_device_power",
            "The power that a device draws.",
            Some("watts"),
            powers.collect(),
        )
    }

    fn device_pauses(&mut self, rows: &[RowRates]) -> fmt::Result {
        self.gauge(
            "btpow_device_paused",
            "1 for a device that pauses by itself.",
            None,
            rows.iter()
                .map(|it| (device(it), i64::from(it.condition.paused.is_some())))
                .collect(),
        )?;
        // A counter that begins when something happens first hides that time.
        let none = |reason| Tally {
            reason,
            times: 0,
            time: Duration::ZERO,
        };
        let tallies = rows.iter().flat_map(|row| {
            let known = &row.condition.pauses;
            [Reason::Temperature, Reason::Power].map(|reason| {
                let known = known.iter().find(|it| it.reason == reason);
                let mut labels = device(row);
                labels.push(("reason", reason.name()));
                (labels, known.copied().unwrap_or_else(|| none(reason)))
            })
        });
        let tallies: Vec<_> = tallies.collect();
        let each = |(labels, it): &(Vec<_>, Tally)| (labels.clone(), it.times);
        self.counter(
            "btpow_device_pauses",
            "How often a device paused by itself.",
            None,
            tallies.iter().map(each).collect(),
        )?;
        let each = |(labels, it): &(Vec<_>, Tally)| (labels.clone(), it.time.as_secs_f64());
        self.counter(
            "btpow_device_pause",
            "How long a device paused by itself.",
            Some("seconds"),
            tallies.iter().map(each).collect(),
        )?;
        self.counter(
            "btpow_device_resets",
            "How often a device that fell silent was opened again.",
            None,
            rows.iter()
                .map(|it| (device(it), it.condition.resets))
                .collect(),
        )
    }
}
