//! The wgpu device for JavaScript: one GPU behind the same orders and answers that the workers of
//! `btpow-wasm` have.
//!
//! It is a module of its own, several times as large as the lanes, and loaded only where there is a
//! card. It trusts nobody and decides nothing: the solver in the other module hands out the rounds
//! and verifies what is found.

#![cfg(target_arch = "wasm32")]

pub mod bindings;
mod order;
