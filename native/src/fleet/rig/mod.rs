//! A rig of a fleet at work: its devices hash what the coordinator announces, each rig its own range of positions.
//!
//! What a rig decides is in [`Worker`]. Here it gets a network, a clock and devices.

mod words;

use core::time::Duration;
use std::time::Instant;

use btpow_core::Micros;
use btpow_fleet::{
    Id, RigName, Worker,
    message::{Device, Text},
    worker::{self, Action, Settings},
};
use tokio::time::{self, Instant as Moment};
use tracing::debug;

pub use self::words::{Idle, Part};
use super::{Change, Link, LinkError, PROGRAM, link::Messages};
use crate::{
    crew::Crew,
    registration::watch::Phase,
    report::{RowRates, Snapshot, Status, plain},
    rig::{Event, Rig, RigError},
    service::Service,
    signals::Signal,
};

/// How long a rig that ends waits for answers to the finds that are on their way.
const FAREWELL: Duration = Duration::from_secs(5);

/// What a rig needs.
#[derive(Debug)]
pub struct Setup<'a> {
    /// The connection to the server.
    pub link: Link,
    /// Its name in the fleet.
    pub name: RigName,
    /// The process, drawn by lot.
    pub session: Id,
    /// Hashes.
    pub rig: &'a Rig,
    /// The devices as the user knows them.
    pub crew: &'a mut Crew,
    /// Whether the loss of a device ends it.
    pub exit_on_device_loss: bool,
}

/// Works until a signal comes.
///
/// # Errors
///
/// [`RigError`] when no device is left, or one was lost that must not be.
pub async fn run(
    mut setup: Setup<'_>,
    status: &mut dyn Status,
) -> Result<Result<Signal, RigError>, LinkError> {
    let fleet = setup.link.fleet().clone();
    let announced = setup.link.subscribe(fleet.announce()).await?;
    let own = setup.link.subscribe(fleet.to_rig(&setup.name)).await?;
    let settings = Settings {
        session: setup.session,
        program: Text::new(PROGRAM),
    };
    let mut at_work = AtWork {
        worker: Worker::new(settings, 0),
        setup,
        begun: Instant::now(),
        service: Service::find(),
        status,
        told: Told::default(),
        taken: 0,
        paused: None,
        end: None,
    };
    at_work.service.ready();
    let ended = at_work.go_on(announced, own).await;
    at_work.leave().await;
    Ok(ended)
}

/// A rig at work.
struct AtWork<'a, 'b> {
    setup: Setup<'a>,
    worker: Worker,
    /// Since when the worker counts time.
    begun: Instant,
    service: Service,
    status: &'b mut dyn Status,
    told: Told,
    /// How many of its finds were taken.
    taken: u64,
    /// The state of the search when it was paused: a paused rig has none.
    paused: Option<Snapshot>,
    /// How it ends, and when at the latest.
    end: Option<(Result<Signal, RigError>, Moment)>,
}

/// What was told, so that it is not told again.
#[derive(Debug, Default)]
struct Told {
    /// The block of the last find that was taken.
    taken: Option<u64>,
    /// The block of the last find that could not be sent.
    kept: Option<u64>,
    /// Whether it was told that the devices work.
    works: bool,
}

impl AtWork<'_, '_> {
    async fn go_on(
        &mut self,
        mut announced: Messages,
        mut own: Messages,
    ) -> Result<Signal, RigError> {
        let mut next_show = Moment::now() + self.status.interval();
        loop {
            let never = Moment::now() + Duration::from_secs(3_600);
            let due = Moment::from_std(self.begun + Duration::from_micros(self.worker.next_tick()));
            let sign = self.service.next_sign().map(Moment::from_std);
            let end = self.end.as_ref().map(|(_, end)| *end);
            tokio::select! {
                message = announced.next() => {
                    self.work(|worker, now| worker.announced(&message.payload, now));
                }
                message = own.next() => {
                    self.work(|worker, now| worker.received(&message.payload, now));
                }
                change = self.setup.link.change() => self.change(&change),
                event = self.setup.rig.event() => {
                    if let Event::Interrupted(signal) = event && self.end.is_some() {
                        // Whoever asks twice does not want to wait.
                        return Ok(signal);
                    }
                    self.event(event);
                }
                () = time::sleep_until(due) => self.work(Worker::tick),
                () = time::sleep_until(next_show) => {
                    self.show();
                    next_show = Moment::now() + self.status.interval();
                }
                () = time::sleep_until(sign.unwrap_or(never)), if sign.is_some() => {
                    self.service.sign();
                }
                () = time::sleep_until(end.unwrap_or(never)), if end.is_some() => {}
            }
            let is_over = |end: &mut (_, Moment)| {
                let is_late = Moment::now() >= end.1;
                let has_ends = self.setup.rig.has_events() || self.worker.open_finds().count() > 0;
                is_late || !has_ends
            };
            if let Some((ended, _)) = self.end.take_if(is_over) {
                return ended;
            }
        }
    }

