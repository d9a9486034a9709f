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
