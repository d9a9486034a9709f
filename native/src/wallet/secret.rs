//! Bytes that wipe themselves.

use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox};
use zeroize::Zeroizing;

use super::pages::Pages;

/// Bytes that nobody else should see: kept out of swap, wiped when dropped, never printed.
#[derive(Debug)]
pub(super) struct Secret(SecretBox<Pages>);

/// A password: kept out of swap, wiped when dropped, never printed.
#[derive(Debug)]
pub struct Password(Secret);

impl Secret {
    /// `len` zeros.
    ///
    /// A buffer must have its final size from the start, since one that grows leaves copies behind.
    pub(super) fn zeroed(len: usize) -> Self {
        Self(SecretBox::new(Box::new(Pages::zeroed(len))))
    }

    /// Reads an even number of hexadecimal digits, without 0x.
    pub(super) fn from_hex(digits: &[u8]) -> Option<Self> {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let mut bytes = Self::zeroed(digits.len() / 2);
        let pairs = digits.chunks_exact(2);
        if !pairs.remainder().is_empty() {
            return None;
        }
        for (byte, pair) in bytes.expose_mut().iter_mut().zip(pairs) {
            let value = digit(pair[0])? << 4 | digit(pair[1])?;
            *byte = u8::try_from(value).ok()?;
        }
        Some(bytes)
    }

    /// Hides everything from byte `len` on.
    pub(super) fn truncate(&mut self, len: usize) {
        self.0.expose_secret_mut().truncate(len);
    }

    /// The bytes, to read but not to keep.
    pub(super) fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// The bytes, to fill in.
    pub(super) fn expose_mut(&mut self) -> &mut [u8] {
        self.0.expose_secret_mut()
    }
}

impl From<&[u8]> for Secret {
    fn from(bytes: &[u8]) -> Self {
        let mut secret = Self::zeroed(bytes.len());
        secret.expose_mut().copy_from_slice(bytes);
        secret
    }
}

impl From<Vec<u8>> for Secret {
    /// Wipes the given bytes, so that no copy stays behind.
    fn from(bytes: Vec<u8>) -> Self {
        Self::from(&Zeroizing::new(bytes)[..])
    }
}

impl Password {
    /// The password's bytes, from which to derive a key.
    pub(crate) fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// Whether it is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.0.expose().is_empty()
    }

    /// A password from a file or pipe, without its line end, if it has one.
    pub(super) fn from_line(mut line: Secret) -> Self {
        let text = line.expose();
        let text = text.strip_suffix(b"\n").map_or(text, |text| {
            // Windows editors end lines with two characters.
            text.strip_suffix(b"\r").unwrap_or(text)
        });
        let len = text.len();
        line.truncate(len);
        Self(line)
    }
}

impl From<Secret> for Password {
    fn from(secret: Secret) -> Self {
        Self(secret)
    }
}

impl From<String> for Password {
    /// Wipes the given text, so that no copy stays behind.
    fn from(text: String) -> Self {
        Self(text.into_bytes().into())
    }
}

impl From<Vec<u8>> for Password {
    /// Wipes the given bytes, so that no copy stays behind.
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_not_part_of_a_password() {
        for (line, password) in [
            ("hunter2", "hunter2"),
            ("hunter2\n", "hunter2"),
            ("hunter2\r\n", "hunter2"),
            ("hunter2\n\n", "hunter2\n"),
            (" hunter2 ", " hunter2 "),
            ("hunter2\r", "hunter2\r"),
            ("\n", ""),
        ] {
            let line = Secret::from(line.as_bytes());
            assert_eq!(Password::from_line(line).expose(), password.as_bytes());
        }
    }

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        let bytes = |digits: &str| Secret::from_hex(digits.as_bytes());
        assert_eq!(bytes("00fFa0").expect("valid").expose(), [0, 255, 160]);
        assert!(bytes("").expect("valid").expose().is_empty());
        for wrong in ["0", "0g", "+1", "0x00", "é"] {
            assert!(bytes(wrong).is_none(), "{wrong}");
        }
    }
}
