//! `btpow bench`: hashes per second, over positions whose hits are known.
//!
//! The devices work under the rig and the solver as they do for `solve`, so that the rate is what
//! `solve` reaches. A recorder beside each keeps the rounds and the reports; after the time is up,
//! every known hit in the finished rounds must be among the reports, and so must be the hits of parts
//! that the CPU then searches itself, where a device came further than they are known.

mod answer;
mod change;
pub mod known_hits;
mod meter;
mod recorder;
mod run;
mod spot_checks;

pub use self::{change::time_change, run::run};
