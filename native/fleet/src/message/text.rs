//! Parts of messages that are written as texts.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The most characters of a [`Text`].
const MOST: usize = 100;

/// A number drawn by lot, that tells processes apart: 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Id(pub u64);

/// Words of the sender, a hundred characters at most. Whoever shows them makes them harmless first.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Text(String);

impl Text {
    /// As much of it as fits.
    pub fn new(text: &str) -> Self {
        Self(text.chars().take(MOST).collect())
    }

    /// The words, as they came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Id {
    /// As much of it as tells it from others: its first six digits.
    pub fn short(self) -> String {
        format!("{:06x}", self.0 >> 40)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let is_id = text.len() == 16 && text.bytes().all(|it| it.is_ascii_hexdigit());
        let id = u64::from_str_radix(&text, 16).ok().filter(|_| is_id);
        id.map(Self)
            .ok_or_else(|| D::Error::custom("16 hexadecimal digits"))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.chars().nth(MOST).is_some() {
            return Err(D::Error::custom("too many characters"));
        }
        Ok(Self(text))
    }
}

/// Numbers of 64 bits, in digits.
pub(super) mod decimal {
    use core::fmt::Display;

    use super::{Deserialize, Deserializer, FromStr, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        number: &impl Display,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>, T: FromStr>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        // A plus sign would be read, too.
        let is_number = text.bytes().all(|it| it.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_number);
        number.ok_or_else(|| serde::de::Error::custom("digits"))
    }
}

/// 32 bytes, as 0x and 64 hexadecimal digits.
pub(super) mod hex32 {
    use btpow_core::{Seal, key};

    use super::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        bytes: &[u8; 32],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Seal(*bytes))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        key::hex32(&text).map_err(serde::de::Error::custom)
    }
}
