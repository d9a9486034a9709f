//! What lets devices rest: heat, power, a battery, or somebody who uses the machine.
//!
//! | file | what it knows |
//! |---|---|
//! | `bounds` | what the user allows, of which device |
//! | `brake` | when a device pauses, and when it works again |
//! | `watched` | a device with what is limited of it |
//! | `battery`, `presence` | whether the machine runs on its battery, and whether somebody uses it |
//! | `guard` | watches all of it, and tells the rig |

mod battery;
mod bounds;
mod brake;
mod guard;
mod presence;
mod watched;

pub use self::{
    bounds::{Bound, Quantity},
    guard::Limits,
};
