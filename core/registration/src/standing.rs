//! Whether a subnet would take a proof at all.

use btpow_core::{Difficulty, PublicKey};

use crate::Obstacle;

/// A subnet at one block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Subnet {
    /// Whether there is such a subnet.
    pub exists: bool,
    /// Whether it takes proofs of work.
    pub pow_allowed: bool,
    /// The difficulty that it asks for now, within its bounds.
    pub difficulty: Difficulty,
    /// The bounds of the difficulty.
    pub bounds: Bounds,
    /// Registrations of every kind in this block.
    pub registrations: Count,
    /// Registered keys.
    pub uids: Count,
    /// Whether one of them would give way to a new one, where none fits beside them; none where that was not
    /// read.
    pub replaceable: Option<bool>,
}

/// The bounds of a subnet's difficulty.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// The lowest.
    pub low: u64,
    /// The highest.
    pub high: u64,
}

/// How many there are of something, and how many there may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Count {
    /// How many there are.
    pub now: u16,
    /// How many there may be.
    pub most: u16,
}

/// A hotkey at one block.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Hotkey {
    /// Its number on the subnet, when it is registered.
    pub uid: Option<u16>,
    /// The coldkey that owns it, when one does.
    pub owner: Option<PublicKey>,
    /// The block of the last proof that registered it, anywhere.
    pub last_work: Option<u64>,
}

/// Whether a registration is possible, before any proof is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// A proof would be taken.
    Open,
    /// The right coldkey has registered the key already.
    Registered {
        /// Its number on the subnet.
        uid: u16,
    },
    /// No proof would be taken.
    Denied(Obstacle),
}

/// The difficulty that the chain applies to a subnet: its own, kept between its bounds. Each of them may
/// be unset on the chain (`None`).
///
/// The lower bound is at least 1 and wins over an upper bound below it. Source: PyPI `bittensor`
/// 11.3.0 `effective_difficulty`, "Match chain bounds". An unset upper bound does not bind, so nothing is
/// ever mined for less than the chain might ask.
///
/// # Panics
///
/// Never: the lower bound is not zero.
pub fn effective_difficulty(
    difficulty: Option<u64>,
    minimum: Option<u64>,
    maximum: Option<u64>,
) -> Difficulty {
    let low = minimum.unwrap_or(0).max(1);
    let high = maximum.unwrap_or(u64::MAX).max(low);
    let asked = difficulty.unwrap_or(1).clamp(low, high);
    Difficulty::new(asked).expect("the lower bound is not zero")
}

impl Count {
    fn at_least_one(self) -> Self {
        Self {
            most: self.most.max(1),
            ..self
        }
    }
}

impl Subnet {
    /// Whether the pool refuses every proof until the next block: it sees the counter of this one,
    /// which is reset only when the next block begins.
    pub const fn is_full(&self) -> bool {
        self.registrations.now >= self.registrations.most
    }

    /// Whether a new key needs the place of another.
    pub const fn is_crowded(&self) -> bool {
        self.uids.now >= self.uids.most
    }

    /// The subnet once it is [open](Obstacle::may_open).
    pub(crate) fn opened(self) -> Self {
        Self {
            exists: true,
            pow_allowed: true,
            registrations: self.registrations.at_least_one(),
            uids: self.uids.at_least_one(),
            ..self
        }
    }

    /// What keeps every key from registering on this subnet, whose number is `netuid`.
    pub fn obstacle(&self, netuid: u16) -> Option<Obstacle> {
        if !self.exists {
            Some(Obstacle::NoSubnet { netuid })
        } else if !self.pow_allowed {
            Some(Obstacle::PowOff { netuid })
        } else if self.uids.most == 0 {
            Some(Obstacle::NoPlaces { netuid })
        } else if self.registrations.most == 0 {
            Some(Obstacle::NoRegistrations { netuid })
        } else if self.is_crowded() && self.replaceable == Some(false) {
            Some(Obstacle::Full { netuid })
        } else {
            None
        }
    }
}

