//! Opening wallets: encryptions, keys and the habits of other programs.

use super::*;

#[test]
fn the_golden_wallet_opens() {
    let folder = golden();
    let wallet = wallet(&folder, "miner");
    assert_eq!(wallet.coldkey_public().expect("public"), key(ADDRESS));
    assert_eq!(wallet.hotkey_public().expect("public"), key(MINER));

    let coldkey = wallet.coldkey().expect("a file");
    assert_eq!(coldkey.encryption(), Some(Encryption::Nacl));
    assert_discreet(&coldkey, "");
    let typing = typing(PASSWORD);
    let passwords = Passwords::new(None, &unset, &typing);
    let pair = wallet.unlock_coldkey(&passwords).expect("the password");
    assert_eq!(
        (pair.public_key(), pair.scheme()),
        (key(ADDRESS), Scheme::Sr25519)
    );
    assert_signs(&pair);
    assert_discreet(&pair, "");

    // It needs no password, so nobody is asked for one.
    let nobody = Passwords::new(None, &unset, &nobody);
    let hotkey = wallet.hotkey().expect("a file");
    assert_eq!(hotkey.encryption(), None);
    assert_discreet(&hotkey, "");
    let pair = wallet.unlock_hotkey(&nobody).expect("plain");
    assert_eq!(pair.public_key(), key(MINER));
    assert_signs(&pair);
}

#[test]
fn every_encryption_opens_with_its_password_alone() {
    let folder = tempfile::tempdir().expect("a directory");
    for (file, encryption) in [
        ("ansible_vault", Encryption::AnsibleVault),
        ("fernet", Encryption::Fernet),
        ("nacl", Encryption::Nacl),
    ] {
        let path = folder.path().join(file);
        private(&path, &fs::read(vectors().join(file)).expect("committed"));
        let keyfile = Keyfile::read(&path, "key").expect("whole");
        assert_eq!(keyfile.encryption(), Some(encryption));
        assert_discreet(&keyfile, "");

        let right = typing(PASSWORD);
        let pair = keyfile
            .unlock(&Passwords::new(None, &unset, &right))
            .expect(file);
        assert_eq!(
            (pair.public_key(), pair.scheme()),
            (key(ED25519_ADDRESS), Scheme::Ed25519)
        );
        assert_signs(&pair);

        // Ten million rounds once are enough; the unit tests check how a wrong key is refused.
        if encryption != Encryption::Fernet {
            let wrong = variables(&[("BT_WALLET_PASSWORD", "canary")]);
            let error = keyfile.unlock(&Passwords::new(None, &wrong, &nobody));
            let error = error.expect_err("another password");
            assert!(
                matches!(error, WalletError::WrongPassword { .. }),
                "{error}"
            );
            assert_discreet_error(&error);
        }
    }
}

