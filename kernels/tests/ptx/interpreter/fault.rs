//! What can be wrong with a program, or with what it does.

use super::space::Space;

/// Why a program cannot be read, or may not do what it does.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("expected {expected}, found `{found}`")]
    Syntax {
        expected: &'static str,
        found: String,
    },
    #[error("the interpreter does not know `{0}`")]
    Unknown(String),
    #[error("`{0}` is not declared")]
    Undeclared(String),
    #[error("`{0}` is declared twice")]
    DeclaredTwice(String),
    #[error("the instruction takes {0} operands")]
    Operands(usize),
    #[error("the number {0} does not fit into {1} bits")]
    TooLarge(i128, u32),
    #[error("`{name}` has {bits} bits, the instruction takes {expected}")]
    Width {
        name: String,
        bits: u32,
        expected: u32,
    },

    #[error("the register {0} is read before it is written")]
    UnwrittenRegister(String),
    #[error("{bytes} bytes at {address:#x} are not in {space:?} memory, or end beyond it")]
    OutOfBounds {
        space: Space,
        address: u64,
        bytes: usize,
    },
    #[error("{address:#x} is no multiple of {bytes}")]
    Misaligned { address: u64, bytes: usize },
    #[error("the byte at {0:#x} is read before it is written")]
    UnwrittenByte(u64),
    #[error("the memory at {0:#x} is constant")]
    Constant(u64),
    #[error("the memory at {0:#x} may change, so it may not be read as constant")]
    NotConstant(u64),
    #[error(
        "threads {} and {} of blocks {} and {} touch {address:#x} without a barrier in between",
        .threads[0], .threads[1], .blocks[0], .blocks[1]
    )]
    Race {
        address: u64,
        blocks: [u32; 2],
        threads: [u32; 2],
    },
    #[error("the barrier is for {0} threads: the interpreter knows only those for all")]
    PartialBarrier(u64),
    #[error(
        "thread {} waits at line {}, thread {} at line {}: one of them waits for ever",
        .threads[0], .lines[0], .threads[1], .lines[1]
    )]
    Divergence { threads: [u32; 2], lines: [u32; 2] },
    #[error("a thread came to no end in {0} instructions")]
    Endless(u64),
    #[error("the last instruction is passed: a kernel ends with `ret`")]
    NoEnd,
    #[error("the program traps")]
    Trap,

    #[error("the kernel takes {expected} parameters, {found} are given")]
    Parameters { expected: usize, found: usize },
    #[error("parameter {index} has {expected} bytes, {found} are given")]
    ParameterSize {
        index: usize,
        expected: usize,
        found: usize,
    },
    #[error("a block has {found} threads, the kernel is compiled for at most {most}")]
    TooManyThreads { most: u32, found: u32 },
}

/// A problem and where it is.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}, `{text}`: {problem}")]
pub(crate) struct Fault {
    pub(crate) problem: Problem,
    /// The line of the program, from 1; 0 if the whole kernel is meant.
    pub(crate) line: u32,
    /// That line.
    pub(crate) text: String,
}

impl Fault {
    pub(crate) fn new(problem: Problem, line: u32, source: &str) -> Self {
        let above = (line as usize).wrapping_sub(1);
        let text = source.lines().nth(above).unwrap_or_default();
        Self {
            problem,
            line,
            text: text.trim().into(),
        }
    }
}
