//! Known answers, and what every device must do: the tests that all backends share.
//!
//! [`vectors`] reads the files of `tests/vectors`; [`device`] is the suite that a CPU thread, a CUDA card and a WebGPU
//! adapter all pass; [`emulated`] is a CUDA driver without a card. Everything here panics on failure, since it only runs
//! in tests.

#![expect(
    clippy::missing_panics_doc,
    reason = "to panic on a failure is what all of it is for"
)]

pub mod device;
#[cfg(not(target_arch = "wasm32"))]
pub mod emulated;
pub mod vectors;

/// Whether the tests should take fewer random cases: for emulators and mutants by `BTPOW_TEST_EFFORT=small`, and always
/// in a browser, where software acts as the graphics card.
pub fn small_effort() -> bool {
    let asked = || std::env::var("BTPOW_TEST_EFFORT").is_ok_and(|effort| effort == "small");
    cfg!(target_arch = "wasm32") || asked()
}
