//! `btpow-bindgen MODULE.wasm FOLDER NAME [--without-references]` does what the program `wasm-bindgen` does. As a crate of this
//! workspace, it lets `Cargo.lock` pin one version of both halves of the format.

#![forbid(unsafe_code)]

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1);
    let module = PathBuf::from(arguments.next().context("the module is missing")?);
    let folder = arguments.next().context("the folder is missing")?;
    let name = arguments.next().context("the name is missing")?;
    let name = name.to_str().context("the name is not valid text")?;
    let mut bytes =
        fs::read(&module).with_context(|| format!("cannot read {}", module.display()))?;
    if arguments.any(|argument| argument == "--without-references") {
        forget_references(&mut bytes);
    }
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(name, bytes)
        .out_name(name)
        .web(true)?
        .typescript(true)
        // The package finds its files itself: a bundler must see exactly one URL of each.
        .omit_default_module_path(true)
        .remove_producers_section(true);
    bindgen
        .generate(&folder)
        .with_context(|| format!("cannot bind {}", module.display()))
}

/// Changes the note that a module uses reference types, which `std` leaves in each, to the note that it does not: bindings would use
/// them for that note alone.
fn forget_references(module: &mut [u8]) {
    let used = b"+\x0freference-types";
    let noted = module.windows(used.len()).rposition(|bytes| bytes == used);
    if let Some(prefix) = noted {
        module[prefix] = b'-';
    }
}
