//! Why the chain did not take what was sent.

use subxt::error::DispatchError;
use thiserror::Error;

use super::Runtime;
use crate::text;

/// Why the pool of a node did not take an extrinsic.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum PoolRefusal {
    /// The runtime's own reason, as a number. 255 stands for most of them.
    #[error("the chain's own rules (code {0})")]
    Custom(u8),
    /// The nonce was used already, or the block of its birth is no longer known.
    #[error("it is outdated")]
    Outdated,
    /// The signature does not fit: another chain, another runtime, or a birth block that is gone.
    #[error("its signature does not fit this chain at this moment")]
    BadSignature,
    /// The nonce leaves out others.
    #[error("its nonce is ahead of the account's")]
    Future,
    /// The account cannot pay.
    #[error("the account cannot pay its fee")]
    Payment,
    /// The pool has it already.
    #[error("the pool has it already")]
    Known,
    /// Another one with the same nonce is in the pool.
    #[error("the pool holds another with the same nonce")]
    Occupied,
    /// The node refuses it for some time, since it refused it before.
    #[error("the node refuses it for a while")]
    Banned,
    /// Something else, in the node's words.
    #[error("{0}")]
    Other(String),
}

/// Why a call failed in its block.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{pallet}.{name}")]
pub struct DispatchRefusal {
    /// The pallet whose error it is; empty for the runtime's own.
    pub pallet: String,
    /// The error's name in the metadata.
    pub name: String,
}

impl PoolRefusal {
    /// Reads what a node answers: the code of the JSON-RPC error, its message and its data.
    pub(crate) fn read(code: i32, message: &str, data: &str) -> Self {
        let text = format!("{message} {data}").to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        match code {
            1012 => return Self::Banned,
            1013 => return Self::Known,
            1014 => return Self::Occupied,
            _ => {}
        }
        // Nodes write the reason in words, test chains as JSON: `Custom error: 255`,
        // `{"invalid":{"custom":255}}`.
        if let Some(code) = number_after(&text, "custom") {
            Self::Custom(code)
        } else if has(&["outdated", "stale", "ancient"]) {
            Self::Outdated
        } else if has(&["bad signature", "badproof", "bad proof"]) {
            Self::BadSignature
        } else if has(&["will be valid in the future", "\"future\"", "future"]) {
            Self::Future
        } else if has(&["inability to pay", "payment"]) {
            Self::Payment
        } else {
            let words = if data.is_empty() { message } else { data };
            Self::Other(text::line(words, text::MESSAGE))
        }
    }
}

impl DispatchRefusal {
    /// Names an error by the runtime's metadata.
    pub(crate) fn read(runtime: &Runtime, bytes: &[u8]) -> Self {
        let metadata = runtime.client().metadata();
        let named = DispatchError::decode_from(bytes, metadata).map(|error| match error {
            DispatchError::Module(module) => match module.details() {
                Ok(details) => Self {
                    pallet: text::line(details.pallet.name(), text::NAME),
                    name: text::line(&details.variant.name, text::NAME),
                },
                Err(_) => Self::plain(module.details_string()),
            },
            other => Self::plain(format!("{other:?}")),
        });
        named.unwrap_or_else(|error| Self::plain(error.to_string()))
    }

    fn plain(name: String) -> Self {
        let (pallet, name) = (String::new(), text::line(&name, text::MESSAGE));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_nodes_and_of_test_chains() {
        let invalid = "Invalid Transaction";
        for (code, message, data, expected) in [
            (
                1010,
                invalid,
                "\"Custom error: 255\"",
                PoolRefusal::Custom(255),
            ),
            (
                1010,
                invalid,
                "{\"invalid\":{\"custom\":25}}",
                PoolRefusal::Custom(25),
            ),
            (
                1010,
                invalid,
                "\"Transaction is outdated\"",
                PoolRefusal::Outdated,
            ),
            (
                1010,
                invalid,
                "{\"invalid\":{\"stale\":null}}",
                PoolRefusal::Outdated,
            ),
            (
                1010,
                invalid,
                "{\"invalid\":{\"ancientBirthBlock\":null}}",
                PoolRefusal::Outdated,
            ),
            (
                1010,
                invalid,
                "\"Transaction has a bad signature\"",
                PoolRefusal::BadSignature,
            ),
            (
                1010,
                invalid,
                "{\"invalid\":{\"badProof\":null}}",
                PoolRefusal::BadSignature,
            ),
            (
                1010,
                invalid,
                "\"Transaction will be valid in the future\"",
                PoolRefusal::Future,
            ),
            (
                1010,
                invalid,
                "\"Inability to pay some fees (e.g. account balance too low)\"",
                PoolRefusal::Payment,
            ),
            (
                1012,
                "Transaction is temporarily banned",
                "",
                PoolRefusal::Banned,
            ),
            (1013, "Transaction Already Imported", "", PoolRefusal::Known),
            (
                1014,
                "Priority is too low: (1 vs 1)",
                "",
                PoolRefusal::Occupied,
            ),
            (
                1016,
                "Immediately Dropped",
                "",
                PoolRefusal::Other("Immediately Dropped".to_owned()),
            ),
        ] {
            assert_eq!(PoolRefusal::read(code, message, data), expected, "{data}");
        }
    }
}
