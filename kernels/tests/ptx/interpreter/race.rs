//! Who touched a byte, and whether a barrier lies in between.
//!
//! The threads of the interpreter run one after the other, so without this a missing barrier would go unnoticed.

use super::fault::Problem;

/// A thread at some moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Mark {
    pub(crate) block: u32,
    pub(crate) thread: u32,
    pub(crate) warp: u32,
    /// How many barriers of the block it has passed.
    pub(crate) barriers: u32,
    /// How many barriers of the warp it has passed.
    pub(crate) warp_barriers: u32,
    /// It is in an atomic instruction.
    pub(crate) atomic: bool,
}

/// The accesses to a byte that a later one may race with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    reads: Vec<Mark>,
    writes: Vec<Mark>,
}

impl Mark {
    /// Whether this moment certainly comes before a later one.
    fn precedes(&self, later: &Self) -> bool {
        let passed = self.barriers < later.barriers
            || (self.warp == later.warp && self.warp_barriers < later.warp_barriers);
        self.block == later.block && (self.thread == later.thread || passed)
    }

    fn races_with(&self, later: &Self) -> bool {
        let both_atomic = self.atomic && later.atomic;
        !(both_atomic || self.precedes(later))
    }
}

impl Log {
    pub(crate) fn read(&mut self, who: Mark, address: u64) -> Result<(), Problem> {
        compare(&self.writes, who, address)?;
        match self.reads.last_mut() {
            // Whoever came before the last one came before a later one, too.
            Some(last) if last.thread == who.thread && last.block == who.block => *last = who,
            Some(last) if last.precedes(&who) => {
                self.reads.retain(|before| !before.precedes(&who));
                self.reads.push(who);
            }
            _ => self.reads.push(who),
        }
        Ok(())
    }

    pub(crate) fn write(&mut self, who: Mark, address: u64) -> Result<(), Problem> {
        compare(&self.reads, who, address)?;
        compare(&self.writes, who, address)?;
        // What races with one of these would race with this write.
        self.reads.clear();
        self.writes.retain(|before| !before.precedes(&who));
        self.writes.push(who);
        Ok(())
    }
}

fn compare(before: &[Mark], who: Mark, address: u64) -> Result<(), Problem> {
    match before.iter().find(|before| before.races_with(&who)) {
        None => Ok(()),
        Some(before) => Err(Problem::Race {
            address,
            blocks: [before.block, who.block],
            threads: [before.thread, who.thread],
        }),
    }
}
