//! What people and programs see: live lines, plain lines, JSON.

pub mod goal;
pub mod json;
pub mod plain;
pub mod snapshot;
pub mod status;
pub mod terminal;
pub mod units;

pub use self::{
    goal::{GoalState, Stage},
    snapshot::{Counts, RowRates, Snapshot},
    status::Status,
};
