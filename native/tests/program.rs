//! The other commands, help, and what every command has in common.

mod common;

use common::{btpow, fields, isas, object, run, told};
use serde_json::Value;

#[test]
fn devices_lists_devices_and_instruction_sets() {
    let output = run("devices --json");
    let listed = object(&output.stdout);
    let (code, written, stderr) = told(&output);
    assert_eq!((code, &*stderr), (Some(0), ""));
    assert_eq!(fields(&written, &listed), ["devices", "isas"]);
    let cpu = &listed["devices"][0];
    assert_eq!(
        fields(&written, cpu),
        [
            "name",
            "kind",
            "description",
            "isa",
            "threads",
            "card",
            "sensors"
        ]
    );
    assert!(cpu["card"].is_null() && cpu["sensors"].is_null());
    assert_eq!((&cpu["name"], &cpu["kind"]), (&"cpu".into(), &"cpu".into()));
    assert_eq!(cpu["isa"], isas()[0]);
    let threads = std::thread::available_parallelism().expect("known").get();
    assert_eq!(cpu["threads"], threads);
    assert!(!cpu["description"].as_str().expect("a text").is_empty());

    let all = listed["isas"].as_array().expect("an array");
    let available = all.iter().filter(|isa| isa["available"] == true);
    let available: Vec<_> = available.filter_map(|isa| isa["name"].as_str()).collect();
    assert_eq!(available, isas());
    assert_eq!(all.last().expect("some")["name"], "portable");

    let (code, stdout, _) = told(&run("devices"));
    assert_eq!(code, Some(0));
    for name in isas() {
        assert!(stdout.contains(&name), "{name} is not in {stdout}");
    }
}

#[test]
fn the_forced_instruction_set_is_the_one_in_use() {
    for isa in isas() {
        let output = btpow("devices --json").env("BTPOW_ISA", &isa).output();
        let listed = object(&output.expect("starts").stdout);
        assert_eq!(listed["devices"][0]["isa"], isa);
    }
}

#[test]
fn bench_finds_every_known_hit_on_each_instruction_set() {
    for isa in isas() {
        for protocol in ["v1", "legacy", "legacy --order little"] {
            let output = btpow(&format!(
                "bench --device cpu --seconds 0.2 --protocol {protocol} --json"
            ))
            .env("BTPOW_ISA", &isa)
            .output()
            .expect("starts");
            let (code, written, stderr) = told(&output);
            assert_eq!(
                (code, &*stderr),
                (Some(0), ""),
                "{isa}, {protocol}: {written}"
            );
            let measured = object(&output.stdout);
            let expected = [
                "protocol",
                "order",
                "seconds",
                "hash_rate",
                "devices",
                "hits_expected",
                "hits_found",
                "first_hash_ms",
                "challenge_change_ms",
            ];
            assert_eq!(fields(&written, &measured), expected);
            assert!(
                measured["hits_expected"].as_u64().expect("a count") > 0,
                "{measured}"
            );
            assert_eq!(measured["hits_found"], measured["hits_expected"]);
            let positive = |value: &Value| value.as_f64().is_some_and(|value| value > 0.0);
            assert!(positive(&measured["hash_rate"]), "{measured}");
            assert!(positive(&measured["first_hash_ms"]), "{measured}");
            assert!(measured["challenge_change_ms"].is_number(), "{measured}");
            assert!(measured["seconds"].as_f64().expect("a time") >= 0.2);
            let device = &measured["devices"][0];
            let expected = [
                "name",
                "description",
                "isa",
                "threads",
                "hash_rate",
                "hashes_per_joule",
            ];
            let inner = &written[written.find("\"devices\":").expect("there")..];
            assert_eq!(fields(inner, device), expected);
            assert_eq!(
                (&device["name"], &device["isa"]),
                (&"cpu".into(), &isa.as_str().into())
            );
            assert_eq!(device["hash_rate"], measured["hash_rate"]);
        }
    }
}

#[test]
fn bench_for_people_shows_rate_and_hits() {
    let (code, stdout, stderr) = told(&run("bench --seconds 0.2 --threads 1 --device cpu"));
    assert_eq!((code, &*stderr), (Some(0), ""));
    for part in [
        "cpu  ",
        "total  ",
        "H/s",
        "1 × ",
        "known hits  ",
        "first hash  ",
        "new block  ",
    ] {
        assert!(stdout.contains(part), "{part:?} is not in {stdout}");
    }
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let commands = [
        "solve", "verify", "seal", "bench", "devices", "tune", "rig", "fleet",
    ];
    for shell in ["bash", "zsh", "fish"] {
        let (code, script, _) = told(&run(&format!("completions {shell}")));
        assert_eq!(code, Some(0), "{shell}");
        for part in commands.iter().chain(&["block-hash", "sample"]) {
            assert!(script.contains(part), "{shell}: {part} is missing");
        }
        // Names and URLs are no files.
        if shell == "bash" {
            let network = script.split("--network)").nth(1).expect("it is completed");
            let offered = network.lines().nth(1).expect("an answer");
            assert_eq!(offered.trim(), "COMPREPLY=(\"${cur}\")");
        }
    }
    let (code, page, _) = told(&run("man"));
    assert_eq!(code, Some(0));
    assert!(page.contains(".TH btpow 1"), "{page}");
    for command in commands {
        assert!(page.contains(command), "{command} is missing");
        let (code, page, _) = told(&run(&format!("man {command}")));
        assert_eq!(code, Some(0));
        assert!(page.contains(&format!("btpow\\-{command}")), "{page}");
    }
}

