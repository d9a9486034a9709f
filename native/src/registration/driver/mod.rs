//! Connects a session, a rig and a chain until the session is over.

mod asking;
mod pausing;
mod telling;

use core::{ops::ControlFlow, time::Duration};
use std::{sync::Arc, time::Instant};

use btpow_core::Generation;
use btpow_registration::{Action, Payload, Progress, Session, Work, session::End};
use thiserror::Error;
use tokio::{
    sync::mpsc::{self, UnboundedSender},
    time::{self, Instant as Moment},
};
use tracing::debug;

use self::asking::AbortOnDrop;
use super::{pauses::Pauses, watch::Watch, words};
use crate::{
    chain::{ChainError, Connection, Follower, Runtime, Update, follow::Block},
    crew::Crew,
    events::{self, Events},
    output::OutputError,
    report::{Snapshot, Status, plain},
    rig::{Event, Rig, RigError},
    service::Service,
    signals::Signal,
    wallet::Keypair,
};

/// What a run needs.
#[derive(Debug)]
pub struct Setup<'a> {
    /// Decides what to do.
    pub session: Session,
    /// Hashes.
    pub rig: &'a Rig,
    /// The devices as the user knows them.
    pub crew: &'a mut Crew,
    /// Reports what happens on the chain.
    pub follower: Follower,
    /// Signs; none where nothing is to be sent.
    pub signer: Option<&'a Keypair>,
    /// When to give up.
    pub deadline: Option<Instant>,
    /// Who is told what happens.
    pub events: &'a Events,
    /// Whether the loss of a device ends the run.
    pub exit_on_device_loss: bool,
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
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// The session ended it.
    Session(End),
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
    /// How it ended.
    pub ended: Ended,
    /// What the session knows.
    pub session: Session,
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

/// Runs until the session is over. `show` gets the proofs that a session shows.
///
/// # Errors
///
/// [`DriverError`] when the chain cannot be followed, no device is left, or a proof cannot be written.
pub async fn run(
    setup: Setup<'_>,
    status: &mut dyn Status,
    show: &mut Show<'_>,
) -> Result<Run, DriverError> {
    let deadline = setup.deadline.map(Moment::from_std);
    let (tell, mut news) = mpsc::unbounded_channel();
    let (confirm, mut confirmed) = mpsc::unbounded_channel();
    let mut driver = Driver {
        watch: Watch::new(setup.session.protocol().max_work_age()),
        paused: None,
        pauses: Pauses::default(),
        loss: None,
        measuring: None,
        told: None,
        proofs: 0,
        service: Service::find(),
        setup,
        latest: None,
        signed: Vec::new(),
        tell,
        confirm,
        asked: 0,
        asking: None,
        watching: None,
        search: None,
        status,
        show,
    };
    driver.service.ready();
    let mut next_show = Moment::now() + driver.status.interval();
    loop {
        let never = Moment::now() + Duration::from_secs(3_600);
        // What is paused already need not be paused again.
        let expiry = driver.watch.expiry().filter(|_| !driver.is_paused());
        let expiry = expiry.map(Moment::from_std);
        let measuring = driver.measuring;
        let sign = driver.service.next_sign().map(Moment::from_std);
        let ended = tokio::select! {
            update = driver.setup.follower.next() => driver.update(update)?,
            event = driver.setup.rig.event() => driver.event(event)?,
            Some((id, progress)) = news.recv() => {
                let actions = driver.setup.session.progress(id, progress);
                driver.act(actions, Cause::Progress)?
            }
            Some((asked, blocks)) = confirmed.recv() => {
                // The chain may have re-organised again since an earlier question.
                let actions = if asked == driver.asked {
                    driver.setup.session.confirmed(&blocks)
                } else {
                    Vec::new()
                };
                driver.act(actions, Cause::Progress)?
            }
            () = time::sleep_until(next_show) => {
                driver.show();
                next_show = Moment::now() + driver.status.interval();
                None
            }
            () = time::sleep_until(expiry.unwrap_or(never)), if expiry.is_some() => {
                driver.expire();
                None
            }
            () = time::sleep_until(sign.unwrap_or(never)), if sign.is_some() => {
                driver.service.sign();
                None
            }
            () = time::sleep_until(measuring.unwrap_or(never)), if measuring.is_some() => {
                driver.measure()?
            }
            () = time::sleep_until(deadline.unwrap_or(never)), if deadline.is_some() => {
                Some(Ended::TimedOut)
            }
        };
        if let Some(ended) = ended {
            return Ok(Run {
                ended,
                snapshot: driver.snapshot(),
                session: driver.setup.session,
            });
        }
        if let Some(loss) = driver.over() {
            return Err(loss.into());
        }
    }
}

/// Which blocks are on the best chain.
type Blocks = Vec<(u64, Option<[u8; 32]>)>;

/// What made the session act, and when that happened.
#[derive(Clone, Copy)]
enum Cause {
    Block(Instant),
    Found(Instant),
    Progress,
}

