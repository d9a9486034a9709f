//! What somebody wants from the chain, and what a block asks in return.

use btpow_core::{Challenge, Difficulty, Position, Protocol, PublicKey, Search};

use crate::{
    Account, Call, Head, Obstacle, Proof, Refusal, Runtime, Standing, State, Subject, Swap,
};

/// The faucet asks everybody for the same.
const FAUCET_DIFFICULTY: u64 = 1_000_000;

/// How many hotkeys a coldkey may own, or stake to, before `pow_register` gives it no new one.
const MOST_HOTKEYS: u32 = 256;

/// How the accounts of subnets begin; their number follows, and zeros.
const SUBNET_ACCOUNT: &[u8; 12] = b"modlsubtensr";

/// What somebody wants from the chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Goal {
    /// A key on a subnet.
    Register {
        /// The subnet, not 0.
        netuid: u16,
        /// The key that registers.
        hotkey: PublicKey,
        /// The key that is to own it.
        coldkey: PublicKey,
    },
    /// Test money.
    Faucet {
        /// The key that gets it.
        coldkey: PublicKey,
    },
}

impl Goal {
    /// Which proof a runtime takes for this goal.
    ///
    /// # Errors
    ///
    /// [`Refusal`] where it takes none.
    pub fn protocol(&self, runtime: &Runtime) -> Result<Protocol, Refusal> {
        match self {
            Self::Register { .. } => runtime.registration(),
            Self::Faucet { .. } => runtime.faucet().map(Protocol::Legacy),
        }
    }

    /// Who signs: the coldkey; for the legacy `register` the hotkey.
    pub const fn signer(&self, protocol: Protocol) -> PublicKey {
        match (self, protocol) {
            (Self::Register { hotkey, .. }, Protocol::Legacy(_)) => *hotkey,
            (Self::Register { coldkey, .. } | Self::Faucet { coldkey }, _) => *coldkey,
        }
    }

    /// What to read at every block.
    pub const fn subject(&self, protocol: Protocol) -> Subject {
        let signer = Some(self.signer(protocol));
        match *self {
            Self::Register { netuid, hotkey, .. } => Subject {
                netuid: Some(netuid),
                hotkey: Some(hotkey),
                signer,
            },
            Self::Faucet { .. } => Subject {
                netuid: None,
                hotkey: None,
                signer,
            },
        }
    }

    /// The difficulty that a block asks for.
    ///
    /// # Panics
    ///
    /// Never: the faucet's difficulty is not zero.
    pub fn difficulty(&self, state: &State) -> Difficulty {
        let faucet = || Difficulty::new(FAUCET_DIFFICULTY).expect("it is not zero");
        state.subnet.map_or_else(faucet, |subnet| subnet.difficulty)
    }

    /// Whether the chain would take a proof, by the state of a block: the one answer for every command, the session
    /// and the session on the page. What was not read does not count against it.
    pub fn standing(&self, protocol: Protocol, state: &State) -> Standing {
        let Self::Register {
            netuid,
            hotkey,
            coldkey,
        } = *self
        else {
            let obstacle = self.obstacle_of_signer(protocol, &state.account);
            return obstacle.map_or(Standing::Open, Standing::Denied);
        };
        let Some(subnet) = &state.subnet else {
            return Standing::Denied(Obstacle::NoSubnet { netuid });
        };
        let standing = Standing::of(netuid, coldkey, subnet, &state.hotkey);
        if standing != Standing::Open {
            return standing;
        }
        let is_new = state.hotkey.owner.is_none();
        let obstacle = if is_subnet_account(hotkey) {
            Some(Obstacle::SystemAccount)
        } else if protocol == Protocol::V1 && is_new && has_enough_hotkeys(&state.account) {
            Some(Obstacle::TooManyHotkeys { coldkey })
        } else {
            self.obstacle_of_signer(protocol, &state.account)
        };
        obstacle.map_or(Standing::Open, Standing::Denied)
    }

    fn obstacle_of_signer(&self, protocol: Protocol, account: &Account) -> Option<Obstacle> {
        let signer = self.signer(protocol);
        // A fee is no matter here: `pow_register` is free, and whether the old call is, the chain alone knows. Its pool tells.
        Some(match account.swap? {
            Swap::Announced => Obstacle::SwapAnnounced { signer },
            Swap::Disputed => Obstacle::SwapDisputed { signer },
        })
    }

    /// What to search for, from a position on.
    ///
    /// # Panics
    ///
    /// Never: a goal's subnet is not the root.
    pub fn search(
        &self,
        protocol: Protocol,
        head: Head,
        difficulty: Difficulty,
        start: Position,
    ) -> Search {
        Search {
            challenge: self.challenge(protocol, head.hash),
            difficulty,
            block_number: Some(head.number),
            start,
        }
    }

    /// What the block with this hash asks of the keys.
    ///
    /// # Panics
    ///
    /// Never: a goal's subnet is not the root, and the faucet's protocol is legacy.
    pub fn challenge(&self, protocol: Protocol, block_hash: [u8; 32]) -> Challenge {
        match (*self, protocol) {
            (
                Self::Register {
                    netuid,
                    hotkey,
                    coldkey,
                },
                Protocol::V1,
            ) => Challenge::v1(netuid, block_hash, hotkey.0, coldkey.0)
                .expect("a goal's subnet is not the root"),
            (Self::Register { hotkey: key, .. }, Protocol::Legacy(order))
            | (Self::Faucet { coldkey: key }, Protocol::Legacy(order)) => {
                Challenge::legacy(order, block_hash, key.0)
            }
            (Self::Faucet { .. }, Protocol::V1) => {
                unreachable!("the faucet's protocol is legacy, see `protocol`")
            }
        }
    }

