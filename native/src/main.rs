//! The `btpow` program: everything it does is in its library.

use std::{env, process::ExitCode, time::Instant};

use btpow::{app, environment::Environment};

fn main() -> ExitCode {
    let begun = Instant::now();
    app::run(env::args_os(), &Environment::read(), begun).into()
}
