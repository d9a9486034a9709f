//! The coordinator at work: [`Coordinator`] with a server and a clock, on a task of its own.

use core::time::Duration;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use async_nats::{Message, Subscriber};
use btpow_core::{Micros, Protocol};
use btpow_fleet::{
    Asked, Coordinator, Fleet, Id, Task,
    coordinator::{self, Action, Found, Settings},
    message::{Status, Text, write},
};
use btpow_registration::Goal;
use futures_util::StreamExt as _;
use tokio::{
    sync::{
        mpsc::{self, UnboundedReceiver, UnboundedSender},
        oneshot,
    },
    task::JoinHandle,
    time,
};
use tracing::debug;

use super::{Change, FleetView, Link, LinkError, Role, view};

/// The most rigs: far more than were ever tried, and a quarter of the ranges that there are.
const MOST_RIGS: usize = 16_384;

/// How old a report of all rigs may be: it takes milliseconds where there are thousands.
const FRESH: Duration = Duration::from_millis(500);

/// Who calls itself so towards rigs.
const PROGRAM: &str = concat!("btpow ", env!("CARGO_PKG_VERSION"));

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

/// What a coordinator is told.
#[derive(Debug)]
enum Order {
    Head(u64),
    Asks(Task),
    Search(Task),
    Rest(String),
    Blind,
    End(String),
}

/// What the task and its owner share.
#[derive(Debug)]
struct State {
    coordinator: Coordinator,
    server: String,
    begun: Instant,
    link: view::Link,
    /// Since when there is no connection.
    lost: Option<Instant>,
    /// The last report of all rigs.
    status: Option<(Instant, Arc<Status>)>,
    /// Whether rigs were told to search.
    is_searching: bool,
    /// Since when rigs have searched for what this coordinator says, and for how long before that.
    since: Option<Instant>,
    spent: Duration,
}

/// Carries messages.
struct Carrier {
    link: Link,
    fleet: Fleet,
    others: Subscriber,
    rigs: Subscriber,
    asked: Subscriber,
    orders: UnboundedReceiver<Order>,
    events: UnboundedSender<Event>,
    shared: Arc<Mutex<State>>,
    /// Whether the owner knows that it leads, or has led.
    has_led: bool,
}

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
        let fleet = link.fleet().clone();
        let others = link.subscribe(fleet.announce()).await?;
        let rigs = link.subscribe(fleet.from_rigs()).await?;
        let asked = link.subscribe(fleet.status()).await?;
        let (coordinator, first) = Coordinator::new(duty.into(), 0);
        let (tell, events) = mpsc::unbounded_channel();
        let (orders, ordered) = mpsc::unbounded_channel();
        let shared = Arc::new(Mutex::new(State {
            coordinator,
            server: format!("{}/{fleet}", link.address()),
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
        }));
        let carrier = Carrier {
            link,
            fleet,
            others,
            rigs,
            asked,
            orders: ordered,
            events: tell,
            shared: Arc::clone(&shared),
            has_led: false,
        };
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
        self.events.recv().await
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
        let state = self.lock();
        let now = state.since.map_or(Duration::ZERO, |since| since.elapsed());
        let time = (state.spent + now).as_secs_f64();
        (state.coordinator.nonces(), time)
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

fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    // A panic elsewhere leaves what is only counted and shown.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
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

impl State {
    /// Time as the coordinator counts it.
    fn now(&self) -> Micros {
        Micros::try_from(self.begun.elapsed().as_micros()).unwrap_or(Micros::MAX)
    }

    fn status(&mut self) -> Arc<Status> {
        let last = self.status.as_ref();
        if let Some((_, status)) = last.filter(|(made, _)| made.elapsed() < FRESH) {
            return Arc::clone(status);
        }
        let status = Arc::new(self.coordinator.status(self.now()));
        self.status = Some((Instant::now(), Arc::clone(&status)));
        status
    }

    fn view(&mut self) -> FleetView {
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
    fn settle(&mut self) {
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

    fn note(&mut self, change: &Change) {
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
            Change::Refused | Change::Forbidden(_) => {}
        }
    }
}

impl Carrier {
    async fn run(mut self, first: Vec<Action>) {
        let mut actions = first;
        loop {
            self.tell_whether_it_leads(&actions);
            self.perform(actions).await;
            let due = {
                let mut state = lock(&self.shared);
                state.settle();
                state.begun + Duration::from_micros(state.coordinator.next_tick())
            };
            actions = tokio::select! {
                Some(order) = self.orders.recv() => match order {
                    Order::End(reason) => return self.end(&reason).await,
                    order => self.obey(order),
                },
                Some(message) = self.others.next() => {
                    self.with(|it, now| it.overheard(&message.payload, now))
                }
                Some(message) = self.rigs.next() => self.received(&message),
                Some(message) = self.asked.next() => {
                    self.answer(message);
                    Vec::new()
                }
                change = self.link.change() => {
                    lock(&self.shared).note(&change);
                    self.tell(Event::Say(self.link.words(&change)));
                    Vec::new()
                }
                () = time::sleep_until(due.into()) => self.with(Coordinator::tick),
            };
        }
    }

    fn with<R>(&self, f: impl FnOnce(&mut Coordinator, Micros) -> R) -> R {
        let mut state = lock(&self.shared);
        let now = state.now();
        f(&mut state.coordinator, now)
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
        let Some(to) = message.reply else {
            return;
        };
        let status = {
            let mut state = lock(&self.shared);
            if !state.coordinator.leads() {
                return;
            }
            state.status()
        };
        self.link.send(to.to_string(), write(&*status));
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
