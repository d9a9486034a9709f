//! The two proof-of-work protocols of the chain and what differs between them.

use core::fmt;

/// A registration protocol: what is hashed and how the seal is read.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Protocol {
    /// The 40-byte message of runtimes up to spec 393, of the faucet and of old local chains.
    Legacy(Order),
    /// The 131-byte message of `pow_register`, on finney since spec 475. Seals are little-endian.
    V1,
}

/// How the 32 bytes of a legacy seal are read as a number.
///
/// The chain changed from big to little between spec 277 and 283; what wins under one order
/// wins under the other with chance 1 / difficulty only.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Order {
    /// Byte 0 is the most significant: runtimes up to spec 277 and the Python SDK.
    Big,
    /// Byte 31 is the most significant: runtimes since spec 283 and the faucet.
    Little,
}

impl Protocol {
    /// Each protocol once, in the order in which they are documented.
    pub const ALL: [Self; 3] = [
        Self::V1,
        Self::Legacy(Order::Big),
        Self::Legacy(Order::Little),
    ];

    /// The name in commands and JSON, without the order: `v1` or `legacy`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Legacy(_) => "legacy",
            Self::V1 => "v1",
        }
    }

    /// How a seal of this protocol is read as a number.
    pub const fn order(self) -> Order {
        match self {
            Self::Legacy(order) => order,
            Self::V1 => Order::Little,
        }
    }

    /// Number of low bits of a [position](crate::Position) that are the index in a span: 24 or 32.
    pub const fn span_bits(self) -> u32 {
        match self {
            Self::Legacy(_) => 32,
            Self::V1 => 24,
        }
    }
}

impl Order {
    /// The name in commands and JSON: `big` or `little`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Big => "big",
            Self::Little => "little",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Legacy(order) => write!(f, "legacy ({}-endian)", order.name()),
            Self::V1 => f.write_str("v1"),
        }
    }
}
