//! The form in which instructions run: names are slots, labels are places.

use super::{arithmetic::Function, space::Space, types::Type};

/// Where a thread keeps a register or a constant: an index into its slots.
pub(crate) type Slot = u32;

/// An instruction of a kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instruction {
    /// It runs only if this predicate is true, or false.
    pub(crate) guard: Option<Guard>,
    pub(crate) op: Op,
    /// The line of the program, from 1.
    pub(crate) line: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Guard {
    pub(crate) predicate: Slot,
    pub(crate) wanted: bool,
}

/// What an instruction does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    /// Only computes. `from` has zeros beyond what the function takes.
    Compute {
        function: Function,
        ty: Type,
        to: Slot,
        from: [Slot; 4],
    },
    /// Joins parts of this type, the lowest first.
    Join {
        part: Type,
        to: Slot,
        from: Vector,
    },
    /// Divides into parts of this type.
    Split {
        part: Type,
        to: Vector,
        from: Slot,
    },
    Load {
        place: Place,
        to: Vector,
        /// The type of the registers, which may be longer than what is loaded.
        register: Type,
    },
    Store {
        place: Place,
        from: Vector,
    },
    Atomic {
        change: Change,
        place: Place,
        /// Where the old value goes; `red` has none.
        to: Option<Slot>,
    },
    Branch {
        /// The index of an instruction.
        target: u32,
    },
    /// Waits for all threads of the block.
    Barrier {
        number: Slot,
        /// How many threads it is for, if the instruction says it.
        threads: Option<Slot>,
        /// All threads of a warp must wait at the same instruction.
        aligned: bool,
    },
    /// Waits for the threads of the warp.
    WarpBarrier {
        mask: Slot,
    },
    /// Orders memory: nothing to do, as the interpreter never reorders.
    Fence,
    End,
    Trap,
}

/// One, two or four slots.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vector {
    slots: [Slot; 4],
    len: u8,
}

/// Where an instruction accesses memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) space: Space,
    /// The type of each element.
    pub(crate) ty: Type,
    pub(crate) base: Slot,
    pub(crate) offset: u64,
    /// The program promises that nothing changes it (`.nc`).
    pub(crate) constant: bool,
}

/// What an atomic instruction writes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// A function of the old value and this one.
    Apply(Function, Slot),
    Exchange(Slot),
    /// The second value, if the old one equals the first.
    CompareExchange(Slot, Slot),
}

impl Op {
    /// The slots that it reads, and those that it writes.
    pub(crate) fn slots(&mut self) -> (Vec<&mut Slot>, Vec<&mut Slot>) {
        match self {
            Self::Compute { to, from, .. } => (from.iter_mut().collect(), vec![to]),
            Self::Join { to, from, .. } => (from.slots_mut(), vec![to]),
            Self::Split { to, from, .. } => (vec![from], to.slots_mut()),
            Self::Load { place, to, .. } => (vec![&mut place.base], to.slots_mut()),
            Self::Store { place, from } => {
                let mut reads = from.slots_mut();
                reads.push(&mut place.base);
                (reads, Vec::new())
            }
            Self::Atomic { change, place, to } => {
                let mut reads = match change {
                    Change::Apply(_, value) | Change::Exchange(value) => vec![value],
                    Change::CompareExchange(equal, value) => vec![equal, value],
                };
                reads.push(&mut place.base);
                (reads, to.iter_mut().collect())
            }
            Self::Barrier {
                number, threads, ..
            } => {
                let mut reads = vec![number];
                reads.extend(threads);
                (reads, Vec::new())
            }
            Self::WarpBarrier { mask } => (vec![mask], Vec::new()),
            Self::Branch { .. } | Self::Fence | Self::End | Self::Trap => (Vec::new(), Vec::new()),
        }
    }
}

impl Vector {
    /// A vector of these slots, if there are one, two or four.
    pub(crate) fn of(slots: &[Slot]) -> Option<Self> {
        let mut padded = [0; 4];
        padded.get_mut(..slots.len())?.copy_from_slice(slots);
        matches!(slots.len(), 1 | 2 | 4).then_some(Self {
            slots: padded,
            len: u8::try_from(slots.len()).ok()?,
        })
    }

    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots[..usize::from(self.len)]
    }

    fn slots_mut(&mut self) -> Vec<&mut Slot> {
        self.slots[..usize::from(self.len)].iter_mut().collect()
    }
}
