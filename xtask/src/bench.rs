//! `cargo xtask bench`: this machine's rates, compared with other solvers.
//!
//! - All contenders take turns, A B C A B C …, so that a change in clock speed or load affects all alike; the report
//!   has medians and extremes.
//! - Each contender proves its answers: `btpow bench` fails when it misses a hit of a known span, a peer when it does
//!   not find known first solutions.
//! - One thread each, pinned to one CPU where `taskset` exists.
//! - The full run is written to `benches/record/`; no number is quoted without its file.

pub(crate) mod devices;
mod machine;
pub(crate) mod peers;
mod record;
mod startup;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::consent::Consent;
use crate::shell::{self, Program};
use crate::system::Need;
use crate::workspace::Workspace;
use devices::Isa;
use peers::{PEERS, Peer};
use record::{Record, Row, Spread};

/// The binary as people run it, without `BTPOW_ISA`.
const CHOSEN: &str = "btpow, as it chooses";

/// How long to measure, and whether to keep the result.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Seconds, for a quick look; writes nothing.
    Quick,
    /// Minutes; writes a record.
    Full,
}

impl Effort {
    fn rounds(self) -> usize {
        match self {
            Self::Quick => 2,
            Self::Full => 5,
        }
    }

    /// Seconds for one run of one contender.
    fn seconds(self) -> f64 {
        match self {
            Self::Quick => 0.5,
            Self::Full => 2.0,
        }
    }
}

/// Something that hashes, measured once per round.
struct Contender {
    /// The name in the record's table.
    name: String,
    protocol: &'static str,
    threads: usize,
    measure: Measure,
    rates: Vec<f64>,
}

/// One measurement: hashes per second.
type Measure = Box<dyn Fn(&Bench<'_>) -> Result<f64>>;

/// Shared by all measurements.
struct Bench<'a> {
    workspace: &'a Workspace,
    btpow: PathBuf,
    effort: Effort,
    /// The CPU to pin single threads to; none without `taskset`.
    cpu: Option<String>,
}

/// Runs the microbenches and the comparison; a full run is written to `benches/record/`.
///
/// # Errors
///
/// Something does not compile, or a contender fails or gives a wrong answer. A peer that cannot be installed is no
/// error; the record says so.
pub(crate) fn run(workspace: &Workspace, effort: Effort, consent: Consent) -> Result<()> {
    let mut notes = Vec::new();
    let theirs = theirs(workspace, consent, &mut notes);
    let bench = Bench {
        workspace,
        btpow: devices::build(workspace)?,
        effort,
        cpu: shell::in_path("taskset").then(machine::last_cpu).flatten(),
    };
    let mut contenders = ours(&bench, &mut notes)?;
    contenders.extend(theirs);
    microbenches(&bench)?;

    let load_before = machine::load();
    for round in 1..=effort.rounds() {
        println!("\nround {round} of {}", effort.rounds());
        for contender in &mut contenders {
            let rate = (contender.measure)(&bench).with_context(|| contender.name.clone())?;
            let Contender {
                name,
                protocol,
                threads,
                ..
            } = &*contender;
            println!(
                "  {name:<36}{protocol:<8}{threads} thread(s){:>9.3} MH/s",
                rate / 1e6
            );
            contender.rates.push(rate);
        }
    }
    println!();
    let startup = startup::measure(&bench)?;
    notes.push(match &bench.cpu {
        Some(cpu) => format!("Single threads are pinned to CPU {cpu}."),
        None => "Threads are not pinned: `taskset` is missing.".to_owned(),
    });
    notes.push(format!(
        "Load average before and after: {load_before} and {}.",
        machine::load()
    ));

    let record = Record {
        date: machine::date(workspace)?,
        machine: machine::describe(workspace),
        commit: machine::commit(workspace),
        rounds: effort.rounds(),
        seconds: effort.seconds(),
        rows: contenders.iter().filter_map(row).collect(),
        startup,
        notes,
    };
    println!("\n{}", record.markdown());
    if effort == Effort::Full {
        let path = workspace.at("benches/record").join(record.file_name());
        fs::create_dir_all(workspace.at("benches/record"))?;
        fs::write(&path, record.markdown())
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("written to benches/record/{}", record.file_name());
    }
    Ok(())
}