/// The short help fits on a screen of 24 lines; for commands that need many flags, nearly.
#[test]
fn the_short_help_fits_a_screen() {
    for (command, lines) in [
        ("-h", 24),
        ("solve -h", 24),
        ("verify -h", 24),
        ("seal -h", 24),
        ("bench -h", 24),
        ("tune -h", 24),
        ("subnets -h", 24),
        ("rig -h", 24),
        ("fleet -h", 24),
        ("doctor -h", 26),
        ("mine -h", 26),
        ("register -h", 26),
        ("faucet -h", 26),
    ] {
        let (code, help, _) = told(&run(command));
        assert_eq!(code, Some(0));
        assert!(help.contains("Example"), "{command}: no example");
        assert!(help.lines().count() <= lines, "{command}:\n{help}");
    }
    let (code, long, _) = told(&run("--help"));
    assert_eq!(code, Some(0));
    for part in ["Exit codes:", "130", "BTPOW_ISA", "Examples:", "--verbose"] {
        assert!(long.contains(part), "{part} is not in {long}");
    }
    let (code, stdout, stderr) = told(&run(""));
    assert_eq!((code, &*stdout), (Some(2), ""));
    assert!(stderr.contains("Usage: btpow"), "{stderr}");
    let (code, version, _) = told(&run("--version"));
    assert_eq!(
        (code, version),
        (Some(0), format!("btpow {}\n", env!("CARGO_PKG_VERSION")))
    );
}

#[test]
fn verbose_logs_on_standard_error_alone() {
    let solve = format!(
        "solve {} --difficulty 1000 --json -vv",
        common::CHALLENGES[0]
    );
    let output = run(&solve);
    let (code, _, stderr) = told(&output);
    assert_eq!(code, Some(0));
    object(&output.stdout);
    assert!(
        stderr.contains("INFO") && stderr.contains("cpu:0"),
        "{stderr}"
    );
    assert!(
        stderr.contains("DEBUG") && !stderr.contains('\u{1b}'),
        "{stderr}"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn an_answer_that_cannot_be_written_is_an_error() {
    let full = std::fs::File::create("/dev/full").expect("Linux has it");
    let output = btpow(
        "seal {V1} --nonce 1"
            .replace("{V1}", common::CHALLENGES[0])
            .as_str(),
    )
    .stdout(full)
    .output()
    .expect("starts");
    let (code, _, stderr) = told(&output);
    assert_eq!(code, Some(1));
    assert!(
        stderr.starts_with("error: cannot write the answer"),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

/// What was found once is not lost because nobody takes it.
#[test]
#[cfg(target_os = "linux")]
fn a_solution_that_standard_output_does_not_take_is_on_standard_error() {
    let solve = format!(
        "solve {} --difficulty 1000 --threads 1",
        common::CHALLENGES[0]
    );
    let shell = |redirected: &str, more: &str| {
        let program = btpow(&format!("{solve} {more}"));
        let line = format!("exec \"$0\" \"$@\" {redirected}");
        let mut command = std::process::Command::new("sh");
        command
            .env_clear()
            .args(["-c", &line])
            .arg(program.get_program());
        command.args(program.get_args()).output().expect("starts")
    };
    for (more, words) in [("", "nonce       "), ("--json", "\"nonce\":\"")] {
        let (code, stdout, stderr) = told(&shell(">/dev/full", more));
        assert_eq!((code, &*stdout), (Some(1), ""), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
        let last = stderr.lines().last().expect("a line");
        assert!(
            last.starts_with("error: cannot write the answer"),
            "{stderr}"
        );
        assert!(last.ends_with("on standard error"), "{stderr}");
        // A closed one looks like that of Python's `subprocess.DEVNULL`, which is no error.
        for redirected in [">&-", "1<>/dev/null"] {
            let (code, stdout, stderr) = told(&shell(redirected, more));
            assert_eq!((code, &*stdout), (Some(0), ""), "{redirected}: {stderr}");
            assert!(stderr.contains(words), "{redirected}: {stderr}");
            assert!(!stderr.contains("error: "), "{redirected}: {stderr}");
        }
    }
    // Whoever throws it away means it.
    let (code, _, stderr) = told(&shell(">/dev/null", ""));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(!stderr.contains("nonce"), "{stderr}");
}

#[test]
#[cfg(unix)]
fn a_reader_that_has_seen_enough_is_no_error() {
    use std::io::Read as _;

    for command in ["devices", "completions bash", "man"] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut child = btpow(command)
            .stdout(writer)
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("starts");
        let mut said = String::new();
        let mut stderr = child.stderr.take().expect("piped");
        stderr.read_to_string(&mut said).expect("UTF-8");
        let status = child.wait().expect("ends");
        assert_eq!((status.code(), &*said), (Some(0), ""), "{command}");
    }
}
