//! Why a wallet, or a key in it, cannot be had.
//!
//! No message and no variant holds a byte of a file or of a password: errors are logged and pasted.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::{Encryption, PasswordSource, Place, Remedy};

/// The most names that a message lists.
const MOST_NAMES: usize = 12;

/// Why a wallet, or a key in it, cannot be had. Messages are one line, without a full stop.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WalletError {
    /// The user must act: a name that no wallet or hotkey can have.
    #[error("{0} is not a name: give one without slashes, or WALLET/HOTKEY as the wallet's")]
    BadName(&'static str),

    /// The user must act: a hotkey both in the wallet's name and by itself.
    #[error("the hotkey is named twice: give WALLET/HOTKEY, or the two names by themselves")]
    TwoHotkeys,

    /// The user must act: the path begins with `~` and the system knows no home directory.
    #[error("there is no home directory that ~ could stand for: give the path of the wallets")]
    NoHome,

    /// The user must act: there is no such wallet.
    #[error("no wallet named {name} in {}; found: {}", folder.display(), listed(found))]
    NoWallet {
        /// The name looked for.
        name: String,
        /// Where it was looked for.
        folder: PathBuf,
        /// What there is, sorted.
        found: Vec<String>,
    },

    /// The user must act: the wallet has no such hotkey.
    #[error("no hotkey named {name} in {}; found: {}", folder.display(), listed(found))]
    NoHotkey {
        /// The name looked for.
        name: String,
        /// Where it was looked for.
        folder: PathBuf,
        /// What there is, sorted.
        found: Vec<String>,
    },

    /// The user must act: the wallet has no secret coldkey, as on a machine that only mines.
    #[error("the wallet has no coldkey at {}: sign where it is, or copy it there", .0.display())]
    NoColdkey(PathBuf),

    /// The user must act: the wallet has no public file of its coldkey.
    #[error("the wallet has no {}: make it with btcli wallet regen-coldkeypub", .0.display())]
    NoColdkeyPublic(PathBuf),

    /// The user must act: the hotkey has no public file, and its secret file is encrypted.
    #[error(
        "the hotkey at {} is encrypted and has no public file beside it: make that with btcli wallet \
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
        /// The system's account.
        #[source]
        error: io::Error,
    },

    /// The user must act: a directory or device where a file belongs.
    #[error("{} is not a file", .0.display())]
    NotAFile(PathBuf),

    /// The user must act: a file without a byte.
    #[error("{} is empty", .0.display())]
    Empty(PathBuf),

    /// The user must act: a file far too large for what it should be.
    #[error("{} has more than {most} bytes, so it is something else", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes that are read.
        most: usize,
    },

    /// The user must act: every user of the machine could read a secret, or put another in its place.
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
        /// How it can be closed.
        remedy: Remedy,
    },

    /// The user must act: another user could read a secret, or put another in its place.
    #[error(
        "{} belongs to user {owner}, and user {user} would sign: {}",
        path.display(),
        remedy.taking(*place, path, *user)
    )]
    Foreign {
        /// The file or folder, without links.
        path: PathBuf,
        /// What it is.
        place: Place,
        /// How modes and owners can be changed there.
        remedy: Remedy,
        /// The number of the user that it belongs to.
        owner: u32,
        /// The number of the user that this process is of.
        user: u32,
    },

    /// The user must act: the content of a file is no key, or not the one it claims to be.
    #[error("{} {flaw}", path.display())]
    Flawed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        flaw: Flaw,
    },

    /// The user must act: an encrypted file has lost bytes or its form. No password opens it.
    #[error("{} is damaged: it begins like {encryption} and does not go on so", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How it begins.
        encryption: Encryption,
    },

    /// The user must act: the password does not open the file. With these encryptions, damage to
    /// the file's last part looks the same.
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

    /// The user did not want to give the password.
    #[error("no password was given")]
    Declined,

    /// The user must act: the source of the password has none, or too long a one.
    #[error("{0} holds no password: expected 1 to {most} bytes", most = super::file::MAX_PASSWORD)]
    BadPassword(PasswordSource),

    /// The user must act: the password cannot be read from where it is said to be.
    #[error("cannot read the password from {source_of_it}: {error}")]
    UnreadablePassword {
        /// Where it is said to be.
        source_of_it: PasswordSource,
        /// The system's account.
        #[source]
        error: io::Error,
    },

    /// The user must act: the variable is not what Bittensor's tools write there.
    #[error("{0} is not base64, as btcli writes it: unset it, or use --password-file")]
    BadVariable(PasswordSource),

    /// The user must act: the secret key is not the one of the wallet's public file.
    #[error(
        "{} holds another key than the public file beside it: one of the two was replaced",
        .0.display()
    )]
    OtherKey(PathBuf),

    /// The system must be looked at: the encryption is made to need memory.
    #[error("not enough memory: opening {} takes 512 MiB", .0.display())]
    Memory(PathBuf),

    /// The system must be looked at: it does not let core dumps be switched off.
    #[error("cannot switch core dumps off, which could show a key: {0}")]
    Unprotected(#[source] io::Error),
}

impl WalletError {
    /// What a system means that does not give a file.
    pub(super) fn unreadable(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            ErrorKind::NotFound => Self::Missing(path),
            _ => Self::Unreadable { path, error },
        }
    }
}

/// What is wrong with the content of a key file. Reads on from the file's name.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Flaw {
    /// A path with an empty step.
    #[error("has a phrase with a derivation path that is none: expected //hard or /soft steps")]
    DerivationPath,
    /// A field that does not hold what it should.
    #[error("has a {0} that is none")]
    Field(&'static str),
    /// Not a JSON object, or one with a field twice.
    #[error("is no key file: its JSON is wrong at line {line}, column {column}")]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// Neither JSON nor digits nor words.
    #[error("is no key file: expected JSON, 64 or 128 hexadecimal digits, or a phrase")]
    NotAKey,
    /// Bytes that are not UTF-8, and no encryption that is known.
    #[error("is no key file: it is not text, nor encrypted in a known way")]
    NotText,
    /// No field with a public key.
    #[error(
        "does not say its public key: make its public file with btcli wallet regen-hotkeypub or \
         regen-coldkeypub"
    )]
    NoPublicKey,
    /// A public file where a secret one belongs.
    #[error("holds no secret key, only a public one: give the file of the secret key")]
    NoSecret,
    /// The secret gives another key than the file says.
    #[error("has an address that its secret does not give, with sr25519 nor with ed25519")]
    OtherAddress,
    /// The export of a browser's wallet.
    #[error(
        "is an export of polkadot.js: import it with btcli wallet regen-coldkey --json-path FILE"
    )]
    PolkadotJs,
    /// ed25519 knows hard steps alone.
    #[error("has a phrase with a /soft step, which ed25519 lacks")]
    SoftStep,
    /// Public fields that contradict each other.
    #[error("names two different public keys")]
    TwoPublicKeys,
    /// A `cryptoType` other than 0 and 1.
    #[error("has cryptoType {0}, which is unknown: expected 0 (ed25519) or 1 (sr25519)")]
    UnknownScheme(u64),
    /// A word of a phrase that is not on the list: which one, counted from 1.
    #[error("has a phrase whose word {0} is not on BIP39's English list")]
    UnknownWord(usize),
    /// Words that do not go together.
    #[error("has a phrase whose checksum is wrong: a word was changed, or two were swapped")]
    WordChecksum,
    /// So many words.
    #[error("has a phrase of {0} words: expected 12, 15, 18, 21 or 24")]
    WordCount(usize),
}

/// Names for a message: not too many, and that there are none.
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
