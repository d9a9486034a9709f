//! Registering a key on a Bittensor subnet by proof of work: which proof a chain takes, whether it
//! would take this one, what to do at every block, and the bytes that are signed.
//!
//! **No byte that is signed comes from an endpoint's description of itself.** Numbers of pallets and
//! calls, types of arguments, the list and order of transaction extensions are compiled in
//! ([`call`], [`extension`]). What an endpoint tells of its runtime is compared with them
//! ([`Runtime::compare`]), and where it differs, nothing is signed ([`Refusal`]). A signature covers
//! one run of bytes without boundaries, so whoever chose a number or an order would choose how an
//! honest chain cuts the run into a call, and could have it cut into a transfer.
//!
//! The way of a proof: a [`Call`] carries it, a [`Runtime`] that agrees makes the [`Payload`], whose
//! [message](Payload::message) is signed and whose [extrinsic](Payload::extrinsic) is sent. There is
//! no other way to a payload, and none to another call, another era or a tip.
//!
//! A [`Session`] takes a [`Goal`] from the first block to a registered key. Its driver reports blocks
//! ([`State`]), proofs ([`Work`]) and what became of a submission ([`Progress`]), and does what it is told
//! ([`Action`]). What a session has to say is typed ([`Event`](session::Event), [`End`](session::End)); the
//! words are the driver's.
//!
//! This crate has no network, no clock, no terminal and no wallet. The program and the page drive the same
//! session.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod call;
pub mod denial;
pub mod extension;
pub mod goal;
pub mod ledger;
pub mod metadata;
pub mod network;
pub mod obstacle;
pub mod payload;
pub mod refusal;
pub mod replacement;
pub mod runtime;
pub mod session;
pub mod standing;
pub mod state;
pub mod submission;

mod meaning;
mod rules;

pub use self::{
    call::{Call, CallKind, Proof},
    denial::Denial,
    goal::Goal,
    ledger::{Preference, Unfit, Work},
    network::Network,
    obstacle::Obstacle,
    payload::{Payload, Scheme, Signature},
    refusal::Refusal,
    runtime::{Identity, Runtime},
    session::{Action, Session},
    standing::{Hotkey, Standing, Subnet},
    state::{Account, Head, State, Subject, Swap},
    submission::{DispatchRefusal, Gone, Outcome, Place, PoolRefusal, Progress},
};
