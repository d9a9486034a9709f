//! What can happen to a registration, one block at a time: by a program that signs itself, and, in
//! `scenarios`, by a person who signs in a page.

mod accounts;
mod patience;
mod refusals;
mod scenarios;
mod signatures;
mod timely;
mod trouble;

use alloc::{borrow::ToOwned as _, vec, vec::Vec};
use std::sync::LazyLock;

use btpow_core::{Difficulty, Order, Position, Protocol, PublicKey, Solution};
use btpow_forgery::Forgery;

use super::{
    Action, Attempts, End, Event, Limit, Patience, Pause, Phase, Policy, Session, Setback,
    Settings, Submission, Wait,
};
use crate::{
    Account, Denial, DispatchRefusal, Goal, Gone, Head, Hotkey, Identity, Obstacle, Outcome, Place,
    PoolRefusal, Progress, Runtime, State, Subnet, Work,
    standing::{Bounds, Count},
};

const HOTKEY: PublicKey = PublicKey([2; 32]);
const COLDKEY: PublicKey = PublicKey([3; 32]);
const GOAL: Goal = Goal::Register {
    netuid: 1,
    hotkey: HOTKEY,
    coldkey: COLDKEY,
};

const SEND: Policy = Policy::Send {
    attempts: 2,
    signatures: 10,
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
    fn new(goal: Goal, protocol: Protocol, policy: Policy) -> Self {
        let settings = Settings {
            policy,
            wait: Wait::Finality,
            patience: Patience::default(),
            start: Position(0),
        };
        let subnet = Subnet {
            exists: true,
            pow_allowed: true,
            difficulty: difficulty(1),
            bounds: Bounds {
                low: 1,
                high: u64::MAX,
            },
            registrations: Count { now: 0, most: 1 },
            uids: Count { now: 0, most: 256 },
            replaceable: None,
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
        Self::new(GOAL, Protocol::V1, SEND)
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

    /// Whether blocks from now on have all the registrations that they may have.
    fn full(&mut self, full: bool) {
        self.subnet().registrations.now = u16::from(full);
    }

    /// From now on the key is registered, and belongs to this coldkey.
    fn owned(&mut self, uid: u16, owner: PublicKey) {
        self.state.hotkey.uid = Some(uid);
        self.state.hotkey.owner = Some(owner);
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
        let place = place(self.head);
        self.progress(Progress::InBlock { place, outcome })
    }
}

/// The first proof for a block, of about this difficulty.
fn find(head: Head, seals: u64) -> Work {
    let challenge = GOAL.challenge(Protocol::V1, head.hash);
    let target = difficulty(seals).target();
    let solution = (0..)
        .find_map(|nonce| Solution::verify(&challenge, &target, nonce).ok())
        .expect("there is one");
    Work::new(head.number, head.hash, difficulty(seals), solution)
}

const fn place(head: Head) -> Place {
    Place {
        hash: head.hash,
        number: Some(head.number),
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

fn told(actions: &[Action]) -> Vec<Event> {
    let events = actions.iter().filter_map(|action| match action {
        Action::Tell(event) => Some(event.clone()),
        _ => None,
    });
    events.collect()
}

fn tells(actions: &[Action], is: impl Fn(&Event) -> bool) -> bool {
    told(actions).iter().any(is)
}

/// Whether it is said that something came to nothing, for this reason.
fn fails(actions: &[Action], expected: &Setback) -> bool {
    tells(
        actions,
        |event| matches!(event, Event::Failed { setback, .. } if setback == expected),
    )
}

fn lost() -> Progress {
    Progress::Lost("cut".to_owned())
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
