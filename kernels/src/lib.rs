//! NVIDIA cards as devices of btpow.
//!
//! The kernels are CUDA C++ in `cuda/`. `cargo xtask kernels` compiles them to PTX, which is committed in
//! `ptx/`, so neither a build nor a user needs a CUDA toolkit; the driver compiles PTX for its card and keeps
//! the result. The driver's library is loaded on first use, so a program with this crate starts on every
//! machine.
//!
//! - [`driver`] lists the [`card`]s and opens them, each with a `Context` and in it the `Program` of a variant;
//!   [`select`] finds the cards that a user names, and [`library`] the driver itself, also in [`wsl`].
//! - [`device`] is the [`Device`](btpow_core::Device). A card has [`device::QUEUES`] of them, so that one has
//!   work while the other hands in its round.
//! - [`plan`] divides a round into runs of a kernel, and [`abi`] has the kernels' parameters; both are plain
//!   arithmetic, tested without a card.
//! - [`variant`] lists the kernels' variants, [`shape`] says how many threads run them, [`rate`] measures how fast that
//!   is, and [`tune`] finds the fastest; [`telemetry`] reads sensors.
//!
//! `README.md` says how the kernels work and what they cost.

extern crate alloc;

pub mod abi;
pub mod card;
mod context;
pub mod device;
pub mod driver;
pub mod error;
pub mod library;
mod memory;
pub mod plan;
mod program;
pub mod rate;
pub mod select;
pub mod shape;
pub mod telemetry;
pub mod tune;
pub mod variant;
pub mod wsl;

pub use self::{card::Card, device::CudaQueue, driver::Driver, error::OpenError, tune::Tuning};
