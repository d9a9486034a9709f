//! Why there is no card, or why it cannot be used.

use cudarc::driver::sys::CUresult;

use crate::{card::OLDEST, variant::OLDEST_DRIVER, wsl};

/// Why a card cannot be used. Messages complete the sentence "cuda:0 cannot be used: …".
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OpenError {
    /// The driver's library is not on this machine.
    #[error("{}", no_driver(wsl::is_wsl()))]
    NoDriver,
    /// The driver's library lacks a function: a stub, or what an update or a removal left.
    #[error(
        "the NVIDIA driver's library {path} lacks {function}; {}",
        again(wsl::is_wsl())
    )]
    Broken {
        /// The function.
        function: &'static str,
        /// Where the library is.
        path: String,
    },
    /// The driver runs but has no card for this process.
    #[error(
        "the NVIDIA driver shows no card; see `nvidia-smi`, and whether CUDA_VISIBLE_DEVICES hides them"
    )]
    NoCard,
    /// The driver cannot read PTX 8.0.
    #[error(
        "the NVIDIA driver supports CUDA {}.{}, but btpow needs 12.0; install driver 525 or later{}", .0.0, .0.1, whose(wsl::is_wsl())
    )]
    OldDriver((u32, u32)),
    /// The card is older than the kernels are compiled for.
    #[error(
        "its compute capability is {}.{}, but the kernels need {}.{} (Turing, 2018) or later", .0.0, .0.1, OLDEST.0, OLDEST.1
    )]
    OldCard((u32, u32)),
    /// The driver does not compile the kernels.
    #[error(
        "its driver does not compile the kernels (driver error {}); install all of driver 525 or later{}", .0, whose(wsl::is_wsl())
    )]
    Kernels(i32),
    /// The part of the driver that compiles is not on this machine.
    #[error(
        "the NVIDIA driver's compiler (libnvidia-ptxjitcompiler) is not on this machine; install the whole driver{}, in a container with the capability \"compute\"",
        whose(wsl::is_wsl())
    )]
    NoCompiler,
    /// Its memory is in use.
    #[error("its memory is full; end what uses it (`nvidia-smi` lists that)")]
    OutOfMemory,
    /// Another process has it in exclusive mode, or its mode prohibits all use.
    #[error(
        "its compute mode lets no other process use it; end the one that does, or run `nvidia-smi -c DEFAULT`"
    )]
    Exclusive,
    /// The driver and its kernel module have different versions.
    #[error(
        "the NVIDIA driver's library and its kernel module differ in version; reboot after updating the driver"
    )]
    Mismatch,
    /// The driver waits for another part of the system.
    #[error(
        "the system is not ready for it; make sure that nvidia-persistenced and, with NVSwitch, nvidia-fabricmanager run"
    )]
    NotReady,
    /// It fell off the bus, overheated, or its memory failed.
    #[error("it does not respond (driver error {0}); see `nvidia-smi` and the system's log")]
    Lost(i32),
    /// Anything else.
    #[error("its driver reported error {0}")]
    Driver(i32),
}

fn no_driver(wsl: bool) -> &'static str {
    if wsl {
        "there is no NVIDIA driver for WSL (libcuda.so.1 was not found, nor is it in /usr/lib/wsl/lib); \
         install NVIDIA's driver for Windows, in Windows"
    } else {
        "there is no NVIDIA driver on this machine (libcuda.so.1 or nvcuda.dll was not found); \
         install one"
    }
}

fn again(wsl: bool) -> &'static str {
    if wsl {
        "remove what Linux has of a driver, and install NVIDIA's for Windows"
    } else {
        "install the driver again, or remove all of it"
    }
}

/// Which driver, where there are two.
fn whose(wsl: bool) -> &'static str {
    if wsl { " in Windows" } else { "" }
}

/// The driver's own number of an error.
pub(crate) fn code(result: CUresult) -> i32 {
    // The numbers are below 1,000.
    i32::try_from(result as u32).unwrap_or(i32::MAX)
}

