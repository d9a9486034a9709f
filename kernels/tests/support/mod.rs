//! The emulated driver: the kernels compiled by this machine's C++ compiler.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

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
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let compiler = env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulated/driver.cpp");
    let status = Command::new(&compiler)
        .args([
            "-std=c++17",
            "-O1",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-Wno-unknown-pragmas",
        ])
        .args(["-shared", "-fPIC", "-pthread"])
        .arg(format!("-DSEAL_SUMS_MULTIPLY={}", variant.sums))
        .arg(format!("-DSEAL_ROTATIONS_MULTIPLY={}", variant.rotations))
        .arg(&source)
        .arg("-o")
        .arg(folder.join("libcuda.so"))
        .status()
        .unwrap_or_else(|error| {
            panic!("the C++ compiler {compiler} does not start ({error}): install g++, or set CXX")
        });
    assert!(status.success(), "the kernels do not compile as C++");
    folder
}
