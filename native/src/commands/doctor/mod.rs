//! `btpow doctor`: what a chain accepts, whether this wallet could register, and how long that takes.

mod answer;
mod findings;
mod run;

pub(super) use self::answer::Answer;
pub use self::run::run;
