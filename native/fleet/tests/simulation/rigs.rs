//! Rigs: honest ones, and those that lie.

use btpow_core::{Difficulty, Position, Protocol, Search, Solution};
use btpow_fleet::{
    Id, Range, RigName, Task, Worker,
    message::{Announcement, Beat, Device, Find, FromRig, LONGEST, Lost, Order, Text, read, write},
    worker::{Action, Settings},
};
use serde_json::Value;

use crate::rng::{Clock, Rng};

/// A rig as it should be: the real worker, and one device.
#[derive(Debug)]
pub(crate) struct Honest {
    pub(crate) name: RigName,
    pub(crate) clock: Clock,
    pub(crate) worker: Worker,
    search: Option<Search>,
    next: Position,
    /// Which of its lives.
    pub(crate) life: u64,
}

impl Honest {
    pub(crate) fn new(name: RigName, life: u64, real: u64, rng: &mut Rng) -> Self {
        let clock = Clock::new(rng);
        let settings = Settings {
            session: Id(rng.next()),
            program: Text::new("simulation"),
        };
        Self {
            worker: Worker::new(settings, clock.shows(real)),
            name,
            clock,
            search: None,
            next: Position(0),
            life,
        }
    }

    /// What it sends when it is told something.
    pub(crate) fn tell(
        &mut self,
        real: u64,
        tell: impl FnOnce(&mut Worker, u64) -> Vec<Action>,
    ) -> Vec<Vec<u8>> {
        self.worker.at(self.next);
        let actions = tell(&mut self.worker, self.clock.shows(real));
        let mut sent = Vec::new();
        for action in actions {
            match action {
                Action::Send(bytes) => {
                    assert!(bytes.len() <= LONGEST);
                    sent.push(bytes);
                }
                Action::Search(search) => {
                    let range = self.worker.range().expect("it hashes in a range");
                    assert!(range.contains(search.start), "somebody else's positions");
                    self.search = Some(search);
                    self.next = search.start;
                }
                Action::Pause(_) => self.search = None,
                Action::Tell(_) => {}
            }
        }
        sent
    }

    /// Its device finds the next solution, if it hashes.
    pub(crate) fn find(&mut self) -> Option<(Task, Solution)> {
        let search = self.search?;
        let task = *self.worker.task().expect("what it hashes");
        assert_eq!(task.challenge(), search.challenge);
        let target = search.difficulty.target();
        loop {
            let nonce = self.next.nonce(Protocol::V1);
            self.next = self.next.after(1);
            if let Ok(solution) = Solution::verify(&search.challenge, &target, nonce) {
                return Some((task, solution));
            }
        }
    }
}

/// A rig that does what it should not. The server lets it send under its own name only.
#[derive(Debug)]
pub(crate) struct Liar {
    pub(crate) name: RigName,
    /// What it has heard, newest last.
    tasks: Vec<Task>,
    /// What others have sent: somebody may have told it.
    pub(crate) overheard: Vec<Vec<u8>>,
}

impl Liar {
    pub(crate) const fn new(name: RigName) -> Self {
        Self {
            name,
            tasks: Vec::new(),
            overheard: Vec::new(),
        }
    }

    pub(crate) fn hear(&mut self, bytes: &[u8]) {
        if let Ok(Announcement {
            order: Order::Search { task, .. },
            ..
        }) = read(bytes)
            && !self.tasks.iter().any(|known| known.is_same(&task))
        {
            self.tasks.push(task);
        }
    }

    /// What it does next.
    pub(crate) fn act(&mut self, rng: &mut Rng) -> Vec<Vec<u8>> {
        let Some(&task) = self.tasks.last() else {
            return vec![self.garbage(rng)];
        };
        match rng.between(0, 9) {
            0..=2 => vec![self.lie(task, rng)],
            3 => vec![self.invent(task, rng)],
            4 => vec![self.replay(rng)],
            5 => vec![self.garbage(rng)],
            6 => vec![Self::claim(Id(rng.next()), rng)],
            7 => vec![Self::forge(task, rng)],
            8 => Self::churn(rng),
            _ => {
                let old = self.tasks[rng.below(self.tasks.len())];
                (0..90).map(|_| self.lie(old, rng)).collect()
            }
        }
    }

