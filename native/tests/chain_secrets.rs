//! Questions, passwords and key files: who may sign, and that nobody sees the secret.

#![cfg(unix)]

mod chain;
mod common;

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use btpow_devnet::{ALICE, BOB, DAVE};
use chain::{
    program::{self, Program, Told},
    proxy::{Proxy, SUBMIT},
    state::Chain,
    terminal::Terminal,
    wallet::{GOLDEN, PASSWORD, Wallet},
};
use serde_json::json;

const REGISTER: &str = "register --netuid 1 --yes --json --threads 1";

/// What nobody may ever see of the golden wallet: the password, the phrase and the seed of the coldkey, the seed of
/// the hotkey, and the start of both expanded keys.
const CANARIES: [&str; 7] = [
    PASSWORD,
    "abandon",
    "4ed8d4b17698ddeaa1f1559f152f87b5d472f725ca86d341bd0276f1b61197e2",
    "2ec306fc1c5bc2f0",
    "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e",
    "05d65584630d16cd",
    "bottom drive",
];

#[track_caller]
fn hides_secrets(what: &str, text: &str) {
    let lower = text.to_lowercase();
    for canary in CANARIES {
        // Bytes may also appear as numbers or unchanged.
        let found = lower.contains(&canary.to_lowercase());
        assert!(!found, "{canary:?} is in {what}: {text}");
    }
}

/// A command that must end without sending anything.
fn unsent(chain: &Chain, wallet: &Wallet, change: impl FnOnce(&mut Command)) -> Told {
    let proxy = Proxy::before(chain.endpoint());
    let mut command = program::with(wallet, &proxy.endpoint(), REGISTER);
    change(&mut command);
    let told = program::run(command);
    assert_eq!(proxy.count(SUBMIT), 0, "{told}");
    hides_secrets("what was told", &told.to_string());
    told
}

/// Nobody can try again, so a wrong password is final.
#[test]
fn a_wrong_password_of_a_file_is_told() {
    let chain = Chain::easy();
    let wallet = Wallet::encrypted(&BOB);
    let file = wallet.write("password", "not the password\n");
    let told = unsent(&chain, &wallet, |command| {
        command.arg("--password-file").arg(&file);
    });
    let file = file.display().to_string();
    let told = told
        .exits(1)
        .complaining(&[&file, "does not open", "it is wrong"]);
    assert_eq!(told.stdout, "");
}

#[test]
fn nobody_to_ask_for_a_password_is_told() {
    let chain = Chain::easy();
    let wallet = Wallet::encrypted(&BOB);
    // Otherwise it would ask at the terminal of the person who runs the tests.
    let alone = |command: &mut Command| {
        let mut setsid = Command::new("/usr/bin/setsid");
        setsid.arg("--wait").arg(command.get_program());
        setsid.env_clear().args(command.get_args());
        *command = setsid;
    };
    if cfg!(target_os = "linux") {
        let told = unsent(&chain, &wallet, alone).exits(1);
        told.complaining(&["is encrypted", "no terminal", "--password-file"]);
    }
}

/// As btcli sets it, for people who have it already.
#[test]
fn a_password_in_a_variable_is_warned_of() {
    let chain = Chain::easy();
    let wallet = Wallet::encrypted(&BOB);
    let mut command = program::with(&wallet, chain.endpoint(), REGISTER);
    command.env("BT_WALLET_PASSWORD", PASSWORD);
    let program = Program::start(command);
    program.says("submitted; waiting");
    chain.block();
    let told = program.end().exits(0);
    hides_secrets("what was told", &told.to_string());
    told.saying(&["BT_WALLET_PASSWORD", "--password-file is safer"]);
}

