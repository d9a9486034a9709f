//! The flags and variables of Bittensor's own tools.

mod chain;
mod common;

use btpow_devnet::{ALICE, BOB};
use chain::{
    program::{self, Program},
    state::Chain,
    wallet::Wallet,
};
use common::{btpow, run, told};

#[test]
fn btclis_flags_are_understood() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let register = "register --netuid 1 --no_prompt --json-output --processors 1 --wallet_name default \
                    --wallet.hotkey default";
    let mut command = btpow(register);
    command.args(["--subtensor.chain_endpoint", chain.endpoint()]);
    command.arg("--wallet_path").arg(wallet.path());
    let program = Program::start(command);
    program.says("submitted; waiting");
    chain.block();
    let told = program.end().exits(0);
    assert_eq!(told.json()["status"], "registered", "{told}");
}

#[test]
fn bittensors_variables_stand_for_missing_flags() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let doctor = |arguments: &str, name: &str| {
        let mut command = btpow(&format!(
            "doctor --netuid 1 --device cpu --threads 1 {arguments}"
        ));
        command
            .env("BT_WALLET_PATH", wallet.path())
            .env("BT_WALLET_NAME", name)
            .env("BT_WALLET_HOTKEY", "default")
            .env("BT_SUBTENSOR_CHAIN_ENDPOINT", chain.endpoint())
            .env("BT_SUBTENSOR_NETWORK", "finney");
        program::run(command)
    };
    let told = doctor("", "default").exits(0);
    for words in [chain.endpoint(), ALICE.ss58, BOB.ss58] {
        assert!(told.stdout.contains(words), "{words} is missing: {told}");
    }
    // Flags go before them, and whoever names a key means no wallet.
    doctor("--wallet-name default", "another").exits(0);
    let told = doctor(&format!("--hotkey {}", BOB.ss58), "another").exits(0);
    assert!(told.stdout.contains(BOB.ss58), "{told}");
    doctor("--network ws://127.0.0.1:1", "default").exits(3);
    doctor("", "another")
        .exits(1)
        .complaining(&["no wallet named another"]);
}

#[test]
fn a_variable_that_is_wrong_and_flags_that_contradict_are_named() {
    let mut wrong = btpow("doctor --device cpu");
    wrong.env("BT_SUBTENSOR_NETWORK", "fynney");
    let mut open = btpow("doctor --device cpu");
    open.env("BT_SUBTENSOR_CHAIN_ENDPOINT", "ws://node.test:9944");
    let two = btpow("doctor --network finney --subtensor.network test");
    let twice = btpow("mine --netuid 1 --wallet-name a --wallet.name b");
    for (mut command, words) in [
        (
            wrong,
            "BT_SUBTENSOR_NETWORK: there is no network \"fynney\"; choose finney",
        ),
        (open, "BT_SUBTENSOR_CHAIN_ENDPOINT: anybody in between"),
        (two, "--network: finney and test are two chains; name one"),
        (twice, "--wallet-name"),
    ] {
        let (code, stdout, stderr) = told(&command.output().expect("starts"));
        assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    // Nothing talks to a chain that needs none.
    let mut sample = btpow("solve --sample --timeout 1ms --device cpu");
    sample.env("BT_SUBTENSOR_NETWORK", "fynney");
    assert_ne!(sample.output().expect("starts").status.code(), Some(2));
}

#[test]
fn the_help_does_not_show_them() {
    for command in ["register", "mine", "doctor"] {
        let (code, help, _) = told(&run(&format!("{command} --help")));
        assert_eq!(code, Some(0));
        for hidden in [
            "subtensor",
            "wallet_name",
            "wallet.name",
            "no_prompt",
            "json-output",
        ] {
            assert!(!help.contains(hidden), "{hidden} is in {help}");
        }
    }
}
