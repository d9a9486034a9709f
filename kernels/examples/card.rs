//! Checks and times the variants on the cards of this machine. `benches/card.sh` runs it and more.
//!
//! - `card list`: the names of the variants.
//! - `card check [VARIANT...]`: each variant, or these, passes the conformance suite and the self-test.
//! - `card rates TURNS SECONDS [PROTOCOL [VARIANT...]]`: each variant and size of a block, or these, is timed in turns,
//!   A B C A B C, so that a warming card is unfair to none; the median of the turns counts. PROTOCOL is `v1`, `legacy` or
//!   `all`. "b 256" is a VARIANT in one size. `--round 10ms,20ms` times each with rounds of these lengths.
//!
//! The output is Markdown, and each result is printed as soon as it is known. What fails is said, and the rest goes on; then
//! the exit code is 1.

use core::{error::Error, time::Duration};
use std::{env, process::ExitCode};

use btpow_core::{Candidates, Micros, Order, Poll, Protocol, self_test::SelfTest};
use btpow_cuda::{
    Card, Driver, Tuning,
    device::ROUND,
    rate::Paced,
    telemetry::{Reading, Telemetry},
    variant,
};

const USAGE: &str = "usage: card list | check [VARIANT...] | \
                     rates TURNS SECONDS [PROTOCOL [VARIANT...]] [--round MS,...]";

type Result<T> = core::result::Result<T, Box<dyn Error>>;

