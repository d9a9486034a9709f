//! The session of `btpow-registration` for the page of this project.
//!
//! It is a separate module, which only the page loads: it holds everything in the npm package's registration
//! module (`btpow-wasm-registration`), and the session that drives a registration. Everything that JavaScript
//! sees is in `session`, `actions` and `values`, which only WebAssembly has; the page's unit tests run it.

#![forbid(unsafe_code)]
#![cfg(target_arch = "wasm32")]
#![no_std]

extern crate alloc;

pub mod actions;
pub mod session;
pub mod values;
