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
//! | `view` | how a fleet is at one moment, for reports |

pub mod address;
pub mod credentials;
pub mod lead;
pub mod link;
pub mod rig;
pub mod server;
pub mod view;

pub use self::{
    address::Address,
    credentials::Credentials,
    lead::Lead,
    link::{Change, Link},
    server::{LinkError, Server},
    view::{FleetView, Role},
};
