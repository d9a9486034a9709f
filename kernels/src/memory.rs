//! Memory of a card, and memory of the host for copies to and from a card.

use alloc::sync::Arc;
use core::{ffi::c_void, marker::PhantomData, slice};

use cudarc::driver::{DriverError, result, sys};

use crate::program::Program;

/// Memory of a card for `len` values.
#[derive(Debug)]
pub(crate) struct CardMemory<T> {
    program: Arc<Program>,
    pub(crate) address: sys::CUdeviceptr,
    values: PhantomData<T>,
}

/// Page-locked memory of the host, so that copies do not block the calling thread.
#[derive(Debug)]
pub(crate) struct HostMemory<T> {
    program: Arc<Program>,
    start: *mut T,
    len: usize,
}

/// Values for which all bytes are valid, including zeros.
pub(crate) trait Plain {}

impl Plain for crate::abi::Found {}
impl Plain for crate::abi::Table {}

impl<T: Plain> CardMemory<T> {
    pub(crate) fn new(program: &Arc<Program>, len: usize) -> Result<Self, DriverError> {
        program.context.enter()?;
        // SAFETY: the card writes to the memory before it is read.
        let address = unsafe { result::malloc_sync(len * size_of::<T>()) }?;
        Ok(Self {
            program: Arc::clone(program),
            address,
            values: PhantomData,
        })
    }
}

impl<T> Drop for CardMemory<T> {
    fn drop(&mut self) {
        if self.program.context.enter().is_ok() {
            // SAFETY: it was allocated once, and the queue that used it has come to rest.
            let _ = unsafe { result::free_sync(self.address) };
        }
    }
}

impl<T: Plain> HostMemory<T> {
    pub(crate) fn new(program: &Arc<Program>, len: usize) -> Result<Self, DriverError> {
        program.context.enter()?;
        // SAFETY: it is zeroed below, before anything reads it.
        let start: *mut T = unsafe { result::malloc_host(len * size_of::<T>(), 0) }?.cast();
        // SAFETY: the driver gave this many bytes, aligned to pages, and zero is a valid value.
        unsafe { start.write_bytes(0, len) };
        Ok(Self {
            program: Arc::clone(program),
            start,
            len,
        })
    }

    /// The values. No copy may be under way: whoever starts one waits for it first.
    pub(crate) fn values(&mut self) -> &mut [T] {
        // SAFETY: the memory is ours, initialised, and borrowed as long as `self` is.
        unsafe { slice::from_raw_parts_mut(self.start, self.len) }
    }
}

// SAFETY: the value owns the memory, and any thread may return it to the driver.
unsafe impl<T: Send> Send for HostMemory<T> {}

impl<T> Drop for HostMemory<T> {
    fn drop(&mut self) {
        if self.program.context.enter().is_ok() {
            // SAFETY: it was allocated once, and the queue that used it has come to rest.
            let _ = unsafe { result::free_host(self.start.cast::<c_void>()) };
        }
    }
}
