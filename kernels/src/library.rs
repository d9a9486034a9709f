//! The driver's library: where it may be, and whether it is whole.
//!
//! `cudarc` panics when it calls a function that the library lacks, so this looks for all of them first.

use std::path::Path;

use cudarc::driver::sys;

use crate::{OpenError, wsl};

/// Every function of the driver that this crate calls, as the library names it.
pub const FUNCTIONS: [&str; 32] = [
    "cuInit",
    "cuDriverGetVersion",
    "cuDeviceGetCount",
    "cuDeviceGet",
    "cuDeviceGetAttribute",
    "cuDeviceGetName",
    "cuDeviceGetUuid",
    "cuDeviceGetPCIBusId",
    "cuDeviceTotalMem_v2",
    "cuDevicePrimaryCtxRetain",
    "cuDevicePrimaryCtxRelease_v2",
    "cuCtxSetCurrent",
    "cuModuleLoadData",
    "cuModuleGetFunction",
    "cuModuleUnload",
    "cuFuncSetAttribute",
    "cuOccupancyMaxActiveBlocksPerMultiprocessor",
    "cuMemAlloc_v2",
    "cuMemFree_v2",
    "cuMemHostAlloc",
    "cuMemFreeHost",
    "cuStreamCreate",
    "cuStreamSynchronize",
    "cuStreamDestroy_v2",
    "cuMemcpyHtoDAsync_v2",
    "cuMemcpyDtoHAsync_v2",
    "cuMemsetD8Async",
    "cuLaunchKernel",
    "cuEventCreate",
    "cuEventRecord",
    "cuEventQuery",
    "cuEventDestroy_v2",
];

/// Loads the library and makes sure that it has everything that this crate calls.
///
/// # Errors
///
/// [`OpenError::NoDriver`] or [`OpenError::Broken`].
pub(crate) fn load() -> Result<(), OpenError> {
    if !is_present() && !is_in(Path::new(wsl::FOLDER)) {
        return Err(OpenError::NoDriver);
    }
    // SAFETY: this loads what was loaded just now.
    let library = unsafe { sys::culib() };
    for function in FUNCTIONS {
        // SAFETY: the symbol is looked for, and neither called nor read.
        let symbol = unsafe { library.get::<*const ()>(function.as_bytes()) };
        if symbol.is_err() {
            return Err(OpenError::Broken {
                function,
                path: path(),
            });
        }
    }
    Ok(())
}

/// Whether the system's loader finds the library.
fn is_present() -> bool {
    // SAFETY: this runs the library's initialisers, as every program does that uses CUDA.
    unsafe { sys::is_culib_present() }
}

/// Whether the library is in a folder where the loader does not look. It is loaded then, and the loader finds what
/// is loaded by its name.
fn is_in(folder: &Path) -> bool {
    // SAFETY: as above.
    let library = unsafe { libloading::Library::new(folder.join("libcuda.so.1")) };
    let Ok(library) = library else { return false };
    // It stays loaded for as long as the process lives.
    core::mem::forget(library);
    is_present()
}

/// Where the loaded library is, as far as the system says.
fn path() -> String {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let mut paths = maps
        .lines()
        .filter_map(|line| Some(&line[line.find('/')?..]));
    let is_driver = |path: &&str| path.contains("/libcuda.so") || path.contains("/libcuda64");
    let path = paths.find(is_driver);
    path.unwrap_or("libcuda.so or nvcuda.dll").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The emulated driver has what is called, and nothing else, or the tests on it would fail.
    #[test]
    fn the_functions_are_those_of_the_emulated_driver() {
        let source = include_str!("../tests/emulated/driver.cpp");
        let defined = source.lines().filter_map(|line| {
            let rest = line.strip_prefix("int cu")?;
            Some(format!("cu{}", rest.split('(').next()?))
        });
        let mut defined: Vec<_> = defined.collect();
        let mut called: Vec<_> = FUNCTIONS.to_vec();
        defined.sort();
        called.sort_unstable();
        assert_eq!(defined, called);
    }

    /// Alone in this file to load something: the library stays loaded.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_library_outside_of_the_loaders_folders_is_found() {
        if is_present() {
            eprintln!("skipped: there is a driver");
            return;
        }
        let folder = std::env::temp_dir().join(format!("btpow-wsl-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        assert!(!is_in(&folder));
        let source = folder.join("stub.c");
        std::fs::write(&source, "int cuInit(unsigned flags) { return flags; }\n").expect("written");
        let path_of_it = folder.join("libcuda.so.1");
        let compiled = std::process::Command::new("cc")
            .args(["-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", "-o"])
            .args([&path_of_it, &source])
            .status();
        assert!(compiled.expect("a C compiler: install gcc").success());
        assert!(is_in(&folder));
        let broken = OpenError::Broken {
            function: "cuDriverGetVersion",
            path: path_of_it.to_string_lossy().into_owned(),
        };
        assert_eq!(load(), Err(broken));
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
