//! Each mistake in a file: one line with its place, and what to do.

use super::*;

/// What the file has, the place of the mistake, and what is told.
const MISTAKES: &[(&str, &str, &[&str])] = &[
    // Keys and tables that nothing knows.
    (
        "netuidd = 1",
        "1:1",
        &["there is no key netuidd; did you mean netuid?"],
    ),
    (
        "\n  frobnicate = 1",
        "2:3",
        &["there is no key frobnicate", "long names of flags"],
    ),
    ("json_output = true", "1:1", &["did you mean json?"]),
    ("[bench]\nsecond = 3", "2:1", &["did you mean seconds?"]),
    (
        "[bench]\nnetuid = 1",
        "2:1",
        &["bench has no use for netuid", "move it to the top"],
    ),
    (
        "[registr]\nnetuid = 1",
        "1:2",
        &["there is no command registr; did you mean [register]?"],
    ),
    (
        "[wallet]\nname = \"w\"",
        "1:2",
        &["there is no command wallet"],
    ),
    (
        "[[goals]]\nnetuid = 1",
        "1:3",
        &["there is no key goals; write [[goal]] for each goal"],
    ),
    (
        "[[register.goal]]\nnetuid = 1",
        "1:12",
        &["goals are no part of [register]; write [[goal]]"],
    ),
    (
        "[register]\nyes = true\n[register.goals]\nnetuid = 1",
        "3:11",
        &["goals are no part of [register]; write [[goal]]"],
    ),
    (
        "register = 1",
        "1:1",
        &["register is a command", "write [register]"],
    ),
    // Types.
    (
        "\nwait-open = \"yes\"",
        "2:13",
        &[
            "wait-open: text is not what it takes",
            "write true or false",
        ],
    ),
    (
        "wallet-name = 5",
        "1:15",
        &["wallet-name: a number is not", "write text in quotes"],
    ),
    ("threads = true", "1:11", &["threads: true or false is not"]),
    ("threads = [1]", "1:11", &["threads: a list is not"]),
    ("threads = { a = 1 }", "1:11", &["threads: a table is not"]),
    (
        "device = [\"cpu\", 1]",
        "1:18",
        &["device: a number is not"],
    ),
    ("timeout = 1979-05-27", "1:11", &["a date"]),
    ("verbose = 7", "1:11", &["verbose: ", "from 0 to 3"]),
    ("log-file = \"\"", "1:12", &["nothing in it"]),
    // What the flags' own readers refuse.
    (
        "netuid = 0",
        "1:10",
        &["netuid: ", "root subnet", "1 to 65535"],
    ),
    ("netuid = -1", "1:10", &["netuid: ", "1 to 65535"]),
    (
        "max_difficulty = \"ten\"",
        "1:18",
        &["max_difficulty: ", "10M"],
    ),
    (
        "threads = 340282366920938463463374607431768211456",
        "1:11",
        &["threads: "],
    ),
    (
        "device = \"cpu\"\n[mine]\nhotkey = \"5Fx\"",
        "3:10",
        &["hotkey: ", "SS58"],
    ),
    ("network = [\"local\", \"fynney\"]", "1:21", &["fynney"]),
    // No TOML.
    ("netuid =", "1:9", &["this is not TOML", "correct it"]),
    ("wallet-name = w", "1:15", &["this is not TOML", "quote"]),
    (
        "threads = 1\nthreads = 2",
        "2:1",
        &["this is not TOML", "duplicate key threads"],
    ),
    (
        "fleet = \"tls://nats.example\"\n[fleet]\nfleet-creds = \"viewer.nk\"",
        "2:2",
        &[
            "duplicate key fleet",
            "either fleet at the top or a table [fleet]",
        ],
    ),
    ("threads = 1\n[bench", "2:7", &["this is not TOML"]),
    // What does not belong into a file.
    (
        "password = \"hunter2\"",
        "1:1",
        &["passwords do not belong here", "password-file = \"FILE\""],
    ),
    (
        "yes = true",
        "1:1",
        &["without a question", "move it to [register]"],
    ),
    ("[faucet]\nyes = true", "2:1", &["move it to [register]"]),
    ("config = \"x\"", "1:1", &["about this file", "drop it"]),
    // What cannot be together.
    (
        "[mine]\nonce = true\nstop-after = 2",
        "3:1",
        &["stop-after cannot be used with once, which is in line 2"],
    ),
    (
        "max-difficulty = 1\nmax_difficulty = 2",
        "2:1",
        &["max-difficulty is here twice: line 1"],
    ),
    (
        "output-in-place = true\nno-output-in-place = true",
        "2:1",
        &["no-output-in-place cannot be used with output-in-place"],
    ),
    // Goals.
    ("[goal]\nnetuid = 1", "1:2", &["[[goal]]"]),
    (
        "[[goal]]\nwallet = \"w\"",
        "1:1",
        &["netuid is missing", "add it"],
    ),
    (
        "[[goal]]\nnetuid = 1\ncoldkey = \"x\"",
        "3:1",
        &["a goal has no key coldkey", "password-file"],
    ),
    (
        "[[goal]]\nnetuid = 1\nwallet_name = \"x\"",
        "3:1",
        &["did you mean wallet?"],
    ),
    (
        "[[goal]]\nnetuid = 70000",
        "2:10",
        &["netuid: ", "1 to 65535"],
    ),
    (
        "[[goal]]\nnetuid = 1\nwallet = 1",
        "3:10",
        &["text in quotes"],
    ),
    (
        "[[goal]]\nnetuid = 1\nwallet = \"a/b\"\nhotkey = \"c\"",
        "1:1",
        &["the hotkey is named twice"],
    ),
    (
        "[[goal]]\nnetuid = 1\nwallet = \"../a\"",
        "1:1",
        &["the wallet has no valid name"],
    ),
    (
        "[[goal]]\nnetuid = 1\nhotkey = \"h\"\n[[goal]]\nnetuid = 1\nwallet = \"default/h\"",
        "4:1",
        &["the same as that of line 1", "drop one"],
    ),
    (
        "wallet-name = \"w\"\n[[goal]]\nnetuid = 1\n[[goal]]\nnetuid = 1\nwallet = \"w\"",
        "4:1",
        &["the same as that of line 2"],
    ),
    (
        "[register]\nwallet-hotkey = [\"a\", \"b\"]\n[[goal]]\nnetuid = 1\nwallet = \"w\"",
        "3:1",
        &["names no hotkey, and line 2 has several", "add hotkey"],
    ),
    (
        "[register]\nnetuid = 1\n[[goal]]\nnetuid = 2",
        "2:1",
        &["netuid is said by the goal in line 3"],
    ),
];

