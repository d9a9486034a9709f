//! Registrations as a settings file says them, and dry runs.

mod chain;
mod common;

use std::{fs, path::PathBuf, process::Command};

use btpow_devnet::{ALICE, BOB, CHARLIE, FERDIE, keys};
use chain::{
    program::{self, Program},
    proxy::{Proxy, SUBMIT},
    state::{Chain, HARD},
    wallet::{PASSWORD, Wallet},
};
use serde_json::{Value, json};

/// Writes a settings file into the folder of a wallet.
fn file(wallet: &Wallet, text: &str) -> PathBuf {
    let path = wallet.path().join("rig.toml");
    fs::write(&path, text).expect("written");
    path
}

fn with(path: &std::path::Path, arguments: &str) -> Command {
    let mut command = common::btpow(arguments);
    command.args(["--config", &common::path_of_program(path)]);
    command
}

/// All of it comes from the file: subnet, keys, chain, password and the yes.
#[test]
fn a_goal_of_the_file_is_registered() {
    let chain = Chain::easy();
    let wallet = Wallet::encrypted(&BOB);
    wallet.write("password", format!("{PASSWORD}\n"));
    let endpoint = chain.endpoint();
    let path = file(
        &wallet,
        &format!(
            "network = \"{endpoint}\"\nthreads = 1\njson = true\nwallet-path = \".\"\nnetuid = 2\n\
             [register]\nyes = true\n[[goal]]\nnetuid = 1\nwallet = \"default/default\"\n\
             password-file = \"default/password\"\n"
        ),
    );
    let program = Program::start(with(&path, "register"));
    program.says("submitted; waiting");
    chain.block();
    let told = program.end().exits(0);
    // Who looks at the summary sees where it comes from.
    let first = format!("settings   {}\nchain      ", common::path_of_program(&path));
    let told = told.saying(&[&first]);
    told.answering(json!({ "status": "registered", "netuid": 1, "hotkey": BOB.ss58 }));
    assert_eq!(chain.uid(1, &BOB), Some(0));
}

/// The file agreed to its own goals on its own chain.
#[test]
fn a_yes_of_the_file_signs_nothing_that_it_never_named() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let proxy = Proxy::before(chain.endpoint());
    let text = format!(
        "network = \"{}\"\nthreads = 1\nwallet-path = \".\"\n[register]\nyes = true\n[[goal]]\nnetuid = 1\n",
        proxy.endpoint()
    );
    let path = file(&wallet, &text);
    let mut of_variable = with(&path, "register");
    of_variable.env("BT_SUBTENSOR_NETWORK", proxy.endpoint());
    let typed = with(&path, "register --netuid 1");
    for command in [typed, of_variable] {
        let told = program::run(command).exits(2);
        told.complaining(&["--yes: there is no terminal on which to ask before signing"]);
    }
    assert_eq!((proxy.count(SUBMIT), chain.nonce(&ALICE)), (0, 0));
}

/// Two wallets, each with its password, and a subnet that opens later. Their registrations do not wait for each other.
#[test]
fn the_goals_of_a_file_have_wallets_of_their_own() {
    let chain = Chain::easy();
    let wallet = Wallet::encrypted(&BOB);
    wallet.write("password", format!("{PASSWORD}\n"));
    wallet.add_wallet("other", &ALICE, &CHARLIE);
    let endpoint = chain.endpoint();
    let text = format!(
        "network = \"{endpoint}\"\nthreads = 1\njson = true\nwallet-path = \".\"\n\
         [register]\nyes = true\nwait-open = true\n\
         [[goal]]\nnetuid = 2\nwallet = \"other\"\n\
         [[goal]]\nnetuid = 1\npassword-file = \"default/password\"\n"
    );
    let program = Program::start(with(&file(&wallet, &text), "register"));
    program.says("subnet 2, other/default: subnet 2 takes no proof of work");
    program.says("subnet 1, default/default: submitted; waiting");
    chain.block();
    program.says("subnet 1, default/default: registered as UID 0");
    let key = keys::subnet_key("NetworkPowRegistrationAllowed", 2);
    chain.set(key, Some(vec![1]));
    chain.block();
    program.says("subnet 2, other/default: submitted; waiting");
    chain.block();
    let told = program.end().exits(0);
    let answers = told.stdout.lines().map(|line| {
        let answer: Value = serde_json::from_str(line).expect("JSON");
        (answer["netuid"].clone(), answer["status"].clone())
    });
    let registered = json!("registered");
    assert_eq!(
        answers.collect::<Vec<_>>(),
        [(json!(2), registered.clone()), (json!(1), registered)]
    );
    assert_eq!(chain.uid(2, &CHARLIE), Some(0));
    assert_eq!(chain.uid(1, &BOB), Some(0));
}

