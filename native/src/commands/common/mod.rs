//! What several commands have in common.

pub mod hashing;
pub(super) mod keys;
pub(super) mod waiting;

/// The last line of a dry run.
pub(super) const DRY_RUN: &str =
    "dry run: it would begin; nothing was hashed, signed or sent, and no key was opened";
