//! The solver and the lanes for JavaScript.
//!
//! The npm package `btpow` loads this module twice in different roles. In the page (or the main
//! thread of Node) an [`Engine`] holds the one solver: it hands out rounds, believes no candidate
//! before the reference has accepted it, and counts. In each worker the module is nothing but a
//! kernel, [`order::scan`]: it gets an order of 30 words, jobs and a round, and answers with the
//! candidates. So a worker needs to know nothing of challenges, and is trusted no more than any other
//! device.
//!
//! Everything that JavaScript sees is in `bindings`, which only WebAssembly has. What `std` would bring is in
//! `btpow-wasm-runtime`.

#![forbid(unsafe_code)]
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
pub mod bindings;
pub mod engine;
pub mod order;
pub mod remote;

#[doc(inline)]
pub use self::{
    engine::{Engine, Progress},
    remote::Remote,
};
