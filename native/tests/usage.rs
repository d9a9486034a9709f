//! Bad input: one line that says what is wrong, what is expected and how to fix it; exit code 2.

mod common;

use common::{btpow, isas, told};

const V1: &str = "--netuid 1 --block-hash {BLOCK} --hotkey {BOB} --coldkey {ALICE}";
const LEGACY: &str = "--protocol legacy --order big --block-hash {BLOCK} --hotkey {BOB}";

/// The input, and what the complaint must contain.
const MISTAKES: &[(&str, &[&str])] = &[
    // Keys: a mistyped character, 31 bytes, another network, no key at all.
    (
        "solve --netuid 1 --block-hash {BLOCK} --coldkey {ALICE} --difficulty 10 \
         --hotkey 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ",
        &["--hotkey", "checksum", "SS58"],
    ),
    (
        "solve --netuid 1 --block-hash {BLOCK} --hotkey {ALICE} --difficulty 10 \
         --coldkey 0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da2",
        &["--coldkey", "31 bytes", "not 32"],
    ),
    (
        "solve --netuid 1 --block-hash {BLOCK} --hotkey {ALICE} --difficulty 10 \
         --coldkey 15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5",
        &["--coldkey", "network 0", "42"],
    ),
    (
        "seal --netuid 1 --block-hash {BLOCK} --hotkey bob --coldkey {ALICE} --nonce 1",
        &["--hotkey", "SS58"],
    ),
    (
        "seal --netuid 1 --block-hash {BLOCK} --hotkey {BOB} --nonce 1",
        &["--coldkey", "missing", "add it"],
    ),
    (
        "seal --netuid 1 --block-hash 0x1234 --hotkey {BOB} --coldkey {ALICE} --nonce 1",
        &["--block-hash", "2 bytes", "64"],
    ),
    (
        "seal --netuid 1 --hotkey {BOB} --coldkey {ALICE} --nonce 1",
        &["--block-hash", "missing"],
    ),
    // Netuids.
    (
        "solve --netuid 0 --block-hash {BLOCK} --hotkey {BOB} --coldkey {ALICE} --difficulty 10",
        &["--netuid", "root subnet", "1 to 65535"],
    ),
    (
        "solve --netuid 65536 --block-hash {BLOCK} --hotkey {BOB} --coldkey {ALICE} --difficulty 1",
        &["--netuid", "65536", "1 to 65535"],
    ),
    (
        "solve --netuid -1 --block-hash {BLOCK} --hotkey {BOB} --coldkey {ALICE} --difficulty 1",
        &["--netuid", "-1", "1 to 65535"],
    ),
    (
        "solve --block-hash {BLOCK} --hotkey {BOB} --coldkey {ALICE} --difficulty 10",
        &["--netuid", "missing"],
    ),
    // Difficulties.
    ("solve {V1} --difficulty 0", &["--difficulty", "zero", "1"]),
    (
        "solve {V1} --difficulty 18446744073709551616",
        &["--difficulty", "above 18446744073709551615"],
    ),
    ("solve {V1} --difficulty 1e20", &["--difficulty", "above"]),
    ("solve {V1} --difficulty ten", &["--difficulty", "10M"]),
    ("solve {V1} --difficulty 1.5", &["--difficulty", "whole"]),
    ("solve {V1}", &["--difficulty", "missing"]),
    ("verify {V1} --nonce 1", &["--difficulty", "missing"]),
    // Flags of the other protocol.
    (
        "solve {LEGACY} --difficulty 10 --coldkey {ALICE}",
        &["--coldkey", "legacy", "drop it"],
    ),
    (
        "solve {LEGACY} --difficulty 10 --netuid 1",
        &["--netuid", "legacy", "drop it"],
    ),
    (
        "solve {V1} --difficulty 10 --order big",
        &["--order", "v1", "--protocol legacy"],
    ),
    (
        "solve --protocol legacy --block-hash {BLOCK} --hotkey {BOB} --difficulty 10",
        &["--order", "missing", "--order big", "--order little"],
    ),
    (
        "solve --protocol legacy --order middle --block-hash {BLOCK} --hotkey {BOB} --difficulty 1",
        &["--order", "middle", "big or little"],
    ),
    (
        "solve --protocol v2 --block-hash {BLOCK} --hotkey {BOB} --difficulty 1",
        &["--protocol", "v2", "v1 or legacy"],
    ),
    // Nonces and seals.
    ("verify {V1} --difficulty 1", &["--nonce", "missing"]),
    (
        "verify {V1} --difficulty 1 --nonce 18446744073709551616",
        &["--nonce", "0 to 18446744073709551615"],
    ),
    ("verify {V1} --difficulty 1 --nonce -1", &["--nonce", "-1"]),
    ("verify {V1} --difficulty 1 --nonce +1", &["--nonce", "+1"]),
    (
        "verify {V1} --difficulty 1 --nonce 1 --seal 0x12",
        &["--seal", "1 byte", "64"],
    ),
    (
        "solve {V1} --difficulty 1 --start x",
        &["--start", "decimal or 0x-hex"],
    ),
    (
        "solve {V1} --difficulty 1 --block-number x",
        &["--block-number"],
    ),
    // Devices, threads and times.
    (
        "solve {V1} --difficulty 1 --threads 0",
        &["--threads", "1 to 1024"],
    ),
    (
        "solve {V1} --difficulty 1 --threads -2",
        &["--threads", "1 to 1024"],
    ),
    (
        "solve {V1} --difficulty 1 --threads 1025",
        &["--threads", "1 to 1024"],
    ),
    ("bench --threads 0", &["--threads", "1 to 1024"]),
    ("bench --tpb 33", &["--tpb", "multiple of 32"]),
    (
        "solve {V1} --difficulty 1 --device gpu",
        &["--device", "gpu", "cpu"],
    ),
    (
        "bench --device cuda:x",
        &["--device", "names no card", "cpu"],
    ),
    (
        "solve {V1} --difficulty 1 --timeout 0",
        &["--timeout", "90s"],
    ),
    (
        "solve {V1} --difficulty 1 --timeout -5",
        &["--timeout", "90s"],
    ),
    (
        "solve {V1} --difficulty 1 --timeout soon",
        &["--timeout", "90s"],
    ),
    (
        "solve {V1} --difficulty 1 --timeout 1e3",
        &["--timeout", "90s"],
    ),
    (
        "solve {V1} --difficulty 1 --timeout inf",
        &["--timeout", "90s"],
    ),
    (
        "solve {V1} --difficulty 1 --timeout 9999999d",
        &["--timeout", "a year"],
    ),
    (
        "solve {V1} --difficulty 1 --timeout -5s",
        &["--timeout: ", "\"-5s\" is not a time", "90s"],
    ),
    (
        "register --netuid 1 --password-fd -1",
        &["--password-fd: ", "file descriptor"],
    ),
    (
        "solve {V1} --difficulty 1 --tpb 256 --device cpu",
        &["--tpb: ", "only NVIDIA cards", "drop it"],
    ),
    ("bench --seconds 0", &["--seconds"]),
    ("bench --order big", &["--order", "v1"]),
    ("bench --protocol v3", &["--protocol", "v3"]),
    // The sample.
    (
        "solve --sample --netuid 1",
        &["--netuid", "--sample", "drop"],
    ),
    (
        "solve --sample --difficulty 10",
        &["--difficulty", "--sample", "drop"],
    ),
    (
        "solve --sample --network local",
        &["--network", "of no chain", "drop"],
    ),
    ("solve", &["--block-hash", "--sample"]),
    ("solve --json", &["--sample"]),
    // Flags that no command knows.
    ("solve {V1} --difficulty 1 --nonsense", &["--nonsense"]),
    ("solve {V1} {V1} --difficulty 1", &["--netuid", "multiple"]),
    ("solve {V1} --difficulty", &["--difficulty", "value"]),
    ("frobnicate", &["frobnicate"]),
    ("completions", &["SHELL"]),
    ("completions dos", &["dos"]),
    ("man frobnicate", &["frobnicate", "solve"]),
    ("verify --sample", &["--sample"]),
    // Chains and wallets.
    ("register", &["--netuid", "missing"]),
    ("register --netuid 0", &["root subnet"]),
    (
        "register --netuid 1 --wait never",
        &["--wait", "never", "inclusion or finality"],
    ),
    (
        "register --netuid 1 --attempts 0",
        &["--attempts", "1 to 1000", "3"],
    ),
    (
        "register --netuid 1 --max-difficulty 0",
        &["--max-difficulty: ", "zero"],
    ),
    (
        "register --netuid 1 --max-expected -1h",
        &["--max-expected: ", "not a time", "90s"],
    ),
    (
        "mine --netuid 1 --stop-after 0",
        &["--stop-after: ", "1 to 1000000"],
    ),
    (
        "mine --netuid 1 --once --stop-after 2",
        &["--once", "--stop-after", "cannot be used with"],
    ),
    ("faucet --wait-open", &["'--wait-open'"]),
    (
        "mine --netuid 1 --on-event=",
        &["--on-event: ", "no command", "drop it"],
    ),
    (
        "devices --log-file /no/such/folder/log",
        &[
            "--log-file: cannot write to /no/such/folder/log",
            "name a file",
        ],
    ),
    (
        "devices --log-file /",
        &["--log-file: cannot write to /: it is not a regular file"],
    ),
    (
        "solve --sample --shard 3/3",
        &[
            "--shard: there is no shard 3 of 3",
            "counted from 0",
            "0/3 to 2/3",
        ],
    ),
    (
        "solve --sample --shard 1",
        &["--shard: ", "is not a shard", "give I/N"],
    ),
    (
        "solve --sample --shard 0/0",
        &["--shard: ", "is not a shard", "give I/N"],
    ),
    (
        "solve --sample --shard -1/2",
        &["--shard: ", "is not a shard"],
    ),
    (
        "solve --sample --shard +1/2",
        &["--shard: ", "is not a shard"],
    ),
    (
        "mine --netuid 1 --shard 0/4294967297",
        &["--shard: 4294967297 shards are too many", "4294967296"],
    ),
    (
        "register --netuid 1 --shard 99999999999999999999/4",
        &["--shard: there is no shard", "0/4 to 3/4"],
    ),
    (
        "solve --sample --shard 0/2 --start 5",
        &["--shard", "--start", "cannot be used with"],
    ),
    ("faucet --shard 0/2", &["'--shard'"]),
    (
        "devices --log-format xml",
        &["--log-format: there is no format", "choose text or json"],
    ),
    ("register --netuid 1 --password-fd x", &["--password-fd"]),
    (
        "register --netuid 1 --network fynney",
        &["--network", "fynney", "finney, test, dev, local"],
    ),
    (
        "doctor --network ws://node.example:9944",
        &["--network", "--insecure"],
    ),
    (
        "subnets --network http://127.0.0.1",
        &["--network", "not a WebSocket"],
    ),
    (
        "doctor --network local --genesis 0x12",
        &["--genesis", "1 byte", "64 hexadecimal"],
    ),
    (
        "doctor --network finney --network test",
        &["--network: ", "finney and test are two chains", "name one"],
    ),
    (
        "register --netuid 1 --hotkey {BOB}",
        &["'--hotkey'", "--wallet-hotkey; see btpow register --help"],
    ),
    ("mine --netuid 1", &["--hotkey", "missing", "--wallet-name"]),
    (
        "mine --netuid 1 --hotkey {BOB} --network local",
        &["--coldkey", "missing"],
    ),
    (
        "solve --network local --block-hash {BLOCK} --netuid 1",
        &["--block-hash", "newest block"],
    ),
    (
        "solve --sample --update-interval 0",
        &["--update-interval", "1 to 1000000000"],
    ),
    (
        "mine --netuid 1 --hotkey {BOB} --coldkey {ALICE} --timeout soon",
        &["--timeout", "not a time"],
    ),
];

