//! The settings file: what it may say, what goes before it, and that each mistake is told with its place.

mod access;
#[path = "../common/mod.rs"]
mod common;
mod mistakes;
mod order;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use common::{btpow, object, path_of_program, told};
use serde_json::{Value, json};
use tempfile::TempDir;

const SEAL: &str =
    "seal --netuid 1 --block-hash {BLOCK} --hotkey {BOB} --coldkey {ALICE} --nonce 1";

/// A settings file in a folder of its own.
struct File {
    folder: TempDir,
    path: PathBuf,
}

impl File {
    fn new(text: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rig.toml");
        fs::write(&path, text).expect("written");
        Self { folder, path }
    }

    /// The program with this file.
    fn with(&self, arguments: &str) -> Command {
        let mut command = btpow(arguments);
        command.args(["--config", &path_of_program(&self.path)]);
        command
    }

    /// What `config show` says of a command.
    fn shown(&self, command: &str, flags: &str, variables: &[(&str, &str)]) -> Value {
        let mut program = self.with(&format!("config show --json {command}"));
        program.arg("--").args(flags.split_whitespace());
        program.envs(variables.iter().copied());
        let output = program.output().expect("starts");
        let (code, _, stderr) = told(&output);
        assert_eq!(code, Some(0), "{stderr}");
        object(&output.stdout)
    }
}

/// Value and source of a setting.
fn setting(shown: &Value, key: &str) -> (Value, Value) {
    let all = shown["settings"].as_array().expect("a list").iter();
    let rows: Vec<_> = all.filter(|row| row["key"] == key).collect();
    assert_eq!(rows.len(), 1, "{key} in {shown}");
    (rows[0]["values"].clone(), rows[0]["source"].clone())
}

#[test]
fn a_file_that_is_right_is_told_to_be() {
    let file = File::new("netuid = 1\n");
    let output = file.with("config check").output().expect("starts");
    let (code, stdout, stderr) = told(&output);
    assert_eq!((code, &*stderr), (Some(0), ""));
    assert_eq!(
        stdout,
        format!("{} is right\n", path_of_program(&file.path))
    );
}

#[test]
fn a_table_can_say_a_whole_command() {
    let text =
        "[seal]\nnetuid = 1\nblock-hash = \"{BLOCK}\"\nhotkey = \"{BOB}\"\ncoldkey = \"{ALICE}\"\n\
                nonce = 0xff\njson = true\n"
            .replace("{BLOCK}", common::BLOCK)
            .replace("{BOB}", common::BOB)
            .replace("{ALICE}", common::ALICE);
    let file = File::new(text);
    let from_file = file.with("seal").output().expect("starts");
    let flags = format!(
        "{} --json --no-config",
        SEAL.replace("--nonce 1", "--nonce 255")
    );
    let typed = btpow(&flags).output().expect("starts");
    assert!(typed.status.success());
    assert_eq!(told(&from_file), told(&typed));
}

#[test]
fn the_users_own_file_is_found_and_can_be_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("btpow");
    fs::create_dir(&place).expect("a folder");
    fs::write(place.join("config.toml"), "[seal]\njson = true\n").expect("written");
    let run = |arguments: &str| {
        let mut command = btpow(arguments);
        let folder = path_of_program(folder.path());
        command
            .env("XDG_CONFIG_HOME", &folder)
            .env("APPDATA", &folder);
        let (code, stdout, stderr) = told(&command.output().expect("starts"));
        assert_eq!((code, &*stderr), (Some(0), ""));
        stdout
    };
    assert!(run(SEAL).starts_with('{'));
    assert!(!run(&format!("{SEAL} --no-config")).starts_with('{'));
    assert!(run("config check").ends_with("config.toml is right\n"));
    let left_alone = run("config show seal --no-config");
    assert!(left_alone.contains("none, by --no-config"), "{left_alone}");
    // What makes scripts for shells does not depend on it.
    fs::write(place.join("config.toml"), "nonsense").expect("written");
    run("completions bash");
    run("man");
}

#[test]
fn there_may_be_no_file_at_all() {
    let (code, stdout, stderr) = told(&btpow("config check").output().expect("starts"));
    assert_eq!((code, &*stderr), (Some(0), ""));
    assert!(stdout.starts_with("there is no settings file "), "{stdout}");
    let (code, stdout, _) = told(&btpow("config show mine").output().expect("starts"));
    assert_eq!(code, Some(0));
    assert!(stdout.starts_with("file  "), "{stdout}");
    let (code, _, stderr) = told(&btpow("config check --no-config").output().expect("starts"));
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("there is nothing to check"), "{stderr}");
}

