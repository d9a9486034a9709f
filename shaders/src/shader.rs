//! The WGSL source of the kernel, put together from `seal.wgsl` and generated statements.
//!
//! WebGPU puts a guard into every loop and has no inlining hints, so the only dependable way to unroll
//! rounds is to write them out. The template holds everything except the rounds.

mod keccak;
mod sha256;
mod statements;

use core::fmt;

use btpow_core::Candidates;

pub(crate) use self::keccak::CONSTANTS;
use self::statements::Statements;

/// The template.
const TEMPLATE: &str = include_str!("shader/seal.wgsl");

/// Rows in a dispatch: enough for 2^30 nonces of v1, in 4 KiB of uniforms.
pub(crate) const ROWS: usize = 64;

/// Hits that the device writes down for a dispatch: as many as a round can keep.
pub(crate) const CAPACITY: usize = Candidates::CAPACITY;

/// Workgroups in a row of the grid: below WebGPU's limit of 65,535.
pub(crate) const COLUMNS: u32 = 1 << 15;

/// How the kernel is written. The driver's compiler decides which variant is fastest.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Variant {
    /// Whether the rounds of Keccak are a loop.
    pub unroll: Loop,
    /// How many words the processor's logic unit combines at once.
    pub logic: Logic,
}

/// Whether the 22 full rounds of Keccak are a loop. SHA-256 never is one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Loop {
    /// All rounds of Keccak written out: no counter and no moves, but four times the code.
    Flat,
    /// A loop, which compiles faster.
    Rolled,
}

/// What the sums of theta and the majority of SHA-256 are written for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Logic {
    /// Any function of three words is one instruction (NVIDIA, AMD since RDNA 3, Intel since Xe):
    /// `a ^ b ^ c` costs what `a ^ b` does.
    ThreeInput,
    /// Two words at a time (Apple, most mobile and older processors).
    TwoInput,
}

impl Variant {
    /// All four.
    pub const ALL: [Self; 4] = [
        Self::new(Loop::Flat, Logic::ThreeInput),
        Self::new(Loop::Flat, Logic::TwoInput),
        Self::new(Loop::Rolled, Logic::ThreeInput),
        Self::new(Loop::Rolled, Logic::TwoInput),
    ];

    /// The variant of that form.
    pub const fn new(unroll: Loop, logic: Logic) -> Self {
        Self { unroll, logic }
    }

    /// The name that users see.
    pub const fn name(self) -> &'static str {
        match (self.unroll, self.logic) {
            (Loop::Flat, Logic::ThreeInput) => "flat3",
            (Loop::Flat, Logic::TwoInput) => "flat2",
            (Loop::Rolled, Logic::ThreeInput) => "rolled3",
            (Loop::Rolled, Logic::TwoInput) => "rolled2",
        }
    }

    /// The source of the kernel for workgroups of `workgroup` invocations.
    pub fn source(self, workgroup: u32) -> String {
        let mut sha256 = Statements::default();
        sha256::digest(&mut sha256, self.logic);
        let mut keccak = Statements::default();
        keccak::tested_word(&mut keccak, self.unroll, self.logic);
        TEMPLATE
            .replace("$sha256", sha256.text())
            .replace("$keccak", keccak.text())
            .replace("$workgroup", &workgroup.to_string())
            .replace("$columns", &COLUMNS.to_string())
            .replace("$capacity", &CAPACITY.to_string())
            .replace("$rows", &ROWS.to_string())
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use naga::valid::{Capabilities, ValidationFlags, Validator};

    use super::*;

    /// The capabilities that WebGPU offers without any feature.
    fn validate(source: &str) -> (naga::Module, naga::valid::ModuleInfo) {
        let module = naga::front::wgsl::parse_str(source)
            .unwrap_or_else(|error| panic!("{}", error.emit_to_string(source)));
        let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
            .validate(&module)
            .unwrap_or_else(|error| panic!("{}", error.emit_to_string(source)));
        (module, info)
    }

    #[test]
    fn naga_validates_every_variant() {
        for variant in Variant::ALL {
            for workgroup in crate::Tuning::WORKGROUPS {
                let source = variant.source(workgroup);
                assert!(!source.contains('$'), "{variant}: a placeholder is left");
                validate(&source);
            }
        }
    }

    /// The counts in the README. A change is not an error, but nobody should miss it.
    #[test]
    fn instructions_are_as_documented() {
        let readme = include_str!("../README.md");
        let mut missing = Vec::new();
        for variant in Variant::ALL {
            let (module, info) = validate(&variant.source(64));
            let mut options = naga::back::spv::Options {
                force_loop_bounding: false,
                ..naga::back::spv::Options::default()
            };
            options.flags = naga::back::spv::WriterFlags::empty();
            let words = naga::back::spv::write_vec(&module, &info, &options, None)
                .expect("a valid module can be written");
            let count = Count::of(&words);
            let row = format!(
                "| `{variant}` | {} | {} | {} | {} | {} |",
                count.logic, count.shifts, count.adds, count.other, count.scalar
            );
            if !readme.contains(&row) {
                missing.push(row);
            }
        }
        assert!(
            missing.is_empty(),
            "shaders/README.md should have:\n{}",
            missing.join("\n")
        );
    }

    /// Instructions of a module by kind.
    #[derive(Default)]
    struct Count {
        logic: usize,
        shifts: usize,
        adds: usize,
        /// Loads, stores, moves and everything else inside functions.
        other: usize,
        /// Logic, shifts and sums; one that works on a pair counts twice.
        scalar: usize,
    }

    impl Count {
        /// Counts by opcode (SPIR-V specification §3.3).
        fn of(words: &[u32]) -> Self {
            const VECTOR: u32 = 23;
            const FUNCTION: u32 = 54;
            let mut count = Self::default();
            let (mut vectors, mut inside) = (Vec::new(), false);
            let mut rest = &words[5..];
            while let Some(&first) = rest.first() {
                let (length, opcode) = ((first >> 16) as usize, first & 0xffff);
                let (instruction, next) = rest.split_at(length);
                rest = next;
                if opcode == VECTOR {
                    vectors.push(instruction[1]);
                }
                inside |= opcode == FUNCTION;
                let width = match instruction.get(1) {
                    Some(kind) if vectors.contains(kind) => 2,
                    _ => 1,
                };
                match opcode {
                    197..=200 => count.logic += 1,
                    194..=196 => count.shifts += 1,
                    128 => count.adds += 1,
                    _ => {
                        count.other += usize::from(inside);
                        continue;
                    }
                }
                count.scalar += width;
            }
            count
        }
    }
}
