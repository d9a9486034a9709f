//! The wgpu device for JavaScript: one GPU behind the same assignments and answers as the workers of
//! `btpow-wasm`.
//!
//! It is a separate module, several times as large as the CPU's, and loads only where there is a
//! card. It trusts nobody and decides nothing: the solver in the other module hands out the rounds
//! and verifies the candidates.

#![cfg(target_arch = "wasm32")]

mod assignment;
pub mod bindings;
