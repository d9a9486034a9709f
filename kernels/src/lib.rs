//! NVIDIA cards as devices of btpow.
//!
//! The kernels are CUDA C++ in `cuda/`, compiled to PTX by `cargo xtask kernels` and committed in
//! `ptx/`, so that neither a build nor a user needs a CUDA toolkit; the driver compiles PTX for its
//! card and keeps the result. The driver's library is loaded when it is first asked for: a program
//! with this crate starts on every machine.
//!
//! - [`driver`] finds the [`card`]s and opens them: a `Context` each, and in it the `Program` of a variant;
//!   [`select`] tells which of them a user means.
//! - [`device`] is the [`Device`](btpow_core::Device); a card has [`device::QUEUES`] of them, so
//!   that one has work while the other hands in its round.
//! - [`plan`] divides a round into runs of a kernel and [`abi`] is what the kernels are given; both
//!   are plain arithmetic, tested without a card.
//! - [`variant`] lists the kernels' variants, [`shape`] how many threads run them, and [`tune`]
//!   measures which are the fastest; [`telemetry`] reads sensors.
//!
//! How the kernels work and what they cost is in `README.md`.

extern crate alloc;

pub mod abi;
pub mod card;
mod context;
pub mod device;
pub mod driver;
pub mod error;
mod memory;
pub mod plan;
mod program;
pub mod select;
pub mod shape;
pub mod telemetry;
pub mod tune;
pub mod variant;

pub use self::{card::Card, device::CudaQueue, driver::Driver, error::OpenError, tune::Tuning};
