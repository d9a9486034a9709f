//! The NVIDIA driver: lists its cards and opens them.

use alloc::sync::Arc;

use cudarc::driver::{
    DriverError,
    result::{self, device},
    sys::{self, CUdevice_attribute as Attribute},
};

use crate::{
    Card, CudaQueue, OpenError,
    card::ComputeMode,
    context::Context,
    device::QUEUES,
    library,
    program::Program,
    shape::Shape,
    variant::{OLDEST_DRIVER, Variant},
};

/// The driver's library, loaded and initialised.
#[derive(Clone, Copy, Debug)]
pub struct Driver {
    version: (u32, u32),
}

/// A card's context, kept until this is dropped.
#[derive(Debug)]
pub struct Kept {
    _context: Context,
}

impl Driver {
    /// Loads the driver's library, if there is one.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub fn load() -> Result<Self, OpenError> {
        library::load()?;
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

    /// The CUDA version that it supports, such as (12, 4).
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
        if self.version < OLDEST_DRIVER {
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

    /// Keeps a card's context, so that opening the card again and again takes a tenth of a second less each time. What
    /// fails in it breaks it for all; then let it go and keep another one.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub fn keep(&self, card: &Card) -> Result<Kept, OpenError> {
        let context = Context::retain(card).map_err(|error| self.explain(error))?;
        Ok(Kept { _context: context })
    }

    fn explain(&self, error: DriverError) -> OpenError {
        OpenError::from_driver(error.0, self.version)
    }
}

/// `GPU-` and the bytes in hexadecimal, as `nvidia-smi -L` prints it.
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
    // SAFETY: the buffer has the length that is passed with it.
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
