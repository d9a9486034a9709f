//! Runs a launch as the device does, but in the interpreter.

use core::ops::Range;

use btpow_cuda::{
    abi::{FOUND_CAPACITY, Found, Table},
    plan::{Kernel, Launch},
    shape::WARP,
    variant::Schedule,
};

use crate::interpreter::{
    fault::Fault,
    grid::Grid,
    module::{self, Program},
    space::Space,
};

/// A grid, and those of its blocks that run.
#[derive(Clone, Debug)]
pub(crate) struct Blocks {
    pub(crate) blocks: u32,
    pub(crate) some: Range<u32>,
    pub(crate) threads: u32,
}

impl Blocks {
    /// All blocks of a grid.
    pub(crate) const fn all(blocks: u32, threads: u32) -> Self {
        Self {
            blocks,
            some: 0..blocks,
            threads,
        }
    }
}

/// A kernel of a program that keeps its schedules there.
pub(crate) fn kernel(program: &Program, kernel: Kernel, schedule: Schedule) -> &module::Kernel {
    let kernel = program.kernel(kernel.name(schedule));
    kernel.expect("it has all kernels")
}

/// Runs a launch. Returns what it finds, and which instructions of the kernel were executed.
pub(crate) fn run(
    program: &Program,
    schedule: Schedule,
    launch: &Launch,
    table: &Table,
    blocks: &Blocks,
) -> Result<(Found, Vec<bool>), Fault> {
    let mut memory = program.memory();
    let found_at = memory.add_variable(bytes_of(&[Found::NOTHING]));
    let table_at = memory.add_constant(Space::Global, bytes_of(core::slice::from_ref(table)));
    let (found_pointer, table_pointer) = (found_at.to_le_bytes(), table_at.to_le_bytes());
    let run = bytes_of(core::slice::from_ref(&launch.run));
    let parameters = [run, &found_pointer, &table_pointer];
    let parameters = match launch.kernel {
        Kernel::LegacyBig | Kernel::LegacyLittle => &parameters[..2],
        Kernel::V1 => &parameters,
    };
    let grid = Grid {
        blocks: blocks.blocks,
        some: blocks.some.clone(),
        threads: blocks.threads,
        // Warps are whole.
        shared_bytes: launch.kernel.shared_bytes_per_thread(schedule)
            * blocks.threads.next_multiple_of(WARP),
    };
    let kernel = kernel(program, launch.kernel, schedule);
    let executed = program.run(kernel, &mut memory, parameters, &grid)?;

    let written = memory.bytes_at(found_at);
    let word = |at| u32::from_le_bytes(core::array::from_fn(|byte| written[4 * at + byte]));
    let found = Found {
        count: word(0),
        offsets: core::array::from_fn::<_, FOUND_CAPACITY, _>(|at| word(1 + at)),
    };
    Ok((found, executed))
}

/// The bytes of the kernels' structures.
fn bytes_of<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: the bytes belong to `values`, and all are initialised, as there is no padding between fields.
    unsafe { core::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// Structures that are words throughout, without padding between them.
trait Plain {}

impl Plain for Found {}
impl Plain for btpow_cuda::abi::Run {}
impl Plain for Table {}
