//! Who else may read or write: nobody, when a file is used to sign.
//!
//! Root reads everything, so each test runs as another user, with that user's files.

use std::{
    os::unix::fs::{MetadataExt as _, chown, symlink},
    process::Command,
    thread,
};

use super::*;

/// A user without privileges, and another one.
const USER: u32 = 65_534;
const OTHER: u32 = 65_533;

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs a test as a user who is not root.
fn as_user(test: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if is_root() {
                use rustix::{process::Uid, thread::set_thread_res_uid};

                // For this thread alone, which ends with the test. What counts is what it may do, not who
                // started it.
                let user = Uid::from_raw(USER);
                set_thread_res_uid(Uid::ROOT, user, user).expect("root may");
            }
            test();
        });
        thread.join().expect("it passes");
    });
}

/// The golden wallet, owned by the user.
fn users() -> TempDir {
    let folder = golden();
    give(folder.path(), USER);
    folder
}

/// Gives a folder and all in it to a user, if this process may.
fn give(path: &Path, user: u32) {
    if !is_root() {
        return;
    }
    std::os::unix::fs::lchown(path, Some(user), Some(user)).expect("root may");
    if path.is_dir() && !path.is_symlink() {
        for entry in fs::read_dir(path).expect("a folder") {
            give(&entry.expect("an entry").path(), user);
        }
    }
}

#[track_caller]
fn refused<T: core::fmt::Debug>(read: Result<T, WalletError>, path: &Path, advice: &str) {
    let error = read.expect_err("open to others");
    assert!(matches!(error, WalletError::Exposed { .. }), "{error}");
    assert_discreet_error(&error);
    let path = path.canonicalize().expect("it is there");
    let expected = format!(
        "{} is open to every user of this machine: {advice}",
        path.display()
    );
    assert!(error.to_string().starts_with(&expected), "{error}");
}

fn chmod(bits: &str, path: &Path) -> String {
    let path = path.canonicalize().expect("it is there");
    format!("close it with chmod {bits} {}", path.display())
}

#[test]
fn a_key_that_others_can_use_signs_nothing() {
    let folder = users();
    let wallet = wallet(&folder, "miner");
    let coldkey = wallet.folder().join("coldkey");
    let hotkey = wallet.folder().join("hotkeys/miner");
    as_user(|| {
        for bits in [0o604, 0o602, 0o644, 0o666, 0o777] {
            mode(&coldkey, bits);
            refused(wallet.coldkey(), &coldkey, &chmod("600", &coldkey));
            mode(&hotkey, bits);
            refused(wallet.hotkey(), &hotkey, &chmod("600", &hotkey));
        }
        // Access of a group gives a warning.
        for bits in [0o600, 0o400, 0o640, 0o660] {
            mode(&coldkey, bits);
            wallet.coldkey().expect("closed to others");
            mode(&hotkey, bits);
            wallet.hotkey().expect("closed to others");
        }
        wallet.guard().expect("closed to others");
    });
}

#[test]
fn a_folder_that_others_can_write_in_is_as_good_as_its_keys() {
    let folder = users();
    let wallet = wallet(&folder, "miner");
    let hotkeys = wallet.folder().join("hotkeys");
    as_user(|| {
        for (place, coldkey) in [
            (folder.path(), true),
            (&wallet.folder(), true),
            // The coldkey is not in it, but the hotkey is.
            (&hotkeys, false),
        ] {
            let sticky = if place == folder.path() {
                0o777
            } else {
                0o1777
            };
            for bits in [0o777, 0o757, 0o707, sticky] {
                mode(place, bits);
                let advice = chmod("700", place);
                refused(wallet.hotkey(), place, &advice);
                refused(wallet.guard(), place, &advice);
                if coldkey {
                    refused(wallet.coldkey(), place, &advice);
                } else {
                    wallet.coldkey().expect("not in that folder");
                }
            }
            // Others may look around. In the folder of wallets, which may be like /tmp, they cannot replace what is not theirs;
            // but in a wallet they could add what is missing.
            let sticky = if place == folder.path() {
                0o1777
            } else {
                0o700
            };
            for bits in [0o700, 0o755, 0o775, sticky] {
                mode(place, bits);
                wallet.coldkey().expect("closed to others");
                wallet.hotkey().expect("closed to others");
                wallet.guard().expect("closed to others");
            }
        }
    });
}

