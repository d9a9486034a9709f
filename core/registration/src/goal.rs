//! What somebody wants from the chain, and what a block asks in return.

use btpow_core::{Challenge, Difficulty, Position, Protocol, PublicKey, Search};

use crate::{Call, Head, Proof, Refusal, Runtime, Standing, State, Subject, standing::Obstacle};

/// The faucet asks everybody for the same.
const FAUCET_DIFFICULTY: u64 = 1_000_000;

/// What somebody wants from the chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Goal {
    /// A key on a subnet.
    Register {
        /// The subnet, not 0.
        netuid: u16,
        /// The key that registers.
        hotkey: PublicKey,
        /// The key that is to own it.
        coldkey: PublicKey,
    },
    /// Test money.
    Faucet {
        /// The key that gets it.
        coldkey: PublicKey,
    },
}

impl Goal {
    /// Which proof a runtime takes for this goal.
    ///
    /// # Errors
    ///
    /// [`Refusal`] where it takes none.
    pub fn protocol(&self, runtime: &Runtime) -> Result<Protocol, Refusal> {
        match self {
            Self::Register { .. } => runtime.registration(),
            Self::Faucet { .. } => runtime.faucet().map(Protocol::Legacy),
        }
    }

    /// Who signs: the coldkey; for the legacy `register` the hotkey.
    pub const fn signer(&self, protocol: Protocol) -> PublicKey {
        match (self, protocol) {
            (Self::Register { hotkey, .. }, Protocol::Legacy(_)) => *hotkey,
            (Self::Register { coldkey, .. } | Self::Faucet { coldkey }, _) => *coldkey,
        }
    }

    /// What to read at every block.
    pub const fn subject(&self, protocol: Protocol) -> Subject {
        let signer = Some(self.signer(protocol));
        match *self {
            Self::Register { netuid, hotkey, .. } => Subject {
                netuid: Some(netuid),
                hotkey: Some(hotkey),
                signer,
            },
            Self::Faucet { .. } => Subject {
                netuid: None,
                hotkey: None,
                signer,
            },
        }
    }

    /// The difficulty that a block asks for.
    ///
    /// # Panics
    ///
    /// Never: the faucet's difficulty is not zero.
    pub fn difficulty(&self, state: &State) -> Difficulty {
        let faucet = || Difficulty::new(FAUCET_DIFFICULTY).expect("it is not zero");
        state.subnet.map_or_else(faucet, |subnet| subnet.difficulty)
    }

    /// Whether the chain would take a proof, by the state of a block. The faucet takes everybody's.
    pub fn standing(&self, state: &State) -> Standing {
        let Self::Register {
            netuid, coldkey, ..
        } = *self
        else {
            return Standing::Open;
        };
        match &state.subnet {
            Some(subnet) => Standing::of(netuid, coldkey, subnet, &state.hotkey),
            None => Standing::Denied(Obstacle::NoSubnet { netuid }),
        }
    }

    /// What to search for, from a position on.
    ///
    /// # Panics
    ///
    /// Never: a goal's subnet is not the root.
    pub fn search(
        &self,
        protocol: Protocol,
        head: Head,
        difficulty: Difficulty,
        start: Position,
    ) -> Search {
        Search {
            challenge: self.challenge(protocol, head.hash),
            difficulty,
            block_number: Some(head.number),
            start,
        }
    }

    /// What the block with this hash asks of the keys.
    ///
    /// # Panics
    ///
    /// Never: a goal's subnet is not the root, and the faucet's protocol is legacy.
    pub fn challenge(&self, protocol: Protocol, block_hash: [u8; 32]) -> Challenge {
        match (*self, protocol) {
            (
                Self::Register {
                    netuid,
                    hotkey,
                    coldkey,
                },
                Protocol::V1,
            ) => Challenge::v1(netuid, block_hash, hotkey.0, coldkey.0)
                .expect("a goal's subnet is not the root"),
            (Self::Register { hotkey: key, .. }, Protocol::Legacy(order))
            | (Self::Faucet { coldkey: key }, Protocol::Legacy(order)) => {
                Challenge::legacy(order, block_hash, key.0)
            }
            (Self::Faucet { .. }, Protocol::V1) => {
                unreachable!("the faucet's protocol is legacy, see `protocol`")
            }
        }
    }

    /// The call that carries a proof.
    pub const fn call(&self, protocol: Protocol, proof: Proof) -> Call {
        match (*self, protocol) {
            (Self::Register { netuid, hotkey, .. }, Protocol::V1) => Call::PowRegister {
                netuid,
                proof,
                hotkey,
            },
            (
                Self::Register {
                    netuid,
                    hotkey,
                    coldkey,
                },
                Protocol::Legacy(_),
            ) => Call::Register {
                netuid,
                proof,
                hotkey,
                coldkey,
            },
            (Self::Faucet { .. }, _) => Call::Faucet { proof },
        }
    }
}
