//! Ctrl-C and `kill`.

#![cfg(unix)]

mod common;

use core::time::Duration;
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    time::Instant,
};

use common::{CHALLENGES, btpow, object};
use serde_json::Value;

/// Far longer than needed, for a machine busy with other tests.
const SOON: Duration = Duration::from_secs(10);

/// An endless search.
fn endless(flags: &str) -> String {
    format!(
        "solve {} --difficulty 18446744073709551615 {flags}",
        CHALLENGES[0]
    )
}

fn send(signal: &str, child: &Child) {
    let kill = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(kill.expect("kill starts").success());
}

/// Starts an endless search and sends the signal once it has a rate. Returns the exit code, standard output, the rest
/// of standard error, and how long the end took.
fn interrupted(signal: &str, flags: &str) -> (Option<i32>, String, String, Duration) {
    ended(signal, &mut btpow(&endless(flags)))
}

/// The same for a search that is ready to start.
fn ended(signal: &str, search: &mut Command) -> (Option<i32>, String, String, Duration) {
    let mut child = search
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("a line");
    assert!(line.starts_with("Solving "), "{line}");
    // Every five seconds there is a line with it.
    while !line.contains("H/s, expected ") || line.starts_with("0.0 H/s") {
        line.clear();
        let read = stderr.read_line(&mut line).expect("a line");
        assert!(read > 0, "it ended");
    }

    let began = Instant::now();
    send(signal, &child);
    let status = child.wait().expect("ends");
    let took = began.elapsed();
    let (mut out, mut err) = (String::new(), String::new());
    stderr.read_to_string(&mut err).expect("UTF-8");
    let mut stdout = child.stdout.take().expect("piped");
    stdout.read_to_string(&mut out).expect("UTF-8");
    (status.code(), out, err, took)
}

#[test]
fn ctrl_c_ends_at_once_with_130_and_what_was_tried() {
    let (code, stdout, stderr, took) = interrupted("-INT", "");
    assert_eq!((code, &*stdout), (Some(130), ""), "{stderr}");
    assert!(stderr.starts_with("interrupted: tried "), "{stderr}");
    assert!(!stderr.starts_with("interrupted: tried 0 "), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(took < SOON, "{took:?}");
}

#[test]
fn terminate_ends_at_once_with_143() {
    if common::is_for_windows() {
        eprintln!("skipped: Windows has no SIGTERM");
        return;
    }
    let (code, stdout, stderr, took) = interrupted("-TERM", "--threads 1");
    assert_eq!((code, &*stdout), (Some(143), ""), "{stderr}");
    assert!(stderr.starts_with("interrupted: tried "), "{stderr}");
    assert!(took < SOON, "{took:?}");
}

/// The terminal was closed, or the connection to it.
#[test]
#[cfg(target_os = "linux")]
fn a_terminal_that_is_closed_ends_a_search_as_kill_does() {
    let search = btpow(&endless("--json --threads 1"));
    // Whoever runs the tests may ignore the signal, as `nohup` does.
    let mut command = Command::new("env");
    command.args(["-i", "--default-signal=HUP"]);
    command.arg(search.get_program()).args(search.get_args());
    let (code, stdout, stderr, _) = ended("-HUP", &mut command);
    assert_eq!(code, Some(129));
    assert!(stderr.starts_with("interrupted: tried "), "{stderr}");
    assert_eq!(object(stdout.as_bytes())["nonce"], Value::Null);
}

#[test]
#[cfg(target_os = "linux")]
fn under_nohup_a_closed_terminal_ends_nothing() {
    let mut command = Command::new("nohup");
    let search = btpow(&endless("--threads 1 --device cpu"));
    let mut child = command
        .arg(search.get_program())
        .args(search.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let mut says = |words: &str| {
        let mut lines = lines.by_ref().map(|line| line.expect("UTF-8"));
        lines.find(|line| line.contains(words)).expect("it is said")
    };
    says("Solving ");
    send("-HUP", &child);
    // It still answers after that.
    send("-USR1", &child);
    says("H/s");
    send("-TERM", &child);
    assert_eq!(child.wait().expect("ends").code(), Some(143));
}

/// As `dd` does.
#[test]
fn usr1_asks_how_it_goes() {
    // The state would otherwise come every five seconds.
    let mut child = btpow(&endless("--threads 1 --device cpu"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let mut line = || lines.next().expect("a line").expect("UTF-8");
    assert!(line().starts_with("Solving "));
    for _ in 0..20 {
        send("-USR1", &child);
        let told = line();
        assert!(
            told == "starting" || told.contains("H/s, expected "),
            "{told}"
        );
    }
    send("-INT", &child);
    assert_eq!(child.wait().expect("ends").code(), Some(130));
}

#[test]
fn an_interrupted_bench_leaves_the_line_of_its_terminal() {
    let mut child = btpow("bench --seconds 600 --threads 1 --device cpu -vv")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
    let mut lines = stderr.by_ref().lines().map(|line| line.expect("UTF-8"));
    // By then it listens to signals.
    lines
        .find(|line| line.contains("new search"))
        .expect("it is logged");
    send("-INT", &child);
    assert_eq!(child.wait().expect("ends").code(), Some(130));
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).expect("UTF-8");
    // A device may still be logged after it.
    let mut lines = rest.lines();
    assert!(
        lines.any(|line| line == "interrupted; nothing was measured"),
        "{rest}"
    );
}

#[test]
fn an_interrupted_json_run_still_prints_its_object() {
    let (code, stdout, _, _) = interrupted("-INT", "--json");
    assert_eq!(code, Some(130));
    let ended = object(stdout.as_bytes());
    assert_eq!(ended["nonce"], Value::Null);
    assert_ne!(ended["statistics"]["nonces_total"], "0");
}
