//! Refusals, and the line that says why.

use super::*;

#[test]
fn what_is_no_key_says_why() {
    let phrase = |phrase: &str| format!(r#"{{"secretPhrase":"{phrase}"}}"#);
    let with = |field: &str| format!(r#"{{"secretPhrase":"{PHRASE}",{field}}}"#);
    for (file, expected) in [
        (
            format!(r#"{{"ss58Address":"{ADDRESS}","cryptoType":1}}"#),
            Flaw::NoSecret,
        ),
        ("{}".to_owned(), Flaw::NoSecret),
        (
            with(&format!(r#""ss58Address":"{ALICE}""#)),
            Flaw::OtherAddress,
        ),
        (
            with(&format!(r#""publicKey":"0x{}""#, "11".repeat(32))),
            Flaw::OtherAddress,
        ),
        (
            with(&format!(
                r#""ss58Address":"{ADDRESS}"," ss58Address":"{ALICE}""#
            )),
            Flaw::TwoPublicKeys,
        ),
        (
            with(r#""ss58Address":"5Grwva""#),
            Flaw::Field("ss58Address"),
        ),
        (with(r#""cryptoType":2"#), Flaw::UnknownScheme(2)),
        (with(r#""cryptoType":"77""#), Flaw::UnknownScheme(77)),
        (with(r#""cryptoType":-1"#), Flaw::Field("cryptoType")),
        (with(r#""cryptoType":[]"#), Flaw::Field("cryptoType")),
        (
            r#"{"encoded":"canary","encoding":{"version":"3"},"address":"x"}"#.to_owned(),
            Flaw::PolkadotJs,
        ),
        (
            r#"{"secretPhrase":["canary"]}"#.to_owned(),
            Flaw::Field("secretPhrase"),
        ),
        (
            r#"{"secretSeed":"0xcanary"}"#.to_owned(),
            Flaw::Field("secretSeed"),
        ),
        (
            format!(r#"{{"secretSeed":"0x{EXPANDED}"}}"#),
            Flaw::Field("secretSeed"),
        ),
        (r#"{"secretSeed":12}"#.to_owned(), Flaw::Field("secretSeed")),
        (
            r#"{"privateKey":"0xaabb"}"#.to_owned(),
            Flaw::Field("privateKey"),
        ),
        (
            format!(r#"{{"privateKey":"{}"}}"#, "ff".repeat(64)),
            Flaw::Field("privateKey"),
        ),
        (phrase("canary"), Flaw::WordCount(1)),
        (phrase(""), Flaw::WordCount(0)),
        (phrase("///password"), Flaw::WordCount(0)),
        (
            phrase(&PHRASE.replace("about", "canary")),
            Flaw::UnknownWord(12),
        ),
        (
            phrase(&PHRASE.replace("about", "ABOUT")),
            Flaw::UnknownWord(12),
        ),
        (
            phrase(&PHRASE.replace("about", "abandon")),
            Flaw::WordChecksum,
        ),
        (phrase(&format!("{PHRASE}//a/")), Flaw::DerivationPath),
        (
            format!(r#"{{"cryptoType":0,"secretPhrase":"{PHRASE}/soft"}}"#),
            Flaw::SoftStep,
        ),
        (
            with(r#""secretPhrase":"canary""#),
            Flaw::Json {
                line: 1,
                column: 126,
            },
        ),
        (
            "{\n\"secretSeed\": canary".to_owned(),
            Flaw::Json {
                line: 2,
                column: 15,
            },
        ),
        ("canary".to_owned(), Flaw::NotAKey),
        ("[1]".to_owned(), Flaw::NotAKey),
        (" \n".to_owned(), Flaw::NotAKey),
        (SEED[1..].to_owned(), Flaw::NotAKey),
        (PHRASE.replace("about", "canary"), Flaw::UnknownWord(12)),
        (PHRASE.replace(" about", ""), Flaw::WordCount(11)),
    ] {
        assert_eq!(flaw(&file), expected, "{file}");
        assert_discreet_error(&content(&file).expect_err("a flaw"));
    }
    assert_eq!(flaw([0xff, 0xfd, 0x00]), Flaw::NotText);
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("key");
    let read = || Keyfile::read(&path, "key").expect_err("unreadable");
    assert!(matches!(read(), WalletError::Missing(_)));
    private(&path, b"");
    assert!(matches!(read(), WalletError::Empty(_)));
    private(&path, &vec![b'a'; (1 << 20) + 1]);
    assert!(matches!(
        read(),
        WalletError::TooLarge {
            most: 0x0010_0000,
            ..
        }
    ));
    for damaged in [
        "$NACL",
        "$ANSIBLE_VAULT;1.1;AES256\n00",
        "gAAAAA",
        "gAAAAABlU_",
    ] {
        private(&path, damaged.as_bytes());
        assert!(matches!(read(), WalletError::Damaged { .. }), "{damaged}");
    }
    fs::remove_file(&path).expect("removed");
    fs::create_dir(&path).expect("a directory");
    assert!(matches!(read(), WalletError::NotAFile(_)));
}
