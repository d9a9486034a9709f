//! Which instruction sets this processor has, and the one way to hash with them.

use core::{error::Error, fmt};

use crate::{GroupJob, Offsets, lanes};

/// An instruction set that this processor has. A value proves that [`scan`](Self::scan) may use it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Isa(Kind);

/// Why an instruction set cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum IsaError {
    /// The build has a kernel for it, but the processor lacks the instructions.
    Absent,
    /// This build has no instruction set of that name.
    Unknown,
}

/// The instruction sets of this build, fastest first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2Sha,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    NeonSha3,
    #[cfg(target_arch = "aarch64")]
    NeonSha2,
    #[cfg(target_arch = "aarch64")]
    Neon,
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
    Portable,
}

/// Every instruction set in this build, fastest first.
const BUILT: &[Kind] = &[
    #[cfg(target_arch = "x86_64")]
    Kind::Avx512,
    #[cfg(target_arch = "x86_64")]
    Kind::Avx2Sha,
    #[cfg(target_arch = "x86_64")]
    Kind::Avx2,
    #[cfg(target_arch = "aarch64")]
    Kind::NeonSha3,
    #[cfg(target_arch = "aarch64")]
    Kind::NeonSha2,
    #[cfg(target_arch = "aarch64")]
    Kind::Neon,
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Kind::Simd128,
    Kind::Portable,
];

#[cfg(target_arch = "x86_64")]
cpufeatures::new!(cpu_avx2, "avx2");
#[cfg(target_arch = "x86_64")]
cpufeatures::new!(cpu_avx512, "avx512f", "avx512bw");
#[cfg(target_arch = "x86_64")]
cpufeatures::new!(cpu_sha, "sha", "sse2", "ssse3", "sse4.1");

#[cfg(target_arch = "aarch64")]
cpufeatures::new!(cpu_sha2, "sha2");
#[cfg(target_arch = "aarch64")]
cpufeatures::new!(cpu_sha3, "sha3");

impl Isa {
    /// This processor's fastest instruction set.
    // In WebAssembly it is a property of the build. Inlined, it is a constant, and the compiler leaves out the
    // kernels that it never takes.
    #[cfg_attr(target_arch = "wasm32", inline(always))]
    pub fn best() -> Self {
        #[cfg(target_arch = "wasm32")]
        return Self(BUILT[0]);
        #[cfg(not(target_arch = "wasm32"))]
        Self::available().next().unwrap_or(Self(Kind::Portable))
    }

    /// All instruction sets that this processor can run, fastest first; the last is always `portable`.
    pub fn available() -> impl Iterator<Item = Self> {
        BUILT
            .iter()
            .filter(|kind| kind.is_present())
            .map(|&kind| Self(kind))
    }

    /// The names of all instruction sets in this build, whether this processor has them or not, fastest first.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT.iter().map(|kind| kind.name())
    }

    /// The instruction set of that name.
    ///
    /// # Errors
    ///
    /// [`IsaError::Unknown`]; [`IsaError::Absent`] when the processor lacks it.
    pub fn named(name: &str) -> Result<Self, IsaError> {
        let kind = BUILT
            .iter()
            .find(|kind| kind.name() == name)
            .ok_or(IsaError::Unknown)?;
        if kind.is_present() {
            Ok(Self(*kind))
        } else {
            Err(IsaError::Absent)
        }
    }

    /// The name in `BTPOW_ISA` and in reports.
    pub const fn name(self) -> &'static str {
        self.0.name()
    }

    /// Calls `found` with every candidate among `offsets`, in ascending order: each offset in the job's group
    /// whose tested word is at or below the threshold.
    #[cfg_attr(target_arch = "wasm32", inline(always))]
    #[cfg_attr(
        any(target_arch = "x86_64", target_arch = "aarch64"),
        expect(
            unsafe_code,
            reason = "calls functions for processors that have the instructions"
        )
    )]
    pub fn scan(self, job: &GroupJob, offsets: Offsets, found: &mut dyn FnMut(u32)) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Isa` only ever holds an `is_present` kind, so AVX-512 F and BW are here.
            Kind::Avx512 => unsafe { lanes::avx512::scan(job, offsets, found) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above: AVX2 and the SHA extensions are here.
            Kind::Avx2Sha => unsafe { lanes::avx2::scan_sha(job, offsets, found) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above: AVX2 is here.
            Kind::Avx2 => unsafe { lanes::avx2::scan(job, offsets, found) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: as above: NEON and the SHA-2 and SHA-3 extensions are here.
            Kind::NeonSha3 => unsafe { lanes::neon::scan_sha3(job, offsets, found) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: as above: NEON and the SHA-2 extension are here.
            Kind::NeonSha2 => unsafe { lanes::neon::scan_sha2(job, offsets, found) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: every aarch64 processor that runs this build has NEON.
            Kind::Neon => unsafe { lanes::neon::scan(job, offsets, found) },
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => lanes::simd128::scan(job, offsets, found),
            Kind::Portable => lanes::portable::scan(job, offsets, found),
        }
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2Sha => "avx2-sha",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => "avx2",
            #[cfg(target_arch = "aarch64")]
            Self::NeonSha3 => "neon-sha3",
            #[cfg(target_arch = "aarch64")]
            Self::NeonSha2 => "neon-sha2",
            #[cfg(target_arch = "aarch64")]
            Self::Neon => "neon",
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Self::Simd128 => "simd128",
            Self::Portable => "portable",
        }
    }

    /// Whether the processor has the instructions.
    fn is_present(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => cpu_avx512::get(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2Sha => cpu_avx2::get() && cpu_sha::get(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => cpu_avx2::get(),
            #[cfg(target_arch = "aarch64")]
            Self::NeonSha3 => cpu_sha2::get() && cpu_sha3::get(),
            #[cfg(target_arch = "aarch64")]
            Self::NeonSha2 => cpu_sha2::get(),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => true,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Self::Simd128 => true,
            Self::Portable => true,
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for IsaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "this processor lacks the instructions",
            Self::Unknown => "this build has no instruction set of that name",
        })
    }
}

impl Error for IsaError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_available_can_be_named() {
        for isa in Isa::available() {
            assert_eq!(Isa::named(isa.name()), Ok(isa));
        }
        assert_eq!(Isa::available().next(), Some(Isa::best()));
        assert_eq!(Isa::available().last().map(Isa::name), Some("portable"));
        assert_eq!(Isa::named("mmx"), Err(IsaError::Unknown));
    }
}
