//! The real chain's transaction extensions that FRAME lacks, and the order of all.

mod check_nonce;
mod markers;
mod subtensor;

pub use check_nonce::CheckNonce;
pub use markers::{CheckShieldedTxValidity, DrandPriority, SudoTransactionExtension};
pub use subtensor::SubtensorTransactionExtension;

/// All of them, in the order of the real chain. The nesting, which is invisible from outside, is there because tuples end
/// at twelve.
pub type TxExtension<T> = (
    (
        frame_system::CheckNonZeroSender<T>,
        frame_system::CheckSpecVersion<T>,
        frame_system::CheckTxVersion<T>,
        frame_system::CheckGenesis<T>,
        frame_system::CheckEra<T>,
        CheckNonce<T>,
        frame_system::CheckWeight<T>,
    ),
    (
        pallet_transaction_payment::ChargeTransactionPayment<T>,
        SudoTransactionExtension,
        CheckShieldedTxValidity,
        SubtensorTransactionExtension<T>,
        DrandPriority,
        frame_metadata_hash_extension::CheckMetadataHash<T>,
    ),
);
