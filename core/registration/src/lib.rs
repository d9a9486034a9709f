//! Registering a key on a Bittensor subnet by proof of work: which proof a chain takes, whether it
//! would take this one, and the bytes that are signed.
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
//! This crate has no network, no clock and no wallet, and serves the program and JavaScript alike.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod call;
pub mod extension;
pub mod metadata;
pub mod network;
pub mod payload;
pub mod refusal;
pub mod runtime;
pub mod standing;

mod rules;

pub use self::{
    call::{Call, CallKind, Proof},
    network::Network,
    payload::{Payload, Scheme, Signature},
    refusal::Refusal,
    runtime::{Identity, Runtime},
    standing::{Denial, Hotkey, Standing, Subnet},
};
