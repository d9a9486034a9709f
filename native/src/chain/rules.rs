//! Which proof a runtime takes. Told by its metadata, never by habit: where this is in doubt,
//! nothing is sent, since a `register` of the wrong era burns TAO and ignores the proof.

use btpow_core::{Order, Protocol};
use scale_info::{PortableRegistry, TypeDef, TypeDefPrimitive};
use subxt::metadata::Metadata;
use thiserror::Error;

use super::PALLET;
use crate::text;

/// The names under which Subtensor runtimes, and this project's test runtime, go.
const RUNTIMES: [&str; 2] = ["node-subtensor", "btpow-test"];

/// The last runtime whose legacy seal is read big-endian.
const LAST_BIG: u32 = 277;
/// The runtimes whose legacy seal is read little-endian.
const LITTLE: core::ops::RangeInclusive<u32> = 283..=393;
/// From here on `register` burns the signer's TAO and looks at no proof.
const FIRST_BURNING: u32 = 395;

/// What a call's arguments must be called, and be, for this program to know what it does.
type Shape = &'static [(&'static str, Argument)];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Argument {
    U16,
    U64,
    Bytes,
    Bytes32,
    Account,
}

const POW_REGISTER: Shape = &[
    ("netuid", Argument::U16),
    ("work_block", Argument::U64),
    ("nonce", Argument::U64),
    ("work", Argument::Bytes32),
    ("hotkey", Argument::Account),
];

const REGISTER: Shape = &[
    ("netuid", Argument::U16),
    ("block_number", Argument::U64),
    ("nonce", Argument::U64),
    ("work", Argument::Bytes),
    ("hotkey", Argument::Account),
    ("coldkey", Argument::Account),
];

const FAUCET: Shape = &[
    ("block_number", Argument::U64),
    ("nonce", Argument::U64),
    ("work", Argument::Bytes),
];

/// Why no proof of work is sent to a runtime.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Refused {
    /// A runtime of another kind of chain.
    #[error("the runtime calls itself {name:?}, which is no Subtensor known to this program")]
    UnknownRuntime {
        /// Its name.
        name: String,
    },

    /// The call of proofs is gone, and `register` takes money instead.
    #[error(
        "runtime {spec} takes no proof of work: its register call ignores the proof and burns TAO of the signer"
    )]
    Burns {
        /// The spec version.
        spec: u32,
    },

    /// Between two eras: nobody knows how such a runtime reads a seal.
    #[error("runtime {spec} is of no era whose seal this program knows")]
    UnknownVersion {
        /// The spec version.
        spec: u32,
    },

    /// The call exists, but is not the one that this program knows.
    #[error(
        "runtime {spec} has a {call} call with other arguments than this program knows (is there a newer btpow?)"
    )]
    UnknownCall {
        /// The spec version.
        spec: u32,
        /// The call.
        call: &'static str,
    },

    /// There is no call for this at all.
    #[error("runtime {spec} has no {call} call")]
    NoCall {
        /// The spec version.
        spec: u32,
        /// The call.
        call: &'static str,
    },
}

/// Which proof registers a key.
pub(crate) fn registration(
    name: &str,
    spec: u32,
    metadata: &Metadata,
) -> Result<Protocol, Refused> {
    known(name)?;
    if has_call(metadata, "pow_register") {
        expect(metadata, spec, "pow_register", POW_REGISTER)?;
        return Ok(Protocol::V1);
    }
    if !has_call(metadata, "register") {
        let call = "pow_register";
        return Err(Refused::NoCall { spec, call });
    }
    if spec >= FIRST_BURNING {
        return Err(Refused::Burns { spec });
    }
    let order = order(spec)?;
    expect(metadata, spec, "register", REGISTER)?;
    Ok(Protocol::Legacy(order))
}

/// How the faucet reads a seal.
pub(crate) fn faucet(name: &str, spec: u32, metadata: &Metadata) -> Result<Order, Refused> {
    known(name)?;
    let call = "faucet";
    if !has_call(metadata, call) {
        return Err(Refused::NoCall { spec, call });
    }
    expect(metadata, spec, call, FAUCET)?;
    // The faucet kept its proof when `register` lost it.
    if spec >= FIRST_BURNING {
        Ok(Order::Little)
    } else {
        order(spec)
    }
}

fn known(name: &str) -> Result<(), Refused> {
    if RUNTIMES.contains(&name) {
        return Ok(());
    }
    let name = text::line(name, text::NAME);
    Err(Refused::UnknownRuntime { name })
}

