//! The program with the NVIDIA cards of an emulated driver, and its messages without a driver.

mod common;

use std::process::Output;

use common::{btpow, object, run, told};

/// The program on a machine with the emulated driver of `kernels/tests`, with these settings.
#[cfg(target_os = "linux")]
fn with_cards(arguments: &str, settings: &[(&str, &str)]) -> Output {
    let mut command = cards_command(arguments);
    command.envs(settings.iter().copied());
    command.output().expect("the program starts")
}

#[cfg(target_os = "linux")]
fn cards_command(arguments: &str) -> std::process::Command {
    let mut command = btpow(arguments);
    common::add_cards(&mut command);
    command
}

/// Whether this machine has a real driver, which would give other answers.
fn real_driver() -> bool {
    let real = btpow_cuda::Driver::load().is_ok();
    if real {
        eprintln!("skipped: there is a driver");
    }
    real
}

#[test]
fn without_a_driver_it_says_so() {
    if real_driver() {
        return;
    }
    for flags in ["--device cuda", "--device cuda:0", "--cuda", "--dev-id 0"] {
        let (code, _, stderr) = told(&run(&format!("solve --sample {flags}")));
        assert_eq!(code, Some(7), "{stderr}");
        assert!(stderr.contains("no NVIDIA driver"), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
    let (code, _, stderr) = told(&run("tune"));
    assert_eq!(code, Some(7), "{stderr}");
    assert!(stderr.contains("no card to tune"), "{stderr}");
    assert!(!stderr.contains("--device cpu"), "{stderr}");
    let (code, _, stderr) = told(&run("tune --device cpu"));
    assert_eq!(code, Some(2), "{stderr}");

    let (code, stdout, stderr) = told(&run("bench --seconds 0.2 --device cpu --device cuda"));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("no NVIDIA driver"), "{stderr}");
    assert!(stdout.starts_with("cpu "), "{stdout}");
}

#[test]
fn bad_selections_are_told() {
    for (flags, what) in [
        ("--device cuda:x", "names no card"),
        ("--dev-id one", "names no card"),
        ("--device cpu --device cuda:", "names no card"),
        ("--tpb 100", "not a multiple of 32"),
        ("--threads-per-block 1000", "not a multiple of 32"),
        ("--tpb 4096", "at most 768"),
        ("--tpb 0", "at least 32"),
        ("--tpb -1", "is not a number"),
    ] {
        let (code, _, stderr) = told(&run(&format!("solve --sample {flags}")));
        assert_eq!(code, Some(2), "{flags}: {stderr}");
        assert!(stderr.contains(what), "{flags}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{flags}: {stderr}");
    }
}

#[cfg(target_os = "linux")]
mod on_an_emulated_driver {
    use serde_json::Value;

    use super::*;

    const TWO: (&str, &str) = ("BTPOW_EMULATED_CARDS", "2");

    fn fault(text: &str) -> (&str, &str) {
        ("BTPOW_EMULATED_FAULT", text)
    }

    #[test]
    fn cards_are_listed_with_what_is_known_of_them() {
        let (code, stdout, stderr) = told(&with_cards("devices --json", &[TWO]));
        assert_eq!(code, Some(0), "{stderr}");
        let listed = object(stdout.as_bytes());
        let device = &listed["devices"][2];
        assert_eq!(
            (&device["name"], &device["kind"]),
            (&"cuda:1".into(), &"cuda".into())
        );
        let card = &device["card"];
        assert_eq!(card["pci"], "0000:66:00.0");
        assert_eq!(card["cuda"], "12.4");
        assert_eq!(card["driver"], "550.54.15");
        assert_eq!(card["capability"], "9.0");
        assert_eq!(
            (&card["multiprocessors"], &card["memory"]),
            (&2.into(), &(8_u64 << 30).into())
        );
        assert_eq!(device["sensors"]["temperature"], 61);
        assert_eq!(device["sensors"]["power"], 250.0);

        let (_, stdout, _) = told(&with_cards("devices", &[TWO]));
        for part in [
            "cuda:0   Emulated card, 2 SMs, 8 GiB, compute 9.0",
            "GPU-11111111-1111-1111-1111-111111111111",
            "PCI 0000:66:00.0",
            "driver 550.54.15, CUDA 12.4",
            "61 °C, 250 W",
        ] {
            assert!(stdout.contains(part), "{part} is not in {stdout}");
        }
        let dumb = ("BTPOW_EMULATED_SENSORS", "none");
        let (code, stdout, _) = told(&with_cards("devices", &[dumb]));
        assert_eq!(code, Some(0));
        assert!(!stdout.contains("°C"), "{stdout}");
    }

    #[test]
    fn solves_every_protocol_on_the_cards_named() {
        for (challenge, device) in
            common::CHALLENGES
                .iter()
                .zip(["cuda", "cuda:GPU-11111111", "cuda:65:00.0"])
        {
            let line = format!("solve {challenge} --difficulty 50000 --device {device} --json");
            let (code, stdout, stderr) = told(&with_cards(&line, &[TWO]));
            assert_eq!(code, Some(0), "{stdout}{stderr}");
            let solution = object(stdout.as_bytes());
            let nonce = solution["nonce"].as_str().expect("a text");
            let line = format!("verify {challenge} --difficulty 50000 --nonce {nonce}");
            assert_eq!(told(&run(&line)).0, Some(0), "{stdout}");
        }
    }

    fn measured(output: &Output) -> Value {
        let (code, stdout, stderr) = told(output);
        assert_eq!((code, &*stderr), (Some(0), ""), "{stdout}");
        let measured = object(stdout.as_bytes());
        assert!(measured["hits_found"].as_u64().expect("a count") > 0);
        assert_eq!(measured["hits_found"], measured["hits_expected"]);
        measured
    }

    /// Since no hit of the known run is missing, the cards left out no nonce. Their rates and the sum show that
    /// none was done twice.
    #[test]
    fn bench_finds_every_known_hit_and_counts_energy() {
        let line = "bench --seconds 2 --json --dev-id 0,1 --tpb 64";
        let all = measured(&with_cards(line, &[TWO]));
        let devices = all["devices"].as_array().expect("an array");
        let names: Vec<_> = devices.iter().map(|it| it["name"].as_str()).collect();
        assert_eq!(names, [Some("cuda:0"), Some("cuda:1")]);
        let rate = |device: &Value| device["hash_rate"].as_f64().expect("a number");
        assert!((devices.iter().map(rate).sum::<f64>() / rate(&all) - 1.0).abs() < 1e-9);
        for device in devices {
            let efficiency = device["hashes_per_joule"].as_f64().expect("a number");
            assert!(
                (efficiency * 250.0 / rate(device) - 1.0).abs() < 0.1,
                "{device}"
            );
        }
    }

    #[test]
    fn energy_is_told_from_power_where_there_is_no_counter() {
        let line = "bench --seconds 2 --json --device cuda";
        let no_counter = ("BTPOW_EMULATED_SENSORS", "no-counter");
        let device = &measured(&with_cards(line, &[no_counter]))["devices"][0];
        let rate = device["hash_rate"].as_f64().expect("a number");
        let efficiency = device["hashes_per_joule"].as_f64().expect("a number");
        assert!((efficiency * 250.0 / rate - 1.0).abs() < 0.1, "{device}");
        let none = ("BTPOW_EMULATED_SENSORS", "none");
        let device = &measured(&with_cards(line, &[none]))["devices"][0];
        assert!(device["hashes_per_joule"].is_null(), "{device}");
    }

    /// A fault, and part of its message.
    const TROUBLES: [(&str, &str); 12] = [
        ("cuMemAlloc_v2=2", "memory is full"),
        ("cuMemHostAlloc=2", "memory is full"),
        ("cuDevicePrimaryCtxRetain=46", "nvidia-smi -c DEFAULT"),
        ("mode=2", "compute mode"),
        (
            "version=11080",
            "CUDA 11.8, but btpow needs 12.0; install driver 525",
        ),
        (
            "cuModuleLoadData=222",
            "does not compile the kernels (driver error 222)",
        ),
        ("cuModuleLoadData=221", "libnvidia-ptxjitcompiler"),
        ("capability=6", "Turing"),
        ("cuInit=100", "CUDA_VISIBLE_DEVICES"),
        ("cuInit=803", "reboot after updating"),
        ("cuInit=802", "nvidia-fabricmanager"),
        ("cuStreamCreate=999", "does not respond (driver error 999)"),
    ];

    #[test]
    fn alone_a_card_that_does_not_open_ends_the_program() {
        for (trouble, what) in TROUBLES {
            let line = "solve --sample --device cuda";
            let (code, stdout, stderr) = told(&with_cards(line, &[fault(trouble)]));
            assert_eq!((code, &*stdout), (Some(7), ""), "{trouble}: {stderr}");
            assert!(stderr.contains(what), "{trouble}: {stderr}");
            assert_eq!(stderr.lines().count(), 1, "{trouble}: {stderr}");
        }
    }

    #[test]
    fn a_card_that_does_not_open_is_named_and_the_cpu_goes_on() {
        for (trouble, what) in TROUBLES {
            let line = "bench --seconds 0.3 --device cuda --device cpu --threads 1";
            let (code, stdout, stderr) = told(&with_cards(line, &[fault(trouble)]));
            assert_eq!(code, Some(0), "{trouble}: {stderr}");
            assert!(stderr.contains(what), "{trouble}: {stderr}");
            assert!(stdout.starts_with("cpu "), "{trouble}: {stdout}");
        }
    }

    #[test]
    fn a_card_that_does_not_open_is_named_and_the_other_goes_on() {
        let taken = fault("cuDevicePrimaryCtxRetain=46@1");
        let line = "bench --seconds 2 --device cuda";
        let (code, stdout, stderr) = told(&with_cards(line, &[TWO, taken]));
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stderr.contains("cuda:1 cannot be opened"), "{stderr}");
        assert!(stderr.contains("nvidia-smi -c DEFAULT"), "{stderr}");
        assert!(stdout.starts_with("cuda:0 "), "{stdout}");
    }

    #[test]
    fn a_broken_driver_is_told_even_if_nobody_asked_for_cards() {
        for line in ["devices", "bench --seconds 0.3 --threads 1"] {
            let (code, stdout, stderr) = told(&with_cards(line, &[fault("cuInit=803")]));
            assert_eq!(code, Some(0), "{stderr}");
            assert!(stderr.contains("a card cannot be used"), "{stderr}");
            assert!(stdout.contains("cpu"), "{stdout}");
            let (_, _, stderr) = told(&with_cards(line, &[fault("cuInit=100")]));
            assert_eq!(stderr, "", "no card is no fault");
        }
    }

    #[test]
    fn a_card_lost_in_mid_search_is_named_and_the_others_go_on() {
        // From these nonces, the first win comes after 1.7 and 55 million nonces, seconds after the loss.
        for (search, others) in [
            ("--difficulty 2M --start 0", "--device cuda"),
            (
                "--difficulty 60M --start 5",
                "--device cuda:1 --device cpu --threads 1",
            ),
        ] {
            let lost = fault("cuEventQuery=719+100@1");
            let challenge = common::CHALLENGES[0];
            let line = format!("solve {challenge} {search} --timeout 300s {others}");
            let (code, stdout, stderr) = told(&with_cards(&line, &[TWO, lost]));
            assert_eq!(code, Some(0), "{stdout}{stderr}");
            let told = stderr.matches("cuda:1: it does not respond (driver error 719)");
            assert_eq!(told.count(), 1, "{stderr}");
            for queue in ["cuda:1/0", "cuda:1/1"] {
                assert!(stderr.contains(&format!("{queue} was dropped")), "{stderr}");
            }
            assert!(!stderr.contains("cuda:0/"), "{stderr}");
        }
    }

    #[test]
    fn the_last_card_lost_ends_the_search() {
        let lost = fault("cuLaunchKernel=719+60");
        let line = format!(
            "solve {} --difficulty 1e15 --timeout 200s --device cuda",
            common::CHALLENGES[0]
        );
        let (code, stdout, stderr) = told(&with_cards(&line, &[lost]));
        assert_eq!((code, &*stdout), (Some(7), ""), "{stderr}");
        let last = stderr.lines().last().expect("a line");
        assert!(last.starts_with("error: no device is left"), "{stderr}");
    }

    #[test]
    fn an_index_that_does_not_exist() {
        let (code, _, stderr) = told(&with_cards("solve --sample --device cuda:2", &[TWO]));
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains("there are cuda:0, cuda:1"), "{stderr}");
        for selection in ["cuda:1,2", "cuda:2 --device cuda:1"] {
            let line = format!("bench --seconds 2 --device {selection}");
            let (code, stdout, stderr) = told(&with_cards(&line, &[TWO]));
            assert_eq!(code, Some(0), "{stderr}");
            assert!(stderr.contains("there is no card cuda:2"), "{stderr}");
            assert!(stdout.starts_with("cuda:1 "), "{stdout}");
        }
    }

    /// Tunes the cards with a cache folder of their own; returns the answer and what was told.
    fn tune(line: &str, cache: &std::path::Path, settings: &[(&str, &str)]) -> (Value, String) {
        let folder = ("XDG_CACHE_HOME", cache.to_str().expect("UTF-8"));
        let settings: Vec<_> = settings.iter().copied().chain([folder]).collect();
        let (code, stdout, stderr) = told(&with_cards(&format!("tune {line} --json"), &settings));
        assert_eq!(code, Some(0), "{stdout}{stderr}");
        (object(stdout.as_bytes()), stderr)
    }

    #[test]
    fn a_tuning_is_remembered_and_tried_first_the_next_time() {
        let cache = tempfile::tempdir().expect("a folder");
        let settings = [TWO, fault("cuModuleLoadData=2@1")];
        let (tuned, stderr) = tune("--seconds 2", cache.path(), &settings);
        assert!(
            stderr.contains("cuda:1 cannot be opened: its memory"),
            "{stderr}"
        );
        assert!(stderr.starts_with("cuda:0: b-shared 256 "), "{stderr}");
        let devices = tuned["devices"].as_array().expect("an array");
        let [device] = &devices[..] else {
            panic!("{tuned}");
        };
        let tried = stderr.lines().filter(|it| it.contains("H/s")).count();
        assert_eq!(device["tried"], tried, "{stderr}");
        assert_eq!(
            (&device["of"], &device["remembered"]),
            (&36.into(), &true.into())
        );
        let rate = device["hash_rate"].as_f64().expect("a number");
        assert!(device["next"].is_null() || device["next"]["hash_rate"].as_f64() <= Some(rate));

        let file = cache.path().join("btpow/cuda-tunings.json");
        let kept = std::fs::read_to_string(&file).expect("it was written");
        let fingerprint = format!(
            "Emulated card, driver 550.54.15, btpow {}",
            env!("CARGO_PKG_VERSION")
        );
        let tuning = device["tuning"].as_str().expect("a text");
        assert!(
            kept.contains(&format!("{fingerprint}\": \"{tuning}\"")),
            "{kept}"
        );
        std::fs::write(&file, kept.replace(tuning, "c18 512")).expect("written");
        let settings = [("XDG_CACHE_HOME", cache.path().to_str().expect("UTF-8"))];
        let (_, stdout, _) = told(&with_cards("devices --json", &settings));
        let listed = object(stdout.as_bytes());
        assert_eq!(listed["devices"][1]["card"]["tuning"], "c18 512");
        let (tuned, stderr) = tune("--seconds 0.01", cache.path(), &[]);
        assert!(stderr.starts_with("cuda:0: c18 512 "), "{stderr}");
        assert_eq!(tuned["devices"][0]["tuning"], "c18 512");
    }

    /// The first trial takes longer, and there is no second.
    #[test]
    fn a_short_time_is_kept_and_told() {
        let cache = tempfile::tempdir().expect("a folder");
        let settings = [("XDG_CACHE_HOME", cache.path().to_str().expect("UTF-8"))];
        let (code, stdout, stderr) = told(&with_cards("tune --seconds 0.01", &settings));
        assert_eq!(code, Some(0), "{stdout}{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        let start = "cuda:0   Emulated card, 2 SMs, 8 GiB, compute 9.0: b-shared 256, ";
        assert!(stdout.starts_with(start), "{stdout}");
        assert!(stdout.contains("H/s; tried 1 of 36 in "), "{stdout}");
        assert!(stdout.ends_with(" s; remembered\n"), "{stdout}");
    }

    #[test]
    fn what_cannot_be_kept_is_not_called_remembered() {
        let cache = tempfile::tempdir().expect("a folder");
        let file = cache.path().join("btpow/cuda-tunings.json");
        std::fs::create_dir_all(&file).expect("a folder in its place");
        let settings = [("XDG_CACHE_HOME", cache.path().to_str().expect("UTF-8"))];
        let (code, stdout, stderr) = told(&with_cards("tune --seconds 0.01", &settings));
        assert_eq!(code, Some(1), "{stdout}{stderr}");
        assert!(stdout.ends_with("; not remembered\n"), "{stdout}");
        let last = stderr.lines().last().expect("a line");
        let start = "error: the tuning of cuda:0 is not remembered: cannot write ";
        assert!(last.starts_with(start), "{stderr}");
        let left = std::fs::read_dir(cache.path().join("btpow")).expect("a folder");
        assert_eq!(left.count(), 1, "no partial file");
    }

    /// Whatever ends the program leaves what it has found: it is there as soon as a trial is told.
    #[test]
    fn a_tuning_that_is_cut_keeps_the_best_so_far() {
        use std::{
            io::{BufRead, BufReader},
            process::Stdio,
        };
        let cache = tempfile::tempdir().expect("a folder");
        let mut command = cards_command("tune --seconds 600");
        command.env("XDG_CACHE_HOME", cache.path());
        let mut program = command.stderr(Stdio::piped()).spawn().expect("it starts");
        let stderr = BufReader::new(program.stderr.take().expect("piped"));
        // The first is kept before the second is told.
        let told: Vec<_> = stderr.lines().take(2).map_while(Result::ok).collect();
        program.kill().expect("it runs");
        program.wait().expect("it ends");
        assert!(told[0].starts_with("cuda:0: b-shared 256 "), "{told:?}");
        let kept = std::fs::read_to_string(cache.path().join("btpow/cuda-tunings.json"));
        assert!(kept.expect("it was written").contains("Emulated card"));
    }
}
