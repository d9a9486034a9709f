//! `btpow rig`: a rig of a fleet, with a real NATS server between it and a coordinator.
//!
//! - [`work`]: what it hashes, and what becomes of its finds.
//! - [`access`]: which server it talks to, and what that lets it do.
//! - [`asking`]: how others learn how a rig is, and a fleet.
//! - [`hostile`]: what servers that are none can do to it.
//! - [`flags`]: what is wrong before anything is connected to.

#![cfg(unix)]
#![expect(
    clippy::std_instead_of_alloc,
    reason = "nothing here is to move to the core"
)]

mod access;
mod asking;
#[path = "../chain/mod.rs"]
mod chain;
#[path = "../common/mod.rs"]
mod common;
mod flags;
mod hostile;
mod lead;
#[path = "../../fleet/tests/nats/link.rs"]
#[expect(dead_code, reason = "the tests of the protocol use all of it")]
mod link;
#[path = "../../fleet/tests/nats/server.rs"]
mod server;
mod work;

use std::process::Command;

use btpow_fleet::{Range, coordinator::Event};

use chain::program::Program;
use common::btpow;
use lead::Lead;
use server::{RIGS, Server, User};

/// A rig of the fleet with one thread, as the user of a server.
fn rig(server: &Server, user: User, flags: &str) -> Command {
    let address = server.address();
    let mut command = btpow(&format!(
        "rig --fleet {address}/main --device cpu --threads 1 --name rig-1 {flags}"
    ));
    command.arg("--fleet-creds").arg(server.secret(user));
    command
}

/// The rig that is in the examples.
fn first(server: &Server) -> Program {
    Program::start(rig(server, RIGS[0], ""))
}

/// The range that the coordinator gives the next rig of this name.
fn joined(lead: &mut Lead, name: &str) -> Range {
    let joined = |event: &Event| match event {
        Event::Joined(rig, range) if rig.to_string() == name => Some(*range),
        _ => None,
    };
    lead.told(joined)
}
