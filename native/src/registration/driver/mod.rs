//! Connects sessions, a rig and a chain until the sessions are over.
//!
//! A run serves any number of goals, each with a session. All see the same blocks; the devices search for one at a time
//! (`sharing.rs`).

mod asking;
mod chain;
mod fleet;
mod pausing;
mod pursuit;
mod sharing;
mod telling;

use core::{ops::ControlFlow, time::Duration};
use std::{sync::Arc, time::Instant};

use btpow_registration::{Action, Progress, Work};
use thiserror::Error;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    time::{self, Instant as Moment},
};

pub use self::pursuit::{Pursued, Pursuit};
use self::{fleet::Fleet, pursuit::Lane, sharing::Turn};
use super::{watch::Watch, words};
use crate::{
    chain::{ChainError, Connection, Follower, Runtime},
    crew::Crew,
    events::Events,
    fleet::Lead,
    output::OutputError,
    pauses::{Pauses, Reason},
    report::{Snapshot, Status, plain},
    rig::{Event, Rig, RigError},
    service::Service,
    signals::Signal,
};

/// What a run needs.
#[derive(Debug)]
pub struct Setup<'a> {
    /// What to reach. The states of the follower's blocks are in the same order.
    pub pursuits: Vec<Pursuit<'a>>,
    /// Hashes.
    pub rig: &'a Rig,
    /// The devices as the user knows them.
    pub crew: &'a mut Crew,
    /// Reports what happens on the chain.
    pub follower: Follower,
    /// When to give up.
    pub deadline: Option<Instant>,
    /// Who is told what happens.
    pub events: &'a Events,
    /// Whether the loss of a device ends the run.
    pub exit_on_device_loss: bool,
    /// Tells the rigs of a fleet to search for the same, and hears of what they find.
    pub lead: Option<Lead>,
}

/// Shows a proof, and says whether to go on.
pub type Show<'a> = dyn FnMut(Shown<'_>) -> Result<ControlFlow<()>, OutputError> + 'a;

/// Why a run cannot go on. Messages are one line.
#[derive(Debug, Error)]
pub enum DriverError {
    /// The chain cannot be followed.
    #[error("{0}")]
    Chain(Arc<ChainError>),

    /// No device is left.
    #[error(transparent)]
    Rig(#[from] RigError),

    /// A proof cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ended {
    /// Every session has ended.
    Over,
    /// [`Show`] asked for no more proofs.
    Enough,
    /// The time was up.
    TimedOut,
    /// A signal ended it.
    Interrupted(Signal),
}

/// A run that is over.
#[derive(Debug)]
pub struct Run {
    /// How it ended, or why it could not go on: the chain cannot be followed, no device is left, or a proof cannot be
    /// written.
    pub ended: Result<Ended, DriverError>,
    /// How far each pursuit came, in their order.
    pub pursued: Vec<Pursued>,
    /// The state of the search at the end; none if no block came.
    pub snapshot: Option<Snapshot>,
}

/// A proof to show, ready to be signed elsewhere.
#[derive(Debug)]
pub struct Shown<'a> {
    /// The proof, and the call that carries it.
    pub proof: btpow_registration::session::Shown,
    /// The runtime that the call is encoded for.
    pub runtime: &'a Runtime,
}

/// Runs until every session is over. `show` gets the proofs that a session shows.
pub async fn run(mut setup: Setup<'_>, status: &mut dyn Status, show: &mut Show<'_>) -> Run {
    let lanes = setup.take_lanes();
    let windows = lanes.iter().map(|it| it.session.protocol().max_work_age());
    let deadline = setup.deadline.map(Moment::from_std);
    let (tell, mut news) = mpsc::unbounded_channel();
    let (confirm, mut confirmed) = mpsc::unbounded_channel();
    let mut driver = Driver {
        watch: Watch::new(windows.min().unwrap_or_default()),
        lanes,
        turn: Turn::default(),
        paused: None,
        pauses: Pauses::default(),
        resting: None,
        loss: None,
        fleet: setup.lead.take().map(Fleet::new),
        measuring: None,
        service: Service::find(),
        setup,
        latest: None,
        tell,
        confirm,
        status,
        show,
    };
    driver.service.ready();
    let ended = driver.go_on(&mut news, &mut confirmed, deadline).await;
    let snapshot = driver.snapshot();
    if let Some(fleet) = driver.fleet.take() {
        fleet.lead.end(words::fleet::end(&ended)).await;
    }
    let pursued = driver.lanes.into_iter().map(Lane::into_pursued);
    Run {
        ended,
        pursued: pursued.collect(),
        snapshot,
    }
}

