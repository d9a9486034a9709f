//! Ctrl-C and `kill`.

#![cfg(unix)]

mod common;

use core::time::Duration;
use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
    time::Instant,
};

use common::{CHALLENGES, btpow, object};
use serde_json::Value;

/// Far longer than needed, for a machine busy with other tests.
const SOON: Duration = Duration::from_secs(2);

/// Starts an endless search and sends the signal once it runs. Returns the exit code, standard output, the rest of
/// standard error, and how long the end took.
fn interrupted(signal: &str, flags: &str) -> (Option<i32>, String, String, Duration) {
    let command = format!(
        "solve {} --difficulty 18446744073709551615 {flags}",
        CHALLENGES[0]
    );
    let mut child = btpow(&command)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("a line");
    assert!(line.starts_with("Solving "), "{line}");
    std::thread::sleep(Duration::from_millis(100));

    let began = Instant::now();
    let kill = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(kill.expect("kill starts").success());
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

#[test]
fn an_interrupted_json_run_still_prints_its_object() {
    let (code, stdout, _, _) = interrupted("-INT", "--json");
    assert_eq!(code, Some(130));
    let ended = object(stdout.as_bytes());
    assert_eq!(ended["nonce"], Value::Null);
    assert_ne!(ended["statistics"]["nonces_total"], "0");
}
