//! What is signed, and what is sent: the bytes around a call.
//!
//! Of an extrinsic of version 4, as Substrate defines it. The order of its parts is that of
//! [`Extension::WITH_BYTES`](crate::extension::Extension::WITH_BYTES).

use core::fmt;

use arrayvec::ArrayVec;
use btpow_core::PublicKey;

use crate::call::{Call, CallKind, MAX_CALL};

/// The most bytes that extensions put into an extrinsic: era, nonce, tip, mode.
const MAX_EXTRA: usize = 2 + 5 + 1 + 1;

/// The bytes that a signature covers of extensions besides: two versions, two hashes, no third.
const IMPLICIT: usize = 4 + 4 + 32 + 32 + 1;

/// The most bytes that are signed.
pub const MAX_MESSAGE: usize = MAX_CALL + MAX_EXTRA + IMPLICIT;

/// The most bytes of an extrinsic after its length.
const MAX_BODY: usize = 1 + (1 + 32) + (1 + 64) + MAX_EXTRA + MAX_CALL;

/// The most bytes that are sent.
pub const MAX_EXTRINSIC: usize = 2 + MAX_BODY;

// Anything longer would be signed by its hash.
const _: () = assert!(MAX_MESSAGE <= 256);

/// A call and everything else that a signature covers. Made by [`Runtime::payload`](crate::Runtime::payload)
/// alone. It has no tip, and lives as long as the proof in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Payload {
    pub(crate) call: Call,
    pub(crate) block_hash: [u8; 32],
    pub(crate) nonce: u32,
    pub(crate) spec_version: u32,
    pub(crate) transaction_version: u32,
    pub(crate) genesis: [u8; 32],
}

/// A signature of a [`Payload`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Signature {
    /// The scheme.
    pub scheme: Scheme,
    /// It.
    pub bytes: [u8; 64],
}

/// How an account signs.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Scheme {
    /// Edwards signatures, as of RFC 8032.
    Ed25519,
    /// Schnorr signatures over Ristretto, those of almost all keys.
    Sr25519,
}

impl Payload {
    /// The call.
    pub const fn call(&self) -> Call {
        self.call
    }

    /// The hash of the block that asked for the proof, in which the call is born.
    ///
    /// So neither outlives the other by much: a proof that comes too late does not stay in a pool, and
    /// without that block on the chain neither counts.
    pub const fn block_hash(&self) -> [u8; 32] {
        self.block_hash
    }

    /// The nonce of the signer.
    pub const fn nonce(&self) -> u32 {
        self.nonce
    }

    /// The spec version that it is for.
    pub const fn spec_version(&self) -> u32 {
        self.spec_version
    }

    /// The transaction version that it is for.
    pub const fn transaction_version(&self) -> u32 {
        self.transaction_version
    }

    /// The hash of block 0 of the chain that it is for.
    pub const fn genesis(&self) -> [u8; 32] {
        self.genesis
    }

    /// For how many blocks the call counts, that of its birth included: the shortest era that covers
    /// the window of a proof, 8 blocks for `pow_register` and 4 for the older calls.
    pub const fn period(&self) -> u64 {
        match self.call.kind() {
            CallKind::PowRegister => 8,
            CallKind::Register | CallKind::Faucet => 4,
        }
    }

    /// The era: for which blocks the call counts.
    pub const fn era(&self) -> [u8; 2] {
        era(self.period(), self.call.proof().work_block)
    }

    /// What is signed: the call, what extensions put into the extrinsic, and what a signature covers of
    /// them besides. The bytes themselves are signed, because they are never more than 256.
    pub fn message(&self) -> ArrayVec<u8, MAX_MESSAGE> {
        let mut bytes = ArrayVec::new();
        bytes.extend(self.call.encode());
        bytes.extend(extra(self.era(), self.nonce));
        bytes.extend(self.implicit());
        bytes
    }

    /// What is sent, for a signature by the key of `signer`.
    pub fn extrinsic(
        &self,
        signer: PublicKey,
        signature: Signature,
    ) -> ArrayVec<u8, MAX_EXTRINSIC> {
        let extra = extra(self.era(), self.nonce);
        signed(signer, signature, &extra, &self.call.encode())
    }

    /// What a signature covers of the extensions besides.
    fn implicit(&self) -> ArrayVec<u8, IMPLICIT> {
        let mut bytes = ArrayVec::new();
        bytes.extend(self.spec_version.to_le_bytes());
        bytes.extend(self.transaction_version.to_le_bytes());
        bytes.extend(self.genesis);
        bytes.extend(self.block_hash);
        bytes.push(0); // no hash of metadata
        bytes
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "ed25519",
            Self::Sr25519 => "sr25519",
        })
    }
}

impl Scheme {
    /// Its number in a `MultiSignature`.
    pub const fn number(self) -> u8 {
        match self {
            Self::Ed25519 => 0,
            Self::Sr25519 => 1,
        }
    }
}

/// The era of a call that is born in a block and counts for as many blocks, its birth included, as the
/// period says: a power of two from 4 to 4,096.
///
/// The low four bits are the period's logarithm less one, the twelve others the phase: the number of the
/// block of birth modulo the period.
const fn era(period: u64, birth: u64) -> [u8; 2] {
    let logarithm = period.ilog2() as u64;
    let [low, high, ..] = ((logarithm - 1) | ((birth % period) << 4)).to_le_bytes();
    [low, high]
}

