//! The transaction extensions of the real chain that FRAME does not have.

mod check_nonce;
mod markers;
mod subtensor;

pub use check_nonce::CheckNonce;
pub use markers::{CheckShieldedTxValidity, DrandPriority, SudoTransactionExtension};
pub use subtensor::SubtensorTransactionExtension;
