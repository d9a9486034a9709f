//! The processors of this machine: lists and opens them.
//!
//! A new kind is one file that implements [`Backend`] and a device, and one line in
//! [`kinds::all`]. A kind that needs a driver is a [`look::Kind`], too: another process looks for its devices, and a
//! [`Choice`] lets them come later.

pub mod backend;
pub mod choice;
pub mod cpu;
pub mod cuda;
#[cfg(target_os = "linux")]
mod hwmon;
pub mod kinds;
pub mod look;
pub mod manners;
pub mod opened;
pub mod trials;
mod tunings;
pub mod unit;
pub mod wgpu;

pub use self::{
    backend::{Backend, Options},
    choice::Choice,
    opened::{Chosen, DevicesError, Opened, Row},
    tunings::NotKept,
    unit::Unit,
};
