//! The emulated CUDA driver in `kernels/tests/emulated`, compiled by this machine's C++ compiler.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Compiles the driver and its management library into `folder`, with the kernels' macros given as `NAME=VALUE`. A
/// program finds both there through `LD_LIBRARY_PATH`.
///
/// # Panics
///
/// There is no C++ compiler, or it fails.
pub fn driver(folder: &Path, macros: &[String]) {
    fs::create_dir_all(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../kernels/tests/emulated");
    let compiler = env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    for (source, library) in [
        ("driver.cpp", "libcuda.so"),
        ("management.cpp", "libnvidia-ml.so.1"),
    ] {
        // Under another name first, since a test that runs at the same time may be loading it.
        let partial: PathBuf = folder.join(format!("{library}.{}", std::process::id()));
        let status = Command::new(&compiler)
            .args(["-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror"])
            .args(["-Wno-unknown-pragmas", "-shared", "-fPIC", "-pthread"])
            .args(macros.iter().map(|it| format!("-D{it}")))
            .arg(sources.join(source))
            .arg("-o")
            .arg(&partial)
            .status()
            .unwrap_or_else(|error| {
                panic!(
                    "the C++ compiler {compiler} does not start ({error}): install g++, or set CXX"
                )
            });
        assert!(status.success(), "{source} does not compile as C++");
        let renamed = fs::rename(&partial, folder.join(library));
        renamed.unwrap_or_else(|error| panic!("{}: {error}", partial.display()));
    }
}
