//! The solver and the CPU kernels for JavaScript.
//!
//! The npm package `btpow` loads this module twice in different roles. In the page (or the main
//! thread of Node) an [`Engine`] holds the one solver: it hands out rounds, believes no candidate
//! before the reference has accepted it, and counts. In each worker the module is nothing but a
//! [kernel](assignment::Kernel): it gets an assignment of 30 words, jobs and a round, and answers with
//! the candidates. So a worker needs to know nothing about challenges, and the solver trusts it no more
//! than any other device.
//!
//! Everything that JavaScript sees is in `bindings`, which only WebAssembly has. `btpow-wasm-runtime`
//! takes the place of `std`.

#![forbid(unsafe_code)]
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod assignment;
#[cfg(target_arch = "wasm32")]
pub mod bindings;
pub mod engine;
pub mod remote;

#[doc(inline)]
pub use self::{
    engine::{Engine, Progress},
    remote::Remote,
};
