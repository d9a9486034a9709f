//! Why nothing is signed for a runtime.
//!
//! A difference names an extension, and comparing extensions finds differences: these two modules know each
//! other on purpose.

use core::{error, fmt};

use arrayvec::ArrayString;

use crate::{
    call::{ArgumentKind, CallKind, PALLET, PALLET_NUMBER},
    extension::{EXTRINSIC_VERSION, Extension},
    metadata::MetadataError,
    network::Network,
};

/// Why no proof of work is sent to a runtime.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// A runtime of another kind of chain.
    UnknownRuntime {
        /// What it calls itself.
        name: Name,
    },

    /// Its metadata cannot be read.
    Metadata(MetadataError),

    /// Its metadata differs from what is compiled in.
    Differs {
        /// The spec version.
        spec: u32,
        /// What is different.
        difference: Difference,
    },

    /// The call of proofs is gone, and `register` takes money instead.
    Burns {
        /// The spec version.
        spec: u32,
    },

    /// It is between two eras: nobody knows how it reads a seal.
    UnknownVersion {
        /// The spec version.
        spec: u32,
    },

    /// There is no call for this at all.
    NoCall {
        /// The spec version.
        spec: u32,
        /// The call.
        call: CallKind,
    },

    /// On a public network nothing but `pow_register` is ever signed, whatever version the endpoint
    /// claims: there the other calls burn TAO, or do not exist.
    NotOn {
        /// The network, by its genesis.
        network: Network,
        /// The call.
        call: CallKind,
    },
}

/// How metadata differs from what is compiled in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Difference {
    /// The pallet has another number.
    PalletNumber {
        /// The one in the metadata.
        found: u8,
    },
    /// Two calls have the same name.
    RepeatedCall {
        /// The name.
        call: CallKind,
    },
    /// A call has another number.
    CallNumber {
        /// The call.
        call: CallKind,
        /// The number in the metadata.
        found: u8,
    },
    /// A call has more or fewer arguments.
    ArgumentCount {
        /// The call.
        call: CallKind,
        /// How many there are in the metadata.
        found: usize,
    },
    /// An argument has another name.
    ArgumentName {
        /// The call.
        call: CallKind,
        /// The name that it should have.
        expected: &'static str,
        /// The name in the metadata.
        found: Name,
    },
    /// An argument has another type.
    ArgumentType {
        /// The call.
        call: CallKind,
        /// The argument.
        argument: &'static str,
        /// The type that it should have.
        expected: ArgumentKind,
    },
    /// Extrinsics have another format.
    ExtrinsicVersion {
        /// The one in the metadata.
        found: u8,
    },
    /// There is an extension that is not known.
    UnknownExtension {
        /// Its name.
        name: Name,
    },
    /// An extension is there twice.
    RepeatedExtension {
        /// Which.
        extension: Extension,
    },
    /// An extension is at another place among those that have bytes.
    ExtensionOrder {
        /// Which.
        extension: Extension,
    },
    /// An extension has other bytes.
    ExtensionType {
        /// Which.
        extension: Extension,
    },
    /// An extension is not there.
    MissingExtension {
        /// Which.
        extension: Extension,
    },
}

/// The beginning of a name that comes from somebody else, harmless wherever it is shown: letters, digits,
/// `-` and `_`, and a question mark for everything else.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Name(ArrayString<{ Self::MAX }>);

impl Name {
    /// The most characters that are kept.
    pub const MAX: usize = 40;

    /// The beginning of a text.
    pub fn new(text: &str) -> Self {
        let mut name = ArrayString::new();
        for it in text.chars().take(Self::MAX) {
            let harmless = it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
            name.push(if harmless { it } else { '?' });
        }
        Self(name)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nothing in it needs escaping.
        write!(f, "\"{}\"", self.as_str())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownRuntime { name } => write!(
                f,
                "the runtime calls itself {name:?}, which is no Subtensor that btpow knows"
            ),
            Self::Metadata(error) => write!(f, "the runtime's metadata cannot be read: {error}"),
            Self::Differs { spec, difference } => write!(
                f,
                "runtime {spec} is not as btpow knows it: {difference} (is there a newer btpow?)"
            ),
            Self::Burns { spec } => write!(
                f,
                "runtime {spec} takes no proof of work: its register call ignores the proof and burns TAO of the signer"
            ),
            Self::UnknownVersion { spec } => {
                write!(f, "btpow does not know how runtime {spec} reads a seal")
            }
            Self::NoCall { spec, call } => write!(f, "runtime {spec} has no {call} call"),
            Self::NotOn { network, call } => write!(
                f,
                "the chain is {network} by its genesis, where btpow signs pow_register and nothing else, but its endpoint \
                 describes a runtime of the days of {call}; do not trust this endpoint"
            ),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PalletNumber { found } => {
                write!(f, "{PALLET} is pallet {found}, not {PALLET_NUMBER}")
            }
            Self::RepeatedCall { call } => write!(f, "{call} is there twice"),
            Self::CallNumber { call, found } => {
                write!(f, "{call} is call {found}, not {}", call.number())
            }
            Self::ArgumentCount { call, found } => {
                let expected = call.arguments().len();
                write!(f, "{call} has {found} arguments, not {expected}")
            }
            Self::ArgumentName {
                call,
                expected,
                found,
            } => write!(f, "{call} has an argument {found:?} instead of {expected}"),
            Self::ArgumentType {
                call,
                argument,
                expected,
            } => write!(f, "the argument {argument} of {call} is no {expected}"),
            Self::ExtrinsicVersion { found } => write!(
                f,
                "its extrinsics have version {found}, not {EXTRINSIC_VERSION}"
            ),
            Self::UnknownExtension { name } => {
                write!(f, "it has a transaction extension {name:?}")
            }
            Self::RepeatedExtension { extension } => write!(
                f,
                "its transaction extension {} is there twice",
                extension.name()
            ),
            Self::ExtensionOrder { extension } => write!(
                f,
                "its transaction extension {} is not in its place",
                extension.name()
            ),
            Self::ExtensionType { extension } => write!(
                f,
                "its transaction extension {} has other bytes",
                extension.name()
            ),
            Self::MissingExtension { extension } => write!(
                f,
                "its transaction extension {} is missing",
                extension.name()
            ),
        }
    }
}

impl error::Error for Refusal {}
