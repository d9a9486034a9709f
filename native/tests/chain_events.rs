//! What a command and a file are told of a search that nobody sits beside.

mod chain;
mod common;

use std::{fs, path::Path, process::Command};

use btpow_devnet::{ALICE, BOB};
use chain::{
    program::{self, Program},
    proxy::Proxy,
    search::REGISTER,
    state::{Chain, EASY, HARD},
    wallet::Wallet,
};
use serde_json::{Value, json};

/// A search that is told to a command of a shell.
fn told_to(wallet: &Wallet, endpoint: &str, arguments: &str, command: &str) -> Command {
    let mut program = program::with(wallet, endpoint, arguments);
    program.args(["--on-event", command]);
    // The shell and its programs.
    program.env("PATH", std::env::var_os("PATH").expect("a path"));
    program
}

/// The events that a command added to a file.
fn events(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("there were events");
    let events = text.lines().map(|line| {
        let event: Value = serde_json::from_str(line).expect("JSON");
        common::schema::check("event", &event);
        let time = common::text(&event, "time");
        assert!(time.starts_with("20") && time.ends_with('Z'), "{event}");
        assert_eq!(
            (&event["netuid"], &event["hotkey"]),
            (&1.into(), &BOB.ss58.into())
        );
        event
    });
    events.collect()
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|it| common::text(it, "event")).collect()
}

#[test]
#[cfg(unix)]
fn a_command_is_told_what_happens_and_gets_no_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let (seen, variables) = (folder.path().join("seen"), folder.path().join("variables"));
    let chain = Chain::easy();
    chain.set_difficulty(1, HARD);
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = format!("{REGISTER} --max-difficulty 1M");
    let command = format!(
        "env >> '{}'; cat >> '{}'",
        variables.display(),
        seen.display()
    );
    let mut command = told_to(&wallet, &proxy.endpoint(), &arguments, &command);
    command.env("BT_WALLET_PASSWORD", "not for others");
    command.env("BT_PW_A", "not for others");
    command.env("OTHER", "for all");
    let program = Program::start(command);
    program.says("mining pauses");
    proxy.cut();
    program.says("connected to ");
    chain.set_difficulty(1, EASY);
    chain.block();
    program.says("submitted; waiting for a block");
    chain.block();
    let told = program.end().exits(0);
    let mut events = events(&seen);
    // Mining goes on until the registration is final.
    events.retain(|event| event["block_number"] != 3);
    assert_eq!(
        names(&events),
        [
            "paused",
            "chain_lost",
            "chain_back",
            "resumed",
            "proof_found",
            "registered"
        ],
        "{told}"
    );
    assert_eq!(events[0]["reason"], "difficulty");
    assert!(common::text(&events[0], "message").contains("above --max-difficulty"));
    assert_eq!(events[3]["reason"], "difficulty");
    assert_eq!(events[4]["block_number"], 2);
    assert_eq!(events[5]["uid"], 0);
    let variables = fs::read_to_string(variables).expect("written");
    assert!(variables.contains("OTHER=for all"), "{variables}");
    assert!(!variables.contains("not for others"), "{variables}");
    assert_eq!(told.times("--on-event"), 0, "{told}");
}

/// It fails, hangs with all that it started, or is not there.
#[test]
#[cfg(unix)]
fn a_command_that_fails_or_hangs_costs_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let alive = folder.path().join("alive");
    let hanging = format!("mkfifo '{0}'; cat '{0}' | cat", alive.display());
    for (command, warning) in [
        (
            "exit 3",
            "warning: the command of --on-event failed (exit status: 3)",
        ),
        ("no-such-command", "failed (exit status: 127)"),
        (&*hanging, "has not ended within 10.0 s, and was ended"),
    ] {
        let chain = Chain::easy();
        let wallet = Wallet::new(&ALICE, &BOB);
        let command = told_to(&wallet, chain.endpoint(), REGISTER, command);
        let program = Program::start(command);
        program.says("submitted; waiting for a block");
        program.says(warning);
        chain.block();
        let told = program.end().exits(0);
        assert!(
            told.times(warning) >= 2,
            "for the registration as well: {told}"
        );
        assert_eq!(chain.uid(1, &BOB), Some(0));
    }
    // Nobody holds the other end any more, so this does not wait.
    let flags = rustix::fs::OFlags::WRONLY | rustix::fs::OFlags::NONBLOCK;
    let opened = rustix::fs::open(&alive, flags, rustix::fs::Mode::empty());
    assert_eq!(opened.err(), Some(rustix::io::Errno::NXIO));
}

