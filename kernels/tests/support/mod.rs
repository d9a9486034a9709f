//! The emulated driver: the kernels compiled by this machine's C++ compiler.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// An entry of `variants.json`, as far as plain C++ is concerned.
#[derive(Debug, Deserialize)]
pub(crate) struct Variant {
    /// What it is called.
    pub(crate) name: String,
    sums: u32,
    rotations: String,
}

/// Those that differ in plain C++: how many rounds are spelt out is for cards.
pub(crate) fn variants() -> Vec<Variant> {
    let text = include_str!("../../variants.json");
    let mut all: Vec<Variant> = serde_json::from_str(text).expect("a list of variants");
    all.retain(|variant| !variant.name.ends_with("-flat"));
    all
}

/// Compiles the emulated driver with the arithmetic of a variant; the folder in which it is.
pub(crate) fn compile(variant: &Variant, purpose: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{purpose}-{}", variant.name));
    let macros = [
        format!("SEAL_SUMS_MULTIPLY={}", variant.sums),
        format!("SEAL_ROTATIONS_MULTIPLY={}", variant.rotations),
    ];
    btpow_conformance::emulated::driver(&folder, &macros);
    folder
}
