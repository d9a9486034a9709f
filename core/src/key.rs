//! Public keys and block hashes as people write them.

use core::{error::Error, fmt, str::FromStr};

use blake2::{Blake2b512, Digest};

/// The SS58 network number of Bittensor addresses, which begin with 5.
const SS58_NETWORK: u8 = 42;

/// Bytes of an address before base 58: network, key, checksum.
const SS58_LEN: usize = 1 + 32 + 2;

/// A 32-byte public key (sr25519 or ed25519; the proof does not care).
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct PublicKey(pub [u8; 32]);

/// Why a text is not a public key or a block hash.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyError {
    /// A character that base 58 does not have.
    BadCharacter,
    /// A well-formed address whose checksum is wrong: a mistyped character.
    Checksum,
    /// An address that holds something other than a 32-byte key.
    Length,
    /// A character that is not a hexadecimal digit.
    NotHex,
    /// A valid address of a network other than Bittensor's 42.
    Network(u8),
    /// Hex of the wrong length: digits after 0x.
    HexLength(usize),
}

impl FromStr for PublicKey {
    type Err = KeyError;

    /// Reads an SS58 address of network 42, checksum included, or 0x and 64 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        if text.starts_with("0x") || text.starts_with("0X") {
            return hex32(text).map(Self);
        }
        let mut address = [0; SS58_LEN];
        let len = bs58::decode(text)
            .onto(&mut address)
            .map_err(|error| match error {
                // One byte too many, or several: an address of something longer.
                bs58::decode::Error::BufferTooSmall => KeyError::Length,
                _ => KeyError::BadCharacter,
            })?;
        if len != SS58_LEN {
            return Err(KeyError::Length);
        }
        let (body, checksum) = address.split_at(SS58_LEN - 2);
        let digest = Blake2b512::new()
            .chain_update(b"SS58PRE")
            .chain_update(body)
            .finalize();
        if checksum != &digest[..2] {
            return Err(KeyError::Checksum);
        }
        if body[0] != SS58_NETWORK {
            return Err(KeyError::Network(body[0]));
        }
        let mut key = [0; 32];
        key.copy_from_slice(&body[1..]);
        Ok(Self(key))
    }
}

/// Reads 32 bytes: 64 hexadecimal digits, with or without 0x.
///
/// # Errors
///
/// [`KeyError::NotHex`], [`KeyError::HexLength`].
pub fn hex32(text: &str) -> Result<[u8; 32], KeyError> {
    let digits = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))
        .unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(KeyError::NotHex);
    }
    if digits.len() != 64 {
        return Err(KeyError::HexLength(digits.len()));
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = (nibble(pair[0]) << 4) | nibble(pair[1]);
    }
    Ok(bytes)
}

/// The value of a hexadecimal digit.
const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        // Upper and lower case differ only in bit 5.
        _ => (digit | 0x20) - b'a' + 10,
    }
}

impl PublicKey {
    /// The key as an SS58 address of network 42, as its `Display` writes it, for code that must not pull in the
    /// formatting of text.
    pub fn address(&self) -> Address {
        let mut address = [SS58_NETWORK; SS58_LEN];
        address[1..33].copy_from_slice(&self.0);
        let digest = Blake2b512::new()
            .chain_update(b"SS58PRE")
            .chain_update(&address[..33])
            .finalize();
        address[33..].copy_from_slice(&digest[..2]);
        let mut digits = [0; Address::CAPACITY];
        // It always fits.
        let len = bs58::encode(address).onto(&mut digits[..]).unwrap_or(0);
        Address { digits, len }
    }
}

/// The text of an SS58 address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Address {
    digits: [u8; Self::CAPACITY],
    len: usize,
}

impl Address {
    /// 35 bytes of base 256 are at most 48 digits of base 58.
    const CAPACITY: usize = 48;

    /// Its digits, which are ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        self.digits.get(..self.len).unwrap_or_default()
    }
}

impl fmt::Display for PublicKey {
    /// The key as an SS58 address of network 42.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address();
        f.write_str(core::str::from_utf8(address.as_bytes()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadCharacter => f.write_str("it has a character that no SS58 address has"),
            Self::Checksum => f.write_str("its checksum is wrong: a character was mistyped"),
            Self::Length => f.write_str("its length is not that of an SS58 address of 32 bytes"),
            Self::NotHex => f.write_str("it has a character that is not a hexadecimal digit"),
            Self::Network(network) => write!(
                f,
                "it is an address of network {network}, not of Bittensor's network {SS58_NETWORK}"
            ),
            Self::HexLength(digits) if digits % 2 == 0 => {
                let bytes = digits / 2;
                let unit = if bytes == 1 { "byte" } else { "bytes" };
                write!(
                    f,
                    "it has {bytes} {unit} ({digits} hexadecimal digits), not 32 (64)"
                )
            }
            Self::HexLength(digits) => write!(f, "it has {digits} hexadecimal digits, not 64"),
        }
    }
}

impl Error for KeyError {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    /// The development account `//Alice`, known to every Substrate tool.
    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    const ALICE_HEX: &str = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";

    #[test]
    fn an_address_and_its_hex_are_the_same_key() {
        let alice: PublicKey = ALICE.parse().expect("valid");
        assert_eq!(ALICE_HEX.parse(), Ok(alice));
        assert_eq!(alice.to_string(), ALICE);
        // An address whose number has fewer digits than most.
        let zeros = PublicKey([0; 32]);
        assert_eq!(zeros.to_string().parse(), Ok(zeros));
    }

    #[test]
    fn each_mistake_has_its_error() {
        for (text, error) in [
            (
                "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ",
                KeyError::Checksum,
            ),
            (
                "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQ",
                KeyError::Length,
            ),
            (
                "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQYY",
                KeyError::Length,
            ),
            (
                "5GrwvaEF0zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
                KeyError::BadCharacter,
            ),
            ("alice", KeyError::BadCharacter),
            ("", KeyError::Length),
            // The same key as an address of Polkadot.
            (
                "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5",
                KeyError::Network(0),
            ),
            (&ALICE_HEX[..64], KeyError::HexLength(62)),
            ("0xd4g5", KeyError::NotHex),
            ("0x", KeyError::HexLength(0)),
        ] {
            assert_eq!(text.parse::<PublicKey>(), Err(error), "{text}");
        }
    }
}
