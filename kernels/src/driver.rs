//! The NVIDIA driver: the cards that it shows, and a card opened.

use alloc::{ffi::CString, sync::Arc};
use core::{
    ptr::null_mut,
    sync::atomic::{AtomicBool, Ordering},
};

use cudarc::driver::{
    DriverError,
    result::{self, device, function, module, occupancy, primary_ctx},
    sys::{self, CUdevice_attribute as Attribute, CUresult},
};

use crate::{
    Card, CudaQueue, OpenError,
    card::ComputeMode,
    device::QUEUES,
    plan::Kernel,
    shape::{Shape, WARP},
    variant::Variant,
};

/// CUDA 12.0, whose PTX the kernels are: driver 525.
pub(crate) const OLDEST: (u32, u32) = (12, 0);

/// The driver's library, loaded and initialised.
#[derive(Clone, Copy, Debug)]
pub struct Driver {
    version: (u32, u32),
}

/// A card's primary context, which all of this process share.
#[derive(Debug)]
pub(crate) struct Context {
    device: sys::CUdevice,
    raw: sys::CUcontext,
    /// The card hangs: a call that waits for it would not return.
    hangs: AtomicBool,
}

/// A variant's kernels, compiled by the driver for a card, and how many threads run each.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) context: Context,
    module: sys::CUmodule,
    kernels: [Prepared; 3],
}

/// A kernel ready to be launched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prepared {
    pub(crate) function: sys::CUfunction,
    pub(crate) blocks: u32,
    pub(crate) threads: u32,
    pub(crate) shared_bytes: u32,
}

impl Driver {
    /// Loads the driver's library, if there is one.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub fn load() -> Result<Self, OpenError> {
        // SAFETY: the library's initialisers are run, as in every program that uses CUDA.
        if !unsafe { sys::is_culib_present() } {
            return Err(OpenError::NoDriver);
        }
        let unknown = |error: DriverError| OpenError::from_driver(error.0, (0, 0));
        result::init().map_err(unknown)?;
        let mut version = 0;
        // SAFETY: the pointer is to an integer that lives until the call returns.
        let asked = unsafe { sys::cuDriverGetVersion(&raw mut version) };
        asked.result().map_err(unknown)?;
        let version = u32::try_from(version).unwrap_or(0);
        Ok(Self {
            version: (version / 1_000, version % 1_000 / 10),
        })
    }

    /// The CUDA version that it supports: 12, 4.
    pub const fn version(&self) -> (u32, u32) {
        self.version
    }

    /// The cards that it shows to this process.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when it does not answer.
    pub fn cards(&self) -> Result<Vec<Card>, OpenError> {
        let count = device::get_count().map_err(|error| self.explain(error))?;
        (0..count)
            .map(|index| self.card(index).map_err(|error| self.explain(error)))
            .collect()
    }

    fn card(&self, index: i32) -> Result<Card, DriverError> {
        let device = device::get(index)?;
        let attribute = |attribute| {
            // SAFETY: the driver itself gave the handle of the card.
            let value = unsafe { device::get_attribute(device, attribute) };
            value.map(|value| u32::try_from(value).unwrap_or(0))
        };
        let exclusive = sys::CUcomputemode::CU_COMPUTEMODE_EXCLUSIVE_PROCESS as u32;
        let prohibited = sys::CUcomputemode::CU_COMPUTEMODE_PROHIBITED as u32;
        let mode = match attribute(Attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_MODE)? {
            mode if mode == exclusive => ComputeMode::Exclusive,
            mode if mode == prohibited => ComputeMode::Prohibited,
            _ => ComputeMode::Default,
        };
        // SAFETY: the driver itself gave the handle of the card.
        let memory = unsafe { device::total_mem(device) }?;
        Ok(Card {
            index: u32::try_from(index).unwrap_or(0),
            name: device::get_name(device)?,
            uuid: uuid(&device::get_uuid(device)?.bytes),
            pci: pci(device)?,
            capability: (
                attribute(Attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?,
                attribute(Attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?,
            ),
            multiprocessors: attribute(Attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)?,
            memory: memory as u64,
            mode,
            driver: self.version,
        })
    }

    /// Opens a card: [`QUEUES`] devices that share it.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub fn open(
        &self,
        card: &Card,
        variant: &Variant,
        shape: Shape,
    ) -> Result<Vec<CudaQueue>, OpenError> {
        if self.version < OLDEST {
            return Err(OpenError::OldDriver(self.version));
        }
        if !card.is_new_enough() {
            return Err(OpenError::OldCard(card.capability));
        }
        if card.mode == ComputeMode::Prohibited {
            return Err(OpenError::Exclusive);
        }
        let open = || -> Result<Vec<CudaQueue>, DriverError> {
            let program = Arc::new(Program::load(card, variant, shape)?);
            (0..QUEUES)
                .map(|number| CudaQueue::new(card, number, Arc::clone(&program)))
                .collect()
        };
        open().map_err(|error| self.explain(error))
    }

    fn explain(&self, error: DriverError) -> OpenError {
        OpenError::from_driver(error.0, self.version)
    }
}

impl Context {
    fn retain(card: &Card) -> Result<Self, DriverError> {
        let index = i32::try_from(card.index).unwrap_or(i32::MAX);
        let device = device::get(index)?;
        // SAFETY: the driver itself gave the handle of the card; `Drop` releases the context.
        let raw = unsafe { primary_ctx::retain(device) }?;
        Ok(Self {
            device,
            raw,
            hangs: AtomicBool::new(false),
        })
    }

