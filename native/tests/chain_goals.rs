//! `register` with several goals.

mod chain;
mod common;

use btpow_devnet::{ALICE, BOB, CHARLIE, FERDIE, keys};
use chain::{
    program::{self, Program, Told},
    proxy::{Proxy, SUBMIT},
    state::{Chain, EASY, HARD},
    wallet::Wallet,
};
use serde_json::Value;

/// Two hotkeys of one coldkey.
const TWO_KEYS: &str = "--wallet-hotkey default --wallet-hotkey second";

const REGISTER: &str = "register --yes --json --device cpu --threads 1 -vv";

/// A wallet with `//Bob` as `default` and `//Charlie` as `second`.
fn two_keys() -> Wallet {
    let wallet = Wallet::new(&ALICE, &BOB);
    wallet.add_hotkey("second", &CHARLIE);
    wallet
}

/// Lets subnet 2 take proofs, from the next block on.
fn open(chain: &Chain) {
    let key = keys::subnet_key("NetworkPowRegistrationAllowed", 2);
    chain.set(key, Some(vec![1]));
}

/// The answers, one for each goal.
fn answers(told: &Told) -> Vec<Value> {
    let lines = told.stdout.lines();
    let answers = lines.map(|line| serde_json::from_str(line).expect("JSON"));
    answers.collect()
}

/// A field of every answer.
fn each<'a>(answers: &'a [Value], field: &str) -> Vec<&'a Value> {
    answers.iter().map(|answer| &answer[field]).collect()
}

/// Two signatures of one account would have the same nonce if they were made at once.
#[test]
fn two_hotkeys_of_a_coldkey_register_one_after_the_other() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let wallet = two_keys();
    let arguments = format!("{REGISTER} --netuid 1 {TWO_KEYS}");
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), &arguments));
    program.says("subnet 1, default/default: submitted; waiting for a block");
    program.says(
        "subnet 1, default/second: proof found; held back until another registration of the same signer is in a block",
    );
    assert_eq!(proxy.count(SUBMIT), 1);
    // The first is in it, and with that the block is full.
    chain.block();
    program.says("subnet 1, default/default: registered as UID 0");
    chain.block();
    program.says("subnet 1, default/second: submitted; waiting for a block");
    chain.block();
    let told = program.end().exits(0);
    let answers = answers(&told);
    assert_eq!(each(&answers, "status"), ["registered"; 2], "{told}");
    assert_eq!(each(&answers, "hotkey"), [BOB.ss58, CHARLIE.ss58]);
    assert_eq!(each(&answers, "uid"), [0, 1]);
    assert_eq!(chain.uid(1, &BOB), Some(0));
    assert_eq!(chain.uid(1, &CHARLIE), Some(1));
    assert_eq!(chain.nonce(&ALICE), 2);
    assert_eq!(proxy.count(SUBMIT), 2, "nothing was sent in vain: {told}");
}

#[test]
fn the_goal_whose_proof_is_expected_first_is_searched_for() {
    let chain = Chain::easy();
    open(&chain);
    chain.set_difficulty(1, HARD);
    chain.set_difficulty(2, HARD / 2);
    chain.block();
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = format!("{REGISTER} --netuid 1 --netuid 2");
    let program = Program::start(program::with(&wallet, chain.endpoint(), &arguments));
    program.says("subnet 2, default/default: mining, expected ");
    program.says("subnet 1, default/default: waits for its turn");
    // Now the other one is easier.
    chain.set_difficulty(1, EASY);
    chain.block();
    program.says("subnet 1, default/default: submitted; waiting for a block");
    chain.set_difficulty(2, EASY);
    chain.block();
    program.says("subnet 1, default/default: registered as UID 0");
    program.says("subnet 2, default/default: submitted; waiting for a block");
    chain.block();
    let told = program.end().exits(0);
    let answers = answers(&told);
    assert_eq!(each(&answers, "netuid"), [1, 2], "in their order: {told}");
    assert_eq!(each(&answers, "status"), ["registered"; 2]);
    for answer in &answers {
        let chance = answer["statistics"]["chance"].as_f64().expect("a chance");
        assert!(0.0 < chance && chance <= 1.0, "{told}");
    }
    assert_eq!(chain.uid(2, &BOB), Some(0));
}

