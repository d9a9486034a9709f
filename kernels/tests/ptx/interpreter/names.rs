//! Gives each register, constant and symbol its slot.

use std::collections::HashMap;

use super::{
    fault::Problem,
    instruction::{Slot, Vector},
    types::Type,
};

/// What a thread knows about itself; `%tid.x` and the like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Special {
    Thread,
    Threads,
    Block,
    Blocks,
    Lane,
    /// `y` or `z` of a place: all grids have one dimension.
    Zero,
    /// `y` or `z` of a size.
    One,
}

/// The slots of a kernel's thread.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    /// The values of constants; none for what is not written yet.
    pub(crate) initial: Vec<Option<u64>>,
    pub(crate) specials: Vec<(Special, Slot)>,
    names: Vec<String>,
}

/// An operand of an instruction.
#[derive(Clone, Debug)]
pub(crate) enum Operand<'a> {
    /// A register, a symbol, a label.
    Name(&'a str),
    Integer(i128),
    /// `{a, b}`.
    Vector(Vec<Self>),
    /// `[base + offset]`.
    Address(Box<Self>, i128),
}

/// The names that are visible.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    slots: Slots,
    /// The innermost scope is the last.
    scopes: Vec<HashMap<&'a str, Registers>>,
    constants: HashMap<u64, Slot>,
    specials: HashMap<&'a str, Slot>,
    symbols: HashMap<&'a str, u64>,
}

/// A declaration: `%r<7>` declares seven, `%SP` one.
#[derive(Clone, Copy, Debug)]
struct Registers {
    first: Slot,
    /// None if there is one, without a number in its name.
    count: Option<u32>,
    bits: u32,
}

impl Slots {
    /// The name of a slot.
    pub(crate) fn name(&self, slot: Slot) -> &str {
        &self.names[slot as usize]
    }

    pub(crate) fn add(&mut self, value: Option<u64>, name: String) -> Slot {
        let slot = Slot::try_from(self.initial.len()).expect("a program has less than 2^32");
        self.initial.push(value);
        self.names.push(name);
        slot
    }
}

impl<'a> Names<'a> {
    /// Only symbols and their addresses.
    pub(crate) fn new(symbols: &HashMap<&'a str, u64>) -> Self {
        Self {
            slots: Slots::default(),
            scopes: Vec::new(),
            constants: HashMap::new(),
            specials: HashMap::new(),
            symbols: symbols.clone(),
        }
    }

    pub(crate) fn into_slots(self) -> Slots {
        self.slots
    }

    pub(crate) fn enter_scope(&mut self) {
        self.scopes.push(HashMap::new());
    }

    /// Leaves the innermost scope. Returns whether there are others.
    pub(crate) fn leave_scope(&mut self) -> bool {
        self.scopes.pop();
        !self.scopes.is_empty()
    }

    pub(crate) fn add_symbol(&mut self, name: &'a str, address: u64) -> Result<(), Problem> {
        let before = self.symbols.insert(name, address);
        before.map_or(Ok(()), |_| Err(Problem::DeclaredTwice(name.into())))
    }

    pub(crate) fn add_registers(
        &mut self,
        name: &'a str,
        count: Option<u32>,
        ty: Type,
    ) -> Result<(), Problem> {
        let numbers = 0..count.unwrap_or(1);
        let full_names = numbers.map(|number| match count {
            Some(_) => format!("{name}{number}"),
            None => name.into(),
        });
        let first = Slot::try_from(self.slots.initial.len()).expect("less than 2^32");
        for full_name in full_names {
            self.slots.add(None, full_name);
        }
        let registers = Registers {
            first,
            count,
            bits: ty.bits,
        };
        let scope = self
            .scopes
            .last_mut()
            .expect("registers are declared in a body");
        let before = scope.insert(name, registers);
        before.map_or(Ok(()), |_| Err(Problem::DeclaredTwice(name.into())))
    }

    /// The slot and the bits of a register.
    fn register(&self, name: &str) -> Option<(Slot, u32)> {
        let prefix = name.trim_end_matches(|it: char| it.is_ascii_digit());
        let number = name[prefix.len()..].parse::<u32>().ok();
        self.scopes.iter().rev().find_map(|scope| {
            let alone = scope.get(name).filter(|it| it.count.is_none());
            if let Some(register) = alone {
                return Some((register.first, register.bits));
            }
            let (registers, number) = (scope.get(prefix)?, number?);
            let declared = number < registers.count?;
            declared.then_some((registers.first + number, registers.bits))
        })
    }

    pub(crate) fn constant(&mut self, value: u64) -> Slot {
        let slots = &mut self.slots;
        let new = || slots.add(Some(value), value.to_string());
        *self.constants.entry(value).or_insert_with(new)
    }