fn order(spec: u32) -> Result<Order, Refused> {
    if spec <= LAST_BIG {
        Ok(Order::Big)
    } else if LITTLE.contains(&spec) {
        Ok(Order::Little)
    } else {
        Err(Refused::UnknownVersion { spec })
    }
}

fn has_call(metadata: &Metadata, call: &str) -> bool {
    let pallet = metadata.pallet_by_name(PALLET);
    pallet.is_some_and(|pallet| pallet.call_variant_by_name(call).is_some())
}

fn expect(metadata: &Metadata, spec: u32, call: &'static str, shape: Shape) -> Result<(), Refused> {
    let pallet = metadata.pallet_by_name(PALLET);
    let variant = pallet.and_then(|pallet| pallet.call_variant_by_name(call));
    let same = variant.is_some_and(|variant| {
        variant.fields.len() == shape.len()
            && variant
                .fields
                .iter()
                .zip(shape)
                .all(|(field, (name, kind))| {
                    field.name.as_deref() == Some(*name)
                        && argument(metadata.types(), field.ty.id) == Some(*kind)
                })
    });
    if same {
        Ok(())
    } else {
        Err(Refused::UnknownCall { spec, call })
    }
}

/// What kind of argument a type is.
fn argument(types: &PortableRegistry, id: u32) -> Option<Argument> {
    let ty = types.resolve(id)?;
    match &ty.type_def {
        TypeDef::Primitive(TypeDefPrimitive::U16) => Some(Argument::U16),
        TypeDef::Primitive(TypeDefPrimitive::U64) => Some(Argument::U64),
        TypeDef::Sequence(of) if is_u8(types, of.type_param.id) => Some(Argument::Bytes),
        TypeDef::Array(of) if of.len == 32 && is_u8(types, of.type_param.id) => {
            Some(Argument::Bytes32)
        }
        TypeDef::Composite(_) => match ty.path.ident().as_deref() {
            Some("AccountId32") => Some(Argument::Account),
            // A newtype is what it wraps: `NetUid(u16)`.
            _ => newtype(types, id).and_then(|inner| argument(types, inner)),
        },
        _ => None,
    }
}

fn newtype(types: &PortableRegistry, id: u32) -> Option<u32> {
    match &types.resolve(id)?.type_def {
        TypeDef::Composite(composite) => match composite.fields.as_slice() {
            [only] => Some(only.ty.id),
            _ => None,
        },
        _ => None,
    }
}

fn is_u8(types: &PortableRegistry, id: u32) -> bool {
    types
        .resolve(id)
        .is_some_and(|ty| matches!(ty.type_def, TypeDef::Primitive(TypeDefPrimitive::U8)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// finney before `pow_register`: the era that burns.
    fn burning() -> Metadata {
        let bytes = include_bytes!("../../../tests/vectors/subtensor-461/metadata_v15.scale");
        crate::chain::runtime::opaque(bytes).expect("metadata of spec 461")
    }

    #[test]
    fn the_burning_era_is_refused() {
        let metadata = burning();
        assert_eq!(
            registration("node-subtensor", 461, &metadata),
            Err(Refused::Burns { spec: 461 })
        );
        // The call that burns has the arguments of the one that took a proof: only the version tells
        // them apart.
        assert_eq!(expect(&metadata, 461, "register", REGISTER), Ok(()));
        assert_eq!(
            registration("node-subtensor", 280, &metadata),
            Err(Refused::UnknownVersion { spec: 280 })
        );
        let (spec, call) = (461, "faucet");
        assert_eq!(
            faucet("node-subtensor", 461, &metadata),
            Err(Refused::NoCall { spec, call })
        );
    }

    #[test]
    fn a_call_with_other_arguments_is_refused() {
        let (spec, call) = (461, "burned_register");
        assert_eq!(
            expect(&burning(), spec, call, POW_REGISTER),
            Err(Refused::UnknownCall { spec, call })
        );
    }

    #[test]
    fn other_chains_are_refused() {
        let name = "polkadot".to_owned();
        assert_eq!(
            registration("polkadot", 300, &burning()),
            Err(Refused::UnknownRuntime { name })
        );
    }

    #[test]
    fn the_eras() {
        for (spec, expected) in [
            (1, Ok(Order::Big)),
            (277, Ok(Order::Big)),
            (278, Err(Refused::UnknownVersion { spec: 278 })),
            (282, Err(Refused::UnknownVersion { spec: 282 })),
            (283, Ok(Order::Little)),
            (393, Ok(Order::Little)),
            (394, Err(Refused::UnknownVersion { spec: 394 })),
        ] {
            assert_eq!(order(spec), expected);
        }
    }
}
