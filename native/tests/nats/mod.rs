//! Shared by the tests of fleets: what is between a coordinator and its rigs.
//!
//! - [`between`]: a network that is bad.
//! - [`ear`]: somebody who listens.
//! - [`frame`]: what is said on a connection.

#![expect(
    dead_code,
    reason = "each test file is a crate of its own and uses some of this"
)]

pub(crate) mod between;
pub(crate) mod ear;
pub(crate) mod frame;
