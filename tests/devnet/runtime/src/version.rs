//! The variants: which spec version each has, and how it reads legacy seals.
//!
//! | variant | features | spec | stands for |
//! |---|---|---|---|
//! | `v1` | `pow-register` | 475 | finney since October 2026 |
//! | `v1-next` | `pow-register`, `next` | 476 | the same after an upgrade |
//! | `legacy-big` | `legacy-register`, `big-endian` | 277 | finney until June 2025 |
//! | `legacy-little` | `legacy-register` | 393 | finney until April 2026 |
//! | `burning` | none | 425 | finney between |

use alloc::borrow::Cow;

use pallet_subtensor_test::seal::Order;
use sp_version::RuntimeVersion;

#[cfg(all(feature = "pow-register", feature = "legacy-register"))]
compile_error!("a runtime has either `pow-register` or `legacy-register`");

/// Declares the version. The attribute reads its fields as text, so a constant does not work.
macro_rules! version {
    ($spec:tt) => {
        #[sp_version::runtime_version]
        pub const VERSION: RuntimeVersion = RuntimeVersion {
            spec_name: Cow::Borrowed("btpow-test"),
            impl_name: Cow::Borrowed("btpow-test"),
            authoring_version: 1,
            spec_version: $spec,
            impl_version: 1,
            apis: crate::api::RUNTIME_API_VERSIONS,
            transaction_version: 1,
            system_version: 1,
        };
    };
}

#[cfg(all(feature = "pow-register", not(feature = "next")))]
version!(475);
#[cfg(all(feature = "pow-register", feature = "next"))]
version!(476);
#[cfg(all(feature = "legacy-register", feature = "big-endian"))]
version!(277);
#[cfg(all(feature = "legacy-register", not(feature = "big-endian")))]
version!(393);
#[cfg(not(any(feature = "pow-register", feature = "legacy-register")))]
version!(425);

/// The byte order of the faucet and of a legacy `register`, which changed together.
pub(crate) const LEGACY_ORDER: Order = if VERSION.spec_version <= 277 {
    Order::Big
} else {
    Order::Little
};
