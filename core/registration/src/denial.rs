//! Why a registration is over without success.

use btpow_core::Protocol;

use crate::{DispatchRefusal, Obstacle, Refusal};

/// Why the chain takes no proof for a goal, now or ever.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Denial {
    /// The runtime takes none.
    Runtime(Refusal),
    /// The runtime was upgraded and takes another kind of proof now.
    Upgraded {
        /// What it takes.
        protocol: Protocol,
    },
    /// The subnet takes none for this key.
    Standing(Obstacle),
    /// The call failed for a reason that no other proof would change.
    Chain(DispatchRefusal),
}

impl Denial {
    /// Its name for programs: `pow_off`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Runtime(_) => "runtime",
            Self::Standing(obstacle) => obstacle.name(),
            Self::Upgraded { .. } | Self::Chain(_) => "chain",
        }
    }
}

impl From<Refusal> for Denial {
    fn from(refusal: Refusal) -> Self {
        Self::Runtime(refusal)
    }
}

impl From<Obstacle> for Denial {
    fn from(obstacle: Obstacle) -> Self {
        Self::Standing(obstacle)
    }
}
