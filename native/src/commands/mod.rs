//! One file per command: from its flags to its answer and its exit.

pub mod bench;
pub mod completions;
pub mod devices;
pub mod known_hits;
pub mod man;
pub mod recorder;
pub mod seal;
pub mod solve;
pub mod verify;