/// What the extensions put into an extrinsic.
fn extra(era: [u8; 2], nonce: u32) -> ArrayVec<u8, MAX_EXTRA> {
    let mut bytes = ArrayVec::new();
    bytes.extend(era);
    bytes.extend(compact(nonce));
    bytes.push(0); // no tip
    bytes.push(0); // no hash of metadata
    bytes
}

/// An extrinsic: its length, and what it is made of.
fn signed(
    signer: PublicKey,
    signature: Signature,
    extra: &[u8],
    call: &[u8],
) -> ArrayVec<u8, MAX_EXTRINSIC> {
    let mut body = ArrayVec::<u8, MAX_BODY>::new();
    body.push(0x84); // version 4, signed
    body.push(0); // an account by its key
    body.extend(signer.0);
    body.push(signature.scheme.number());
    body.extend(signature.bytes);
    body.extend(extra.iter().copied());
    body.extend(call.iter().copied());
    let len = u32::try_from(body.len()).expect("it has less than MAX_BODY bytes");
    let mut bytes = ArrayVec::new();
    bytes.extend(compact(len));
    bytes.extend(body);
    bytes
}

/// A number as SCALE writes it compactly: the two low bits of the first byte say in how many bytes.
fn compact(number: u32) -> ArrayVec<u8, 5> {
    let shifted = (u64::from(number) << 2).to_le_bytes();
    let mut bytes = ArrayVec::new();
    match number {
        0..0x40 => bytes.push(shifted[0]),
        0x40..0x4000 => bytes.extend([shifted[0] | 1, shifted[1]]),
        0x4000..0x4000_0000 => {
            let [first, rest @ .., _, _, _, _] = shifted;
            bytes.push(first | 2);
            bytes.extend(rest);
        }
        0x4000_0000.. => {
            bytes.push(3);
            bytes.extend(number.to_le_bytes());
        }
    }
    bytes
}

/// Against what the official client writes for another call: `tests/vectors/subtensor-461`. The calls of
/// this crate are younger than those vectors; the bytes around a call are the same for all.
#[cfg(test)]
mod tests {
    use alloc::{format, vec::Vec};

    use btpow_core::{Seal, key};
    use parity_scale_codec::{Compact, Encode as _};
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::*;
    use crate::call::Proof;

    const GOLDEN: &str = include_str!("../../../tests/vectors/subtensor-461/golden.json");

    fn golden() -> Json {
        serde_json::from_str(GOLDEN).expect("JSON")
    }

    fn bytes(of: &Json, field: &str) -> Vec<u8> {
        let text = of[field].as_str().unwrap_or_else(|| panic!("no {field}"));
        let digits = text.strip_prefix("0x").expect("0x");
        let pair = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
        (0..digits.len()).step_by(2).map(pair).collect()
    }

    /// Era and nonce, where the era ends.
    fn terms(vector: &Json) -> Option<([u8; 2], u32)> {
        let number = |of: &Json| of.as_u64().expect("a number");
        let mortal = vector["era"].as_object()?;
        let era = era(number(&mortal["period"]), number(&mortal["current"]));
        Some((era, number(&vector["nonce"]).try_into().expect("small")))
    }

    #[test]
    fn messages_are_those_of_the_official_client() {
        let golden = golden();
        let network = &golden["network"];
        let text = |of: &Json| key::hex32(of.as_str().expect("text")).expect("32 bytes");
        let mut compared = 0;
        for vector in golden["signature_payloads"].as_array().expect("a list") {
            let Some((era, nonce)) = terms(vector) else {
                continue;
            };
            let payload = Payload {
                call: Call::Faucet {
                    proof: Proof {
                        work_block: 0,
                        nonce: 0,
                        seal: Seal([0; 32]),
                    },
                },
                block_hash: text(&vector["era_birth_block_hash"]),
                nonce,
                spec_version: 461,
                transaction_version: 1,
                genesis: text(&network["genesis_hash"]),
            };
            let mut message = bytes(vector, "call_data_hex");
            message.extend(extra(era, nonce));
            message.extend(payload.implicit());
            assert_eq!(message, bytes(vector, "payload_hex"));
            compared += 1;
        }
        assert_eq!((compared, network["spec_version"].as_u64()), (1, Some(461)));
    }

    #[test]
    fn extrinsics_are_those_of_the_official_client() {
        let golden = golden();
        let mut compared = 0;
        for vector in golden["extrinsics"].as_array().expect("a list") {
            let Some((era, nonce)) = terms(vector) else {
                continue;
            };
            let signer = bytes(vector, "public_key_hex");
            let signer = PublicKey(signer.try_into().expect("32 bytes"));
            let signature = Signature {
                scheme: Scheme::Sr25519,
                bytes: bytes(vector, "signature_hex").try_into().expect("64 bytes"),
            };
            let call = bytes(vector, "call_data_hex");
            let extrinsic = signed(signer, signature, &extra(era, nonce), &call);
            assert_eq!(extrinsic[..], bytes(vector, "extrinsic_hex"));
            compared += 1;
        }
        assert_eq!(compared, 1);
    }

    #[test]
    fn schemes_have_the_numbers_of_the_chain() {
        let numbers = [Scheme::Ed25519, Scheme::Sr25519].map(Scheme::number);
        assert_eq!(numbers, [0, 1]);
    }

    proptest! {
        #[test]
        fn compact_numbers_are_those_of_the_codec(number: u32, bits in 0..32_u32) {
            let number = number >> bits;
            let expected = Compact(number).encode();
            prop_assert_eq!(&compact(number)[..], &expected[..], "{}", format!("{number}"));
        }
    }
}
