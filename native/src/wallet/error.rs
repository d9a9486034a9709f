//! Why a wallet, or a key in it, cannot be used.
//!
//! No message and no variant holds a byte of a file or of a password, since people log and paste errors.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::{Encryption, PasswordSource, Place, Remedy};

/// The most names that a message lists.
const MOST_NAMES: usize = 12;

/// Why a wallet, or a key in it, cannot be used. Messages are one line, without a full stop.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WalletError {
    /// The user must act: a name that no wallet or hotkey can have.
    #[error(
        "{0} has no valid name: give one without slashes, or WALLET/HOTKEY as the wallet's name"
    )]
    BadName(&'static str),

    /// The user must act: the hotkey is named in the wallet's name and by itself.
    #[error("the hotkey is named twice: give WALLET/HOTKEY, or each name by itself")]
    TwoHotkeys,

    /// The user must act: the path begins with `~` and the system knows no home directory.
    #[error(
        "there is no home directory for ~ to stand for: set HOME, or give the folder of the wallets with \
         --wallet-path"
    )]
    NoHome,

    /// The user must act: there is no such wallet.
    #[error("no wallet named {name} in {}; found: {}", folder.display(), listed(found))]
    NoWallet {
        /// The name looked for.
        name: String,
        /// Where it was looked for.
        folder: PathBuf,
        /// The names found, sorted.
        found: Vec<String>,
    },

    /// The user must act: the wallet has no such hotkey.
    #[error("no hotkey named {name} in {}; found: {}", folder.display(), listed(found))]
    NoHotkey {
        /// The name looked for.
        name: String,
        /// Where it was looked for.
        folder: PathBuf,
        /// The names found, sorted.
        found: Vec<String>,
    },

    /// The user must act: the wallet has no secret coldkey, as on a machine that only mines.
    #[error(
        "the wallet has no coldkey at {}, and `btpow register` signs with it: copy it there, or use `btpow mine`, which \
         needs public keys only, and sign where it is",
        .0.display()
    )]
    NoColdkey(PathBuf),

    /// The user must act: the wallet has no public file of its coldkey.
    #[error("the wallet has no {}: make it with btcli wallet regen-coldkeypub", .0.display())]
    NoColdkeyPublic(PathBuf),

    /// The user must act: the hotkey has no public file, and its secret file is encrypted.
    #[error(
        "the hotkey at {} is encrypted and has no public file beside it: make one with btcli wallet \
         regen-hotkeypub",
        .0.display()
    )]
    EncryptedHotkey(PathBuf),

    /// The user must act: there is no such file.
    #[error("there is no file {}", .0.display())]
    Missing(PathBuf),

    /// The user must act: a file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        error: io::Error,
    },

    /// The user must act: there is a directory or device in place of a file.
    #[error("{} is not a file", .0.display())]
    NotAFile(PathBuf),

    /// The user must act: the file is empty.
    #[error("{} is empty", .0.display())]
    Empty(PathBuf),

    /// The user must act: the file is far too large.
    #[error("{} has more than {most} bytes, so it must be something else", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes to read.
        most: usize,
    },

    /// The user must act: every user of the machine could read or replace a secret.
    #[error(
        "{} is open to every user of this machine: {}",
        path.display(),
        remedy.closing(*place, path)
    )]
    Exposed {
        /// The file or folder, without links.
        path: PathBuf,
        /// What it is.
        place: Place,
        /// How to close it.
        remedy: Remedy,
    },

    /// The user must act: another user could read or replace a secret.
    #[error(
        "{} belongs to user {owner}, but user {user} {}: {}",
        path.display(),
        place.use_of_it(),
        remedy.taking(*place, path, *user)
    )]
    Foreign {
        /// The file or folder, without links.
        path: PathBuf,
        /// What it is.
        place: Place,
        /// How to change modes and owners there.
        remedy: Remedy,
        /// The number of the user who owns it.
        owner: u32,
        /// The number of this process's user.
        user: u32,
    },

    /// The user must act: the content of a file is not a key, or not the key that it claims to be.
    #[error("{} {flaw}", path.display())]
    Flawed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        flaw: Flaw,
    },

    /// The user must act: an encrypted file has lost bytes or its form. No password opens it.
    #[error("{} is damaged: it begins like {encryption}, but the rest does not match", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How it begins.
        encryption: Encryption,
    },

    /// The user must act: the password does not open the file. With these encryptions, damage to the file's
    /// last part looks the same.
    #[error(
        "the password from {source_of_it} does not open {}: it is wrong, or the file is damaged",
        path.display()
    )]
    WrongPassword {
        /// The file.
        path: PathBuf,
        /// Where the password came from.
        source_of_it: PasswordSource,
    },

    /// The user must act: a password is needed, and there is nobody to ask.
    #[error(
        "{} is encrypted and there is no terminal to ask for its password: add --password-file",
        path.display()
    )]
    NoPassword {
        /// The file.
        path: PathBuf,
        /// Why nobody can be asked.
        #[source]
        error: io::Error,
    },

    /// The user did not give the password.
    #[error("no password was given")]
    Declined,

    /// The user must act: the source holds no password, or one that is too long.
    #[error("{0} holds no password: expected 1 to {most} bytes", most = super::file::MAX_PASSWORD)]
    BadPassword(PasswordSource),

    /// The user must act: the source of the password cannot be read.
    #[error("cannot read the password from {source_of_it}: {error}")]
    UnreadablePassword {
        /// The source.
        source_of_it: PasswordSource,
        /// The system's error.
        #[source]
        error: io::Error,
    },

    /// The user must act: the variable does not hold what Bittensor's tools write.
    #[error("{0} is not base64, as btcli writes it: unset it, or use --password-file")]
    BadVariable(PasswordSource),

    /// The user must act: the secret key does not match the wallet's public file.
    #[error(
        "{} holds another key than the public file beside it: one of the two was replaced",
        .0.display()
    )]
    OtherKey(PathBuf),

    /// Check the system: the encryption needs much memory by design.
    #[error("not enough memory: opening {} takes 512 MiB", .0.display())]
    Memory(PathBuf),

    /// Check the system: it does not allow core dumps to be switched off.
    #[error("cannot switch off core dumps, which could reveal a key: {0}")]
    Unprotected(#[source] io::Error),
}

