//! A coordinator, three rigs and a real server between them, and everything that goes wrong, once each: the key is registered
//! once, by its own coldkey, and nothing is lost that was found.

#![cfg(target_os = "linux")]
#![expect(
    clippy::std_instead_of_alloc,
    reason = "nothing here is to move to the core"
)]

#[path = "../chain/mod.rs"]
mod chain;
mod clocks;
#[path = "../common/mod.rs"]
mod common;
mod coordinators;
#[expect(
    dead_code,
    reason = "the commands here have ways of their own to the server"
)]
#[path = "../fleet/mod.rs"]
mod fleet;
#[path = "../nats/mod.rs"]
mod nats;
mod network;
mod rogues;
mod scene;
