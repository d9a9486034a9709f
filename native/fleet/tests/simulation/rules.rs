//! What differs from schedule to schedule: what is to be registered and by whom, and how hard it is made.

use btpow_core::{Protocol, PublicKey};
use btpow_fleet::{Asked, Task};
use btpow_registration::{Call, Goal, Proof, session::Wait};

use crate::rng::Rng;

/// How many coordinators there may be at once, honest rigs, and rigs that lie.
pub(crate) const COORDINATORS: usize = 2;
pub(crate) const RIGS: usize = 3;
pub(crate) const LIARS: usize = 2;

/// How many goals there may be, and accounts that sign.
pub(crate) const GOALS: usize = 2;
pub(crate) const ACCOUNTS: usize = 2;

/// A goal, and the number of the account that signs for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want {
    pub(crate) goal: Goal,
    pub(crate) account: usize,
}

/// The rules of a schedule.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    wants: Vec<Want>,
    /// What each coordinator wants, by the numbers of the goals.
    pub(crate) of: [Vec<usize>; COORDINATORS],
    /// The most rigs that a coordinator takes.
    pub(crate) most_rigs: usize,
    pub(crate) wait: Wait,
    /// Whether endpoints say what is not so of the difficulty.
    pub(crate) deceives: bool,
}

impl Want {
    fn new(number: usize, account: usize) -> Self {
        let key = |first: u8, number: usize| PublicKey([first + u8::from(number > 0); 32]);
        Self {
            goal: Goal::Register {
                netuid: if number == 0 { 1 } else { 2 },
                hotkey: key(20, number),
                coldkey: key(30, account),
            },
            account,
        }
    }

    pub(crate) const fn asked(&self) -> Asked {
        let Goal::Register {
            netuid,
            hotkey,
            coldkey,
        } = self.goal
        else {
            unreachable!()
        };
        Asked::V1 {
            netuid,
            hotkey,
            coldkey,
        }
    }

    pub(crate) fn call(&self, proof: Proof) -> Call {
        self.goal.call(Protocol::V1, proof)
    }
}

impl Rules {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let (account, of) = match rng.between(0, 19) {
            // One goal, of two coordinators.
            0..=9 => (None, [vec![0], vec![0]]),
            // Two goals of one account, or of two.
            10..=13 => (Some(0), [vec![0, 1], vec![0, 1]]),
            14..=15 => (Some(1), [vec![0, 1], vec![0, 1]]),
            // They share one of the accounts.
            16..=17 => (Some(1), [vec![0, 1], vec![0]]),
            // Two people who share a fleet.
            _ => (Some(1), [vec![0], vec![1]]),
        };
        let second = account.map(|account| Want::new(1, account));
        Self {
            wants: [Want::new(0, 0)].into_iter().chain(second).collect(),
            of,
            most_rigs: [100, 100, 100, 3, 2][rng.below(5)],
            wait: [Wait::Inclusion, Wait::Finality][rng.below(2)],
            deceives: rng.chance(30),
        }
    }

    pub(crate) fn want(&self, number: usize) -> &Want {
        &self.wants[number]
    }

    /// Which goal a task is for.
    pub(crate) fn want_of(&self, task: &Task) -> usize {
        let mut wants = self.wants.iter();
        let number = wants.position(|want| want.asked() == task.asked());
        number.expect("what somebody wants")
    }
}
