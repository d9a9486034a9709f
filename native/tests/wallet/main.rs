//! Wallets as other programs write them, opened from disk.

#[cfg(unix)]
mod modes;
mod names;
mod opening;
mod passwords;
mod refusals;

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use btpow::wallet::{
    Encryption, Flaw, Keyfile, Keypair, Password, PasswordOption, PasswordSource, Passwords,
    Wallet, WalletError,
};
use btpow_core::{PublicKey, Seal};
use btpow_forgery::Forgery;
use btpow_registration::{Call, Identity, Payload, Proof, Runtime, Scheme};
use serde_json::Value;
use tempfile::TempDir;

/// The password of every encrypted file in `tests/vectors/wallets`.
const PASSWORD: &str = "golden-test-password";

/// The phrase of the golden coldkey, and of the other encrypted files.
const PHRASE: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
                      abandon abandon about";

/// Its seed, its sr25519 key expanded, and its two addresses.
const SEED: &str = "4ed8d4b17698ddeaa1f1559f152f87b5d472f725ca86d341bd0276f1b61197e2";
const EXPANDED: &str = "2ec306fc1c5bc2f0e3a2c7a6ec6014ca4a0823a7d7d42ad5e9d7f376a1c36c0d\
                        14a2ddb1ef1df4adba49f3a4d8c0f6205117907265f09a53ccf07a4e8616dfd8";
const ADDRESS: &str = "5EPCUjPxiHAcNooYipQFWr9NmmXJKpNG5RhcntXwbtUySrgH";
const ED25519_ADDRESS: &str = "5FM25N8HGtacre9TnWQGRK32d1kUp1Gs6Dd7YiYpSPZLjmj6";

/// The address of the phrase followed by `//Alice`.
const CHILD: &str = "5HiW7jbheEg2KZQqPiZEq9GgrLTnTDdVifTD6QjEbge7U6EM";

/// The development account `//Alice`.
const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

/// The golden hotkey.
const MINER: &str = "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV";

/// Everything above that must never be shown, and the golden hotkey's.
const CANARIES: [&str; 8] = [
    PASSWORD,
    PHRASE,
    "bottom drive obey",
    SEED,
    "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e",
    "2ec306fc1c5bc2f0",
    "05d65584630d16cd",
    "canary",
];

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/wallets")
}

/// A directory with the golden wallet, closed to others as wallets are.
fn golden() -> TempDir {
    let folder = tempfile::tempdir().expect("a directory");
    let (from, to) = (vectors().join("golden"), folder.path().join("golden"));
    fs::create_dir_all(to.join("hotkeys")).expect("a directory");
    for file in ["coldkey", "coldkeypub.txt", "hotkeys/miner"] {
        private(
            &to.join(file),
            &fs::read(from.join(file)).expect("committed"),
        );
    }
    folder
}

/// Writes a file that its owner alone can read.
fn private(path: &Path, content: &[u8]) {
    fs::write(path, content).expect("written");
    mode(path, 0o600);
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("changed");
}

#[cfg(not(unix))]
fn mode(_: &Path, _: u32) {}

fn wallet(folder: &TempDir, hotkey: &str) -> Wallet {
    Wallet::new(folder.path(), "golden", Some(hotkey)).expect("valid names")
}

fn key(text: &str) -> PublicKey {
    text.parse().expect("a key")
}

/// No variables.
fn unset(_: &str) -> Option<OsString> {
    None
}

/// Nobody to ask.
fn nobody(_: &str) -> io::Result<Password> {
    Err(io::Error::from(io::ErrorKind::NotFound))
}

/// Somebody who types the same each time.
fn typing(password: &str) -> impl Fn(&str) -> io::Result<Password> {
    move |_| Ok(Password::from(password.to_owned()))
}

/// The result of a file with this content, without any password.
fn content(content: impl AsRef<[u8]>) -> Result<Keypair, WalletError> {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("key");
    private(&path, content.as_ref());
    Keyfile::read(&path, "key")?.unlock(&Passwords::new(None, &unset, &nobody))
}

fn flaw(text: impl AsRef<[u8]>) -> Flaw {
    match content(text) {
        Err(WalletError::Flawed { flaw, .. }) => flaw,
        other => panic!("{other:?}"),
    }
}

/// Panics when the output of `thing` contains a secret.
fn assert_discreet(thing: impl core::fmt::Debug, display: &str) {
    let shown = format!("{thing:?} {thing:#?} {display}").to_lowercase();
    for canary in CANARIES {
        assert!(!shown.contains(canary), "{canary} in {shown}");
    }
    assert_eq!(
        display.lines().count(),
        usize::from(!display.is_empty()),
        "{display}"
    );
}

fn assert_discreet_error(error: &WalletError) {
    assert_discreet(error, &error.to_string());
}

/// Checks that a key's signatures verify with its public key.
fn assert_signs(pair: &Keypair) {
    let payload = payload();
    let (message, signature) = (payload.message(), pair.sign(&payload));
    assert_eq!(signature.scheme, pair.scheme());
    let (public, signature) = (pair.public_key().0, signature.bytes);
    match pair.scheme() {
        Scheme::Sr25519 => {
            let signature = schnorrkel::Signature::from_bytes(&signature).expect("a signature");
            schnorrkel::PublicKey::from_bytes(&public)
                .and_then(|key| key.verify_simple(b"substrate", &message, &signature))
                .expect("it verifies");
        }
        Scheme::Ed25519 => ed25519_dalek::VerifyingKey::from_bytes(&public)
            .and_then(|key| key.verify_strict(&message, &signature.into()))
            .expect("it verifies"),
    }
}

/// Something to sign: a key signs nothing but payloads.
fn payload() -> Payload {
    let [metadata, _] = Forgery::of_475();
    let identity = Identity {
        name: "node-subtensor",
        spec_version: 475,
        transaction_version: 1,
        genesis: [1; 32],
    };
    let call = Call::PowRegister {
        netuid: 1,
        proof: Proof {
            work_block: 2,
            nonce: 3,
            seal: Seal([4; 32]),
        },
        hotkey: PublicKey([5; 32]),
    };
    let runtime = Runtime::compare(identity, &metadata.encode());
    runtime.payload(call, [6; 32], 7).expect("a payload")
}

fn hex(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn variables(set: &[(&str, &str)]) -> impl Fn(&str) -> Option<OsString> + use<> {
    let set: Vec<_> = set
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.into()))
        .collect();
    move |wanted| {
        set.iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value): &(_, OsString)| value.clone())
    }
}
