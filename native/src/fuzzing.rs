//! The readers of what others write, for the targets of `tests/fuzz`. Compiled for them alone.

use std::ffi::OsString;

use clap::Parser as _;

use crate::{
    chain::{self, Network},
    cli::{ChainArgs, Cli, Command, RigArgs},
    input, text, wallet,
};

/// What a node tells of blocks, runtimes and transactions, as JSON.
pub fn message(bytes: &[u8]) {
    chain::fuzz_message(bytes);
}

/// The events of a block, by the metadata of a real runtime.
pub fn events(bytes: &[u8]) {
    chain::fuzz_events(bytes);
}

/// A key file of any form, encrypted or not.
pub fn key_file(bytes: &[u8]) {
    wallet::fuzz_key_file(bytes);
}

/// What somebody typed, a word for each line.
pub fn command_line(typed: &str) {
    let words = core::iter::once("btpow").chain(typed.lines());
    let told = match Cli::try_parse_from(words.map(OsString::from)) {
        Ok(mut cli) => {
            cli.settle();
            values(&cli.command).err().unwrap_or_default()
        }
        Err(error) => error.to_string(),
    };
    assert!(!text::one_line(&told).contains(text::is_hidden));
}

/// Reads the values of a command as the command does; the first complaint.
fn values(command: &Command) -> Result<(), String> {
    let said = |usage: crate::exit::Usage| {
        let line = usage.to_string();
        assert!(!line.contains(text::is_hidden), "{line}");
        line
    };
    let network = |args: &ChainArgs| {
        Network::read(&args.network, args.genesis.as_deref(), args.insecure)
            .map(|network| drop((network.for_btcli(), network.about_pin())))
            .map_err(said)
    };
    let rig = |args: &RigArgs| input::options(args, None).map(drop).map_err(said);
    match command {
        Command::Doctor(args) => network(&args.chain).and_then(|()| rig(&args.rig)),
        Command::Subnets(args) => network(&args.chain).and_then(|()| rig(&args.rig)),
        Command::Register(args) => network(&args.send.chain).and_then(|()| rig(&args.send.rig)),
        Command::Faucet(args) => network(&args.send.chain).and_then(|()| rig(&args.send.rig)),
        Command::Mine(args) => network(&args.chain).and_then(|()| rig(&args.rig)),
        Command::Solve(args) => {
            let task = input::Task::read(&args.challenge).map_err(said);
            let time = args.timeout.as_deref();
            let time = time.map(|text| input::time("--timeout", text)).transpose();
            task.map(|task| drop(task.flags()))
                .and_then(|()| time.map(drop).map_err(said))
                .and_then(|()| {
                    input::difficulty(args.difficulty.as_deref())
                        .map(drop)
                        .map_err(said)
                })
                .and_then(|()| rig(&args.rig))
        }
        Command::Verify(args) => {
            let nonce = input::nonce("--nonce", args.nonce.as_deref());
            nonce.map(drop).map_err(said)
        }
        _ => Ok(()),
    }
}
