//! Proofs that the reference has accepted, in the call that carries them.

use core::fmt;

use btpow_core::{Challenge, Difficulty, PublicKey, Solution};
use btpow_registration::{Call, Payload, Proof, Refusal, Runtime};

/// `pow_register` for a winning nonce.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PowRegister {
    call: Call,
    block_hash: [u8; 32],
    coldkey: PublicKey,
}

/// What a block asks of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Asked {
    /// The subnet.
    pub netuid: u16,
    /// The hash of the block.
    pub block_hash: [u8; 32],
    /// Its number.
    pub work_block: u64,
    /// The key that registers.
    pub hotkey: PublicKey,
    /// The key that will own it and signs.
    pub coldkey: PublicKey,
    /// Expected seals per win.
    pub difficulty: u64,
}

/// There is no call for a nonce that does not win.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoProof;

impl PowRegister {
    /// The call for a nonce, which the reference must accept.
    ///
    /// # Errors
    ///
    /// [`NoProof`] when it does not, or cannot because no block asks for subnet 0 or difficulty 0.
    pub fn new(asked: Asked, nonce: u64) -> Result<Self, NoProof> {
        let Asked {
            netuid,
            block_hash,
            work_block,
            hotkey,
            coldkey,
            difficulty,
        } = asked;
        let challenge = Challenge::v1(netuid, block_hash, hotkey.0, coldkey.0);
        let challenge = challenge.map_err(|_| NoProof)?;
        let target = Difficulty::new(difficulty).map_err(|_| NoProof)?.target();
        let solution = Solution::verify(&challenge, &target, nonce).map_err(|_| NoProof)?;
        let proof = Proof {
            work_block,
            nonce: solution.nonce(),
            seal: solution.seal(),
        };
        Ok(Self {
            call: Call::PowRegister {
                netuid,
                proof,
                hotkey,
            },
            block_hash,
            coldkey,
        })
    }

    /// The call.
    pub const fn call(&self) -> Call {
        self.call
    }

    /// Who signs.
    pub const fn coldkey(&self) -> PublicKey {
        self.coldkey
    }

    /// What an account signs whose next nonce is `nonce`.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when the runtime does not take such a call.
    pub fn payload(&self, runtime: &Runtime, nonce: u32) -> Result<Payload, Refusal> {
        runtime.payload(self.call, self.block_hash, nonce)
    }
}

impl fmt::Display for NoProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the seal of this nonce does not win")
    }
}

impl core::error::Error for NoProof {}

#[cfg(test)]
mod tests {
    use btpow_forgery::Forgery;
    use btpow_registration::Identity;

    use super::*;

    const ASKED: Asked = Asked {
        netuid: 1,
        block_hash: [1; 32],
        work_block: 100,
        hotkey: PublicKey([2; 32]),
        coldkey: PublicKey([3; 32]),
        difficulty: 1_000,
    };

    /// The first nonce that wins, according to `tests/vectors`.
    const NONCE: u64 = 118;

    #[test]
    fn only_a_winning_nonce_has_a_call() {
        let register = PowRegister::new(ASKED, NONCE).expect("a known answer");
        let Call::PowRegister {
            netuid,
            proof,
            hotkey,
        } = register.call()
        else {
            panic!("{register:?}");
        };
        let challenge = Challenge::v1(1, [1; 32], [2; 32], [3; 32]).expect("subnet 1");
        assert_eq!((netuid, hotkey), (ASKED.netuid, ASKED.hotkey));
        assert_eq!(proof.seal, challenge.seal(NONCE));
        assert_eq!((proof.work_block, proof.nonce), (100, NONCE));
        let refused = |asked, nonce| PowRegister::new(asked, nonce) == Err(NoProof);
        assert!(refused(ASKED, NONCE - 1));
        assert!(refused(ASKED, NONCE + 1));
        for asked in [
            Asked { netuid: 0, ..ASKED },
            Asked { netuid: 2, ..ASKED },
            Asked {
                block_hash: [9; 32],
                ..ASKED
            },
            Asked {
                hotkey: ASKED.coldkey,
                ..ASKED
            },
            Asked {
                coldkey: ASKED.hotkey,
                ..ASKED
            },
            Asked {
                difficulty: 0,
                ..ASKED
            },
            Asked {
                difficulty: u64::MAX,
                ..ASKED
            },
        ] {
            assert!(refused(asked, NONCE), "{asked:?}");
        }
    }

    #[test]
    fn a_payload_is_valid_from_the_block_that_asked() {
        let [metadata, _] = Forgery::of_475();
        let identity = Identity {
            name: "node-subtensor",
            spec_version: 475,
            transaction_version: 1,
            genesis: [0x45; 32],
        };
        let runtime = Runtime::compare(identity, &metadata.encode());
        let register = PowRegister::new(ASKED, NONCE).expect("a known answer");
        let payload = register.payload(&runtime, 7).expect("it takes v1");
        assert_eq!(payload.call(), register.call());
        assert_eq!(
            (payload.block_hash(), payload.nonce()),
            (ASKED.block_hash, 7)
        );
    }
}
