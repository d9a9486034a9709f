//! The `btpow` program: everything it does is in its library.

use std::{env, process::ExitCode, time::Instant};

use btpow::{app, environment::Environment};

fn main() -> ExitCode {
    let begun = Instant::now();
    // A layer that Mesa loads into every Vulkan program looks for a desktop and, where there is none,
    // complains on standard error about each card. This program chooses its cards without it.
    #[cfg(target_os = "linux")]
    // SAFETY: There is no other thread yet that could read the environment.
    unsafe {
        env::set_var("NODEVICE_SELECT", "1");
    }
    app::run(env::args_os(), &Environment::read(), begun).into()
}
