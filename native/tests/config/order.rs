//! What goes before what.

use super::*;

#[test]
fn flags_go_before_variables_before_a_table_before_the_top() {
    let file = File::new(
        "wallet-name = \"top\"\nthreads = 2\nwallet-hotkey = \"top\"\n[register]\n\
         wallet-name = \"table\"\n",
    );
    let name = |flags: &str, variables: &[(&str, &str)]| {
        setting(&file.shown("register", flags, variables), "wallet-name")
    };
    let variables = [("BT_WALLET_NAME", "variable")];
    let flags = "--wallet-name flag";
    assert_eq!(name(flags, &variables), (json!(["flag"]), json!("flag")));
    assert_eq!(
        name("", &variables),
        (json!(["variable"]), json!("variable"))
    );
    assert_eq!(name("", &[]), (json!(["table"]), json!("file")));
    let shown = file.shown("mine", "", &[]);
    assert_eq!(setting(&shown, "wallet-name").0, json!(["top"]));
    assert_eq!(setting(&shown, "threads"), (json!(["2"]), json!("file")));
    assert_eq!(
        setting(&shown, "once"),
        (json!(["false"]), json!("default"))
    );
    // Names of its own replace the hotkey of another wallet.
    let shown = file.shown("mine", "--wallet-name w/h", &[]);
    assert_eq!(setting(&shown, "wallet-hotkey").1, "default");
}

#[test]
fn a_flag_replaces_what_contradicts_it() {
    let text = "once = true\npassword-file = \"p\"\ndevice = [\"cuda\"]\ntpb = 256\ncuda = true\n\
                no-output-in-place = true\nhotkey = \"{ALICE}\"\n";
    let file = File::new(text.replace("{ALICE}", common::ALICE));
    for (command, flags, key) in [
        ("mine", "--stop-after 3", "once"),
        ("mine", "--output-in-place", "no-output-in-place"),
        ("mine", "--wallet-name w", "hotkey"),
        ("mine", "--device cpu", "device"),
        ("mine", "--device cpu", "cuda"),
        ("mine", "--device cpu", "tpb"),
    ] {
        let source = |flags| setting(&file.shown(command, flags, &[]), key).1;
        assert_eq!(source(""), "file", "{key}");
        assert_ne!(source(flags), "file", "{key} with {flags}");
    }
    let kept = file.shown("mine", "--device cuda:0", &[]);
    assert_eq!(setting(&kept, "tpb").1, "file");
    if !common::is_for_windows() {
        let shown = file.shown("register", "--password-fd 3", &[]);
        assert_eq!(setting(&shown, "password-file").1, "default");
    }
}

/// `top` takes a token by itself, so the top level is its place; other commands need an address for it.
#[test]
fn what_the_top_says_is_left_out_where_its_other_half_is_missing() {
    let file = File::new("api-token-file = \"token\"\n[register]\napi = \"127.0.0.1:0\"\n");
    let source = |command, flags| setting(&file.shown(command, flags, &[]), "api-token-file").1;
    assert_eq!(source("mine", ""), "default");
    assert_eq!(source("mine", "--api 127.0.0.1:0"), "file");
    assert_eq!(source("register", ""), "file");
    assert_eq!(source("top", ""), "file");
    let solve = "solve --netuid 7 --block-hash {BLOCK} --hotkey {BOB} --coldkey {ALICE} --difficulty 1 \
                 --device cpu --threads 1";
    let (code, _, stderr) = told(&file.with(solve).output().expect("starts"));
    assert_eq!(code, Some(0), "{stderr}");
}

/// Otherwise it would sign for a chain or a key that the file never named.
#[test]
fn a_yes_of_the_file_does_not_hold_for_what_comes_from_elsewhere() {
    let file = File::new("[register]\nyes = true\n[[goal]]\nnetuid = 1\n");
    let source = |flags: &str, variables: &[(&str, &str)]| {
        setting(&file.shown("register", flags, variables), "yes").1
    };
    let genesis = format!("--genesis {}", common::BLOCK);
    for flags in [
        "--network local",
        &genesis,
        "--insecure",
        "--netuid 9",
        "--wallet-name other",
        "--wallet-hotkey other",
        "--wallet-path /elsewhere",
    ] {
        assert_eq!(source(flags, &[]), "default", "{flags}");
        let typed = format!("{flags} --yes");
        assert_eq!(source(&typed, &[]), "flag", "{flags}");
    }
    for variable in [
        ("BT_WALLET_NAME", "other"),
        ("BT_WALLET_HOTKEY", "other"),
        ("BT_WALLET_PATH", "/elsewhere"),
        ("BT_SUBTENSOR_NETWORK", "local"),
    ] {
        assert_eq!(source("", &[variable]), "default", "{variable:?}");
    }
    for flags in ["", "--threads 2 --json --timeout 1h"] {
        assert_eq!(source(flags, &[]), "file", "{flags}");
    }
}

/// Half of another challenge would make a command line that was right wrong.
#[test]
fn the_top_level_names_no_challenge_of_a_command_that_takes_one() {
    let file = File::new(
        "netuid = 7\nnetwork = \"local\"\ncoldkey = \"{ALICE}\"\n"
            .replace("{ALICE}", common::ALICE),
    );
    let legacy = "seal --protocol legacy --order big --block-hash {BLOCK} --hotkey {BOB} --nonce 1";
    let output = file.with(legacy).output().expect("starts");
    assert!(output.status.success(), "{:?}", told(&output));
    let shown = file.shown("solve", "", &[]);
    for key in ["netuid", "network", "coldkey"] {
        assert_eq!(setting(&shown, key).1, "default", "{key}");
    }
    assert_eq!(setting(&file.shown("mine", "", &[]), "network").1, "file");
}
