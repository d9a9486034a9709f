//! The committed PTX, instruction by instruction, against the reference; and the interpreter that executes it.

mod committed;
mod faults;
mod interpreter;
mod known_answers;
mod launch;
#[path = "../support/search.rs"]
mod search;
mod small;
