//! What is wrong before anything is connected to.

use std::{fs, path::Path};

use super::{
    chain::program::{Told, run},
    common::btpow,
    server::close,
};

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

/// What a command tells with a settings file.
fn told(text: &str, command: &str) -> Told {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("config.toml");
    fs::write(&settings, text).expect("written");
    close(&settings);
    let mut command = btpow(command);
    command.arg("--config").arg(&settings);
    run(command)
}

/// The settings file of a machine that asks, and of one that hashes.
#[test]
fn a_settings_file_names_the_fleet() {
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
    table.complaining(&["config.toml", ":2:1: ", "there is no key server"]);
}

/// Which key `fleet status` takes is told by what is wrong with it.
#[test]
fn a_question_takes_its_own_key_or_that_of_the_same_fleet() {
    let (one, other) = ("nats://127.0.0.1:9", "nats://127.0.0.1:10");
    let rig = format!("[rig]\nfleet = \"{one}\"\nfleet-creds = \"/no/rig\"\n");
    for (text, flags, key) in [
        // The settings of the page, on the machine of a rig and on that of a coordinator.
        (
            format!("fleet = \"{one}\"\n[rig]\nfleet-creds = \"/no/rig\""),
            "",
            "/no/rig",
        ),
        (
            format!("fleet = \"{one}\"\n[register]\nfleet-creds = \"/no/lead\"\nno-local = true"),
            "",
            "/no/lead",
        ),
        (
            format!("fleet = \"{one}\"\nfleet-creds = \"/no/all\"\n{rig}"),
            "",
            "/no/all",
        ),
        // Its own table goes first, and may leave the fleet to others.
        (
            format!("{rig}[fleet]\nfleet-creds = \"/no/own\""),
            "",
            "/no/own",
        ),
        (format!("{rig}[fleet]\nfleet = \"{one}\""), "", "/no/rig"),
        (
            format!("[register]\nfleet = \"{other}\"\n{rig}"),
            "",
            "/no/rig",
        ),
        // What was typed goes before all.
        (rig.clone(), "--fleet-creds /no/typed", "/no/typed"),
        (rig.clone(), "--fleet nats://127.0.0.1:9", "/no/rig"),
    ] {
        let told = told(&text, &format!("fleet status {flags}")).exits(2);
        told.complaining(&["fleet-creds: ", key]);
    }
    // No server gets the key of another fleet.
    let asked = told(&rig, &format!("fleet status --fleet {other}"));
    asked.exits(3).complaining(&[other]);
    let check = told("[fleet]\nfleet-creds = \"/no/own\"", "config check");
    check
        .exits(2)
        .complaining(&["config.toml", ":2:1: ", "there is no fleet"]);
    let shown = told(&rig, "config show fleet").exits(0);
    assert!(shown.stdout.contains("fleet-creds"), "{shown}");
}

/// What is typed counts beside a fleet that the file names.
#[test]
fn a_fleet_may_be_in_the_file_and_its_flags_on_the_line() {
    let file = "fleet = \"nats://127.0.0.1:9\"";
    for command in ["rig --device cpu", "fleet status", "register --netuid 1"] {
        let told = told(file, &format!("{command} --fleet-creds /no/typed")).exits(2);
        told.complaining(&["--fleet-creds: ", "/no/typed"]);
    }
    let wallet = "register --netuid 1 --yes --wallet-path /no/wallets";
    for flag in ["--no-local", "--standby"] {
        told(file, &format!("{wallet} {flag}"))
            .exits(1)
            .complaining(&["/no/wallets"]);
        let without = told("", &format!("{wallet} {flag}")).exits(2);
        without.complaining(&[flag, "there is no fleet; add --fleet URL"]);
    }
    for command in ["rig --device cpu", "register --netuid 1"] {
        let without = told("", &format!("{command} --fleet-creds /tmp/x")).exits(2);
        without.complaining(&["--fleet"]);
    }
    let of_file = told("[register]\nstandby = true", wallet).exits(2);
    of_file.complaining(&["config.toml", ":2:1: ", "standby: ", "there is no fleet"]);
    // At the top it holds where it can.
    let of_all = told("fleet-creds = \"/no/creds\"", wallet).exits(1);
    of_all.complaining(&["/no/wallets"]);
}

/// Without devices there is nothing for their flags to say. A file says such things for other commands, too.
#[test]
fn who_leaves_all_to_rigs_chooses_no_devices() {
    let command = "register --netuid 1 --yes --wallet-path /no/wallets --fleet nats://127.0.0.1:9";
    for flag in [
        "--device cpu",
        "--threads 1",
        "--max-temp 80",
        "--pause-on-use",
    ] {
        let told = told("", &format!("{command} --no-local {flag}")).exits(2);
        let name = flag.split(' ').next().expect("a flag");
        for other in ["--device", "--threads", "--cuda", "--max-temp"] {
            assert!(other == name || !told.stderr.contains(other), "{told}");
        }
        told.complaining(&["--no-local", name, "cannot be used with"]);
    }
    let file = "threads = 1\nmax-temp = 80\n[register]\nno-local = true";
    told(file, command).exits(1).complaining(&["/no/wallets"]);
}
