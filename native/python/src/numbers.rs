//! What Python gives, checked.

use btpow_core::{Difficulty, PublicKey, key};
use pyo3::{
    FromPyObject, PyResult,
    exceptions::PyValueError,
    pybacked::{PyBackedBytes, PyBackedStr},
};

/// 32 bytes, as they are or as text.
#[derive(FromPyObject)]
pub(crate) enum Bytes32 {
    /// Text that stands for them.
    #[pyo3(annotation = "str")]
    Text(PyBackedStr),
    /// Themselves.
    #[pyo3(annotation = "bytes")]
    Raw(PyBackedBytes),
}

impl Bytes32 {
    /// A public key: 32 bytes, an SS58 address, or 64 hexadecimal digits after 0x. `what` names it in errors.
    pub(crate) fn key(&self, what: &str) -> PyResult<[u8; 32]> {
        match self {
            Self::Text(text) => match text.parse() {
                Ok(PublicKey(bytes)) => Ok(bytes),
                Err(error) => Err(PyValueError::new_err(format!(
                    "{what}: {error}; give an SS58 address, or 32 bytes"
                ))),
            },
            Self::Raw(bytes) => exactly(what, bytes),
        }
    }

    /// A hash: 32 bytes, or 64 hexadecimal digits with or without 0x.
    pub(crate) fn hash(&self, what: &str) -> PyResult<[u8; 32]> {
        match self {
            Self::Text(text) => {
                key::hex32(text).map_err(|error| PyValueError::new_err(format!("{what}: {error}")))
            }
            Self::Raw(bytes) => exactly(what, bytes),
        }
    }
}

fn exactly(what: &str, bytes: &[u8]) -> PyResult<[u8; 32]> {
    let len = bytes.len();
    bytes
        .try_into()
        .map_err(|_| PyValueError::new_err(format!("{what}: it has {len} bytes, not 32")))
}

/// A difficulty, which is not 0.
pub(crate) fn difficulty(seals: u64) -> PyResult<Difficulty> {
    Difficulty::new(seals).map_err(|error| PyValueError::new_err(format!("difficulty: {error}")))
}
