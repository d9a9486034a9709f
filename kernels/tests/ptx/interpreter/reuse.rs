//! Lets registers share slots.
//!
//! The compiler writes each register once, so a kernel has some ten thousand, and nearly all of them live for a few
//! instructions. A thread with a slot for each would leave a CPU's caches at every turn.

use super::{
    instruction::{Instruction, Op, Slot},
    names::Slots,
};

/// What is known of a slot.
#[derive(Clone, Copy, Debug)]
struct Use {
    /// The block of its first access.
    block: usize,
    /// The last instruction that accesses it.
    last: usize,
    /// All accesses are in one block, and the first of them certainly writes. So no one reads it before it is written, and
    /// nothing is lost when others have the slot before and after.
    temporary: bool,
}

/// Renumbers the slots, so that registers share them whose lives do not overlap.
pub(crate) fn share_slots(instructions: &mut [Instruction], slots: &Slots) -> Slots {
    let uses = uses(instructions, slots);
    let mut shared = Slots::default();
    // The new slot of each old one, while it lives.
    let mut places: Vec<Option<Slot>> = vec![None; uses.len()];
    let mut free: Vec<Slot> = Vec::new();
    for (at, instruction) in instructions.iter_mut().enumerate() {
        let mut ends = Vec::new();
        for slot in accesses(instruction) {
            let old = *slot.0 as usize;
            let of_slot = uses[old].filter(|it| it.temporary);
            *slot.0 = *places[old].get_or_insert_with(|| {
                let vacant = of_slot.and_then(|_| free.pop());
                vacant.unwrap_or_else(|| shared.add(slots.initial[old], slots.name(*slot.0).into()))
            });
            if of_slot.is_some_and(|it| it.last == at) {
                ends.push(old);
            }
        }
        // Only now, so that no instruction writes to what it reads.
        free.extend(ends.iter().filter_map(|old| places[*old].take()));
    }
    let specials = slots.specials.iter();
    shared.specials = specials
        .filter_map(|(special, slot)| Some((*special, places[*slot as usize]?)))
        .collect();
    shared
}

fn uses(instructions: &mut [Instruction], slots: &Slots) -> Vec<Option<Use>> {
    let blocks = blocks(instructions);
    let mut uses: Vec<Option<Use>> = vec![None; slots.initial.len()];
    for (at, instruction) in instructions.iter_mut().enumerate() {
        let (block, always) = (blocks[at], instruction.guard.is_none());
        for (slot, writes) in accesses(instruction) {
            let first = Use {
                block,
                last: at,
                temporary: writes && always && slots.initial[*slot as usize].is_none(),
            };
            let known = uses[*slot as usize].get_or_insert(first);
            known.temporary &= known.block == block;
            known.last = at;
        }
    }
    uses
}

/// The block of each instruction: it is entered at its begin only, and left at its end only.
fn blocks(instructions: &[Instruction]) -> Vec<usize> {
    let mut begins = vec![false; instructions.len() + 1];
    for (at, instruction) in instructions.iter().enumerate() {
        match instruction.op {
            Op::Branch { target } => {
                begins[target as usize] = true;
                begins[at + 1] = true;
            }
            Op::End | Op::Trap => begins[at + 1] = true,
            _ => {}
        }
    }
    let number = |block: &mut usize, begins: bool| {
        *block += usize::from(begins);
        Some(*block)
    };
    begins.into_iter().scan(0, number).collect()
}

/// The slots of an instruction and whether it writes to them: first those that it reads.
fn accesses(instruction: &mut Instruction) -> Vec<(&mut Slot, bool)> {
    let (mut reads, writes) = instruction.op.slots();
    reads.extend(instruction.guard.iter_mut().map(|it| &mut it.predicate));
    let reads = reads.into_iter().map(|slot| (slot, false));
    reads
        .chain(writes.into_iter().map(|slot| (slot, true)))
        .collect()
}
