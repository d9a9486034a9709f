//! The command line of btpow: finds and checks the proof of work with which a key registers on a
//! Bittensor subnet.
//!
//! [`btpow_core`] defines what a proof is; this crate adds threads, a clock, randomness, a terminal and
//! signals. A command runs like this: [`app`] reads the [`environment`] and the arguments ([`cli`]), which
//! arrive as valid values, a file of [`commands`] does the work with the [`devices`] on a [`rig`],
//! [`report`] shows it, and [`exit`] says how it ended.

#![forbid(unsafe_code)]
// Whatever is printed goes through `output`, which makes it harmless.
#![cfg_attr(not(test), warn(clippy::print_stderr, clippy::print_stdout))]
#![expect(
    clippy::std_instead_of_alloc,
    reason = "threads, files and terminals: nothing here could move to a crate without std"
)]

pub mod api;
pub mod app;
pub mod chain;
pub mod cli;
pub mod commands;
pub mod config;
pub mod crew;
pub mod devices;
pub mod environment;
pub mod events;
pub mod exit;
pub mod fleet;
pub mod folders;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod gauges;
pub mod limits;
pub mod log_entry;
pub mod log_file;
pub mod output;
pub mod pauses;
pub mod registration;
pub mod report;
pub mod rig;
pub mod sample;
pub mod service;
pub mod signals;
pub mod task;
pub mod text;
pub mod wallet;
