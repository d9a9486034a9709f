//! Drivers that are broken, hang, crash or are slow: the CPU works at once, and the user is told.

#![cfg(target_os = "linux")]

#[path = "../common/mod.rs"]
mod common;
mod machine;

use std::{fs, io::Read as _, path::Path, process::Command};

use common::{CHALLENGES, btpow, object};
use machine::{Machine, Search};

fn endless(flags: &str) -> String {
    let challenge = CHALLENGES[0];
    format!("solve {challenge} --difficulty 18446744073709551615 {flags}")
}

fn hashes(answer: &str) -> u64 {
    let answer = object(answer.as_bytes());
    let tried = answer["statistics"]["nonces_total"].as_str();
    tried.expect("a text").parse().expect("a number")
}

const HANGS: &str = "int cuInit(unsigned flags) { report(); for (;;) pause(); return flags; }";

#[test]
fn a_library_without_its_functions_is_named_and_the_cpu_works() {
    let machine = Machine::with_cuda_library("int nothing(void) { return 0; }");
    let path = machine.folder.path().join("libcuda.so.1");
    let what = format!("library {} lacks cuInit", path.display());
    for line in ["devices", "bench --seconds 0.2 --threads 1"] {
        let (code, stdout, stderr) = machine.told(line);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stderr.contains(&what), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stdout.starts_with("cpu "), "{stdout}");
    }
    let (code, stdout, stderr) = machine.told("solve --sample --device cuda");
    assert_eq!((code, &*stdout), (Some(7), ""), "{stderr}");
    assert!(stderr.contains(&what), "{stderr}");

    let mut search = Search::start(machine.btpow(&endless("--json")));
    let line = search.until(&what);
    assert!(line.starts_with("warning: a card cannot be used"), "{line}");
    assert!(line.ends_with("; mining without it"), "{line}");
    assert!(hashes(&search.interrupt()) > 0);
}

#[test]
fn a_driver_that_hangs_is_told_and_its_process_ended() {
    let machine = Machine::with_cuda(HANGS);
    // Two programs at the same time, since each waits for ten seconds.
    let devices = Search::start(machine.btpow("devices"));
    let (_, _, mut first) = machine.report();
    let mut search = Search::start(machine.btpow(&endless("--json")));
    let (_, _, mut second) = machine.report();
    let introduction = search.until("Solving ");
    assert!(introduction.contains("; on cpu: "), "{introduction}");
    assert!(
        introduction.ends_with("; looking for cards"),
        "{introduction}"
    );
    // It goes on looking, since a slow driver's cards may still come, until the program ends.
    search.until("the NVIDIA driver does not answer; mining without it");
    assert!(hashes(&search.interrupt()) > 0);
    let mut rest = String::new();
    second.read_to_string(&mut rest).expect("its end");

    first.read_to_string(&mut rest).expect("its end");
    let listed = devices.child.wait_with_output().expect("ends");
    assert!(listed.status.success());
    assert!(listed.stdout.starts_with(b"cpu "), "{listed:?}");
    for line in devices.stderr {
        let line = line.expect("UTF-8");
        assert!(line.contains("the NVIDIA driver does not answer"), "{line}");
    }
}

#[test]
fn the_cpu_works_and_the_program_ends_while_a_driver_hangs() {
    let machine = Machine::with_cuda(HANGS);
    // Long before the look ends: a solution, and the end of the time.
    let line = format!("solve {} --difficulty 1000 --json", CHALLENGES[0]);
    let (code, stdout, stderr) = machine.told(&line);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(!stderr.contains("answer"), "{stderr}");
    assert!(hashes(&stdout) > 0);

    let mut search = Search::start(machine.btpow(&endless("--json")));
    search.until("Solving ");
    let (_, _, mut pipe) = machine.report();
    assert!(hashes(&search.interrupt()) > 0);
    // It is gone with the program.
    pipe.read_to_string(&mut String::new()).expect("its end");
}

#[test]
fn the_process_that_looks_ends_with_a_program_that_is_killed() {
    let machine = Machine::with_cuda(HANGS);
    let mut search = Search::start(machine.btpow(&endless("")));
    search.until("Solving ");
    let (_, _, mut pipe) = machine.report();
    search.kill("-KILL");
    pipe.read_to_string(&mut String::new()).expect("its end");
    search.child.wait().expect("ends");
}

