//! Devices that rest: too hot, too hungry, or on a machine that is wanted for something else.

#![cfg(target_os = "linux")]

mod chain;
mod common;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use btpow_devnet::{ALICE, BOB};
use chain::{
    client::Client,
    program::{self, Program, Told},
    state::{Chain, HARD},
};
use common::{CHALLENGES, btpow};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Files of a test.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Exchanges a file at once, so that nobody reads half of it.
    fn write(&self, name: &str, text: &str) {
        let partial = self.path("partial");
        fs::create_dir_all(self.path(name).parent().expect("a folder")).expect("created");
        fs::write(&partial, text).expect("written");
        fs::rename(&partial, self.path(name)).expect("renamed");
    }

    /// A program that is there for this test alone.
    fn program(&self, name: &str, script: &str) {
        fs::write(self.path(name), format!("#!/bin/sh\n{script}\n")).expect("written");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.path(name), mode).expect("changed");
    }
}

fn endless(flags: &str) -> Command {
    let challenge = CHALLENGES[0];
    btpow(&format!(
        "solve {challenge} --difficulty 18446744073709551615 --json {flags}"
    ))
}

/// On a machine with cards whose sensors say what is in files.
fn with_cards(mut command: Command, readings: &Files) -> Command {
    common::add_cards(&mut command);
    command
        .env("BTPOW_EMULATED_CARDS", "2")
        .env("BTPOW_EMULATED_READINGS", readings.0.path());
    command
}

/// Ends a search.
fn interrupt(program: Program) -> Told {
    program.signal("INT");
    program.end().exits(130)
}

fn statistics(told: &Told) -> Value {
    let statistics = told.json()["statistics"].clone();
    assert!(statistics.is_object(), "{told}");
    statistics
}

/// That there was one pause for this reason, of some time.
#[track_caller]
fn paused_once(pauses: &Value, reason: &str) {
    assert_eq!(pauses.as_array().map(Vec::len), Some(1), "{pauses}");
    assert_eq!(
        (&pauses[0]["reason"], &pauses[0]["times"]),
        (&reason.into(), &1.into())
    );
    assert!(pauses[0]["time_spent"].as_f64() > Some(0.0), "{pauses}");
}

#[test]
fn a_hot_card_pauses_and_works_again_while_the_others_go_on() {
    let readings = Files::new();
    let command = endless("--device cuda --max-temp 80,cuda:1=75");
    let program = Program::start(with_cards(command, &readings));
    program.says("Solving ");
    readings.write("temperature1", "78");
    program.says("cuda:1 pauses: 78 °C is above --max-temp 75");
    program.says("  cuda:1: paused: too hot");
    readings.write("temperature1", "70");
    program.says("cuda:1 works again, at 70 °C");
    // Standard error has no rates of a search that pauses.
    assert!(!program.said().contains("paused; "), "{}", program.said());
    let told = interrupt(program);
    let statistics = statistics(&told);
    assert_eq!(statistics["pauses"], json!([]), "the search went on");
    let devices = &statistics["devices"];
    assert_eq!(devices[0]["pauses"], json!([]));
    paused_once(&devices[1]["pauses"], "temperature");
    assert_eq!(devices[1]["paused"], Value::Null);
    assert_eq!(told.times("warning"), 0, "{told}");
}

#[test]
fn the_search_pauses_once_every_device_does() {
    let readings = Files::new();
    readings.write("power0", "310");
    let command = endless("--device cuda:0 --max-power 300");
    let program = Program::start(with_cards(command, &readings));
    program.says("cuda:0 pauses: 310 W is above --max-power 300");
    program.says("paused; too much power");
    let told = interrupt(program);
    let statistics = statistics(&told);
    paused_once(&statistics["pauses"], "power");
    let device = &statistics["devices"][0];
    paused_once(&device["pauses"], "power");
    assert_eq!(
        (&device["paused"], &device["hash_rate"]),
        (&"power".into(), &0.0.into())
    );
}

#[test]
fn a_card_that_stops_telling_is_told_once_and_one_that_never_does_too() {
    let readings = Files::new();
    readings.write("temperature0", "");
    let command = endless("--device cuda --max-temp 80");
    let program = Program::start(with_cards(command, &readings));
    let blind = "does not tell its temperature: --max-temp cannot be kept there";
    program.says(&format!("warning: cuda:0 {blind}"));
    readings.write("temperature1", "");
    program.says(&format!("warning: cuda:1 {blind}"));
    readings.write("temperature1", "90");
    program.says("warning: cuda:1 tells its temperature again: --max-temp is kept there");
    program.says("cuda:1 pauses: 90 °C is above --max-temp 80");
    let told = interrupt(program);
    assert_eq!(told.times(blind), 2, "{told}");
}

