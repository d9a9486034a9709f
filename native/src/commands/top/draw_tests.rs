//! What the screen shows, in two widths.

use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, style::Color};

use super::{
    draw::{self, Look},
    view::{Status, View},
};

const LOOK: Look = Look {
    color: true,
    unicode: true,
};

fn status(paused: bool, trouble: &str) -> Status {
    let text = format!(
        r#"{{
            "version": "0.1.0", "command": "register", "uptime": 3780.0, "paused": {paused},
            "trouble": {trouble},
            "goals": [
                {{"goal": "subnet 1, miner/h1", "phase": "searching", "message": null, "chance": 0.393,
                 "expected_time": 4000.0, "difficulty": "300000000", "proofs": 2, "submissions": 1}},
                {{"goal": "subnet 64, miner/a-long-one", "phase": "waiting", "message": "waiting for the subnet to open",
                 "chance": 0.0, "expected_time": null, "difficulty": "10000000", "proofs": 0, "submissions": 0}}
            ],
            "chain": {{"endpoint": "wss://entrypoint-finney.opentensor.ai:443", "connected": true,
                      "block_number": 9234811, "block_age": 3.4}},
            "devices": [
                {{"name": "cpu", "up": true, "hash_rate": 29600000.0, "temperature": null, "power": null}},
                {{"name": "cuda:0", "up": true, "hash_rate": 3494000000.0, "temperature": 61, "power": 349.6}},
                {{"name": "cuda:1", "up": false, "hash_rate": 1.0, "temperature": 30, "power": 30.0}}
            ],
            "log": [
                {{"time": "2026-11-27T04:02:21.123456Z", "line": "Mining v1 for netuid 1, block 9234811"}},
                {{"time": "2026-11-27T04:02:22.123456Z", "line": "warning: cuda:1 was dropped: it\u001b[31m hangs"}}
            ]
        }}"#
    );
    serde_json::from_str(&text).expect("an answer")
}

fn view() -> View {
    View::new("127.0.0.1:4720".to_owned(), status(false, "null"))
}

/// The screen, and its lines without the blanks at their ends.
fn drawn(view: &View, width: u16, height: u16, look: Look) -> (Buffer, Vec<String>) {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a screen");
    let frame = terminal.draw(|frame| draw::draw(frame, &mut view.clone(), look));
    let buffer = frame.expect("drawn").buffer.clone();
    let lines = (0..height).map(|y| {
        let line: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
        line.trim_end().to_owned()
    });
    let lines = lines.collect();
    (buffer, lines)
}

#[test]
fn eighty_columns_show_everything() {
    let mut view = view();
    for _ in 0..3 {
        view.take(status(false, "null"));
    }
    let (_, lines) = drawn(&view, 80, 24, LOOK);
    let expected = [
        "btpow 0.1.0 register  up 1 h 3 min",
        "127.0.0.1:4720",
        "block 9234811, 3 s ago  wss://entrypoint-finney.opentensor.ai:443",
        "Goals───────────────────────────────────────────────────────────────────────────",
        "goal                     state      chance   expected     difficulty proofs sent",
        "subnet 1, miner/h1       searching  39.3 %   1 h 7 min    300.0 M    2      1",
        "subnet 64, miner/a-long… waiting    0 %      unknown      10.0 M     0      0",
        "Devices─────────────────────────────────────────────────────────────────────────",
        "device    rate        last minutes                             temp     power",
        "cpu       29.6 MH/s   ▁▁▁▁",
        "cuda:0    3.5 GH/s    ████                                     61 °C    350 W",
        "cuda:1    dropped                                              30 °C    30 W",
        "Log─────────────────────────────────────────────────────────────────────────────",
        "04:02:21 Mining v1 for netuid 1, block 9234811",
        "04:02:22 warning: cuda:1 was dropped: it[31m hangs",
    ];
    assert_eq!(lines[..expected.len()], expected, "{lines:#?}");
    assert_eq!(lines[23], "q quits this view; the search goes on");
}

