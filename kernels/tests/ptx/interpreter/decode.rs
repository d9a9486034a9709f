//! From an opcode and its operands to an instruction.

use super::{
    arithmetic::{Comparison, Excess, Function},
    fault::Problem,
    instruction::{Change, Op, Place, Slot, Vector},
    names::{Names, Operand, unexpected},
    space::Space,
    types::Type,
};

/// The instruction that a statement is. A branch has no target yet.
pub(crate) fn decode<'a>(
    opcode: &str,
    operands: &[Operand<'a>],
    names: &mut Names<'a>,
) -> Result<Op, Problem> {
    let parts: Vec<_> = opcode.split('.').collect();
    let unknown = || Problem::Unknown(opcode.into());
    if let Some((function, ty, to, from)) = computes(&parts) {
        return compute(function, ty, to, &from, operands, names);
    }
    let (name, modifiers) = parts.split_first().ok_or_else(unknown)?;
    match (*name, modifiers) {
        ("mov", [ty]) => {
            let ty = Type::named(ty).ok_or_else(unknown)?;
            decode_move(ty, operands, names)
        }
        ("cvt", [to, from]) => {
            let to = Type::named(to).ok_or_else(unknown)?;
            let from = Type::named(from).ok_or_else(unknown)?;
            decode_conversion(to, from, operands, names)
        }
        ("ld" | "st", [modifiers @ .., ty]) => {
            let ty = Type::named(ty).ok_or_else(unknown)?;
            let access = Access::of(modifiers, ty).ok_or_else(unknown)?;
            let [target, source] = exactly(operands)?;
            if *name == "ld" {
                let place = access.place(source, names)?;
                let (to, register) = names.targets(target, access.elements, ty)?;
                return Ok(Op::Load {
                    place,
                    to,
                    register,
                });
            }
            let place = access.place(target, names)?;
            let from = names.sources(source, access.elements, ty)?;
            Ok(Op::Store { place, from })
        }
        ("atom" | "red", [space @ .., change, ty]) => {
            let ty = Type::named(ty).ok_or_else(unknown)?;
            let access = Access::of(space, ty).filter(|access| access.elements == 1);
            let access = access.ok_or_else(unknown)?;
            let (to, operands) = if *name == "atom" {
                let (first, rest) = operands.split_first().ok_or_else(|| missing(2))?;
                (Some(names.target(first, ty)?), rest)
            } else {
                (None, operands)
            };
            let (first, values) = operands.split_first().ok_or_else(|| missing(2))?;
            let place = access.place(first, names)?;
            let change = decode_change(change, ty, values, names, unknown)?;
            Ok(Op::Atomic { change, place, to })
        }
        ("bar", ["warp", "sync"]) => {
            let [mask] = exactly(operands)?;
            let mask = names.source(mask, Type::U32)?;
            Ok(Op::WarpBarrier { mask })
        }
        ("bar" | "barrier", ["sync"] | ["cta", "sync"]) => barrier(*name == "bar", operands, names),
        ("barrier", ["sync", "aligned"] | ["cta", "sync", "aligned"]) => {
            barrier(true, operands, names)
        }
        ("membar", ["cta" | "gl" | "sys"])
        | ("fence", ["sc" | "acq_rel", "cta" | "gpu" | "sys"]) => Ok(Op::Fence),
        ("bra", [] | ["uni"]) => match exactly(operands)? {
            [Operand::Name(_)] => Ok(Op::Branch { target: u32::MAX }),
            [other] => Err(unexpected("a label", other)),
        },
        ("ret", [] | ["uni"]) | ("exit", []) => exactly(operands).map(|[]: &[_; 0]| Op::End),
        ("trap", []) => exactly(operands).map(|[]: &[_; 0]| Op::Trap),
        _ => Err(unknown()),
    }
}

