//! Many rigs at one search, over a NATS server. `btpow_fleet` is what both ends say and decide; here is what brings it to
//! the user.

pub mod fields;
#[cfg(test)]
pub(crate) mod samples;
pub mod table;
pub mod view;

pub use self::view::{FleetView, Link, Role};
