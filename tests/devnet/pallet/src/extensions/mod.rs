//! The transaction extensions of the real chain: those that FRAME does not have, and their order.

mod check_nonce;
mod markers;
mod subtensor;

pub use check_nonce::CheckNonce;
pub use markers::{CheckShieldedTxValidity, DrandPriority, SudoTransactionExtension};
pub use subtensor::SubtensorTransactionExtension;

/// All of them, in the order of the real chain; the nesting cannot be seen from outside, and is there since
/// tuples end at twelve.
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
