//! One file per instruction set: the same search, in its words.

#[cfg(target_arch = "x86_64")]
#[expect(
    unsafe_code,
    reason = "intrinsics; each use names the invariant it relies on"
)]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
#[expect(
    unsafe_code,
    reason = "intrinsics; each use names the invariant it relies on"
)]
pub(crate) mod avx512;
pub(crate) mod portable;
#[cfg(target_arch = "x86_64")]
mod sha_ni;