#[test]
fn a_limit_that_nobody_can_watch_is_a_mistake() {
    let readings = Files::new();
    let complains = |flags: &str, sensors: &str, words: &[&str]| {
        let mut command = with_cards(endless(flags), &readings);
        command.env("BTPOW_EMULATED_SENSORS", sensors);
        program::run(command).exits(2).complaining(words);
    };
    complains(
        "--device cuda --max-temp 80",
        "none",
        &["--max-temp: no device here tells its temperature; drop it"],
    );
    complains(
        "--device cuda --max-power 80",
        "none",
        &["--max-power: no device here tells its power"],
    );
    complains(
        "--device cuda --max-temp cuda:2=80",
        "",
        &["--max-temp: no device here is called cuda:2; choose among: cuda:0, cuda:1"],
    );
    for (flags, words) in [
        (
            "--max-temp 200",
            "\"200\" is not a temperature that limits a device",
        ),
        (
            "--max-temp hot",
            "\"hot\" is not a temperature that limits a device",
        ),
        ("--max-temp=-5", "\"-5\" is not a temperature"),
        ("--max-temp NaN", "\"NaN\" is not a temperature"),
        (
            "--max-temp gpu=80",
            "\"gpu\" is no device's name; `btpow devices` lists them",
        ),
        ("--max-power 0", "\"0\" is not a power that limits a device"),
        (
            "--max-power cuda:0=",
            "\"\" is not a power that limits a device",
        ),
    ] {
        complains(flags, "", &[words]);
    }
}

#[test]
fn a_settings_file_says_the_same() {
    let files = Files::new();
    files.write(
        "config.toml",
        "max-temp = [85, \"cuda:1=75\"]\nmax-power = 900\n",
    );
    let mut command = with_cards(endless("--device cuda"), &files);
    command.arg("--config").arg(files.path("config.toml"));
    let program = Program::start(command);
    files.write("temperature1", "78");
    program.says("cuda:1 pauses: 78 °C is above --max-temp 75");
    interrupt(program);
    files.write("config.toml", "[solve]\nmax-temp = [\"gpu=75\"]\n");
    let mut command = with_cards(endless("--device cuda"), &files);
    command.arg("--config").arg(files.path("config.toml"));
    let words = [
        "config.toml:2:13: max-temp: ",
        "\"gpu\" is no device's name",
    ];
    program::run(command).exits(2).complaining(&words);
}

/// The cards join while the CPU works, so that the mistake is not known before.
#[test]
fn a_limit_of_a_card_that_does_not_join_is_told() {
    let readings = Files::new();
    let command = endless("--threads 1 --max-temp cuda:2=80");
    let program = Program::start(with_cards(command, &readings));
    program.says("warning: no device here is called cuda:2, as --max-temp says");
    interrupt(program);
}

/// The cards of a `mine` with an API, whose events a file gets.
#[test]
fn a_pause_of_a_device_is_an_event_and_in_status_and_metrics() {
    let files = Files::new();
    let chain = Chain::easy();
    chain.set_difficulty(1, HARD);
    let (hotkey, coldkey) = (BOB.ss58, ALICE.ss58);
    let mine = format!(
        "mine --netuid 1 --device cuda:0 --hotkey {hotkey} --coldkey {coldkey} --max-temp 80 --api 127.0.0.1:0"
    );
    let mut command = program::at(chain.endpoint(), &mine);
    let log = files.path("events");
    command.args(["--on-event", &format!("cat >> '{}'", log.display())]);
    command.env("PATH", std::env::var_os("PATH").expect("a path"));
    let program = Program::start(with_cards(command, &files));
    let client = Client::of(&program);
    program.says("H/s, expected");
    files.write("temperature0", "85");
    program.says("cuda:0 pauses: 85 °C is above --max-temp 80");
    program.says("paused; too hot");
    let status = client.status_with(|it| it["paused"] == true);
    let device = &status["devices"][0];
    assert_eq!(
        (&device["paused"], &device["temperature"]),
        (&"temperature".into(), &85.into())
    );
    assert_eq!(status["goals"][0]["phase"], "paused", "{status}");
    let metrics = client.get("/metrics").body;
    for line in [
        "btpow_paused 1",
        "btpow_pauses_total{reason=\"temperature\"} 1",
        "btpow_device_paused{device=\"cuda:0\"} 1",
        "btpow_device_pauses_total{device=\"cuda:0\",reason=\"temperature\"} 1",
        "btpow_device_pauses_total{device=\"cuda:0\",reason=\"power\"} 0",
        "btpow_device_resets_total{device=\"cuda:0\"} 0",
    ] {
        assert!(metrics.lines().any(|it| it == line), "{line} in {metrics}");
    }
    // A new block does not end it.
    chain.block();
    files.write("temperature0", "60");
    program.says("cuda:0 works again, at 60 °C");
    program.says("block 2: ");
    let told = interrupt(program);
    let events = fs::read_to_string(log).expect("there were events");
    let events = events.lines().map(|line| {
        let event: Value = serde_json::from_str(line).expect("JSON");
        common::schema::check("event", &event);
        event
    });
    let events: Vec<_> = events.collect();
    let names: Vec<_> = events.iter().map(|it| common::text(it, "event")).collect();
    let expected = ["device_paused", "paused", "device_resumed", "resumed"];
    assert_eq!(names, expected, "{told}");
    assert!(events.iter().all(|it| it["reason"] == "temperature"));
    assert!(events.iter().step_by(2).all(|it| it["device"] == "cuda:0"));
}

