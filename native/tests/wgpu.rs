//! The program with a wgpu device: software Vulkan, from Debian's `mesa-vulkan-drivers`. Without it, these tests say
//! so and test nothing. With `BTPOW_TEST_WGPU=required`, as `cargo xtask test` sets it, they fail instead.

mod common;

use common::{btpow, object, run, told};
use serde_json::Value;

/// The name of a software device.
fn software() -> Option<String> {
    let listed = object(&run("devices --json").stdout);
    let all = listed["devices"].as_array().expect("an array").clone();
    let is_software = |device: &&Value| {
        let description = device["description"].as_str().expect("a text");
        device["kind"] == "wgpu" && description.ends_with(", software")
    };
    let found = all.iter().find(is_software);
    if found.is_none() {
        let required = std::env::var("BTPOW_TEST_WGPU").is_ok_and(|value| value == "required");
        assert!(!required, "no software Vulkan device among {all:?}");
        eprintln!("skipped: there is no software Vulkan device");
    }
    Some(found?["name"].as_str().expect("a text").to_owned())
}

#[test]
fn solves_every_protocol() {
    let Some(device) = software() else { return };
    for challenge in common::CHALLENGES {
        let line = format!("solve {challenge} --difficulty 200000 --device {device} --json");
        let (code, stdout, stderr) = told(&run(&line));
        assert_eq!(code, Some(0), "{stdout}{stderr}");
        let last = stdout.lines().last().expect("an answer");
        let solution: Value = serde_json::from_str(last).expect("JSON");
        assert!(stdout.contains(&device), "{stdout}");
        let (nonce, seal) = (&solution["nonce"], &solution["seal"]);
        let (nonce, seal) = (nonce.as_str(), seal.as_str());
        let (nonce, seal) = (nonce.expect("a text"), seal.expect("a text"));
        let line = format!("verify {challenge} --difficulty 200000 --nonce {nonce} --seal {seal}");
        let (code, stdout, stderr) = told(&run(&line));
        assert_eq!(code, Some(0), "{stdout}{stderr}");
    }
}

#[test]
fn bench_finds_every_known_hit() {
    let Some(device) = software() else { return };
    let line = format!("bench --seconds 0.5 --json --device {device}");
    let (code, stdout, stderr) = told(&run(&line));
    assert_eq!((code, &*stderr), (Some(0), ""), "{stdout}");
    let measured = object(stdout.as_bytes());
    assert_eq!(measured["devices"][0]["name"], *device);
    assert_eq!(measured["hits_found"], measured["hits_expected"]);
    assert!(measured["hash_rate"].as_f64().expect("a number") > 0.0);
}

#[test]
fn works_beside_the_cpu() {
    let Some(device) = software() else { return };
    let line = format!("bench --seconds 0.5 --json --device cpu --device {device} --threads 1");
    let (code, stdout, stderr) = told(&run(&line));
    assert_eq!((code, &*stderr), (Some(0), ""), "{stdout}");
    let measured = object(stdout.as_bytes());
    let names: Vec<_> = (measured["devices"].as_array().expect("an array").iter())
        .map(|device| device["name"].as_str().expect("a text"))
        .collect();
    assert_eq!(names, ["cpu", &*device]);
}

#[test]
fn software_is_used_only_when_named() {
    let Some(device) = software() else { return };
    let output = btpow("bench --seconds 0.2 --json --threads 1").output();
    let measured = object(&output.expect("starts").stdout);
    let used = measured["devices"].as_array().expect("an array");
    assert!(used.iter().all(|it| it["name"] != *device), "{used:?}");
}

#[test]
fn a_device_that_is_not_there_is_told_with_those_that_are() {
    let Some(device) = software() else { return };
    let (code, _, stderr) = told(&run("bench --device wgpu:nobody"));
    assert_eq!(code, Some(2), "{stderr}");
    assert!(
        stderr.contains("cpu") && stderr.contains(&device),
        "{stderr}"
    );
}

/// As with CUDA where there is no card.
#[test]
fn without_a_card_the_kind_cannot_be_opened() {
    let Some(_) = software() else { return };
    let listed = object(&run("devices --json").stdout);
    let is_card = |it: &Value| {
        let description = it["description"].as_str().expect("a text");
        it["kind"] == "wgpu" && !description.ends_with(", software")
    };
    if (listed["devices"].as_array().expect("an array").iter()).any(is_card) {
        eprintln!("skipped: there is a card");
        return;
    }
    for name in ["wgpu", "wgpu:high-performance"] {
        let (code, _, stderr) = told(&run(&format!("bench --device {name}")));
        assert_eq!(code, Some(7), "{stderr}");
        let why = format!("{name} cannot be opened: there is only software, which must be named");
        assert!(stderr.contains(&why), "{stderr}");
    }
}

#[test]
fn what_tune_finds_is_remembered() {
    let Some(device) = software() else { return };
    let cache = tempfile::tempdir().expect("a folder");
    let run = |line: &str| {
        let mut command = btpow(line);
        let output = command.env("XDG_CACHE_HOME", cache.path()).output();
        told(&output.expect("starts"))
    };
    let (code, stdout, stderr) = run(&format!("tune --device {device} --seconds 0.2 --json"));
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stderr.contains("rolled3x64"), "{stderr}");
    let tuned = object(stdout.as_bytes())["devices"][0].clone();
    let tried = stderr.lines().filter(|it| it.contains("H/s")).count();
    assert_eq!((&tuned["tried"], &tuned["of"]), (&tried.into(), &7.into()));
    let tuning = tuned["tuning"].clone();
    let file = cache.path().join("btpow/wgpu-tunings.json");
    let kept = std::fs::read_to_string(file).expect("it was written");
    assert!(kept.contains(tuning.as_str().expect("a text")), "{kept}");

    let (code, _, stderr) = run(&format!("bench --device {device} --seconds 0.2 -vv"));
    assert_eq!(code, Some(0), "{stderr}");
    let used = format!("tuning={}", tuning.as_str().expect("a text"));
    assert!(stderr.contains(&used), "{used} is not in {stderr}");
}
