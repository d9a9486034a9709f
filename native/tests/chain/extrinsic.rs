//! Reads what was signed, byte by byte, as an honest chain does.

use std::collections::BTreeMap;

use btpow_core::{PublicKey, Seal};
use btpow_devnet::Account;
use btpow_forgery::Forgery;
use btpow_registration::{Call, Identity, Proof, Runtime};

/// A signed `pow_register`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Signed {
    pub(crate) netuid: u16,
    pub(crate) proof: Proof,
    pub(crate) hotkey: PublicKey,
    pub(crate) signer: PublicKey,
    /// The nonce of the account.
    pub(crate) nonce: u32,
    /// An sr25519 signature.
    signature: [u8; 64],
}

/// Bytes, taken from the front.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (taken, rest) = self.0.split_first_chunk().expect("as many bytes");
        self.0 = rest;
        *taken
    }

    fn expect<const N: usize>(&mut self, expected: [u8; N], what: &str) {
        assert_eq!(self.take(), expected, "{what}");
    }

    fn compact(&mut self) -> u32 {
        let [first] = self.take();
        match first & 3 {
            0 => u32::from(first) >> 2,
            1 => {
                let [second] = self.take();
                u32::from(u16::from_le_bytes([first, second])) >> 2
            }
            2 => {
                let [b, c, d] = self.take();
                u32::from_le_bytes([first, b, c, d]) >> 2
            }
            _ => {
                assert_eq!(first, 3, "four bytes");
                u32::from_le_bytes(self.take())
            }
        }
    }
}

impl Signed {
    /// Reads an extrinsic. The test fails unless it is a `pow_register` without a tip that is born in the block of its
    /// proof and lives for eight.
    pub(crate) fn read(extrinsic: &str) -> Self {
        let digits = extrinsic.strip_prefix("0x").expect("0x");
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("digits");
        let bytes: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
        let mut bytes = Bytes(&bytes);
        let len = bytes.compact();
        assert_eq!(len as usize, bytes.0.len(), "its length");
        bytes.expect([0x84, 0], "version 4, signed by an account");
        let signer = PublicKey(bytes.take());
        bytes.expect([1], "sr25519");
        let signature = bytes.take();
        let era: [u8; 2] = bytes.take();
        let nonce = bytes.compact();
        bytes.expect([0], "no tip");
        bytes.expect([0], "no hash of metadata");
        bytes.expect([7, 152], "SubtensorModule.pow_register");
        let netuid = u16::from_le_bytes(bytes.take());
        let work_block = u64::from_le_bytes(bytes.take());
        let proof = Proof {
            work_block,
            nonce: u64::from_le_bytes(bytes.take()),
            seal: Seal(bytes.take()),
        };
        let hotkey = PublicKey(bytes.take());
        assert!(bytes.0.is_empty(), "nothing behind the call");
        let phase = u8::try_from(work_block % 8).expect("small");
        assert_eq!(era, [2 | phase << 4, 0], "eight blocks from its birth on");
        Self {
            netuid,
            proof,
            hotkey,
            signer,
            nonce,
            signature,
        }
    }

    /// Whether its signature is valid on a chain with this spec version and genesis, born in this block.
    pub(crate) fn is_good_for(&self, spec: u32, genesis: [u8; 32], birth: [u8; 32]) -> bool {
        let identity = Identity {
            name: "btpow-test",
            spec_version: spec,
            transaction_version: 1,
            genesis,
        };
        let [metadata, _] = Forgery::of_475();
        let runtime = Runtime::compare(identity, &metadata.encode());
        let Self {
            netuid,
            proof,
            hotkey,
            ..
        } = *self;
        let call = Call::PowRegister {
            netuid,
            proof,
            hotkey,
        };
        let payload = runtime.payload(call, birth, self.nonce).expect("a payload");
        let signature = schnorrkel::Signature::from_bytes(&self.signature);
        let key = schnorrkel::PublicKey::from_bytes(&self.signer.0).expect("a key");
        let signature = signature.expect("a signature");
        key.verify_simple(b"substrate", &payload.message(), &signature)
            .is_ok()
    }
}

/// Reads all that was sent. Each is a registration of this hotkey by this coldkey on subnet 1, and no block has two of
/// them. Returns how many there are.
pub(crate) fn registrations(sent: &[String], coldkey: &Account, hotkey: &Account) -> usize {
    let mut by_block = BTreeMap::new();
    for extrinsic in sent {
        let signed = Signed::read(extrinsic);
        assert_eq!(signed.netuid, 1);
        assert_eq!(signed.signer.0, coldkey.public);
        assert_eq!(signed.hotkey.0, hotkey.public);
        let first = by_block.insert(signed.proof.work_block, signed);
        assert!(
            first.is_none_or(|first| first == signed),
            "two signatures for block {}",
            signed.proof.work_block
        );
    }
    by_block.len()
}
