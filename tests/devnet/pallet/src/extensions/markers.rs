//! Extensions that have a name and a place in every transaction, but nothing to do here.

use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;
use sp_runtime::impl_tx_ext_default;
use sp_runtime::traits::{Dispatchable, TransactionExtension};

/// Declares an extension of no size and no effect.
macro_rules! marker {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo,
        )]
        pub struct $name;

        impl<Call: Dispatchable> TransactionExtension<Call> for $name {
            const IDENTIFIER: &'static str = stringify!($name);
            type Implicit = ();
            type Val = ();
            type Pre = ();
            impl_tx_ext_default!(Call; weight validate prepare);
        }
    };
}

marker!(
    /// Refuses calls of `sudo` by any key but its own. This chain has no `sudo`.
    SudoTransactionExtension
);
marker!(
    /// Checks encrypted transactions. This chain has none.
    CheckShieldedTxValidity
);
marker!(
    /// Puts beacon pulses before other transactions. This chain has none.
    DrandPriority
);
