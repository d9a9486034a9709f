//! The coordinator at work: [`Coordinator`] with a server and a clock, on a task of its own.

mod carrier;
mod state;

use core::time::Duration;
use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::SystemTime,
};

use btpow_core::Protocol;
use btpow_fleet::{
    Asked, Coordinator, Id, Task,
    coordinator::{self, Found, Settings},
    message::Text,
};
use btpow_registration::Goal;
use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver, UnboundedSender},
        oneshot,
    },
    task::JoinHandle,
};

use self::{
    carrier::{Carrier, Order},
    state::{State, lock},
};
use super::{FleetView, Link, LinkError, PROGRAM};

/// The most rigs: far more than were ever tried, and a quarter of the ranges that there are.
const MOST_RIGS: usize = 16_384;

/// What a coordinator is for.
#[derive(Clone, Debug)]
pub struct Duty {
    /// The process, drawn by lot.
    pub id: Id,
    /// Whether it leads only when nobody else does.
    pub is_standby: bool,
    /// What it asks rigs to search for, and accepts from them.
    pub goals: Vec<Asked>,
    /// For how long rigs go on that hear nothing more.
    pub patience: Duration,
}

/// A coordinator at work. It is told what happens on the chain, and tells what comes of it. Dropping it ends it without a word
/// to rigs.
#[derive(Debug)]
pub struct Lead {
    orders: UnboundedSender<Order>,
    events: UnboundedReceiver<Event>,
    shared: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

/// What happened in the fleet.
#[derive(Debug)]
pub enum Event {
    /// A rig found a proof. It is answered once that is taken.
    Found(Box<Found>, Taken),
    /// From now on sign nothing, as another coordinator may; or sign again. At its beginning nothing is signed.
    Hold(bool),
    /// It leads from the beginning.
    Leads,
    /// What the coordinator tells.
    Tell(coordinator::Event),
    /// A line about the server, for the user.
    Say(String),
}

/// That a proof is in good hands: only then its rig is told so.
#[derive(Debug)]
pub struct Taken(oneshot::Sender<()>);

/// What is asked of the keys of a goal; none where no runtime asks for such a proof.
pub const fn asked(goal: Goal, protocol: Protocol) -> Option<Asked> {
    match (goal, protocol) {
        (
            Goal::Register {
                netuid,
                hotkey,
                coldkey,
            },
            Protocol::V1,
        ) => Some(Asked::V1 {
            netuid,
            hotkey,
            coldkey,
        }),
        (
            Goal::Register { hotkey: key, .. } | Goal::Faucet { coldkey: key },
            Protocol::Legacy(order),
        ) => Some(Asked::Legacy { order, key }),
        (Goal::Faucet { .. }, Protocol::V1) => None,
    }
}

impl Taken {
    /// It is.
    pub fn tell(self) {
        // Nobody waits any more where the coordinator has ended.
        let _ = self.0.send(());
    }
}

impl Lead {
    /// A coordinator that knows of no block. Must be called within a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`LinkError`] when there will be no connection any more.
    pub async fn start(link: Link, duty: Duty) -> Result<Self, LinkError> {
        let server = format!("{}/{}", link.address(), link.fleet());
        let (coordinator, first) = Coordinator::new(duty.into(), 0);
        let (tell, events) = mpsc::unbounded_channel();
        let (orders, ordered) = mpsc::unbounded_channel();
        let shared = Arc::new(Mutex::new(State::new(coordinator, server)));
        let carrier = Carrier::new(link, ordered, tell, Arc::clone(&shared)).await?;
        let task = tokio::spawn(carrier.run(first));
        Ok(Self {
            orders,
            events,
            shared,
            task,
        })
    }

    /// The next event; none once it has failed. Safe to cancel.
    pub async fn event(&mut self) -> Option<Event> {
        let event = self.events.recv().await?;
        let mut state = self.lock();
        state.pending = state.pending.saturating_sub(1);
        Some(event)
    }

    /// The chain has a new best block. What to do for it is told next.
    pub fn head(&self, number: u64) {
        self.order(Order::Head(number));
    }

    /// What a goal asks, whether rigs search for it or not.
    pub fn asks(&self, task: Task) {
        self.order(Order::Asks(task));
    }

    /// Rigs shall search for this.
    pub fn search(&self, task: Task) {
        self.order(Order::Search(task));
    }

