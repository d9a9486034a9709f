//! Which proof a runtime takes. Its metadata says so, never habit: in doubt nothing is sent, because a
//! `register` of the wrong era burns TAO and ignores the proof.

use btpow_core::{Order, Protocol};

use crate::{
    call::{ArgumentKind, CallKind, PALLET_NUMBER},
    metadata::{Metadata, Shape, Variant},
    network::Network,
    refusal::{Difference, Name, Refusal},
};

/// The names of Subtensor runtimes and of this project's test runtime.
const RUNTIMES: [&str; 2] = ["node-subtensor", "btpow-test"];

/// The last runtime whose legacy seal is read big-endian.
const LAST_BIG: u32 = 277;
/// The runtimes whose legacy seal is read little-endian.
const LITTLE: core::ops::RangeInclusive<u32> = 283..=393;
/// From here on `register` burns the signer's TAO and ignores the proof.
const FIRST_BURNING: u32 = 395;

/// A runtime as its endpoint describes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Described<'a> {
    pub(crate) name: &'a str,
    pub(crate) spec: u32,
    pub(crate) genesis: [u8; 32],
    pub(crate) metadata: &'a Metadata<'a>,
}

impl<'a> Described<'a> {
    /// Which proof registers a key.
    pub(crate) fn registration(&self) -> Result<Protocol, Refusal> {
        let Self { spec, .. } = *self;
        self.check_name()?;
        if let Some(told) = self.call(CallKind::PowRegister)? {
            self.compare(CallKind::PowRegister, told)?;
            return Ok(Protocol::V1);
        }
        let Some(told) = self.call(CallKind::Register)? else {
            let call = CallKind::PowRegister;
            return Err(Refusal::NoCall { spec, call });
        };
        if spec >= FIRST_BURNING {
            return Err(Refusal::Burns { spec });
        }
        self.check_network(CallKind::Register)?;
        let order = order(spec)?;
        self.compare(CallKind::Register, told)?;
        Ok(Protocol::Legacy(order))
    }

    /// How the faucet reads a seal.
    pub(crate) fn faucet(&self) -> Result<Order, Refusal> {
        let Self { spec, .. } = *self;
        let call = CallKind::Faucet;
        self.check_name()?;
        let Some(told) = self.call(call)? else {
            return Err(Refusal::NoCall { spec, call });
        };
        self.check_network(call)?;
        self.compare(call, told)?;
        // The faucet kept its proof when `register` lost it.
        if spec >= FIRST_BURNING {
            Ok(Order::Little)
        } else {
            order(spec)
        }
    }

    /// Makes sure that it is a Subtensor.
    fn check_name(&self) -> Result<(), Refusal> {
        if RUNTIMES.contains(&self.name) {
            Ok(())
        } else {
            let name = Name::new(self.name);
            Err(Refusal::UnknownRuntime { name })
        }
    }

    /// Makes sure that it is not a public network, where this call is never signed.
    fn check_network(&self, call: CallKind) -> Result<(), Refusal> {
        match Network::of_genesis(self.genesis) {
            Some(network) => Err(Refusal::NotOn { network, call }),
            None => Ok(()),
        }
    }

    /// The call as the metadata describes it, if there is one.
    fn call(&self, call: CallKind) -> Result<Option<Variant<'a>>, Refusal> {
        let calls = self.metadata.pallet().and_then(|pallet| pallet.calls);
        let Some(calls) = calls else {
            return Ok(None);
        };
        let mut named = self.metadata.types().variants_named(calls, call.name());
        let first = named.next();
        match named.next() {
            None => Ok(first),
            Some(_) => Err(self.differs(Difference::RepeatedCall { call })),
        }
    }

    /// Compares pallet and call with those that are compiled in.
    fn compare(&self, call: CallKind, told: Variant<'_>) -> Result<(), Refusal> {
        self.difference(call, told)
            .map_or(Ok(()), |difference| Err(self.differs(difference)))
    }

    fn difference(&self, call: CallKind, told: Variant<'_>) -> Option<Difference> {
        let found = self.metadata.pallet()?.number;
        if found != PALLET_NUMBER {
            return Some(Difference::PalletNumber { found });
        }
        let found = told.number;
        if found != call.number() {
            return Some(Difference::CallNumber { call, found });
        }
        let (found, arguments) = (told.fields.count(), call.arguments());
        if found != arguments.len() {
            return Some(Difference::ArgumentCount { call, found });
        }
        for (field, &(expected, kind)) in told.fields.zip(arguments) {
            let found = field.name.unwrap_or_default();
            if found != expected {
                let found = Name::new(found);
                return Some(Difference::ArgumentName {
                    call,
                    expected,
                    found,
                });
            }
            if !self.metadata.types().is(field.ty, shape(kind)) {
                return Some(Difference::ArgumentType {
                    call,
                    argument: expected,
                    expected: kind,
                });
            }
        }
        None
    }

    pub(crate) const fn differs(&self, difference: Difference) -> Refusal {
        let spec = self.spec;
        Refusal::Differs { spec, difference }
    }
}

const fn shape(kind: ArgumentKind) -> Shape {
    match kind {
        ArgumentKind::U16 => Shape::U16,
        ArgumentKind::U64 => Shape::U64,
        ArgumentKind::Bytes => Shape::Bytes,
        ArgumentKind::Bytes32 => Shape::Bytes32,
        ArgumentKind::Account => Shape::Account,
    }
}

fn order(spec: u32) -> Result<Order, Refusal> {
    if spec <= LAST_BIG {
        Ok(Order::Big)
    } else if LITTLE.contains(&spec) {
        Ok(Order::Little)
    } else {
        Err(Refusal::UnknownVersion { spec })
    }
}
