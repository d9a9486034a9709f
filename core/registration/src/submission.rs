//! What becomes of an extrinsic that was sent.
//!
//! Text in these types comes from an endpoint. Whoever reads it from the network makes it harmless first:
//! one line, of a limited length.

use alloc::{borrow::ToOwned as _, format, string::String};
use core::{error::Error, fmt};

use btpow_core::PublicKey;

use crate::meaning::code;

/// News of a submission. After [`is_last`](Self::is_last) there is no more.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Progress {
    /// The pool has it.
    Waiting,
    /// A block holds it.
    InBlock {
        /// The block.
        place: Place,
        /// What it did there.
        outcome: Outcome,
    },
    /// That block is no longer part of the chain.
    Retracted,
    /// The block that holds it is final.
    Finalized,
    /// The pool did not take it.
    Refused(PoolRefusal),
    /// The pool let it go.
    Gone(Gone),
    /// Nobody reports on it any more; why, in the node's words.
    Lost(String),
}

/// A block that holds an extrinsic.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place {
    /// Its hash.
    pub hash: [u8; 32],
    /// Its number, if the block could be read.
    pub number: Option<u64>,
}

/// What a call did in its block.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It registered a key.
    Registered {
        /// The key's number on the subnet.
        uid: u16,
        /// The key.
        hotkey: PublicKey,
    },
    /// The faucet paid out.
    Given {
        /// How much, in rao.
        amount: u64,
    },
    /// It failed.
    Failed(DispatchRefusal),
    /// The block could not be read; why.
    Unknown(String),
}

/// Why the pool let an extrinsic go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gone {
    /// It had no room for it.
    Dropped,
    /// It is no longer valid.
    Invalid,
    /// Another extrinsic of the account took its place.
    Usurped,
}

/// Why the pool of a node did not take an extrinsic.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PoolRefusal {
    /// The runtime's own reason, as a number. 255 stands for most of them.
    Custom(u8),
    /// The nonce was used, or the block that it is born in is no longer known.
    Outdated,
    /// The signature does not fit: another chain, another runtime, or a birth block that is gone.
    BadSignature,
    /// The nonce skips others.
    Future,
    /// The account cannot pay.
    Payment,
    /// The pool has it already.
    Known,
    /// The pool has another extrinsic with the same nonce.
    Occupied,
    /// The node refuses it for a while, because it refused it before.
    Banned,
    /// The pool, or the block, has no room.
    NoRoom,
    /// Something else, in the node's words.
    Other(String),
}

/// Why a call failed in its block.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DispatchRefusal {
    /// The pallet whose error it is; empty for the runtime's own.
    pub pallet: String,
    /// The error's name in the metadata.
    pub name: String,
}

impl Progress {
    /// Whether nothing comes after it.
    pub const fn is_last(&self) -> bool {
        matches!(
            self,
            Self::Finalized | Self::Refused(_) | Self::Gone(_) | Self::Lost(_)
        )
    }
}

impl Gone {
    /// The word that nodes use for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Invalid => "invalid",
            Self::Usurped => "usurped",
        }
    }
}

impl PoolRefusal {
    /// Reads what a node answers: the code of the JSON-RPC error, its message and its data.
    pub fn read(code: i32, message: &str, data: &str) -> Self {
        match code {
            1012 => return Self::Banned,
            1013 => return Self::Known,
            1014 => return Self::Occupied,
            1016 => return Self::NoRoom,
            _ => {}
        }
        let text = format!("{message} {data}").to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        // Nodes write the reason in words, test chains as JSON: `Custom error: 255`,
        // `{"invalid":{"custom":255}}`.
        if let Some(code) = number_after(&text, "custom") {
            Self::Custom(code)
        } else if has(&["outdated", "stale", "ancient"]) {
            Self::Outdated
        } else if has(&["bad signature", "badproof", "bad proof"]) {
            Self::BadSignature
        } else if has(&["future"]) {
            Self::Future
        } else if has(&["inability to pay", "payment"]) {
            Self::Payment
        } else if has(&["exhaust"]) {
            Self::NoRoom
        } else {
            let words = if data.is_empty() { message } else { data };
            Self::Other(words.to_owned())
        }
    }
}

impl DispatchRefusal {
    /// An error of the runtime itself, or one that the metadata does not name.
    pub const fn plain(name: String) -> Self {
        let pallet = String::new();
        Self { pallet, name }
    }
}