#[test]
fn one_waits_for_its_subnet_while_the_other_registers() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = format!("{REGISTER} --netuid 2 --netuid 1 --wait-open");
    let program = Program::start(program::with(&wallet, chain.endpoint(), &arguments));
    program.says("subnet 2, default/default: subnet 2 takes no proof of work");
    program.says("subnet 1, default/default: submitted; waiting for a block");
    chain.block();
    program.says("subnet 1, default/default: registered as UID 0");
    program.says("paused; waiting for the subnet to open");
    open(&chain);
    chain.block();
    program.says("subnet 2, default/default: block 3: the subnet takes proofs now");
    program.says("subnet 2, default/default: submitted; waiting for a block");
    chain.block();
    let told = program.end().exits(0);
    assert_eq!(each(&answers(&told), "status"), ["registered"; 2], "{told}");
    assert_eq!(chain.uid(2, &BOB), Some(0));
}

#[test]
fn the_exit_code_is_that_of_the_goal_that_fared_worst() {
    let chain = Chain::easy();
    let wallet = two_keys();
    // Somebody else owns the second.
    let owner = keys::owner_key(&CHARLIE.public);
    chain.set(owner, Some(FERDIE.public.to_vec()));
    chain.block();
    let arguments = format!("{REGISTER} --netuid 2 --netuid 1 {TWO_KEYS}");
    let program = Program::start(program::with(&wallet, chain.endpoint(), &arguments));
    program.says("submitted; waiting for a block");
    chain.block();
    let told = program.end().exits(6).saying(&[
        "error: subnet 2, default/default: subnet 2 takes no proof of work",
        "error: subnet 1, default/second: the hotkey belongs to the coldkey",
    ]);
    let answers = answers(&told);
    assert_eq!(
        each(&answers, "status"),
        ["denied", "denied", "registered", "denied"],
        "{told}"
    );
    assert_eq!(chain.uid(1, &BOB), Some(0));
}

#[test]
fn where_nothing_can_be_done_for_any_goal_nothing_begins() {
    let chain = Chain::easy();
    let wallet = Wallet::public(&ALICE, &BOB);
    let arguments = format!("{REGISTER} --netuid 2 --netuid 9");
    let told = program::run(program::with(&wallet, chain.endpoint(), &arguments)).exits(4);
    let answers = answers(&told);
    assert_eq!(each(&answers, "reason"), ["pow_off", "no_subnet"], "{told}");
    assert_eq!(each(&answers, "submissions"), [0, 0]);
}

#[test]
fn ctrl_c_answers_for_every_goal() {
    let chain = Chain::easy();
    chain.set_difficulty(1, HARD);
    let wallet = two_keys();
    let arguments = format!("{REGISTER} --netuid 1 {TWO_KEYS}");
    let program = Program::start(program::with(&wallet, chain.endpoint(), &arguments));
    program.says("subnet 1, default/default: mining, expected ");
    program.signal("INT");
    let told = program.end().exits(130).saying(&[
        "subnet 1, default/default: interrupted; nothing was sent",
        "subnet 1, default/second: interrupted; nothing was sent",
    ]);
    let answers = answers(&told);
    assert_eq!(each(&answers, "status"), ["interrupted"; 2]);
    // Each has what was hashed for it, and the devices hashed for the first alone.
    let [first, second] = [0, 1].map(|goal| &answers[goal]["statistics"]);
    assert_ne!(first["nonces_total"], "0", "{told}");
    assert!(first["time_spent_total"].as_f64() > Some(0.0), "{told}");
    assert_eq!(second["nonces_total"], "0", "{told}");
    assert_eq!(second["time_spent_total"], 0.0, "{told}");
}

/// The chain takes only proofs of later blocks for a hotkey that has registered, on whatever subnet: what would be found
/// for the second subnet on the same block would be worth nothing.
#[test]
fn a_hotkey_registers_on_one_subnet_after_the_other() {
    let chain = Chain::easy();
    open(&chain);
    chain.block();
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = format!("{REGISTER} --netuid 1 --netuid 2");
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), &arguments));
    program.says("subnet 1, default/default: submitted; waiting for a block");
    chain.block();
    program.says("subnet 1, default/default: registered as UID 0");
    // Its proof is for the block after, if nothing was found in vain before.
    program.says("subnet 2, default/default: submitted; waiting for a block");
    chain.block();
    let told = program.end().exits(0);
    assert_eq!(each(&answers(&told), "status"), ["registered"; 2], "{told}");
    assert_eq!(told.times("held back"), 0, "{told}");
    assert_eq!(proxy.count(SUBMIT), 2);
    assert_eq!(chain.uid(2, &BOB), Some(0));
}

