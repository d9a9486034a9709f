//! What the interpreter refuses: what it does not know, and what PTX leaves undefined.

use crate::{
    interpreter::{
        fault::{Fault, Problem},
        module::Program,
        space::Space,
    },
    small::{program, run},
};

const SHARED: &str = ".extern .shared .align 16 .b8 dynamic[];";

fn fault(statements: &str, blocks: u32, threads: u32) -> Fault {
    run(SHARED, statements, blocks, threads).expect_err(statements)
}

/// The problem of a program with one thread.
fn problem(statements: &str) -> Problem {
    fault(statements, 1, 1).problem
}

fn is_race(problem: &Problem, expected: [u32; 2]) -> bool {
    matches!(problem, Problem::Race { threads, .. } if *threads == expected)
}

#[test]
fn an_unknown_instruction_is_named() {
    for opcode in [
        "add.f32",
        "shfl.sync.idx.b32",
        "lop3.and.b32",
        "prmt.b32.f4e",
        "mul.wide.u64",
        "ld.local.u32",
        "add.cc.u32",
        "fma.rn.f64",
    ] {
        let problem = problem(&format!("{opcode} %r1, %r2, %r3;"));
        assert_eq!(problem, Problem::Unknown(opcode.into()));
    }
    let fault = fault("mov.u32 %r1, 1;\nfrobnicate %r1;", 1, 1);
    assert_eq!(
        fault.to_string(),
        "line 15, `frobnicate %r1;`: the interpreter does not know `frobnicate`"
    );
}

#[test]
fn a_program_that_makes_no_sense_is_refused() {
    let unknown = |name: &str| Problem::Undeclared(name.into());
    assert_eq!(problem("mov.u32 %r1, %r99;"), unknown("%r99"));
    assert_eq!(problem("mov.u32 %r1, other;"), unknown("other"));
    assert_eq!(problem("bra NOWHERE;"), unknown("NOWHERE"));
    assert_eq!(problem("{ .reg .b32 x; } mov.u32 x, 1;"), unknown("x"));
    assert_eq!(problem("A: A: ret;"), Problem::DeclaredTwice("A".into()));
    assert_eq!(
        problem("mov.u32 %r1, 0x100000000;"),
        Problem::TooLarge(1 << 32, 32)
    );
    assert_eq!(
        problem("lop3.b32 %r1, 1, 2, 3, 256;"),
        Problem::TooLarge(256, 8)
    );
    assert_eq!(problem("add.u32 %r1, 1;"), Problem::Operands(3));
    let width = |name: &str, bits, expected| Problem::Width {
        name: name.into(),
        bits,
        expected,
    };
    assert_eq!(problem("mov.u32 %r1, %d1;"), width("%d1", 64, 32));
    assert_eq!(problem("add.u64 %r1, 1, 2;"), width("%r1", 32, 64));
    assert_eq!(problem("ld.global.u32 %h1, [%out];"), width("%h1", 16, 32));
    assert_eq!(problem("ld.global.u32 %r1, [%r2];"), width("%r2", 32, 64));
    assert!(matches!(problem("mov.u32 5, %r1;"), Problem::Syntax { .. }));
    assert!(matches!(
        problem("ld.global.v4.u32 {%r1, %r2}, [%out];"),
        Problem::Syntax { .. }
    ));
    assert!(Program::parse(&program("", "").replace("ret;", "ret")).is_err());
    assert!(Program::parse(".version 8.0 .func f").is_err());
    assert!(Program::parse(&program("", "").replace('}', "")).is_err());
}