#[test]
fn the_process_that_looks_gets_no_password() {
    let machine = Machine::with_cuda(HANGS);
    let secret = machine.folder.path().join("secret");
    fs::write(&secret, "hunter2").expect("written");
    let program = machine.btpow(&endless("--device cpu --device cuda"));
    // The shell passes its descriptor on, as it does for --password-fd.
    let mut shell = Command::new("sh");
    shell
        .args(["-c", r#"exec 7<"$0"; exec "$@""#])
        .arg(&secret)
        .arg(program.get_program())
        .args(program.get_args())
        .env_clear()
        .envs(machine.variables.iter().map(|(name, value)| (name, value)))
        .env("BT_WALLET_PASSWORD", "hunter2")
        .env("BT_PW_HOME_COLDKEY", "hunter2")
        .env("CUDA_VISIBLE_DEVICES", "0")
        .env("PATH", "/usr/bin:/bin");
    let search = Search::start(shell);
    let (id, report, _pipe) = machine.report();
    let arguments = fs::read(format!("/proc/{id}/cmdline")).expect("it hangs");
    let arguments = String::from_utf8(arguments).expect("UTF-8");
    assert!(
        arguments.ends_with("look\0cuda\0--device=cuda\0"),
        "{arguments}"
    );
    // The program itself has the descriptor.
    let own = fs::read_link(format!("/proc/{}/fd/7", search.child.id()));
    assert_eq!(own.expect("it is open"), secret);
    assert!(!report.iter().any(|it| it.contains("secret")), "{report:?}");
    assert!(
        !report.iter().any(|it| it.contains("hunter2")),
        "{report:?}"
    );
    let visible = "variable CUDA_VISIBLE_DEVICES=0";
    assert!(report.iter().any(|it| it == visible), "{report:?}");
    search.kill("-KILL");
}

#[test]
fn a_driver_that_aborts_is_told_with_its_signal() {
    for (cause, what) in [("abort();", "(SIGABRT)"), ("_exit(3);", "exit status: 3")] {
        let source = format!("int cuInit(unsigned flags) {{ {cause} return flags; }}");
        let machine = Machine::with_cuda(&source);
        for line in ["devices", "bench --seconds 0.2 --threads 1"] {
            let (code, stdout, stderr) = machine.told(line);
            assert_eq!(code, Some(0), "{stderr}");
            let ended = "the NVIDIA driver ended the process that looked for its cards";
            assert!(stderr.contains(ended), "{stderr}");
            assert!(stderr.contains(what), "{stderr}");
            assert!(stdout.starts_with("cpu "), "{stdout}");
        }
        let (code, _, stderr) = machine.told("solve --sample --device cuda");
        assert_eq!(code, Some(7), "{stderr}");
        // Another kind is not concerned.
        let (code, _, stderr) = machine.told("bench --seconds 0.2 --device cpu");
        assert_eq!((code, &*stderr), (Some(0), ""));
    }
}

/// Then the system keeps nothing of a process that has ended.
#[test]
fn a_driver_that_aborts_is_told_where_the_ends_of_processes_are_ignored() {
    let machine = Machine::with_cuda("int cuInit(unsigned flags) { abort(); return flags; }");
    let program = machine.btpow("devices");
    let mut env = Command::new("env");
    env.arg("--ignore-signal=CHLD")
        .arg(program.get_program())
        .args(program.get_args())
        .envs(machine.variables.iter().map(|(name, value)| (name, value)));
    let (code, stdout, stderr) = common::told(&env.output().expect("starts"));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.starts_with("cpu "), "{stdout}");
    let ended = "the NVIDIA driver ended the process that looked for its cards (the system does not say how)";
    assert!(stderr.contains(ended), "{stderr}");
}

/// A terminal may stop a process in the background that writes to it.
#[test]
fn what_a_driver_complains_of_is_passed_on_by_the_program() {
    let source = r#"int cuInit(unsigned flags) { fputs("no\033card", stderr); report(); return flags ? 0 : 100; }"#;
    let machine = Machine::with_cuda(source);
    for (line, is_told) in [("devices -v", true), ("devices", false)] {
        let mut search = Search::start(machine.btpow(line));
        // The driver waits until its report is read.
        let ours = fs::read_link(format!("/proc/{}/fd/2", search.child.id()));
        let ours = format!("open {}", ours.expect("it is open").display());
        let (_, report, _pipe) = machine.report();
        assert!(!report.contains(&ours), "{report:?}");
        let told: Vec<_> = search.stderr.by_ref().map_while(Result::ok).collect();
        let complaint =
            |it: &String| it.contains("the NVIDIA driver: no") && !it.contains('\u{1b}');
        assert_eq!(told.iter().any(complaint), is_told, "{told:?}");
        assert!(search.child.wait().expect("ends").success());
    }
}

/// Whether this machine loads Vulkan drivers. With `BTPOW_TEST_WGPU=required`, as `cargo xtask test` sets it, it must.
fn has_vulkan() -> bool {
    let folders = [
        "/usr/lib",
        "/usr/lib64",
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
    ];
    let mut files = folders
        .iter()
        .map(|it| Path::new(it).join("libvulkan.so.1"));
    let has = files.any(|it| it.exists());
    let required = std::env::var("BTPOW_TEST_WGPU").is_ok_and(|value| value == "required");
    assert!(has || !required, "no libvulkan.so.1 in {folders:?}");
    if !has {
        eprintln!("skipped: there is no loader of Vulkan drivers");
    }
    has
}

#[test]
fn a_vulkan_driver_that_hangs_is_told_and_the_cpu_works() {
    if !has_vulkan() {
        return;
    }
    let machine = Machine::with_vulkan(
        "int vk_icdNegotiateLoaderICDInterfaceVersion(unsigned *version) {
             report();
             for (;;) pause();
             return *version;
         }
         void *vk_icdGetInstanceProcAddr(void *instance, const char *name) {
             return name ? 0 : instance;
         }",
    );
    let mut search = Search::start(machine.btpow(&endless("--json")));
    search.until("Solving ");
    let (_, _, mut pipe) = machine.report();
    search.until("the graphics driver (Vulkan) does not answer; mining without it");
    assert!(hashes(&search.interrupt()) > 0);
    pipe.read_to_string(&mut String::new()).expect("its end");
}

