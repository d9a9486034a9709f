//! The proof of work that registers a key on a Bittensor subnet.
//!
//! A block asks a key for a *nonce* whose *seal*, `Keccak256(SHA256(message with nonce))`, read as
//! a 256-bit number, is at most the *target*, `(2^256 - 1) / difficulty`. This crate holds
//! everything about that search that does not depend on a machine: what a seal is
//! ([`Challenge::seal`]), which seals win ([`Target`]), how the nonces are divided ([`span`]), how
//! each instruction set hashes them ([`isa`]), who hashes what ([`Solver`]), how long it takes
//! ([`statistics`], [`odds`]), and how long the answer counts ([`staleness`]). `btpow-registration` knows
//! which chain takes it, and what is signed.
//!
//! It has no `std`, no allocation, no clock, no randomness and prints nothing: the caller passes
//! in the time in [microseconds](Micros) and the first nonce. So the same code runs in a native
//! thread, in a WebAssembly worker and behind a GPU driver.
//!
//! # Example
//!
//! ```
//! use btpow_core::{Challenge, Difficulty, Solution};
//!
//! let challenge = Challenge::v1(1, [1; 32], [2; 32], [3; 32])?;
//! let target = Difficulty::new(1_000)?.target();
//! let nonce = (0..).find(|&nonce| target.admits(&challenge.seal(nonce), challenge.protocol()));
//! assert_eq!(nonce, Some(118));
//! assert!(Solution::verify(&challenge, &target, 118).is_ok());
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # Words
//!
//! *span*: a run of nonces that share all but one word of the message; *index*: place in a span;
//! *group*: the spans that are searched side by side; *offset*: place in a group; *position*: place in the
//! search, group by group; *lane*: one nonce of a vector; *job*: the constants a kernel needs for a span;
//! *round*: the nonces of one
//! [submit](Device::submit); *candidate*: a nonce that a device reports, not yet believed;
//! *solution*: a candidate that the reference accepted; *generation*: counts challenges.

#![no_std]
#![deny(unsafe_code)]

#[cfg(test)]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod challenge;
pub mod device;
pub mod difficulty;
pub mod fault;
pub mod group;
pub mod isa;
pub mod job;
pub mod key;
pub mod odds;
pub mod protocol;
pub mod runner;
pub mod scanner;
pub mod seal;
pub mod self_test;
pub mod shard;
pub mod solver;
pub mod span;
pub mod staleness;
pub mod statistics;

mod keccak;
mod lane;
mod lanes;
#[cfg(any(test, target_arch = "x86_64"))]
mod ring;
mod scan;
mod sha256;

#[doc(inline)]
pub use self::{
    challenge::{Challenge, RootSubnet},
    device::{Candidates, Device, DeviceError, Info, Poll, Round},
    difficulty::{Difficulty, DifficultyError, Target},
    fault::Fault,
    group::GroupJob,
    isa::{Isa, IsaError},
    job::{Job, Jobs},
    key::{KeyError, PublicKey},
    protocol::{Order, Protocol},
    runner::{Runner, Share, Step},
    scanner::Scanner,
    seal::{AboveTarget, Seal, Solution},
    shard::Shard,
    solver::{Find, Generation, Lease, SEARCHES, Search, Slot, SlotId, Solver},
    span::{Group, Offsets, Position, Span},
    staleness::Freshness,
    statistics::{Meter, Rates, Statistics},
};

/// A moment or a duration in microseconds, by whatever monotonic clock the caller has.
pub type Micros = u64;