    /// Rigs shall rest for this reason.
    pub fn rest(&self, reason: &str) {
        self.order(Order::Rest(reason.to_owned()));
    }

    /// The chain is out of sight.
    pub fn blind(&self) {
        self.order(Order::Blind);
    }

    /// Ends it: rigs rest for this reason, as far as they can be told.
    pub async fn end(mut self, reason: &str) {
        // What nobody has taken by now is not answered, so rigs keep it.
        self.events.close();
        while self.events.try_recv().is_ok() {}
        self.order(Order::End(reason.to_owned()));
        // A task that failed has told of it.
        let _ = (&mut self.task).await;
    }

    /// Which other coordinator leads, as far as was heard.
    pub fn leader(&self) -> Option<Id> {
        self.lock().coordinator.follows()
    }

    /// Whether the server lets this user do what only a coordinator may, as far as it has said.
    pub fn may_lead(&self) -> bool {
        self.lock().may_lead
    }

    /// How the fleet is.
    pub fn view(&self) -> FleetView {
        self.lock().view()
    }

    /// How many rigs search for what this coordinator says; none while another one leads.
    pub fn rigs(&self) -> usize {
        let state = self.lock();
        if state.coordinator.leads() {
            state.coordinator.rigs()
        } else {
            0
        }
    }

    /// Their hashes per second.
    pub fn rate(&self) -> f64 {
        let state = self.lock();
        if state.coordinator.leads() {
            state.coordinator.rate()
        } else {
            0.0
        }
    }

    /// How many rigs there are, whoever leads, and their hashes per second.
    pub fn heard(&self) -> (usize, f64) {
        let state = self.lock();
        (state.coordinator.rigs(), state.coordinator.rate())
    }

    /// How many nonces rigs have tried, and for how long they have searched, in seconds.
    pub fn effort(&self) -> (u64, f64) {
        self.lock().effort()
    }

    fn order(&self, order: Order) {
        // Of a task that failed, the owner hears by its events.
        let _ = self.orders.send(order);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.shared)
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl From<Duty> for Settings {
    fn from(duty: Duty) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let term = now.unwrap_or_default().as_millis();
        Self {
            id: duty.id,
            term: term.try_into().unwrap_or(u64::MAX / 2),
            is_standby: duty.is_standby,
            goals: duty.goals,
            program: Text::new(PROGRAM),
            patience_s: duty.patience.as_secs().try_into().unwrap_or(u32::MAX),
            most_rigs: MOST_RIGS,
        }
    }
}

#[cfg(test)]
mod tests {
    use btpow_core::{Order, PublicKey};

    use super::*;

    /// Rigs make the challenge from what they are told: it must be the one that the devices here search for.
    #[test]
    fn rigs_are_asked_for_the_same_as_devices() {
        let (hotkey, coldkey) = (PublicKey([2; 32]), PublicKey([3; 32]));
        let register = Goal::Register {
            netuid: 7,
            hotkey,
            coldkey,
        };
        let faucet = Goal::Faucet { coldkey };
        let legacy = [Order::Big, Order::Little].map(Protocol::Legacy);
        let all = legacy
            .into_iter()
            .flat_map(|it| [(register, it), (faucet, it)]);
        for (goal, protocol) in all.chain([(register, Protocol::V1)]) {
            let asked = asked(goal, protocol).expect("there is such a proof");
            assert_eq!(asked.protocol(), protocol);
            let difficulty = btpow_core::Difficulty::new(9).expect("not zero");
            let task = Task::new(asked, (5, [1; 32]), difficulty).expect("not the root");
            assert_eq!(task.challenge(), goal.challenge(protocol, [1; 32]));
        }
        assert_eq!(asked(faucet, Protocol::V1), None);
    }

    #[test]
    fn a_new_coordinator_goes_before_those_before_it() {
        let duty = Duty {
            id: Id(1),
            is_standby: true,
            goals: Vec::new(),
            patience: Duration::from_secs(96),
        };
        let settings = Settings::from(duty);
        // After 2026, and before there is no room for the terms of others.
        assert!(settings.term > 1_767_000_000_000 && settings.term < u64::MAX / 2);
        assert!(settings.is_standby);
        assert_eq!(settings.patience_s, 96);
    }
}
