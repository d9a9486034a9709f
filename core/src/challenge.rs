//! What a block asks of a key: the message in which only the nonce is free.

use core::{error::Error, fmt};

use sha2::{Digest, Sha256};
use tiny_keccak::{Hasher, Keccak};

use crate::{Order, Protocol, Seal};

/// The first bytes of a v1 message, without a terminator.
///
/// Source: `pow_register` of spec 475, `bittensor-core` 0.1.5 `pow`.
const V1_TAG: &[u8; 25] = b"subtensor-pow-register-v1";

/// Bytes of a v1 message before its nonce.
pub(crate) const V1_PREFIX_LEN: usize = V1_TAG.len() + 2 + 3 * 32;

/// What a block asks of a key (or, in v1, of a pair of keys): the message up to the nonce.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Challenge {
    pub(crate) block_hash: [u8; 32],
    pub(crate) message: Message,
}

/// The fixed part of the message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Message {
    /// `nonce (8, little-endian) ‖ digest`, 40 bytes.
    Legacy {
        order: Order,
        /// `Keccak256(block hash ‖ key)`.
        digest: [u8; 32],
    },
    /// `prefix ‖ nonce (8, little-endian)`, 131 bytes.
    V1 { prefix: [u8; V1_PREFIX_LEN] },
}

/// Nobody registers on the root subnet, netuid 0, by proof of work.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RootSubnet;

impl Challenge {
    /// The v1 challenge of a block for a hotkey and the coldkey that will sign, 32 bytes each.
    ///
    /// # Errors
    ///
    /// [`RootSubnet`] when `netuid` is 0: the chain refuses every proof for it.
    pub fn v1(
        netuid: u16,
        block_hash: [u8; 32],
        hotkey: [u8; 32],
        coldkey: [u8; 32],
    ) -> Result<Self, RootSubnet> {
        if netuid == 0 {
            return Err(RootSubnet);
        }
        let mut prefix = [0; V1_PREFIX_LEN];
        let parts: [&[u8]; 5] = [
            V1_TAG,
            &netuid.to_le_bytes(),
            &block_hash,
            &hotkey,
            &coldkey,
        ];
        let mut rest = &mut prefix[..];
        for part in parts {
            let (head, tail) = rest.split_at_mut(part.len());
            head.copy_from_slice(part);
            rest = tail;
        }
        Ok(Self {
            block_hash,
            message: Message::V1 { prefix },
        })
    }

    /// The legacy challenge of a block for one key: the hotkey, or the coldkey for the faucet.
    pub fn legacy(order: Order, block_hash: [u8; 32], key: [u8; 32]) -> Self {
        let digest = legacy_digest(&block_hash, &key);
        Self {
            block_hash,
            message: Message::Legacy { order, digest },
        }
    }

    /// The same from its [`legacy_digest`], as the Python SDK passes it around. The block's hash is not known, and
    /// zeros stand for it.
    pub const fn of_digest(order: Order, digest: [u8; 32]) -> Self {
        Self {
            block_hash: [0; 32],
            message: Message::Legacy { order, digest },
        }
    }

    /// The challenge with this [`message`](Self::message); `None` for bytes that are none.
    pub fn of_message(protocol: Protocol, block_hash: [u8; 32], message: &[u8]) -> Option<Self> {
        let message = match protocol {
            Protocol::Legacy(order) => Message::Legacy {
                order,
                digest: message.try_into().ok()?,
            },
            Protocol::V1 => {
                let prefix: [u8; V1_PREFIX_LEN] = message.try_into().ok()?;
                let netuid_and_block = prefix.strip_prefix(V1_TAG)?;
                let (netuid, block) = netuid_and_block.split_at(2);
                if netuid == [0; 2] || !block.starts_with(&block_hash) {
                    return None;
                }
                Message::V1 { prefix }
            }
        };
        Some(Self {
            block_hash,
            message,
        })
    }

    /// The message without its nonce: 123 bytes in v1, the 32 of the digest in legacy. With the protocol and the block's hash
    /// it is all that there is to a challenge.
    pub const fn message(&self) -> &[u8] {
        match &self.message {
            Message::Legacy { digest, .. } => digest,
            Message::V1 { prefix } => prefix,
        }
    }

    /// The protocol whose rules apply.
    pub const fn protocol(&self) -> Protocol {
        match self.message {
            Message::Legacy { order, .. } => Protocol::Legacy(order),
            Message::V1 { .. } => Protocol::V1,
        }
    }

    /// The hash of the block that asks.
    pub const fn block_hash(&self) -> [u8; 32] {
        self.block_hash
    }

