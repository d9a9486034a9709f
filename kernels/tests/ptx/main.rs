//! The committed PTX, instruction by instruction, against the reference; and the interpreter that executes it.

mod committed;
mod faults;
mod interpreter;
mod known_answers;
mod launch;
mod memory_and_threads;
#[path = "../support/search.rs"]
mod search;
mod small;