impl OpenError {
    /// What an error of the driver means to the user, given the driver's version.
    pub(crate) fn from_driver(result: CUresult, driver: (u32, u32)) -> Self {
        match result {
            CUresult::CUDA_ERROR_STUB_LIBRARY => Self::NoDriver,
            CUresult::CUDA_ERROR_NO_DEVICE => Self::NoCard,
            CUresult::CUDA_ERROR_UNSUPPORTED_PTX_VERSION if driver < OLDEST_DRIVER => {
                Self::OldDriver(driver)
            }
            CUresult::CUDA_ERROR_UNSUPPORTED_PTX_VERSION
            | CUresult::CUDA_ERROR_INVALID_PTX
            | CUresult::CUDA_ERROR_INVALID_IMAGE
            | CUresult::CUDA_ERROR_NO_BINARY_FOR_GPU
            | CUresult::CUDA_ERROR_JIT_COMPILATION_DISABLED
            | CUresult::CUDA_ERROR_NOT_FOUND => Self::Kernels(code(result)),
            CUresult::CUDA_ERROR_JIT_COMPILER_NOT_FOUND => Self::NoCompiler,
            CUresult::CUDA_ERROR_OUT_OF_MEMORY => Self::OutOfMemory,
            CUresult::CUDA_ERROR_DEVICE_UNAVAILABLE
            | CUresult::CUDA_ERROR_CONTEXT_ALREADY_IN_USE => Self::Exclusive,
            CUresult::CUDA_ERROR_SYSTEM_DRIVER_MISMATCH => Self::Mismatch,
            CUresult::CUDA_ERROR_SYSTEM_NOT_READY => Self::NotReady,
            CUresult::CUDA_ERROR_ECC_UNCORRECTABLE
            | CUresult::CUDA_ERROR_NVLINK_UNCORRECTABLE
            | CUresult::CUDA_ERROR_HARDWARE_STACK_ERROR
            | CUresult::CUDA_ERROR_ILLEGAL_ADDRESS
            | CUresult::CUDA_ERROR_ILLEGAL_INSTRUCTION
            | CUresult::CUDA_ERROR_LAUNCH_FAILED
            | CUresult::CUDA_ERROR_LAUNCH_TIMEOUT
            | CUresult::CUDA_ERROR_UNKNOWN => Self::Lost(code(result)),
            other => Self::Driver(code(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_says_what_to_do() {
        let text = |result| OpenError::from_driver(result, (11, 8)).to_string();
        assert!(text(CUresult::CUDA_ERROR_OUT_OF_MEMORY).contains("memory is full"));
        assert!(text(CUresult::CUDA_ERROR_DEVICE_UNAVAILABLE).contains("nvidia-smi -c DEFAULT"));
        assert!(text(CUresult::CUDA_ERROR_UNSUPPORTED_PTX_VERSION).contains("CUDA 11.8"));
        let known = OpenError::from_driver(CUresult::CUDA_ERROR_UNSUPPORTED_PTX_VERSION, (12, 4));
        assert_eq!(known, OpenError::Kernels(222));
        assert!(text(CUresult::CUDA_ERROR_JIT_COMPILER_NOT_FOUND).contains("ptxjitcompiler"));
        assert!(text(CUresult::CUDA_ERROR_SYSTEM_NOT_READY).contains("fabricmanager"));
        assert!(text(CUresult::CUDA_ERROR_NO_DEVICE).contains("CUDA_VISIBLE_DEVICES"));
        assert!(text(CUresult::CUDA_ERROR_UNKNOWN).contains("error 999"));
        assert!(text(CUresult::CUDA_ERROR_INVALID_VALUE).contains("error 1"));
        assert!(no_driver(false).ends_with("install one"));
        assert!(OpenError::OldCard((6, 1)).to_string().contains("6.1"));
        assert!(no_driver(true).contains("for Windows"));
        assert!(!again(true).contains("install the driver again"));
    }
}
