//! A card's context, through which every driver call about this card goes.

use core::sync::atomic::{AtomicBool, Ordering};

use cudarc::driver::{
    DriverError,
    result::{self, device, primary_ctx},
    sys::{self, CUdevice_attribute as Attribute, CUresult},
};

use crate::Card;

/// A card's primary context, shared by everything in this process.
#[derive(Debug)]
pub(crate) struct Context {
    device: sys::CUdevice,
    raw: sys::CUcontext,
    /// Whether the card hangs: a call that waits for it would not return.
    hangs: AtomicBool,
}

impl Context {
    /// Retains a card's context until it is dropped.
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

    /// Makes no more calls to the card and returns nothing to it; the end of the process does that.
    pub(crate) fn give_up(&self) {
        self.hangs.store(true, Ordering::Relaxed);
    }

    /// Whether the card was given up.
    pub(crate) fn is_given_up(&self) -> bool {
        self.hangs.load(Ordering::Relaxed)
    }

    /// Directs later calls of this thread to this card; an error once the card was given up.
    pub(crate) fn enter(&self) -> Result<(), DriverError> {
        if self.is_given_up() {
            return Err(DriverError(CUresult::CUDA_ERROR_LAUNCH_TIMEOUT));
        }
        // SAFETY: the context is retained as long as `self` lives.
        unsafe { result::ctx::set_current(self.raw) }
    }

    /// An attribute of this card; 0 if it is negative.
    pub(crate) fn attribute(&self, attribute: Attribute) -> Result<u32, DriverError> {
        // SAFETY: the driver itself gave the handle of the card.
        let value = unsafe { device::get_attribute(self.device, attribute) }?;
        Ok(u32::try_from(value).unwrap_or(0))
    }
}

// SAFETY: a context may be current on any number of threads, in turn or at once.
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