/// The news that a block holds a registration may come before that block itself, with the nonce that comes next.
#[test]
fn nothing_is_signed_with_a_nonce_that_a_block_has_used() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let wallet = two_keys();
    let arguments = format!("{REGISTER} --netuid 1 --wait inclusion {TWO_KEYS}");
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), &arguments));
    program.says("subnet 1, default/default: submitted; waiting for a block");
    program.says("subnet 1, default/second: proof found; held back");
    // The program does not see the block itself.
    proxy.on_head(|_| Vec::new());
    chain.block();
    program.says("subnet 1, default/default: registered as UID 0");
    proxy.on_head(|head| vec![head]);
    chain.block();
    program.says("subnet 1, default/second: submitted; waiting for a block");
    chain.block();
    let told = program.end().exits(0);
    assert_eq!(each(&answers(&told), "submissions"), [1, 1], "{told}");
    assert_eq!(proxy.count(SUBMIT), 2);
    assert_eq!(chain.nonce(&ALICE), 2);
}

/// What is about a goal names it, what is about the chain names none.
#[test]
fn events_name_their_goal() {
    let chain = Chain::easy();
    let wallet = two_keys();
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("events");
    let mut command = program::with(
        &wallet,
        chain.endpoint(),
        &format!("{REGISTER} --netuid 1 {TWO_KEYS}"),
    );
    command.args(["--on-event", &format!("cat >> '{}'", log.display())]);
    let program = Program::start(command);
    program.says("subnet 1, default/default: submitted; waiting for a block");
    program.says("subnet 1, default/second: proof found; held back");
    chain.block();
    program.says("subnet 1, default/default: registered as UID 0");
    chain.block();
    program.says("subnet 1, default/second: submitted; waiting for a block");
    chain.block();
    program.end().exits(0);
    let events = std::fs::read_to_string(log).expect("events");
    let events = events.lines().map(|line| {
        let event: Value = serde_json::from_str(line).expect("JSON");
        let field = |name: &str| event[name].as_str().unwrap_or("none").to_owned();
        (field("event"), field("hotkey"))
    });
    let registered: Vec<_> = events
        .filter(|(event, _)| event == "registered")
        .map(|(_, hotkey)| hotkey)
        .collect();
    assert_eq!(registered, [BOB.ss58, CHARLIE.ss58]);
}

#[test]
fn a_goal_is_given_once() {
    let chain = Chain::easy();
    let wallet = Wallet::public(&ALICE, &BOB);
    for (twice, named) in [
        ("--netuid 1 --netuid 1", "subnet 1, default/default"),
        (
            "--netuid 1 --wallet-hotkey default --wallet-hotkey default",
            "subnet 1, default/default",
        ),
    ] {
        let arguments = format!("{REGISTER} {twice}");
        let told = program::run(program::with(&wallet, chain.endpoint(), &arguments)).exits(2);
        told.complaining(&["--netuid", named, "is given twice", "name each"]);
    }
}

/// Under two coldkeys, they would race for who owns it.
#[test]
fn a_hotkey_of_two_wallets_is_given_once() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    wallet.add_wallet("other", &FERDIE, &BOB);
    let path = wallet.path().join("rig.toml");
    let text = "[[goal]]\nnetuid = 1\n[[goal]]\nnetuid = 1\nwallet = \"other\"\n";
    std::fs::write(&path, text).expect("written");
    let mut command = program::with(&wallet, chain.endpoint(), "register --yes --json");
    command.arg("--config").arg(&path);
    let told = program::run(command).exits(2);
    told.complaining(&["the same hotkey on the same subnet"]);
}

/// In the order in which they were given, whether they would begin or are over.
#[test]
fn a_dry_run_answers_for_every_goal() {
    let chain = Chain::easy();
    let wallet = Wallet::public(&ALICE, &BOB);
    wallet.write("coldkey", "no key, and nobody opens it");
    let arguments = "register --json --dry-run --netuid 1 --netuid 2 --netuid 9";
    let told = program::run(program::with(&wallet, chain.endpoint(), arguments)).exits(4);
    let answers = answers(&told);
    assert_eq!(each(&answers, "netuid"), [1, 2, 9], "{told}");
    assert_eq!(
        each(&answers, "status"),
        ["dry_run", "denied", "denied"],
        "{told}"
    );
}

#[test]
fn other_commands_take_one_hotkey() {
    let chain = Chain::easy();
    let wallet = two_keys();
    for command in ["doctor --netuid 1", "mine --netuid 1", "faucet --yes"] {
        let arguments = format!("{command} {TWO_KEYS}");
        let told = program::run(program::with(&wallet, chain.endpoint(), &arguments)).exits(2);
        told.complaining(&[
            "--wallet-hotkey",
            "only `btpow register` takes several keys",
        ]);
    }
}
