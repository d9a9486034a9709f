//! Devices at work: the flags choose them, a rig drives them. Commands that mine nothing measure them.

use core::time::Duration;
use std::{
    io::{self, IsTerminal as _},
    sync::Arc,
    thread,
    time::Instant,
};

use btpow_core::{Difficulty, Position, Protocol, Search};
use btpow_fleet::range;
use btpow_registration::Goal;

use crate::{
    cli::{RigArgs, ShardArgs, UnattendedArgs},
    crew::Crew,
    devices::{Choice, DevicesError, Opened, Row, Unit, kinds},
    environment::Environment,
    events::Events,
    exit::Failure,
    gauges::Gauges,
    limits::Limits,
    output,
    rig::{Event, Messenger, Rig, RigError},
    sample,
    signals::Signal,
};

/// How long to measure a rate in a command that mines nothing.
const MEASURE: Duration = Duration::from_millis(600);

/// How long to measure before somebody is asked whether to register.
const GLANCE: Duration = Duration::from_millis(300);

/// How long a person waits for cards without a word.
const WORDLESS: Duration = Duration::from_secs(1);

/// The longest time that a look for cards waits for the first round of hashes. Looks keep all of a small machine's cores
/// busy, and the first round takes a few milliseconds.
const HEAD_START: Duration = Duration::from_millis(50);

/// How long a command that measures waits for cards: a little longer than until a silent driver is told.
const COMPLETE: Duration = Duration::from_secs(12);

/// Stack of the thread that opens cards, for the compilers in their drivers: what a main thread has.
const STACK: usize = 8 << 20;

/// The devices that the flags choose. They are chosen before anything connects, so that wrong flags are
/// reported first, and opened when there is work.
///
/// # Errors
///
/// Flags that contradict each other, and those of [`Choice::new`].
pub fn devices(args: &RigArgs, environment: &Environment) -> Result<Arc<Choice>, Failure> {
    let options = args.options(environment.isa.as_deref())?;
    let selectors = args.selectors();
    let choice = Choice::new(kinds::all(options, &selectors), &selectors)?;
    Ok(Arc::new(choice))
}

/// No device: others hash.
///
/// # Errors
///
/// Those of [`Choice::new`], of which none comes of no device.
pub(crate) fn no_devices() -> Result<Arc<Choice>, Failure> {
    Ok(Arc::new(Choice::new(Vec::new(), &[])?))
}

/// Opens devices and puts them to work. Cards that come later join from a thread that nobody waits for: their
/// drivers may be slow, or hang. `prepare` may change each device's units before they start.
///
/// # Errors
///
/// When none opens at once, or the system gives no more threads.
pub fn rig(
    devices: &Arc<Choice>,
    mut prepare: impl FnMut(Vec<Unit>) -> Vec<Unit> + Send + 'static,
) -> Result<(Rig, Crew), Failure> {
    let Opened { rows, units } = devices.now.open()?;
    let rig = Rig::start(prepare(units))?;
    rig.messenger().introduce(rows.clone());
    let crew = Crew::new(rows, devices.is_growing());
    if crew.is_growing {
        let (devices, messenger) = (Arc::clone(devices), rig.messenger());
        thread::Builder::new()
            .name("cards".to_owned())
            .stack_size(STACK)
            .spawn(move || grow(&devices, messenger, prepare))
            .map_err(RigError::Thread)?;
    }
    Ok((rig, crew))
}

/// Looks after devices that are to work for long: their sensors can be asked for, the user's limits are kept, and one
/// that falls silent is reset.
pub(crate) fn look_after(
    rig: &Rig,
    devices: &Arc<Choice>,
    limits: Limits,
) -> Result<Gauges, RigError> {
    let gauges = Gauges::new(rig.messenger(), devices);
    let again = Arc::clone(devices);
    rig.messenger()
        .reopen_with(Arc::new(move |listed| again.reopen(listed)));
    limits.begin(rig, &gauges)?;
    Ok(gauges)
}

/// Whom to tell what happens to goals.
pub(crate) fn events(
    args: &UnattendedArgs,
    goals: impl IntoIterator<Item = Goal>,
    rig: &Rig,
) -> Result<Events, Failure> {
    let goals = goals.into_iter().filter_map(|goal| match goal {
        Goal::Register { netuid, hotkey, .. } => Some((netuid, hotkey)),
        // It has no such flag.
        Goal::Faucet { .. } => None,
    });
    let goals: Vec<_> = goals.collect();
    let command = args.on_event.as_deref();
    Ok(Events::new(&goals, command, rig.messenger())?)
}

/// Lets the devices that come later join.
fn grow(devices: &Choice, messenger: Messenger, mut prepare: impl FnMut(Vec<Unit>) -> Vec<Unit>) {
    let messenger = Growing(messenger);
    let tell = |text| messenger.0.tell(Event::Warning(text));
    let began = Instant::now();
    while !messenger.0.has_hashed() && began.elapsed() < HEAD_START {
        thread::sleep(Duration::from_micros(500));
    }
    devices.try_later(&tell, |backend, listed| {
        if messenger.0.is_stopping() {
            return Ok(false);
        }
        let name = listed.name.clone();
        let units = backend.open(listed);
        let units = units.map_err(|error| DevicesError::Open { name, error })?;
        let (slots, error) = messenger.0.join(prepare(units));
        let has_joined = !slots.is_empty();
        if has_joined {
            let row = Row {
                listed: listed.clone(),
                slots,
                former: 0..0,
            };
            messenger.0.introduce([row.clone()]);
            messenger.0.tell(Event::Joined(row));
        }
        if let Some(error) = error {
            tell(error.to_string());
        }
        Ok(has_joined)
    });
}