impl Standing {
    /// Asks what a block says of the subnet `netuid` and of a hotkey that `coldkey` is to own.
    /// [`Goal::standing`](crate::Goal::standing) also asks about the keys themselves and the signer's account.
    pub fn of(netuid: u16, coldkey: PublicKey, subnet: &Subnet, hotkey: &Hotkey) -> Self {
        let other = hotkey.owner.filter(|owner| *owner != coldkey);
        match (hotkey.uid.filter(|_| subnet.exists), other) {
            (Some(uid), None) => return Self::Registered { uid },
            (Some(uid), Some(owner)) => {
                return Self::Denied(Obstacle::RegisteredByOther { netuid, uid, owner });
            }
            (None, _) => {}
        }
        let owned = other.map(|owner| Obstacle::OwnedByOther { owner });
        let obstacle = subnet.obstacle(netuid).or(owned);
        obstacle.map_or(Self::Open, Self::Denied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NETUID: u16 = 7;
    const OURS: PublicKey = PublicKey([1; 32]);
    const THEIRS: PublicKey = PublicKey([2; 32]);

    const fn count(now: u16, most: u16) -> Count {
        Count { now, most }
    }

    fn open() -> Subnet {
        Subnet {
            exists: true,
            pow_allowed: true,
            difficulty: Difficulty::new(1_000).expect("not zero"),
            bounds: Bounds {
                low: 1,
                high: u64::MAX,
            },
            registrations: count(0, 1),
            uids: count(3, 256),
            replaceable: None,
        }
    }

    fn standing(change: impl FnOnce(&mut Subnet, &mut Hotkey)) -> Standing {
        let (mut subnet, mut hotkey) = (open(), Hotkey::default());
        change(&mut subnet, &mut hotkey);
        Standing::of(NETUID, OURS, &subnet, &hotkey)
    }

    #[test]
    fn a_new_key_and_one_of_ours_may_come() {
        assert_eq!(standing(|_, _| ()), Standing::Open);
        assert_eq!(
            standing(|_, hotkey| hotkey.owner = Some(OURS)),
            Standing::Open
        );
        // A full block and a full subnet pass.
        assert_eq!(
            standing(|subnet, _| subnet.registrations = count(1, 1)),
            Standing::Open
        );
        for replaceable in [None, Some(true)] {
            let full = standing(|subnet, _| {
                subnet.uids = count(256, 256);
                subnet.replaceable = replaceable;
            });
            assert_eq!(full, Standing::Open);
        }
    }

    #[test]
    fn what_is_registered_is_done_whatever_the_subnet_says() {
        let of = |owner| {
            standing(|subnet, hotkey| {
                subnet.pow_allowed = false;
                (hotkey.uid, hotkey.owner) = (Some(5), owner);
            })
        };
        assert_eq!(of(Some(OURS)), Standing::Registered { uid: 5 });
        assert_eq!(of(None), Standing::Registered { uid: 5 });
        let (netuid, uid, owner) = (NETUID, 5, THEIRS);
        let obstacle = Obstacle::RegisteredByOther { netuid, uid, owner };
        assert_eq!(of(Some(THEIRS)), Standing::Denied(obstacle));
    }

    #[test]
    fn the_first_of_several_reasons_is_told() {
        let netuid = NETUID;
        let all = |subnet: &mut Subnet, hotkey: &mut Hotkey| {
            subnet.exists = false;
            subnet.pow_allowed = false;
            subnet.uids.most = 0;
            subnet.registrations.most = 0;
            subnet.replaceable = Some(false);
            hotkey.owner = Some(THEIRS);
        };
        let mended: [fn(&mut Subnet); 5] = [
            |subnet| subnet.exists = true,
            |subnet| subnet.pow_allowed = true,
            |subnet| subnet.uids.most = 1,
            |subnet| subnet.registrations.most = 1,
            |subnet| subnet.replaceable = Some(true),
        ];
        let expected = [
            Obstacle::NoSubnet { netuid },
            Obstacle::PowOff { netuid },
            Obstacle::NoPlaces { netuid },
            Obstacle::NoRegistrations { netuid },
            Obstacle::Full { netuid },
            Obstacle::OwnedByOther { owner: THEIRS },
        ];
        for (count, obstacle) in expected.into_iter().enumerate() {
            let told = standing(|subnet, hotkey| {
                all(subnet, hotkey);
                mended[..count].iter().for_each(|mend| mend(subnet));
            });
            assert_eq!(told, Standing::Denied(obstacle));
        }
    }

    #[test]
    fn a_block_is_full_when_its_registrations_are_used_up() {
        let mut subnet = open();
        assert!(!subnet.is_full());
        subnet.registrations = count(1, 1);
        assert!(subnet.is_full());
    }
}