#[test]
fn every_mistake_is_told_in_one_line_with_its_place() {
    for (text, place, expected) in MISTAKES {
        let file = File::new(text);
        let output = file.with(SEAL).output().expect("starts");
        let (code, stdout, stderr) = told(&output);
        assert_eq!((code, &*stdout), (Some(2), ""), "{text}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{text}: {stderr}");
        let begin = format!("error: {}:{place}: ", path_of_program(&file.path));
        assert!(
            stderr.starts_with(&begin),
            "{text}: {place} is not in {stderr}"
        );
        for part in *expected {
            assert!(stderr.contains(part), "{text}: {part:?} is not in {stderr}");
        }
        assert!(!stderr.contains("hunter2"), "{stderr}");
    }
}

#[test]
fn a_goal_that_names_its_hotkey_needs_no_other() {
    let hotkeys = "[register]\nwallet-hotkey = [\"a\", \"b\"]\n";
    for names in ["hotkey = \"c\"", "wallet = \"w/c\""] {
        let file = File::new(format!("{hotkeys}[[goal]]\nnetuid = 1\n{names}\n"));
        let (code, _, stderr) = told(&file.with("config check").output().expect("starts"));
        assert_eq!((code, &*stderr), (Some(0), ""), "{names}");
    }
}

/// What a check says, the command does: these are right by themselves, but no command could run with them.
#[test]
fn a_check_tells_what_no_command_would_take() {
    for (text, place, words) in [
        (
            "[register]\nnetuid = [3, 3]",
            "2:1",
            "netuid: 3 is given twice",
        ),
        (
            "[register]\nwallet-hotkey = [\"a\", \"a\"]",
            "2:1",
            "wallet-hotkey: a is given twice",
        ),
        ("device = \"gpu\"", "1:1", "device: "),
        (
            "[bench]\norder = \"big\"",
            "2:1",
            "order: v1 seals are always little-endian",
        ),
        (
            "[solve]\nsample = true\nnetuid = 1",
            "3:1",
            "netuid: --sample brings its own challenge",
        ),
        (
            "[mine]\napi-token-file = \"token\"",
            "2:1",
            "api-token-file: ",
        ),
        (
            "[mine]\nnetuid = 1\nnetwork = [\"finney\", \"test\"]",
            "3:1",
            "network: ",
        ),
        ("api = \"0.0.0.0:4720\"", "1:1", "token"),
    ] {
        let file = File::new(text);
        let (code, stdout, stderr) = told(&file.with("config check").output().expect("starts"));
        assert_eq!((code, &*stdout), (Some(2), ""), "{text}: {stderr}");
        let begin = format!("error: {}:{place}: ", path_of_program(&file.path));
        assert!(stderr.starts_with(&begin), "{text}: {stderr}");
        assert!(stderr.contains(words), "{text}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{text}: {stderr}");
    }
    // What is for `register` does no harm to `mine` where nobody wrote a table for it.
    let file = File::new("wallet-hotkey = [\"a\", \"b\"]\n[register]\nnetuid = [1, 3]");
    let (code, _, stderr) = told(&file.with("config check").output().expect("starts"));
    assert_eq!((code, &*stderr), (Some(0), ""));
}

