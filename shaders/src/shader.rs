//! The WGSL source of the kernels, put together from templates and generated statements.
//!
//! WebGPU puts a guard into every loop and has no inlining hints, so the only dependable way to unroll
//! rounds is to write them out. The templates hold everything except the rounds.

mod keccak;
mod sha256;
mod statements;

use core::fmt;

use btpow_core::{Candidates, Protocol};

pub(crate) use self::keccak::CONSTANTS;
use self::statements::Statements;

/// What all kernels begin with.
const SEARCH: &str = include_str!("shader/search.wgsl");

/// Spans of a v1 group.
pub(crate) const SPANS: u32 = 1 << Protocol::V1.group_bits();

/// Indices whose schedules fit into the buffer: 24 MiB, for 2^25 nonces of v1 in a dispatch.
pub(crate) const INDICES: u32 = 1 << 17;

/// Invocations in a workgroup of `expand`.
pub(crate) const EXPANDERS: u32 = 64;

/// Hits that the device writes down for a dispatch: as many as a round can keep.
pub(crate) const CAPACITY: usize = Candidates::CAPACITY;

/// What differs between the invocations of a workgroup.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kernel {
    /// v1: spans of a group at one index. Its entry points are `expand`, which makes the schedules, and
    /// `scan`.
    Spans,
    /// Legacy: indices of a span. Its entry point is `scan`.
    Indices,
}

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

impl Kernel {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Spans, Self::Indices];

    /// The kernel of a protocol.
    pub const fn of(protocol: Protocol) -> Self {
        match protocol {
            Protocol::V1 => Self::Spans,
            Protocol::Legacy(_) => Self::Indices,
        }
    }

    /// The protocol's name in commands and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spans => "v1",
            Self::Indices => "legacy",
        }
    }

    const fn template(self) -> &'static str {
        match self {
            Self::Spans => include_str!("shader/spans.wgsl"),
            Self::Indices => include_str!("shader/indices.wgsl"),
        }
    }
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

    /// The source of a kernel for workgroups of `workgroup` invocations.
    pub fn source(self, kernel: Kernel, workgroup: u32) -> String {
        let statements = |write: &dyn Fn(&mut Statements)| {
            let mut out = Statements::default();
            write(&mut out);
            out
        };
        let schedule = statements(&sha256::schedule);
        let digest = statements(&|out| sha256::digest(out, self.logic, kernel));
        let word = statements(&|out| keccak::tested_word(out, self.unroll, self.logic, kernel));
        [SEARCH, kernel.template()]
            .concat()
            .replace("$schedule", schedule.text())
            .replace("$sha256", digest.text())
            .replace("$keccak", word.text())
            .replace("$workgroup", &workgroup.to_string())
            .replace("$expanders", &EXPANDERS.to_string())
            .replace("$capacity", &CAPACITY.to_string())
            .replace("$indices", &INDICES.to_string())
            .replace("$spans", &SPANS.to_string())
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
            for (kernel, workgroup) in Kernel::ALL
                .into_iter()
                .flat_map(|kernel| crate::Tuning::WORKGROUPS.map(|size| (kernel, size)))
            {
                let source = variant.source(kernel, workgroup);
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
        let both = Kernel::ALL.map(|kernel| Variant::ALL.map(|variant| (kernel, variant)));
        for (kernel, variant) in both.into_iter().flatten() {
            let (module, info) = validate(&variant.source(kernel, 64));
            let mut options = naga::back::spv::Options {
                force_loop_bounding: false,
                zero_initialize_workgroup_memory:
                    naga::back::spv::ZeroInitializeWorkgroupMemoryMode::None,
                ..naga::back::spv::Options::default()
            };
            options.flags = naga::back::spv::WriterFlags::empty();
            // Of the nonce alone, without the function that expands schedules.
            let scan = naga::back::spv::PipelineOptions {
                shader_stage: naga::ShaderStage::Compute,
                entry_point: "scan".to_owned(),
            };
            let words = naga::back::spv::write_vec(&module, &info, &options, Some(&scan))
                .expect("a valid module can be written");
            let count = Count::of(&words);
            let row = format!(
                "| {} | `{variant}` | {} | {} | {} | {} | {} |",
                kernel.name(),
                count.logic,
                count.shifts,
                count.adds,
                count.other,
                count.scalar
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
