//! Difficulties, targets, and which seals win.

mod number;
mod target;
mod text;

pub use self::{
    number::{Difficulty, DifficultyError, effective_difficulty},
    target::Target,
};
