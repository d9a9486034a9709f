//! The emulated driver: the kernels compiled by this machine's C++ compiler.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The part of a `variants.json` entry that matters for plain C++.
#[derive(Debug, Deserialize)]
pub(crate) struct Variant {
    /// Its name.
    pub(crate) name: String,
    sums: u32,
    rotations: String,
}

/// The variants that differ in plain C++. The number of unrolled rounds only matters to cards, and plain C++ has the kernels
/// for both kinds of schedules.
pub(crate) fn variants() -> Vec<Variant> {
    let text = include_str!("../../variants.json");
    let mut all: Vec<Variant> = serde_json::from_str(text).expect("a list of variants");
    all.retain(|variant| !variant.name.contains('-'));
    all
}

/// Compiles the emulated driver with the arithmetic of a variant. Returns its folder.
pub(crate) fn compile(variant: &Variant, purpose: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{purpose}-{}", variant.name));
    let macros = [
        format!("SEAL_SUMS_MULTIPLY={}", variant.sums),
        format!("SEAL_ROTATIONS_MULTIPLY={}", variant.rotations),
    ];
    btpow_conformance::emulated::driver(&folder, &macros);
    folder
}
