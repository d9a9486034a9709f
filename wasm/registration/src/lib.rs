//! The rules of registration for JavaScript: which proof a runtime takes, whether a subnet would take
//! one, and the bytes that a wallet signs.
//!
//! It is a module of its own, as workers need none of it: the npm package `btpow` loads it with the first
//! question that it answers. All that decides is in `btpow-registration`, which the program `btpow` runs
//! as well; this crate turns values of JavaScript into its types and back. Everything that JavaScript sees
//! is in `bindings`, which only WebAssembly has.

#![forbid(unsafe_code)]
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
pub mod bindings;
pub mod metadata;
pub mod proof;
pub mod signature;
