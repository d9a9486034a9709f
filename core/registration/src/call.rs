//! The calls that carry a proof, byte for byte. There are no others.
//!
//! Numbers, arguments and their order are those of Subtensor (`pallets/subtensor/src/macros/dispatches.rs`);
//! they are written down here and never taken from metadata.

use core::fmt;

use arrayvec::ArrayVec;
use btpow_core::{PublicKey, Seal};

/// The pallet that the calls are in.
pub const PALLET: &str = "SubtensorModule";

/// Its number.
pub const PALLET_NUMBER: u8 = 7;

/// The most bytes that a call has: those of `register`.
pub const MAX_CALL: usize = 2 + 2 + 8 + 8 + (1 + 32) + 32 + 32;

/// The most arguments that a call has.
const MAX_ARGUMENTS: usize = 6;

/// A call that carries a proof.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Call {
    /// `pow_register`, signed by the coldkey. It costs nothing.
    PowRegister {
        /// The subnet.
        netuid: u16,
        /// The proof.
        proof: Proof,
        /// The key that registers.
        hotkey: PublicKey,
    },
    /// `register` of the runtimes up to spec 393, signed by the hotkey. Later runtimes burn TAO and ignore
    /// the proof: see [`Runtime`](crate::Runtime).
    Register {
        /// The subnet.
        netuid: u16,
        /// The proof.
        proof: Proof,
        /// The key that registers.
        hotkey: PublicKey,
        /// The key that will own it.
        coldkey: PublicKey,
    },
    /// `faucet` of development chains, signed by the coldkey.
    Faucet {
        /// The proof.
        proof: Proof,
    },
}

/// A proof as a call carries it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Proof {
    /// Number of the block that asked.
    pub work_block: u64,
    /// The nonce.
    pub nonce: u64,
    /// Its seal.
    pub seal: Seal,
}

/// The kind of a call.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CallKind {
    /// [`Call::PowRegister`].
    PowRegister,
    /// [`Call::Register`].
    Register,
    /// [`Call::Faucet`].
    Faucet,
}

/// The type of an argument.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ArgumentKind {
    /// `u16`.
    U16,
    /// `u64`.
    U64,
    /// `Vec<u8>`, which always holds the 32 bytes of a seal.
    Bytes,
    /// `[u8; 32]`.
    Bytes32,
    /// `AccountId32`.
    Account,
}

/// What an argument is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Argument {
    /// A subnet.
    Netuid(u16),
    /// A block or a nonce.
    Number(u64),
    /// A seal.
    Seal(Seal),
    /// A key.
    Key(PublicKey),
}

impl CallKind {
    /// Each of them once.
    pub const ALL: [Self; 3] = [Self::PowRegister, Self::Register, Self::Faucet];

    /// Its name in metadata.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PowRegister => "pow_register",
            Self::Register => "register",
            Self::Faucet => "faucet",
        }
    }

    /// Its number within the pallet.
    pub const fn number(self) -> u8 {
        match self {
            Self::PowRegister => 152,
            Self::Register => 6,
            Self::Faucet => 60,
        }
    }

    /// Names and types of its arguments, in their order.
    pub const fn arguments(self) -> &'static [(&'static str, ArgumentKind)] {
        use ArgumentKind::{Account, Bytes, Bytes32, U16, U64};
        match self {
            Self::PowRegister => &[
                ("netuid", U16),
                ("work_block", U64),
                ("nonce", U64),
                ("work", Bytes32),
                ("hotkey", Account),
            ],
            Self::Register => &[
                ("netuid", U16),
                ("block_number", U64),
                ("nonce", U64),
                ("work", Bytes),
                ("hotkey", Account),
                ("coldkey", Account),
            ],
            Self::Faucet => &[("block_number", U64), ("nonce", U64), ("work", Bytes)],
        }
    }
}

impl Call {
    /// Which call it is.
    pub const fn kind(&self) -> CallKind {
        match self {
            Self::PowRegister { .. } => CallKind::PowRegister,
            Self::Register { .. } => CallKind::Register,
            Self::Faucet { .. } => CallKind::Faucet,
        }
    }

    /// Its name in metadata.
    pub const fn name(&self) -> &'static str {
        self.kind().name()
    }

    /// The proof in it.
    pub const fn proof(&self) -> Proof {
        match *self {
            Self::PowRegister { proof, .. }
            | Self::Register { proof, .. }
            | Self::Faucet { proof } => proof,
        }
    }

    /// Its arguments with their names, in their order.
    pub fn arguments(&self) -> impl Iterator<Item = (&'static str, Argument)> {
        let mut values = ArrayVec::<_, MAX_ARGUMENTS>::new();
        if let Self::PowRegister { netuid, .. } | Self::Register { netuid, .. } = *self {
            values.push(Argument::Netuid(netuid));
        }
        let Proof {
            work_block,
            nonce,
            seal,
        } = self.proof();
        values.push(Argument::Number(work_block));
        values.push(Argument::Number(nonce));
        values.push(Argument::Seal(seal));
        match *self {
            Self::PowRegister { hotkey, .. } => values.push(Argument::Key(hotkey)),
            Self::Register {
                hotkey, coldkey, ..
            } => values.extend([hotkey, coldkey].map(Argument::Key)),
            Self::Faucet { .. } => {}
        }
        let names = self.kind().arguments().iter().map(|(name, _)| *name);
        names.zip(values)
    }

    /// Its bytes: pallet, call, arguments.
    ///
    /// | call | bytes |
    /// |---|---|
    /// | `pow_register` | `07 98`, netuid (2, low byte first), work block (8), nonce (8), seal (32), hotkey (32) |
    /// | `register` | `07 06`, netuid (2), block (8), nonce (8), `80` and seal (33), hotkey (32), coldkey (32) |
    /// | `faucet` | `07 3c`, block (8), nonce (8), `80` and seal (33) |
    pub fn encode(&self) -> ArrayVec<u8, MAX_CALL> {
        let mut bytes = ArrayVec::from_iter([PALLET_NUMBER, self.kind().number()]);
        let kinds = self.kind().arguments().iter().map(|(_, kind)| *kind);
        for ((_, argument), kind) in self.arguments().zip(kinds) {
            // The length of 32 bytes, as SCALE writes small numbers: times four.
            if kind == ArgumentKind::Bytes {
                bytes.push(32 << 2);
            }
            match argument {
                Argument::Netuid(netuid) => bytes.extend(netuid.to_le_bytes()),
                Argument::Number(number) => bytes.extend(number.to_le_bytes()),
                Argument::Seal(Seal(seal)) => bytes.extend(seal),
                Argument::Key(PublicKey(key)) => bytes.extend(key),
            }
        }
        bytes
    }
}

impl fmt::Display for CallKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for ArgumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::U16 => "u16",
            Self::U64 => "u64",
            Self::Bytes => "Vec<u8>",
            Self::Bytes32 => "[u8; 32]",
            Self::Account => "AccountId32",
        })
    }
}

/// For people: as an address, in hexadecimal digits or as a decimal number.
impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Netuid(netuid) => write!(f, "{netuid}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Seal(seal) => write!(f, "{seal}"),
            Self::Key(key) => write!(f, "{key}"),
        }
    }
}
