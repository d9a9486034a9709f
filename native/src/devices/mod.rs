//! The processors of this machine: lists and opens them.
//!
//! A new kind is one file that implements [`Backend`] and a device, and one line in
//! [`kinds::all`].

pub mod backend;
pub mod cpu;
pub mod cuda;
pub mod fleet;
pub mod kinds;
mod tunings;
pub mod unit;
pub mod wgpu;

pub use self::{
    backend::{Backend, Options},
    fleet::{Chosen, Fleet, FleetError, Row},
    unit::Unit,
};
