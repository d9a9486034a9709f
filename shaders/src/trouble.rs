//! What can go wrong with a card, and how the crate notices: drivers report it by callbacks.

use core::{error::Error, fmt};
use std::sync::{Arc, OnceLock};

use btpow_core::DeviceError;

/// Why a card could not be opened, or no longer works.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Trouble {
    /// There is no such adapter, or no longer.
    NoAdapter(String),
    /// The adapter offers no device.
    Refused(String),
    /// The driver has lost the device: a reset, a sleep, an unplugged card.
    Lost(String),
    /// Memory ran out.
    OutOfMemory,
    /// The driver, or wgpu, rejects its input.
    Invalid(String),
    /// The driver failed in another way.
    Internal(String),
    /// A dispatch did not come back, long after any dispatch would have.
    Stalled,
}

impl Trouble {
    /// Its code in [`DeviceError::Lost`].
    pub const fn code(&self) -> i32 {
        match self {
            Self::NoAdapter(_) => 1,
            Self::Refused(_) => 2,
            Self::Lost(_) => 3,
            Self::OutOfMemory => 4,
            Self::Invalid(_) => 5,
            Self::Internal(_) => 6,
            Self::Stalled => 7,
        }
    }

    /// The error as the core knows it.
    pub const fn device_error(&self) -> DeviceError {
        DeviceError::Lost { code: self.code() }
    }
}

impl From<wgpu::Error> for Trouble {
    fn from(error: wgpu::Error) -> Self {
        match error {
            wgpu::Error::OutOfMemory { .. } => Self::OutOfMemory,
            wgpu::Error::Validation { description, .. } => Self::Invalid(description),
            wgpu::Error::Internal { description, .. } => Self::Internal(description),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAdapter(why) => write!(f, "there is no such adapter: {why}"),
            Self::Refused(why) => write!(f, "the adapter offers no device: {why}"),
            Self::Lost(why) => write!(f, "the driver lost the device: {why}"),
            Self::OutOfMemory => f.write_str("the device is out of memory"),
            Self::Invalid(why) => write!(f, "the driver rejects its input: {why}"),
            Self::Internal(why) => write!(f, "the driver failed: {why}"),
            Self::Stalled => f.write_str("the device does not finish its work"),
        }
    }
}

impl Error for Trouble {}

/// The first trouble of an open device, set by whatever thread the driver calls from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Health(Arc<OnceLock<Trouble>>);

impl Health {
    /// Watches a device from now on. Without this, wgpu panics at an error.
    pub(crate) fn watch(&self, device: &wgpu::Device) {
        let health = self.clone();
        device.on_uncaptured_error(Arc::new(move |error| health.note(error.into())));
        let health = self.clone();
        device.set_device_lost_callback(move |reason, message| {
            health.note(Trouble::Lost(format!("{reason:?}: {message}")));
        });
    }

    /// Notes the first trouble; what follows from it does not matter.
    pub(crate) fn note(&self, trouble: Trouble) {
        let _ = self.0.set(trouble);
    }

    pub(crate) fn trouble(&self) -> Option<&Trouble> {
        self.0.get()
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn errors_of_wgpu_keep_their_kind() {
        let source = || Box::new(fmt::Error);
        let description = || "why".to_owned();
        let codes = [
            wgpu::Error::OutOfMemory { source: source() },
            wgpu::Error::Validation {
                source: source(),
                description: description(),
            },
            wgpu::Error::Internal {
                source: source(),
                description: description(),
            },
        ]
        .map(|error| Trouble::from(error).code());
        assert_eq!(codes, [4, 5, 6]);
    }

    #[test]
    fn the_first_trouble_stays() {
        let health = Health::default();
        assert_eq!(health.trouble(), None);
        health.note(Trouble::OutOfMemory);
        health.note(Trouble::Stalled);
        assert_eq!(health.trouble(), Some(&Trouble::OutOfMemory));
        let error = health.trouble().map(Trouble::device_error);
        assert_eq!(error, Some(DeviceError::Lost { code: 4 }));
    }
}
