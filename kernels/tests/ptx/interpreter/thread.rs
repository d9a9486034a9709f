//! A thread: runs until it waits or ends.

use super::{
    arithmetic::Function,
    fault::Problem,
    instruction::{Change, Guard, Instruction, Op, Place, Slot, Vector},
    memory::Memory,
    module::Kernel,
    names::Special,
    race::Mark,
    types::Type,
};

/// More instructions than any test needs: a thread that runs so many has no end.
const MOST_INSTRUCTIONS: u64 = 10_000_000;

/// Why a thread does not run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum State {
    Ready,
    Waits(Wait),
    Ended,
}

/// What a thread waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wait {
    Block {
        number: u64,
        threads: Option<u64>,
        aligned: bool,
    },
    Warp {
        mask: u64,
    },
}

/// The size of a grid and a place in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    pub(crate) blocks: u32,
    pub(crate) threads: u32,
    pub(crate) block: u32,
    pub(crate) thread: u32,
}

#[derive(Debug)]
pub(crate) struct Thread<'p> {
    pub(crate) state: State,
    /// The index of the next instruction, or of the one at which the thread waits or fails.
    pub(crate) at: usize,
    pub(crate) mark: Mark,
    kernel: &'p Kernel,
    position: Position,
    /// The values of the slots; none for what is not written yet.
    values: Vec<Option<u64>>,
    left: u64,
}

impl<'p> Thread<'p> {
    pub(crate) const fn new(kernel: &'p Kernel, position: Position) -> Self {
        Self {
            state: State::Ready,
            at: 0,
            mark: Mark {
                block: position.block,
                thread: position.thread,
                warp: position.thread / 32,
                barriers: 0,
                warp_barriers: 0,
                atomic: false,
            },
            kernel,
            position,
            values: Vec::new(),
            left: MOST_INSTRUCTIONS,
        }
    }

    /// Makes the slots. A thread has them only from its first instruction to its last: those of a whole block do not fit into
    /// a CPU's caches.
    fn start(&mut self) {
        let slots = &self.kernel.slots;
        self.values.clone_from(&slots.initial);
        for (special, slot) in &slots.specials {
            let value = match special {
                Special::Thread => self.position.thread.into(),
                Special::Threads => self.position.threads.into(),
                Special::Block => self.position.block.into(),
                Special::Blocks => self.position.blocks.into(),
                Special::Lane => (self.position.thread % 32).into(),
                Special::Zero => 0,
                Special::One => 1,
            };
            self.set(*slot, value);
        }
    }

    /// Goes on behind the barrier at which the thread waits.
    pub(crate) fn pass(&mut self) {
        match self.state {
            State::Waits(Wait::Block { .. }) => self.mark.barriers += 1,
            State::Waits(Wait::Warp { .. }) => self.mark.warp_barriers += 1,
            State::Ready | State::Ended => return,
        }
        self.state = State::Ready;
        self.at += 1;
    }

    /// Runs until the thread waits or ends. Notes which instructions it executes.
    pub(crate) fn run(
        &mut self,
        memory: &mut Memory,
        executed: &mut [bool],
    ) -> Result<(), Problem> {
        if self.state != State::Ready {
            return Ok(());
        }
        let instructions = &self.kernel.instructions;
        if self.values.is_empty() {
            self.start();
        }
        loop {
            let Some(Instruction { guard, op, .. }) = instructions.get(self.at) else {
                return Err(Problem::NoEnd);
            };
            if self.left == 0 {
                return Err(Problem::Endless(MOST_INSTRUCTIONS));
            }
            self.left -= 1;
            if let Some(Guard { predicate, wanted }) = guard
                && (self.value(*predicate)? == 1) != *wanted
            {
                self.at += 1;
                continue;
            }
            executed[self.at] = true;
            self.step(op, memory)?;
            if self.state != State::Ready {
                return Ok(());
            }
        }
    }

