//! The task that carries messages between a coordinator and the server.

use core::time::Duration;
use std::sync::{Arc, Mutex};

use async_nats::Message;
use btpow_core::Micros;
use btpow_fleet::{
    Coordinator, Fleet, Task,
    coordinator::{self, Action},
};
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender},
        oneshot,
    },
    time,
};
use tracing::debug;

use super::{
    Event, Taken,
    state::{State, lock},
};
use crate::fleet::{Change, Link, LinkError, link::Messages};

/// How many words wait for an owner that does not listen yet, since its user is asked something.
const MOST_PENDING: usize = 1_000;

/// How the subjects begin under which answers are expected.
const INBOX: &str = "_INBOX.";

/// What a coordinator is told.
#[derive(Debug)]
pub(super) enum Order {
    Head(u64),
    Asks(Task),
    Search(Task),
    Rest(String),
    Blind,
    End(String),
}

/// Carries messages.
pub(super) struct Carrier {
    link: Link,
    fleet: Fleet,
    others: Messages,
    rigs: Messages,
    asked: Messages,
    orders: UnboundedReceiver<Order>,
    events: UnboundedSender<Event>,
    shared: Arc<Mutex<State>>,
    /// Whether the owner knows that it leads, or has led.
    has_led: bool,
    /// How many bytes had come from the server.
    received: u64,
}

impl Carrier {
    /// One that hears rigs, other coordinators, and whoever asks how the fleet is.
    pub(super) async fn new(
        mut link: Link,
        orders: UnboundedReceiver<Order>,
        events: UnboundedSender<Event>,
        shared: Arc<Mutex<State>>,
    ) -> Result<Self, LinkError> {
        let fleet = link.fleet().clone();
        let others = link.subscribe(fleet.announce()).await?;
        let rigs = link.subscribe(fleet.from_rigs()).await?;
        let asked = link.subscribe(fleet.status()).await?;
        // Nobody reads anything out of it. Whether it may be said shows whether announcements may.
        link.send(fleet.announce(), Vec::new());
        Ok(Self {
            others,
            rigs,
            asked,
            link,
            fleet,
            orders,
            events,
            shared,
            has_led: false,
            received: 0,
        })
    }

    pub(super) async fn run(mut self, first: Vec<Action>) {
        let mut actions = first;
        loop {
            self.tell_whether_it_leads(&actions);
            self.perform(actions).await;
            self.note_server();
            let due = {
                let mut state = lock(&self.shared);
                state.settle();
                state.begun + Duration::from_micros(state.coordinator.next_tick())
            };
            actions = tokio::select! {
                // What was said comes before silence. Rigs come last: thousands of them must not keep it from what is due.
                biased;
                Some(order) = self.orders.recv() => match order {
                    Order::End(reason) => return self.end(&reason).await,
                    order => self.obey(order),
                },
                message = self.others.next() => {
                    self.with(|it, now| it.overheard(&message.payload, now))
                }
                change = self.link.change() => {
                    self.changed(&change);
                    Vec::new()
                }
                () = time::sleep_until(due.into()) => self.with(Coordinator::tick),
                message = self.rigs.next() => self.received(&message),
                message = self.asked.next() => {
                    self.answer(message);
                    Vec::new()
                }
            };
        }
    }

    fn with<R>(&self, f: impl FnOnce(&mut Coordinator, Micros) -> R) -> R {
        let mut state = lock(&self.shared);
        let now = state.now();
        f(&mut state.coordinator, now)
    }

    /// Whoever leads is silent only where the server is not.
    fn note_server(&mut self) {
        let received = self.link.received();
        if core::mem::replace(&mut self.received, received) != received {
            self.with(Coordinator::server_spoke);
        }
    }

    /// Something became of the connection.
    fn changed(&self, change: &Change) {
        lock(&self.shared).note(change);
        match change {
            Change::Lost => self.with(|it, _| it.deaf()),
            Change::Back => self.with(Coordinator::hears),
            Change::Forbidden(words) => {
                let needed = [self.fleet.announce(), self.fleet.from_rigs()];
                if needed.iter().any(|it| words.contains(it)) {
                    lock(&self.shared).may_lead = false;
                }
            }
            _ => {}
        }
        self.tell(Event::Say(change.words(self.link.address())));
    }

    fn obey(&self, order: Order) -> Vec<Action> {
        match &order {
            Order::Head(_) | Order::Asks(_) => {}
            Order::Search(_) => lock(&self.shared).is_searching = true,
            Order::Rest(_) | Order::Blind | Order::End(_) => {
                lock(&self.shared).is_searching = false;
            }
        }
        self.with(|it, now| match order {
            Order::Head(number) => it.head(number, now),
            Order::Asks(task) => {
                it.asks(task);
                Vec::new()
            }
            Order::Search(task) => it.search(task, now),
            Order::Rest(reason) => it.rest(&reason, now),
            Order::End(reason) => it.end(&reason, now),
            Order::Blind => it.blind(now),
        })
    }

    fn received(&self, message: &Message) -> Vec<Action> {
        let rig = self.fleet.sender(&message.subject);
        rig.map_or_else(Vec::new, |rig| {
            self.with(|it, now| it.received(&rig, &message.payload, now))
        })
    }

    /// Tells whoever asks how the fleet is; that is up to the coordinator that leads.
    fn answer(&self, message: Message) {
        // Whoever may ask may not have the coordinator speak to rigs.
        let Some(to) = message.reply.filter(|to| to.starts_with(INBOX)) else {
            return;
        };
        if let Some(answer) = lock(&self.shared).answer() {
            self.link.send(to.to_string(), answer);
        }
    }

    async fn perform(&self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Announce(bytes) => {
                    self.link.send(self.fleet.announce(), bytes);
                }
                Action::Send(rig, bytes) => {
                    self.link.send(self.fleet.to_rig(&rig), bytes);
                }
                Action::Found(found) => {
                    let (taken, is_taken) = oneshot::channel();
                    self.tell(Event::Found(Box::new(found), Taken(taken)));
                    if is_taken.await.is_err() {
                        debug!("the run is over: a find is not answered");
                        return;
                    }
                }
                Action::Hold(holds) => self.tell(Event::Hold(holds)),
                Action::Tell(event) => self.tell(Event::Tell(event)),
            }
        }
    }

    /// That it leads is told once, unless it took over, which is told anyway.
    fn tell_whether_it_leads(&mut self, actions: &[Action]) {
        if self.has_led || !self.with(|it, _| it.leads()) {
            return;
        }
        self.has_led = true;
        let told = Action::Tell(coordinator::Event::TookOver);
        if !actions.contains(&told) {
            self.tell(Event::Leads);
        }
    }

    fn tell(&self, event: Event) {
        let mut state = lock(&self.shared);
        let is_word = match &event {
            Event::Say(_) => true,
            Event::Tell(event) => !matches!(
                event,
                coordinator::Event::Yielded { .. } | coordinator::Event::TookOver
            ),
            Event::Found(..) | Event::Hold(_) | Event::Leads => false,
        };
        if is_word && state.pending >= MOST_PENDING {
            return;
        }
        state.pending += 1;
        drop(state);
        // Nobody listens once the run is over.
        let _ = self.events.send(event);
    }

    /// The last words.
    async fn end(self, reason: &str) {
        let actions = self.obey(Order::End(reason.to_owned()));
        self.perform(actions).await;
        self.link.flush().await;
    }
}
