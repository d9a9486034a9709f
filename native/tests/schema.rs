//! The schemas of answers and of the settings file. Those of commands that talk to a chain are checked wherever a test
//! runs one of them (`chain::program`).

mod common;

use common::{CHALLENGES, btpow, object, run, schema, told};
use serde_json::{Value, json};

#[test]
fn answers_are_what_their_schemas_say() {
    let v1 = CHALLENGES[0];
    let legacy = CHALLENGES[1];
    for (name, arguments) in [
        (
            "solve",
            format!("solve {v1} --difficulty 1000 --device cpu"),
        ),
        (
            "solve",
            format!("solve {legacy} --difficulty 1000 --device cpu"),
        ),
        // No solution: most fields are null.
        (
            "solve",
            format!("solve {v1} --difficulty 1e18 --device cpu --timeout 1ms"),
        ),
        ("verify", format!("verify {v1} --difficulty 1 --nonce 1")),
        ("verify", format!("verify {v1} --difficulty 1e18 --nonce 1")),
        ("seal", format!("seal {legacy} --nonce 1")),
        (
            "bench",
            "bench --device cpu --threads 1 --seconds 1".to_owned(),
        ),
        ("devices", "devices".to_owned()),
        ("config-show", "config show".to_owned()),
        ("config-show", "config show register".to_owned()),
    ] {
        let output = run(&format!("{arguments} --json"));
        schema::check(name, &object(&output.stdout));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn answers_about_cards_are_what_their_schemas_say() {
    for (name, arguments) in [
        ("devices", "devices --json"),
        ("tune", "tune --device cuda:0 --seconds 1 --json"),
    ] {
        let mut command = btpow(arguments);
        common::add_cards(&mut command);
        let output = command.output().expect("starts");
        assert!(output.status.success(), "{:?}", told(&output));
        let answer = object(&output.stdout);
        schema::check(name, &answer);
        let devices = answer["devices"].as_array().expect("a list");
        assert!(!devices.is_empty(), "{answer}");
    }
}

#[test]
fn what_is_not_an_answer_does_not_pass() {
    let output = run(&format!("seal {} --nonce 1 --json", CHALLENGES[0]));
    let answer = object(&output.stdout);
    assert_eq!(schema::complaints("seal", &answer), Vec::<String>::new());
    for (field, value) in [
        ("nonce", Some(json!(1))),
        ("seal", Some(json!(null))),
        ("hotkey", None),
        ("additional", Some(json!(1))),
    ] {
        let mut wrong = answer.clone();
        let fields = wrong.as_object_mut().expect("an object");
        match value {
            Some(value) => fields.insert(field.to_owned(), value),
            None => fields.remove(field),
        };
        assert_ne!(
            schema::complaints("seal", &wrong),
            Vec::<String>::new(),
            "{field}"
        );
    }
}

#[test]
fn a_schema_names_its_version_and_itself() {
    let (code, all, _) = told(&run("schema"));
    assert_eq!(code, Some(0));
    let all: Value = serde_json::from_str(&all).expect("JSON");
    let all = all.as_object().expect("an object");
    for (name, schema) in all {
        let id = schema["$id"].as_str().expect("a name");
        let end = format!("/schema/{}/{name}.json", env!("CARGO_PKG_VERSION"));
        assert!(id.ends_with(&end), "{id}");
        assert_eq!(schema["version"], 1, "{name}");
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        let (_, one, _) = told(&run(&format!("schema {name}")));
        assert_eq!(&serde_json::from_str::<Value>(&one).expect("JSON"), schema);
    }
    let (code, _, stderr) = told(&run("schema frobnicate"));
    assert_eq!((code, stderr.lines().count()), (Some(2), 1), "{stderr}");
    assert!(
        stderr.contains("frobnicate") && stderr.contains("config-show"),
        "{stderr}"
    );
}

/// Every command with `--json` has one.
#[test]
fn no_command_with_json_lacks_a_schema() {
    let (_, all, _) = told(&run("schema"));
    let all: Value = serde_json::from_str(&all).expect("JSON");
    let (_, help, _) = told(&run("--help"));
    let (_, rest) = help.split_once("Commands:\n").expect("commands");
    let (commands, _) = rest.split_once("\n\n").expect("their end");
    let names = commands
        .lines()
        .filter_map(|it| it.split_whitespace().next());
    let mut with_json = 0;
    for name in names {
        let (_, help, _) = told(&run(&format!("{name} --help")));
        if help.contains("--json") {
            assert!(all[name].is_object(), "{name}");
            with_json += 1;
        }
    }
    assert!(with_json >= 11, "{with_json}");
}

#[test]
fn the_schema_of_the_settings_file_knows_what_the_program_takes() {
    for right in [
        "threads = 2\nverbose = 1\ndevice = \"cpu\"",
        "[register]\nyes = true\nwait = \"inclusion\"",
        "[mine]\nmax-difficulty = \"10M\"\nonce = true",
        "[register]\nnetuid = [1, \"2\"]\ntimeout = \"1.5 h\"\nmax-expected = 90\nmax-difficulty = 1e7\nshard = \"0/4\"",
        "[solve]\nstart = \"0xff\"\nblock-number = 7\nhotkey = \"5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty\"",
        "api = \"[::1]:4720\"\nlog-format = \"json\"\nproxy = \"socks5://127.0.0.1:1\"",
    ] {
        schema::check("config", &schema::settings(right));
    }
    for wrong in [
        "yes = true",
        "threads = true",
        "threads = 0",
        "netuid = 0",
        "netuid = 65536",
        "netuid = [1, \"one\"]",
        "timeout = \"soon\"",
        "timeout = 0",
        "max-difficulty = \"ten\"",
        "api = \"here\"",
        "shard = 1",
        "shard = \"1\"",
        "network = 1",
        "log-format = \"xml\"",
        "[mine]\nhotkey = \"5Fx\"",
        "[solve]\nblock-hash = \"0x12\"",
        "[[goal]]\nnetuid = 70000",
        "frobnicate = 1",
        "wallet-name = 1",
        "[register]\nwait = \"never\"",
        "[bench]\nnetuid = 1",
        "[[goal]]\nwallet = \"w\"",
        "[goal]\nnetuid = 1",
        "password = \"x\"",
    ] {
        let complaints = schema::complaints("config", &schema::settings(wrong));
        assert!(!complaints.is_empty(), "{wrong}");
    }
}
