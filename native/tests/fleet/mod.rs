//! A fleet for tests of the program: a real server with the example of its configuration, a coordinator and rigs.

#[path = "../../fleet/tests/nats/server.rs"]
pub(crate) mod server;

use std::process::Command;

use self::server::{COORDINATOR, RIGS, Server, User};
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
pub(crate) fn leading(command: Command, server: &Server) -> Command {
    by(command, server, &server.address(), COORDINATOR)
}

/// Gives a command this way to the server, and the credentials of a user of it.
pub(crate) fn by(mut command: Command, server: &Server, way: &str, user: User) -> Command {
    command
        .args(["--fleet", way])
        .arg("--fleet-creds")
        .arg(server.secret(user));
    command
}

/// A coordinator with these arguments.
pub(crate) fn lead(server: &Server, wallet: &Wallet, endpoint: &str, arguments: &str) -> Program {
    let command = program::with(wallet, endpoint, arguments);
    Program::start(leading(command, server))
}

/// A rig of the example, counted from 0, with one thread.
pub(crate) fn rig(server: &Server, place: usize) -> Program {
    Program::start(rig_by(server, &server.address(), place))
}

/// The command of such a rig that has this way to the server.
pub(crate) fn rig_by(server: &Server, way: &str, place: usize) -> Command {
    let arguments = format!("rig --name rig-{} --device cpu --threads 1 -vv", place + 1);
    by(common::btpow(&arguments), server, way, RIGS[place])
}
