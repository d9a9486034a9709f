//! `btpow-bindgen MODULE.wasm FOLDER [NAME]` does what the program `wasm-bindgen` does. As a crate of this
//! workspace, it lets `Cargo.lock` pin one version of both halves of the format.

#![forbid(unsafe_code)]

use std::env;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1);
    let module = arguments.next().context("the module is missing")?;
    let folder = arguments.next().context("the folder is missing")?;
    let name = arguments.next().unwrap_or_else(|| "btpow".into());
    let name = name.to_str().context("the name is not valid text")?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&module)
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
