//! Which proof a runtime takes. Told by its metadata, never by habit: where this is in doubt,
//! nothing is sent, since a `register` of the wrong era burns TAO and ignores the proof.
//!
//! How metadata is read is the client's own affair; it answers by [`Runtime`].

use core::{error::Error, fmt};

use crate::{Order, Protocol};

/// The names under which Subtensor runtimes, and this project's test runtime, go.
const RUNTIMES: [&str; 2] = ["node-subtensor", "btpow-test"];

/// The last runtime whose legacy seal is read big-endian.
const LAST_BIG: u32 = 277;
/// The runtimes whose legacy seal is read little-endian.
const LITTLE: core::ops::RangeInclusive<u32> = 283..=393;
/// From here on `register` burns the signer's TAO and looks at no proof.
const FIRST_BURNING: u32 = 395;

/// The pallet that the calls are in.
pub const PALLET: &str = "SubtensorModule";

/// What kind of argument a call takes. A type that wraps another one, as `NetUid(u16)` does, is
/// what it wraps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Argument {
    /// `u16`.
    U16,
    /// `u64`.
    U64,
    /// `Vec<u8>`.
    Bytes,
    /// `[u8; 32]`.
    Bytes32,
    /// `AccountId32`.
    Account,
    /// Any other type.
    Other,
}

/// What a chain tells of its runtime, by its version and its metadata.
pub trait Runtime {
    /// What it calls itself, its `specName`.
    fn name(&self) -> &str;

    /// Its `specVersion`.
    fn spec(&self) -> u32;

    /// The arguments of a call of [`PALLET`], in their order; `None` where there is no such call.
    fn arguments(&self, call: &str) -> Option<impl Iterator<Item = (&str, Argument)>>;
}

/// What a call's arguments must be called, and be, for this crate to know what it does.
type Shape = &'static [(&'static str, Argument)];

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
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Refused {
    /// A runtime of another kind of chain.
    UnknownRuntime,

    /// The call of proofs is gone, and `register` takes money instead.
    Burns {
        /// The spec version.
        spec: u32,
    },

    /// Between two eras: nobody knows how such a runtime reads a seal.
    UnknownVersion {
        /// The spec version.
        spec: u32,
    },

    /// The call exists, but is not the one that this crate knows.
    UnknownCall {
        /// The spec version.
        spec: u32,
        /// The call.
        call: &'static str,
    },

    /// There is no call for this at all.
    NoCall {
        /// The spec version.
        spec: u32,
        /// The call.
        call: &'static str,
    },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::UnknownRuntime => f.write_str("its runtime is no Subtensor that btpow knows"),
            Self::Burns { spec } => write!(
                f,
                "runtime {spec} takes no proof of work: its register call ignores the proof and burns TAO of the signer"
            ),
            Self::UnknownVersion { spec } => {
                write!(f, "runtime {spec} is of no era whose seal btpow knows")
            }
            Self::UnknownCall { spec, call } => write!(
                f,
                "runtime {spec} has a {call} call with other arguments than btpow knows (is there a newer btpow?)"
            ),
            Self::NoCall { spec, call } => write!(f, "runtime {spec} has no {call} call"),
        }
    }
}

impl Error for Refused {}

/// Which proof registers a key.
///
/// # Errors
///
/// [`Refused`] where none does, or where that is not known for sure.
pub fn registration(runtime: &impl Runtime) -> Result<Protocol, Refused> {
    let spec = known(runtime)?;
    if has(runtime, "pow_register") {
        expect(runtime, "pow_register", POW_REGISTER)?;
        return Ok(Protocol::V1);
    }
    if !has(runtime, "register") {
        let call = "pow_register";
        return Err(Refused::NoCall { spec, call });
    }
    if spec >= FIRST_BURNING {
        return Err(Refused::Burns { spec });
    }
    let order = order(spec)?;
    expect(runtime, "register", REGISTER)?;
    Ok(Protocol::Legacy(order))
}

/// How the faucet reads a seal.
///
/// # Errors
///
/// [`Refused`] where there is no faucet, or where that is not known for sure.
pub fn faucet(runtime: &impl Runtime) -> Result<Order, Refused> {
    let spec = known(runtime)?;
    let call = "faucet";
    if !has(runtime, call) {
        return Err(Refused::NoCall { spec, call });
    }
    expect(runtime, call, FAUCET)?;
    // The faucet kept its proof when `register` lost it.
    if spec >= FIRST_BURNING {
        Ok(Order::Little)
    } else {
        order(spec)
    }
}

