//! The kernels of a variant, loaded onto a card and ready to launch.

use alloc::ffi::CString;
use core::ptr::null_mut;

use cudarc::driver::{
    DriverError,
    result::{function, module, occupancy},
    sys::{self, CUdevice_attribute as Attribute, CUresult},
};

use crate::{
    Card,
    context::Context,
    plan::Kernel,
    shape::{Shape, WARP},
    variant::Variant,
};

/// A variant's kernels, which the driver compiled for a card, and how many threads run each.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) context: Context,
    module: sys::CUmodule,
    kernels: [Prepared; 3],
}

/// A kernel ready to launch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prepared {
    pub(crate) function: sys::CUfunction,
    pub(crate) blocks: u32,
    pub(crate) threads: u32,
    pub(crate) shared_bytes: u32,
    /// Nonces that all blocks together hash before they take others.
    pub(crate) batch: u64,
}

impl Program {
    /// Lets the driver compile a variant for a card, or take it from its cache.
    pub(crate) fn load(card: &Card, variant: &Variant, shape: Shape) -> Result<Self, DriverError> {
        let context = Context::retain(card)?;
        context.enter()?;
        let text = variant.program();
        debug_assert!(text.ends_with('\0'), "the driver reads up to a zero byte");
        // SAFETY: the text ends with a zero byte and is static.
        let module = unsafe { module::load_data(text.as_ptr().cast()) }?;
        // From here on `Drop` unloads the module, even if a step fails.
        let nothing = Prepared {
            function: null_mut(),
            blocks: 0,
            threads: 0,
            shared_bytes: 0,
            batch: 0,
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
        let name = CString::new(kernel.name(variant.schedule)).map_err(|_| {
            // No kernel's name has a zero byte.
            DriverError(CUresult::CUDA_ERROR_INVALID_VALUE)
        })?;
        // SAFETY: the module is loaded and stays so as long as `self` lives.
        let function = unsafe { module::get_function(self.module, name) }?;
        let mut threads = shape.threads.at_most(variant).get();
        let each = kernel.shared_bytes_per_thread(variant.schedule);
        let most = Attribute::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
        if let Some(fitting) = self.context.attribute(most)?.checked_div(each) {
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
        let blocks = shape.grid(card.multiprocessors, u32::try_from(fitting).unwrap_or(0));
        Ok(Prepared {
            function,
            blocks,
            threads,
            shared_bytes,
            batch: u64::from(blocks) * kernel.nonces_per_block(variant.schedule, threads),
        })
    }

    /// A kernel ready to launch.
    pub(crate) const fn kernel(&self, kernel: Kernel) -> &Prepared {
        &self.kernels[kernel.index()]
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

/// A small number in the driver's type.
fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