    /// Executes one instruction.
    #[inline]
    fn step(&mut self, op: &Op, memory: &mut Memory) -> Result<(), Problem> {
        match *op {
            Op::Compute {
                function,
                ty,
                to,
                from: [a, b, c, d],
            } => {
                let values = [
                    self.value(a)?,
                    self.value(b)?,
                    self.value(c)?,
                    self.value(d)?,
                ];
                self.set(to, function.of(ty, values));
            }
            Op::Join { part, to, from } => {
                let joined = self.joined(&from, part)?;
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a register has at most 64 bits"
                )]
                self.set(to, joined as u64);
            }
            Op::Split { part, to, from } => {
                let value = self.value(from)?;
                self.divide(value.into(), part, &to, part);
            }
            Op::Load {
                place,
                to,
                register,
            } => {
                let address = self.address(&place)?;
                let elements = to.slots().len();
                let value = memory.read(&place, address, elements, self.mark)?;
                self.divide(value, place.ty, &to, register);
            }
            Op::Store { place, from } => {
                let address = self.address(&place)?;
                let value = self.joined(&from, place.ty)?;
                memory.write(&place, address, from.slots().len(), value, self.mark)?;
            }
            Op::Atomic { change, place, to } => self.change(change, &place, to, memory)?,
            Op::Branch { target } => {
                self.at = target as usize;
                return Ok(());
            }
            Op::Barrier {
                number,
                threads,
                aligned,
            } => {
                let threads = threads.map(|slot| self.value(slot)).transpose()?;
                return self.wait(Wait::Block {
                    number: self.value(number)?,
                    threads,
                    aligned,
                });
            }
            Op::WarpBarrier { mask } => {
                let mask = self.value(mask)?;
                return self.wait(Wait::Warp { mask });
            }
            Op::Fence => {}
            Op::End => {
                self.state = State::Ended;
                self.values = Vec::new();
            }
            Op::Trap => return Err(Problem::Trap),
        }
        self.at += 1;
        Ok(())
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "it ends a step, which can go wrong"
    )]
    const fn wait(&mut self, wait: Wait) -> Result<(), Problem> {
        self.state = State::Waits(wait);
        Ok(())
    }

    fn change(
        &mut self,
        change: Change,
        place: &Place,
        to: Option<Slot>,
        memory: &mut Memory,
    ) -> Result<(), Problem> {
        let address = self.address(place)?;
        let who = Mark {
            atomic: true,
            ..self.mark
        };
        let old = memory.read(place, address, 1, who)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "an element has at most 64 bits"
        )]
        let old = old as u64;
        let new = match change {
            Change::Apply(function, slot) => function.of(place.ty, [old, self.value(slot)?, 0, 0]),
            Change::Exchange(slot) => self.value(slot)?,
            Change::CompareExchange(equal, slot) if self.value(equal)? == old => {
                self.value(slot)?
            }
            Change::CompareExchange(..) => old,
        };
        memory.write(place, address, 1, new.into(), who)?;
        if let Some(to) = to {
            self.set(to, old);
        }
        Ok(())
    }

    fn address(&self, place: &Place) -> Result<u64, Problem> {
        Ok(self.value(place.base)?.wrapping_add(place.offset))
    }

    // Its callers are the interpreter's hot loop: as a call, it takes a quarter of the time.
    #[inline(always)]
    fn value(&self, slot: Slot) -> Result<u64, Problem> {
        self.values[slot as usize].ok_or_else(|| self.unwritten(slot))
    }

    #[cold]
    fn unwritten(&self, slot: Slot) -> Problem {
        Problem::UnwrittenRegister(self.kernel.slots.name(slot).into())
    }

    #[inline]
    fn set(&mut self, slot: Slot, value: u64) {
        self.values[slot as usize] = Some(value);
    }

    /// Values side by side, the first in the lowest bits.
    fn joined(&self, from: &Vector, part: Type) -> Result<u128, Problem> {
        let mut joined = 0;
        for (place, slot) in (0..).zip(from.slots()) {
            joined |= u128::from(part.keep(self.value(*slot)?)) << (part.bits * place);
        }
        Ok(joined)
    }

    /// Divides a value into parts, the first from the lowest bits, and extends each to its register.
    fn divide(&mut self, value: u128, part: Type, to: &Vector, register: Type) {
        let extend = Function::Convert {
            to: part,
            register: register.bits,
        };
        for (place, slot) in (0..).zip(to.slots()) {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a part has at most 64 bits"
            )]
            let low = part.keep((value >> (part.bits * place)) as u64);
            self.set(*slot, extend.of(part, [low, 0, 0, 0]));
        }
    }
}
