//! `btpow solve`: searches until a nonce wins.

mod chain;
mod request;

use core::time::Duration;
use std::time::Instant;

use btpow_core::{Find, Search, Solution};
use indicatif::HumanCount;

use self::request::Request;
pub(super) use self::request::contradiction;
use crate::{
    api::Api,
    cli::SolveArgs,
    commands::common::hashing,
    crew::Crew,
    environment::Environment,
    exit::{Exit, Failure},
    limits::Limits,
    output,
    report::{
        Snapshot, Status,
        json::{self, Solved},
        plain,
        status::status,
        units,
    },
    rig::{Event, Rig},
    signals::Signal,
};

/// Why a search ended.
enum End {
    Found(Box<Find>),
    TimedOut,
    Interrupted(Signal),
    /// Every nonce of the shard was hashed.
    Exhausted,
}

/// Searches, shows progress, prints the answer.
///
/// # Errors
///
/// [`Failure`] of any kind.
pub fn run(args: &SolveArgs, environment: &Environment, live: bool) -> Result<Exit, Failure> {
    let mut api = Api::bind(&args.api, "solve", false)?;
    let request = Request::read(args, environment)?;
    let devices = hashing::devices(&args.rig, environment)?;
    let limits = Limits::new(&args.limits, &devices)?;
    let (rig, mut crew) = hashing::rig(&devices, |units| units)?;
    let start = match request.start {
        Some(start) => start,
        None => hashing::start(args.shard, &rig)?,
    };
    api.serve()?;
    let mut status = api.show(status(args.show.is_live(live), false, environment));
    let gauges = hashing::look_after(&rig, &devices, limits)?;
    api.begin(vec![(&request.task).into()], &rig, &gauges)?;
    let signals = rig.forward_signals()?;
    rig.set_search(Search {
        challenge: request.task.challenge,
        difficulty: request.difficulty,
        block_number: request.task.block_number.map(Into::into),
        start,
    });
    if request.sample {
        status.say(SAMPLE);
    }
    let shard = hashing::about_shard(args.shard);
    status.say(&format!("{}{shard}", introduction(&request, &crew)));
    let ended = search(&rig, &mut crew, request.timeout, status.as_mut());
    let snapshot = Snapshot::of(&rig, &crew.rows);
    status.close();
    let ended = ended?;
    let found = match &ended {
        End::Found(find) => Some((&find.solution, rig.name(find.slot))),
        _ => None,
    };
    drop((signals, rig));

    let found = found.as_ref().map(|(solution, name)| (*solution, &**name));
    if args.json {
        let object = Solved::new(&request.task, request.difficulty, found, snapshot.as_ref());
        output::treasure(&json::line(&object))?;
    } else if let (Some(found), Some(snapshot)) = (found, &snapshot) {
        output::treasure(&people(&request, found, snapshot))?;
    }
    let (why, exit) = match ended {
        End::Found(_) => return Ok(Exit::Success),
        End::TimedOut => ("time is up", Exit::Limit),
        // What a device had not hashed when it was dropped, nobody has.
        End::Exhausted if crew.last_dropped().is_some() => (
            "no nonce of this shard wins, but for what the dropped device left",
            Exit::Limit,
        ),
        End::Exhausted => ("no nonce of this shard wins", Exit::Limit),
        End::Interrupted(signal) => ("interrupted", Exit::Interrupted(signal)),
    };
    if let Some(snapshot) = snapshot {
        status.say(&format!("{why}: {}", tried(&snapshot)));
    }
    Ok(exit)
}

/// Waits for the end and shows progress.
fn search(
    rig: &Rig,
    crew: &mut Crew,
    timeout: Option<Duration>,
    status: &mut dyn Status,
) -> Result<End, Failure> {
    let began = Instant::now();
    let deadline = timeout.map(|timeout| began + timeout);
    let mut next_show = began + status.interval();
    loop {
        let until = deadline.map_or(next_show, |deadline| deadline.min(next_show));
        match rig.wait(Some(until)) {
            Some(Event::Found(find)) => return Ok(End::Found(find.into())),
            Some(Event::Interrupted(signal)) => return Ok(End::Interrupted(signal)),
            Some(Event::Exhausted) => return Ok(End::Exhausted),
            Some(Event::Asked) => {
                if let Some(snapshot) = Snapshot::of(rig, &crew.rows) {
                    status.say(&plain::line(&snapshot));
                }
            }
            Some(event) => {
                let is_dropped = matches!(event, Event::Dropped(..));
                if let Some(line) = crew.note(event, rig) {
                    status.say(&line);
                }
                // Anything right that a dropped device found before still counts.
                if is_dropped && let Some(best) = rig.best() {
                    return Ok(End::Found(best.into()));
                }
                crew.check()?;
            }
            None if deadline.is_some_and(|deadline| Instant::now() >= deadline) => {
                return Ok(End::TimedOut);
            }
            None => {
                if let Some(snapshot) = Snapshot::of(rig, &crew.rows) {
                    status.show(&snapshot);
                }
                next_show += status.interval();
            }
        }
    }
}

/// What a sample is.
const SAMPLE: &str =
    "This is a built-in sample, not a block of any chain: its solution registers nothing.";

