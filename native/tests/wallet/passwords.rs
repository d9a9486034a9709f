//! Where passwords come from.

use core::cell::RefCell;

use super::*;

#[test]
fn a_person_has_three_tries() {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("vault");
    // The one of the three encryptions that refuses quickly.
    private(
        &path,
        &fs::read(vectors().join("ansible_vault")).expect("committed"),
    );
    let keyfile = Keyfile::read(&path, "coldkey default").expect("whole");
    let asked = |right_at: usize| {
        let prompts = RefCell::new(Vec::new());
        let typing = |prompt: &str| {
            prompts.borrow_mut().push(prompt.to_owned());
            let right = prompts.borrow().len() == right_at;
            Ok(Password::from(
                if right { PASSWORD } else { "canary" }.to_owned(),
            ))
        };
        let opened = keyfile.unlock(&Passwords::new(None, &unset, &typing));
        (opened, prompts.into_inner())
    };
    let all = [
        "password for coldkey default: ",
        "wrong password, 2 tries left; password for coldkey default: ",
        "wrong password, last try; password for coldkey default: ",
    ];
    for right_at in 1..=3 {
        let (opened, prompts) = asked(right_at);
        opened.expect("the password in the end");
        assert_eq!(prompts, all[..right_at]);
    }
    let (opened, prompts) = asked(4);
    let error = opened.expect_err("never the password");
    assert_eq!(prompts, all);
    let source_of_it = PasswordSource::Terminal;
    assert!(
        matches!(&error, WalletError::WrongPassword { source_of_it: it, .. } if *it == source_of_it)
    );
    assert_discreet_error(&error);

    let gone = |_: &str| Err(io::Error::from(io::ErrorKind::UnexpectedEof));
    let declined = keyfile.unlock(&Passwords::new(None, &unset, &gone));
    assert!(
        matches!(declined, Err(WalletError::Declined)),
        "{declined:?}"
    );
    let error = keyfile.unlock(&Passwords::new(None, &unset, &nobody));
    let error = error.expect_err("nobody to ask");
    assert!(
        error.to_string().ends_with("add --password-file"),
        "{error}"
    );
}

#[test]
fn the_first_source_that_says_anything_is_final() {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("Vault.1");
    private(
        &path,
        &fs::read(vectors().join("ansible_vault")).expect("committed"),
    );
    let (right, wrong) = (folder.path().join("right"), folder.path().join("wrong"));
    private(&right, format!("{PASSWORD}\n").as_bytes());
    private(&wrong, b"canary\n");
    let keyfile = Keyfile::read(&path, "key").expect("whole");

    let name = path
        .to_string_lossy()
        .replace(['/', '\\', '.'], "_")
        .to_uppercase();
    let name = format!("BT_PW_{name}");
    let mask = |password: &str| {
        use base64::{Engine, prelude::BASE64_STANDARD};
        let masked = password
            .bytes()
            .zip(name.bytes().cycle())
            .map(|(byte, mask)| byte ^ mask);
        BASE64_STANDARD.encode(masked.collect::<Vec<_>>())
    };
    let (masked, masked_wrong) = (mask(PASSWORD), mask("canary"));
    let file = |path: &Path| Some(PasswordOption::File(path.to_owned()));
    let (right_path, wrong_path) = (right.to_string_lossy(), wrong.to_string_lossy());
    let (plain, from_file) = ("BT_WALLET_PASSWORD", "BT_WALLET_PASSWORD_FILE");

    for (option, set, opens) in [
        (file(&right), vec![(plain, "canary")], true),
        (file(&wrong), vec![(plain, PASSWORD)], false),
        (None, vec![(plain, PASSWORD), (&name, &masked_wrong)], true),
        (None, vec![(plain, "canary"), (&name, &masked)], false),
        (
            None,
            vec![(plain, ""), (&name, &masked), (from_file, &wrong_path)],
            true,
        ),
        (
            None,
            vec![(&name, &masked_wrong), (from_file, &right_path)],
            false,
        ),
        (None, vec![(from_file, &right_path)], true),
        (None, vec![(from_file, &wrong_path)], false),
    ] {
        let set = variables(&set);
        let asked = |_: &str| panic!("nobody may be asked");
        let passwords = Passwords::new(option, &set, &asked);
        assert_discreet(&passwords, "");
        match keyfile.unlock(&passwords) {
            Ok(_) => assert!(opens, "{passwords:?}"),
            Err(error) => {
                assert!(
                    !opens && matches!(error, WalletError::WrongPassword { .. }),
                    "{error}"
                );
                assert_discreet_error(&error);
            }
        }
    }

    let garbled = variables(&[(&name, "canary!")]);
    let error = keyfile.unlock(&Passwords::new(None, &garbled, &nobody));
    let error = error.expect_err("no base 64");
    assert!(matches!(error, WalletError::BadVariable(_)), "{error}");
    assert_discreet_error(&error);
}

