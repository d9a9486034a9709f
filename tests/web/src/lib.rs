//! The tests of the wgpu device in a page: the same conformance suite and the same file of further tests as natively.
//! `browser.test.mjs` calls `run` in `page.rs` for each of its `names`.

#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::std_instead_of_alloc,
    reason = "tests cannot do without std anyway"
)]

#[path = "../../../shaders/tests/suite/mod.rs"]
mod suite;

pub mod page;