    /// Time as the worker counts it.
    fn now(&self) -> Micros {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(Micros::MAX)
    }

    /// Has the worker decide, and does what it says.
    fn work(&mut self, decide: impl FnOnce(&mut Worker, Micros) -> Vec<Action>) {
        if let Some(next) = self.setup.rig.next() {
            self.worker.at(next);
        }
        self.worker.devices(self.devices());
        let now = self.now();
        for action in decide(&mut self.worker, now) {
            self.perform(action);
        }
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Send(message) => {
                let Setup { link, name, .. } = &self.setup;
                // What is lost on the way is sent again when its time has come.
                link.send(link.fleet().from_rig(name), message);
            }
            // It is about to end.
            Action::Search(_) | Action::Pause(_) if self.end.is_some() => {}
            Action::Search(search) => {
                self.setup.rig.set_search(search);
                self.paused = None;
                if !core::mem::replace(&mut self.told.works, true) {
                    let block = search.block_number.unwrap_or_default();
                    let protocol = search.challenge.protocol();
                    self.status
                        .say(&format!("hashing {protocol} for block {block}"));
                }
            }
            Action::Pause(why) => {
                self.pause();
                self.told.works = false;
                self.status.say(&words::pause(&why));
            }
            Action::Tell(event) => self.tell(&event),
        }
    }

    fn tell(&mut self, event: &worker::Event) {
        match event {
            worker::Event::Joined(range) => self.setup.rig.keep_to(range.shard()),
            worker::Event::Taken { task, nonce } => {
                self.taken += 1;
                let (block, _) = task.block();
                debug!(block, nonce, "taken");
                // An easy block has hundreds.
                if self.told.taken.replace(block) != Some(block) {
                    self.status.say(&format!(
                        "the coordinator has this rig's find for block {block}"
                    ));
                }
            }
            _ => {}
        }
        if let Some(line) = words::event(event) {
            self.status.say(&line);
        }
    }

    /// Something became of the connection.
    fn change(&mut self, change: &Change) {
        let line = change.words(self.setup.link.address());
        self.status.say(&line);
        match change {
            Change::Back => self.work(Worker::connected),
            Change::Forbidden(words) => {
                let Setup { link, name, .. } = &self.setup;
                if words.contains(&link.fleet().from_rig(name)) {
                    self.status.say(&format!(
                        "warning: this key may not be rig {name} of the fleet {}; check --name, the fleet's name in the address, \
                         and the key",
                        link.fleet()
                    ));
                }
            }
            Change::Lost | Change::Refused | Change::Slow | Change::TooLong(_) => {}
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Found(find) => {
                self.work(|worker, now| worker.found(&find.search.challenge, find.solution, now));
                let block = find.search.block_number.unwrap_or_default();
                let mut open = self.worker.open_finds();
                let is_kept = open.any(|(task, _)| task.block().0 == block);
                if is_kept
                    && !self.setup.link.is_connected()
                    && self.told.kept.replace(block) != Some(block)
                {
                    self.status.say(&format!(
                        "found a solution for block {block}; it is kept until the server is back"
                    ));
                }
            }
            Event::Interrupted(signal) => self.end_with(Ok(signal)),
            Event::Asked => {
                let line = self.snapshot().map(|snapshot| plain::line(&snapshot));
                let line = line.or_else(|| self.idle().map(|idle| idle.to_string()));
                self.status.say(line.as_deref().unwrap_or("starting"));
            }
            Event::Exhausted => self
                .status
                .say("all nonces of the range are hashed before the next block comes"),
            event => self.device(event),
        }
    }

    /// Something became of a device.
    fn device(&mut self, event: Event) {
        let dropped = match event {
            Event::Dropped(slot, fault) => Some((self.setup.rig.name(slot), fault)),
            _ => None,
        };
        let Setup { rig, crew, .. } = &mut self.setup;
        if let Some(line) = crew.note(event, rig) {
            self.status.say(&line);
        }
        if let Err(none_left) = self.setup.crew.check() {
            self.end_with(Err(none_left));
        } else if let Some((name, fault)) = dropped
            && self.setup.exit_on_device_loss
        {
            self.end_with(Err(RigError::Dropped { name, fault }));
        }
    }

    /// Ends as soon as the finds that are on their way are answered.
    fn end_with(&mut self, ended: Result<Signal, RigError>) {
        if self.end.is_some() {
            return;
        }
        self.pause();
        self.end = Some((ended, Moment::now() + FAREWELL));
        // Those that have waited for something else.
        self.work(Worker::connected);
        if self.worker.open_finds().count() > 0 {
            self.status.say(&format!(
                "it ends once a coordinator has taken what was found, within {} s",
                FAREWELL.as_secs()
            ));
        }
    }

    /// The devices rest from now on.
    fn pause(&mut self) {
        let Setup { rig, crew, .. } = &self.setup;
        self.paused = Snapshot::of(rig, &crew.rows).or_else(|| self.paused.take());
        rig.pause();
    }

    /// Says goodbye to the coordinator, and to the user what it has not got.
    async fn leave(&mut self) {
        self.pause();
        for (task, nonce) in self.worker.open_finds() {
            self.status.say(&format!(
                "warning: no coordinator has taken nonce {nonce}, which wins for block {}",
                task.block().0
            ));
        }
        let Setup { link, name, .. } = &self.setup;
        link.send(link.fleet().from_rig(name), self.worker.bye());
        link.flush().await;
    }

    fn show(&mut self) {
        if let Some(snapshot) = self.snapshot() {
            self.service.status(|| plain::line(&snapshot));
            self.status.show(&snapshot);
        } else if let Some(idle) = self.idle() {
            self.service.status(|| idle.to_string());
        }
    }

    /// The state of the search; none before the first.
    fn snapshot(&self) -> Option<Snapshot> {
        let Setup {
            rig, crew, link, ..
        } = &self.setup;
        let mut snapshot = Snapshot::of(rig, &crew.rows).or_else(|| self.paused.clone())?;
        snapshot.counts.proofs = self.taken;
        if let Some(idle) = self.idle() {
            snapshot.is_paused = true;
            snapshot.phase = Some(Phase::Idle(idle));
        } else if let Some(range) = self.worker.range()
            && !snapshot.is_paused
        {
            snapshot.phase = Some(Phase::Part(Part {
                range: range.number(),
                taken: self.taken,
                open: self.worker.open_finds().count(),
                is_connected: link.is_connected(),
                is_quiet: self.worker.is_quiet(self.now()),
            }));
        }
        Some(snapshot)
    }

    /// Why nothing is hashed, if nothing is.
    fn idle(&self) -> Option<Idle> {
        let idle = self.worker.waits_for().map(Idle::from)?;
        Some(if !self.setup.link.is_connected() {
            Idle::Offline
        } else if idle == Idle::Resting && self.worker.is_quiet(self.now()) {
            Idle::Silent
        } else {
            idle
        })
    }

    /// The devices, as a coordinator is told of them.
    fn devices(&self) -> Vec<Device> {
        let Setup { rig, crew, .. } = &self.setup;
        let rig = rig.messenger();
        let (_, rates) = rig.measurements();
        let is_resting = self.worker.task().is_none() || rig.paused().is_some();
        let device = |row: RowRates| {
            let is_up = row.is_up();
            let fault = row.dropped.first().filter(|_| !is_up);
            Device {
                name: Text::new(&row.row.listed.name),
                rate: if is_up && !is_resting {
                    row.rates.hash_rate
                } else {
                    0.0
                },
                nonces: row.rates.nonces_total,
                fault: fault.map(|(_, why)| Text::new(why)),
            }
        };
        let rows = RowRates::all(&rig, &crew.rows, &rates);
        rows.into_iter().map(device).collect()
    }
}