/// The version of a runtime that is a Subtensor.
fn known(runtime: &impl Runtime) -> Result<u32, Refused> {
    if RUNTIMES.contains(&runtime.name()) {
        Ok(runtime.spec())
    } else {
        Err(Refused::UnknownRuntime)
    }
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

fn has(runtime: &impl Runtime, call: &str) -> bool {
    runtime.arguments(call).is_some()
}

fn expect(runtime: &impl Runtime, call: &'static str, shape: Shape) -> Result<(), Refused> {
    let same = runtime
        .arguments(call)
        .is_some_and(|arguments| arguments.eq(shape.iter().copied()));
    let spec = runtime.spec();
    if same {
        Ok(())
    } else {
        Err(Refused::UnknownCall { spec, call })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A runtime with these calls.
    struct Fake {
        name: &'static str,
        spec: u32,
        calls: &'static [(&'static str, Shape)],
    }

    impl Runtime for Fake {
        fn name(&self) -> &str {
            self.name
        }

        fn spec(&self) -> u32 {
            self.spec
        }

        fn arguments(&self, call: &str) -> Option<impl Iterator<Item = (&str, Argument)>> {
            let found = self.calls.iter().find(|(name, _)| *name == call)?;
            Some(found.1.iter().copied())
        }
    }

    const fn subtensor(spec: u32, calls: &'static [(&'static str, Shape)]) -> Fake {
        let name = "node-subtensor";
        Fake { name, spec, calls }
    }

    const REGISTERS: &[(&str, Shape)] = &[("register", REGISTER)];

    #[test]
    fn a_runtime_with_pow_register_takes_v1() {
        let calls: &[_] = &[("register", REGISTER), ("pow_register", POW_REGISTER)];
        for spec in [300, 475, 1_000] {
            assert_eq!(registration(&subtensor(spec, calls)), Ok(Protocol::V1));
        }
    }

    #[test]
    fn without_it_the_version_decides() {
        for (spec, expected) in [
            (1, Ok(Order::Big)),
            (277, Ok(Order::Big)),
            (278, Err(Refused::UnknownVersion { spec: 278 })),
            (282, Err(Refused::UnknownVersion { spec: 282 })),
            (283, Ok(Order::Little)),
            (393, Ok(Order::Little)),
            (394, Err(Refused::UnknownVersion { spec: 394 })),
            (395, Err(Refused::Burns { spec: 395 })),
            (461, Err(Refused::Burns { spec: 461 })),
        ] {
            let expected = expected.map(Protocol::Legacy);
            assert_eq!(registration(&subtensor(spec, REGISTERS)), expected);
        }
    }

    #[test]
    fn a_call_with_other_arguments_is_refused() {
        const SHORTER: Shape = POW_REGISTER.split_at(4).0;
        const RENAMED: Shape = &[("netuid", Argument::U16), ("block", Argument::U64)];
        const LONGER: Shape = &[
            ("block_number", Argument::U64),
            ("nonce", Argument::U64),
            ("work", Argument::Bytes),
            ("tip", Argument::U64),
        ];
        let (spec, call) = (475, "pow_register");
        for shape in [&[("pow_register", SHORTER)], &[("pow_register", RENAMED)]] {
            let refused = Err(Refused::UnknownCall { spec, call });
            assert_eq!(registration(&subtensor(spec, shape)), refused);
        }
        let call = "faucet";
        let refused = Err(Refused::UnknownCall { spec, call });
        assert_eq!(faucet(&subtensor(spec, &[("faucet", LONGER)])), refused);
    }

    #[test]
    fn the_faucet_outlives_the_legacy_register() {
        let calls: &[_] = &[("faucet", FAUCET)];
        for (spec, expected) in [
            (277, Ok(Order::Big)),
            (280, Err(Refused::UnknownVersion { spec: 280 })),
            (393, Ok(Order::Little)),
            (475, Ok(Order::Little)),
        ] {
            assert_eq!(faucet(&subtensor(spec, calls)), expected);
        }
        let (spec, call) = (475, "faucet");
        let refused = Err(Refused::NoCall { spec, call });
        assert_eq!(faucet(&subtensor(spec, REGISTERS)), refused);
    }

    #[test]
    fn chains_without_the_calls_are_refused() {
        let (spec, call) = (475, "pow_register");
        let refused = Err(Refused::NoCall { spec, call });
        assert_eq!(registration(&subtensor(spec, &[])), refused);
        let calls: &[_] = &[("pow_register", POW_REGISTER)];
        let name = "polkadot";
        let other = Fake { name, spec, calls };
        assert_eq!(registration(&other), Err(Refused::UnknownRuntime));
        assert_eq!(faucet(&other), Err(Refused::UnknownRuntime));
    }
}
