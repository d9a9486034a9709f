//! What the modules have instead of `std`: memory, and panics that JavaScript can read.

#![forbid(unsafe_code)]
#![cfg(target_arch = "wasm32")]
#![no_std]

extern crate alloc;

mod bytes;
mod memory;
mod object;
mod panic;

pub use self::{bytes::bytes32, object::set};