/// Which blocks are on the best chain.
type Blocks = Vec<(u64, Option<[u8; 32]>)>;

/// What a session says.
type Actions = Vec<Action>;

/// What made sessions act, and when that happened.
#[derive(Clone, Copy)]
enum Cause {
    Block(Instant),
    Found(Instant),
    Progress,
}

/// The state of a run.
struct Driver<'a, 'b> {
    setup: Setup<'a>,
    /// The goals, in the order of the setup. Those that are reached, or out of reach, stay.
    lanes: Vec<Lane<'a>>,
    /// Whose turn it is.
    turn: Turn,
    /// Whether the chain is in sight.
    watch: Watch,
    /// The state of the search when it was paused.
    paused: Option<Snapshot>,
    /// What was not hashed, and why.
    pauses: Pauses,
    /// Why every device pauses, as the user's command knows.
    resting: Option<Reason>,
    /// Why to end as soon as no proof has an open end.
    loss: Option<RigError>,
    /// The fleet that is led, if one is.
    fleet: Option<Fleet>,
    /// When to look at the devices' rate.
    measuring: Option<Moment>,
    /// Whoever started the program as a service.
    service: Service,
    /// The connection that reported the last block, and the runtime that it is for.
    latest: Option<(Arc<Connection>, Arc<Runtime>)>,
    tell: UnboundedSender<(usize, u64, Progress)>,
    confirm: UnboundedSender<(usize, u64, Blocks)>,
    status: &'b mut dyn Status,
    show: &'b mut Show<'b>,
}

impl Driver<'_, '_> {
    /// Runs until the end.
    async fn go_on(
        &mut self,
        news: &mut UnboundedReceiver<(usize, u64, Progress)>,
        confirmed: &mut UnboundedReceiver<(usize, u64, Blocks)>,
        deadline: Option<Moment>,
    ) -> Result<Ended, DriverError> {
        let mut next_show = Moment::now() + self.status.interval();
        loop {
            let never = Moment::now() + Duration::from_secs(3_600);
            // What is paused already need not be paused again.
            let expiry = self.watch.expiry().filter(|_| !self.is_paused());
            let expiry = expiry.map(Moment::from_std);
            let measuring = self.measuring;
            let sign = self.service.next_sign().map(Moment::from_std);
            let due = self.fleet.as_ref().and_then(Fleet::due);
            let ended = tokio::select! {
                update = self.setup.follower.next() => self.update(update)?,
                event = self.setup.rig.event() => self.event(event)?,
                event = Fleet::next(&mut self.fleet) => self.fleet_event(event)?,
                Some((place, id, progress)) = news.recv() => {
                    self.hold(place);
                    let actions = self.lanes[place].session.progress(id, progress);
                    self.act(vec![(place, actions)], Cause::Progress)?
                }
                Some((place, asked, blocks)) = confirmed.recv() => self.confirmed(place, asked, &blocks)?,
                () = time::sleep_until(next_show) => {
                    self.show();
                    next_show = Moment::now() + self.status.interval();
                    None
                }
                () = time::sleep_until(expiry.unwrap_or(never)), if expiry.is_some() => {
                    self.expire();
                    None
                }
                () = time::sleep_until(sign.unwrap_or(never)), if sign.is_some() => {
                    self.service.sign();
                    None
                }
                () = time::sleep_until(due.unwrap_or(never)), if due.is_some() => {
                    self.fleet_due();
                    None
                }
                () = time::sleep_until(measuring.unwrap_or(never)), if measuring.is_some() => {
                    self.measure()?
                }
                () = time::sleep_until(deadline.unwrap_or(never)), if deadline.is_some() => {
                    Some(Ended::TimedOut)
                }
            };
            if let Some(ended) = ended {
                return Ok(ended);
            }
            if let Some(loss) = self.over() {
                return Err(loss.into());
            }
        }
    }

    /// Shows the state of the search, and what else goes on.
    fn show(&mut self) {
        if let Some(snapshot) = self.snapshot() {
            self.service.status(|| plain::line(&snapshot));
            self.status.show(&snapshot);
        }
    }