#[test]
fn nothing_is_read_before_it_is_written() {
    let unwritten = |name: &str| Problem::UnwrittenRegister(name.into());
    assert_eq!(problem("add.u32 %r1, %r7, 1;"), unwritten("%r7"));
    assert_eq!(problem("st.global.u64 [%out], %d3;"), unwritten("%d3"));
    assert_eq!(problem("@%p2 ret;"), unwritten("%p2"));
    let skipped = "setp.eq.u32 %p1, 0, 1; @%p1 mov.u32 %r5, 1; mov.u32 %r1, %r5;";
    assert_eq!(problem(skipped), unwritten("%r5"));
    // The second register may have the slot of the first, but not its value.
    let other = "mov.u32 %r1, 7; bra L; L: mov.u32 %r2, 1; mov.u32 %r3, %r4;";
    assert_eq!(problem(other), unwritten("%r4"));
    // Each entry into a scope begins without values.
    assert_eq!(
        problem("{ .reg .b32 x; mov.u32 x, 1; } { .reg .b32 x; mov.u32 %r1, x; }"),
        unwritten("x")
    );
    assert!(matches!(
        problem("ld.shared.u32 %r1, [dynamic];"),
        Problem::UnwrittenByte(_)
    ));
    // Another block's shared memory is not this one's.
    let first_writes = "
        mov.u32 %r1, %ctaid.x;
        setp.eq.u32 %p1, %r1, 0;
        @%p1 st.shared.u32 [dynamic], %r1;
        ld.shared.u32 %r2, [dynamic];";
    let fault = fault(first_writes, 2, 1);
    assert!(matches!(fault.problem, Problem::UnwrittenByte(_)));
}

#[test]
fn accesses_stay_in_their_memory() {
    let outside = |statements: &str, expected: Space| {
        let problem = problem(statements);
        let space = matches!(problem, Problem::OutOfBounds { space, .. } if space == expected);
        assert!(space, "{statements}: {problem}");
    };
    outside("ld.global.u32 %r1, [%out+256];", Space::Global);
    outside("ld.global.u32 %r1, [%out+-4];", Space::Global);
    outside("ld.global.u32 %r1, [0];", Space::Global);
    outside(
        "ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%out+256];",
        Space::Global,
    );
    outside("st.shared.u32 [dynamic+512], 1;", Space::Shared);
    outside("st.shared.u32 [%out], 1;", Space::Shared);
    outside("ld.param.u64 %d1, [out+8];", Space::Parameter);
    outside("ld.u32 %r1, [-8];", Space::Generic);
    let misaligned = |statements: &str| matches!(problem(statements), Problem::Misaligned { .. });
    assert!(misaligned("ld.global.u32 %r1, [%out+2];"));
    assert!(misaligned(
        "ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%out+8];"
    ));
    assert!(misaligned("atom.global.add.u64 %d1, [%out+4], 1;"));
}

#[test]
fn constant_memory_stays_constant() {
    assert!(matches!(
        problem("st.u32 [number], 1;"),
        Problem::Constant(_)
    ));
    assert!(matches!(
        problem("ld.global.nc.u32 %r1, [%out];"),
        Problem::NotConstant(_)
    ));
}

#[test]
fn threads_may_not_race() {
    // Each thread writes its word and reads another's: one with this mask in its number.
    let exchange = |barrier: &str, mask: i32| {
        format!(
            "mov.u32 %r1, %tid.x;
             mul.wide.u32 %d1, %r1, 4;
             mov.u64 %d2, dynamic;
             add.s64 %d3, %d2, %d1;
             st.shared.u32 [%d3], %r1;
             {barrier};
             and.b32 %r2, %r1, {mask};
             mul.wide.u32 %d4, %r2, 4;
             add.s64 %d5, %d2, %d4;
             ld.shared.u32 %r3, [%d5];"
        )
    };
    assert!(run(SHARED, &exchange("bar.sync 0", -2), 1, 64).is_ok());
    assert!(run(SHARED, &exchange("bar.warp.sync 0xffffffff", -2), 1, 64).is_ok());
    assert!(is_race(
        &fault(&exchange("membar.cta", -2), 1, 64).problem,
        [0, 1]
    ));
    // A second turn overwrites what somebody may still have to read.
    let again = exchange("bar.sync 0", -2) + "st.shared.u32 [%d3], %r1;";
    assert!(is_race(&fault(&again, 1, 64).problem, [0, 1]));
    let between = exchange("bar.sync 0", -2) + "bar.sync 1; st.shared.u32 [%d3], %r1;";
    assert!(run(SHARED, &between, 1, 64).is_ok());
    // A warp's barrier orders nothing for another warp.
    let far = exchange("bar.warp.sync 0xffffffff", 31);
    assert!(is_race(&fault(&far, 1, 64).problem, [0, 32]));

    let same_word = fault("st.global.u32 [%out], 1;", 1, 2).problem;
    assert!(is_race(&same_word, [0, 1]));
    let other_block = fault("st.global.u32 [%out], 1;", 2, 1).problem;
    assert!(matches!(other_block, Problem::Race { blocks: [0, 1], .. }));
    assert!(run(SHARED, "red.global.add.u32 [%out], 1;", 2, 64).is_ok());
    let half_atomic = "red.global.add.u32 [%out], 1; ld.global.u32 %r1, [%out];";
    assert!(is_race(&fault(half_atomic, 1, 2).problem, [0, 1]));
    // Neighbours in a word are no race.
    let bytes = "mov.u32 %r1, %tid.x; cvt.u64.u32 %d1, %r1; add.s64 %d2, %out, %d1;
                 st.global.u8 [%d2], %r1;";
    assert!(run(SHARED, bytes, 1, 64).is_ok());
}

