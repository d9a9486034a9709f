//! The types of PTX that are integers.

/// An integer of 1 (a predicate), 8, 16, 32 or 64 bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Type {
    pub(crate) bits: u32,
    /// Only where it makes a difference: `b32` counts as `u32`.
    pub(crate) signed: bool,
}

impl Type {
    pub(crate) const PREDICATE: Self = Self::unsigned(1);
    pub(crate) const U32: Self = Self::unsigned(32);
    pub(crate) const U64: Self = Self::unsigned(64);

    pub(crate) const fn unsigned(bits: u32) -> Self {
        Self {
            bits,
            signed: false,
        }
    }

    /// The type with this name, such as `s32`; none for floating point.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if name == "pred" {
            return Some(Self::PREDICATE);
        }
        let (kind, bits) = name.split_at_checked(1)?;
        let bits = match bits {
            "8" => 8,
            "16" => 16,
            "32" => 32,
            "64" => 64,
            _ => return None,
        };
        matches!(kind, "b" | "u" | "s").then_some(Self {
            bits,
            signed: kind == "s",
        })
    }

    pub(crate) const fn bytes(self) -> usize {
        self.bits.div_ceil(8) as usize
    }

    /// The type with twice the bits.
    pub(crate) const fn wide(self) -> Self {
        Self {
            bits: self.bits * 2,
            ..self
        }
    }

    /// The low bits of a value.
    pub(crate) const fn keep(self, value: u64) -> u64 {
        value & (u64::MAX >> (64 - self.bits))
    }

    /// A value's low bits as a number: negative where the type is signed and the highest bit is set.
    pub(crate) const fn number(self, value: u64) -> i128 {
        let kept = self.keep(value) as i128;
        if self.signed && kept >> (self.bits - 1) == 1 {
            kept - (1 << self.bits)
        } else {
            kept
        }
    }
}
