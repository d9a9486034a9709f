//! Checks and times every variant on the cards of this machine: `card [TURNS] [SECONDS]`.
//!
//! Each variant first passes the conformance suite and the self-test. Then all are timed in turns,
//! A B C A B C, so that a warming card is unfair to none; the median of the turns counts. The output is
//! Markdown. `benches/card.sh` runs it and more.

use core::{error::Error, time::Duration};
use std::env;

use btpow_core::{Candidates, Order, Poll, Protocol, self_test::SelfTest};
use btpow_cuda::{
    Card, Driver, Tuning,
    telemetry::{Reading, Telemetry},
    tune::measure,
};

/// For a tuning and a protocol: the rates, and the sensors at the end of each turn.
struct Timed {
    tuning: Tuning,
    protocol: Protocol,
    rates: Vec<f64>,
    joules: f64,
    hashes: f64,
    last: Reading,
}

fn main() -> Result<(), Box<dyn Error>> {
    let argument = |place| env::args().nth(place);
    let turns: u32 = argument(1).map_or(Ok(5), |text| text.parse())?;
    let seconds: f64 = argument(2).map_or(Ok(2.0), |text| text.parse())?;
    let driver = Driver::load()?;
    for card in driver.cards()? {
        let telemetry = Telemetry::load();
        let version = telemetry.driver().unwrap_or_else(|| "?".to_owned());
        println!(
            "## {card}\n\nDriver {version}, CUDA {}.{}.\n",
            card.driver.0, card.driver.1
        );
        for tuning in Tuning::candidates().filter(|it| it.shape.threads.get() == 256) {
            check(&driver, &card, tuning)?;
            println!("- {tuning}: conformance suite and self-test passed");
        }
        let mut timed: Vec<_> = Tuning::candidates().flat_map(both_protocols).collect();
        for _ in 0..turns.max(1) {
            for timed in &mut timed {
                timed.turn(&driver, &card, &telemetry, seconds)?;
            }
        }
        println!("\n| tuning | protocol | median MH/s | lowest | highest | MHz | W | MH/J |");
        println!("|---|---|---|---|---|---|---|---|");
        timed.iter_mut().for_each(Timed::print);
        println!();
    }
    Ok(())
}

fn check(driver: &Driver, card: &Card, tuning: Tuning) -> Result<(), Box<dyn Error>> {
    for mut queue in driver.open(card, tuning.variant, tuning.shape)? {
        btpow_conformance::device::check(&mut queue);
        let (mut test, mut found) = (SelfTest::new(), Candidates::new());
        while test.step(&mut queue, &mut found)? == Poll::Pending {}
    }
    Ok(())
}

fn both_protocols(tuning: Tuning) -> [Timed; 3] {
    Protocol::ALL.map(|protocol| Timed {
        tuning,
        protocol,
        rates: Vec::new(),
        joules: 0.0,
        hashes: 0.0,
        last: Reading::default(),
    })
}

impl Timed {
    fn turn(
        &mut self,
        driver: &Driver,
        card: &Card,
        telemetry: &Telemetry,
        seconds: f64,
    ) -> Result<(), Box<dyn Error>> {
        let mut queues = driver.open(card, self.tuning.variant, self.tuning.shape)?;
        // Compiles, and brings the card up to its clock.
        measure(&mut queues, self.protocol, Duration::from_millis(300))?;
        let before = telemetry.read(card).energy;
        let rate = measure(&mut queues, self.protocol, Duration::from_secs_f64(seconds))?;
        self.last = telemetry.read(card);
        if let Some((before, after)) = before.zip(self.last.energy) {
            // This counts the energy of finding a round's length, but not its hashes.
            self.joules += after - before;
            self.hashes += rate * seconds;
        }
        self.rates.push(rate);
        Ok(())
    }

    fn print(&mut self) {
        self.rates.sort_by(f64::total_cmp);
        let mega = |rate: f64| rate / 1e6;
        let median = self.rates[self.rates.len() / 2];
        let (first, last) = (self.rates[0], self.rates[self.rates.len() - 1]);
        let order = match self.protocol {
            Protocol::V1 => "v1",
            Protocol::Legacy(Order::Big) => "legacy big",
            Protocol::Legacy(Order::Little) => "legacy little",
        };
        println!(
            "| {} | {order} | {:.1} | {:.1} | {:.1} | {} | {} | {} |",
            self.tuning,
            mega(median),
            mega(first),
            mega(last),
            self.last
                .clock
                .map_or_else(|| "-".to_owned(), |it| it.to_string()),
            self.last
                .power
                .map_or_else(|| "-".to_owned(), |it| format!("{it:.0}")),
            if self.joules > 0.0 {
                format!("{:.2}", mega(self.hashes / self.joules))
            } else {
                "-".to_owned()
            },
        );
    }
}
