//! The settings file: what flags can say, written down once.
//!
//! A file has no rules of its own. Its keys are the long names of the flags, as [`Cli`](crate::cli::Cli) declares them,
//! each value is read by the flag's own reader, and what holds for a command becomes further arguments of it.
//!
//! | file | what it knows |
//! |---|---|
//! | `file` | where the file is, how it is read, and who else may write it |
//! | `keys` | which keys there are, and what their values look like: clap's arguments |
//! | `read` | TOML and the tables of commands; every mistake with its place |
//! | `value` | what a value of TOML is as an argument |
//! | `goal` | the tables of goals |
//! | `order` | what goes before what: flags, variables, the table of a command, the top level |
//! | `line` | the command line with what the file adds |
//! | `schema` | what a file looks like, for editors |

mod file;
mod goal;
mod keys;
mod line;
mod order;
mod read;
mod schema;
mod value;

pub use self::{
    file::{Place, Source},
    goal::FileGoal,
    line::{Line, Origin, Unread, line},
    read::{Setting, Settings},
    value::Given,
};
pub(crate) use self::{
    keys::{Keys, args, given, is_for_all, key, words},
    line::{first, goals, refused, source},
    order::Layers,
    read::Mistakes,
    schema::schema,
};
