//! One file per instruction set: the same search, in its own instructions.

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
#[cfg(target_arch = "aarch64")]
#[expect(
    unsafe_code,
    reason = "intrinsics; each use names the invariant it relies on"
)]
pub(crate) mod neon;
pub(crate) mod portable;
#[cfg(target_arch = "aarch64")]
#[expect(
    unsafe_code,
    reason = "intrinsics; each use names the invariant it relies on"
)]
mod sha2_arm;
#[cfg(target_arch = "x86_64")]
mod sha_ni;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) mod simd128;