#[test]
fn password_files_are_as_secret_as_keys() {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("vault");
    private(
        &path,
        &fs::read(vectors().join("ansible_vault")).expect("committed"),
    );
    let keyfile = Keyfile::read(&path, "key").expect("whole");
    let file = folder.path().join("password");
    let open = || {
        let option = Some(PasswordOption::File(file.clone()));
        keyfile.unlock(&Passwords::new(option, &unset, &nobody))
    };
    assert!(matches!(open(), Err(WalletError::Missing(_))));
    private(&file, b"\n");
    assert!(matches!(open(), Err(WalletError::BadPassword(_))));
    private(&file, b"");
    assert!(matches!(open(), Err(WalletError::Empty(_))));
    private(&file, &[b'a'; 4_097]);
    assert!(matches!(open(), Err(WalletError::TooLarge { .. })));
    private(&file, PASSWORD.as_bytes());
    open().expect("closed to others");
    #[cfg(unix)]
    {
        mode(&file, 0o644);
        assert!(matches!(open(), Err(WalletError::Exposed { .. })));
    }
    fs::remove_file(&file).expect("removed");
    fs::create_dir(&file).expect("a directory");
    assert!(matches!(open(), Err(WalletError::NotAFile(_))));
}

#[cfg(unix)]
#[test]
fn a_password_comes_through_a_descriptor() {
    use std::{io::Write, os::fd::AsRawFd};

    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("vault");
    private(
        &path,
        &fs::read(vectors().join("ansible_vault")).expect("committed"),
    );
    let keyfile = Keyfile::read(&path, "key").expect("whole");
    // The state after the program has hardened itself.
    btpow::wallet::harden().expect("nothing forbids it");

    let (reader, mut writer) = io::pipe().expect("a pipe");
    writer.write_all(PASSWORD.as_bytes()).expect("written");
    drop(writer);
    let number = u32::try_from(reader.as_raw_fd()).expect("positive");
    let unlock = |number| {
        let option = Some(PasswordOption::Descriptor(number));
        keyfile.unlock(&Passwords::new(option, &unset, &nobody))
    };
    unlock(number).expect("the password");
    // The name that shells give a pipe for --password-file, which has no place in the file system.
    let (named, mut writer) = io::pipe().expect("a pipe");
    writer.write_all(PASSWORD.as_bytes()).expect("written");
    drop(writer);
    let path = PathBuf::from(format!("/dev/fd/{}", named.as_raw_fd()));
    let option = Some(PasswordOption::File(path));
    let unlocked = keyfile.unlock(&Passwords::new(option, &unset, &nobody));
    unlocked.expect("the password");
    // It was read to its end.
    assert!(matches!(unlock(number), Err(WalletError::BadPassword(_))));
    // Several keys with one password read it once.
    let (named, mut writer) = io::pipe().expect("a pipe");
    writer.write_all(PASSWORD.as_bytes()).expect("written");
    drop(writer);
    let path = PathBuf::from(format!("/dev/fd/{}", named.as_raw_fd()));
    let passwords = Passwords::new(Some(PasswordOption::File(path)), &unset, &nobody);
    for _ in 0..2 {
        keyfile.unlock(&passwords).expect("the password");
    }
    let error = unlock(987_654).expect_err("no such descriptor");
    assert!(
        matches!(error, WalletError::UnreadablePassword { .. }),
        "{error}"
    );
}