/// The function of an opcode, its type, and the types of its result and its operands.
fn computes(parts: &[&str]) -> Option<(Function, Type, Type, Vec<Type>)> {
    use Function as F;
    const WORD: Type = Type::U32;
    let ty = Type::named(parts.last()?)?;
    let alike = |function, operands| Some((function, ty, ty, vec![ty; operands]));
    match parts[..parts.len() - 1] {
        ["add"] => alike(F::Add, 2),
        ["sub"] => alike(F::Subtract, 2),
        ["min"] => alike(F::Minimum, 2),
        ["max"] => alike(F::Maximum, 2),
        ["and"] => alike(F::And, 2),
        ["or"] => alike(F::Or, 2),
        ["xor"] => alike(F::Xor, 2),
        ["not"] => alike(F::Not, 1),
        ["neg"] => alike(F::Negate, 1),
        ["abs"] => alike(F::Absolute, 1),
        ["brev"] => alike(F::Reverse, 1),
        ["mul", "lo"] => alike(F::MultiplyLow, 2),
        ["mul", "hi"] => alike(F::MultiplyHigh, 2),
        ["mad", "lo"] => alike(F::MultiplyLow, 3),
        ["mad", "hi"] => alike(F::MultiplyHigh, 3),
        ["mul", "wide"] if ty.bits < 64 => Some((F::MultiplyWide, ty, ty.wide(), vec![ty, ty])),
        ["mad", "wide"] if ty.bits < 64 => {
            Some((F::MultiplyWide, ty, ty.wide(), vec![ty, ty, ty.wide()]))
        }
        ["lop3"] if ty == WORD => Some((F::Logic, ty, ty, vec![ty, ty, ty, Type::unsigned(8)])),
        ["shl"] => Some((F::ShiftLeft, ty, ty, vec![ty, WORD])),
        ["shr"] => Some((F::ShiftRight, ty, ty, vec![ty, WORD])),
        ["shf", "l", "wrap"] if ty == WORD => alike(F::FunnelLeft(Excess::Wraps), 3),
        ["shf", "l", "clamp"] if ty == WORD => alike(F::FunnelLeft(Excess::Clamps), 3),
        ["shf", "r", "wrap"] if ty == WORD => alike(F::FunnelRight(Excess::Wraps), 3),
        ["shf", "r", "clamp"] if ty == WORD => alike(F::FunnelRight(Excess::Clamps), 3),
        ["prmt"] if ty == WORD => alike(F::Permute, 3),
        ["selp"] => Some((F::Select, ty, ty, vec![ty, ty, Type::PREDICATE])),
        ["setp", name] => {
            let function = F::Compare(Comparison::named(name, ty)?);
            Some((function, ty, Type::PREDICATE, vec![ty, ty]))
        }
        ["set", name, "b32" | "u32" | "s32"] => {
            let function = F::CompareAll(Comparison::named(name, ty)?);
            Some((function, ty, WORD, vec![ty, ty]))
        }
        ["bfe"] if ty.bits >= 32 => Some((F::ExtractField, ty, ty, vec![ty, WORD, WORD])),
        ["bfi"] if ty.bits >= 32 => Some((F::InsertField, ty, ty, vec![ty, ty, WORD, WORD])),
        ["clz"] => Some((F::LeadingZeros, ty, WORD, vec![ty])),
        ["popc"] => Some((F::Ones, ty, WORD, vec![ty])),
        ["bfind"] => Some((F::HighestBit, ty, WORD, vec![ty])),
        // A card tells generic addresses from others; here they are the same.
        ["cvta", "shared" | "global" | "const" | "param"]
        | ["cvta", "to", "shared" | "global" | "const" | "param"]
            if ty == Type::U64 =>
        {
            alike(F::Move, 1)
        }
        _ => None,
    }
}

fn compute<'a>(
    function: Function,
    ty: Type,
    to: Type,
    from: &[Type],
    operands: &[Operand<'a>],
    names: &mut Names<'a>,
) -> Result<Op, Problem> {
    let (target, sources) = operands.split_first().ok_or_else(|| missing(1))?;
    if sources.len() != from.len() {
        return Err(missing(from.len() + 1));
    }
    let to = names.target(target, to)?;
    let mut slots = [names.constant(0); 4];
    for ((slot, source), ty) in slots.iter_mut().zip(sources).zip(from) {
        *slot = names.source(source, *ty)?;
    }
    Ok(Op::Compute {
        function,
        ty,
        to,
        from: slots,
    })
}

/// A move joins or divides where one side is a vector.
fn decode_move<'a>(
    ty: Type,
    operands: &[Operand<'a>],
    names: &mut Names<'a>,
) -> Result<Op, Problem> {
    let [target, source] = exactly(operands)?;
    let part = |elements: &[_]| {
        let bits = ty.bits.checked_div(u32::try_from(elements.len()).ok()?)?;
        matches!(elements.len(), 2 | 4).then_some(Type::unsigned(bits))
    };
    match (target, source) {
        (Operand::Vector(elements), _) => {
            let part = part(elements).ok_or_else(|| unexpected("two or four parts", target))?;
            let slots = elements.iter().map(|element| names.target(element, part));
            Ok(Op::Split {
                part,
                to: vector(slots.collect::<Result<_, _>>()?, target)?,
                from: names.source(source, ty)?,
            })
        }
        (_, Operand::Vector(elements)) => {
            let part = part(elements).ok_or_else(|| unexpected("two or four parts", source))?;
            let slots = elements.iter().map(|element| names.source(element, part));
            let slots = slots.collect::<Result<_, _>>()?;
            Ok(Op::Join {
                part,
                to: names.target(target, ty)?,
                from: vector(slots, source)?,
            })
        }
        _ => compute(Function::Move, ty, ty, &[ty], operands, names),
    }
}

