//! A fleet: many rigs that search for what one coordinator tells them, over a NATS server.
//!
//! `btpow-fleet` is what both say to each other and what each decides; it knows neither network nor clock. Here it
//! gets both, and devices.
//!
//! | file | what it knows |
//! |---|---|
//! | `address` | where the server is, and which fleet is meant |
//! | `credentials` | who one is there |
//! | `server` | how a connection is made |
//! | `link` | what is sent and heard over one that breaks now and then |
//! | `lead` | the coordinator at work |
//! | `rig` | a worker at work |
//! | `view` | how a fleet is at one moment, for reports |
//! | `table`, `fields` | the same in lines and in JSON |

pub mod address;
pub mod credentials;
pub mod fields;
pub mod lead;
pub mod link;
pub mod rig;
#[cfg(test)]
pub(crate) mod samples;
pub mod server;
pub mod table;
pub mod view;

pub use self::{
    address::Address,
    credentials::Credentials,
    lead::Lead,
    link::{Change, Link},
    server::{LinkError, Server},
    view::{FleetView, Role},
};

/// What this program calls itself towards the others of a fleet.
const PROGRAM: &str = concat!("btpow ", env!("CARGO_PKG_VERSION"));
