//! Metadata as [`btpow_core::rules`] asks it, and its answers with the runtime's name.

use btpow_core::{
    Order, Protocol,
    rules::{self, Argument, PALLET},
};
use scale_info::{PortableRegistry, TypeDef, TypeDefPrimitive};
use subxt::metadata::Metadata;
use thiserror::Error;

use crate::text;

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

    /// A Subtensor, but not one that takes a proof for this.
    #[error(transparent)]
    Rule(rules::Refused),
}

/// Which proof registers a key.
pub(crate) fn registration(
    name: &str,
    spec: u32,
    metadata: &Metadata,
) -> Result<Protocol, Refused> {
    let described = Described {
        name,
        spec,
        metadata,
    };
    rules::registration(&described).map_err(|refused| named(refused, name))
}

/// How the faucet reads a seal.
pub(crate) fn faucet(name: &str, spec: u32, metadata: &Metadata) -> Result<Order, Refused> {
    let described = Described {
        name,
        spec,
        metadata,
    };
    rules::faucet(&described).map_err(|refused| named(refused, name))
}

fn named(refused: rules::Refused, name: &str) -> Refused {
    match refused {
        rules::Refused::UnknownRuntime => Refused::UnknownRuntime {
            name: text::line(name, text::NAME),
        },
        refused => Refused::Rule(refused),
    }
}

/// What a node tells of its runtime.
struct Described<'a> {
    name: &'a str,
    spec: u32,
    metadata: &'a Metadata,
}

impl rules::Runtime for Described<'_> {
    fn name(&self) -> &str {
        self.name
    }

    fn spec(&self) -> u32 {
        self.spec
    }

    fn arguments(&self, call: &str) -> Option<impl Iterator<Item = (&str, Argument)>> {
        let pallet = self.metadata.pallet_by_name(PALLET)?;
        let call = pallet.call_variant_by_name(call)?;
        Some(call.fields.iter().map(|field| {
            (
                field.name.as_deref().unwrap_or_default(),
                argument(self.metadata.types(), field.ty.id),
            )
        }))
    }
}

/// What kind of argument a type is.
fn argument(types: &PortableRegistry, id: u32) -> Argument {
    let Some(ty) = types.resolve(id) else {
        return Argument::Other;
    };
    match &ty.type_def {
        TypeDef::Primitive(TypeDefPrimitive::U16) => Argument::U16,
        TypeDef::Primitive(TypeDefPrimitive::U64) => Argument::U64,
        TypeDef::Sequence(of) if is_u8(types, of.type_param.id) => Argument::Bytes,
        TypeDef::Array(of) if of.len == 32 && is_u8(types, of.type_param.id) => Argument::Bytes32,
        TypeDef::Composite(_) if ty.path.ident().as_deref() == Some("AccountId32") => {
            Argument::Account
        }
        // A newtype is what it wraps: `NetUid(u16)`.
        TypeDef::Composite(composite) => match composite.fields.as_slice() {
            [only] => argument(types, only.ty.id),
            _ => Argument::Other,
        },
        _ => Argument::Other,
    }
}

fn is_u8(types: &PortableRegistry, id: u32) -> bool {
    types
        .resolve(id)
        .is_some_and(|ty| matches!(ty.type_def, TypeDef::Primitive(TypeDefPrimitive::U8)))
}

#[cfg(test)]
mod tests {
    use btpow_core::rules::Runtime as _;

    use super::*;

    /// finney before `pow_register`: the era that burns.
    fn burning() -> Metadata {
        let bytes = include_bytes!("../../../tests/vectors/subtensor-461/metadata_v15.scale");
        crate::chain::runtime::opaque(bytes).expect("metadata of spec 461")
    }

    #[test]
    fn the_burning_era_is_refused() {
        let metadata = burning();
        let spec = 461;
        assert_eq!(
            registration("node-subtensor", spec, &metadata),
            Err(Refused::Rule(rules::Refused::Burns { spec }))
        );
        let call = "faucet";
        assert_eq!(
            faucet("node-subtensor", spec, &metadata),
            Err(Refused::Rule(rules::Refused::NoCall { spec, call }))
        );
    }

    /// The call that burns has the arguments of the one that took a proof: only the version tells
    /// them apart.
    #[test]
    fn the_arguments_of_calls_are_read() {
        let metadata = burning();
        let described = Described {
            name: "node-subtensor",
            spec: 461,
            metadata: &metadata,
        };
        let arguments = |call| described.arguments(call).map(Iterator::collect::<Vec<_>>);
        let key = |name| (name, Argument::Account);
        let number = |name| (name, Argument::U64);
        let expected = [
            ("netuid", Argument::U16),
            number("block_number"),
            number("nonce"),
            ("work", Argument::Bytes),
            key("hotkey"),
            key("coldkey"),
        ];
        assert_eq!(arguments("register"), Some(expected.to_vec()));
        let expected = [("netuid", Argument::U16), key("hotkey")];
        assert_eq!(arguments("burned_register"), Some(expected.to_vec()));
        assert_eq!(arguments("pow_register"), None);
    }

    #[test]
    fn other_chains_are_named() {
        let name = "polkadot".to_owned();
        assert_eq!(
            registration("polkadot", 300, &burning()),
            Err(Refused::UnknownRuntime { name })
        );
    }
}