/// The loss of a device is an event, and ends the program where the user wants that.
#[test]
#[cfg(target_os = "linux")]
fn a_device_that_is_lost_ends_it_if_the_user_wants_that() {
    let folder = tempfile::tempdir().expect("a folder");
    let seen = folder.path().join("seen");
    let chain = Chain::easy();
    chain.set_difficulty(1, HARD);
    let wallet = Wallet::public(&ALICE, &BOB);
    let arguments = "mine --netuid 1 --device cpu,cuda --threads 1 --exit-on-device-loss";
    let command = format!("cat >> '{}'", seen.display());
    let mut command = told_to(&wallet, chain.endpoint(), arguments, &command);
    common::add_cards(&mut command);
    command.env("BTPOW_EMULATED_FAULT", "cuLaunchKernel=719+30");
    let told = program::run(command).exits(7);
    let events = events(&seen);
    assert_eq!(names(&events), ["device_dropped"], "{told}");
    // Either of its queues may be the first to notice.
    let device = common::text(&events[0], "device");
    assert!(device.starts_with("cuda:0/"), "{device}");
    let told = told.complaining(&[&format!("{device} was dropped: ")]);
    assert!(
        told.stderr.contains(common::text(&events[0], "reason")),
        "{told}"
    );
}

/// The loss of a card comes while the proof waits for its block.
#[test]
fn a_lost_device_costs_no_proof() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = format!("{REGISTER} --device cpu,cuda --exit-on-device-loss");
    let mut command = program::with(&wallet, chain.endpoint(), &arguments);
    common::add_cards(&mut command);
    command.env("BTPOW_EMULATED_FAULT", "cuLaunchKernel=719+30");
    let program = Program::start(command);
    program.says("submitted; waiting");
    program.says("it ends once it is known what became of the proof");
    chain.block();
    let registered = json!({ "status": "registered", "uid": 0 });
    program.end().exits(0).answering(registered);
}

#[test]
fn a_file_has_what_is_said_and_when() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    for _ in 0..2 {
        let arguments = "register --netuid 3 --yes --threads 1 -v --timeout 1h";
        let mut command = program::with(&wallet, chain.endpoint(), arguments);
        command
            .arg("--log-file")
            .arg(common::path_of_program(&path));
        let program = Program::start(command);
        program
            .says("MH/s, expected")
            .split_once(' ')
            .expect("a time");
        program.signal("INT");
        program.end().exits(130);
    }
    let text = fs::read_to_string(&path).expect("written");
    for line in text.lines() {
        let (time, _) = line.split_once(' ').expect("a time");
        assert!(time.starts_with("20") && time.ends_with('Z'), "{line}");
        assert!(!line.contains('\u{1b}'), "{line:?}");
    }
    for words in [
        "INFO btpow::chain::start: connected",
        "block 1: ",
        "interrupted; nothing was sent",
    ] {
        assert_eq!(text.matches(words).count(), 2, "{words}: {text}");
    }
}

/// The lines of a log for programs.
fn entries(text: &str) -> Vec<Value> {
    let entries = text.lines().map(|line| {
        let entry = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        common::schema::check("log", &entry);
        let time = common::text(&entry, "time");
        assert!(time.starts_with("20") && time.ends_with('Z'), "{entry}");
        entry
    });
    entries.collect()
}

/// A level and the beginning of a message, the same for what the file and what standard error gets.
fn has(entries: &[Value], level: &str, message: &str) -> bool {
    let mut entries = entries.iter();
    entries.any(|it| it["level"] == level && common::text(it, "message").starts_with(message))
}

#[test]
#[cfg(unix)]
fn a_log_for_programs_has_an_object_on_each_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = "register --netuid 1 --yes --wait inclusion --threads 1 -v --log-format json";
    // The command fails, which is a warning.
    let mut command = told_to(&wallet, chain.endpoint(), arguments, "exit 3");
    command.arg("--log-file").arg(&path);
    let program = Program::start(command);
    program.says("submitted; waiting");
    chain.block();
    let told = program.end().exits(0);
    let of_file = entries(&fs::read_to_string(&path).expect("written"));
    let of_stderr = entries(&told.stderr);
    for entries in [&of_file, &of_stderr] {
        assert!(has(entries, "warn", "the command of --on-event failed"));
        let found = entries
            .iter()
            .find(|it| it["event"]["event"] == "proof_found");
        let found = found.expect("it is told");
        common::schema::check("event", &found["event"]);
        assert_eq!(found["event"]["netuid"], 1, "{found}");
        let connected = entries.iter().find(|it| it["message"] == "connected");
        let connected = connected.expect("it was logged");
        assert_eq!(connected["target"], "btpow::chain::start");
        assert_eq!(connected["level"], "info");
        assert_eq!(connected["fields"]["endpoint"], json!(chain.endpoint()));
    }
    assert!(has(&of_stderr, "info", "hotkey"), "{told}");
}

