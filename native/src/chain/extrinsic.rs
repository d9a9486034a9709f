//! A signed call.

use btpow_core::{Protocol, PublicKey};
use subxt::{
    config::{DefaultExtrinsicParamsBuilder, ParamsFor},
    utils::{AccountId32, MultiSignature},
};

use super::{Call, ChainError, Config, Hash, Runtime};
use crate::wallet::{Keypair, Scheme};

/// What a signature covers beside the call and the chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Terms {
    /// The signer's nonce.
    pub nonce: u64,
    /// When it counts.
    pub mortality: Mortality,
}

/// For which blocks a signed call counts: those from its birth on, as many as its period.
///
/// It is born in the block that asked for the proof. So neither outlives the other by much: a proof
/// that came too late cannot lie in a pool, and where that block is no part of the chain, neither
/// counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mortality {
    /// How many blocks, its birth included.
    pub period: u64,
    /// Number of the block of its birth.
    pub birth: u64,
    /// Hash of that block.
    pub birth_hash: [u8; 32],
}

impl Mortality {
    /// The shortest period that covers the life of a proof: a power of two above its window.
    pub fn of_work(protocol: Protocol, birth: u64, birth_hash: [u8; 32]) -> Self {
        let blocks = protocol.max_work_age() + 1;
        Self {
            period: blocks.next_power_of_two().max(4),
            birth,
            birth_hash,
        }
    }

    /// The last block that may hold it.
    pub const fn last_block(&self) -> u64 {
        self.birth + self.period - 1
    }
}

/// Signs a call.
///
/// # Errors
///
/// [`ChainError::Malformed`] when the runtime's call or its extensions are not what is known.
pub fn sign(
    runtime: &Runtime,
    call: &Call,
    terms: &Terms,
    key: &Keypair,
) -> Result<Vec<u8>, ChainError> {
    let malformed = |error| ChainError::malformed(call.name(), error);
    let payload = call.payload();
    let transactions = runtime.client().tx();
    let mut signable = transactions
        .create_v4_signable_offline(&payload, params(terms))
        .map_err(malformed)?;
    let message = signable.signer_payload().map_err(malformed)?;
    let signature = key.sign(&message);
    let signature = match key.scheme() {
        Scheme::Ed25519 => MultiSignature::Ed25519(signature),
        Scheme::Sr25519 => MultiSignature::Sr25519(signature),
    };
    let PublicKey(account) = key.public_key();
    let signed = signable
        .sign_with_account_and_signature(&AccountId32(account), &signature)
        .map_err(malformed)?;
    Ok(signed.into_encoded())
}

/// Without a tip, which would cost what a proof saves.
pub(super) fn params(terms: &Terms) -> ParamsFor<Config> {
    let Mortality {
        period,
        birth,
        birth_hash,
    } = terms.mortality;
    DefaultExtrinsicParamsBuilder::<Config>::new()
        .nonce(terms.nonce)
        .mortal_from_unchecked(period, birth, Hash::from(birth_hash))
        .build()
}

#[cfg(test)]
mod tests {
    use btpow_core::Order;

    use super::*;

    #[test]
    fn a_call_lives_as_long_as_its_proof() {
        let v1 = Mortality::of_work(Protocol::V1, 100, [1; 32]);
        assert_eq!((v1.period, v1.last_block()), (8, 107));
        let legacy = Mortality::of_work(Protocol::Legacy(Order::Big), 100, [1; 32]);
        assert_eq!((legacy.period, legacy.last_block()), (4, 103));
    }
}