#[test]
fn a_flag_that_names_a_goal_goes_before_those_of_the_file() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let endpoint = chain.endpoint();
    let text = format!(
        "network = \"{endpoint}\"\nwallet-path = \".\"\n[[goal]]\nnetuid = 1\n[[goal]]\nnetuid = 3\n"
    );
    let path = file(&wallet, &text);
    let told = program::run(with(&path, "register --dry-run --json --netuid 3")).exits(0);
    told.answering(json!({ "status": "dry_run", "netuid": 3 }));
}

/// The variables of passwords go before the file, which goes before a question.
#[cfg(unix)]
#[test]
fn a_password_of_a_variable_goes_before_that_of_the_file() {
    let chain = Chain::easy();
    let wallet = Wallet::encrypted(&BOB);
    wallet.write("password", "wrong\n");
    let path = file(&wallet, "password-file = \"default/password\"\n");
    let mut command = program::with(
        &wallet,
        chain.endpoint(),
        "register --netuid 1 --yes --threads 1",
    );
    command.arg("--config").arg(&path);
    program::run(clone(&command))
        .exits(1)
        .complaining(&["default/password", "does not open"]);
    command.env("BT_WALLET_PASSWORD", PASSWORD);
    let program = Program::start(command);
    program.says("submitted; waiting");
    chain.block();
    program.end().exits(0);
}

#[cfg(unix)]
fn clone(command: &Command) -> Command {
    let mut clone = Command::new(command.get_program());
    clone.env_clear().args(command.get_args());
    let envs = command.get_envs();
    clone.envs(envs.filter_map(|(name, value)| Some((name, value?))));
    clone
}

/// Nothing is hashed, signed or sent, nobody is asked, and no password is needed.
#[test]
fn a_dry_run_shows_what_would_be_signed_and_ends() {
    let chain = Chain::easy();
    chain.set_difficulty(1, HARD);
    // An encrypted coldkey, no password, no terminal and no --yes.
    let wallet = Wallet::encrypted(&BOB);
    let proxy = Proxy::before(chain.endpoint());
    for json in ["", " --json"] {
        let arguments = format!("register --netuid 1 --dry-run{json}");
        let told = program::run(program::with(&wallet, &proxy.endpoint(), &arguments)).exits(0);
        let told = told.saying(&[
            "call       SubtensorModule.pow_register, signed by the coldkey",
            "effect     the hotkey gets a UID on subnet 1",
            "dry run: it would begin; nothing was hashed, signed or sent",
        ]);
        for words in ["Go on?", "password for", "devices"] {
            assert_eq!(told.times(words), 0, "{told}");
        }
        if json.is_empty() {
            assert_eq!(told.stdout, "", "{told}");
        } else {
            told.answering(json!({
                "status": "dry_run", "netuid": 1, "hotkey": BOB.ss58, "submissions": 0, "statistics": null
            }));
        }
    }
    assert_eq!(proxy.count(SUBMIT), 0);
    assert_eq!((chain.uid(1, &BOB), chain.nonce(&ALICE)), (None, 0));
}

/// The file of a password is tried, which costs nothing; a pipe is left to whoever needs it.
#[test]
#[cfg(unix)]
fn a_dry_run_tries_the_file_of_a_password() {
    use std::os::unix::fs::PermissionsExt as _;

    let chain = Chain::easy();
    let wallet = Wallet::encrypted(&BOB);
    let dry = |file: &std::path::Path| {
        let arguments = "register --netuid 1 --dry-run";
        let mut command = program::with(&wallet, chain.endpoint(), arguments);
        command.arg("--password-file").arg(file);
        program::run(command)
    };
    let file = wallet.write("password", "\n");
    let missing = file.with_file_name("missing");
    dry(&missing).exits(1).complaining(&["missing"]);
    dry(&file).exits(1).complaining(&["holds no password"]);
    fs::write(&file, "secret").expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("everybody's");
    dry(&file).exits(1).complaining(&["open to every user"]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("its owner's");
    dry(&file).exits(0).saying(&["no key was opened"]);
    let pipe = file.with_file_name("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .expect("it starts")
            .success()
    );
    dry(&pipe).exits(0);
    // A key that needs no password needs no file.
    let plain = Wallet::new(&ALICE, &BOB);
    let arguments = "register --netuid 1 --dry-run";
    let mut command = program::with(&plain, chain.endpoint(), arguments);
    command.arg("--password-file").arg(&missing);
    program::run(command).exits(0);
}

#[test]
fn a_dry_run_of_mine_names_the_keys() {
    let chain = Chain::easy();
    let wallet = Wallet::public(&ALICE, &BOB);
    let command = program::with(&wallet, chain.endpoint(), "mine --netuid 1 --dry-run");
    let told = program::run(command).exits(0);
    told.saying(&[
        &format!("hotkey  {}", BOB.ss58),
        &format!("coldkey {}", ALICE.ss58),
    ]);
}

/// A flag that says which goal puts those of the file aside, and that is no secret.
#[test]
fn goals_that_are_put_aside_are_told() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let file = file(&wallet, "[[goal]]\nnetuid = 3\n[[goal]]\nnetuid = 4\n");
    let run = |arguments: &str| {
        let mut command = program::with(&wallet, chain.endpoint(), arguments);
        command.arg("--config").arg(&file);
        program::run(command)
    };
    let words = "rig.toml put aside, since --netuid says what to register";
    let told = run("register --netuid 1 --dry-run").exits(0);
    told.saying(&[
        &format!(
            "the 2 goals of {}",
            file.parent().expect("a folder").display()
        ),
        words,
    ]);
    let told = run("mine --netuid 1 --dry-run").exits(0);
    assert_eq!(told.times("put aside"), 0, "{told}");
}