#[test]
fn a_password_comes_from_a_file() {
    let chain = Chain::easy();
    let wallet = Wallet::encrypted(&BOB);
    let file = wallet.write("password", format!("{PASSWORD}\n"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("everybody's");
    unsent(&chain, &wallet, |command| {
        command.arg("--password-file").arg(&file);
    })
    .exits(1)
    .complaining(&["open to every user", "chmod 600"]);

    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("its owner's");
    let mut command = program::with(&wallet, chain.endpoint(), REGISTER);
    command.arg("--password-file").arg(&file);
    let program = Program::start(command);
    program.says("submitted; waiting");
    chain.block();
    let told = program.end().exits(0);
    hides_secrets("what was told", &told.to_string());
    told.answering(json!({ "status": "registered" }));
}

/// The program asks a person three times and does not show the typed password.
#[test]
fn three_wrong_passwords_are_enough() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::encrypted(&BOB);
    let command = program::with(&wallet, &proxy.endpoint(), "register --netuid 1 --yes");
    let mut terminal = Terminal::start(&command);
    for (prompt, typed) in [
        ("password for coldkey default: ", "first-guess"),
        (
            "wrong password, 2 tries left; password for coldkey default: ",
            "second-guess",
        ),
        (
            "wrong password, last try; password for coldkey default: ",
            "third-guess",
        ),
    ] {
        terminal.shows(prompt);
        terminal.types_hidden(typed);
    }
    let (code, shown) = terminal.end();
    assert_eq!(code, 1, "{shown}");
    assert!(
        shown.contains("error: ") && shown.contains("does not open"),
        "{shown}"
    );
    assert!(!shown.contains("guess"), "{shown}");
    assert_eq!(proxy.count(SUBMIT), 0);
}

#[test]
fn the_second_password_is_as_good_as_the_first() {
    let chain = Chain::easy();
    let wallet = Wallet::encrypted(&BOB);
    let arguments = "register --netuid 1 --threads 1";
    let mut command = program::with(&wallet, chain.endpoint(), arguments);
    command.env("TERM", "xterm");
    let mut terminal = Terminal::start(&command);
    terminal.shows("fee        0");
    // What it will take, before anybody agrees to it.
    terminal.shows("devices    cpu: ");
    terminal.shows("expected   ");
    terminal.shows("Go on? [y/N] ");
    terminal.types("y");
    terminal.shows("password for coldkey default: ");
    terminal.types_hidden("not the password");
    terminal.shows("2 tries left");
    terminal.types_hidden(PASSWORD);
    terminal.shows("submitted; waiting for a block");
    chain.block();
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("registered  UID 0 on subnet 1"), "{shown}");
    hides_secrets("the terminal", &shown);
}

/// Nothing can be redrawn there, but the program can still say everything.
#[test]
fn a_terminal_without_a_name_is_told_as_much() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = "register --netuid 1 --yes --threads 1";
    let command = program::with(&wallet, chain.endpoint(), arguments);
    let mut terminal = Terminal::start(&command);
    terminal.shows("submitted; waiting for a block");
    chain.block();
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
}

#[test]
fn no_is_no() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::new(&ALICE, &BOB);
    for answer in ["n", "", "yes please"] {
        let command = program::with(&wallet, &proxy.endpoint(), "register --netuid 1");
        let mut terminal = Terminal::start(&command);
        terminal.shows("Go on? [y/N] ");
        terminal.types(answer);
        let (code, shown) = terminal.end();
        assert_eq!(code, 1, "{answer:?}: {shown}");
        let words = "error: nothing was signed or sent";
        assert!(shown.contains(words), "{answer:?}: {shown}");
    }
    chain.block();
    assert_eq!((proxy.count(SUBMIT), chain.nonce(&ALICE)), (0, 0));
}

/// A script that forgets `--yes` learns so before anything connects.
#[test]
fn nobody_to_ask_is_a_mistake() {
    let wallet = Wallet::new(&ALICE, &BOB);
    for command in ["register --netuid 1", "faucet"] {
        let told = program::run(program::with(&wallet, "ws://127.0.0.1:1", command)).exits(2);
        told.complaining(&["--yes", "there is no terminal on which to ask", "add it"]);
    }
}

#[test]
fn files_that_hold_no_key_of_the_wallet() {
    let chain = Chain::easy();
    let dave = Wallet::new(&DAVE, &BOB);
    let dave = fs::read_to_string(dave.path().join("default/coldkey")).expect("a file");
    let unknown = dave.replace("\"cryptoType\":1", "\"cryptoType\":7");
    assert_ne!(dave, unknown);
    for (content, words) in [
        ("what is this?", "is not a key file"),
        ("$NACLtooshort", "is damaged"),
        ("gAAAAAB", "is damaged"),
        (
            "{\"ss58Address\":\"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY\"}",
            "holds no secret key",
        ),
        (&unknown, "cryptoType 7, which is unknown"),
        (&dave, "another key than the public file"),
    ] {
        let wallet = Wallet::new(&ALICE, &BOB);
        wallet.write("coldkey", content);
        let told = unsent(&chain, &wallet, |_| {}).exits(1);
        told.complaining(&["coldkey", words]);
    }
}

