//! Wallets in btcli's layout, with secrets that everybody knows.

use std::{
    fs,
    path::{Path, PathBuf},
};

use btpow_devnet::Account;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The phrase that the development accounts are derived from.
const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

/// The password of every encrypted file in `tests/vectors/wallets`.
pub(crate) const PASSWORD: &str = "golden-test-password";

/// `//Alice` as the other kind of key. It has no balance on the test chain.
pub(crate) const ALICE_ED25519: Account = Account {
    uri: "//Alice",
    public: key(b"88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"),
    ss58: "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu",
};

/// The coldkey of [`Wallet::golden`].
pub(crate) const GOLDEN: Account = Account {
    uri: "",
    public: key(b"66933bd1f37070ef87bd1198af3dacceb095237f803f3d32b173e6b425ed7972"),
    ss58: "5EPCUjPxiHAcNooYipQFWr9NmmXJKpNG5RhcntXwbtUySrgH",
};

/// The coldkey of [`Wallet::encrypted`]: the same phrase as the other kind of key.
const GOLDEN_ED25519: Account = Account {
    uri: "",
    public: key(b"9125f505bdef2cb5825b9931769316d3e2f22150786489a04f39b434ec9fb294"),
    ss58: "5FM25N8HGtacre9TnWQGRK32d1kUp1Gs6Dd7YiYpSPZLjmj6",
};

/// A folder with one wallet called `default`, whose hotkey is called `default` too. Dropping it deletes it.
pub(crate) struct Wallet(TempDir);

impl Wallet {
    /// With secrets that are not encrypted.
    pub(crate) fn new(coldkey: &Account, hotkey: &Account) -> Self {
        let wallet = Self::public(coldkey, hotkey);
        wallet.write("coldkey", secret(coldkey).to_string());
        wallet.write("hotkeys/default", secret(hotkey).to_string());
        wallet
    }

    /// Without any secret.
    pub(crate) fn public(coldkey: &Account, hotkey: &Account) -> Self {
        let wallet = Self(tempfile::tempdir().expect("a folder"));
        wallet.write("coldkeypub.txt", public(coldkey).to_string());
        wallet.write("hotkeys/defaultpub.txt", public(hotkey).to_string());
        wallet
    }

    /// Gives it one more hotkey, which is not encrypted.
    pub(crate) fn add_hotkey(&self, name: &str, hotkey: &Account) {
        self.write(&format!("hotkeys/{name}"), secret(hotkey).to_string());
        let public = public(hotkey).to_string();
        self.write(&format!("hotkeys/{name}pub.txt"), public);
    }

    /// Puts another wallet beside it, without encryption.
    pub(crate) fn add_wallet(&self, name: &str, coldkey: &Account, hotkey: &Account) {
        for (file, value) in [
            ("coldkey", secret(coldkey)),
            ("coldkeypub.txt", public(coldkey)),
            ("hotkeys/default", secret(hotkey)),
            ("hotkeys/defaultpub.txt", public(hotkey)),
        ] {
            self.write(&format!("../{name}/{file}"), value.to_string());
        }
    }

    /// The wallet of `tests/vectors`, and its hotkey. Its coldkey is encrypted as btcli does it, and takes seconds and
    /// 512 MiB to open.
    pub(crate) fn golden() -> Self {
        let wallet = Self(tempfile::tempdir().expect("a folder"));
        for (from, to) in [
            ("golden/coldkey", "coldkey"),
            ("golden/coldkeypub.txt", "coldkeypub.txt"),
            ("golden/hotkeys/miner", "hotkeys/default"),
        ] {
            wallet.write(to, vector(from));
        }
        wallet
    }

    /// With an encrypted coldkey that opens at once, and this hotkey.
    pub(crate) fn encrypted(hotkey: &Account) -> Self {
        let wallet = Self::public(&GOLDEN_ED25519, hotkey);
        wallet.write("coldkey", vector("ansible_vault"));
        wallet
    }

    /// As an editor of Windows saves it, in a folder whose name has spaces and letters beyond ASCII.
    pub(crate) fn of_windows(coldkey: &Account, hotkey: &Account) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("Meine Schl\u{fc}ssel ")
            .tempdir();
        let wallet = Self(folder.expect("a folder"));
        for (name, value) in [
            ("coldkey", secret(coldkey)),
            ("coldkeypub.txt", public(coldkey)),
            ("hotkeys/default", secret(hotkey)),
            ("hotkeys/defaultpub.txt", public(hotkey)),
        ] {
            wallet.write(name, saved_by_windows(&format!("{value:#}")));
        }
        wallet
    }

    /// The folder of wallets, for `--wallet-path`.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file of the wallet that only its owner may read.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join("default").join(name);
        let folder = path.parent().expect("it is in a folder");
        fs::create_dir_all(folder).expect("a folder");
        fs::write(&path, content).expect("written");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;

            let owner = fs::Permissions::from_mode(0o600);
            fs::set_permissions(&path, owner).expect("its owner's alone");
        }
        path
    }
}

/// With line ends of two characters.
pub(crate) fn saved_by_windows(text: &str) -> String {
    text.replace('\n', "\r\n") + "\r\n"
}

fn public(account: &Account) -> Value {
    let key: String = account
        .public
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    json!({
        "accountId": format!("0x{key}"),
        "publicKey": format!("0x{key}"),
        "ss58Address": account.ss58,
    })
}

fn secret(account: &Account) -> Value {
    let mut fields = public(account);
    fields["secretPhrase"] = format!("{PHRASE}{}", account.uri).into();
    fields["cryptoType"] = i32::from(*account != ALICE_ED25519).into();
    fields
}

fn vector(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/wallets");
    let path = folder.join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// 32 bytes from 64 lower-case hexadecimal digits.
const fn key(hex: &[u8; 64]) -> [u8; 32] {
    const fn digit(character: u8) -> u8 {
        match character {
            b'0'..=b'9' => character - b'0',
            _ => character - b'a' + 10,
        }
    }
    let mut bytes = [0; 32];
    let mut i = 0;
    while i < 32 {
        bytes[i] = digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]);
        i += 1;
    }
    bytes
}
