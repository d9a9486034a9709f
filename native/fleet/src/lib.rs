//! Many rigs at one search: what a coordinator and its rigs say to each other, and what each of them decides.
//!
//! The *coordinator* follows the chain and holds the key. A *rig* hashes what it is told, and is trusted with
//! nothing. Between them is a server that passes messages on, each to whoever may read its *subject*; it may lose,
//! repeat and reorder them. The `README.md` of this crate is the protocol for whoever writes another end of it.
//!
//! - [`message`]: every message, its limits, and how it is read. [`subject`] says where it goes, and who may send it.
//! - [`range`]: which positions a rig hashes. No two rigs have one in common.
//! - [`Coordinator`]: which rigs there are, what they search for, whether a find is one, who is cut off, and which of two
//!   coordinators leads.
//! - [`Worker`]: what a rig hashes, and the finds that it keeps until they count no longer.
//!
//! Neither has a network or a clock. They are told what came and what time it is, by any monotonic clock, and answer with
//! what to send and to do. So the same code runs over a real server and in a simulation that loses messages and kills
//! coordinators (`tests/simulation`). [`Solution::verify`](btpow_core::Solution::verify) is the only judge of a find.

#![forbid(unsafe_code)]

extern crate alloc;

pub mod coordinator;
pub mod message;
pub mod range;
pub mod subject;
pub mod worker;

mod pace;

pub use self::{
    coordinator::Coordinator,
    message::{Asked, Id, Task},
    range::Range,
    subject::{Fleet, RigName},
    worker::Worker,
};