    fn event(&mut self, event: Event) -> Result<Option<Ended>, DriverError> {
        match event {
            Event::Found(find) => {
                let found = Cause::Found(Instant::now());
                let place = self.pursuit_of(find.generation);
                let place = place.filter(|place| self.lanes[*place].end.is_none());
                let (Some(place), Some(work)) = (place, Work::of(&find)) else {
                    return Ok(None);
                };
                self.tell_find(place, &work, None);
                self.hold(place);
                let actions = self.lanes[place].session.find(work);
                self.act(vec![(place, actions)], found)
            }
            Event::Interrupted(signal) => Ok(Some(Ended::Interrupted(signal))),
            Event::Asked => {
                self.tell_state();
                Ok(None)
            }
            event => {
                let has_joined = matches!(event, Event::Joined(_) | Event::Reset(_));
                self.tell_devices(&event);
                let dropped = match event {
                    Event::Dropped(slot, fault) => Some((self.setup.rig.name(slot), fault)),
                    _ => None,
                };
                let Setup { rig, crew, .. } = &mut self.setup;
                if let Some(line) = crew.note(event, rig) {
                    self.status.say(&line);
                }
                if let Some((name, fault)) = dropped {
                    self.lose(name, fault);
                }
                self.tell_rest();
                // Rigs go on without the devices here.
                if let Err(none_left) = self.setup.crew.check()
                    && self.fleet.is_none()
                {
                    self.end_for(none_left);
                }
                if has_joined {
                    return self.forget_rate();
                }
                Ok(None)
            }
        }
    }

    /// Does what sessions say. Returns how the run ended, if it did.
    fn act(
        &mut self,
        mut all: Vec<(usize, Actions)>,
        cause: Cause,
    ) -> Result<Option<Ended>, DriverError> {
        while !all.is_empty() {
            for (place, actions) in &all {
                for action in actions {
                    self.note(*place, action);
                }
            }
            // First of all: whatever else is to be done, the devices work on the new block.
            self.choose(cause);
            for (place, actions) in all {
                for action in actions {
                    if let Some(ended) = self.perform(place, action, cause)? {
                        return Ok(Some(ended));
                    }
                }
            }
            all = self.share_accounts();
            // A proof may have come to nothing, or be on its way.
            self.choose(Cause::Progress);
        }
        let is_over = self.lanes.iter().all(|lane| lane.end.is_some());
        Ok(is_over.then_some(Ended::Over))
    }

    /// Notes what a session would have the devices do.
    fn note(&mut self, place: usize, action: &Action) {
        match action {
            Action::Search(search) => {
                let lane = &mut self.lanes[place];
                (lane.wish, lane.is_new) = (Some(*search), true);
                // Whether it goes on is known once the rate is.
                if !lane.session.is_trial() {
                    self.tell_resumed(place);
                }
            }
            Action::Pause(pause) => {
                self.lanes[place].wish = None;
                self.tell_paused(place, pause);
            }
            Action::End(end) => {
                self.lanes[place].wish = None;
                self.lanes[place].end = Some(end.clone());
            }
            Action::Send(_) | Action::Show(_) | Action::Confirm(_) | Action::Tell(_) => {}
        }
    }

    fn perform(
        &mut self,
        place: usize,
        action: Action,
        cause: Cause,
    ) -> Result<Option<Ended>, DriverError> {
        match action {
            Action::Search(_) | Action::Pause(_) => {}
            Action::Send(submission) => self.send(place, submission, cause),
            Action::Show(proof) => {
                if let Some((_, runtime)) = &self.latest {
                    let mut shown = Ok(ControlFlow::Continue(()));
                    let (status, show) = (&mut self.status, &mut self.show);
                    status.aside(&mut || {
                        shown = show(Shown { proof, runtime });
                    });
                    if shown?.is_break() {
                        return Ok(Some(Ended::Enough));
                    }
                }
            }
            Action::Confirm(numbers) => self.confirm(place, numbers),
            Action::Tell(event) => {
                let line = self.lanes[place].line(&words::event(&event));
                self.status.say(&line);
            }
            Action::End(end) => {
                self.lanes[place].last = self.snapshot();
                self.tell_end(place, &end);
            }
        }
        Ok(None)
    }
}
