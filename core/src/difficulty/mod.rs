//! Difficulties, targets, and which seals win.

mod number;
mod target;
mod text;

pub use self::{
    number::{Difficulty, DifficultyError},
    target::Target,
};