impl WalletError {
    /// What it means that the system does not open a file.
    pub(super) fn unreadable(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            ErrorKind::NotFound => Self::Missing(path),
            _ => Self::Unreadable { path, error },
        }
    }
}

/// What is wrong with the content of a key file, in words that follow the file's name.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Flaw {
    /// A path with an empty step.
    #[error("has a phrase with an invalid derivation path: expected //hard or /soft steps")]
    DerivationPath,
    /// A field with a wrong value.
    #[error("has an invalid {0}")]
    Field(&'static str),
    /// Not a JSON object, or one with a field twice.
    #[error("is not a key file: its JSON is wrong at line {line}, column {column}")]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// Neither JSON nor digits nor words.
    #[error("is not a key file: expected JSON, 64 or 128 hexadecimal digits, or a phrase")]
    NotAKey,
    /// Bytes that are neither UTF-8 nor a known encryption.
    #[error("is not a key file: it is neither text nor encrypted in a known way")]
    NotText,
    /// No field with a public key.
    #[error(
        "does not say its public key: make its public file with btcli wallet regen-hotkeypub or \
         regen-coldkeypub"
    )]
    NoPublicKey,
    /// A public file in place of a secret one.
    #[error("holds no secret key, only a public one: give the file of the secret key")]
    NoSecret,
    /// The secret gives another key than the file says.
    #[error("has an address that does not match its secret, neither with sr25519 nor with ed25519")]
    OtherAddress,
    /// The export of a browser's wallet.
    #[error(
        "is an export of polkadot.js: import it with btcli wallet regen-coldkey --json-path FILE"
    )]
    PolkadotJs,
    /// ed25519 has only hard steps.
    #[error("has a phrase with a /soft step, which ed25519 lacks")]
    SoftStep,
    /// Public fields that contradict each other.
    #[error("names two different public keys")]
    TwoPublicKeys,
    /// A `cryptoType` other than 0 and 1.
    #[error("has cryptoType {0}, which is unknown: expected 0 (ed25519) or 1 (sr25519)")]
    UnknownScheme(u64),
    /// A word of a phrase is not on the list; its place, counted from 1.
    #[error("has a phrase whose word {0} is not on BIP39's English list")]
    UnknownWord(usize),
    /// The checksum of a phrase is wrong.
    #[error("has a phrase whose checksum is wrong: a word was changed, or two were swapped")]
    WordChecksum,
    /// A phrase with a wrong number of words.
    #[error("has a phrase of {0} words: expected 12, 15, 18, 21 or 24")]
    WordCount(usize),
}

/// Names for a message: not too many, or "none".
fn listed(names: &[String]) -> String {
    match names.len() {
        0 => "none".to_owned(),
        count if count <= MOST_NAMES => names.join(", "),
        count => {
            let (shown, left) = (names[..MOST_NAMES].join(", "), count - MOST_NAMES);
            format!("{shown} and {left} more")
        }
    }
}