/// The first number after a word.
fn number_after(text: &str, word: &str) -> Option<u8> {
    let rest = &text[text.find(word)? + word.len()..];
    let begin = rest.find(|it: char| it.is_ascii_digit())?;
    let digits = &rest[begin..];
    let end = digits.find(|it: char| !it.is_ascii_digit());
    digits[..end.unwrap_or(digits.len())].parse().ok()
}

/// Finishes the sentence "the pool refused the proof: …".
impl fmt::Display for PoolRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Custom(code::SWAP_ANNOUNCED) => "the swap of its coldkey is announced",
            Self::Custom(code::NO_SUBNET) => "there is no such subnet",
            Self::Custom(code::RATE_LIMIT) => "there are enough registrations for now",
            Self::Custom(code::SWAP_DISPUTED) => "the swap of its coldkey is disputed",
            Self::Custom(code::OWNED_BY_OTHER) => "the hotkey belongs to another coldkey",
            Self::Custom(code) => return write!(f, "the chain's own rules (code {code})"),
            Self::Outdated => "it is outdated",
            Self::BadSignature => "its signature does not fit this chain at this moment",
            Self::Future => "its nonce is ahead of the account's",
            Self::Payment => "the account cannot pay its fee",
            Self::Known => "the pool has it already",
            Self::Occupied => "the pool holds another with the same nonce",
            Self::Banned => "the node refuses it for a while",
            Self::NoRoom => "there is no room for it at the moment",
            Self::Other(words) => words,
        })
    }
}

impl fmt::Display for DispatchRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pallet.is_empty() {
            f.write_str(&self.name)
        } else {
            write!(f, "{}.{}", self.pallet, self.name)
        }
    }
}

impl Error for PoolRefusal {}
impl Error for DispatchRefusal {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn answers_of_nodes_and_of_test_chains() {
        use PoolRefusal as Pool;

        let invalid = "Invalid Transaction";
        let other = |words: &str| Pool::Other(words.to_owned());
        for (code, message, data, expected) in [
            (1010, invalid, r#""Custom error: 255""#, Pool::Custom(255)),
            (
                1010,
                invalid,
                r#"{"invalid":{"custom":25}}"#,
                Pool::Custom(25),
            ),
            (
                1010,
                invalid,
                r#""Transaction is outdated""#,
                Pool::Outdated,
            ),
            (
                1010,
                invalid,
                r#"{"invalid":{"stale":null}}"#,
                Pool::Outdated,
            ),
            (
                1010,
                invalid,
                r#"{"invalid":{"ancientBirthBlock":null}}"#,
                Pool::Outdated,
            ),
            (
                1010,
                invalid,
                r#""Transaction has a bad signature""#,
                Pool::BadSignature,
            ),
            (
                1010,
                invalid,
                r#"{"invalid":{"badProof":null}}"#,
                Pool::BadSignature,
            ),
            (
                1010,
                invalid,
                r#""Transaction will be valid in the future""#,
                Pool::Future,
            ),
            (
                1010,
                invalid,
                r#""Inability to pay some fees (e.g. account balance too low)""#,
                Pool::Payment,
            ),
            (1012, "Transaction is temporarily banned", "", Pool::Banned),
            (1013, "Transaction Already Imported", "", Pool::Known),
            (1014, "Priority is too low: (1 vs 1)", "", Pool::Occupied),
            (1016, "Immediately Dropped", "", Pool::NoRoom),
            (
                1010,
                invalid,
                r#""Transaction would exhaust the block limits""#,
                Pool::NoRoom,
            ),
            (
                1010,
                invalid,
                r#"{"invalid":{"exhaustsResources":null}}"#,
                Pool::NoRoom,
            ),
            (1015, "Cycle Detected", "", other("Cycle Detected")),
            // A code that is no byte is not one.
            (
                1010,
                invalid,
                "Custom error: 256",
                other("Custom error: 256"),
            ),
        ] {
            assert_eq!(Pool::read(code, message, data), expected, "{data}");
        }
    }

    #[test]
    fn errors_of_the_runtime_itself_have_no_pallet() {
        assert_eq!(
            DispatchRefusal::plain("BadOrigin".to_owned()).to_string(),
            "BadOrigin"
        );
        let (pallet, name) = ("SubtensorModule".to_owned(), "InvalidSeal".to_owned());
        let refusal = DispatchRefusal { pallet, name };
        assert_eq!(refusal.to_string(), "SubtensorModule.InvalidSeal");
    }
}