#[test]
fn all_threads_reach_the_same_barrier() {
    let halves = |one: &str, other: &str| {
        format!(
            "mov.u32 %r1, %tid.x;
             setp.lt.u32 %p1, %r1, 16;
             @%p1 bra ONE;
             {other};
             bra END;
             ONE:
             {one};
             END:
             mov.u32 %r2, 1;"
        )
    };
    let apart = |statements: &str| {
        let problem = fault(statements, 1, 64).problem;
        matches!(
            problem,
            Problem::Divergence {
                threads: [0, 16],
                ..
            }
        )
    };
    assert!(apart(&halves("bar.sync 0", "bar.sync 0")));
    assert!(apart(&halves("barrier.sync 0", "barrier.sync 1")));
    assert!(apart(&halves("bar.sync 0", "bar.warp.sync -1")));
    // One that is not aligned may be anywhere, and warps may be apart even at one that is.
    assert!(run(SHARED, &halves("barrier.sync 0", "barrier.sync 0"), 1, 64).is_ok());
    let warps = halves("bar.sync 0", "bar.sync 0").replace("%r1, 16", "%r1, 32");
    assert!(run(SHARED, &warps, 1, 64).is_ok());
    // The second warp does not come together, even if the first one does.
    let second = halves("bar.sync 0", "bar.sync 0").replace("%r1, 16", "%r1, 48");
    let problem = fault(&second, 1, 64).problem;
    assert!(matches!(
        problem,
        Problem::Divergence {
            threads: [32, 48],
            ..
        }
    ));

    assert_eq!(
        fault("bar.sync 0, 32;", 1, 64).problem,
        Problem::PartialBarrier(32)
    );
    assert_eq!(
        fault("bar.warp.sync 1;", 1, 64).problem,
        Problem::PartialBarrier(1)
    );
}

#[test]
fn a_thread_comes_to_its_end() {
    assert!(matches!(problem("L: bra L;"), Problem::Endless(_)));
    assert_eq!(problem("trap;"), Problem::Trap);
    let text = program(SHARED, "").replace("ret;", "");
    let program = Program::parse(&text).expect("it can be read");
    let kernel = program.kernel("test").expect("it is declared");
    let fault = launch(&program, kernel, 1, &[&[0; 4], &[0; 8], &[0; 8]]);
    assert_eq!(fault.map_err(|fault| fault.problem), Err(Problem::NoEnd));
}

#[test]
fn a_launch_suits_its_kernel() {
    let program = Program::parse(&program(SHARED, "")).expect("it can be read");
    let kernel = program.kernel("test").expect("it is declared");
    let problem = |threads, parameters: &[&[u8]]| {
        let ran = launch(&program, kernel, threads, parameters);
        ran.expect_err("it does not suit").problem
    };
    assert_eq!(
        problem(32, &[&[0; 4], &[0; 8]]),
        Problem::Parameters {
            expected: 3,
            found: 2
        }
    );
    assert_eq!(
        problem(32, &[&[0; 4], &[0; 4], &[0; 8]]),
        Problem::ParameterSize {
            index: 1,
            expected: 8,
            found: 4
        }
    );
    assert_eq!(
        problem(160, &[&[0; 4], &[0; 8], &[0; 8]]),
        Problem::TooManyThreads {
            most: 128,
            found: 160
        }
    );
}

fn launch(
    program: &Program,
    kernel: &crate::interpreter::module::Kernel,
    threads: u32,
    parameters: &[&[u8]],
) -> Result<Vec<bool>, Fault> {
    let grid = crate::interpreter::grid::Grid {
        blocks: 1,
        some: 0..1,
        threads,
        shared_bytes: 0,
    };
    program.run(kernel, &mut program.memory(), parameters, &grid)
}