/// For a tuning, a protocol and a length of rounds: the rates, and the sensors at the end of the last turn.
struct Timed {
    tuning: Tuning,
    protocol: Protocol,
    round: Micros,
    rates: Vec<f64>,
    joules: f64,
    hashes: f64,
    last: Reading,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let mut arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let rounds = match rounds(&mut arguments) {
        Ok(rounds) => rounds,
        Err(error) => {
            eprintln!("card: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = match &arguments[..] {
        ["list"] => {
            let names = variant::ALL.iter().map(|it| it.name);
            names.for_each(|name| println!("{name}"));
            Ok(true)
        }
        ["check", variants @ ..] => on_each_card(|driver, card| check_all(driver, card, variants)),
        ["rates", turns, seconds] => rates(turns, seconds, "all", &[], &rounds),
        ["rates", turns, seconds, protocol, variants @ ..] => {
            rates(turns, seconds, protocol, variants, &rounds)
        }
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("card: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Takes `--round` out of the arguments: the lengths, in microseconds.
fn rounds(arguments: &mut Vec<&str>) -> Result<Vec<Micros>> {
    let Some(place) = arguments.iter().position(|it| *it == "--round") else {
        return Ok(vec![ROUND]);
    };
    let list = *arguments.get(place + 1).ok_or(USAGE)?;
    arguments.drain(place..place + 2);
    let round = |text: &str| {
        let millis: f64 = text.strip_suffix("ms").unwrap_or(text).parse().ok()?;
        let time = Duration::try_from_secs_f64(millis / 1e3).ok()?;
        let micros = Micros::try_from(time.as_micros()).ok()?;
        (100..=10_000_000).contains(&micros).then_some(micros)
    };
    let wrong = format!("--round {list}: give milliseconds from 0.1 to 10000, as in 10ms,20ms");
    let all: Option<Vec<_>> = list.split(',').map(round).collect();
    Ok(all.ok_or(wrong)?)
}

/// Whether all went well on all cards.
fn on_each_card(mut what: impl FnMut(&Driver, &Card) -> Result<bool>) -> Result<bool> {
    let driver = Driver::load()?;
    let cards = driver.cards()?;
    if cards.is_empty() {
        return Err("the driver shows no card".into());
    }
    let mut well = true;
    for card in cards {
        well &= what(&driver, &card)?;
    }
    Ok(well)
}

/// The tunings of some variants; of all, if none is named.
fn tunings(variants: &[&str]) -> Result<Vec<Tuning>> {
    for name in variants {
        if variant::Variant::named(name).is_none() && name.parse::<Tuning>().is_err() {
            return Err(format!("there is no variant {name}: see `card list`").into());
        }
    }
    let named = |it: &Tuning| {
        let is = |name: &&str| *name == it.variant.name || *name == it.to_string();
        variants.is_empty() || variants.iter().any(is)
    };
    let place = |it: &Tuning| {
        variant::ALL
            .iter()
            .position(|one| one.name == it.variant.name)
    };
    let mut tunings: Vec<_> = Tuning::candidates().filter(named).collect();
    tunings.sort_by_key(|it| (place(it), it.shape.threads.get()));
    Ok(tunings)
}

fn check_all(driver: &Driver, card: &Card, variants: &[&str]) -> Result<bool> {
    let mut well = true;
    for tuning in tunings(variants)? {
        if tuning.shape.threads.get() != 256 {
            continue;
        }
        match check(driver, card, tuning) {
            Ok(()) => println!("- {tuning}: conformance suite and self-test passed"),
            Err(error) => {
                println!("- {tuning}: FAILED: {error}");
                well = false;
            }
        }
    }
    Ok(well)
}

/// Panics at a mistake of the card.
fn check(driver: &Driver, card: &Card, tuning: Tuning) -> Result<()> {
    let mut queues = driver.open(card, tuning.variant, tuning.shape)?;
    for queue in &mut queues {
        let (mut test, mut found) = (SelfTest::new(), Candidates::new());
        while test.step(queue, &mut found)? == Poll::Pending {}
    }
    // Both run the same kernels, so one passes the suite for the other. It wants a device without jobs.
    let mut queues = driver.open(card, tuning.variant, tuning.shape)?;
    btpow_conformance::device::check(&mut queues[0]);
    Ok(())
}

fn rates(
    turns: &str,
    seconds: &str,
    protocol: &str,
    variants: &[&str],
    rounds: &[Micros],
) -> Result<bool> {
    let turns: u32 = turns.parse()?;
    let seconds = Duration::try_from_secs_f64(seconds.parse()?)?;
    let wanted = |it: &Protocol| match protocol {
        "v1" => *it == Protocol::V1,
        "legacy" => *it != Protocol::V1,
        _ => protocol == "all",
    };
    let protocols: Vec<_> = Protocol::ALL.into_iter().filter(wanted).collect();
    if protocols.is_empty() {
        return Err(format!("{protocol} is not v1, legacy or all").into());
    }
    on_each_card(|driver, card| {
        let telemetry = Telemetry::load();
        let version = telemetry.driver().unwrap_or_else(|| "?".to_owned());
        let (major, minor) = card.driver;
        println!("{card}, driver {version}, CUDA {major}.{minor}\n");
        println!(
            "| tuning | protocol | round ms | median MH/s | lowest | highest | MHz | W | MH/J |"
        );
        println!("|---|---|---|---|---|---|---|---|---|");
        let mut timed = Vec::new();
        for tuning in tunings(variants)? {
            for &protocol in &protocols {
                let rounds = rounds.iter();
                timed.extend(rounds.map(|&round| Timed::new(tuning, protocol, round)));
            }
        }
        let mut well = true;
        for turn in (1..=turns.max(1)).rev() {
            for timed in &mut timed {
                if let Err(error) = timed.turn(driver, card, &telemetry, seconds) {
                    println!("| {} | FAILED: {error} |", timed.tuning);
                    well = false;
                }
                if turn == 1 {
                    timed.print();
                }
            }
        }
        println!();
        Ok(well)
    })
}

impl Timed {
    fn new(tuning: Tuning, protocol: Protocol, round: Micros) -> Self {
        Self {
            tuning,
            protocol,
            round,
            rates: Vec::new(),
            joules: 0.0,
            hashes: 0.0,
            last: Reading::default(),
        }
    }

    fn turn(
        &mut self,
        driver: &Driver,
        card: &Card,
        telemetry: &Telemetry,
        time: Duration,
    ) -> Result<()> {
        let mut queues = driver.open(card, self.tuning.variant, self.tuning.shape)?;
        for queue in &mut queues {
            queue.pace(self.round);
        }
        let mut paced = Paced::new(&mut queues, self.protocol)?;
        // Brings the card up to its clock.
        paced.run(time / 4)?;
        let before = telemetry.read(card).energy;
        let work = paced.run(time)?;
        self.last = telemetry.read(card);
        if let Some((before, after)) = before.zip(self.last.energy) {
            self.joules += after - before;
            self.hashes += work.hashes as f64;
        }
        self.rates.push(work.rate());
        Ok(())
    }

    fn print(&mut self) {
        if self.rates.is_empty() {
            return;
        }
        self.rates.sort_by(f64::total_cmp);
        let mega = |rate: f64| rate / 1e6;
        let median = self.rates[self.rates.len() / 2];
        let (first, last) = (self.rates[0], self.rates[self.rates.len() - 1]);
        let order = match self.protocol {
            Protocol::V1 => "v1",
            Protocol::Legacy(Order::Big) => "legacy big",
            Protocol::Legacy(Order::Little) => "legacy little",
        };
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let efficiency = (self.joules > 0.0).then(|| mega(self.hashes / self.joules));
        println!(
            "| {} | {order} | {} | {:.1} | {:.1} | {:.1} | {} | {} | {} |",
            self.tuning,
            self.round as f64 / 1e3,
            mega(median),
            mega(first),
            mega(last),
            or_dash(self.last.clock.map(|it| it.to_string())),
            or_dash(self.last.power.map(|it| format!("{it:.0}"))),
            or_dash(efficiency.map(|it| format!("{it:.2}"))),
        );
    }
}
