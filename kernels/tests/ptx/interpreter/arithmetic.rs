//! Instructions that only compute, as the PTX ISA defines them.

use super::types::Type;

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What is computed from up to four values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Function {
    Move,
    Add,
    Subtract,
    Negate,
    Absolute,
    Minimum,
    Maximum,
    /// The low half of a product; a third value is added.
    MultiplyLow,
    /// The high half of a product; a third value is added.
    MultiplyHigh,
    /// The whole product; a third value, of twice the bits, is added.
    MultiplyWide,
    And,
    Or,
    Xor,
    Not,
    /// Any function of three bits: the fourth value is its table.
    Logic,
    ShiftLeft,
    ShiftRight,
    /// The high word of the second and first value, shifted left by the third.
    FunnelLeft(Excess),
    /// The low word of the second and first value, shifted right by the third.
    FunnelRight(Excess),
    /// Picks four bytes of the second and first value.
    Permute,
    /// The first value if the third is true, else the second.
    Select,
    /// A predicate.
    Compare(Comparison),
    /// All bits of a word, or none.
    CompareAll(Comparison),
    ExtractField,
    InsertField,
    LeadingZeros,
    Ones,
    Reverse,
    /// The place of the highest bit that says something; all ones if there is none.
    HighestBit,
    /// To this type, in a register of so many bits.
    Convert {
        to: Type,
        register: u32,
    },
}

/// What a funnel shift does with distances of 32 and more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Excess {
    /// Takes their low five bits.
    Wraps,
    /// Counts them as 32.
    Clamps,
}

impl Comparison {
    /// By its name in PTX. `lo`, `ls`, `hi` and `hs` are for unsigned numbers, as `lt` to `ge` are for those of
    /// unsigned types.
    pub(crate) fn named(name: &str, ty: Type) -> Option<Self> {
        Some(match name {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            "lo" if !ty.signed => Self::Less,
            "ls" if !ty.signed => Self::LessOrEqual,
            "hi" if !ty.signed => Self::Greater,
            "hs" if !ty.signed => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    fn holds(self, a: i128, b: i128) -> bool {
        match self {
            Self::Equal => a == b,
            Self::NotEqual => a != b,
            Self::Less => a < b,
            Self::LessOrEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
        }
    }
}

impl Excess {
    fn distance(self, asked: u64) -> u64 {
        match self {
            Self::Wraps => asked % 32,
            Self::Clamps => asked.min(32),
        }
    }
}

impl Function {
    /// The result for values of this type, which have no bits beyond it.
    // As a call, it makes a thread 10 % slower.
    #[inline(always)]
    pub(crate) fn of(self, ty: Type, [a, b, c, d]: [u64; 4]) -> u64 {
        let (x, y) = (|| ty.number(a), || ty.number(b));
        match self {
            Self::Move => a,
            Self::Add => ty.keep(a.wrapping_add(b)),
            Self::Subtract => ty.keep(a.wrapping_sub(b)),
            Self::Negate => ty.keep(a.wrapping_neg()),
            Self::Absolute => ty.keep(low(x().abs())),
            Self::Minimum => ty.keep(low(x().min(y()))),
            Self::Maximum => ty.keep(low(x().max(y()))),
            Self::MultiplyLow => ty.keep(a.wrapping_mul(b).wrapping_add(c)),
            // Unsigned 64-bit factors have a product beyond i128; its bits are right all the same.
            Self::MultiplyHigh => {
                let product = x().wrapping_mul(y()).cast_unsigned() >> ty.bits;
                ty.keep(low(product.cast_signed()).wrapping_add(c))
            }
            Self::MultiplyWide => ty.wide().keep(low(x() * y()).wrapping_add(c)),
            Self::And => a & b,
            Self::Or => a | b,
            Self::Xor => a ^ b,
            Self::Not => ty.keep(!a),
            Self::Logic => logic([a, b, c], d),
            Self::ShiftLeft if b >= 64 => 0,
            Self::ShiftLeft => ty.keep(a << b),
            Self::ShiftRight => ty.keep(low(x() >> b.min(64))),
            Self::FunnelLeft(excess) => ((b << 32 | a) << excess.distance(c)) >> 32,
            Self::FunnelRight(excess) => Type::U32.keep((b << 32 | a) >> excess.distance(c)),
            Self::Permute => permute(b << 32 | a, c),
            Self::Select if c == 1 => a,
            Self::Select => b,
            Self::Compare(comparison) => comparison.holds(x(), y()).into(),
            Self::CompareAll(comparison) if comparison.holds(x(), y()) => u32::MAX.into(),
            Self::CompareAll(_) => 0,
            Self::ExtractField => extract(ty, x(), b % 256, c % 256),
            Self::InsertField => {
                let (place, len) = (c % 256, d % 256);
                let field = low(((1_i128 << len.min(64)) - 1) << place.min(64));
                ty.keep((b & !field) | (low(i128::from(a) << place.min(64)) & field))
            }
            Self::LeadingZeros => u64::from(a.leading_zeros()) - u64::from(64 - ty.bits),
            Self::Ones => a.count_ones().into(),
            Self::Reverse => a.reverse_bits() >> (64 - ty.bits),
            Self::HighestBit => {
                let number = x();
                let telling = if number < 0 { !number } else { number };
                telling.checked_ilog2().unwrap_or(u32::MAX).into()
            }
            Self::Convert { to, register } => {
                let kept = low(to.number(low(x())));
                Type::unsigned(register).keep(kept)
            }
        }
    }
}

/// The low 64 bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the high half is what is to be lost"
)]
const fn low(value: i128) -> u64 {
    value as u64
}

/// For each bit, the bit of `table` whose number is made of the bits of a, b and c.
fn logic([a, b, c]: [u64; 3], table: u64) -> u64 {
    let all = |entry: u64| (table >> entry & 1).wrapping_neg();
    let choose = |bits: u64, zero: u64, one: u64| zero ^ (bits & (zero ^ one));
    let pair = |entry: u64| choose(c, all(entry), all(entry + 1));
    let four = |entry: u64| choose(b, pair(entry), pair(entry + 2));
    Type::U32.keep(choose(a, four(0), four(4)))
}

/// Four of eight bytes: each digit of the selector names one, or its sign in all bits.
fn permute(bytes: u64, selector: u64) -> u64 {
    (0..4).fold(0, |result, place| {
        let digit = selector >> (4 * place) & 15;
        let byte = bytes >> (8 * (digit & 7)) & 0xff;
        let sign = (byte >> 7) * 0xff;
        result | (if digit & 8 == 0 { byte } else { sign }) << (8 * place)
    })
}

/// `len` bits from `place` on. Beyond the value and the field there are zeros, or in signed types the field's highest
/// bit.
fn extract(ty: Type, value: i128, place: u64, len: u64) -> u64 {
    let highest = u64::from(ty.bits) - 1;
    let field = ((1_i128 << len.min(64)) - 1) & (value >> place.min(64));
    let ends = (place + len).saturating_sub(1).min(highest);
    let negative = ty.signed && len > 0 && value >> ends & 1 == 1;
    let sign = if negative { -1 << len.min(64) } else { 0 };
    ty.keep(low(field | sign))
}
