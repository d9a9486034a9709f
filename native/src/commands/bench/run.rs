//! Measures, then checks what the devices reported.

use core::time::Duration;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use btpow_core::{Order, Round};

use super::{
    answer::{Answer, DeviceFields, millis, people},
    change::slowest_change,
    known_hits::KnownHits,
    meter::{self, Meter},
    recorder::{Log, Recorded},
    spot_checks,
};
use crate::{
    cli::{self, BenchArgs},
    commands::common::hashing,
    devices::Unit,
    environment::Environment,
    exit::{Exit, Failure},
    output,
    report::json,
    rig::{Event, Rig, RigError},
    signals::Signal,
};

/// How much longer than asked a bench may take, until every device has done a round and a known hit was tried: a
/// slow device, or a busy machine, gets an answer too.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often to look whether that is so.
const INTERVAL: Duration = Duration::from_millis(20);

/// Measures and checks; `begun` is when the program started.
///
/// # Errors
///
/// [`Failure::MissedHits`], and any other failure.
pub fn run(args: &BenchArgs, environment: &Environment, begun: Instant) -> Result<Exit, Failure> {
    let protocol = cli::protocol(args.protocol, args.order, Some(Order::Big))?;
    let chosen = hashing::devices(&args.rig, environment)?;

    let known = KnownHits::of(protocol);
    let logs: Arc<Mutex<Vec<_>>> = Arc::default();
    let (rig, mut crew) = hashing::rig(&chosen, {
        let (logs, reach) = (Arc::clone(&logs), known.reach());
        move |units| {
            let (units, more) = recorded(units, reach);
            locked(&logs).extend(more);
            units
        }
    })?;
    let signals = rig.forward_signals()?;
    rig.set_search(KnownHits::search_from(protocol, known.start()));
    // Those that are there work meanwhile, but the measurement is one of all devices.
    if let Some(signal) = hashing::complete(&rig, &mut crew)? {
        return Ok(interrupted(signal));
    }
    if let Some((name, fault)) = crew.last_dropped() {
        let name = name.to_owned();
        return Err(RigError::Dropped { name, fault }.into());
    }
    let rows = crew.rows;
    let mut meter = Meter::start(&chosen, &rows);
    for log in locked(&logs).iter() {
        locked(log).measure();
    }
    let began = Instant::now();
    let is_conclusive = || is_conclusive(&known, &copies(&logs));
    if let Some(signal) = wait(&rig, began + args.seconds, &mut meter, is_conclusive)? {
        return Ok(interrupted(signal));
    }
    let seconds = began.elapsed().as_secs_f64();
    let joules = meter.joules();
    let challenge_change = slowest_change(&rig, protocol, &known);
    drop((signals, rig));

    let logs = copies(&logs);
    let (mut hits_expected, mut hits_found) = count(&known, &logs);
    let (expected, found) = spot_checks::run(protocol, &logs);
    hits_expected += expected;
    hits_found += found;
    let mut devices: Vec<_> = rows
        .iter()
        .map(|row| DeviceFields::new(row, &logs))
        .collect();
    for (device, joules) in devices.iter_mut().zip(joules) {
        device.hashes_per_joule = joules.map(|joules| device.hash_rate * seconds / joules);
    }
    let first_hash = logs.iter().filter_map(|log| log.first).min();
    let first_hash = first_hash.map(|moment| moment - begun);
    let answer = Answer {
        protocol: protocol.name(),
        order: protocol.order().name(),
        seconds,
        hash_rate: devices.iter().map(|device| device.hash_rate).sum(),
        devices,
        hits_expected,
        hits_found,
        first_hash_ms: first_hash.map(millis),
        challenge_change_ms: challenge_change.map(millis),
    };
    output::answer(&if args.json {
        json::line(&answer)
    } else {
        people(protocol, &answer)
    })?;
    match hits_expected {
        0 => Err(Failure::BenchTooShort),
        expected if hits_found < expected => Err(Failure::MissedHits {
            missed: expected - hits_found,
            expected,
        }),
        _ => Ok(Exit::Success),
    }
}

/// Says so: the shell's prompt is to begin on a line of its own.
fn interrupted(signal: Signal) -> Exit {
    output::say("interrupted; nothing was measured");
    Exit::Interrupted(signal)
}

/// The content, even after a panic elsewhere, which is reported there.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the devices have done so far.
fn copies(logs: &Mutex<Vec<Arc<Mutex<Log>>>>) -> Vec<Log> {
    let logs = locked(logs);
    logs.iter().map(|log| locked(log).clone()).collect()
}

