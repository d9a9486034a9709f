//! `btpow mine`: proofs to sign elsewhere. It reads no secret.

mod answer;
mod run;

pub(super) use self::answer::Line;
pub use self::run::run;
