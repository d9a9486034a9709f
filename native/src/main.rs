//! The `btpow` program: everything it does is in its library.

use std::{env, process::ExitCode, time::Instant};

use btpow::{
    app,
    devices::{choice, look},
    environment::Environment,
};

fn main() -> ExitCode {
    let begun = Instant::now();
    // A layer that Mesa loads into every Vulkan program looks for a desktop and, where there is none,
    // complains on standard error about each card. This program chooses its cards without it.
    #[cfg(target_os = "linux")]
    // SAFETY: There is no other thread yet that could read the environment.
    unsafe {
        env::set_var("NODEVICE_SELECT", "1");
    }
    #[cfg(unix)]
    keep_descriptors();
    let exit = app::run(env::args_os(), &Environment::read(), begun);
    look::quit();
    if choice::is_opening() {
        // Without the farewells of libraries: a thread may be in the middle of a driver, or hang there.
        signal_hook::low_level::exit(exit.code().into());
    }
    exit.into()
}

/// Makes sure that no program that this one starts gets the descriptors that it was given: one of them may hold a
/// password.
#[cfg(unix)]
fn keep_descriptors() {
    use std::{fs, os::fd::BorrowedFd};

    use rustix::io::{FdFlags, fcntl_setfd};

    // A system without this folder has no --password-fd either.
    let Ok(entries) = fs::read_dir("/dev/fd") else {
        return;
    };
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    for number in numbers.filter(|number| *number > 2) {
        // SAFETY: There is no other thread yet that could close it. The folder's own descriptor is among them and
        // open until the end of the loop.
        let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
        // One that is gone needs no protection.
        let _ = fcntl_setfd(descriptor, FdFlags::CLOEXEC);
    }
}
