//! How the CPU's threads behave towards everything else on the machine. The program for Windows has no such flags.
#![cfg(target_os = "linux")]

mod common;

use core::time::Duration;
use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::Instant,
};

use common::{btpow, object, run, told};

/// A solve that does not end by itself.
const ENDLESS: &str = "solve --netuid 7 --block-hash {BLOCK} --hotkey {BOB} --coldkey {ALICE} --difficulty 1e19 \
                       --device cpu";

/// The CPUs that this process may use.
fn allowed() -> Vec<usize> {
    let set = rustix::thread::sched_getaffinity(None).expect("it is known");
    (0..rustix::thread::CpuSet::MAX_CPU)
        .filter(|cpu| set.is_set(*cpu))
        .collect()
}

/// What the system says of a thread: the CPUs that it may use, and how nice it is.
struct Manners {
    cpus: String,
    nice: String,
}

/// Waits until each of the program's threads with this name behaves as expected.
fn wait_for(command: &mut Command, name: &str, expected: impl Fn(&Manners) -> bool) {
    let mut program = command.stderr(Stdio::null()).spawn().expect("it starts");
    let deadline = Instant::now() + Duration::from_secs(180);
    let tasks = format!("/proc/{}/task", program.id());
    let is_so = || {
        let mut named = fs::read_dir(&tasks).ok()?.filter_map(|task| {
            let read = |file| fs::read_to_string(task.as_ref().ok()?.path().join(file)).ok();
            let (status, stat) = (read("status")?, read("stat")?);
            let (before, fields) = stat.rsplit_once(") ")?;
            let cpus = status
                .lines()
                .find_map(|it| it.strip_prefix("Cpus_allowed_list:"))?;
            let manners = Manners {
                cpus: cpus.trim().to_owned(),
                // The first of these fields is the third of all.
                nice: fields.split(' ').nth(19 - 3)?.to_owned(),
            };
            before.ends_with(&format!("({name}")).then_some(manners)
        });
        Some(expected(&named.next()?) && named.all(|it| expected(&it)))
    };
    while is_so() != Some(true) {
        assert!(Instant::now() < deadline, "{name} behaves otherwise");
        thread::sleep(Duration::from_millis(5));
    }
    program.kill().expect("it runs");
    program.wait().expect("it ends");
}

#[test]
fn threads_run_where_they_may_and_make_way() {
    if common::is_for_windows() {
        return;
    }
    let [.., last] = allowed()[..] else {
        panic!("there is no CPU")
    };
    let mut command = btpow(&format!("{ENDLESS} --cpus {last} --nice 19"));
    wait_for(&mut command, "cpu:0", |manners| {
        manners.cpus == last.to_string() && manners.nice == "19"
    });
    let usual = rustix::process::getpriority_process(None).expect("it is known");
    let usual = usual.to_string();
    // Only they do: the thread that talks to the user makes way for nobody.
    let all = fs::read_to_string("/proc/thread-self/status").expect("it is known");
    let all = all
        .lines()
        .find_map(|it| it.strip_prefix("Cpus_allowed_list:"));
    let all = all.expect("they are there").trim().to_owned();
    let mut command = btpow(&format!("{ENDLESS} --cpus {last} --nice 19"));
    wait_for(&mut command, "btpow", |manners| {
        manners.cpus == all && manners.nice == usual
    });
    let mut command = btpow(ENDLESS);
    wait_for(&mut command, "cpu:0", |manners| {
        manners.cpus == all && manners.nice == usual
    });
}

#[test]
fn each_cpu_gets_a_thread() {
    if common::is_for_windows() {
        return;
    }
    let all = allowed();
    let threads = |flags: &str| {
        let output = run(&format!("bench --seconds 0.3 --device cpu --json {flags}"));
        let (code, stdout, stderr) = told(&output);
        assert_eq!(code, Some(0), "{stderr}");
        object(stdout.as_bytes())["devices"][0]["threads"].as_u64()
    };
    assert_eq!(threads(&format!("--cpus {}", all[0])), Some(1));
    assert_eq!(threads(&format!("--cpus {} --threads 2", all[0])), Some(2));
    if let [first, second, ..] = all[..] {
        assert_eq!(threads(&format!("--cpus {first},{second}")), Some(2));
    }
}

#[test]
fn wrong_values_are_told() {
    if common::is_for_windows() {
        return;
    }
    for (flags, expected) in [
        (
            "--cpus 3-1",
            "--cpus: \"3-1\" is not a list of CPUs; give numbers and ranges",
        ),
        ("--cpus=", "--cpus: \"\" is not a list of CPUs"),
        ("--cpus -1", "--cpus: \"-1\" is not a list of CPUs"),
        ("--nice 20", "--nice: \"20\" is not a number from -20 to 19"),
        ("--nice=", "--nice: \"\" is not a number"),
    ] {
        let (code, stdout, stderr) = told(&run(&format!("bench --device cpu {flags}")));
        assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
        assert!(
            stderr.starts_with(&format!("error: {expected}")),
            "{stderr}"
        );
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}

#[test]
fn what_the_system_does_not_allow_is_told_before_anything_begins() {
    if common::is_for_windows() {
        return;
    }
    let last = allowed().pop().expect("a CPU");
    // Some machines say that they may have CPUs that they have not.
    let output = run(&format!("bench --device cpu --cpus {last},1023"));
    let (code, stdout, stderr) = told(&output);
    assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
    assert!(
        stderr.starts_with("error: --cpus: this machine has no CPU 1023"),
        "{stderr}"
    );
    if rustix::process::geteuid().is_root() {
        eprintln!("skipped: root may be as rude as it likes");
        return;
    }
    let (code, _, stderr) = told(&run("bench --device cpu --nice -5"));
    assert_eq!(code, Some(2), "{stderr}");
    assert!(
        stderr.starts_with("error: --nice: the system does not allow that"),
        "{stderr}"
    );
}
