//! Which chain to start.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use anyhow::{Error, bail};

/// The era of the real chain to imitate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variant {
    /// Spec 475: `pow_register`, and a `register` that burns TAO.
    #[default]
    V1,
    /// Spec 476, otherwise like [`Self::V1`], which can be upgraded to it.
    V1Next,
    /// Spec 277: `register` takes a legacy proof, read big-endian.
    LegacyBig,
    /// Spec 393: `register` takes a legacy proof, read little-endian.
    LegacyLittle,
    /// Spec 425: no proof of work; `register` burns TAO.
    Burning,
}

impl Variant {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::V1,
        Self::V1Next,
        Self::LegacyBig,
        Self::LegacyLittle,
        Self::Burning,
    ];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1Next => "v1-next",
            Self::LegacyBig => "legacy-big",
            Self::LegacyLittle => "legacy-little",
            Self::Burning => "burning",
        }
    }

    /// The answer of `state_getRuntimeVersion`.
    #[must_use]
    pub const fn spec_version(self) -> u32 {
        match self {
            Self::V1 => 475,
            Self::V1Next => 476,
            Self::LegacyBig => 277,
            Self::LegacyLittle => 393,
            Self::Burning => 425,
        }
    }

    /// The runtime's features: see `tests/devnet/runtime/src/version.rs`.
    pub(crate) const fn features(self) -> &'static str {
        match self {
            Self::V1 => "pow-register",
            Self::V1Next => "pow-register,next",
            Self::LegacyBig => "legacy-register,big-endian",
            Self::LegacyLittle => "legacy-register",
            Self::Burning => "",
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Variant {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match Self::ALL.into_iter().find(|variant| variant.name() == name) {
            Some(variant) => Ok(variant),
            None => bail!(
                "there is no variant {name}: choose one of {}",
                Self::ALL.map(Self::name).join(", ")
            ),
        }
    }
}

/// How to start a chain.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which runtime.
    pub variant: Variant,
    /// How often to make a block by timer; with `None`, only [`Devnet::new_block`](crate::Devnet::new_block) makes one. The
    /// chain's own clock advances by 12 seconds with each block in any case.
    pub block_time: Option<Duration>,
    /// The difficulty of subnet 1, which is also its minimum.
    pub difficulty: u64,
    /// The port on this machine; 0 for any free port.
    pub port: u16,
    /// Raw storage that replaces what the genesis has, or with `None` removes it.
    pub storage: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            variant: Variant::default(),
            block_time: None,
            difficulty: 10_000_000,
            port: 0,
            storage: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Variant;

    #[test]
    fn names_are_read_as_written() {
        for variant in Variant::ALL {
            assert_eq!(variant.to_string().parse::<Variant>().unwrap(), variant);
        }
        let error = "v2".parse::<Variant>().unwrap_err().to_string();
        assert!(
            error.contains("v2") && error.contains("legacy-big"),
            "{error}"
        );
    }
}
