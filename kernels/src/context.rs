//! A card's context: what every call to the driver about this card goes through.

use core::sync::atomic::{AtomicBool, Ordering};

use cudarc::driver::{
    DriverError,
    result::{self, device, primary_ctx},
    sys::{self, CUdevice_attribute as Attribute, CUresult},
};

use crate::Card;

/// A card's primary context, which everything in this process shares.
#[derive(Debug)]
pub(crate) struct Context {
    device: sys::CUdevice,
    raw: sys::CUcontext,
    /// The card hangs: a call that waits for it would not return.
    hangs: AtomicBool,
}

impl Context {
    /// Takes part in a card's context until it is dropped.
    pub(crate) fn retain(card: &Card) -> Result<Self, DriverError> {
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

    /// What the driver says of this card; 0 for what is negative.
    pub(crate) fn attribute(&self, attribute: Attribute) -> Result<u32, DriverError> {
        // SAFETY: the driver itself gave the handle of the card.
        let value = unsafe { device::get_attribute(self.device, attribute) }?;
        Ok(u32::try_from(value).unwrap_or(0))
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
