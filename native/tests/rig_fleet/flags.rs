//! What is wrong before anything is connected to.

use std::{fs, path::Path};

use super::{chain::program::run, common::btpow, server::close};

/// What is wrong with the flags is said before anything is connected to.
#[test]
fn wrong_flags_are_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        close(&path);
        path.display().to_string()
    };
    let empty = file("empty", "");
    let public = file(
        "public",
        "UAHSXPYLQ6NIR5RYNRBUUSX4ZIYELNBQAI4ODFGNK4N2EVWFGD4GBBJX",
    );
    let missing = Path::new("/no/such/file").display().to_string();
    for (flags, words) in [
        ("", &["--fleet: missing", "tls://HOST/NAME"][..]),
        ("--fleet main", &["--fleet: ", "tls:// or nats://"]),
        ("--fleet ws://127.0.0.1", &["--fleet: ", "no NATS server"]),
        ("--fleet nats://10.0.0.1", &["--fleet: ", "--insecure"]),
        (
            "--fleet nats://u:hunter2@[::1]",
            &["--fleet: ", "--fleet-creds"],
        ),
        (
            "--fleet nats://[::1]/a.b",
            &["--fleet: ", "name of the fleet"],
        ),
        ("--fleet nats://[::1] --name a.b", &["--name: ", "48"]),
        ("--fleet-creds /tmp/x", &["--fleet"]),
        (
            &format!("--fleet nats://[::1] --fleet-creds {missing}"),
            &["--fleet-creds: ", "no file"],
        ),
        (
            &format!("--fleet nats://[::1] --fleet-creds {empty}"),
            &["--fleet-creds: ", "is empty"],
        ),
        (
            &format!("--fleet nats://[::1] --fleet-creds {public}"),
            &["no user's key", "SU"],
        ),
    ] {
        for command in ["rig --device cpu", "fleet status"] {
            if command != "rig --device cpu" && flags.contains("--name") {
                continue;
            }
            let told = run(btpow(&format!("{command} {flags}")));
            let told = told.exits(2).complaining(words);
            assert!(!told.stderr.contains("hunter2"), "{told}");
        }
    }
    let (address, unreachable) = (
        "nats://127.0.0.1:9",
        ["nats://127.0.0.1:9", "cannot be reached"],
    );
    for command in ["rig --device cpu --threads 1", "fleet status"] {
        let told = run(btpow(&format!("{command} --fleet {address}")));
        told.exits(3).complaining(&unreachable);
    }
}

/// The settings file of a machine that asks, and of one that hashes.
#[test]
fn a_settings_file_names_the_fleet() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("config.toml");
    let told = |text: &str, command: &str| {
        fs::write(&settings, text).expect("written");
        close(&settings);
        let mut command = btpow(command);
        command.arg("--config").arg(&settings);
        run(command)
    };
    let (one, other) = ("nats://127.0.0.1:9", "nats://127.0.0.1:10");
    for (text, ask, hash) in [
        (format!("fleet = \"{one}\""), one, one),
        (format!("[rig]\nfleet = \"{one}\""), one, one),
        (
            format!("[register]\nfleet = \"{one}\"\n[rig]\nfleet = \"{other}\""),
            one,
            other,
        ),
    ] {
        told(&text, "fleet status").exits(3).complaining(&[ask]);
        told(&text, "rig --threads 1 --device cpu")
            .exits(3)
            .complaining(&[hash]);
        let typed = format!("fleet status --fleet {other}");
        told(&text, &typed).exits(3).complaining(&[other]);
    }
    let open = "fleet = \"nats://10.0.0.1\"";
    let wrong = told(open, "rig --device cpu").exits(2);
    wrong.complaining(&["config.toml", "fleet: ", "insecure"]);
    let check = told("[rig]\nfleet = \"nats://10.0.0.1\"", "config check").exits(2);
    check.complaining(&["config.toml", ":2:1: ", "fleet: ", "insecure"]);
    let table = told("[fleet]\nserver = \"x\"", "rig --device cpu").exits(2);
    table.complaining(&["config.toml", "fleet"]);
}
