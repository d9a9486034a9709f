//! What several commands have in common.

pub(super) mod hashing;
pub(super) mod keys;
pub(super) mod waiting;
