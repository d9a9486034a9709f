//! What `/metrics` tells of rigs.

use core::fmt;
use std::collections::BTreeMap;

use btpow_fleet::message::{Count, Lost, Rig};

use super::{Metrics, Samples};
use crate::{
    fleet::{FleetView, Role},
    text,
};

/// The most names that have lines of their own: each is a dozen time series. The totals are those of all rigs.
const NAMES: usize = 1_000;

/// All rigs of one name. Ranges, which tell them apart, are others after each start of a rig: a label of them would be a
/// new series every time.
#[derive(Clone, Copy, Debug)]
struct Named {
    rigs: u64,
    rate: f64,
    hashes: u64,
    finds: [(&'static str, u64); 5],
    lost: Lost,
    /// Since the one was heard of that is silent for longest.
    silent: f64,
}

impl Named {
    fn none() -> Self {
        Self {
            rigs: 0,
            rate: 0.0,
            hashes: 0,
            finds: verdicts(Count::default()),
            lost: Lost::default(),
            silent: 0.0,
        }
    }

    fn add(&mut self, rig: &Rig) {
        self.rigs += 1;
        self.rate += rig.rate();
        let nonces = rig.devices.iter().map(|it| it.nonces);
        self.hashes = nonces.fold(self.hashes, u64::saturating_add);
        for ((_, sum), (_, count)) in self.finds.iter_mut().zip(verdicts(rig.finds)) {
            *sum = sum.saturating_add(count);
        }
        self.lost.joining_s += rig.lost.joining_s;
        self.lost.silent_s += rig.lost.silent_s;
        self.lost.resting_s += rig.lost.resting_s;
        self.silent = self.silent.max(rig.silent_s);
    }
}

impl Metrics<'_> {
    pub(super) fn fleet(&mut self, view: &FleetView) -> fmt::Result {
        let server = [("server", view.server.as_str())];
        self.info(
            "btpow_fleet",
            "The fleet that this coordinator is of.",
            &[server],
        )?;
        let one = |value: u64| vec![(Vec::new(), value)];
        let about = "1 while this coordinator tells rigs what to do.";
        let leads = u64::from(view.role == Role::Leads);
        self.gauge("btpow_fleet_leads", about, None, one(leads))?;
        self.fleet_connected(view.link.is_connected)?;
        self.counter(
            "btpow_fleet_disconnections",
            "How often the connection to the fleet's server was lost.",
            None,
            one(view.link.losses),
        )?;
        self.counter(
            "btpow_fleet_disconnected",
            "How long there was no connection to the fleet's server.",
            Some("seconds"),
            vec![(Vec::new(), view.link.lost_time.as_secs_f64())],
        )?;
        self.gauge(
            "btpow_fleet_rigs",
            "Rigs that are there.",
            None,
            one(view.rigs()),
        )?;
        let status = &view.status;
        let cut_off = status.cut_off.len() as u64;
        let about = "Names of rigs that were cut off.";
        self.gauge("btpow_fleet_rigs_cut_off", about, None, one(cut_off))?;
        self.gauge(
            "btpow_fleet_hash_rate",
            "Hashes a second of all rigs.",
            Some("hertz"),
            vec![(Vec::new(), status.rate)],
        )?;
        let progress = status.progress;
        let changes = [
            ("joined", progress.joined),
            ("left", progress.left),
            ("lost", progress.lost),
        ];
        self.counter(
            "btpow_fleet_changes",
            "Rigs that joined, that left, and that fell silent.",
            None,
            labelled("change", changes),
        )?;
        let dropped = [
            ("flooded", progress.flooded),
            ("unreadable", progress.unreadable),
        ];
        self.counter(
            "btpow_fleet_messages_dropped",
            "Messages of rigs that were dropped.",
            None,
            labelled("reason", dropped),
        )?;
        self.counter(
            "btpow_fleet_finds",
            "What became of the finds of all rigs.",
            None,
            labelled("verdict", verdicts(status.finds)),
        )?;
        self.rigs(&status.rigs)
    }

    /// Of a coordinator or a rig.
    pub(super) fn fleet_connected(&mut self, is_connected: bool) -> fmt::Result {
        let about = "1 while there is a connection to the fleet's server.";
        let connected = vec![(Vec::new(), u64::from(is_connected))];
        self.gauge("btpow_fleet_connected", about, None, connected)
    }

    fn rigs(&mut self, rigs: &[Rig]) -> fmt::Result {
        let mut named: BTreeMap<String, Named> = BTreeMap::new();
        for rig in rigs {
            let name = text::line(&rig.name, text::NAME);
            if named.len() < NAMES || named.contains_key(&name) {
                named.entry(name).or_insert_with(Named::none).add(rig);
            }
        }
        fn each<'a, V>(
            named: &'a BTreeMap<String, Named>,
            value: impl Fn(&'a Named) -> V,
        ) -> Samples<'a, V> {
            named
                .iter()
                .map(|(name, it)| (vec![("rig", name.as_str())], value(it)))
                .collect()
        }
        let about = "Rigs of one name.";
        self.gauge("btpow_rigs", about, None, each(&named, |it| it.rigs))?;
        self.gauge(
            "btpow_rig_hash_rate",
            "Hashes a second of a rig.",
            Some("hertz"),
            each(&named, |it| it.rate),
        )?;
        self.counter(
            "btpow_rig_hashes",
            "Hashes that a rig tried.",
            None,
            each(&named, |it| it.hashes),
        )?;
        self.gauge(
            "btpow_rig_silent",
            "How long ago a rig was heard of.",
            Some("seconds"),
            each(&named, |it| it.silent),
        )?;
        let finds = named.iter().flat_map(|(name, it)| {
            let sample =
                |(verdict, count)| (vec![("rig", name.as_str()), ("verdict", verdict)], count);
            it.finds.map(sample)
        });
        let about = "What became of the finds of a rig.";
        self.counter("btpow_rig_finds", about, None, finds.collect())?;
        let lost = named.iter().flat_map(|(name, it)| {
            let causes = [
                ("joining", it.lost.joining_s),
                ("silent", it.lost.silent_s),
                ("resting", it.lost.resting_s),
            ];
            causes.map(|(reason, spent)| (vec![("rig", name.as_str()), ("reason", reason)], spent))
        });
        self.counter(
            "btpow_rig_lost",
            "How long a rig hashed nothing.",
            Some("seconds"),
            lost.collect(),
        )
    }
}

/// What became of finds, in one word each.
fn verdicts(count: Count) -> [(&'static str, u64); 5] {
    [
        ("taken", count.taken),
        ("known", count.known),
        ("late", count.late),
        ("wrong", count.wrong),
        ("kept", count.kept),
    ]
}

fn labelled<const N: usize>(
    label: &'static str,
    values: [(&'static str, u64); N],
) -> Samples<'static, u64> {
    let sample = |(value, count)| (vec![(label, value)], count);
    values.map(sample).into()
}

#[cfg(test)]
mod tests;
