//! Bytes of JavaScript as a type that says how many they are.

/// The 32 bytes of a value whose length JavaScript has looked at.
///
/// # Panics
///
/// When it has not.
pub fn bytes32(bytes: &[u8]) -> [u8; 32] {
    *bytes.first_chunk().expect("32 bytes")
}
