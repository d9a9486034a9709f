//! Signatures as wallets give them.

use core::fmt;

use btpow_registration::{Scheme, Signature};

/// Why bytes are not a signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignatureError {
    /// Another number of bytes.
    Length(usize),
    /// A scheme that this project's keys do not have.
    Scheme(u8),
}

/// Reads a signature with the number of its scheme in front, as a `MultiSignature` has it.
///
/// # Errors
///
/// [`SignatureError`].
pub fn read(bytes: &[u8]) -> Result<Signature, SignatureError> {
    let length = SignatureError::Length(bytes.len());
    let (&number, rest) = bytes.split_first().ok_or(length)?;
    let bytes = rest.try_into().map_err(|_| length)?;
    let known = [Scheme::Ed25519, Scheme::Sr25519];
    let scheme = known.into_iter().find(|scheme| scheme.number() == number);
    let scheme = scheme.ok_or(SignatureError::Scheme(number))?;
    Ok(Signature { scheme, bytes })
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(length) => {
                let unit = if *length == 1 { "byte" } else { "bytes" };
                write!(f, "it has {length} {unit}, not 65: its scheme and itself")
            }
            Self::Scheme(number) => write!(
                f,
                "its scheme is {number}, not {} ({}) or {} ({})",
                Scheme::Ed25519.number(),
                Scheme::Ed25519,
                Scheme::Sr25519.number(),
                Scheme::Sr25519,
            ),
        }
    }
}

impl core::error::Error for SignatureError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_has_its_scheme_in_front() {
        for (number, scheme) in [(0, Scheme::Ed25519), (1, Scheme::Sr25519)] {
            let mut bytes = [9; 65];
            bytes[0] = number;
            let expected = Signature {
                scheme,
                bytes: [9; 64],
            };
            assert_eq!(read(&bytes), Ok(expected));
        }
    }

    #[test]
    fn an_error_says_why_bytes_are_not_a_signature() {
        for (bytes, error, words) in [
            (&[][..], SignatureError::Length(0), "it has 0 bytes, not 65"),
            (&[1; 1], SignatureError::Length(1), "it has 1 byte, not 65"),
            (&[1; 64], SignatureError::Length(64), "it has 64 bytes"),
            (&[1; 66], SignatureError::Length(66), "it has 66 bytes"),
            (
                &[2; 65],
                SignatureError::Scheme(2),
                "its scheme is 2, not 0 (ed25519) or 1 (sr25519)",
            ),
        ] {
            assert_eq!(read(bytes), Err(error));
            assert!(error.to_string().starts_with(words), "{error}");
        }
    }
}