    fn special(&mut self, name: &'a str) -> Option<Slot> {
        if let Some(slot) = self.specials.get(name) {
            return Some(*slot);
        }
        let special = match name {
            "%tid.x" => Special::Thread,
            "%ntid.x" => Special::Threads,
            "%ctaid.x" => Special::Block,
            "%nctaid.x" => Special::Blocks,
            "%laneid" => Special::Lane,
            "%tid.y" | "%tid.z" | "%ctaid.y" | "%ctaid.z" => Special::Zero,
            "%ntid.y" | "%ntid.z" | "%nctaid.y" | "%nctaid.z" => Special::One,
            _ => return None,
        };
        let slot = self.slots.add(Some(0), name.into());
        self.slots.specials.push((special, slot));
        self.specials.insert(name, slot);
        Some(slot)
    }

    /// The slot of what an instruction reads as this type.
    pub(crate) fn source(&mut self, operand: &Operand<'a>, ty: Type) -> Result<Slot, Problem> {
        match operand {
            Operand::Integer(number) => {
                let least = -(1_i128 << (ty.bits - 1));
                if !(least..1 << ty.bits).contains(number) {
                    return Err(Problem::TooLarge(*number, ty.bits));
                }
                let low = u64::try_from(number & i128::from(u64::MAX)).expect("64 bits");
                Ok(self.constant(ty.keep(low)))
            }
            Operand::Name(name) => {
                if let Some((slot, bits)) = self.register(name) {
                    return exactly(name, bits, ty).map(|()| slot);
                }
                if let Some(slot) = self.special(name) {
                    return exactly(name, 32, ty).map(|()| slot);
                }
                let address = self.symbols.get(name).copied();
                let address = address.ok_or_else(|| Problem::Undeclared((*name).into()))?;
                if ty.keep(address) != address {
                    return Err(Problem::TooLarge(address.into(), ty.bits));
                }
                Ok(self.constant(address))
            }
            Operand::Vector(_) | Operand::Address(..) => Err(unexpected("a value", operand)),
        }
    }

    /// The slot of a register that an instruction writes as this type.
    pub(crate) fn target(&self, operand: &Operand<'a>, ty: Type) -> Result<Slot, Problem> {
        let (slot, bits) = self.declared_register(operand)?;
        exactly(&described(operand), bits, ty).map(|()| slot)
    }

    /// The slots that are loaded to, and the type of their registers, which may be longer than what is loaded.
    pub(crate) fn targets(
        &mut self,
        operand: &Operand<'a>,
        count: usize,
        ty: Type,
    ) -> Result<(Vector, Type), Problem> {
        for element in elements(operand) {
            self.declared_register(element)?;
        }
        self.long_registers(operand, count, ty)
    }

    /// The slots that are stored from. Their registers may be longer than what is stored.
    pub(crate) fn sources(
        &mut self,
        operand: &Operand<'a>,
        count: usize,
        ty: Type,
    ) -> Result<Vector, Problem> {
        self.long_registers(operand, count, ty)
            .map(|(vector, _)| vector)
    }

    /// Registers that all have the same number of bits, at least the type's, or values.
    fn long_registers(
        &mut self,
        operand: &Operand<'a>,
        count: usize,
        ty: Type,
    ) -> Result<(Vector, Type), Problem> {
        let (mut bits, mut slots) = (None, Vec::new());
        for element in elements(operand) {
            let Ok((slot, found)) = self.declared_register(element) else {
                slots.push(self.source(element, ty)?);
                continue;
            };
            let expected = Type::unsigned(bits.unwrap_or(found.max(ty.bits)));
            exactly(&described(element), found, expected)?;
            bits = Some(found);
            slots.push(slot);
        }
        let vector = Vector::of(&slots).filter(|_| slots.len() == count);
        let vector = vector.ok_or_else(|| unexpected("as many registers as elements", operand))?;
        Ok((vector, Type::unsigned(bits.unwrap_or(ty.bits))))
    }

    fn declared_register(&self, operand: &Operand<'a>) -> Result<(Slot, u32), Problem> {
        let Operand::Name(name) = operand else {
            return Err(unexpected("a register", operand));
        };
        let register = self.register(name);
        register.ok_or_else(|| Problem::Undeclared((*name).into()))
    }
}

/// The elements of a vector, or the operand itself.
const fn elements<'o, 'a>(operand: &'o Operand<'a>) -> &'o [Operand<'a>] {
    match operand {
        Operand::Vector(elements) => elements.as_slice(),
        _ => core::slice::from_ref(operand),
    }
}

/// That an operand is not what its place takes.
pub(crate) fn unexpected(expected: &'static str, operand: &Operand<'_>) -> Problem {
    Problem::Syntax {
        expected,
        found: described(operand),
    }
}

fn described(operand: &Operand<'_>) -> String {
    match operand {
        Operand::Name(name) => (*name).into(),
        Operand::Integer(number) => number.to_string(),
        Operand::Vector(_) => "{…}".into(),
        Operand::Address(..) => "[…]".into(),
    }
}

/// Registers and instructions agree on how many bits there are.
fn exactly(name: &str, bits: u32, ty: Type) -> Result<(), Problem> {
    if bits == ty.bits {
        return Ok(());
    }
    Err(Problem::Width {
        name: name.into(),
        bits,
        expected: ty.bits,
    })
}
