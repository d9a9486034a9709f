//! The wgpu device of btpow: one WGSL kernel for every GPU, natively through Vulkan, Metal or
//! DirectX 12 and in a browser through WebGPU.
//!
//! [`Adapter`] finds a card and opens it as a [`WgpuDevice`], which is a
//! [`Device`](btpow_core::Device) like all others. Opening is asynchronous, since a browser allows
//! nothing else; a native caller blocks on it. Hashing is not: [`poll`](btpow_core::Device::poll)
//! waits for a limited time natively and never in a browser.
//!
//! `shaders/README.md` says how it works and how fast it is.

#![deny(unsafe_code)]
#![expect(
    clippy::std_instead_of_alloc,
    reason = "a crate that needs std has no use for second names of its parts"
)]

mod adapter;
mod device;
mod flight;
mod gpu;
mod pace;
mod plan;
mod shader;
mod stage;
mod table;
mod trial;
mod trouble;
mod tuning;

pub use self::{
    adapter::{Adapter, Preference},
    device::{Options, WgpuDevice},
    shader::{Kernel, Logic, Loop, Variant},
    trial::{Measured, Trial},
    trouble::Trouble,
    tuning::{Tuning, TuningError},
};
