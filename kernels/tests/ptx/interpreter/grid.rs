//! Runs a kernel: block after block, and in a block thread after thread, from barrier to barrier.

use core::ops::Range;

use super::{
    fault::{Fault, Problem},
    memory::Memory,
    module::{Kernel, Program},
    thread::{Position, State, Thread, Wait},
};

/// How many threads run a kernel.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    /// Blocks of the whole grid.
    pub(crate) blocks: u32,
    /// Those of them that run.
    pub(crate) some: Range<u32>,
    /// Threads of a block.
    pub(crate) threads: u32,
    /// Shared memory of a block beyond what the program declares, in bytes.
    pub(crate) shared_bytes: u32,
}

impl Program {
    /// Runs a kernel. Returns which of its instructions were executed.
    ///
    /// # Errors
    ///
    /// The first thing that a thread does and may not do, or parameters that the kernel does not take.
    pub(crate) fn run(
        &self,
        kernel: &Kernel,
        memory: &mut Memory,
        parameters: &[&[u8]],
        grid: &Grid,
    ) -> Result<Vec<bool>, Fault> {
        let fault = |problem, line| Fault::new(problem, line, self.source());
        let laid_out = kernel.laid_out(parameters);
        memory.set_parameters(&laid_out.map_err(|problem| fault(problem, kernel.line))?);
        if let Some(most) = kernel.most_threads.filter(|most| grid.threads > *most) {
            let found = grid.threads;
            return Err(fault(Problem::TooManyThreads { most, found }, kernel.line));
        }
        let mut executed = vec![false; kernel.instructions.len()];
        for block in grid.some.clone() {
            memory.set_shared(kernel.shared_bytes, grid.shared_bytes as usize);
            let threads = (0..grid.threads).map(|thread| Position {
                blocks: grid.blocks,
                threads: grid.threads,
                block,
                thread,
            });
            let mut threads: Vec<_> = threads.map(|it| Thread::new(kernel, it)).collect();
            while threads.iter().any(|thread| thread.state != State::Ended) {
                for thread in &mut threads {
                    let ran = thread.run(memory, &mut executed);
                    ran.map_err(|problem| fault(problem, kernel.line_of(thread.at)))?;
                }
                open_barriers(kernel, &mut threads).map_err(|(problem, at)| {
                    let line = kernel.line_of(at);
                    fault(problem, line)
                })?;
            }
        }
        Ok(executed)
    }
}

/// Lets threads pass that wait for no one any more. All wait or have ended, and the latter do not count.
fn open_barriers(kernel: &Kernel, threads: &mut [Thread<'_>]) -> Result<(), (Problem, usize)> {
    let members = u64::try_from(threads.len()).expect("few");
    let mut opened = false;
    for warp in threads.chunks_mut(32) {
        opened |= open_barrier_of_warp(warp)?;
    }
    if opened {
        return Ok(());
    }
    // Nobody waits for a warp, or somebody waits for a warp that waits for the block.
    let mut waiting = threads.iter().filter(|thread| thread.state != State::Ended);
    let Some(first) = waiting.next() else {
        return Ok(());
    };
    let mut first_of_warp = first;
    for thread in waiting {
        if thread.mark.warp != first_of_warp.mark.warp {
            first_of_warp = thread;
        }
        let aligned = matches!(first.state, State::Waits(Wait::Block { aligned: true, .. }));
        let apart = if thread.state != first.state {
            first
        } else if aligned && thread.at != first_of_warp.at {
            first_of_warp
        } else {
            continue;
        };
        let problem = Problem::Divergence {
            threads: [apart.mark.thread, thread.mark.thread],
            lines: [kernel.line_of(apart.at), kernel.line_of(thread.at)],
        };
        return Err((problem, apart.at));
    }
    if let State::Waits(Wait::Block {
        threads: Some(count),
        ..
    }) = first.state
        && count != members
    {
        return Err((Problem::PartialBarrier(count), first.at));
    }
    threads.iter_mut().for_each(Thread::pass);
    Ok(())
}

/// Lets the threads of a warp pass if all that have not ended wait for the warp. Returns whether they did.
fn open_barrier_of_warp(warp: &mut [Thread<'_>]) -> Result<bool, (Problem, usize)> {
    let running = || {
        let all = (0_u32..).zip(warp.iter());
        all.filter(|(_, thread)| thread.state != State::Ended)
    };
    let all = running().fold(0_u64, |mask, (lane, _)| mask | 1 << lane);
    for (_, thread) in running() {
        let State::Waits(Wait::Warp { mask }) = thread.state else {
            return Ok(false);
        };
        if mask & all != all {
            return Err((Problem::PartialBarrier(mask.count_ones().into()), thread.at));
        }
    }
    warp.iter_mut().for_each(Thread::pass);
    Ok(all != 0)
}