/// The state of a run.
struct Driver<'a, 'b> {
    setup: Setup<'a>,
    /// Whether the chain is in sight.
    watch: Watch,
    /// The state of the search when it was paused.
    paused: Option<Snapshot>,
    /// What was not hashed, and why.
    pauses: Pauses,
    /// Why to end as soon as no proof has an open end.
    loss: Option<RigError>,
    /// When to look at the devices' rate.
    measuring: Option<Moment>,
    /// The last block whose first proof was told of.
    told: Option<[u8; 32]>,
    /// How many proofs were found.
    proofs: u64,
    /// Whoever started the program as a service.
    service: Service,
    /// The connection that reported the last block, and the runtime that it is for.
    latest: Option<(Arc<Connection>, Arc<Runtime>)>,
    /// Every payload that was signed, with its extrinsic: what is sent again keeps its signature.
    signed: Vec<(Payload, Vec<u8>)>,
    tell: UnboundedSender<(u64, Progress)>,
    confirm: UnboundedSender<(u64, Blocks)>,
    /// How often we asked which blocks are on the best chain, and the question under way.
    asked: u64,
    asking: Option<AbortOnDrop>,
    /// Watches the last submission.
    watching: Option<AbortOnDrop>,
    /// The last search, the rig's age when it was set, and how long before that its block was seen.
    search: Option<(Generation, Duration, Duration)>,
    status: &'b mut dyn Status,
    show: &'b mut Show<'b>,
}

impl Driver<'_, '_> {
    fn update(&mut self, update: Update) -> Result<Option<Ended>, DriverError> {
        match update {
            Update::Block(block) => self.block(*block),
            Update::Lost {
                endpoint,
                reason,
                silence,
            } => {
                self.setup.events.tell(&events::Event::ChainLost {
                    endpoint: endpoint.clone(),
                    reason: reason.clone(),
                });
                // A node that answers but tells of no block is no lost connection.
                if silence.is_none() {
                    self.watch.lost();
                }
                self.status
                    .say(&words::lost(&endpoint, &reason, silence, self.is_paused()));
                Ok(None)
            }
            Update::Connected { connection } => {
                let endpoint = connection.endpoint();
                self.setup.events.tell(&events::Event::ChainBack {
                    endpoint: endpoint.to_string(),
                });
                self.status.say(&format!("connected to {endpoint}"));
                if self.watch.connected(connection.is_of_development()) && !self.is_paused() {
                    self.setup.rig.resume();
                    self.goes_on();
                }
                Ok(None)
            }
            Update::Failed(error) => Err(DriverError::Chain(error)),
        }
    }

    /// Shows the state of the search, and what else goes on.
    fn show(&mut self) {
        if let Some(snapshot) = self.snapshot() {
            self.service.status(|| plain::line(&snapshot));
            self.status.show(&snapshot);
        }
    }

    fn block(&mut self, block: Block) -> Result<Option<Ended>, DriverError> {
        self.log_reach();
        self.watch.block(&block);
        let Block {
            head,
            state,
            runtime,
            connection,
            seen,
            ..
        } = block;
        let actions = self.setup.session.block(head, state, runtime.rules());
        self.latest = Some((connection, runtime));
        self.act(actions, Cause::Block(seen))
    }

    fn event(&mut self, event: Event) -> Result<Option<Ended>, DriverError> {
        match event {
            Event::Found(find) => {
                let found = Cause::Found(Instant::now());
                let work = Work::of(&find);
                let actions = work.map_or_else(Vec::new, |work| {
                    self.tell_find(&work);
                    self.setup.session.find(work)
                });
                self.act(actions, found)
            }
            Event::Interrupted(signal) => Ok(Some(Ended::Interrupted(signal))),
            Event::Asked => {
                let line = self.snapshot().as_ref().map(plain::line);
                self.status
                    .say(line.as_deref().unwrap_or("waiting for a block"));
                Ok(None)
            }
            event => {
                let has_joined = matches!(event, Event::Joined(_));
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
                if let Err(none_left) = self.setup.crew.check() {
                    self.end_for(none_left);
                }
                if has_joined {
                    return self.forget_rate();
                }
                Ok(None)
            }
        }
    }

    /// Does what the session says. Returns how the run ended, if it did.
    fn act(&mut self, actions: Vec<Action>, cause: Cause) -> Result<Option<Ended>, DriverError> {
        for action in actions {
            match action {
                Action::Search(search) => {
                    self.goes_on();
                    let set = self.setup.rig.age();
                    let generation = self.setup.rig.set_search(search);
                    let since = match cause {
                        Cause::Block(seen) => seen.elapsed(),
                        Cause::Found(_) | Cause::Progress => Duration::ZERO,
                    };
                    self.search = Some((generation, set, since));
                }
                Action::Pause(pause) => self.rest(pause),
                Action::Send(submission) => self.send(submission, cause),
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
                Action::Confirm(numbers) => self.confirm(numbers),
                Action::Tell(event) => self.status.say(&words::event(&event)),
                Action::End(end) => {
                    self.tell_end(&end);
                    return Ok(Some(Ended::Session(end)));
                }
            }
        }
        Ok(None)
    }

    /// Logs how long the last block took to reach every device.
    fn log_reach(&self) {
        if let Some((generation, set, since)) = self.search
            && let Some(reached) = self.setup.rig.reached(generation)
        {
            let time = reached.saturating_sub(set) + since;
            debug!(ms = time.as_secs_f64() * 1e3, "from block to all devices");
        }
    }
}
