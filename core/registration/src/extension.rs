//! The transaction extensions: which there are, in which order, and which bytes each of them has.
//!
//! An extrinsic carries the bytes of its extensions one after the other, and its signature covers
//! them like that, with nothing in between. Were one of them dropped, doubled or moved, an honest chain
//! could read a nonce as a tip. So the order of those that have bytes is fixed, and only extensions that
//! are known to have none may stand between them.

use arrayvec::ArrayVec;

use crate::{
    metadata::{self, Metadata, Shape},
    refusal::{Difference, Name},
};

/// The format of extrinsics that have such extensions.
pub const EXTRINSIC_VERSION: u8 = 4;

/// An extension that is known.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Extension {
    /// No signer is the account of zeros.
    CheckNonZeroSender,
    /// The signature covers the spec version.
    CheckSpecVersion,
    /// The signature covers the transaction version.
    CheckTxVersion,
    /// The signature covers the genesis.
    CheckGenesis,
    /// For which blocks it counts; the signature covers the hash of the first.
    CheckMortality,
    /// The signer's nonce.
    CheckNonce,
    /// It fits into a block.
    CheckWeight,
    /// The tip.
    ChargeTransactionPayment,
    /// Of runtimes since 2026.
    SudoTransactionExtension,
    /// Of runtimes since 2026.
    CheckShieldedTxValidity,
    /// What Subtensor's pool refuses.
    SubtensorTransactionExtension,
    /// Of runtimes since 2026.
    DrandPriority,
    /// What Subtensor's pool refused until 2025.
    SubtensorSignedExtension,
    /// Of runtimes until 2025.
    CommitmentsSignedExtension,
    /// Whether the signature covers a hash of the metadata. It does not.
    CheckMetadataHash,
}

/// The extensions of a runtime, each known, in their order.
pub type Extensions = ArrayVec<Extension, { Extension::ALL.len() }>;

impl Extension {
    /// Each of them once.
    pub const ALL: [Self; 15] = [
        Self::CheckNonZeroSender,
        Self::CheckSpecVersion,
        Self::CheckTxVersion,
        Self::CheckGenesis,
        Self::CheckMortality,
        Self::CheckNonce,
        Self::CheckWeight,
        Self::ChargeTransactionPayment,
        Self::SudoTransactionExtension,
        Self::CheckShieldedTxValidity,
        Self::SubtensorTransactionExtension,
        Self::DrandPriority,
        Self::SubtensorSignedExtension,
        Self::CommitmentsSignedExtension,
        Self::CheckMetadataHash,
    ];

    /// Those that have bytes, in the order in which [`Payload`](crate::Payload) writes them.
    pub const WITH_BYTES: [Self; 7] = [
        Self::CheckSpecVersion,
        Self::CheckTxVersion,
        Self::CheckGenesis,
        Self::CheckMortality,
        Self::CheckNonce,
        Self::ChargeTransactionPayment,
        Self::CheckMetadataHash,
    ];

    /// Its name in metadata.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CheckNonZeroSender => "CheckNonZeroSender",
            Self::CheckSpecVersion => "CheckSpecVersion",
            Self::CheckTxVersion => "CheckTxVersion",
            Self::CheckGenesis => "CheckGenesis",
            Self::CheckMortality => "CheckMortality",
            Self::CheckNonce => "CheckNonce",
            Self::CheckWeight => "CheckWeight",
            Self::ChargeTransactionPayment => "ChargeTransactionPayment",
            Self::SudoTransactionExtension => "SudoTransactionExtension",
            Self::CheckShieldedTxValidity => "CheckShieldedTxValidity",
            Self::SubtensorTransactionExtension => "SubtensorTransactionExtension",
            Self::DrandPriority => "DrandPriority",
            Self::SubtensorSignedExtension => "SubtensorSignedExtension",
            Self::CommitmentsSignedExtension => "CommitmentsSignedExtension",
            Self::CheckMetadataHash => "CheckMetadataHash",
        }
    }

    /// The bytes that an extrinsic carries of it.
    pub const fn extra(self) -> Shape {
        match self {
            Self::CheckMortality => Shape::Era,
            Self::CheckNonce => Shape::CompactU32,
            Self::ChargeTransactionPayment => Shape::CompactU64,
            Self::CheckMetadataHash => Shape::Mode,
            _ => Shape::Nothing,
        }
    }

    /// The bytes that a signature covers of it besides.
    pub const fn implicit(self) -> Shape {
        match self {
            Self::CheckSpecVersion | Self::CheckTxVersion => Shape::U32,
            Self::CheckGenesis | Self::CheckMortality => Shape::Bytes32,
            Self::CheckMetadataHash => Shape::MaybeBytes32,
            _ => Shape::Nothing,
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

/// Compares the extensions in metadata with those that are known.
///
/// # Errors
///
/// The first [`Difference`].
pub(crate) fn compare(metadata: &Metadata<'_>) -> Result<Extensions, Difference> {
    let found = metadata.extrinsic_version();
    if found != EXTRINSIC_VERSION {
        return Err(Difference::ExtrinsicVersion { found });
    }
    let mut extensions = Extensions::new();
    let mut expected = Extension::WITH_BYTES.into_iter();
    for told in metadata.extensions() {
        let metadata::Extension {
            name,
            extra,
            implicit,
        } = *told;
        let Some(extension) = Extension::named(name) else {
            let name = Name::new(name);
            return Err(Difference::UnknownExtension { name });
        };
        if extensions.contains(&extension) {
            return Err(Difference::RepeatedExtension { extension });
        }
        if Extension::WITH_BYTES.contains(&extension) && expected.next() != Some(extension) {
            return Err(Difference::ExtensionOrder { extension });
        }
        let types = metadata.types();
        if !types.is(extra, extension.extra()) || !types.is(implicit, extension.implicit()) {
            return Err(Difference::ExtensionType { extension });
        }
        extensions.push(extension);
    }
    match expected.next() {
        Some(extension) => Err(Difference::MissingExtension { extension }),
        None => Ok(extensions),
    }
}
