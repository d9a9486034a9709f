//! The chain's two proof-of-work protocols, and how they differ.

use core::fmt;

/// A registration protocol: what to hash, and how to read the seal.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Protocol {
    /// The 40-byte message of runtimes up to spec 393, of the faucet and of old local chains.
    Legacy(Order),
    /// The 131-byte message of `pow_register`, on finney since spec 475. Seals are little-endian.
    V1,
}

/// How to read the 32 bytes of a seal as a number.
///
/// The chain changed from big to little between spec 277 and 283; a seal that wins in one order
/// wins in the other only with chance 1 / difficulty.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Order {
    /// Byte 0 is the most significant: runtimes up to spec 277 and the Python SDK.
    Big,
    /// Byte 31 is the most significant: runtimes since spec 283 and the faucet.
    Little,
}

impl Protocol {
    /// Each protocol once, as the documents list them.
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

    /// How to read a seal of this protocol as a number.
    pub const fn order(self) -> Order {
        match self {
            Self::Legacy(order) => order,
            Self::V1 => Order::Little,
        }
    }

    /// How many bits an index in a [span](crate::Span) has: 24 or 32.
    pub const fn span_bits(self) -> u32 {
        match self {
            Self::Legacy(_) => 32,
            Self::V1 => 24,
        }
    }

    /// How many bits number the spans of a [group](crate::Group): 8 (256 spans) or 0 (one).
    pub const fn group_bits(self) -> u32 {
        32 - self.span_bits()
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
