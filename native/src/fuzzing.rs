//! The readers of untrusted input, for the targets of `tests/fuzz`. Compiled for them alone.

use std::ffi::OsString;

use clap::Parser as _;

use crate::{
    chain,
    cli::{ChainArgs, Cli, Command, RigArgs, Usage},
    environment::Environment,
    text, wallet,
};

/// What a node says about blocks, runtimes and transactions, as JSON.
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

/// What somebody typed, one word per line.
pub fn command_line(typed: &str) {
    let words = core::iter::once("btpow").chain(typed.lines());
    let complaint = match Cli::try_parse_from(words.map(OsString::from)) {
        Ok(cli) => together(&cli.command).err(),
        Err(error) if error.use_stderr() => Some(Usage::from(&error)),
        Err(_) => None,
    };
    let complaint = complaint.map(|usage| usage.to_string()).unwrap_or_default();
    assert!(!complaint.contains(text::is_hidden), "{complaint}");
}

/// Combines the flags of a command; the first complaint.
fn together(command: &Command) -> Result<(), Usage> {
    let network = |args: &ChainArgs| {
        let network = args.network(&Environment::default())?;
        drop((network.for_btcli(), network.about_pin()));
        Ok(())
    };
    let rig = |args: &RigArgs| {
        drop(args.selectors());
        args.options(None).map(drop)
    };
    match command {
        Command::Doctor(args) => network(&args.chain).and_then(|()| rig(&args.rig)),
        Command::Subnets(args) => network(&args.chain).and_then(|()| rig(&args.rig)),
        Command::Register(args) => network(&args.send.chain).and_then(|()| rig(&args.send.rig)),
        Command::Faucet(args) => network(&args.send.chain).and_then(|()| rig(&args.send.rig)),
        Command::Mine(args) => network(&args.chain).and_then(|()| rig(&args.rig)),
        Command::Solve(args) => {
            drop(args.challenge.task()?.flags());
            rig(&args.rig)
        }
        _ => Ok(()),
    }
}
