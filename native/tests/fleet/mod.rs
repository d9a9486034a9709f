//! A fleet for tests of the program: a real server with the example of its configuration, a coordinator and rigs.

#[path = "../../fleet/tests/nats/server.rs"]
pub(crate) mod server;

use std::process::Command;

use self::server::{COORDINATOR, RIGS, Server};
use crate::{
    chain::{
        program::{self, Program},
        wallet::Wallet,
    },
    common,
};

/// What a coordinator without devices of its own is told.
pub(crate) const LEAD: &str = "register --netuid 1 --yes --json --no-local -vv";

/// Gives a command the credentials of the coordinator.
pub(crate) fn leading(mut command: Command, server: &Server) -> Command {
    command
        .args(["--fleet", &server.address()])
        .arg("--fleet-creds")
        .arg(server.secret(COORDINATOR));
    command
}

/// A coordinator with these arguments.
pub(crate) fn lead(server: &Server, wallet: &Wallet, endpoint: &str, arguments: &str) -> Program {
    let command = program::with(wallet, endpoint, arguments);
    Program::start(leading(command, server))
}

/// A rig of the example, counted from 0, with one thread.
pub(crate) fn rig(server: &Server, place: usize) -> Program {
    let arguments = format!("rig --name rig-{} --device cpu --threads 1 -vv", place + 1);
    let mut command = common::btpow(&arguments);
    command
        .args(["--fleet", &server.address()])
        .arg("--fleet-creds")
        .arg(server.secret(RIGS[place]));
    Program::start(command)
}
