//! Lets a session, a rig and a chain speak to each other until it is over.

use core::{ops::ControlFlow, time::Duration};
use std::{sync::Arc, time::Instant};

use btpow_core::Generation;
use btpow_registration::{
    Action, Goal, Payload, Progress, Session, Work,
    session::{End, Submission},
};
use tokio::{
    sync::mpsc::{self, UnboundedSender},
    task::JoinHandle,
    time::{self, Instant as Moment},
};
use tracing::{debug, info};

use super::words;
use crate::{
    chain::{Connection, Follower, Runtime, Update, follow::Block, submission},
    devices::Row,
    exit::Failure,
    report::{Snapshot, Status},
    rig::{Event, Rig, RigError},
    signals::Signal,
    wallet::Keypair,
};

/// Everything that takes part.
#[derive(Debug)]
pub struct Cast<'a> {
    /// What is wanted.
    pub goal: Goal,
    /// Who decides.
    pub session: Session,
    /// Who hashes.
    pub rig: &'a Rig,
    /// The devices as the user knows them.
    pub rows: &'a [Row],
    /// Who tells of the chain.
    pub follower: Follower,
    /// Who signs, where something is to be sent.
    pub signer: Option<&'a Keypair>,
    /// When to give up.
    pub deadline: Option<Instant>,
}

/// What becomes of a proof that is shown, and whether to go on.
pub type Show<'a> = dyn FnMut(Shown<'_>) -> Result<ControlFlow<()>, Failure> + 'a;

/// How it ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// By itself.
    Session(End),
    /// Whoever was shown a proof had enough.
    Enough,
    /// The time was up.
    TimedOut,
    /// By a signal.
    Interrupted(Signal),
}

/// A proof to be shown, ready to be signed elsewhere.
#[derive(Debug)]
pub struct Shown<'a> {
    /// The proof, and the call that carries it.
    pub proof: btpow_registration::session::Shown,
    /// The runtime that the call is encoded for.
    pub runtime: &'a Runtime,
}

/// Runs until it is over. `show` gets the proofs that a session shows.
///
/// # Errors
///
/// [`Failure`] when the chain cannot be followed, or no device is left.
pub async fn run(
    cast: Cast<'_>,
    status: &mut dyn Status,
    show: &mut Show<'_>,
) -> Result<(Ended, Session), Failure> {
    let deadline = cast.deadline.map(Moment::from_std);
    let (tell, mut news) = mpsc::unbounded_channel();
    let (confirm, mut confirmed) = mpsc::unbounded_channel();
    let mut stage = Stage {
        cast,
        latest: None,
        signed: Vec::new(),
        tell,
        confirm,
        asked: 0,
        asking: None,
        watching: None,
        dropped: 0,
        search: None,
        status,
        show,
    };
    let mut next_show = Moment::now() + stage.status.interval();
    loop {
        let never = Moment::now() + Duration::from_secs(3_600);
        let ended = tokio::select! {
            update = stage.cast.follower.next() => stage.update(update)?,
            event = stage.cast.rig.event() => stage.event(event)?,
            Some((id, progress)) = news.recv() => {
                let actions = stage.cast.session.progress(id, progress);
                stage.act(actions, Cause::Progress)?
            }
            Some((asked, blocks)) = confirmed.recv() => {
                // There may have been another re-organisation since an earlier question.
                let actions = if asked == stage.asked {
                    stage.cast.session.confirmed(&blocks)
                } else {
                    Vec::new()
                };
                stage.act(actions, Cause::Progress)?
            }
            () = time::sleep_until(next_show) => {
                if let Some(snapshot) = Snapshot::of(stage.cast.rig, stage.cast.rows) {
                    stage.status.show(&snapshot);
                }
                next_show = Moment::now() + stage.status.interval();
                None
            }
            () = time::sleep_until(deadline.unwrap_or(never)), if deadline.is_some() => {
                Some(Ended::TimedOut)
            }
        };
        if let Some(ended) = ended {
            return Ok((ended, stage.cast.session));
        }
    }
}

/// A task that ends with whoever wanted it.
#[derive(Debug)]
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Which blocks are on the best chain.
type Blocks = Vec<(u64, Option<[u8; 32]>)>;

/// Why something is done, and when that happened.
#[derive(Clone, Copy)]
enum Cause {
    Block(Instant),
    Found(Instant),
    Progress,
}

/// What is at hand while it runs.
struct Stage<'a, 'b> {
    cast: Cast<'a>,
    /// Where and for which runtime the last block was told.
    latest: Option<(Arc<Connection>, Arc<Runtime>)>,
    /// All that was signed, and what is sent of it: what is sent again has the same signature.
    signed: Vec<(Payload, Vec<u8>)>,
    tell: UnboundedSender<(u64, Progress)>,
    confirm: UnboundedSender<(u64, Blocks)>,
    /// How often it was asked which blocks are on the best chain, and the question under way.
    asked: u64,
    asking: Option<AbortOnDrop>,
    /// Who watches the last submission.
    watching: Option<AbortOnDrop>,
    /// Devices that were dropped.
    dropped: usize,
    /// The last search, the rig's age when it was set, and how long before that its block was told.
    search: Option<(Generation, Duration, Duration)>,
    status: &'b mut dyn Status,
    show: &'b mut Show<'b>,
}