#[test]
fn a_card_joins_the_cpu_and_the_line_is_amended() {
    let folder = Path::new(concat!(
        env!("CARGO_TARGET_TMPDIR"),
        "/emulated-driver-look"
    ));
    btpow_conformance::emulated::driver(folder, &[]);
    let mut command = btpow(&endless("--json --threads 1"));
    command
        .env("LD_LIBRARY_PATH", folder)
        .env("XDG_CACHE_HOME", folder);
    let mut search = Search::start(command);
    let introduction = search.until("Solving ");
    assert!(
        introduction.ends_with("; looking for cards"),
        "{introduction}"
    );
    let joined = search.until(" joined: ");
    assert!(
        joined.starts_with("cuda:0 joined: Emulated card"),
        "{joined}"
    );
    // Once the status shows both, the card has done a round or will at once.
    let works = |line: &str| line.starts_with("  cuda:0: ") && !line.ends_with(" 0.0 H/s");
    while !works(&search.until("  cuda:0: ")) {}
    let answer = search.interrupt();
    let answer = object(answer.as_bytes());
    let devices = &answer["statistics"]["devices"];
    for (place, name) in ["cpu", "cuda:0"].into_iter().enumerate() {
        assert_eq!(devices[place]["name"], name);
        assert_ne!(devices[place]["nonces_total"], "0", "{answer}");
    }
}

#[test]
fn without_a_card_no_driver_costs_memory() {
    if btpow_cuda::Driver::load().is_ok() {
        eprintln!("skipped: there is a driver");
        return;
    }
    let mut search = Search::start(btpow(&endless("-vv")));
    // Both looks end, in any order.
    search.until("looked for cards");
    search.until("looked for cards");
    search.wait_for_no_children();
    let status = fs::read_to_string(format!("/proc/{}/status", search.child.id()));
    let status = status.expect("it runs");
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let most: u64 = (most
        .expect("Linux has it")
        .trim()
        .trim_end_matches(" kB")
        .parse())
    .expect("a number");
    // Code that is not optimised is three times as large, and what of it is mapped counts. Mesa's drivers take 60 MiB more.
    let limit = if cfg!(debug_assertions) { 36 } else { 12 };
    assert!(most < limit * 1024, "{most} KiB");
    let maps = fs::read_to_string(format!("/proc/{}/maps", search.child.id()));
    assert!(!maps.expect("it runs").contains("vulkan"));
    search.interrupt();
}