#[test]
fn forty_columns_show_what_counts() {
    let mut view = view();
    for _ in 0..20 {
        view.take(status(false, "null"));
    }
    let (_, lines) = drawn(&view, 40, 24, LOOK);
    let expected = [
        "btpow 0.1.0 register  up 1 h 3 min",
        "127.0.0.1:4720",
        "block 9234811, 3 s ago",
        "wss://entrypoint-finney.opentensor.ai:44",
        "Goals───────────────────────────────────",
        "goal           chance    expected",
        "1, miner/h1    39.3 %    1 h 7 min",
        "64, miner/a-l… 0 %       waiting",
        "Devices─────────────────────────────────",
        "device  rate                temp  power",
        "cpu     29.6 MH/s  ▁▁▁▁▁▁▁▁",
        "cuda:0  3.5 GH/s   ████████ 61 °C 350 W",
        "cuda:1  dropped             30 °C 30 W",
        "Log─────────────────────────────────────",
        "Mining v1 for netuid 1, block 9234811",
        "warning: cuda:1 was dropped: it[31m hang",
        "s",
    ];
    assert_eq!(lines[..expected.len()], expected, "{lines:#?}");
    assert_eq!(lines[23], "q quits; the search goes on");
}

#[test]
fn no_screen_is_too_small() {
    for (width, height) in [(1, 1), (5, 2), (40, 4), (200, 1), (10, 60)] {
        drawn(&view(), width, height, LOOK);
    }
}

#[test]
fn trouble_is_seen_and_goes_before_a_pause() {
    let mut view = view();
    view.take(status(true, "null"));
    let (_, lines) = drawn(&view, 80, 24, LOOK);
    assert_eq!(lines[3], "paused: waiting for the subnet to open");
    assert!(lines[10].starts_with("cpu       paused"), "{lines:#?}");
    view.take(status(true, "\"no new block for 97 s\""));
    let (buffer, lines) = drawn(&view, 80, 24, LOOK);
    assert_eq!(lines[3], "no new block for 97 s");
    assert_eq!(buffer[(0, 3)].fg, Color::Red);
    view.lost = Some("it took too long".to_owned());
    assert_eq!(
        drawn(&view, 80, 24, LOOK).1[3],
        "no answer: it took too long"
    );
    // Nobody knows whether the search goes on.
    assert_eq!(drawn(&view, 80, 24, LOOK).1[23], "q quits");
    view.take(status(false, "null"));
    assert!(drawn(&view, 80, 24, LOOK).1[3].starts_with("Goals"));
}

#[test]
fn where_nobody_wants_colors_there_are_none() {
    let mut view = view();
    view.take(status(true, "\"no new block for 97 s\""));
    let look = Look {
        color: false,
        unicode: false,
    };
    let (buffer, lines) = drawn(&view, 80, 24, look);
    let is_plain = |color| color == Color::Reset;
    let cells = &buffer.content;
    assert!(cells.iter().all(|it| is_plain(it.fg) && is_plain(it.bg)));
    assert!(lines[4].starts_with("Goals-----"), "{lines:#?}");
    view.take(status(false, "null"));
    let (_, lines) = drawn(&view, 80, 24, look);
    assert!(lines[10].contains("3.5 GH/s    @ @"), "{lines:#?}");
    assert!(lines[10].contains("61 C  "), "{lines:#?}");
    assert!(
        lines[6].starts_with("subnet 64, miner/a-long~ "),
        "{lines:#?}"
    );
}

#[test]
fn a_screen_without_unicode_is_ascii() {
    let look = Look {
        color: true,
        unicode: false,
    };
    for width in [80, 40] {
        let (_, lines) = drawn(&several(), width, 24, look);
        assert!(lines.iter().all(|it| it.is_ascii()), "{lines:#?}");
    }
}

