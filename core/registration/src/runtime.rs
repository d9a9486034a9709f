//! A runtime that was compared with what is compiled in.

use btpow_core::{Order, Protocol};

use crate::{
    call::{Call, CallKind},
    extension::{self, Extension, Extensions},
    metadata::Metadata,
    payload::Payload,
    refusal::Refusal,
    rules::Described,
};

/// What a signature binds a call to, and the name of the runtime, as an endpoint reports them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Identity<'a> {
    /// What the runtime calls itself, its `specName`.
    pub name: &'a str,
    /// Its `specVersion`, which rises with every upgrade.
    pub spec_version: u32,
    /// Its `transactionVersion`: the version of its extrinsics.
    pub transaction_version: u32,
    /// The hash of the chain's block 0.
    pub genesis: [u8; 32],
}

/// A runtime, and what may be signed for it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Runtime {
    spec_version: u32,
    transaction_version: u32,
    genesis: [u8; 32],
    registration: Result<Protocol, Refusal>,
    faucet: Result<Order, Refusal>,
    /// Those that agreed.
    extensions: Extensions,
}

impl Runtime {
    /// Compares an endpoint's description of its runtime with what is compiled in. `metadata` begins with
    /// "meta". This takes some milliseconds for real metadata, and less than a second for any.
    pub fn compare(identity: Identity<'_>, metadata: &[u8]) -> Self {
        let Identity {
            name,
            spec_version: spec,
            transaction_version,
            genesis,
        } = identity;
        let of = |registration, faucet, extensions| Self {
            spec_version: spec,
            transaction_version,
            genesis,
            registration,
            faucet,
            extensions,
        };
        let refused = |refusal| of(Err(refusal), Err(refusal), Extensions::new());
        let metadata = match Metadata::read(metadata) {
            Ok(metadata) => metadata,
            Err(error) => return refused(Refusal::Metadata(error)),
        };
        let described = Described {
            name,
            spec,
            genesis,
            metadata: &metadata,
        };
        // If it takes no proof, that is what the user should hear, whatever else is wrong.
        let (registration, faucet) = (described.registration(), described.faucet());
        match extension::compare(&metadata) {
            Ok(extensions) => of(registration, faucet, extensions),
            Err(difference) => {
                let differs = described.differs(difference);
                let registration = registration.and(Err(differs));
                of(registration, faucet.and(Err(differs)), Extensions::new())
            }
        }
    }

    /// Which proof registers a key.
    ///
    /// # Errors
    ///
    /// [`Refusal`] where none does, or where that is not known for sure.
    pub const fn registration(&self) -> Result<Protocol, Refusal> {
        self.registration
    }

    /// In which order the faucet reads a seal.
    ///
    /// # Errors
    ///
    /// [`Refusal`] where there is no faucet, or where that is not known for sure.
    pub const fn faucet(&self) -> Result<Order, Refusal> {
        self.faucet
    }

    /// Its spec version.
    pub const fn spec_version(&self) -> u32 {
        self.spec_version
    }

    /// The version of its extrinsics.
    pub const fn transaction_version(&self) -> u32 {
        self.transaction_version
    }

    /// The hash of the chain's block 0.
    pub const fn genesis(&self) -> [u8; 32] {
        self.genesis
    }

    /// Its transaction extensions, in their order; none if one of them differs from what is compiled in.
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// What an account with this next nonce signs for a call. `block_hash` is that of the block that asked
    /// for the proof.
    ///
    /// # Errors
    ///
    /// [`Refusal`] where this runtime does not take such a call.
    pub fn payload(
        &self,
        call: Call,
        block_hash: [u8; 32],
        nonce: u32,
    ) -> Result<Payload, Refusal> {
        let kind = call.kind();
        match (kind, self.registration, self.faucet) {
            (CallKind::PowRegister, Ok(Protocol::V1), _)
            | (CallKind::Register, Ok(Protocol::Legacy(_)), _)
            | (CallKind::Faucet, _, Ok(_)) => Ok(Payload {
                call,
                block_hash,
                nonce,
                spec_version: self.spec_version,
                transaction_version: self.transaction_version,
                genesis: self.genesis,
            }),
            (CallKind::Faucet, _, Err(refusal)) | (_, Err(refusal), _) => Err(refusal),
            (CallKind::PowRegister | CallKind::Register, Ok(_), _) => Err(Refusal::NoCall {
                spec: self.spec_version,
                call: kind,
            }),
        }
    }
}