    /// The seal of `nonce`, by the readable definition. The tests check every lane and device against
    /// this, and no proof leaves the program unless it accepted it.
    pub fn seal(&self, nonce: u64) -> Seal {
        let nonce = nonce.to_le_bytes();
        let inner = match &self.message {
            Message::Legacy { digest, .. } => sha256(&[&nonce, digest]),
            Message::V1 { prefix } => sha256(&[prefix, &nonce]),
        };
        Seal(keccak256(&[&inner]))
    }
}

/// What a legacy message holds of the block and the key: `Keccak256(block hash ‖ key)`.
pub fn legacy_digest(block_hash: &[u8; 32], key: &[u8; 32]) -> [u8; 32] {
    keccak256(&[block_hash, key])
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Keccak-256 with the original padding (0x01), not the SHA-3 of FIPS 202.
fn keccak256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Keccak::v256();
    for part in parts {
        hasher.update(part);
    }
    let mut digest = [0; 32];
    hasher.finalize(&mut digest);
    digest
}

impl fmt::Display for RootSubnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("netuid 0 is the root subnet, which takes no proof of work")
    }
}

impl Error for RootSubnet {}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> [u8; 32] {
        crate::key::hex32(hex).expect("32 bytes of hex in a test")
    }

    /// Source: bittensor SDK v5.3.0, `TestRegistrationHelpers.test_hash_block_with_hotkey`.
    #[test]
    fn legacy_digest_matches_the_sdk() {
        let challenge = Challenge::legacy(
            Order::Big,
            bytes("c444e4205857add79a0427401aa2518d11e85f32377eff9a946d180a54697459"),
            bytes("ba3189e99e75b6097cd94a5ecc771016b83c8432d35d14a03ab731b07112f559"),
        );
        let digest = bytes("7869b61229641b33a355dc34d4ef48f8d82166635237f9f10bcb215b8cb48161");
        assert_eq!(
            challenge.message,
            Message::Legacy {
                order: Order::Big,
                digest
            }
        );
    }

    /// Source: bittensor SDK v5.3.0, `TestRegistrationHelpers.test_create_seal_hash`.
    #[test]
    fn legacy_seal_matches_the_sdk() {
        let digest = bytes("ba7ea4eb0b16dee271dbef5911838c3f359fcf598c74da65a54b919b68b67279");
        let challenge = Challenge::of_digest(Order::Big, digest);
        let seal = bytes("c501423622a8a54644504be439adda74bb3a8764132f86c63a49389b88f0c230");
        assert_eq!(challenge.seal(10), Seal(seal));
    }

    /// Source: PyPI `bittensor` 11.3.0, `tests/unit/test_pow_registration.py`.
    #[test]
    fn v1_seal_matches_the_sdk() {
        let (mut hotkey, mut coldkey) = ([0; 32], [0; 32]);
        (hotkey[0], coldkey[0]) = (0x0b, 0x16);
        let challenge = Challenge::v1(1, [1; 32], hotkey, coldkey).expect("netuid 1");
        let seal = bytes("06eef1fff090c8a0c4fbbbd17093346c9a45b3208fb3ff62524474cf4ba2cbc1");
        assert_eq!(challenge.seal(7), Seal(seal));
    }

    #[test]
    fn a_message_is_all_that_there_is_to_a_challenge() {
        let v1 = Challenge::v1(1, [1; 32], [2; 32], [3; 32]).expect("netuid 1");
        for challenge in [
            v1,
            Challenge::legacy(Order::Big, [1; 32], [2; 32]),
            Challenge::legacy(Order::Little, [1; 32], [2; 32]),
            Challenge::of_digest(Order::Little, [4; 32]),
        ] {
            let (protocol, block_hash) = (challenge.protocol(), challenge.block_hash());
            let message = challenge.message();
            let again = Challenge::of_message(protocol, block_hash, message);
            assert_eq!(again, Some(challenge));
            let short = &message[1..];
            assert_eq!(Challenge::of_message(protocol, block_hash, short), None);
        }
    }

    #[test]
    fn what_the_chain_would_refuse_is_no_message() {
        let v1 = Challenge::v1(1, [1; 32], [2; 32], [3; 32]).expect("netuid 1");
        // A letter of the tag, the netuid, and the hash, which would be another block's.
        for place in [0, 25, 27] {
            let mut message = [0; V1_PREFIX_LEN];
            message.copy_from_slice(v1.message());
            message[place] -= 1;
            assert_eq!(Challenge::of_message(Protocol::V1, [1; 32], &message), None);
        }
    }

    #[test]
    fn the_root_subnet_is_refused() {
        assert_eq!(Challenge::v1(0, [1; 32], [2; 32], [3; 32]), Err(RootSubnet));
    }
}