#[test]
fn every_mistake_is_told_in_one_line() {
    for (typed, expected) in MISTAKES {
        let typed = typed.replace("{V1}", V1).replace("{LEGACY}", LEGACY);
        // Windows has no numbers of open files.
        if common::is_for_windows() && typed.contains("--password-fd") {
            continue;
        }
        let output = btpow(&typed).output().expect("starts");
        let (code, stdout, stderr) = told(&output);
        assert_eq!((code, &*stdout), (Some(2), ""), "{typed}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{typed}: {stderr}");
        assert!(stderr.starts_with("error: "), "{typed}: {stderr}");
        for part in *expected {
            assert!(
                stderr.contains(part),
                "{typed}: {part:?} is not in {stderr}"
            );
        }
    }
}

/// A value that does not fit on a line, or that would control the terminal, is made harmless.
#[test]
fn values_cannot_break_the_line() {
    for value in ["1\n2", "\u{1b}[31mred", &"9".repeat(5_000), "ünïcödé"] {
        let output = btpow("verify")
            .args(["--netuid", value])
            .output()
            .expect("starts");
        let (code, _, stderr) = told(&output);
        assert_eq!((code, stderr.lines().count()), (Some(2), 1), "{stderr}");
        assert!(!stderr.contains('\u{1b}') && stderr.len() < 300, "{stderr}");
    }
}