/// Tells at its end that no more devices join, even if a driver causes a panic.
struct Growing(Messenger);

impl Drop for Growing {
    fn drop(&mut self) {
        self.0.complete();
    }
}

/// The rate of the devices that are there, from a short search on a challenge that belongs to nobody.
pub(crate) async fn glance(rig: &Rig, protocol: Protocol) -> Result<f64, Failure> {
    rig.set_search(nobodys(protocol)?);
    tokio::time::sleep(GLANCE).await;
    let rate = rig.statistics().map_or(0.0, |it| it.rates.hash_rate);
    rig.pause();
    Ok(rate)
}

/// A search that finds nothing.
fn nobodys(protocol: Protocol) -> Result<Search, Failure> {
    Ok(Search {
        challenge: sample::bench(protocol),
        difficulty: Difficulty::new(u64::MAX).expect("it is not zero"),
        block_number: None,
        start: random_start()?,
    })
}

/// Waits until every device has joined, while those that are there work; for [`COMPLETE`] at most, since a driver may
/// hang while a card is opened. Returns the signal, if one came before.
pub(crate) fn complete(rig: &Rig, crew: &mut Crew) -> Result<Option<Signal>, Failure> {
    let began = Instant::now();
    let until = began + COMPLETE;
    let mut is_silent = io::stderr().is_terminal();
    while crew.is_growing {
        let next = if is_silent { began + WORDLESS } else { until };
        match rig.wait(Some(next)) {
            Some(Event::Interrupted(signal)) => return Ok(Some(signal)),
            Some(event) => note(event, rig, crew)?,
            None if Instant::now() >= until => {
                output::say(
                    "warning: the look for cards has not ended; this is measured without them",
                );
                crew.is_growing = false;
            }
            None if is_silent => {
                output::say("looking for cards");
                is_silent = false;
            }
            None => {}
        }
    }
    Ok(None)
}

/// Notes an event, for commands that show no state of a search. They say nothing about devices that join, since their
/// answers name them.
fn note(event: Event, rig: &Rig, crew: &mut Crew) -> Result<(), Failure> {
    let is_trouble = !matches!(event, Event::Joined(_));
    if let Some(line) = crew.note(event, rig)
        && is_trouble
    {
        output::say(&line);
    }
    Ok(crew.check()?)
}

/// Keeps the rig to its shard, if it has one. Returns where a search begins.
pub(crate) fn start(shard: ShardArgs, rig: &Rig) -> Result<Position, Failure> {
    let Some(shard) = shard.shard else {
        return random_start();
    };
    rig.keep_to(shard);
    Ok(shard.first())
}

/// Keeps the rig of a coordinator to its own positions. Returns where a search begins: anywhere in their first half, so
/// that two coordinators do not hash the same, and there are more left than a block has time for.
pub(crate) fn start_beside_rigs(rig: &Rig) -> Result<Position, Failure> {
    let own = range::OWN;
    rig.keep_to(own);
    let first_half = (own.last().0 - own.first().0) / 2;
    let Position(anywhere) = random_start()?;
    Ok(own.first().after(anywhere & first_half))
}

/// The words about a shard, behind those about the devices.
pub(crate) fn about_shard(shard: ShardArgs) -> String {
    let shard = shard.shard;
    shard.map_or_else(String::new, |it| format!("; shard {it} of the nonces"))
}

/// Where a search begins by default.
///
/// # Errors
///
/// [`Failure::Randomness`].
pub fn random_start() -> Result<Position, Failure> {
    let position = getrandom::u64().map_err(Failure::Randomness)?;
    Ok(Position(position))
}

/// The hash rate of devices, measured on a challenge that belongs to nobody.
pub(crate) fn measure(
    devices: &Arc<Choice>,
    protocol: Protocol,
) -> Result<(f64, Vec<Row>), Failure> {
    let (rig, mut crew) = rig(devices, |units| units)?;
    rig.set_search(nobodys(protocol)?);
    complete(&rig, &mut crew)?;
    let until = Instant::now() + MEASURE;
    while let Some(event) = rig.wait(Some(until)) {
        note(event, &rig, &mut crew)?;
    }
    let rate = rig.statistics().map_or(0.0, |it| it.rates.hash_rate);
    Ok((rate, crew.rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rigs have the other ranges, and the coordinator's own must not end before the next block.
    #[test]
    fn a_coordinator_begins_in_its_own_range_with_half_of_it_left() {
        let rig = Rig::start(Vec::new()).expect("no thread is needed");
        for _ in 0..100 {
            let start = start_beside_rigs(&rig).expect("randomness");
            assert!(range::OWN.left(start) > 1 << 47, "{start:?}");
        }
    }
}