#[test]
fn both_to_read_a_file_and_to_read_none_is_refused() {
    let file = File::new("");
    for command in ["config check --no-config", "devices --no-config"] {
        let (code, _, stderr) = told(&file.with(command).output().expect("starts"));
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains("--no-config"), "{stderr}");
    }
}

#[test]
fn paths_begin_at_the_folder_of_the_file() {
    let file = File::new(
        "wallet-path = \"wallets\"\npassword-file = \"~/secret\"\n[faucet]\npassword-file = \"-\"\n",
    );
    let shown = file.shown(
        "register",
        "",
        &[("HOME", "/home/u"), ("USERPROFILE", "C:\\u")],
    );
    let wallets = setting(&shown, "wallet-path").0;
    let expected = file.folder.path().join("wallets");
    assert_eq!(wallets, json!([path_of_program(&expected)]));
    if !common::is_for_windows() {
        assert_eq!(
            setting(&shown, "password-file").0,
            json!(["/home/u/secret"])
        );
    }
    let shown = file.shown("faucet", "", &[]);
    assert_eq!(setting(&shown, "password-file").0, json!(["-"]));
}

/// People paste what it prints.
#[test]
fn what_is_shown_has_no_secrets_in_it() {
    let file = File::new(
        "network = \"wss://node.example/v1/key-4711\"\nproxy = \"http://me:hunter2@proxy.example:3128\"\n\
         [register]\non-event = \"curl -H 'Authorization: Bearer hunter2' https://hook.example/4711\"\n",
    );
    for flags in ["", "--json ", "register", "--json register"] {
        let output = file.with(&format!("config show {flags}")).output();
        let (code, stdout, stderr) = told(&output.expect("starts"));
        assert_eq!(code, Some(0), "{stderr}");
        for part in ["wss://node.example", "a command (line 4)"] {
            assert!(stdout.contains(part), "{stdout}");
        }
        for secret in ["4711", "hunter2", "hook.example"] {
            assert!(!stdout.contains(secret), "{stdout}");
        }
    }
    let shown = file.shown("mine", "--on-event=hunter2", &[]);
    assert_eq!(
        setting(&shown, "on-event"),
        (json!(["a command"]), json!("flag"))
    );
    for flags in ["", "--json "] {
        let output = file.with(&format!("config show {flags}doctor")).output();
        let (code, stdout, stderr) = told(&output.expect("starts"));
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stdout.contains("wss://node.example"), "{stdout}");
        assert!(
            !stdout.contains("4711") && !stdout.contains("hunter2"),
            "{stdout}"
        );
    }
}

#[test]
fn what_holds_is_shown_for_people() {
    let file = File::new("threads = 2\n[[goal]]\nnetuid = 3\nwallet = \"w\"\nhotkey = \"h\"\n");
    let mut command = file.with("config show register");
    command.env("BT_SUBTENSOR_NETWORK", "test");
    let (code, stdout, stderr) = told(&command.output().expect("starts"));
    assert_eq!(code, Some(0), "{stderr}");
    let row = |key: &str| {
        let row = stdout.lines().find(|it| it.starts_with(&format!("{key} ")));
        let row = row.unwrap_or_else(|| panic!("{key} in {stdout}"));
        row.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("threads"), "2 rig.toml:1");
    assert_eq!(row("network"), "test BT_SUBTENSOR_NETWORK");
    assert_eq!(row("attempts"), "3 default");
    assert_eq!(row("wallet-name"), "default default");
    assert_eq!(row("netuid"), "- default");
    assert_eq!(row("goal"), "netuid 3, wallet w, hotkey h rig.toml:2");
    let shown = file.shown("mine", "", &[]);
    assert_eq!(setting(&shown, "network"), (json!([]), json!("default")));
    // A flag that names a goal is for that one.
    let shown = file.shown("register", "--netuid 1", &[]);
    assert_eq!(shown["goals"], json!([]));
    let (_, stdout, _) = told(&file.with("config show").output().expect("starts"));
    assert!(
        stdout.contains("threads") && stdout.contains("goal"),
        "{stdout}"
    );
    assert!(!stdout.contains("attempts"), "{stdout}");
}

#[test]
fn a_command_without_settings_is_refused() {
    for name in ["frobnicate", "completions", "config"] {
        let (code, _, stderr) = told(
            &btpow(&format!("config show {name}"))
                .output()
                .expect("starts"),
        );
        assert_eq!(code, Some(2), "{stderr}");
        assert!(
            stderr.contains("choose among: doctor, subnets, register"),
            "{stderr}"
        );
    }
}
