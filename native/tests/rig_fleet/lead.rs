//! A coordinator on a thread of its own, for tests that wait for programs.

use core::time::Duration;
use std::{sync::mpsc, thread, time::Instant};

use btpow_core::{Difficulty, PublicKey};
use btpow_fleet::{
    Asked, Id, Task,
    coordinator::{Event, Found, Settings},
    message::{Status, Text},
};
use tokio::sync::{mpsc::UnboundedReceiver, oneshot};

use super::{
    chain::text::PATIENCE,
    link::Leader,
    server::{COORDINATOR, Server, connect},
};

/// A proof of whom. Nobody's.
const ASKED: Asked = Asked::V1 {
    netuid: 1,
    hotkey: PublicKey([2; 32]),
    coldkey: PublicKey([3; 32]),
};

/// So hard that one thread finds something some times a second. Of a block only the lowest counts, so the second of them may
/// take far longer.
const DIFFICULTY: u64 = 1_000_000;

/// So hard that one thread takes some seconds.
const HARD: u64 = 50_000_000;

/// A coordinator at work.
pub(crate) struct Lead {
    leader: Leader,
    /// Ends its thread.
    _stop: oneshot::Sender<()>,
}

/// Runs something that needs a network.
pub(crate) fn by<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().expect("a runtime");
    runtime.block_on(future)
}

impl Lead {
    /// Starts one. It leads as soon as it has something to search for.
    pub(crate) fn start(server: &Server) -> Self {
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let address = server.address();
        thread::spawn(move || {
            by(async {
                let settings = Settings {
                    id: Id(1),
                    term: 7,
                    is_standby: false,
                    goals: vec![ASKED],
                    program: Text::new("test"),
                    patience_s: 60,
                    most_rigs: 100,
                };
                let leader = Leader::start(connect(&address, COORDINATOR).await, settings).await;
                tell.send(leader).expect("somebody waits");
                // Until the test ends.
                let _ = stopped.await;
            });
        });
        Self {
            leader: told.recv().expect("it starts"),
            _stop: stop,
        }
    }

    /// Has the fleet search for what a block asks.
    pub(crate) fn search(&self, block: u64) {
        self.search_for(task(block, DIFFICULTY));
    }

    /// The same, for something harder.
    pub(crate) fn search_hard(&self, block: u64) {
        self.search_for(task(block, HARD));
    }

    fn search_for(&self, task: Task) {
        self.leader.order(move |it, now| {
            let mut actions = it.head(task.block().0, now);
            actions.extend(it.search(task, now));
            actions
        });
    }

    /// Has the fleet rest.
    pub(crate) fn rest(&self, reason: &'static str) {
        self.leader.order(move |it, now| it.rest(reason, now));
    }

    /// Waits for a find for a block.
    pub(crate) fn found(&mut self, block: u64) -> Found {
        next(&mut self.leader.found, |found: &Found| {
            (found.task.block().0 == block).then(|| found.clone())
        })
    }

    /// Whether something was found that nobody has waited for.
    pub(crate) fn has_found(&mut self) -> bool {
        self.leader.found.try_recv().is_ok()
    }

    /// Asks how the fleet is until it is as wished; that.
    pub(crate) fn status<T>(&self, is: impl Fn(&Status) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (tell, told) = mpsc::channel();
            self.leader.order(move |it, now| {
                tell.send(it.status(now)).expect("somebody waits");
                Vec::new()
            });
            let status = told.recv().expect("it lives");
            if let Some(found) = is(&status) {
                return found;
            }
            assert!(Instant::now() < deadline, "it stays so: {status:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for something that is told.
    pub(crate) fn told<T>(&mut self, is: impl Fn(&Event) -> Option<T>) -> T {
        next(&mut self.leader.told, is)
    }
}

fn task(block: u64, difficulty: u64) -> Task {
    let difficulty = Difficulty::new(difficulty).expect("not zero");
    let hash = [u8::try_from(block).expect("a small one"); 32];
    Task::new(ASKED, (block, hash), difficulty).expect("not the root")
}

fn next<E, T>(events: &mut UnboundedReceiver<E>, is: impl Fn(&E) -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match events.try_recv() {
            Ok(event) => {
                if let Some(found) = is(&event) {
                    return found;
                }
            }
            Err(_) => {
                assert!(Instant::now() < deadline, "nothing came of it");
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
}