impl Stage<'_, '_> {
    fn update(&mut self, update: Update) -> Result<Option<Ended>, Failure> {
        match update {
            Update::Block(block) => self.block(*block),
            Update::Lost { endpoint, reason } => {
                self.status.say(&format!(
                    "warning: the connection to {endpoint} is lost ({reason}); connecting again, mining on"
                ));
                Ok(None)
            }
            Update::Connected { endpoint } => {
                self.status.say(&format!("connected to {endpoint}"));
                Ok(None)
            }
            Update::Failed(error) => Err(Failure::Chain(error)),
        }
    }

    fn block(&mut self, block: Block) -> Result<Option<Ended>, Failure> {
        self.log_reach();
        let Block {
            head,
            state,
            runtime,
            connection,
            seen,
        } = block;
        let actions = self.cast.session.block(head, state, runtime.rules());
        self.latest = Some((connection, runtime));
        self.act(actions, Cause::Block(seen))
    }

    fn event(&mut self, event: Event) -> Result<Option<Ended>, Failure> {
        match event {
            Event::Found(find) => {
                let found = Cause::Found(Instant::now());
                let work = Work::of(&find);
                let actions = work.map_or_else(Vec::new, |work| self.cast.session.find(work));
                self.act(actions, found)
            }
            Event::Interrupted(signal) => Ok(Some(Ended::Interrupted(signal))),
            Event::Dropped(slot, fault) => {
                let name = self.cast.rig.name(slot).to_owned();
                self.status
                    .say(&format!("warning: {name} was dropped: {fault}"));
                self.dropped += 1;
                if self.dropped == self.cast.rig.len() {
                    return Err(RigError::NoDeviceLeft { name, fault }.into());
                }
                Ok(None)
            }
        }
    }

    /// Does what the session says; how it ended, if it did.
    fn act(&mut self, actions: Vec<Action>, cause: Cause) -> Result<Option<Ended>, Failure> {
        for action in actions {
            match action {
                Action::Search(search) => {
                    let set = self.cast.rig.age();
                    let generation = self.cast.rig.set_search(search);
                    let since = match cause {
                        Cause::Block(seen) => seen.elapsed(),
                        Cause::Found(_) | Cause::Progress => Duration::ZERO,
                    };
                    self.search = Some((generation, set, since));
                }
                Action::Send(submission) => self.send(submission, cause),
                Action::Show(proof) => {
                    if let Some((_, runtime)) = &self.latest {
                        let shown = (self.show)(Shown { proof, runtime });
                        if shown?.is_break() {
                            return Ok(Some(Ended::Enough));
                        }
                    }
                }
                Action::Confirm(numbers) => self.confirm(numbers),
                Action::Tell(event) => self.status.say(&words::event(&event)),
                Action::End(end) => return Ok(Some(Ended::Session(end))),
            }
        }
        Ok(None)
    }

    fn send(&mut self, submission: Submission, cause: Cause) {
        let (Some((connection, runtime)), Some(signer)) = (&self.latest, self.cast.signer) else {
            return;
        };
        let Submission { id, payload, .. } = submission;
        let signed = self.signed.iter().find(|(signed, _)| *signed == payload);
        let extrinsic = signed.map_or_else(
            || {
                let signature = signer.sign(&payload);
                payload.extrinsic(signer.public_key(), signature).to_vec()
            },
            |(_, extrinsic)| extrinsic.clone(),
        );
        if signed.is_none() {
            self.signed.push((payload, extrinsic.clone()));
        }
        let (connection, runtime) = (Arc::clone(connection), Arc::clone(runtime));
        let tell = self.tell.clone();
        // It goes on when the follower has changed to another connection: this one knows of it.
        let watching = tokio::spawn(async move {
            if let Cause::Found(found) = cause {
                let ms = found.elapsed().as_secs_f64() * 1e3;
                info!(ms, "from found to sent");
            }
            submission::watch(connection, runtime, extrinsic, id, tell).await;
        });
        // What is told of the one before is no news any more.
        self.watching = Some(AbortOnDrop(watching));
    }

    /// Asks which blocks are on the best chain. The session hears of it when there is an answer; signals
    /// and finds are heard meanwhile.
    fn confirm(&mut self, numbers: Vec<u64>) {
        let Some((connection, _)) = &self.latest else {
            return;
        };
        self.asked += 1;
        let asked = self.asked;
        let (connection, confirm) = (Arc::clone(connection), self.confirm.clone());
        let asking = tokio::spawn(async move {
            match connection.block_hashes(&numbers).await {
                // Nobody listens any more when it is over.
                Ok(hashes) => drop(confirm.send((asked, hashes))),
                // The session asks again with the next block.
                Err(error) => debug!(%error, "blocks could not be confirmed"),
            }
        });
        self.asking = Some(AbortOnDrop(asking));
    }

    /// How long the last block took to reach every device.
    fn log_reach(&self) {
        if let Some((generation, set, since)) = self.search
            && let Some(reached) = self.cast.rig.reached(generation)
        {
            let time = reached.saturating_sub(set) + since;
            debug!(ms = time.as_secs_f64() * 1e3, "from block to all devices");
        }
    }
}