#[test]
fn a_dry_run_ends_as_the_real_one_would_if_that_would_not_begin() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let dry = |arguments: &str| {
        program::run(program::with(
            &wallet,
            chain.endpoint(),
            &format!("{arguments} --dry-run"),
        ))
    };
    dry("register --netuid 9").exits(4).complaining(&["9"]);
    dry("register --netuid 2").exits(4).complaining(&["2"]);
    dry("register --netuid 4 --json")
        .exits(6)
        .answering(json!({ "status": "denied", "reason": "full" }));
    dry("mine --netuid 4")
        .exits(6)
        .complaining(&["subnet 4 is full"]);
    // What waits would begin.
    let told = dry("register --netuid 2 --wait-open --json").exits(0);
    let told = told.saying(&["waits      "]);
    told.answering(json!({ "status": "dry_run" }));
    // A key that is registered already needs nothing.
    let owner = Wallet::new(&FERDIE, &FERDIE);
    let arguments = "register --netuid 4 --dry-run --json";
    let told = program::run(program::with(&owner, chain.endpoint(), arguments)).exits(0);
    told.answering(json!({ "status": "already_registered", "uid": 0 }));
    // Without the file that signs, the real one would not begin.
    let public = Wallet::public(&ALICE, &BOB);
    let told = program::run(program::with(
        &public,
        chain.endpoint(),
        "register --netuid 1 --dry-run",
    ));
    told.exits(1).complaining(&["has no coldkey"]);
}

/// What is looked at before anything is signed is looked at here, too.
#[cfg(unix)]
#[test]
fn a_dry_run_refuses_keys_that_others_can_use() {
    use std::os::unix::fs::PermissionsExt as _;

    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let coldkey = wallet.path().join("default/coldkey");
    fs::set_permissions(&coldkey, fs::Permissions::from_mode(0o644)).expect("everybody's");
    let told = program::run(program::with(
        &wallet,
        chain.endpoint(),
        "register --netuid 1 --dry-run",
    ));
    told.exits(1)
        .complaining(&["is open to every user of this machine"]);
}

#[test]
fn a_dry_run_of_mine_finds_no_proof() {
    let chain = Chain::easy();
    let wallet = Wallet::public(&ALICE, &BOB);
    for json in ["", " --json"] {
        let arguments = format!("mine --netuid 1 --once --dry-run{json}");
        let told = program::run(program::with(&wallet, chain.endpoint(), &arguments)).exits(0);
        let told = told.saying(&[
            "It would mine v1 for netuid 1, block ",
            "dry run: it would begin",
        ]);
        assert_eq!(told.times("Mining"), 0, "{told}");
        if json.is_empty() {
            assert_eq!(told.stdout, "", "{told}");
        } else {
            let fields =
                json!({ "status": "dry_run", "netuid": 1, "uid": null, "hotkey": BOB.ss58 });
            told.answering(fields);
        }
    }
}

#[test]
fn a_dry_run_of_the_faucet_gives_nothing() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let before = chain.free(&ALICE);
    let told = program::run(program::with(
        &wallet,
        chain.endpoint(),
        "faucet --dry-run --json",
    ))
    .exits(0);
    let told = told.saying(&["call       SubtensorModule.faucet", "dry run"]);
    told.answering(json!({ "status": "dry_run", "submissions": 0, "amount": null }));
    assert_eq!((chain.free(&ALICE), chain.nonce(&ALICE)), (before, 0));
}