/// A search for goals that do all that goals do.
fn several() -> View {
    let mut status = status(false, "null");
    let first = status.goals[0].clone();
    let goal = |netuid: u16, phase: &str| {
        let mut goal = first.clone();
        goal.goal = first
            .goal
            .replace("subnet 1,", &format!("subnet {netuid},"));
        phase.clone_into(&mut goal.phase);
        if phase != "queued" {
            goal.expected_time = None;
        }
        goal
    };
    let mut denied = goal(7, "denied");
    denied.difficulty = None;
    status.goals = vec![
        first.clone(),
        goal(3, "queued"),
        goal(5, "registered"),
        denied,
        goal(9, "starting"),
    ];
    View::new("127.0.0.1:4720".to_owned(), status)
}

#[test]
fn goals_that_are_over_expect_nothing() {
    let (_, lines) = drawn(&several(), 80, 24, LOOK);
    let expected = [
        "goal                     state      chance   expected     difficulty proofs sent",
        "subnet 1, miner/h1       searching  39.3 %   1 h 7 min    300.0 M    2      1",
        "subnet 3, miner/h1       queued     39.3 %   1 h 7 min    300.0 M    2      1",
        "subnet 5, miner/h1       registered 39.3 %                300.0 M    2      1",
        "subnet 7, miner/h1       denied     39.3 %                           2      1",
        "subnet 9, miner/h1       starting   39.3 %   unknown      300.0 M    2      1",
    ];
    assert_eq!(lines[4..10], expected, "{lines:#?}");
    let (_, lines) = drawn(&several(), 40, 24, LOOK);
    let expected = [
        "goal           chance    expected",
        "1, miner/h1    39.3 %    1 h 7 min",
        "3, miner/h1    39.3 %    queued",
        "5, miner/h1    39.3 %    registered",
        "7, miner/h1    39.3 %    denied",
        "9, miner/h1    39.3 %    starting",
    ];
    assert_eq!(lines[5..11], expected, "{lines:#?}");
}

/// A search for so many goals.
fn many(goals: u16) -> View {
    let mut status = status(false, "null");
    let first = status.goals[0].clone();
    status.goals.clear();
    for netuid in 1..=goals {
        let mut goal = first.clone();
        goal.goal = format!("subnet {netuid}, miner/h1");
        status.goals.push(goal);
    }
    View::new("127.0.0.1:4720".to_owned(), status)
}

#[test]
fn many_goals_leave_room_for_devices_and_log_and_can_be_scrolled() {
    let mut view = many(51);
    for (first, title, last) in [
        (0, "Goals 1 to 9 of 51─", "subnet 9, "),
        (7, "Goals 8 to 16 of 51─", "subnet 16, "),
        // Behind the last there is nothing to see.
        (usize::MAX, "Goals 43 to 51 of 51─", "subnet 51, "),
    ] {
        view.first_goal = first;
        let (_, lines) = drawn(&view, 80, 24, LOOK);
        assert!(lines[3].starts_with(title), "{lines:#?}");
        assert!(lines[13].starts_with(last), "{lines:#?}");
        assert!(lines[14].starts_with("Devices─"), "{lines:#?}");
        assert!(lines[18].starts_with("cuda:1"), "{lines:#?}");
        assert!(lines[19].starts_with("Log─"), "{lines:#?}");
        assert!(
            lines[23].ends_with("up and down show the other goals"),
            "{lines:#?}"
        );
    }
    // A screen that has room for all of them shows all.
    let (_, lines) = drawn(&many(51), 80, 80, LOOK);
    assert!(lines[3].starts_with("Goals─"), "{lines:#?}");
    assert!(!lines[79].contains("up and down"), "{lines:#?}");
}

#[test]
fn devices_without_room_are_counted() {
    let mut view = many(9);
    let device = view.status.devices[0].clone();
    view.status.devices = vec![device; 16];
    let (_, lines) = drawn(&view, 80, 24, LOOK);
    assert!(lines[3].starts_with("Goals 1 to 6 of 9"), "{lines:#?}");
    assert!(lines[11].starts_with("Devices, and 10 more"), "{lines:#?}");
}
