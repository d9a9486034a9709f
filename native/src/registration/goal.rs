//! What the user wants of the chain, and what a block asks for it.

use btpow_core::{Challenge, Difficulty, Position, Protocol, PublicKey, Search};
use btpow_registration::{Call, Proof, Refusal, Runtime, Standing, standing::Denial};

use crate::chain::{Head, State, Subject};

/// The faucet asks the same of everybody.
const FAUCET_DIFFICULTY: u64 = 1_000_000;

/// What is wanted.
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
        /// Who gets it.
        coldkey: PublicKey,
    },
}

impl Goal {
    /// Which proof a runtime takes for it.
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

    /// Who signs: the coldkey, but the hotkey in the days of `register`.
    pub const fn signer(&self, protocol: Protocol) -> PublicKey {
        match (self, protocol) {
            (Self::Register { hotkey, .. }, Protocol::Legacy(_)) => *hotkey,
            (Self::Register { coldkey, .. } | Self::Faucet { coldkey }, _) => *coldkey,
        }
    }

    /// What must be known of every block.
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

    /// The difficulty that a block asks.
    ///
    /// # Panics
    ///
    /// Never: the faucet's difficulty is not zero.
    pub fn difficulty(&self, state: &State) -> Difficulty {
        let faucet = || Difficulty::new(FAUCET_DIFFICULTY).expect("it is not zero");
        state.subnet.map_or_else(faucet, |subnet| subnet.difficulty)
    }

    /// Whether a proof would be taken, by the state of a block. The faucet takes everybody's.
    pub fn standing(&self, state: &State) -> Standing {
        let Self::Register {
            netuid, coldkey, ..
        } = *self
        else {
            return Standing::Open;
        };
        match &state.subnet {
            Some(subnet) => Standing::of(netuid, coldkey, subnet, &state.hotkey),
            None => Standing::Denied(Denial::NoSubnet { netuid }),
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
        let challenge = match (*self, protocol) {
            (
                Self::Register {
                    netuid,
                    hotkey,
                    coldkey,
                },
                Protocol::V1,
            ) => Challenge::v1(netuid, head.hash, hotkey.0, coldkey.0)
                .expect("a goal's subnet is not the root"),
            (Self::Register { hotkey: key, .. }, Protocol::Legacy(order))
            | (Self::Faucet { coldkey: key }, Protocol::Legacy(order)) => {
                Challenge::legacy(order, head.hash, key.0)
            }
            (Self::Faucet { .. }, Protocol::V1) => {
                unreachable!("the faucet's protocol is legacy, see `protocol`")
            }
        };
        Search {
            challenge,
            difficulty,
            block_number: Some(head.number),
            start,
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
