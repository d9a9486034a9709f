//! Every committed variant finds what the reference finds, and every instruction of it takes part.

use std::sync::LazyLock;

use btpow_conformance::{
    device::{challenges, expected},
    vectors,
};
use btpow_core::{Challenge, Jobs, Position, Round};
use btpow_cuda::{
    abi::{Found, Table},
    plan::{Kernel, Launch},
    variant::{self, Schedule},
};

use crate::{
    interpreter::module::Program,
    launch::{self, Blocks},
    search::{search, table, target},
};

/// A committed variant, and the text that it was read from.
struct Committed {
    name: &'static str,
    schedule: Schedule,
    text: &'static str,
    program: Program,
}

/// All variants, read once.
static COMMITTED: LazyLock<Vec<Committed>> = LazyLock::new(|| {
    let read = |variant: &'static variant::Variant| {
        let text = variant.program().trim_end_matches('\0');
        Committed {
            name: variant.name,
            schedule: variant.schedule,
            text,
            program: parse(variant.name, text),
        }
    };
    variant::ALL.iter().map(read).collect()
});

fn parse(name: &str, text: &str) -> Program {
    Program::parse(text).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

/// Rounds that begin and end within blocks and within indices, on both sides of the ends of groups and of what a block takes
/// at once, and at the end of all positions; with their difficulty and the shape of the grid. They have many candidates, or
/// few that pass the sieve, or none.
const ROUNDS: [(u64, u64, u64, Blocks); 9] = [
    (0, 33, 1, Blocks::all(3, 32)),
    (12_345, 257, 2, Blocks::all(3, 64)),
    ((9 << 24) - 100, 333, 3, Blocks::all(2, 96)),
    ((5 << 32) - 70, 201, 5, Blocks::all(5, 32)),
    ((3 << 13) - 100, 220, 3, Blocks::all(1, 64)),
    (u64::MAX - 49, 150, 7, Blocks::all(2, 32)),
    ((1 << 62) - 333, 700, 33, Blocks::all(3, 32)),
    ((3 << 40) - 256, 1_300, 300, Blocks::all(4, 64)),
    ((1 << 56) + (1 << 24) - 9, 300, 1 << 40, Blocks::all(7, 32)),
];

/// What a launch finds. Notes which instructions were executed.
fn run(
    committed: &Committed,
    launch: &Launch,
    table: &Table,
    blocks: &Blocks,
    executed: &mut [bool],
) -> Found {
    let (name, kernel) = (committed.name, launch.kernel);
    let (found, ran) = launch::run(
        &committed.program,
        committed.schedule,
        launch,
        table,
        blocks,
    )
    .unwrap_or_else(|fault| panic!("{name} {kernel:?}: {fault}"));
    for (executed, now) in executed.iter_mut().zip(ran) {
        *executed |= now;
    }
    found
}

/// A thread alone, which takes one index after the other. Where a block shares its schedules, a warp must expand them.
const ALONE: (u64, u64, u64, Blocks) = ((9 << 32) + (77 << 8) - 12, 23, 2, Blocks::all(1, 1));

/// Compares all variants with the reference.
fn check(kernel: Kernel) {
    for committed in COMMITTED.iter() {
        let schedule = committed.schedule;
        let instructions = &launch::kernel(&committed.program, kernel, schedule).instructions;
        let mut executed = vec![false; instructions.len()];
        let mut hits = 0;
        let alone = (schedule == Schedule::Thread).then_some(&ALONE);
        for (seed, (start, len, difficulty, blocks)) in (0..).zip(ROUNDS.iter().chain(alone)) {
            let challenge = challenge_for(kernel, seed);
            let target = target(*difficulty);
            let round = Round {
                start: Position(*start),
                len: *len,
            };
            let jobs = Jobs::new(&challenge, &target);
            let found = search(&jobs, round, |launch, table| {
                run(committed, launch, table, blocks, &mut executed)
            });
            let expected = expected(&challenge, &target, round);
            assert_eq!(found, expected, "{} {kernel:?} {round:?}", committed.name);
            hits += found.len();
        }
        assert!(hits > 300, "{} {kernel:?}: {hits} hits", committed.name);
        count_what_does_not_fit(committed, kernel, &mut executed);
        let mut lines = instructions.iter().zip(executed);
        if let Some((instruction, _)) = lines.find(|(_, executed)| !executed) {
            panic!(
                "{} {kernel:?}: line {} was never executed",
                committed.name, instruction.line
            );
        }
    }
}

/// Gives a kernel more candidates than it keeps.
fn count_what_does_not_fit(committed: &Committed, kernel: Kernel, executed: &mut [bool]) {
    let jobs = Jobs::new(&challenge_for(kernel, 9), &target(1));
    let round = Round {
        start: Position(77),
        len: 300,
    };
    let (launch, _) = Launch::first_of(&jobs, round);
    let blocks = Blocks::all(2, 64);
    let table = table(&launch, &jobs);
    let found = run(committed, &launch, &table, &blocks, executed);
    assert_eq!(found.count, 300, "{} {kernel:?}", committed.name);
    let mut kept = found.kept().to_vec();
    kept.sort_unstable();
    kept.dedup();
    assert_eq!(kept.len(), 256, "{} {kernel:?}", committed.name);
    assert!(kept.iter().all(|offset| (77..377).contains(offset)));
}

/// More indices than there are threads, and more batches of them than blocks.
#[test]
fn threads_and_blocks_go_on_with_other_indices() {
    for name in ["b", "b-shared"] {
        let mut committed = COMMITTED.iter();
        let committed = committed.find(|it| it.name == name).expect("a variant");
        let challenge = challenge_for(Kernel::V1, 3);
        let target = target(150);
        let jobs = Jobs::new(&challenge, &target);
        let round = Round {
            start: Position((9 << 32) - 8_500),
            len: 8_900,
        };
        let blocks = Blocks::all(1, 32);
        let found = search(&jobs, round, |launch, table| {
            run(committed, launch, table, &blocks, &mut [])
        });
        let expected = expected(&challenge, &target, round);
        assert!(expected.len() > 30, "{}", expected.len());
        assert_eq!(found, expected, "{name}");
    }
}

fn challenge_for(kernel: Kernel, seed: u8) -> Challenge {
    let mut challenges = challenges(seed).into_iter();
    let challenge = challenges.find(|it| Kernel::of(it.protocol()) == kernel);
    challenge.expect("one for each protocol")
}

#[test]
fn v1_finds_what_the_reference_finds() {
    check(Kernel::V1);
}

#[test]
fn legacy_big_finds_what_the_reference_finds() {
    check(Kernel::LegacyBig);
}

#[test]
fn legacy_little_finds_what_the_reference_finds() {
    check(Kernel::LegacyLittle);
}

#[test]
fn the_first_solutions_are_found() {
    for committed in COMMITTED.iter() {
        for vector in vectors::first_solutions() {
            let protocol = vector.challenge.protocol();
            let jobs = Jobs::new(&vector.challenge, &vector.difficulty.target());
            let solution = Position::of_nonce(vector.nonce, protocol);
            let round = Round {
                start: Position(solution.0.wrapping_sub(33)),
                len: 35,
            };
            let blocks = Blocks::all(2, 32);
            let found = search(&jobs, round, |launch, table| {
                run(committed, launch, table, &blocks, &mut [])
            });
            let expected = expected(&vector.challenge, &vector.difficulty.target(), round);
            assert_eq!(found, expected, "{} {protocol}", committed.name);
            assert!(found.contains(&33), "{} {protocol}", committed.name);
        }
    }
}

/// Instructions that a fault can hit.
const KINDS: [&str; 6] = [
    "lop3.b32",
    "shf.l.wrap",
    "add.s32",
    "xor.b32",
    "mad.lo.u32",
    "mul.hi.u32",
];

/// A statement of one of these kinds that does something else.
fn wrong(kind: &str, statement: &str) -> String {
    let (old, new) = match kind {
        "shf.l.wrap" => (".l.", ".r."),
        "add.s32" => ("add", "sub"),
        "xor.b32" => ("xor", "or"),
        "mad.lo.u32" => (".lo.", ".hi."),
        "mul.hi.u32" => (".hi.", ".lo."),
        _ => {
            let (operands, table) = statement.rsplit_once(' ').expect("a table is last");
            let table: u8 = table.parse().expect("it has eight entries");
            return format!("{operands} {}", table ^ 0x80);
        }
    };
    statement.replacen(old, new, 1)
}

/// The text of a program with one of its kernels.
fn alone(text: &str, kernel: &str) -> String {
    const KERNEL: &str = ".visible .entry ";
    let mut parts = text.split(KERNEL);
    let variables = parts.next().expect("a text has a begin");
    let begin = format!("{kernel}(");
    let kernel = parts.find(|part| part.starts_with(&begin));
    format!("{variables}{KERNEL}{}", kernel.expect("it has all kernels"))
}

/// One wrong instruction of each kind, early, late or in the middle of a kernel: the comparison must notice.
#[test]
fn a_wrong_instruction_is_noticed() {
    let mut faults = 0;
    for committed in COMMITTED.iter() {
        for kernel in Kernel::ALL {
            let challenge = challenge_for(kernel, 4);
            let target = target(4);
            let jobs = Jobs::new(&challenge, &target);
            let round = Round {
                start: Position((7 << 32) - 30),
                len: 64,
            };
            let expected = expected(&challenge, &target, round);
            let alone = alone(committed.text, kernel.name(committed.schedule));
            for (part, kind) in (1..).zip(KINDS) {
                let all: Vec<_> = alone.match_indices(kind).collect();
                let Some((at, _)) = all.get(all.len() * part / 7) else {
                    continue; // Not every variant has products.
                };
                let (before, after) = alone.split_at(*at);
                let end = after.find(';').expect("a statement ends");
                let (statement, after) = after.split_at(end);
                let text = format!("{before}{}{after}", wrong(kind, statement));
                let program = parse(committed.name, &text);
                let blocks = Blocks::all(1, 32);
                // It finds something else, or does what no program may.
                let mut refused = false;
                let found = search(&jobs, round, |launch, table| {
                    let ran = launch::run(&program, committed.schedule, launch, table, &blocks);
                    refused |= ran.is_err();
                    ran.map_or(Found::NOTHING, |(found, _)| found)
                });
                let (name, noticed) = (committed.name, refused || found != expected);
                assert!(noticed, "{name} {kernel:?}: {statement}");
                faults += 1;
            }
        }
    }
    assert!(faults > 100, "{faults} faults");
}