/// What the devices search for, and which they are.
fn introduction(request: &Request, crew: &Crew) -> String {
    let mut text = format!("Solving {}", request.task.challenge.protocol());
    if let Some(netuid) = request.task.netuid {
        text += &format!(", netuid {netuid}");
    }
    if let Some(block_number) = request.task.block_number {
        text += &format!(", block {block_number}");
    }
    let difficulty = HumanCount(request.difficulty.get());
    format!("{text}, difficulty {difficulty}; on {crew}")
}

/// The answer for people.
fn people(request: &Request, (solution, device): (&Solution, &str), snapshot: &Snapshot) -> String {
    let rates = &snapshot.total.rates;
    let expected = request.difficulty.get() as f64 / rates.hash_rate_perpetual.max(1.0);
    let (nonce, seal) = (solution.nonce(), solution.seal());
    let (flags, difficulty) = (request.task.flags(), request.difficulty);
    let label = if request.sample {
        "sample"
    } else {
        "difficulty"
    };
    format!(
        "nonce       {nonce}\n\
         seal        {seal}\n\
         {label:<11} {}\n\
         device      {device}\n\
         took        {}; the average is {}\n\
         tried       {} at {}\n\
         check       btpow verify {flags} --difficulty {difficulty} --nonce {nonce} --seal {seal}\n",
        if request.sample {
            format!(
                "built in, difficulty {}; not a block of any chain",
                HumanCount(difficulty.get())
            )
        } else {
            HumanCount(difficulty.get()).to_string()
        },
        units::time(rates.time_spent_total),
        units::time(expected),
        units::hashes(rates.nonces_total),
        units::rate(rates.hash_rate_perpetual),
    )
}

/// The work that found nothing.
fn tried(snapshot: &Snapshot) -> String {
    let rates = &snapshot.total.rates;
    format!(
        "tried {} in {} at {}; the chance of a solution was {}",
        units::hashes(rates.nonces_total),
        units::time(rates.time_spent_total),
        units::rate(rates.hash_rate_perpetual),
        units::chance(snapshot.total.chance),
    )
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU64;

    use btpow_core::{
        Candidates, Challenge, Device, DeviceError, Difficulty, Info, Isa, Jobs, Poll, Position,
        Protocol, Round, Shard,
    };

    use super::*;
    use crate::{
        devices::{Row, Unit, backend::Listed, cpu::CpuThread},
        report::plain::Plain,
        sample,
    };

    /// A device that obeys and finds nothing.
    struct Blind;

    impl Device for Blind {
        fn info(&self) -> Info<'_> {
            Info {
                name: "blind",
                batch: 1,
                round: 1_000,
                budget: 1_000,
            }
        }

        fn load(&mut self, _: &Jobs) -> Result<(), DeviceError> {
            Ok(())
        }

        fn submit(&mut self, _: Round) -> Result<(), DeviceError> {
            Ok(())
        }

        fn poll(&mut self, _: &mut Candidates) -> Result<Poll, DeviceError> {
            Ok(Poll::Done)
        }
    }

    fn rig(units: Vec<Unit>, difficulty: u64) -> (Rig, Crew) {
        let listed = Listed {
            name: "cpu".to_owned(),
            kind: "cpu",
            description: String::new(),
            isa: None,
            threads: None,
        };
        let slots = 0..units.len();
        let row = Row {
            listed,
            slots,
            former: 0..0,
        };
        let crew = Crew::new(vec![row], false);
        let rig = Rig::start(units).expect("threads");
        rig.set_search(Search {
            challenge: sample::bench(Protocol::V1),
            difficulty: Difficulty::new(difficulty).expect("not zero"),
            block_number: None,
            start: Position(0),
        });
        (rig, crew)
    }

    #[test]
    fn the_search_ends_when_every_device_is_dropped() {
        let (rig, mut crew) = rig(vec![Unit::new(Blind), Unit::new(Blind)], u64::MAX);
        let failure = search(&rig, &mut crew, None, &mut Plain::default())
            .err()
            .expect("no device");
        assert_eq!(failure.exit(), Exit::Device);
        let text = failure.to_string();
        assert!(
            text.contains("blind was dropped: its self-test missed"),
            "{text}"
        );
    }

    #[test]
    fn the_search_ends_with_its_shard() {
        let count = NonZeroU64::new(1 << 50).expect("not zero");
        let shard = Shard::new(3, count).expect("there are more");
        let rig = Rig::start(vec![Unit::new(CpuThread::new(0, Isa::best()))]).expect("threads");
        rig.keep_to(shard);
        rig.set_search(Search {
            challenge: sample::bench(Protocol::V1),
            difficulty: Difficulty::new(u64::MAX).expect("not zero"),
            block_number: None,
            start: shard.first(),
        });
        let mut crew = Crew::default();
        let ended = search(&rig, &mut crew, None, &mut Plain::default()).expect("no fault");
        assert!(matches!(ended, End::Exhausted));
        assert_eq!(rig.nonces_total(), 1 << 14);
    }

    #[test]
    fn the_search_goes_on_with_the_devices_that_are_left() {
        let good = Unit::new(CpuThread::new(1, Isa::best()));
        let (rig, mut crew) = rig(vec![Unit::new(Blind), good], 100_000);
        let End::Found(find) =
            search(&rig, &mut crew, None, &mut Plain::default()).expect("a device is left")
        else {
            panic!("there is no other end");
        };
        assert_eq!(rig.name(find.slot), "cpu:1");
        let challenge: Challenge = sample::bench(Protocol::V1);
        assert_eq!(challenge.seal(find.solution.nonce()), find.solution.seal());
    }
}
