//! What the coordinator's task and its owner share.

use core::time::Duration;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use btpow_core::Micros;
use btpow_fleet::{
    Coordinator,
    message::{Status, write},
};

use crate::fleet::{Change, FleetView, Role, view};

/// How old a report of all rigs may be: it takes milliseconds where there are thousands.
const FRESH: Duration = Duration::from_millis(500);

const SECOND: Duration = Duration::from_secs(1);

/// How many are told in a second how the fleet is: an answer may have a megabyte.
const ANSWERS: u32 = 20;

/// How the fleet was at one moment.
#[derive(Debug)]
struct Report {
    made: Instant,
    status: Arc<Status>,
    /// The same as a message, once somebody has asked.
    message: Option<Vec<u8>>,
}

/// What the task and its owner share.
#[derive(Debug)]
pub(super) struct State {
    pub(super) coordinator: Coordinator,
    server: String,
    pub(super) begun: Instant,
    link: view::Link,
    /// Since when there is no connection.
    lost: Option<Instant>,
    /// The last report of all rigs.
    status: Option<Report>,
    /// When the last ones were asked for it, since the second began that has so many.
    asked: Option<(Instant, u32)>,
    /// Whether rigs were told to search.
    pub(super) is_searching: bool,
    /// Since when rigs have searched for what this coordinator says, and for how long before that.
    since: Option<Instant>,
    spent: Duration,
    /// How many events the owner has not taken.
    pub(super) pending: usize,
    /// Whether the server lets this user do what only a coordinator may.
    pub(super) may_lead: bool,
}

pub(super) fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    // A panic elsewhere leaves what is only counted and shown.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// Of a coordinator that has just begun, with a connection to this server.
    pub(super) fn new(coordinator: Coordinator, server: String) -> Self {
        Self {
            coordinator,
            server,
            begun: Instant::now(),
            link: view::Link {
                is_connected: true,
                losses: 0,
                lost_time: Duration::ZERO,
            },
            lost: None,
            status: None,
            asked: None,
            is_searching: false,
            since: None,
            spent: Duration::ZERO,
            pending: 0,
            may_lead: true,
        }
    }

    /// How many nonces rigs have tried, and for how long they have searched, in seconds.
    pub(super) fn effort(&self) -> (u64, f64) {
        let now = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        let time = (self.spent + now).as_secs_f64();
        (self.coordinator.nonces(), time)
    }

    /// Time as the coordinator counts it.
    pub(super) fn now(&self) -> Micros {
        Micros::try_from(self.begun.elapsed().as_micros()).unwrap_or(Micros::MAX)
    }

    pub(super) fn status(&mut self) -> Arc<Status> {
        Arc::clone(&self.report().status)
    }

    /// What to tell whoever asks how the fleet is; that is up to the coordinator that leads. None if too many ask.
    pub(super) fn answer(&mut self) -> Option<Vec<u8>> {
        if !self.coordinator.leads() {
            return None;
        }
        let second = self.asked.filter(|(begun, _)| begun.elapsed() < SECOND);
        let (begun, answers) = second.unwrap_or_else(|| (Instant::now(), 0));
        if answers >= ANSWERS {
            return None;
        }
        self.asked = Some((begun, answers + 1));
        let Report {
            status, message, ..
        } = self.report();
        Some(message.get_or_insert_with(|| write(&**status)).clone())
    }

    /// How the fleet is, or was a moment ago.
    fn report(&mut self) -> &mut Report {
        let last = self.status.take();
        let fresh = last.filter(|it| it.made.elapsed() < FRESH);
        let report = fresh.unwrap_or_else(|| Report {
            made: Instant::now(),
            status: Arc::new(self.coordinator.status(self.now())),
            message: None,
        });
        self.status.insert(report)
    }

    pub(super) fn view(&mut self) -> FleetView {
        let lost = self.lost.map_or(Duration::ZERO, |since| since.elapsed());
        let role = match self.coordinator.follows() {
            _ if self.coordinator.leads() => Role::Leads,
            Some(other) => Role::Follows(other),
            None => Role::Waits,
        };
        FleetView {
            server: self.server.clone(),
            role,
            link: view::Link {
                lost_time: self.link.lost_time + lost,
                ..self.link
            },
            status: self.status(),
        }
    }

    /// Counts for how long rigs search.
    pub(super) fn settle(&mut self) {
        let it = &self.coordinator;
        let works = self.is_searching && it.leads() && it.rigs() > 0;
        match (works, self.since) {
            (true, None) => self.since = Some(Instant::now()),
            (false, Some(since)) => {
                self.spent += since.elapsed();
                self.since = None;
            }
            _ => {}
        }
    }

    pub(super) fn note(&mut self, change: &Change) {
        match change {
            Change::Lost => {
                self.link.is_connected = false;
                self.link.losses += 1;
                self.lost = Some(Instant::now());
            }
            Change::Back => {
                self.link.is_connected = true;
                let lost = self.lost.take();
                self.link.lost_time += lost.map_or(Duration::ZERO, |since| since.elapsed());
            }
            Change::Refused | Change::Forbidden(_) | Change::Slow | Change::TooLong(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use btpow_fleet::{
        Id,
        coordinator::{LISTEN, Settings},
        message::Text,
    };

    use super::*;

    fn state() -> State {
        let settings = Settings {
            id: Id(1),
            term: 1,
            is_standby: false,
            goals: Vec::new(),
            program: Text::new("a test"),
            patience_s: 60,
            most_rigs: 1,
        };
        let (coordinator, _) = Coordinator::new(settings, 0);
        State::new(coordinator, "a server".to_owned())
    }

    #[test]
    fn whoever_asks_too_often_is_not_answered() {
        let mut state = state();
        assert_eq!(state.answer(), None, "it does not lead yet");
        state.coordinator.head(5, 0);
        state.coordinator.rest("a test", LISTEN);
        assert!(state.coordinator.leads());
        let answers: Vec<_> = (0..2 * ANSWERS).filter_map(|_| state.answer()).collect();
        assert_eq!(answers.len(), 20);
        assert_eq!(answers[0], write(&*state.status()));
        let long_ago = Instant::now().checked_sub(2 * SECOND);
        state.asked = Some((long_ago.expect("it runs for longer"), ANSWERS));
        assert!(state.answer().is_some());
    }
}
