//! The native half of the Python module `btpow`: challenges, and the program's own devices at work. What Python programs
//! see of it is in `python/btpow`; its types are in `python/btpow/_native.pyi`.

#![forbid(unsafe_code)]
#![expect(
    clippy::std_instead_of_alloc,
    reason = "threads and processes: nothing here could move to a crate without std"
)]

mod challenge;
mod engine;
mod look;
mod numbers;
mod scan;
mod warnings;

use pyo3::{create_exception, exceptions::PyRuntimeError, pymodule};

create_exception!(
    btpow,
    DeviceError,
    PyRuntimeError,
    "No device is there to work with, or none is left."
);

/// What `btpow/*.py` build on; programs use those.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::{
        DeviceError,
        challenge::{Challenge, expected_time, keccak_of_block, restore, verify},
        engine::Engine,
        look::{cards, look, look_with, quit},
        scan::{scan, scan_interval},
        warnings::warnings,
    };

    /// The version of the package.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
