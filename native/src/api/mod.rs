//! What others can ask a running search by HTTP (`--api`): how it goes, for programs (`/status`), for Prometheus
//! (`/metrics`), and whether it goes at all (`/healthz`). Nothing can be changed by it.
//!
//! | file | what it knows |
//! |---|---|
//! | `listen` | which address may be bound, and by whom it is answered |
//! | `token` | who may ask |
//! | `board` | what is known of the search: it is published there, and read at each request |
//! | `published` | how the state that is shown reaches the board |
//! | `server` | connections, and their limits |
//! | `places` | who has a connection, and who must give one up |
//! | `pace` | how many requests are answered in a second, and to whom |
//! | `desk` | which request gets which answer |
//! | `moment` | which answer is given more than once |
//! | `doing` | what a goal does, in one word |
//! | `status`, `metrics`, `health` | the answers |

mod board;
mod desk;
mod doing;
mod health;
mod listen;
mod metrics;
mod moment;
mod pace;
mod places;
mod published;
mod server;
mod status;
mod token;

pub use self::{
    board::{Aim, Board},
    listen::Api,
    token::Token,
};
pub(crate) use self::{doing::Doing, status::Answer as Status};