/// Nobody typed the flag that clap complains about.
#[test]
fn what_a_flag_of_the_file_lacks_is_told_with_its_place() {
    let file = File::new("[mine]\n  api-token-file = \"token\"\n");
    let (code, stdout, stderr) = told(&file.with("mine --netuid 1").output().expect("starts"));
    assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
    let begin = format!(
        "error: {}:2:3: api-token-file: ",
        path_of_program(&file.path)
    );
    assert!(
        stderr.starts_with(&begin) && stderr.contains("--api <ADDR:PORT>"),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

#[test]
fn a_check_tells_all_mistakes_in_their_order() {
    let file = File::new("nonsense = 1\n[bench]\nthreads = 0\nseconds = true\n[[goal]]\n");
    let output = file.with("config check").output().expect("starts");
    let (code, stdout, stderr) = told(&output);
    assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
    let places = ["1:1: ", "3:11: ", "4:11: ", "5:1: "];
    let lines: Vec<_> = stderr.lines().collect();
    assert_eq!(lines.len(), places.len(), "{stderr}");
    for (line, place) in lines.iter().zip(places) {
        let begin = format!("error: {}:{place}", path_of_program(&file.path));
        assert!(line.starts_with(&begin), "{line}");
    }
    // Any other command tells the first, and how many there are.
    let (code, _, stderr) = told(&file.with(SEAL).output().expect("starts"));
    assert_eq!((code, stderr.lines().count()), (Some(2), 1), "{stderr}");
    assert!(
        stderr.contains("nonsense")
            && stderr.contains("3 more mistakes: btpow config check --config "),
        "{stderr}"
    );
    assert!(stderr.contains("btpow config check"), "{stderr}");
}

#[test]
fn a_combination_that_is_wrong_is_told_with_the_place_in_the_file() {
    let file = File::new("[bench]\n\norder = \"big\"\n");
    let output = file.with("bench --seconds 1 --device cpu").output();
    let (code, _, stderr) = told(&output.expect("starts"));
    assert_eq!(code, Some(2), "{stderr}");
    let begin = format!(
        "error: {}:3:1: order: v1 seals are",
        path_of_program(&file.path)
    );
    assert!(stderr.starts_with(&begin), "{stderr}");
}
