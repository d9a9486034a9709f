//! Where keys are found, and which files that needs.

use super::*;

#[test]
fn public_files_suffice_for_public_keys() {
    let folder = golden();
    let wallet = wallet(&folder, "miner");
    let hotkeys = wallet.folder().join("hotkeys");
    let public = format!(r#"{{"publicKey":"{}"}}"#, key(ALICE));
    // The files of a machine that only mines.
    fs::remove_file(wallet.folder().join("coldkey")).expect("removed");
    fs::remove_file(hotkeys.join("miner")).expect("removed");
    fs::write(hotkeys.join("minerpub.txt"), public).expect("written");
    assert_eq!(wallet.coldkey_public().expect("public"), key(ADDRESS));
    assert_eq!(wallet.hotkey_public().expect("public"), key(ALICE));
    assert!(matches!(wallet.coldkey(), Err(WalletError::NoColdkey(_))));
    assert!(matches!(wallet.hotkey(), Err(WalletError::NoHotkey { .. })));

    // A wrong public file is not ignored in favour of the secret one.
    private(&hotkeys.join("miner"), SEED.as_bytes());
    fs::write(hotkeys.join("minerpub.txt"), "{}").expect("written");
    let error = wallet.hotkey_public().expect_err("nothing in it");
    assert!(
        matches!(
            error,
            WalletError::Flawed {
                flaw: Flaw::NoPublicKey,
                ..
            }
        ),
        "{error}"
    );

    // Without one, a bare seed does not say its public key, and an encrypted file says nothing.
    fs::remove_file(hotkeys.join("minerpub.txt")).expect("removed");
    let error = wallet.hotkey_public().expect_err("a seed alone");
    assert!(
        matches!(
            error,
            WalletError::Flawed {
                flaw: Flaw::NoPublicKey,
                ..
            }
        ),
        "{error}"
    );
    assert_discreet_error(&error);
    private(
        &hotkeys.join("miner"),
        &fs::read(vectors().join("nacl")).expect("committed"),
    );
    assert!(matches!(
        wallet.hotkey_public(),
        Err(WalletError::EncryptedHotkey(_))
    ));

    fs::remove_file(wallet.folder().join("coldkeypub.txt")).expect("removed");
    assert!(matches!(
        wallet.coldkey_public(),
        Err(WalletError::NoColdkeyPublic(_))
    ));
}

#[test]
fn a_key_that_is_not_the_wallets_is_refused() {
    let folder = golden();
    let wallet = wallet(&folder, "miner");
    let public = format!(r#"{{"ss58Address":"{ALICE}"}}"#);
    fs::write(wallet.folder().join("hotkeys/minerpub.txt"), public).expect("written");
    let error = wallet.unlock_hotkey(&Passwords::new(None, &unset, &nobody));
    assert!(matches!(error, Err(WalletError::OtherKey(_))), "{error:?}");
}

#[test]
fn names_that_are_missing_list_the_others() {
    let folder = golden();
    let hotkeys = folder.path().join("golden/hotkeys");
    for file in ["miner.lock", "minerpub.txt", ".tmp", "another"] {
        fs::write(hotkeys.join(file), "x").expect("written");
    }
    let none = wallet(&folder, "none");
    assert_eq!(none.hotkey_names(), ["another", "miner"]);
    let error = none
        .hotkey_public()
        .expect_err("no such hotkey")
        .to_string();
    assert!(error.starts_with("no hotkey named none in "), "{error}");
    assert!(error.ends_with("; found: another, miner"), "{error}");

    fs::create_dir(folder.path().join("b")).expect("a directory");
    let none = Wallet::new(folder.path(), "none", None).expect("valid");
    for error in [
        none.coldkey_public().expect_err("no such wallet"),
        none.coldkey().expect_err("no such wallet"),
        none.hotkey_public().expect_err("no such wallet"),
    ] {
        assert!(error.to_string().ends_with("; found: b, golden"), "{error}");
    }
    let nowhere = Wallet::new(&folder.path().join("x"), "none", None).expect("valid");
    let error = nowhere.coldkey_public().expect_err("no such directory");
    assert!(error.to_string().ends_with("; found: none"), "{error}");
}
