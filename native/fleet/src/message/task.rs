//! What is searched for: a challenge with all that it is made of, so that a rig can make it itself.

use btpow_core::{
    Challenge, Difficulty, DifficultyError, Order, Position, Protocol, PublicKey, RootSubnet,
    Search,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::text;

/// What a block asks, of which keys, and until when the answer counts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Task {
    asked: Asked,
    block_number: u64,
    block_hash: [u8; 32],
    difficulty: Difficulty,
    until: u64,
}

/// Of which keys a proof is asked, by which protocol: the same for every block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Asked {
    /// By `v1`.
    V1 {
        /// The subnet, not 0.
        netuid: u16,
        /// The key that registers.
        hotkey: PublicKey,
        /// The key that signs.
        coldkey: PublicKey,
    },
    /// By `legacy`.
    Legacy {
        /// How a seal is read.
        order: Order,
        /// The key that the message holds.
        key: PublicKey,
    },
}

/// Why something cannot be searched for.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
pub enum TaskError {
    /// The root subnet takes no proof.
    #[error("the root subnet takes no proof of work")]
    Root(RootSubnet),
    /// There is no such difficulty.
    #[error("{0}")]
    Difficulty(DifficultyError),
}

impl Asked {
    /// Which protocol.
    pub const fn protocol(&self) -> Protocol {
        match self {
            Self::V1 { .. } => Protocol::V1,
            Self::Legacy { order, .. } => Protocol::Legacy(*order),
        }
    }

    /// Whose account pays; none if that is not known.
    pub(crate) const fn signer(&self) -> Option<PublicKey> {
        match self {
            Self::V1 { coldkey, .. } => Some(*coldkey),
            Self::Legacy { .. } => None,
        }
    }

    /// What the block with this hash asks.
    fn challenge(&self, block_hash: [u8; 32]) -> Result<Challenge, RootSubnet> {
        match *self {
            Self::V1 {
                netuid,
                hotkey,
                coldkey,
            } => Challenge::v1(netuid, block_hash, hotkey.0, coldkey.0),
            Self::Legacy { order, key } => Ok(Challenge::legacy(order, block_hash, key.0)),
        }
    }
}

impl Task {
    /// What a block asks.
    ///
    /// # Errors
    ///
    /// [`TaskError::Root`].
    pub fn new(
        asked: Asked,
        (block_number, block_hash): (u64, [u8; 32]),
        difficulty: Difficulty,
    ) -> Result<Self, TaskError> {
        asked.challenge(block_hash).map_err(TaskError::Root)?;
        Ok(Self {
            asked,
            block_number,
            block_hash,
            difficulty,
            until: last_head(asked.protocol(), block_number),
        })
    }

    /// Of which keys it is asked.
    pub const fn asked(&self) -> Asked {
        self.asked
    }

    /// Which block asks: number and hash.
    pub const fn block(&self) -> (u64, [u8; 32]) {
        (self.block_number, self.block_hash)
    }

    /// Expected seals per win.
    pub const fn difficulty(&self) -> Difficulty {
        self.difficulty
    }

    /// Number of the last block after which a proof still counts, as the sender says.
    pub const fn until(&self) -> u64 {
        self.until
    }

    /// The same by the protocol's own rule.
    pub const fn last_head(&self) -> u64 {
        last_head(self.asked.protocol(), self.block_number)
    }

    /// Whether both ask the same, however they put the rest.
    pub fn is_same(&self, other: &Self) -> bool {
        self.asked == other.asked && self.block() == other.block()
    }

    /// The challenge.
    ///
    /// # Panics
    ///
    /// Never: no task is for the root subnet.
    pub fn challenge(&self) -> Challenge {
        let challenge = self.asked.challenge(self.block_hash);
        challenge.expect("no task is for the root subnet")
    }

    /// A search for it.
    pub fn search(&self, start: Position) -> Search {
        Search {
            challenge: self.challenge(),
            difficulty: self.difficulty,
            block_number: Some(self.block_number),
            start,
        }
    }
}

/// The last head at which the next block may still include a proof.
const fn last_head(protocol: Protocol, block: u64) -> u64 {
    block.saturating_add(protocol.max_work_age() - 1)
}

/// A task in JSON.
#[derive(Deserialize, Serialize)]
struct Wire {
    #[serde(flatten)]
    asked: WireAsked,
    block_number: u64,
    #[serde(with = "text::hex32")]
    block_hash: [u8; 32],
    #[serde(with = "text::decimal")]
    difficulty: u64,
    until: u64,
}

#[derive(Deserialize, Serialize)]
#[serde(tag = "protocol", rename_all = "snake_case")]
enum WireAsked {
    V1 {
        netuid: u16,
        #[serde(with = "text::hex32")]
        hotkey: [u8; 32],
        #[serde(with = "text::hex32")]
        coldkey: [u8; 32],
    },
    Legacy {
        order: WireOrder,
        #[serde(with = "text::hex32")]
        key: [u8; 32],
    },
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum WireOrder {
    Big,
    Little,
}

impl From<Task> for Wire {
    fn from(task: Task) -> Self {
        let asked = match task.asked {
            Asked::V1 {
                netuid,
                hotkey,
                coldkey,
            } => WireAsked::V1 {
                netuid,
                hotkey: hotkey.0,
                coldkey: coldkey.0,
            },
            Asked::Legacy { order, key } => WireAsked::Legacy {
                order: match order {
                    Order::Big => WireOrder::Big,
                    Order::Little => WireOrder::Little,
                },
                key: key.0,
            },
        };
        Self {
            asked,
            block_number: task.block_number,
            block_hash: task.block_hash,
            difficulty: task.difficulty.get(),
            until: task.until,
        }
    }
}

impl TryFrom<Wire> for Task {
    type Error = TaskError;

    fn try_from(wire: Wire) -> Result<Self, TaskError> {
        let asked = match wire.asked {
            WireAsked::V1 {
                netuid,
                hotkey,
                coldkey,
            } => Asked::V1 {
                netuid,
                hotkey: PublicKey(hotkey),
                coldkey: PublicKey(coldkey),
            },
            WireAsked::Legacy { order, key } => Asked::Legacy {
                order: match order {
                    WireOrder::Big => Order::Big,
                    WireOrder::Little => Order::Little,
                },
                key: PublicKey(key),
            },
        };
        let difficulty = Difficulty::new(wire.difficulty).map_err(TaskError::Difficulty)?;
        let block = (wire.block_number, wire.block_hash);
        Ok(Self {
            until: wire.until,
            ..Self::new(asked, block, difficulty)?
        })
    }
}
