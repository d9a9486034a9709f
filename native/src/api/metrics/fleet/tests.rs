//! What a page of metrics says of a fleet.

use core::time::Duration;
use std::{
    collections::BTreeSet,
    time::{Instant, SystemTime},
};

use btpow_core::{Rates, Statistics};
use btpow_fleet::message::Status;

use crate::{
    api::{
        board::View,
        metrics::{Format, answer},
    },
    fleet::{Role, samples},
    report::{Counts, Snapshot},
};

/// The page of a coordinator that leads this fleet.
fn page(status: Status, format: Format) -> String {
    let view = View {
        command: "register",
        started: SystemTime::UNIX_EPOCH,
        uptime: Duration::ZERO,
        goals: Vec::new(),
        search: Some(Snapshot {
            total: Statistics {
                rates: Rates::default(),
                difficulty: 1,
                block_number: Some(1),
                block_hash: [0; 32],
                expected_time: None,
                chance: 0.0,
            },
            rows: Vec::new(),
            phase: None,
            goals: Vec::new(),
            is_paused: false,
            pauses: Vec::new(),
            sight: None,
            counts: Counts::default(),
            fleet: Some(samples::view(Role::Leads, status)),
        }),
        sensors: Vec::new(),
        warnings: 0,
        now: Instant::now(),
    };
    answer(view, format)
}

#[test]
fn a_fleet_has_totals_and_each_name_its_own() {
    let page = page(samples::status(), Format::Classic);
    for line in [
        "btpow_fleet_info{server=\"tls://nats.example/main\"} 1",
        "btpow_fleet_leads 1",
        "btpow_fleet_connected 1",
        "btpow_fleet_disconnections_total 1",
        "btpow_fleet_disconnected_seconds_total 2.5",
        "btpow_fleet_rigs 4",
        "btpow_fleet_rigs_cut_off 2",
        "btpow_fleet_hash_rate_hertz 3523600000.0",
        "btpow_fleet_changes_total{change=\"joined\"} 5",
        "btpow_fleet_messages_dropped_total{reason=\"flooded\"} 7",
        "btpow_fleet_finds_total{verdict=\"wrong\"} 3",
        // Two rigs of one name are one series.
        "btpow_rigs{rig=\"cards\"} 2",
        "btpow_rig_hash_rate_hertz{rig=\"cards\"} 3523600000.0",
        "btpow_rig_hashes_total{rig=\"cards\"} 18446744073709551615",
        "btpow_rig_finds_total{rig=\"cards\",verdict=\"taken\"} 2",
        "btpow_rig_lost_seconds_total{rig=\"cards\",reason=\"resting\"} 190.0",
        "btpow_rig_silent_seconds{rig=\"attic\"} 12.4",
        "btpow_rigs{rig=\"[2J registered as UID 3\"} 1",
    ] {
        assert!(page.lines().any(|it| it == line), "{line} in:\n{page}");
    }
    // Each series is there once, and described before.
    let mut seen = BTreeSet::new();
    for line in page.lines().filter(|it| !it.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').expect("a value");
        assert!(value.parse::<f64>().is_ok(), "{line}");
        assert!(seen.insert(series), "{series}");
        let name = series.split('{').next().expect("a name");
        assert!(page.contains(&format!("# TYPE {name} ")), "{name}");
    }
}

#[test]
fn a_crowd_of_names_has_no_end_of_lines() {
    let mut status = samples::status();
    let rig = |number: u16| {
        samples::rig(
            &format!("rig-{number}"),
            number,
            vec![samples::device("cpu", 1.0)],
        )
    };
    status.rigs = (1..=3_000).map(rig).collect();
    let page = page(status, Format::Open);
    assert_eq!(
        page.matches("\nbtpow_rig_hash_rate_hertz{").count(),
        super::NAMES
    );
    assert!(page.contains("\nbtpow_fleet_rigs 3000\n"));
}
