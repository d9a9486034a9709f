//! Wallets and paths that came from another system.

mod chain;
mod common;

use btpow_devnet::{ALICE, BOB, CHARLIE};
use chain::{
    program::{self, Program},
    state::Chain,
    wallet::{PASSWORD, Wallet, saved_by_windows},
};
use common::path_of_program;
use serde_json::json;

const REGISTER: &str = "register --netuid 1 --yes --json --threads 1 --device cpu";

/// The paths are those that a person would type there, with a drive and backslashes on Windows.
#[test]
fn a_wallet_that_windows_saved_registers() {
    let chain = Chain::easy();
    let wallet = Wallet::of_windows(&ALICE, &BOB);
    let mut command = program::at(chain.endpoint(), REGISTER);
    command.args(["--wallet-path", &path_of_program(wallet.path())]);
    let program = Program::start(command);
    program.says("submitted; waiting");
    chain.block();
    program.end().exits(0).answering(json!({
        "status": "registered",
        "hotkey": BOB.ss58,
        "coldkey": ALICE.ss58,
    }));
    assert_eq!(chain.owner(&BOB), Some(ALICE.public));
}

/// A wallet that is not there is named by the path that was typed.
#[test]
fn what_is_missing_is_named_by_its_path() {
    let chain = Chain::easy();
    let wallet = Wallet::of_windows(&ALICE, &BOB);
    let path = path_of_program(wallet.path());
    let mut command = program::at(chain.endpoint(), REGISTER);
    command.args(["--wallet-name", "nobody", "--wallet-path", &path]);
    let told = program::run(command).exits(1);
    told.complaining(&["nobody", &path, "found: default"]);
}

#[test]
fn a_password_that_windows_saved_opens_the_coldkey() {
    let chain = Chain::easy();
    let wallet = Wallet::encrypted(&CHARLIE);
    let password = wallet.write("a password", saved_by_windows(PASSWORD));
    let mut command = program::with(&wallet, chain.endpoint(), REGISTER);
    command.args(["--password-file", &path_of_program(&password)]);
    let program = Program::start(command);
    program.says("submitted; waiting");
    chain.block();
    let told = program.end().exits(0);
    told.answering(json!({ "status": "registered", "hotkey": CHARLIE.ss58 }));
}
