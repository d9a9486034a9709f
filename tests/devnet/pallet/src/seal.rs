//! Seals: the hash that a nonce gives, and whether it wins.

use alloc::vec::Vec;

use sp_core::U256;
use sp_io::hashing::{keccak_256, sha2_256};
use sp_runtime::AccountId32;

use crate::NetUid;

/// The start of all messages of `pow_register`.
const TAG: &[u8] = b"subtensor-pow-register-v1";

/// The byte order in which a seal is read as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Its first byte is the lowest.
    Little,
    /// Its first byte is the highest.
    Big,
}

/// The seal of `pow_register`.
#[must_use]
pub fn pow(
    netuid: NetUid,
    block_hash: &[u8; 32],
    hotkey: &AccountId32,
    coldkey: &AccountId32,
    nonce: u64,
) -> [u8; 32] {
    let mut message = TAG.to_vec();
    message.extend(netuid.0.to_le_bytes());
    message.extend(block_hash);
    message.extend::<&[u8]>(hotkey.as_ref());
    message.extend::<&[u8]>(coldkey.as_ref());
    message.extend(nonce.to_le_bytes());
    keccak_256(&sha2_256(&message))
}

/// The seal of a legacy `register`, over the hotkey, and of `faucet`, over the coldkey.
#[must_use]
pub fn legacy(block_hash: &[u8; 32], key: &AccountId32, nonce: u64) -> [u8; 32] {
    let key: &[u8] = key.as_ref();
    let digest = keccak_256(&[block_hash, key].concat());
    let message: Vec<u8> = [nonce.to_le_bytes().as_slice(), &digest].concat();
    keccak_256(&sha2_256(&message))
}

/// Whether the seal times the difficulty stays below 2^256.
#[must_use]
pub fn meets(seal: &[u8; 32], difficulty: u64, order: Order) -> bool {
    let number = match order {
        Order::Little => U256::from_little_endian(seal),
        Order::Big => U256::from_big_endian(seal),
    };
    number.checked_mul(difficulty.into()).is_some()
}
