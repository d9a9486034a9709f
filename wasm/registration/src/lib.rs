//! The rules of registration for JavaScript: which proof a runtime takes, whether a subnet would take
//! one, and the bytes that a wallet signs.
//!
//! It is a separate module, since workers need none of it: the npm package `btpow` loads it with the first
//! question for it. `btpow-registration` makes all decisions, for the program `btpow` too; this crate turns
//! JavaScript values into its types and back. Everything that JavaScript sees
//! is in `bindings`, which only WebAssembly has.

#![forbid(unsafe_code)]
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
pub mod bindings;
pub mod metadata;
pub mod proof;
pub mod signature;