    /// The call that carries a proof.
    pub const fn call(&self, protocol: Protocol, proof: Proof) -> Call {
        match (*self, protocol) {
            (Self::Register { netuid, hotkey, .. }, Protocol::V1) => Call::PowRegister {
                netuid,
                proof,
                hotkey,
            },
            (
                Self::Register {
                    netuid,
                    hotkey,
                    coldkey,
                },
                Protocol::Legacy(_),
            ) => Call::Register {
                netuid,
                proof,
                hotkey,
                coldkey,
            },
            (Self::Faucet { .. }, _) => Call::Faucet { proof },
        }
    }
}

/// Whether a key is the account of a subnet, which has no secret.
fn is_subnet_account(key: PublicKey) -> bool {
    let (begin, rest) = key.0.split_at(SUBNET_ACCOUNT.len());
    begin == SUBNET_ACCOUNT && rest[2..].iter().all(|&byte| byte == 0)
}

fn has_enough_hotkeys(account: &Account) -> bool {
    account
        .hotkeys
        .is_some_and(|hotkeys| hotkeys >= MOST_HOTKEYS)
}

#[cfg(test)]
mod tests {
    use btpow_core::Order;

    use super::*;
    use crate::{
        Hotkey, Subnet,
        standing::{Bounds, Count},
    };

    const KEY: PublicKey = PublicKey([1; 32]);
    const COLDKEY: PublicKey = PublicKey([2; 32]);
    const LEGACY: Protocol = Protocol::Legacy(Order::Little);

    fn standing(hotkey: PublicKey, protocol: Protocol, change: fn(&mut State)) -> Standing {
        let goal = Goal::Register {
            netuid: 7,
            hotkey,
            coldkey: COLDKEY,
        };
        let mut state = State {
            subnet: Some(Subnet {
                exists: true,
                pow_allowed: true,
                difficulty: Difficulty::new(1).expect("not zero"),
                bounds: Bounds { low: 1, high: 1 },
                registrations: Count { now: 0, most: 1 },
                uids: Count { now: 0, most: 1 },
                replaceable: None,
            }),
            hotkey: Hotkey::default(),
            account: Account {
                free: 1,
                ..Account::default()
            },
        };
        change(&mut state);
        goal.standing(protocol, &state)
    }

    #[test]
    fn what_is_not_known_does_not_count() {
        for protocol in [Protocol::V1, LEGACY] {
            assert_eq!(standing(KEY, protocol, |_| ()), Standing::Open);
        }
    }

    #[test]
    fn a_coldkey_under_a_swap_cannot_register() {
        let announced = standing(KEY, Protocol::V1, |state| {
            state.account.swap = Some(Swap::Announced);
        });
        let signer = COLDKEY;
        let expected = Obstacle::SwapAnnounced { signer };
        assert_eq!(announced, Standing::Denied(expected));
        let disputed = standing(KEY, Protocol::V1, |state| {
            state.account.swap = Some(Swap::Disputed);
        });
        let expected = Obstacle::SwapDisputed { signer };
        assert_eq!(disputed, Standing::Denied(expected));
    }

    #[test]
    fn a_coldkey_with_256_hotkeys_gets_no_new_one() {
        let at_most = |state: &mut State| state.account.hotkeys = Some(256);
        let expected = Obstacle::TooManyHotkeys { coldkey: COLDKEY };
        assert_eq!(
            standing(KEY, Protocol::V1, at_most),
            Standing::Denied(expected)
        );
        let below = standing(KEY, Protocol::V1, |state| state.account.hotkeys = Some(255));
        assert_eq!(below, Standing::Open);
        let not_new = standing(KEY, Protocol::V1, |state| {
            state.account.hotkeys = Some(1_000);
            state.hotkey.owner = Some(COLDKEY);
        });
        assert_eq!(not_new, Standing::Open);
        // The old runtimes had no such limit.
        assert_eq!(standing(KEY, LEGACY, at_most), Standing::Open);
    }

    /// Runtimes took the old call for nothing until late in their days.
    #[test]
    fn an_empty_account_may_register() {
        let poor = |state: &mut State| state.account.free = 0;
        for protocol in [Protocol::V1, LEGACY] {
            assert_eq!(standing(KEY, protocol, poor), Standing::Open);
        }
    }

    #[test]
    fn a_coldkey_under_a_swap_gets_nothing_from_the_faucet() {
        let goal = Goal::Faucet { coldkey: COLDKEY };
        let mut state = State {
            subnet: None,
            hotkey: Hotkey::default(),
            account: Account::default(),
        };
        assert_eq!(goal.standing(Protocol::V1, &state), Standing::Open);
        state.account.swap = Some(Swap::Announced);
        let expected = Obstacle::SwapAnnounced { signer: COLDKEY };
        let standing = goal.standing(Protocol::V1, &state);
        assert_eq!(standing, Standing::Denied(expected));
    }

    #[test]
    fn the_account_of_a_subnet_is_no_hotkey() {
        let mut account = [0; 32];
        account[..12].copy_from_slice(SUBNET_ACCOUNT);
        account[12..14].copy_from_slice(&300_u16.to_le_bytes());
        let expected = Standing::Denied(Obstacle::SystemAccount);
        assert_eq!(standing(PublicKey(account), Protocol::V1, |_| ()), expected);
        account[31] = 1;
        let open = standing(PublicKey(account), Protocol::V1, |_| ());
        assert_eq!(open, Standing::Open);
    }

    #[test]
    fn what_the_subnet_says_comes_first() {
        let closed = standing(KEY, LEGACY, |state| {
            state.account = Account::default();
            state.subnet.as_mut().expect("a subnet").pow_allowed = false;
        });
        assert_eq!(closed, Standing::Denied(Obstacle::PowOff { netuid: 7 }));
    }
}
