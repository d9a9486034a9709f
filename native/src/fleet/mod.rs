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

pub mod address;
pub mod credentials;
pub mod link;
pub mod server;

pub use self::{
    address::Address,
    credentials::Credentials,
    link::{Change, Link},
    server::{LinkError, Server},
};