#[test]
fn public_keys_are_read_however_open_all_is() {
    let folder = users();
    let wallet = wallet(&folder, "miner");
    let hotkey = wallet.folder().join("hotkeys/miner");
    let coldkey = wallet.folder().join("coldkeypub.txt");
    as_user(|| {
        for path in [folder.path(), &wallet.folder(), &hotkey, &coldkey] {
            mode(path, 0o777);
        }
        // There is no public file, so the key comes from the secret one.
        assert_eq!(wallet.hotkey_public().expect("public"), key(MINER));
        assert_eq!(wallet.coldkey_public().expect("public"), key(ADDRESS));

        // But others must not choose which key is signed for.
        for path in [folder.path(), &wallet.folder()] {
            mode(path, 0o755);
        }
        refused(wallet.guard(), &coldkey, &chmod("600", &coldkey));
        mode(&coldkey, 0o644);
        refused(wallet.guard(), &hotkey, &chmod("600", &hotkey));
        let public = wallet.folder().join("hotkeys/minerpub.txt");
        fs::write(&public, format!(r#"{{"publicKey":"{}"}}"#, key(MINER))).expect("written");
        wallet
            .guard()
            .expect("the public file says it, and is closed");
        mode(&public, 0o646);
        refused(wallet.guard(), &public, &chmod("600", &public));
    });
}

#[test]
fn what_a_link_leads_to_is_what_counts() {
    let folder = users();
    let wallet = wallet(&folder, "miner");
    let coldkey = wallet.folder().join("coldkey");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let stick = elsewhere.path().join("a stick");
    fs::create_dir(&stick).expect("a folder");
    let moved = stick.join("coldkey");
    fs::rename(&coldkey, &moved).expect("moved");
    symlink(&moved, &coldkey).expect("linked");
    let public = stick.join("coldkeypub.txt");
    fs::rename(wallet.folder().join("coldkeypub.txt"), &public).expect("moved");
    symlink(&public, wallet.folder().join("coldkeypub.txt")).expect("linked");
    give(elsewhere.path(), USER);
    as_user(|| {
        wallet.coldkey().expect("closed to others");
        wallet.guard().expect("closed to others");
        // The folder around the file; its name has a blank.
        mode(&stick, 0o777);
        let advice = format!("close it with chmod 700 '{}'", stick.display());
        refused(wallet.coldkey(), &stick, &advice);
        refused(wallet.guard(), &stick, &advice);
        mode(&stick, 0o755);
        mode(&moved, 0o644);
        let advice = format!("close it with chmod 600 '{}'", moved.display());
        refused(wallet.coldkey(), &moved, &advice);
        mode(&moved, 0o600);
        // The folder around the link: whoever can write there can point it to their own key.
        mode(&wallet.folder(), 0o777);
        let advice = chmod("700", &wallet.folder());
        refused(wallet.coldkey(), &wallet.folder(), &advice);
        mode(&wallet.folder(), 0o755);
        // The folder around a folder that is a link.
        let other = Wallet::new(elsewhere.path(), "linked", Some("miner")).expect("valid");
        symlink(wallet.folder(), other.folder()).expect("linked");
        other.coldkey().expect("closed to others");
        mode(folder.path(), 0o777);
        refused(other.coldkey(), folder.path(), &chmod("700", folder.path()));
        mode(folder.path(), 0o700);
        // Public files are open to everybody through a link, too.
        mode(&public, 0o444);
        assert_eq!(wallet.coldkey_public().expect("public"), key(ADDRESS));
    });
}

#[test]
fn what_is_another_users_signs_nothing() {
    if !is_root() {
        eprintln!("skipped: only root can give files away; the rule itself is tested in guard.rs");
        return;
    }
    let folder = users();
    let wallet = wallet(&folder, "miner");
    let foreign = |read: Result<(), WalletError>, path: &Path, user: u32| {
        let error = read.expect_err("another's");
        let owner = path.metadata().expect("it is there").uid();
        assert!(matches!(error, WalletError::Foreign { .. }), "{error}");
        let path = path.canonicalize().expect("it is there");
        let path = path.display();
        let expected = format!(
            "{path} belongs to user {owner}, but user {user} would sign: run btpow as that user, or \
             make it yours with sudo chown {user} {path}"
        );
        assert_eq!(error.to_string(), expected);
    };
    let coldkey = wallet.folder().join("coldkey");
    let public = wallet.folder().join("coldkeypub.txt");
    for path in [&coldkey, &wallet.folder(), &folder.path().to_owned()] {
        chown(path, Some(OTHER), None).expect("root may");
        // In a container, root signs with the wallet of a user outside.
        wallet.coldkey().expect("root may use what is anybody's");
        chown(path, Some(0), None).expect("root may");
    }
    give(folder.path(), USER);
    chown(&coldkey, Some(OTHER), None).expect("root may");
    as_user(|| {
        // A file that another user has closed cannot even be read.
        let error = wallet.coldkey().expect_err("another's");
        assert!(matches!(error, WalletError::Unreadable { .. }), "{error}");
    });
    give(folder.path(), USER);
    for path in [&wallet.folder(), &folder.path().to_owned(), &public] {
        chown(path, Some(OTHER), None).expect("root may");
        mode(path, 0o755);
        as_user(|| foreign(wallet.guard(), path, USER));
        assert_eq!(wallet.coldkey_public().expect("public"), key(ADDRESS));
        // Root is trusted, since nothing helps against root.
        chown(path, Some(0), None).expect("root may");
        as_user(|| wallet.guard().expect("root's or the user's"));
    }
    as_user(|| drop(wallet.coldkey().expect("root's or the user's")));

    let password = folder.path().join("password");
    private(&password, PASSWORD.as_bytes());
    let vault = folder.path().join("vault");
    private(
        &vault,
        &fs::read(vectors().join("ansible_vault")).expect("committed"),
    );
    chown(folder.path(), Some(0), None).expect("root may");
    // The group of this process may read it.
    chown(&password, Some(OTHER), Some(0)).expect("root may");
    mode(&password, 0o640);
    let option = Some(PasswordOption::File(password.clone()));
    let vault = Keyfile::read(&vault, "key").expect("root's");
    let unlock = || vault.unlock(&Passwords::new(option.clone(), &unset, &nobody));
    as_user(|| foreign(unlock().map(drop), &password, USER));
    drop(unlock().expect("root may use what is anybody's"));
}

/// Like a Windows drive in WSL: everything is open, and chmod changes nothing.
#[test]
fn a_file_system_without_chmod_has_another_remedy() {
    /// Unmounted at the end.
    struct Mount(PathBuf);

    impl Drop for Mount {
        fn drop(&mut self) {
            let unmounted = Command::new("umount").arg(&self.0).status();
            assert!(unmounted.is_ok_and(|it| it.success()), "{:?}", self.0);
        }
    }

    let folder = golden();
    let drive = tempfile::tempdir().expect("a folder");
    let mount = |arguments: &str| {
        let mut mount = Command::new("mount");
        mount.args(arguments.split(' ')).arg(drive.path());
        mount.output().expect("there is mount")
    };
    let mounted = mount("-t tmpfs -o mode=777 tmpfs");
    if !mounted.status.success() {
        let why = String::from_utf8_lossy(&mounted.stderr);
        eprintln!(
            "skipped: nothing can be mounted ({why}); the rule itself is tested in remedy.rs"
        );
        return;
    }
    let _mount = Mount(drive.path().to_owned());
    let golden = drive.path().join("golden");
    let mut copy = Command::new("cp");
    copy.arg("-r")
        .arg(folder.path().join("golden"))
        .arg(&golden);
    assert!(copy.status().expect("there is cp").success());
    for name in ["", "coldkey", "coldkeypub.txt", "hotkeys", "hotkeys/miner"] {
        mode(&golden.join(name), 0o777);
    }
    assert!(mount("-o remount,ro").status.success());

    let wallet = wallet(&drive, "miner");
    as_user(|| {
        assert_eq!(wallet.coldkey_public().expect("public"), key(ADDRESS));
        assert_eq!(wallet.hotkey_public().expect("public"), key(MINER));
        let copy = "copy the wallet to ~/.bittensor/wallets and run chmod -R go-rwx ~/.bittensor, as its \
                    file system is read-only";
        refused(wallet.coldkey(), &golden.join("coldkey"), copy);
        refused(wallet.hotkey(), &golden.join("hotkeys/miner"), copy);
        refused(wallet.guard(), &golden.join("coldkeypub.txt"), copy);
    });
}
