//! Bytes from JavaScript as a type of known length.

/// The 32 bytes of a value whose length JavaScript has checked.
///
/// # Panics
///
/// When it has another length.
pub fn bytes32(bytes: &[u8]) -> [u8; 32] {
    *bytes.first_chunk().expect("32 bytes")
}
