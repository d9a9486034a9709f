//! One file per command, from its flags to its answer and its exit. Several of them share `common`; those
//! that sign share `sending`.

pub mod bench;
pub mod completions;
pub mod config;
pub mod devices;
pub mod doctor;
pub mod faucet;
pub mod fleet;
pub mod look;
pub mod man;
pub mod mine;
pub mod register;
pub mod rig;
pub mod schema;
pub mod seal;
pub mod solve;
pub mod subnets;
pub mod top;
pub mod tune;
pub mod verify;

pub mod common;

mod check;
mod sending;
