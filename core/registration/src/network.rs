//! The public networks, known by the hash of their first block.

use core::fmt;

/// A network on which TAO is worth something, or could be.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Network {
    /// The main network.
    Finney,
    /// The public test network.
    Test,
}

impl Network {
    /// Each of them once.
    pub const ALL: [Self; 2] = [Self::Finney, Self::Test];

    /// Its name in commands.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finney => "finney",
            Self::Test => "test",
        }
    }

    /// The hash of its block 0.
    ///
    /// Both are in the sources of the official command-line client (PyPI `bittensor-cli` 9.20.1,
    /// `bittensor_cli/src/__init__.py`, `genesis_block_hash_map`), that of the test network also in
    /// Subtensor's own tests.
    pub const fn genesis(self) -> [u8; 32] {
        match self {
            Self::Finney => [
                0x2f, 0x05, 0x55, 0xcc, 0x76, 0xfc, 0x28, 0x40, 0xa2, 0x5a, 0x6e, 0xa3, 0xb9, 0x63,
                0x71, 0x46, 0x80, 0x6f, 0x1f, 0x44, 0xb0, 0x90, 0xc1, 0x75, 0xff, 0xde, 0x2a, 0x7e,
                0x5a, 0xb3, 0x6c, 0x03,
            ],
            Self::Test => [
                0x8f, 0x9c, 0xf8, 0x56, 0xbf, 0x55, 0x8a, 0x14, 0x44, 0x0e, 0x75, 0x56, 0x9c, 0x9e,
                0x58, 0x59, 0x47, 0x57, 0x04, 0x8d, 0x7b, 0x3a, 0x84, 0xb5, 0xd2, 0x5f, 0x6b, 0xd9,
                0x78, 0x26, 0x31, 0x05,
            ],
        }
    }

    /// The network with this genesis.
    pub fn of_genesis(genesis: [u8; 32]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|network| network.genesis() == genesis)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