/// The units, each with a recorder of what is within `reach`.
fn recorded(units: Vec<Unit>, reach: Round) -> (Vec<Unit>, Vec<Arc<Mutex<Log>>>) {
    let record = |unit| {
        let (recorded, log) = Recorded::new(unit, reach);
        (Unit::new(recorded), log)
    };
    units.into_iter().map(record).unzip()
}

/// Lets the devices work until the time is up and there is something to judge. Returns the signal, if one came before.
fn wait(
    rig: &Rig,
    until: Instant,
    meter: &mut Meter<'_>,
    is_conclusive: impl Fn() -> bool,
) -> Result<Option<Signal>, Failure> {
    let interval = meter.is_needed().then_some(meter::INTERVAL);
    let end = until + PATIENCE;
    let mut next_sample = interval.map_or(end, |interval| Instant::now() + interval);
    loop {
        let now = Instant::now();
        if now >= end || now >= until && is_conclusive() {
            return Ok(None);
        }
        if let Some(interval) = interval
            && now >= next_sample
        {
            meter.sample();
            next_sample += interval;
        }
        let next_look = until.max(now + INTERVAL);
        match rig.wait(Some(next_sample.min(next_look))) {
            Some(Event::Interrupted(signal)) => return Ok(Some(signal)),
            Some(Event::Dropped(slot, fault)) => {
                let name = rig.name(slot);
                return Err(RigError::Dropped { name, fault }.into());
            }
            Some(_) | None => {}
        }
    }
}

/// Whether every device has done a round of the measurement, and a known hit was tried.
fn is_conclusive(known: &KnownHits, logs: &[Log]) -> bool {
    logs.iter().all(|log| log.measured.is_some()) && count(known, logs).0 > 0
}

/// How many known hits were tried, and how many of them were reported.
fn count(known: &KnownHits, logs: &[Log]) -> (usize, usize) {
    let (mut expected, mut found) = (0, 0);
    for hit in known.positions() {
        if let Some(log) = logs.iter().find(|log| log.tried(hit)) {
            expected += 1;
            found += usize::from(log.reported.contains(&hit));
        }
    }
    (expected, found)
}

#[cfg(test)]
mod tests {
    use btpow_core::{Isa, Position, Protocol};

    use super::{
        super::change::{LIMIT, time_change},
        *,
    };
    use crate::devices::cpu::CpuThread;

    #[test]
    fn a_missed_hit_is_counted_as_one() {
        let known = KnownHits::of(Protocol::V1);
        let all: Vec<_> = known.positions().collect();
        // Two devices that did half of the run each.
        let half = KnownHits::LEN / 2;
        let log = |start: Position| {
            let round = Round { start, len: half };
            let hits = all.iter().copied().filter(|&hit| round.contains(hit));
            Log {
                rounds: vec![round],
                reported: hits.collect(),
                ..Log::default()
            }
        };
        let mut logs = [log(known.start()), log(known.start().after(half))];
        assert_eq!(count(&known, &logs), (all.len(), all.len()));
        logs[1].reported.remove(3);
        assert_eq!(count(&known, &logs), (all.len(), all.len() - 1));
        // What was not tried is not missed.
        logs[0].rounds.clear();
        let tried = logs[1].reported.len();
        assert_eq!(count(&known, &logs), (tried + 1, tried));
        assert_eq!(count(&known, &[]), (0, 0));
    }

    #[test]
    fn a_bench_goes_on_until_each_device_has_worked_and_a_hit_was_tried() {
        let known = KnownHits::of(Protocol::V1);
        let now = Instant::now();
        let round = |start: Position| Log {
            rounds: vec![Round { start, len: 10 }],
            measured: Some((now, now)),
            ..Log::default()
        };
        let hit = known.positions().next().expect("there are hits");
        assert!(is_conclusive(&known, &[round(hit)]));
        assert!(!is_conclusive(&known, &[round(hit.after(1))]));
        assert!(!is_conclusive(&known, &[round(hit), Log::default()]));
    }

    #[test]
    fn rounds_of_the_self_test_are_not_recorded() {
        let known = KnownHits::of(Protocol::V1);
        let unit = Unit::new(CpuThread::new(0, Isa::best()));
        let (units, logs) = recorded(vec![unit], known.reach());
        let rig = Rig::start(units).expect("a thread");
        // Nor is a search elsewhere, which comes after the self-test.
        let beyond = known.start().after(known.reach().len);
        let elsewhere = KnownHits::search_from(Protocol::V1, beyond);
        time_change(&rig, elsewhere, LIMIT).expect("it works");
        drop(rig);
        let log = logs[0].lock().expect("no panic");
        assert_eq!((log.rounds.len(), log.first), (0, None));
    }
}
