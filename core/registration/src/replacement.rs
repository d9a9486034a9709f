//! Who would give way to a new key on a crowded subnet. A mirror of Subtensor's `get_neuron_to_prune`, as far as it says
//! whether anybody does.

/// A key on a crowded subnet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Occupant {
    /// Whether it belongs to the subnet's owner.
    pub of_owner: bool,
    /// Whether it has not been there for long enough to be replaced like others.
    pub immune: bool,
}

/// What a subnet keeps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reserve {
    /// How many keys of the owner are never replaced.
    pub of_owner: u16,
    /// How many keys that are neither immune nor of the owner must stay; above that, one of them gives way first.
    pub mature: u16,
}

/// Whether one of the keys gives way to a new one. Where the owner has more keys than are never replaced, versions of the
/// runtime differ in which those are: then each of them counts as one that may give way, so a "no" is certain.
pub fn is_replaceable(occupants: &[Occupant], reserve: Reserve) -> bool {
    let of_owner = occupants.iter().filter(|it| it.of_owner).count();
    let all_kept = of_owner <= usize::from(reserve.of_owner);
    let candidates = occupants.iter().filter(|it| !(it.of_owner && all_kept));
    let (mut immune, mut mature) = (0_usize, 0_usize);
    for candidate in candidates {
        *(if candidate.immune {
            &mut immune
        } else {
            &mut mature
        }) += 1;
    }
    immune > 0 || mature > usize::from(reserve.mature)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    const OWNERS: Occupant = Occupant {
        of_owner: true,
        immune: false,
    };
    const MATURE: Occupant = Occupant {
        of_owner: false,
        immune: false,
    };
    const IMMUNE: Occupant = Occupant {
        of_owner: false,
        immune: true,
    };

    fn replaceable(groups: &[(usize, Occupant)], of_owner: u16, mature: u16) -> bool {
        let mut occupants = Vec::new();
        for &(count, occupant) in groups {
            occupants.extend(core::iter::repeat_n(occupant, count));
        }
        is_replaceable(&occupants, Reserve { of_owner, mature })
    }

    #[test]
    fn who_gives_way() {
        for (groups, of_owner, mature, expected) in [
            // The chain's defaults: one key of the owner stays, and ten that are not immune.
            (&[(1, OWNERS), (255, MATURE)][..], 1, 10, true),
            (&[(1, OWNERS), (11, MATURE)], 1, 10, true),
            (&[(1, OWNERS), (10, MATURE)], 1, 10, false),
            // Below the floor an immune one gives way.
            (&[(1, OWNERS), (10, MATURE), (1, IMMUNE)], 1, 10, true),
            (&[(256, IMMUNE)], 1, 10, true),
            // The owner has every place.
            (&[(1, OWNERS)], 1, 0, false),
            (&[(3, OWNERS)], 3, 0, false),
            (&[], 1, 10, false),
            // Only one of them is kept, and nobody here knows which.
            (&[(2, OWNERS)], 1, 0, true),
            (&[(2, OWNERS)], 1, 10, false),
        ] {
            assert_eq!(
                replaceable(groups, of_owner, mature),
                expected,
                "{groups:?}"
            );
        }
    }
}