    /// Nothing is asked of the card any more, nor given back to it: the process's end does that.
    pub(crate) fn give_up(&self) {
        self.hangs.store(true, Ordering::Relaxed);
    }

    /// Makes the calls that follow on this thread go to this card; an error once it was given up.
    pub(crate) fn enter(&self) -> Result<(), DriverError> {
        if self.hangs.load(Ordering::Relaxed) {
            return Err(DriverError(CUresult::CUDA_ERROR_LAUNCH_TIMEOUT));
        }
        // SAFETY: the context is retained as long as `self` lives.
        unsafe { result::ctx::set_current(self.raw) }
    }
}

// SAFETY: a context may be made current on any number of threads, one after or beside the other.
unsafe impl Send for Context {}
// SAFETY: as above; `enter` changes only what the calling thread uses.
unsafe impl Sync for Context {}

impl Drop for Context {
    fn drop(&mut self) {
        if self.enter().is_ok() {
            // A driver that fails here has nothing left to release.
            // SAFETY: it was retained once, and this is the one release.
            let _ = unsafe { primary_ctx::release(self.device) };
        }
    }
}

impl Program {
    fn load(card: &Card, variant: &Variant, shape: Shape) -> Result<Self, DriverError> {
        let context = Context::retain(card)?;
        context.enter()?;
        let text = variant.program();
        debug_assert!(text.ends_with('\0'), "the driver reads up to a zero byte");
        // SAFETY: the text ends with a zero byte and is static.
        let module = unsafe { module::load_data(text.as_ptr().cast()) }?;
        // From here on `Drop` unloads the module, also when a step fails.
        let nothing = Prepared {
            function: null_mut(),
            blocks: 0,
            threads: 0,
            shared_bytes: 0,
        };
        let mut program = Self {
            context,
            module,
            kernels: [nothing; 3],
        };
        for kernel in Kernel::ALL {
            program.kernels[kernel.index()] = program.prepare(kernel, card, variant, shape)?;
        }
        Ok(program)
    }

    fn prepare(
        &self,
        kernel: Kernel,
        card: &Card,
        variant: &Variant,
        shape: Shape,
    ) -> Result<Prepared, DriverError> {
        let name = CString::new(kernel.name()).map_err(|_| {
            // No kernel's name has a zero byte.
            DriverError(CUresult::CUDA_ERROR_INVALID_VALUE)
        })?;
        // SAFETY: the module is loaded and stays so as long as `self` lives.
        let function = unsafe { module::get_function(self.module, name) }?;
        let mut threads = shape.threads.at_most(variant).get();
        let each = kernel.shared_bytes_per_thread();
        let most = Attribute::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
        // SAFETY: the driver itself gave the handle of the card.
        let most = unsafe { device::get_attribute(self.context.device, most) }?;
        if let Some(fitting) = u32::try_from(most).unwrap_or(0).checked_div(each) {
            threads = threads.min(fitting / WARP * WARP).max(WARP);
            let limit = sys::CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
            // SAFETY: the function belongs to the loaded module.
            unsafe { function::set_function_attribute(function, limit, signed(threads * each)) }?;
        }
        let shared_bytes = threads * each;
        // SAFETY: the function belongs to the loaded module.
        let fitting = unsafe {
            occupancy::max_active_block_per_multiprocessor(
                function,
                signed(threads),
                shared_bytes as usize,
            )
        }?;
        Ok(Prepared {
            function,
            blocks: shape.grid(card.multiprocessors, u32::try_from(fitting).unwrap_or(0)),
            threads,
            shared_bytes,
        })
    }

    /// A kernel ready to be launched.
    pub(crate) const fn kernel(&self, kernel: Kernel) -> &Prepared {
        &self.kernels[kernel.index()]
    }

    /// The most threads that any kernel runs in.
    pub(crate) fn threads(&self) -> u64 {
        let threads = self
            .kernels
            .iter()
            .map(|kernel| u64::from(kernel.blocks) * u64::from(kernel.threads));
        threads.max().unwrap_or(1)
    }
}

// SAFETY: functions of a loaded module may be launched from any thread.
unsafe impl Send for Program {}
// SAFETY: as above; nothing in here changes after `load`.
unsafe impl Sync for Program {}

impl Drop for Program {
    fn drop(&mut self) {
        if self.context.enter().is_ok() {
            // SAFETY: it was loaded once, and no queue is left that could launch from it.
            let _ = unsafe { module::unload(self.module) };
        }
    }
}

/// Small numbers as the driver takes them.
fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// `GPU-` and the bytes in hexadecimal, as `nvidia-smi -L` has it.
fn uuid(bytes: &[core::ffi::c_char; 16]) -> String {
    let mut text = "GPU".to_owned();
    for (i, byte) in bytes.iter().enumerate() {
        if matches!(i, 0 | 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let [byte] = byte.to_ne_bytes();
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// `0000:65:00.0`.
fn pci(device: sys::CUdevice) -> Result<String, DriverError> {
    const LEN: u8 = 32;
    let mut text = [0_u8; LEN as usize];
    // SAFETY: the pointer is to as many bytes as the call is told.
    unsafe { sys::cuDeviceGetPCIBusId(text.as_mut_ptr().cast(), LEN.into(), device) }.result()?;
    let end = text.iter().position(|&byte| byte == 0).unwrap_or(0);
    Ok(String::from_utf8_lossy(&text[..end]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_written_as_nvidia_smi_does() {
        let bytes =
            core::array::from_fn(|i| 0x10 + core::ffi::c_char::try_from(i).expect("below 16"));
        assert_eq!(uuid(&bytes), "GPU-10111213-1415-1617-1819-1a1b1c1d1e1f");
    }
}
