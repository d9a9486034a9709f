//! What the coordinator's task and its owner share.

use core::time::Duration;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use btpow_core::Micros;
use btpow_fleet::{Coordinator, message::Status};

use crate::fleet::{Change, FleetView, Role, view};

/// How old a report of all rigs may be: it takes milliseconds where there are thousands.
const FRESH: Duration = Duration::from_millis(500);

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
    status: Option<(Instant, Arc<Status>)>,
    /// Whether rigs were told to search.
    pub(super) is_searching: bool,
    /// Since when rigs have searched for what this coordinator says, and for how long before that.
    since: Option<Instant>,
    spent: Duration,
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
            is_searching: false,
            since: None,
            spent: Duration::ZERO,
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
        let last = self.status.as_ref();
        if let Some((_, status)) = last.filter(|(made, _)| made.elapsed() < FRESH) {
            return Arc::clone(status);
        }
        let status = Arc::new(self.coordinator.status(self.now()));
        self.status = Some((Instant::now(), Arc::clone(&status)));
        status
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
