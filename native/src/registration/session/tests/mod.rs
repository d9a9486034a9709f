//! Every turn that a registration may take, one block at a time.

mod fair;
mod foul;
mod signatures;

use std::sync::LazyLock;

use btpow_core::{
    Challenge, Difficulty, Find, Generation, Order, Position, Protocol, PublicKey, Search, SlotId,
    Solution,
};
use btpow_forgery::Forgery;
use btpow_registration::{Hotkey, Identity, Runtime, Subnet};

use super::{Action, End, Limit, Session, Settings, Submission, Use, Wait};
use crate::chain::{
    Account, Head, State,
    refusal::{DispatchRefusal, PoolRefusal},
    submission::{Outcome, Progress},
};
use crate::registration::{denial::Denial, goal::Goal};

const HOTKEY: PublicKey = PublicKey([2; 32]);
const COLDKEY: PublicKey = PublicKey([3; 32]);
const GOAL: Goal = Goal::Register {
    netuid: 1,
    hotkey: HOTKEY,
    coldkey: COLDKEY,
};

/// A runtime of this spec version: with `pow_register` since 475, with a legacy one before 395.
fn runtime(spec_version: u32) -> Runtime {
    static METADATA: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
        let ([new, _], [old, _]) = (Forgery::of_475(), Forgery::of_393());
        [new, old].map(|metadata| metadata.encode())
    });
    let [new, old] = &*METADATA;
    let identity = Identity {
        name: "btpow-test",
        spec_version,
        transaction_version: 1,
        genesis: [0x45; 32],
    };
    Runtime::compare(identity, if spec_version < 475 { old } else { new })
}

/// A session and the chain that it sees.
struct Play {
    session: Session,
    state: State,
    head: Head,
    runtime: Runtime,
}

fn difficulty(seals: u64) -> Difficulty {
    Difficulty::new(seals).expect("not zero")
}

fn hash(number: u64, fork: u8) -> [u8; 32] {
    let mut hash = [fork; 32];
    hash[..8].copy_from_slice(&number.to_le_bytes());
    hash
}

impl Play {
    fn new(goal: Goal, protocol: Protocol, usage: Use) -> Self {
        let settings = Settings {
            usage,
            attempts: 2,
            signatures: 10,
            wait: Wait::Finality,
            start: Position(0),
        };
        let subnet = Subnet {
            exists: true,
            pow_allowed: true,
            difficulty: difficulty(1),
            bounds: (1, u64::MAX),
            registrations: (0, 1),
            uids: (0, 256),
        };
        Self {
            session: Session::new(goal, protocol, settings),
            state: State {
                subnet: matches!(goal, Goal::Register { .. }).then_some(subnet),
                hotkey: Hotkey::default(),
                account: Account::default(),
            },
            head: Head {
                number: 99,
                hash: hash(99, 0),
                parent: hash(98, 0),
            },
            runtime: runtime(475),
        }
    }

    fn v1() -> Self {
        Self::new(GOAL, Protocol::V1, Use::Send)
    }

    /// The next block of this fork.
    fn block(&mut self) -> Vec<Action> {
        let fork = self.head.hash[31];
        self.fork(self.head.number + 1, fork)
    }

    /// A block of any number and fork.
    fn fork(&mut self, number: u64, fork: u8) -> Vec<Action> {
        self.head = Head {
            number,
            hash: hash(number, fork),
            parent: hash(number - 1, fork),
        };
        self.session.block(self.head, self.state, &self.runtime)
    }

    fn subnet(&mut self) -> &mut Subnet {
        self.state.subnet.as_mut().expect("a subnet")
    }

    /// A find for the present block, of about this difficulty.
    fn find(&mut self, seals: u64) -> Vec<Action> {
        let find = find(self.head, seals);
        self.session.find(find)
    }

    fn progress(&mut self, progress: Progress) -> Vec<Action> {
        self.session.progress(self.session.sent(), progress)
    }

    fn included(&mut self, outcome: Outcome) -> Vec<Action> {
        let block = self.head.hash;
        self.progress(Progress::InBlock { block, outcome })
    }
}

fn find(head: Head, seals: u64) -> Find {
    let challenge = Challenge::v1(1, head.hash, HOTKEY.0, COLDKEY.0).expect("netuid 1");
    let target = difficulty(seals).target();
    let solution = (0..)
        .find_map(|nonce| Solution::verify(&challenge, &target, nonce).ok())
        .expect("there is one");
    Find {
        search: Search {
            challenge,
            difficulty: difficulty(seals),
            block_number: Some(head.number),
            start: Position(0),
        },
        generation: Generation(1),
        solution,
        slot: SlotId(0),
    }
}

fn sent(actions: &[Action]) -> Option<Submission> {
    actions.iter().find_map(|action| match action {
        Action::Send(submission) => Some(*submission),
        _ => None,
    })
}

fn end(actions: &[Action]) -> Option<End> {
    actions.iter().find_map(|action| match action {
        Action::End(end) => Some(end.clone()),
        _ => None,
    })
}

fn says(actions: &[Action], words: &str) -> bool {
    let mut actions = actions.iter();
    actions.any(|action| matches!(action, Action::Say(text) if text.contains(words)))
}

fn registered(uid: u16) -> Outcome {
    let hotkey = HOTKEY;
    Outcome::Registered { uid, hotkey }
}

fn failed(name: &str) -> Outcome {
    Outcome::Failed(DispatchRefusal {
        pallet: "SubtensorModule".to_owned(),
        name: name.to_owned(),
    })
}