fn vector(slots: Vec<Slot>, operand: &Operand<'_>) -> Result<Vector, Problem> {
    Vector::of(&slots).ok_or_else(|| unexpected("two or four parts", operand))
}

/// Registers of a conversion may be longer than its types.
fn decode_conversion<'a>(
    to: Type,
    from: Type,
    operands: &[Operand<'a>],
    names: &mut Names<'a>,
) -> Result<Op, Problem> {
    let [target, source] = exactly(operands)?;
    let (target, register) = names.targets(target, 1, to)?;
    let source = names.sources(source, 1, from)?;
    let zero = names.constant(0);
    Ok(Op::Compute {
        function: Function::Convert {
            to,
            register: register.bits,
        },
        ty: from,
        to: target.slots()[0],
        from: [source.slots()[0], zero, zero, zero],
    })
}

fn decode_change<'a>(
    name: &str,
    ty: Type,
    values: &[Operand<'a>],
    names: &mut Names<'a>,
    unknown: impl Fn() -> Problem,
) -> Result<Change, Problem> {
    let function = match name {
        "add" => Function::Add,
        "min" => Function::Minimum,
        "max" => Function::Maximum,
        "and" => Function::And,
        "or" => Function::Or,
        "xor" => Function::Xor,
        "exch" => {
            let [value] = exactly(values)?;
            return Ok(Change::Exchange(names.source(value, ty)?));
        }
        "cas" => {
            let [equal, value] = exactly(values)?;
            let equal = names.source(equal, ty)?;
            return Ok(Change::CompareExchange(equal, names.source(value, ty)?));
        }
        _ => return Err(unknown()),
    };
    let [value] = exactly(values)?;
    Ok(Change::Apply(function, names.source(value, ty)?))
}

fn barrier<'a>(
    aligned: bool,
    operands: &[Operand<'a>],
    names: &mut Names<'a>,
) -> Result<Op, Problem> {
    let (number, threads) = match operands {
        [number] => (number, None),
        [number, threads] => (number, Some(names.source(threads, Type::U32)?)),
        _ => return Err(missing(1)),
    };
    Ok(Op::Barrier {
        number: names.source(number, Type::U32)?,
        threads,
        aligned,
    })
}

/// What the modifiers of a load or a store say.
struct Access {
    space: Space,
    elements: usize,
    constant: bool,
    ty: Type,
}

impl Access {
    fn of(modifiers: &[&str], ty: Type) -> Option<Self> {
        let mut access = Self {
            space: Space::Generic,
            elements: 1,
            constant: false,
            ty,
        };
        for modifier in modifiers {
            match *modifier {
                "v2" => access.elements = 2,
                "v4" => access.elements = 4,
                "nc" => access.constant = true,
                // They say how often the caches are asked, and nothing is cached here.
                "volatile" | "ca" | "cg" | "cs" | "lu" | "cv" | "wb" | "wt" => {}
                name => access.space = Space::named(name)?,
            }
        }
        Some(access)
    }

    fn place<'a>(&self, operand: &Operand<'a>, names: &mut Names<'a>) -> Result<Place, Problem> {
        let Operand::Address(base, offset) = operand else {
            return Err(unexpected("an address", operand));
        };
        let base = match names.source(base, Type::U64) {
            // Shared memory is small enough for 32 bits.
            Err(Problem::Width { bits: 32, .. }) if self.space == Space::Shared => {
                names.source(base, Type::U32)?
            }
            base => base?,
        };
        let offset = i64::try_from(*offset).map_err(|_| Problem::TooLarge(*offset, 64))?;
        Ok(Place {
            space: self.space,
            ty: self.ty,
            base,
            offset: offset.cast_unsigned(),
            constant: self.constant,
        })
    }
}

/// As many operands as an instruction takes.
fn exactly<'o, 'a, const N: usize>(
    operands: &'o [Operand<'a>],
) -> Result<&'o [Operand<'a>; N], Problem> {
    operands.try_into().map_err(|_| missing(N))
}

fn missing(expected: usize) -> Problem {
    Problem::Operands(expected)
}