/// Somebody may paste a secret where a public key belongs.
#[test]
fn keys_are_not_repeated() {
    let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    for flag in ["--hotkey", "--coldkey"] {
        let output = btpow("seal --netuid 1 --block-hash {BLOCK} --nonce 1")
            .args([flag, phrase])
            .args(
                ["--hotkey", common::ALICE]
                    .iter()
                    .filter(|_| flag == "--coldkey"),
            )
            .output()
            .expect("starts");
        let (code, _, stderr) = told(&output);
        assert_eq!(code, Some(2));
        assert!(
            stderr.contains(flag) && !stderr.contains("sausage"),
            "{stderr}"
        );
    }
}

#[test]
fn an_instruction_set_that_is_not_there_is_refused() {
    for command in ["solve --sample", "bench", "devices"] {
        let output = btpow(command)
            .env("BTPOW_ISA", "mmx")
            .output()
            .expect("starts");
        let (code, stdout, stderr) = told(&output);
        assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(
            stderr.contains("BTPOW_ISA") && stderr.contains("\"mmx\""),
            "{stderr}"
        );
        assert!(stderr.contains(&isas().join(", ")), "{stderr}");
    }
    // Commands that use no lanes ignore it; empty counts as unset.
    let seal = format!("seal {V1} --nonce 1");
    let output = btpow(&seal)
        .env("BTPOW_ISA", "mmx")
        .output()
        .expect("starts");
    assert!(output.status.success());
    let output = btpow("devices")
        .env("BTPOW_ISA", "")
        .output()
        .expect("starts");
    assert!(output.status.success());
}

/// On Windows it is started as `btpow.exe`.
#[test]
#[cfg(unix)]
fn its_name_is_that_of_the_command_whatever_starts_it() {
    use std::os::unix::process::CommandExt as _;

    let mut command = btpow("register --netuid 1 --hotkey 5F");
    let output = command.arg0("btpow.exe").output().expect("starts");
    let (code, _, stderr) = told(&output);
    assert_eq!(code, Some(2));
    let hint = "name them with --wallet-name and --wallet-hotkey; see btpow register --help";
    assert!(stderr.contains(hint), "{stderr}");
}
