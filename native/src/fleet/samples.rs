//! A fleet for tests of reports: one of its rigs is well, two have one name, and one lies about everything it can.

use core::time::Duration;
use std::sync::Arc;

use btpow_fleet::{
    Id, Range,
    message::{Count, Device, Lost, Progress, Rig, Status, Text},
};

use super::{FleetView, Role, view::Link};

/// What clears a terminal, starts a line of its own, and writes to the left.
pub(crate) const HOSTILE: &str = "\u{1b}[2J\r\nregistered as UID 3\u{202e}\u{0}";

pub(crate) fn device(name: &str, rate: f64) -> Device {
    Device {
        name: Text::new(name),
        rate,
        nonces: u64::MAX,
        fault: None,
    }
}

pub(crate) fn rig(name: &str, range: u16, devices: Vec<Device>) -> Rig {
    Rig {
        name: name.to_owned(),
        program: Text::new("btpow 0.1.0"),
        range: Range::try_from(range).expect("a range"),
        here_s: 3_780.0,
        silent_s: 2.1,
        block: Some(9_234_811),
        lost: Lost {
            joining_s: 0.53,
            silent_s: 0.0,
            resting_s: 95.0,
        },
        finds: Count {
            taken: 1,
            ..Count::default()
        },
        devices,
    }
}

/// Four rigs.
pub(crate) fn status() -> Status {
    let mut cards = vec![device("cuda:0", 3.494e9), device("cuda:1", 0.0)];
    cards[1].fault = Some(Text::new("it hangs"));
    let mut idle = rig("attic", 3, vec![device("cpu", 0.0)]);
    (idle.block, idle.silent_s) = (None, 12.4);
    let mut hostile = rig(HOSTILE, 4, vec![device(HOSTILE, 1e18)]);
    hostile.program = Text::new(HOSTILE);
    hostile.devices[0].fault = Some(Text::new(HOSTILE));
    hostile.lost.silent_s = 1e300;
    Status {
        coordinator: Id(0xabc << 40),
        program: Text::new("btpow 0.1.0"),
        head: 9_234_812,
        block: Some(9_234_811),
        rate: 3.523_6e9,
        finds: Count {
            taken: 3,
            late: 1,
            wrong: 3,
            ..Count::default()
        },
        progress: Progress {
            joined: 5,
            left: 1,
            flooded: 7,
            ..Progress::default()
        },
        rigs: vec![
            idle,
            rig("cards", 1, cards),
            rig("cards", 2, vec![device("cpu", 29.6e6)]),
            hostile,
        ],
        more_rigs: 0,
        cut_off: vec!["liar".to_owned(), HOSTILE.to_owned()],
    }
}

/// The fleet of a coordinator in this role, which lost its server once.
pub(crate) fn view(role: Role, status: Status) -> FleetView {
    FleetView {
        server: "tls://nats.example/main".to_owned(),
        role,
        link: Link {
            is_connected: true,
            losses: 1,
            lost_time: Duration::from_millis(2_500),
        },
        status: Arc::new(status),
    }
}