/// Errors, too, and states of a search with their numbers.
#[test]
fn a_log_for_programs_has_states_and_errors() {
    let arguments = "solve --sample --difficulty 1";
    let told = program::run(common::btpow(&format!("{arguments} --log-format json"))).exits(2);
    assert!(
        has(&entries(&told.stderr), "error", "--difficulty: "),
        "{told}"
    );

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = "register --netuid 3 --yes --threads 1 --log-format=json";
    let mut command = program::with(&wallet, chain.endpoint(), arguments);
    command
        .arg("--log-file")
        .arg(common::path_of_program(&path));
    let program = Program::start(command);
    let state = program.says("MH/s, expected");
    program.signal("INT");
    program.end().exits(130);
    let state = &entries(&state)[0];
    let rate = state["statistics"]["hash_rate"].as_f64();
    assert!(rate.expect("a number") > 0.0, "{state}");
    assert_eq!(state["statistics"]["block_number"], 1, "{state}");
    let of_file = entries(&fs::read_to_string(&path).expect("written"));
    assert!(of_file.iter().any(|it| it["statistics"].is_object()));
}

/// A terminal shows lines for people whatever the log is.
#[test]
#[cfg(unix)]
fn a_log_for_programs_needs_a_place() {
    use chain::terminal::Terminal;

    let mut terminal = Terminal::start(&common::btpow("devices --log-format json"));
    terminal.shows("error: --log-format: there is no log to write like that");
    assert_eq!(terminal.end().0, 2);

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    let mut command = common::btpow("solve --sample --difficulty 1 --log-format json");
    command.arg("--log-file").arg(&path);
    let mut terminal = Terminal::start(&command);
    terminal.shows("error: --difficulty: ");
    assert_eq!(terminal.end().0, 2);
    let of_file = entries(&fs::read_to_string(&path).expect("written"));
    assert!(has(&of_file, "error", "--difficulty: "), "{of_file:?}");
}

/// What systemd gets of a service of the type `notify`, with a watchdog.
#[test]
#[cfg(target_os = "linux")]
fn a_service_manager_is_told() {
    use std::os::unix::net::UnixDatagram;

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket
        .set_read_timeout(Some(chain::text::PATIENCE))
        .expect("set");
    let chain = Chain::easy();
    let wallet = Wallet::public(&ALICE, &BOB);
    let mut command = program::with(&wallet, chain.endpoint(), "mine --netuid 3 --threads 1");
    command
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "200000");
    let program = Program::start(command);
    let mut states = Vec::new();
    let is_running = |state: &String| state.starts_with("STATUS=block 1: ");
    let is_alive = |state: &&String| *state == "WATCHDOG=1";
    while !states.iter().any(is_running) || states.iter().filter(is_alive).count() < 5 {
        let mut state = [0; 1_000];
        let length = socket.recv(&mut state).expect("it is told");
        states.push(String::from_utf8_lossy(&state[..length]).into_owned());
    }
    assert_eq!(states[0], "READY=1", "{states:?}");
    program.signal("TERM");
    program.end().exits(143);
}

/// Its variable names the device and the inode of what standard error leads to.
#[test]
#[cfg(target_os = "linux")]
fn only_where_systemd_s_journal_reads_lines_have_no_time() {
    use std::os::unix::fs::MetadataExt as _;

    let folder = tempfile::tempdir().expect("a folder");
    let chain = Chain::easy();
    let wallet = Wallet::public(&ALICE, &BOB);
    for is_journal in [true, false] {
        let path = folder.path().join(is_journal.to_string());
        let file = fs::File::create(&path).expect("a file");
        let metadata = file.metadata().expect("it is known");
        let stream = format!(
            "{}:{}",
            metadata.dev(),
            metadata.ino() + u64::from(!is_journal)
        );
        let arguments = "mine --netuid 1 --once --threads 1";
        let mut command = program::with(&wallet, chain.endpoint(), arguments);
        command.env("JOURNAL_STREAM", stream).stderr(file);
        assert!(command.output().expect("it starts").status.success());
        let told = fs::read_to_string(path).expect("written");
        assert_eq!(told.starts_with("Mining v1 "), is_journal, "{told}");
        assert!(told.contains("Mining v1 "), "{told}");
    }
}