/// `btpow bench`, for each instruction set on one thread, and by default on two threads.
fn ours(bench: &Bench<'_>, notes: &mut Vec<String>) -> Result<Vec<Contender>> {
    let isas = devices::isas(bench.workspace, &bench.btpow)?;
    let cpus = std::thread::available_parallelism()?.get();
    let mut contenders = Vec::new();
    for protocol in ["v1", "legacy"] {
        for Isa { name, .. } in isas.iter().filter(|isa| isa.available) {
            contenders.push(of_ours(
                format!("btpow {name}"),
                protocol,
                1,
                Some(name.clone()),
            ));
        }
        contenders.push(of_ours(CHOSEN.to_owned(), protocol, 1, None));
        if cpus > 1 {
            contenders.push(of_ours(CHOSEN.to_owned(), protocol, 2, None));
        }
    }
    if cpus == 1 {
        notes.push("Two threads were not measured: this machine has one CPU.".to_owned());
    }
    Ok(contenders)
}

fn of_ours(name: String, protocol: &'static str, threads: usize, isa: Option<String>) -> Contender {
    let measure = move |bench: &Bench<'_>| {
        let seconds = bench.effort.seconds();
        let arguments = format!(
            "bench --device cpu --threads {threads} --protocol {protocol} --seconds {seconds} --json"
        );
        let mut program = bench.program(&bench.btpow, threads).args(&arguments);
        if let Some(isa) = &isa {
            program = program.env("BTPOW_ISA", isa);
        }
        devices::hash_rate(&program.output()?)
    };
    Contender {
        name,
        protocol,
        threads,
        measure: Box::new(measure),
        rates: Vec::new(),
    }
}

/// The peers that can be installed; a note for each that cannot.
fn theirs(workspace: &Workspace, consent: Consent, notes: &mut Vec<String>) -> Vec<Contender> {
    let mut contenders = Vec::new();
    let needs: Vec<Need> = PEERS.iter().map(|peer| Need::Python(&peer.venv)).collect();
    if let Err(error) = consent.require(workspace, "bench", &needs) {
        notes.push(format!("No other solver was measured: {error:#}."));
        return contenders;
    }
    for peer in PEERS {
        match workspace.ensure_venv(&peer.venv) {
            Ok(python) => contenders.push(of_theirs(peer, python)),
            Err(error) => notes.push(format!("{} was not measured: {error:#}.", peer.name)),
        }
    }
    contenders
}

fn of_theirs(peer: &'static Peer, python: PathBuf) -> Contender {
    let measure = move |bench: &Bench<'_>| {
        let program = bench
            .program(&python, 1)
            .arg(bench.workspace.at(peer.program));
        peers::hash_rate(bench, program)
    };
    Contender {
        name: peer.name.to_owned(),
        protocol: peer.protocol,
        threads: 1,
        measure: Box::new(measure),
        rates: Vec::new(),
    }
}

impl Bench<'_> {
    /// A program to measure, pinned when it has one thread.
    fn program(&self, path: &std::path::Path, threads: usize) -> Program {
        match &self.cpu {
            Some(cpu) if threads == 1 => self
                .workspace
                .program("taskset", &format!("-c {cpu}"))
                .arg(path),
            _ => self.workspace.program(path, ""),
        }
    }
}

/// The microbenches of core. Their time limit is divan's own variable, since a flag would also reach harnesses that do
/// not know it.
fn microbenches(bench: &Bench<'_>) -> Result<()> {
    let mut program = bench.workspace.cargo("bench -p btpow-core --locked");
    if bench.effort == Effort::Quick {
        program = program.env("DIVAN_MAX_TIME", "0.2");
    }
    program.run()
}

/// A row of the record; none before the first measurement.
fn row(contender: &Contender) -> Option<Row> {
    Some(Row {
        name: contender.name.clone(),
        protocol: contender.protocol,
        threads: contender.threads,
        rate: Spread::of(&contender.rates)?,
        is_peer: PEERS.iter().any(|peer| peer.name == contender.name),
    })
}
