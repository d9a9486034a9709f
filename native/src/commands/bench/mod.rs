//! `btpow bench`: hashes per second, over positions whose hits are known.
//!
//! The devices work under the rig and the solver as they do for `solve`, so `solve` reaches the same rate. A
//! recorder at each device keeps its rounds and reports. When the time is up, the reports must contain every
//! known hit in the finished rounds. Where a device went beyond the known run, the CPU searches parts of
//! that itself, and the reports must contain those hits too.

mod answer;
mod change;
pub mod known_hits;
mod meter;
mod recorder;
mod run;
mod spot_checks;

pub(super) use self::answer::Answer;
pub use self::{change::time_change, run::run};