/// The known answer that `bittensor_core.decrypt_keyfile_data` confirms. Its content is public: the password opens it,
/// but it holds no secret.
#[test]
fn an_encrypted_file_may_hold_no_secret() {
    let file = "244e41434c000102030405060708090a0b0c0d0e0f1011121314151617ebb0e33e647b80b5216a4d92\
                626158cf22640583900283f7ca9a15c4a085c0d64f701cb2914646a5868555870cb8a108882272c57d\
                6f310aa502a49bee4b0a1ffc6af26abd47f6abe0e408fd6ce8dc62b3fe";
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("coldkey");
    private(&path, &hex(file));
    let keyfile = Keyfile::read(&path, "coldkey").expect("whole");
    let error = keyfile.unlock(&Passwords::new(None, &unset, &typing(PASSWORD)));
    let error = error.expect_err("public content");
    assert!(
        matches!(
            error,
            WalletError::Flawed {
                flaw: Flaw::NoSecret,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn every_known_key_is_derived() {
    let text = fs::read_to_string(vectors().join("keys.json")).expect("committed");
    let known: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    assert!(known.len() > 60, "too few: {}", known.len());
    for known in known {
        let text = |name: &str| known[name].as_str().expect("a string");
        let scheme = match text("scheme") {
            "ed25519" => Scheme::Ed25519,
            "sr25519" => Scheme::Sr25519,
            other => panic!("{other}"),
        };
        let check = |fields: String| {
            let file = format!("{{\"cryptoType\":{},{fields}}}", scheme.number());
            let pair = content(&file).expect(&file);
            assert_eq!(pair.public_key(), key(text("address")), "{known}");
            assert_eq!(pair.public_key(), key(text("public_key")), "{known}");
            assert_eq!(pair.scheme(), scheme, "{known}");
            assert_signs(&pair);
        };
        check(format!("\"secretPhrase\":{}", known["uri"]));
        if known.get("private_key").is_some() {
            check(format!("\"privateKey\":{}", known["private_key"]));
        }
    }
}

#[test]
fn what_other_programs_wrote_is_understood() {
    let phrase = format!(r#""secretPhrase":"{PHRASE}""#);
    let seed = format!(r#""secretSeed":"0x{SEED}""#);
    for (file, address) in [
        // Missing fields, and strings for numbers.
        (format!("{{{phrase}}}"), ADDRESS),
        (format!(r#"{{{phrase},"cryptoType":"1"}}"#), ADDRESS),
        (
            format!(r#"{{{phrase},"cryptoType":" 0 "}}"#),
            ED25519_ADDRESS,
        ),
        (
            format!(r#"{{{phrase},"cryptoType":null,"secretSeed":null}}"#),
            ADDRESS,
        ),
        (format!("\n {{ {phrase} }} \r\n"), ADDRESS),
        // Fields of newer programs.
        (
            format!(r#"{{{phrase},"accountType":"x","signingScheme":["y"]}}"#),
            ADDRESS,
        ),
        // The address decides about the scheme, under either of its names.
        (
            format!(r#"{{{phrase},"ss58Address":"{ED25519_ADDRESS}"}}"#),
            ED25519_ADDRESS,
        ),
        (
            format!(r#"{{{phrase}," ss58Address":"{ED25519_ADDRESS}"}}"#),
            ED25519_ADDRESS,
        ),
        (
            format!(r#"{{{seed},"cryptoType":0,"ss58Address":"{ADDRESS}"}}"#),
            ADDRESS,
        ),
        // The first of phrase, seed and private key decides.
        (
            format!(r#"{{{seed},"privateKey":"0x{ed}"}}"#, ed = "11".repeat(64)),
            ADDRESS,
        ),
        (format!(r#"{{"privateKey":"{EXPANDED}"}}"#), ADDRESS),
        (
            format!(r#"{{"privateKey":"0x{SEED}","cryptoType":0}}"#),
            ED25519_ADDRESS,
        ),
        (
            format!(r#"{{"privateKey":"0x{SEED}{SEED}","cryptoType":0}}"#),
            ED25519_ADDRESS,
        ),
        // Escapes, and wider spaces between words than usual.
        (
            format!(
                r#"{{"secret\u0050hrase":"{}"}}"#,
                PHRASE.replace(' ', r"\u0020\t")
            ),
            ADDRESS,
        ),
        (format!(r#"{{"secretPhrase":"{PHRASE}\/\/Alice"}}"#), CHILD),
        // No JSON at all.
        (SEED.to_owned(), ADDRESS),
        (format!("0x{SEED}\n"), ADDRESS),
        (EXPANDED.to_owned(), ADDRESS),
        (format!("{PHRASE}\n"), ADDRESS),
    ] {
        let pair = content(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(pair.public_key(), key(address), "{file}");
    }
    // A number of 64 digits is hexadecimal, too.
    assert!(content("12".repeat(32)).is_ok());
}

/// Editors on Windows begin a file with a mark and end lines with two characters.
#[test]
fn text_that_windows_editors_saved_is_read() {
    let marked = |text: &str| {
        let text = text.trim_end().replace('\n', "\r\n");
        format!("\u{feff}{text}\r\n").into_bytes()
    };
    let folder = golden();
    let wallet = wallet(&folder, "miner");
    let files = folder.path().join("golden");
    for file in ["coldkeypub.txt", "hotkeys/miner"] {
        let path = files.join(file);
        private(&path, &marked(&fs::read_to_string(&path).expect("text")));
    }
    private(&files.join("coldkey"), &marked(PHRASE));
    assert_eq!(wallet.coldkey_public().expect("public"), key(ADDRESS));
    assert_eq!(wallet.hotkey_public().expect("public"), key(MINER));
    let nobody = Passwords::new(None, &unset, &nobody);
    for pair in [
        wallet.unlock_coldkey(&nobody),
        wallet.unlock_hotkey(&nobody),
    ] {
        assert_signs(&pair.expect("plain"));
    }
    for text in [
        PHRASE,
        SEED,
        &format!("{{\n\"secretPhrase\": \"{PHRASE}\"\n}}"),
    ] {
        let pair = content(marked(text)).expect("a key");
        assert_eq!(pair.public_key(), key(ADDRESS));
    }

    // Encrypted files that are text, and the file of their password.
    for (file, encryption) in [
        ("ansible_vault", Encryption::AnsibleVault),
        ("fernet", Encryption::Fernet),
    ] {
        let path = folder.path().join(file);
        let text = fs::read_to_string(vectors().join(file)).expect("text");
        private(&path, &marked(&text));
        let keyfile = Keyfile::read(&path, "key").expect("whole");
        assert_eq!(keyfile.encryption(), Some(encryption));
        let password = folder.path().join("password");
        private(&password, &marked(PASSWORD));
        // Ten million rounds once are enough.
        if encryption == Encryption::AnsibleVault {
            let option = Some(PasswordOption::File(password));
            let pair = keyfile.unlock(&Passwords::new(option, &unset, &super::nobody));
            assert_eq!(
                pair.expect("the password").public_key(),
                key(ED25519_ADDRESS)
            );
        }
    }

    // PowerShell's `>` writes two bytes for each letter.
    let utf16: Vec<u8> = "\u{feff}{}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let error = content(utf16).expect_err("no text");
    assert!(error.to_string().ends_with("save it as UTF-8"), "{error}");
}