/// The program with a folder of this test in the place of the machine's batteries; none where this system lets nobody
/// do that.
fn with_supplies(command: &Command, folder: &Path) -> Option<Command> {
    let bind = |shell: &str| {
        let mut unshare = Command::new("unshare");
        unshare
            .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
            .arg(format!(
                "mount --bind \"$0\" /sys/class/power_supply && {shell}"
            ))
            .arg(folder);
        unshare
    };
    if !bind("true").output().is_ok_and(|it| it.status.success()) {
        eprintln!("skipped: this system lets nobody put a folder in the place of its batteries");
        return None;
    }
    let mut bound = bind("exec \"$@\"");
    bound.arg(command.get_program()).args(command.get_args());
    let variables = command.get_envs();
    bound
        .env_clear()
        .env("PATH", std::env::var_os("PATH").expect("a path"))
        .envs(variables.filter_map(|(name, value)| Some((name, value?))));
    Some(bound)
}

#[test]
fn the_search_pauses_while_the_machine_runs_on_its_battery() {
    let files = Files::new();
    files.write("supplies/BAT0/type", "Battery\n");
    files.write("supplies/BAT0/status", "Discharging\n");
    let command = endless("--device cpu --threads 1 --pause-on-battery");
    let Some(command) = with_supplies(&command, &files.path("supplies")) else {
        return;
    };
    let program = Program::start(command);
    program.says("the machine runs on its battery: no device works meanwhile");
    program.says("paused; on battery");
    files.write("supplies/BAT0/status", "Charging\n");
    program.says("the machine is on mains power: the devices work again");
    program.says("MH/s, expected");
    files.write("supplies/BAT0/status", "Discharging\n");
    program.says_times(2, "the machine runs on its battery");
    let told = interrupt(program);
    let statistics = statistics(&told);
    assert_eq!(statistics["pauses"][0]["reason"], "battery");
    assert_eq!(statistics["pauses"][0]["times"], 2);
    assert_eq!(
        statistics["devices"][0]["pauses"],
        json!([]),
        "it is not the device's"
    );
}

#[test]
fn a_machine_without_a_battery_is_told() {
    let files = Files::new();
    fs::create_dir(files.path("supplies")).expect("created");
    let command = endless("--device cpu --threads 1 --pause-on-battery");
    let Some(command) = with_supplies(&command, &files.path("supplies")) else {
        return;
    };
    let program = Program::start(command);
    program.says("this machine shows no battery; --pause-on-battery waits for one");
    program.says("MH/s, expected");
    interrupt(program);
}

/// The program where logind says what is in a file.
fn with_sessions(files: &Files, flags: &str) -> Command {
    let script = format!(
        "echo \"$@\" > '{0}/asked'; cat '{0}/answer'",
        files.0.path().display()
    );
    files.program("loginctl", &script);
    let mut command = endless(flags);
    let path = format!("{}:/usr/bin:/bin", files.0.path().display());
    command.env("PATH", path);
    command
}

#[test]
fn the_search_pauses_while_somebody_uses_the_machine() {
    let files = Files::new();
    files.write("answer", "IdleHint=no\n");
    let command = with_sessions(&files, "--device cpu --threads 1 --pause-on-use");
    let program = Program::start(command);
    program.says("somebody uses the machine: no device works meanwhile");
    program.says("paused; the machine is used");
    files.write("answer", "IdleHint=yes\n");
    program.says("nobody uses the machine: the devices work again");
    program.says("MH/s, expected");
    let asked = fs::read_to_string(files.path("asked")).expect("it was asked");
    assert_eq!(asked, "show-session --property=IdleHint\n");
    // What is not known any more is told, and changes nothing.
    files.write("answer", "");
    program.says("warning: --pause-on-use cannot be kept: loginctl does not know");
    let told = interrupt(program);
    paused_once(&statistics(&told)["pauses"], "use");
}

#[test]
fn what_the_system_does_not_tell_is_a_mistake() {
    let files = Files::new();
    let flags = "--device cpu --threads 1 --pause-on-use";
    let words = ["--pause-on-use: this system does not tell whether somebody uses it"];
    // Without the program, where nobody answers it, and where it does not answer.
    let mut alone = endless(flags);
    alone.env("PATH", files.0.path());
    program::run(alone).exits(2).complaining(&words);
    files.write("answer", "");
    let command = with_sessions(&files, flags);
    program::run(command).exits(2).complaining(&words);
    let silent = with_sessions(&files, flags);
    files.program("loginctl", "exec sleep 1000");
    let words = [words[0], "loginctl does not answer"];
    program::run(silent).exits(2).complaining(&words);
}