#[test]
fn wallets_that_are_not_whole() {
    let chain = Chain::easy();
    let run = |wallet: &Wallet, arguments: &str| {
        program::run(program::with(wallet, chain.endpoint(), arguments)).exits(1)
    };
    let wallet = Wallet::public(&ALICE, &BOB);
    run(&wallet, REGISTER).complaining(&["has no coldkey at", "`btpow mine`"]);
    let other = format!("{REGISTER} --wallet-name other");
    run(&wallet, &other).complaining(&["no wallet named other", "found: default"]);
    let other = format!("{REGISTER} --wallet-hotkey other");
    run(&wallet, &other).complaining(&["no hotkey named other"]);
}

/// Others who can put their keys into a wallet decide what is registered, so the program does not even connect.
/// Mining needs no secret, and works where nobody can close anything, as on a Windows drive in WSL.
#[test]
fn a_wallet_that_is_open_to_others_mines_and_signs_nothing() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let hotkeys = wallet.path().join("default/hotkeys");
    // The remaining file names the public key as well.
    fs::remove_file(hotkeys.join("defaultpub.txt")).expect("there is one");
    let open = "is open to every user of this machine";
    for (path, chmod, warnings) in [
        (&hotkeys, "chmod 700", 0),
        (&hotkeys.join("default"), "chmod 600", 1),
        (&wallet.path().join("default/coldkey"), "chmod 600", 0),
    ] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).expect("everybody's");
        let told = program::run(program::with(&wallet, "ws://127.0.0.1:1", REGISTER)).exits(1);
        told.complaining(&[&path.display().to_string(), open, chmod]);

        // `register` does what `doctor` says.
        let doctor = program::with(
            &wallet,
            chain.endpoint(),
            "doctor --netuid 1 --json --threads 1",
        );
        let told = program::run(doctor).exits(1);
        told.complaining(&[&path.display().to_string(), open, chmod])
            .answering(json!({ "ready": false, "reason": "wallet" }));

        let arguments = "mine --netuid 1 --once --json --threads 1";
        let told = program::run(program::with(&wallet, chain.endpoint(), arguments)).exits(0);
        assert_eq!(told.times(open), warnings, "{told}");
        told.answering(json!({ "hotkey": BOB.ss58 }));
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).expect("its owner's");
    }
}

/// From an encrypted wallet to a UID, with everything that the program can say about it.
#[test]
fn a_canary_is_seen_nowhere() {
    let chain = Chain::easy();
    chain.fill_block(1);
    let wallet = Wallet::golden();
    let file = wallet.write("password", format!("{PASSWORD}\n"));
    let mut command = program::with(&wallet, chain.endpoint(), REGISTER);
    command.arg("-vvv").arg("--password-file").arg(&file);
    let program = Program::start(command);
    // The key is open, and the program is busy.
    program.says("held back");
    let process = format!("/proc/{}", program.id());
    if cfg!(target_os = "linux") {
        for name in ["cmdline", "environ"] {
            // Others may not even read the latter.
            let Ok(content) = fs::read(format!("{process}/{name}")) else {
                assert_eq!(name, "environ");
                continue;
            };
            let content = String::from_utf8_lossy(&content).replace('\0', " ");
            hides_secrets(name, &content);
        }
        let status = fs::read_to_string(format!("{process}/status")).expect("a status");
        let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:"));
        assert_ne!(locked.expect("how much is locked").trim(), "0 kB");
        let limits = fs::read_to_string(format!("{process}/limits")).expect("limits");
        let cores = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let cores: Vec<_> = cores.expect("a limit").split_whitespace().collect();
        assert_eq!(cores[4..6], ["0", "0"], "{limits}");
    }
    chain.block();
    program.says("submitted; waiting");
    chain.block();
    let told = program.end().exits(0);
    hides_secrets("standard output", &told.stdout);
    hides_secrets("standard error", &told.stderr);
    assert!(told.stderr.contains("DEBUG"), "nothing was logged: {told}");
    told.answering(json!({ "status": "registered", "coldkey": GOLDEN.ss58 }));
    assert_eq!(chain.free(&GOLDEN), 0);
    assert_eq!(chain.nonce(&GOLDEN), 1);
}
