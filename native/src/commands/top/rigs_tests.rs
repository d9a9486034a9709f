//! What the screen shows of rigs, in two widths.

use ratatui::{Terminal, backend::TestBackend};

use super::{
    draw::{self, Look},
    view::{Pane, Status, View},
};
use crate::{
    fleet::{Role, fields::FleetFields, samples},
    report::json,
};

const LOOK: Look = Look {
    color: true,
    unicode: true,
};

/// A search that leads so many rigs of the samples, over and over, and has so many goals.
fn view(rigs: usize, goals: usize) -> View {
    let mut status = samples::status();
    let some = status.rigs.clone();
    status.rigs = some.into_iter().cycle().take(rigs).collect();
    let fleet = json::line(&FleetFields::from(&samples::view(Role::Leads, status)));
    let goals = (1..=goals).map(|netuid| {
        format!(
            r#"{{"goal": "subnet {netuid}, miner/h1", "phase": "searching", "message": null, "chance": 0.393,
                "expected_time": 4000.0, "difficulty": "300000000", "proofs": 2, "submissions": 1}}"#
        )
    });
    let goals: Vec<_> = goals.collect();
    let goals = goals.join(",");
    let text = format!(
        r#"{{
            "version": "0.1.0", "command": "register", "uptime": 3780.0, "paused": false, "trouble": null,
            "goals": [{goals}], "chain": null,
            "devices": [{{"name": "cpu", "up": true, "hash_rate": 29600000.0, "temperature": null, "power": null}}],
            "fleet": {fleet},
            "log": [{{"time": "2026-11-27T04:02:21.123456Z", "line": "Mining v1 for netuid 1, block 9234811"}}]
        }}"#
    );
    let status: Status = serde_json::from_str(&text).expect("an answer");
    View::new("127.0.0.1:4720".to_owned(), status)
}

/// The lines of the screen, without the blanks at their ends.
fn drawn(view: &mut View, width: u16, height: u16, look: Look) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a screen");
    let frame = terminal.draw(|frame| draw::draw(frame, view, look));
    let buffer = frame.expect("drawn").buffer.clone();
    let lines = (0..height).map(|y| {
        let line: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
        line.trim_end().to_owned()
    });
    lines.collect()
}

#[test]
fn a_coordinator_without_devices_has_no_table_of_them() {
    let mut view = view(4, 1);
    let has_table = |view: &mut View| {
        let lines = drawn(view, 80, 24, LOOK);
        lines.iter().any(|line| line.contains("Devices"))
    };
    assert!(has_table(&mut view));
    view.status.devices.clear();
    assert!(!has_table(&mut view));
    view.status.fleet = None;
    assert!(has_table(&mut view), "it has them yet to find");
}

#[test]
fn eighty_columns_show_everything() {
    let lines = drawn(&mut view(4, 1), 80, 24, LOOK);
    let expected = [
        "Rigs: 4, 3.5 GH/s, 3 finds taken, 2 cut off─────────────────────────────────────",
        "rig                 rate       block      finds  heard   joining silent  resting",
        "attic               0.0 H/s    idle       1      12 s    0.5 s   0 s     2 min",
        "cards:1             3.5 GH/s   9234811    1      2.1 s   0.5 s   0 s     2 min",
        "cards:2             29.6 MH/s  9234811    1      2.1 s   0.5 s   0 s     2 min",
        "[2J registered as … 1.0 EH/s   9234811    1      2.1 s   0.5 s   >27 y   2 min",
        "Log─────────────────────────────────────────────────────────────────────────────",
    ];
    assert_eq!(lines[8..15], expected, "{lines:#?}");
}

#[test]
fn forty_columns_show_what_counts() {
    let lines = drawn(&mut view(4, 1), 40, 24, LOOK);
    let expected = [
        "Rigs: 4, 3.5 GH/s───────────────────────",
        "rig        rate       finds heard lost",
        "attic      0.0 H/s    1     12 s  2 min",
        "cards:1    3.5 GH/s   1     2.1 s 2 min",
        "cards:2    29.6 MH/s  1     2.1 s 2 min",
        "[2J regis… 1.0 EH/s   1     2.1 s >27 y",
        "Log─────────────────────────────────────",
    ];
    assert_eq!(lines[8..15], expected, "{lines:#?}");
}

#[test]
fn keys_move_on_what_has_no_room() {
    let mut view = view(40, 1);
    let lines = drawn(&mut view, 80, 24, LOOK);
    assert_eq!(view.pane, Pane::Rigs, "{lines:#?}");
    assert!(
        lines[23].ends_with("up and down show the other rigs"),
        "{lines:#?}"
    );
    *view.first() = usize::MAX;
    let lines = drawn(&mut view, 80, 24, LOOK);
    assert!(
        lines.iter().any(|it| it.contains(" to 40 of 40, ")),
        "{lines:#?}"
    );
    // What is left is still shown when rigs have gone.
    view.status.fleet.as_mut().expect("rigs").rigs.truncate(2);
    let lines = drawn(&mut view, 80, 24, LOOK);
    assert!(
        lines.iter().any(|it| it.starts_with("Rigs: 2, ")),
        "{lines:#?}"
    );
    assert!(!lines[23].contains("up and down"), "{lines:#?}");
}

#[test]
fn goals_and_rigs_without_room_take_turns() {
    let mut view = view(40, 40);
    let lines = drawn(&mut view, 80, 24, LOOK);
    assert!(lines[23].ends_with("other goals; Tab: rigs"), "{lines:#?}");
    view.pane = Pane::Rigs;
    *view.first() = 3;
    let lines = drawn(&mut view, 80, 24, LOOK);
    assert!(lines[23].ends_with("other rigs; Tab: goals"), "{lines:#?}");
    assert!(
        lines.iter().any(|it| it.starts_with("Rigs 4 to ")),
        "{lines:#?}"
    );
    assert!(
        lines.iter().any(|it| it.starts_with("Goals 1 to ")),
        "{lines:#?}"
    );
}

#[test]
fn no_screen_is_too_small_and_ascii_stays_ascii() {
    for (width, height) in [(1, 1), (5, 2), (40, 4), (200, 1), (10, 60), (80, 12)] {
        drawn(&mut view(40, 9), width, height, LOOK);
    }
    let look = Look {
        color: false,
        unicode: false,
    };
    for width in [80, 40] {
        let lines = drawn(&mut view(4, 1), width, 24, look);
        assert!(lines.iter().all(|it| it.is_ascii()), "{lines:#?}");
    }
}
