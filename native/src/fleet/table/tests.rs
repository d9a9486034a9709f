//! What `btpow fleet status` shows, in two widths.

use super::*;
use crate::fleet::samples;

/// What others wrote stays within its cell.
#[track_caller]
fn is_harmless(lines: &[String], columns: usize) {
    for line in lines {
        assert!(line.chars().count() <= columns, "{line:?}");
        assert!(!line.chars().any(text::is_hidden), "{line:?}");
        assert!(!line.trim_start().starts_with("registered"), "{line:?}");
    }
}

#[test]
fn eighty_columns_show_lost_time_by_cause() {
    let lines = lines(&samples::status(), 80);
    is_harmless(&lines, 80);
    let expected = [
        "coordinator 000abc, btpow 0.1.0",
        "block       9234811 (newest: 9234812)",
        "rate        3.5 GH/s, 4 rigs",
        "finds       3 taken, 1 late, 3 wrong",
        "rigs        5 joined, 1 left, 0 fell silent",
        "lost time   2.1 s joining, >27 y silent, 6 min resting",
        "dropped     7 messages too many, 0 unreadable",
        "cut off     liar, [2J registered as UID 3",
        "",
        "rig                 rate       block      finds  heard   joining silent  resting",
        "attic               0.0 H/s    idle       1      12 s    0.5 s   0 s     2 min",
        "cards:1             3.5 GH/s   9234811    1      2.1 s   0.5 s   0 s     2 min",
        "  cuda:0            3.5 GH/s",
        "  cuda:1            dropped: it hangs",
        "cards:2             29.6 MH/s  9234811    1      2.1 s   0.5 s   0 s     2 min",
        "[2J registered as … 1.0 EH/s   9234811    1      2.1 s   0.5 s   >27 y   2 min",
        "  [2J registered a… dropped: [2J registered as UID 3",
    ];
    assert_eq!(lines, expected, "{lines:#?}");
}

#[test]
fn forty_columns_show_what_counts() {
    let lines = lines(&samples::status(), 40);
    is_harmless(&lines, 40);
    let expected = [
        "coordinator 000abc, btpow 0.1.0",
        "block       9234811 (newest: 9234812)",
        "rate        3.5 GH/s, 4 rigs",
        "finds       3 taken, 1 late, 3 wrong",
        "rigs        5 joined, 1 left, 0 fell",
        "            silent",
        "lost time   2.1 s joining, >27 y silent,",
        "            6 min resting",
        "dropped     7 messages too many, 0",
        "            unreadable",
        "cut off     liar, [2J registered as UID",
        "            3",
        "",
        "rig        rate       finds heard lost",
        "attic      0.0 H/s    1     12 s  2 min",
        "cards:1    3.5 GH/s   1     2.1 s 2 min",
        "  cuda:0   3.5 GH/s",
        "  cuda:1   dropped: it hangs",
        "cards:2    29.6 MH/s  1     2.1 s 2 min",
        "[2J regis… 1.0 EH/s   1     2.1 s >27 y",
        "  [2J reg… dropped: [2J registered as U…",
    ];
    assert_eq!(lines, expected, "{lines:#?}");
}

#[test]
fn a_fleet_that_rests_and_has_too_many_rigs_says_so() {
    let mut status = samples::status();
    (status.block, status.more_rigs) = (None, 9_996);
    status.cut_off = vec!["liar".to_owned(); 30];
    let lines = lines(&status, 80);
    assert_eq!(lines[1], "block       resting (newest: 9234812)");
    assert_eq!(lines[2], "rate        3.5 GH/s, 10,000 rigs");
    assert!(
        lines.iter().any(|it| it.ends_with("liar and 10 more")),
        "{lines:#?}"
    );
    assert_eq!(lines.last().expect("rigs"), "and 9,996 more rigs");
    status.rigs.clear();
    status.more_rigs = 0;
    let lines = super::lines(&status, 80);
    assert_eq!(lines[2], "rate        3.5 GH/s, no rigs");
    assert!(!lines.iter().any(String::is_empty), "{lines:#?}");
}

/// Whatever a coordinator answers, each line has its end.
#[test]
fn numbers_that_no_rig_has_fit() {
    let mut status = samples::status();
    status.rate = f64::MAX;
    (status.head, status.block) = (u64::MAX, Some(u64::MAX));
    let finds = &mut status.finds;
    (finds.taken, finds.known, finds.late) = (u64::MAX, u64::MAX, u64::MAX);
    (status.progress.flooded, status.progress.unreadable) = (u64::MAX, u64::MAX);
    let rig = &mut status.rigs[0];
    (rig.block, rig.finds.taken) = (Some(u64::MAX), u64::MAX);
    (rig.silent_s, rig.lost.joining_s) = (f64::MAX, -f64::MAX);
    rig.devices = vec![samples::device("cpu", f64::MAX); 2];
    for columns in [80, 40] {
        is_harmless(&lines(&status, columns), columns);
    }
}