    /// Lies about what it heard last.
    pub(crate) fn persist(&mut self, rng: &mut Rng) -> Vec<Vec<u8>> {
        let last = self.tasks.last().copied();
        last.map(|task| self.lie(task, rng)).into_iter().collect()
    }

    /// A nonce that does not win.
    fn lie(&mut self, task: Task, rng: &mut Rng) -> Vec<u8> {
        let (challenge, target) = (task.challenge(), task.difficulty().target());
        let mut nonce = rng.next();
        while Solution::verify(&challenge, &target, nonce).is_ok() {
            nonce = rng.next();
        }
        find(task, nonce, rng)
    }

    /// A solution for a block that never was.
    fn invent(&self, task: Task, rng: &mut Rng) -> Vec<u8> {
        let (number, _) = task.block();
        let mut hash = [7; 32];
        hash[..8].copy_from_slice(&rng.next().to_le_bytes());
        let block = (number.saturating_add(rng.between(0, 3)), hash);
        let task = Task::new(task.asked(), block, task.difficulty()).expect("not the root");
        let (challenge, target) = (task.challenge(), task.difficulty().target());
        let nonce = (0..).find(|&nonce| Solution::verify(&challenge, &target, nonce).is_ok());
        find(task, nonce.expect("there is one"), rng)
    }

    /// Any nonce for another difficulty, and with another end.
    fn forge(task: Task, rng: &mut Rng) -> Vec<u8> {
        let difficulty = Difficulty::new(rng.between(1, 100)).expect("not zero");
        let task = Task::new(task.asked(), task.block(), difficulty).expect("not the root");
        let bytes = find(task, rng.next(), rng);
        let mut value: Value = serde_json::from_slice(&bytes).expect("JSON");
        value["task"]["until"] = [0, u64::MAX][rng.below(2)].into();
        serde_json::to_vec(&value).expect("JSON")
    }

    /// It comes and goes.
    fn churn(rng: &mut Rng) -> Vec<Vec<u8>> {
        let session = Id(rng.next());
        let bye = write(&FromRig::Bye { session });
        let turns = (0..9).flat_map(|_| [Self::claim(session, rng), bye.clone()]);
        turns.collect()
    }

    /// What somebody has sent before.
    fn replay(&mut self, rng: &mut Rng) -> Vec<u8> {
        if self.overheard.is_empty() {
            return self.garbage(rng);
        }
        self.overheard[rng.below(self.overheard.len())].clone()
    }

    fn garbage(&self, rng: &mut Rng) -> Vec<u8> {
        let len = if rng.chance(10) {
            LONGEST as u64 + 1
        } else {
            rng.between(0, 90)
        };
        let mut bytes: Vec<u8> = (0..len).map(|_| rng.byte()).collect();
        if let Some(damaged) = self.overheard.last().filter(|_| rng.chance(60)) {
            bytes.clone_from(damaged);
            let place = rng.below(bytes.len());
            bytes[place] ^= 1 << rng.between(0, 7);
        }
        bytes
    }

    /// That it is there, in somebody's range, at an absurd rate.
    fn claim(session: Id, rng: &mut Rng) -> Vec<u8> {
        write(&FromRig::Beat(Beat {
            session,
            program: Text::new("\u{1b}[2J"),
            range: Range::try_from(u16::from(rng.byte() % 9 + 1)).ok(),
            block: Some(u64::MAX),
            lost: Lost::default(),
            devices: vec![Device {
                name: Text::new("all of them"),
                rate: [1e18, f64::MAX][rng.below(2)],
                nonces: u64::MAX,
                fault: None,
            }],
        }))
    }
}

fn find(task: Task, nonce: u64, rng: &mut Rng) -> Vec<u8> {
    write(&FromRig::Find(Find {
        session: Id(rng.next()),
        number: 1,
        task,
        nonce,
    }))
}
