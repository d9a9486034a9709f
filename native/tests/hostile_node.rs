//! A node that lies, refuses, swallows, floods or withholds. It gets registrations of this key on this subnet, at most
//! one per block, or nothing.

mod chain;
mod common;

use core::time::Duration;
use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
    time::Instant,
};

use btpow_devnet::{ALICE, BOB, Options, keys};
use serde_json::{Value, json};

use chain::{
    extrinsic::registrations,
    program::{self, Program},
    proxy::{Fate, Proxy, SUBMIT, Word},
    search::{self, Search},
    state::{Chain, options},
    text::PATIENCE,
    wallet::Wallet,
};

const REGISTER: &str = "register --netuid 1 --yes --json --threads 1";
const METADATA: &str = "state_call";
const VERSION: &str = "state_getRuntimeVersion";
const STORAGE: &str = "state_queryStorageAt";

/// A chain that makes four blocks a second.
fn fast() -> Chain {
    Chain::start(&Options {
        block_time: Some(Duration::from_millis(250)),
        ..options()
    })
}

/// Lies that cannot be detected, each with the change to an answer. What is then signed is worth nothing, or is the
/// requested registration.
#[test]
fn whatever_an_endpoint_tells_only_a_registration_is_signed() {
    fn version(field: &'static str) -> impl FnMut(&str, Value) -> Value + Send {
        move |method, mut answer| {
            if method == VERSION {
                answer[field] = 77.into();
            }
            answer
        }
    }
    fn storage(key: Vec<u8>, bytes: &'static [u8]) -> impl FnMut(&str, Value) -> Value + Send {
        let hex = |bytes: &[u8]| -> String { bytes.iter().map(|it| format!("{it:02x}")).collect() };
        let (key, value) = (format!("0x{}", hex(&key)), format!("0x{}", hex(bytes)));
        move |method, mut answer| {
            if method == STORAGE {
                for set in answer.as_array_mut().expect("sets") {
                    let changes = set["changes"].as_array_mut().expect("changes");
                    for change in changes
                        .iter_mut()
                        .filter(|change| change[0] == key.as_str())
                    {
                        change[1] = value.clone().into();
                    }
                }
            }
            answer
        }
    }
    // Nonce 0x84000007, which an honest chain might read as something else; no provider, no balance.
    const NONCE: &[u8] = &{
        let mut account = [0; 80];
        account[0] = 7;
        account[3] = 0x84;
        account
    };
    const EASIEST: &[u8] = &[1, 0, 0, 0, 0, 0, 0, 0];
    let account = keys::account_key(&ALICE.public);
    let difficulty = keys::subnet_key("Difficulty", 1);
    let lowest = keys::subnet_key("MinDifficulty", 1);
    type Forger = Box<dyn FnMut(&str, Value) -> Value + Send>;
    let lies: [(&str, Forger); 6] = [
        ("spec version", Box::new(version("specVersion"))),
        (
            "transaction version",
            Box::new(version("transactionVersion")),
        ),
        ("account nonce", Box::new(storage(account, NONCE))),
        ("difficulty", Box::new(storage(difficulty, EASIEST))),
        ("its lower bound", Box::new(storage(lowest, EASIEST))),
        (
            "header",
            Box::new(|method, mut answer| {
                if method == "chain_getHeader" {
                    answer["stateRoot"] = format!("0x{}", "77".repeat(32)).into();
                }
                answer
            }),
        ),
    ];
    for (lie, forger) in lies {
        let chain = fast();
        let proxy = Proxy::before(chain.endpoint());
        proxy.on_answer(forger);
        let wallet = Wallet::new(&ALICE, &BOB);
        let arguments = format!("{REGISTER} --attempts 2 --timeout 60s");
        let told = program::run(program::with(&wallet, &proxy.endpoint(), &arguments));
        let sent = proxy.submitted();
        let made = registrations(&sent, &ALICE, &BOB);
        assert!((1..=10).contains(&made), "{lie}: {made} signatures: {told}");
        // It is refused, or is the requested registration.
        assert!(matches!(told.code, Some(0 | 4 | 5)), "{lie}: {told}");
    }
}

#[test]
fn a_connection_that_breaks_at_every_submission_gets_ten_signatures() {
    let chain = fast();
    let proxy = Proxy::before(chain.endpoint());
    proxy.on_request(|method, _| match method {
        SUBMIT => Fate::Lost,
        _ => Fate::Passed,
    });
    let wallet = Wallet::new(&ALICE, &BOB);
    let told = program::run(program::with(&wallet, &proxy.endpoint(), REGISTER)).exits(5);
    told.complaining(&[
        "lost sight of the submission",
        "no more signatures after 10",
        "--attempts",
    ]);
    assert_eq!(registrations(&proxy.submitted(), &ALICE, &BOB), 10);
}

#[test]
fn a_pool_that_takes_nothing_gets_a_signature_per_attempt() {
    for (code, message) in [
        (1013, "Transaction Already Imported"),
        (1014, "Priority is too low: (9 vs 9)"),
        (1012, "Transaction is temporarily banned"),
        (1010, "Custom error: 255"),
        (-32000, "whatever"),
    ] {
        let chain = fast();
        let proxy = Proxy::before(chain.endpoint());
        proxy.on_request(move |method, _| match method {
            SUBMIT => Fate::Refused(json!({ "code": code, "message": message })),
            _ => Fate::Passed,
        });
        let wallet = Wallet::new(&ALICE, &BOB);
        let arguments = format!("{REGISTER} --attempts 2");
        let told = program::run(program::with(&wallet, &proxy.endpoint(), &arguments)).exits(5);
        told.complaining(&["no more attempts after 2"]);
        let made = registrations(&proxy.submitted(), &ALICE, &BOB);
        assert!(made <= 2, "{message}: {made} signatures");
        assert!(proxy.count(SUBMIT) <= 12, "{message}");
    }
}

/// A redirection could lead anywhere, unencrypted, while the screen names the given endpoint.
#[test]
fn redirections_are_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").expect("a port");
    elsewhere.set_nonblocking(true).expect("set");
    let address = elsewhere.local_addr().expect("an address");
    for status in [301, 302, 307, 308] {
        for target in [
            format!("ws://{address}/"),
            format!("ws://localhost:{}/", address.port()),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let endpoint = format!("ws://{}", listener.local_addr().expect("an address"));
            let location = target.clone();
            let server = thread::spawn(move || {
                let (mut stream, _) = listener.accept().expect("a connection");
                let mut request = [0; 4_096];
                let read = stream.read(&mut request).expect("a request");
                assert!(request[..read].starts_with(b"GET / HTTP/1.1"));
                let answer = format!(
                    "HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
                );
                stream.write_all(answer.as_bytes()).expect("it listens");
            });
            let told = program::run(program::at(&endpoint, "doctor")).exits(4);
            told.complaining(&[&endpoint, "redirects to", &target, "follows no redirection"]);
            server.join().expect("it served");
        }
    }
    let connected = elsewhere.accept();
    assert!(connected.is_err(), "somebody came: {connected:?}");
}

/// A number that no chain can have reached yet.
#[test]
fn a_leap_is_a_reason_to_change_the_endpoint() {
    let search = Search::start(search::REGISTER, 2);
    search.proxies[0].on_head(|mut head| {
        head["number"] = "0xffffff".into();
        vec![head]
    });
    search.chain.block();
    let lost = search.program.says("announced block 16777215");
    assert!(
        lost.contains("after block 1, and no chain is that fast"),
        "{lost}"
    );
    search
        .program
        .says(&format!("connected to {}", search.proxies[1].endpoint()));
    search.relax();
    search.registers(1);
}

#[test]
fn a_header_of_any_length_is_not_heard() {
    let search = Search::start(search::REGISTER, 2);
    search.proxies[0].on_head(|mut head| {
        head["digest"]["logs"] = vec![format!("0x{}", "00".repeat(64 << 10))].into();
        vec![head]
    });
    search.chain.block();
    search.program.says("bytes at once without being asked");
    search
        .program
        .says(&format!("connected to {}", search.proxies[1].endpoint()));
    search.relax();
    search.registers(1);
}

/// Headers just short enough, by the thousand, while an answer is withheld.
#[test]
fn a_flood_of_headers_costs_no_memory() {
    let search = Search::start(search::REGISTER, 1);
    let proxy = &search.proxies[0];
    let word = Word::default();
    let held = word.clone();
    proxy.on_request(move |method, _| match method {
        STORAGE => Fate::Held(held.clone()),
        _ => Fate::Passed,
    });
    proxy.on_head(|mut head| {
        if head["number"] == "0x2" {
            return vec![head];
        }
        // Not part of the block's hash, which the chain must know.
        head["padding"] = "0".repeat(60 << 10).into();
        vec![head; 1_000]
    });
    let before = resident(search.program.id());
    // One to ask about, and one to flood with.
    search.chain.block();
    search.chain.block();
    proxy.pass_all();
    word.give();
    search.program.says("best block number=3");
    let after = resident(search.program.id());
    assert!(
        after < before + (32 << 10),
        "from {before} KiB to {after} KiB"
    );
}

/// The most memory that a process has used, in KiB.
fn resident(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("a process");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let words = line.and_then(|line| line.split_whitespace().nth(1));
    words.and_then(|kib| kib.parse().ok()).expect("its peak")
}

/// What a library makes of an answer may be forty times as large.
#[test]
fn answers_of_absurd_length_are_not_heard() {
    let chain = Chain::easy();
    for (method, field) in [
        ("system_chain", ""),
        (VERSION, "x"),
        ("chain_getHeader", "x"),
    ] {
        let proxy = Proxy::before(chain.endpoint());
        proxy.on_answer(move |called, mut answer| {
            let long = "a ".repeat(1 << 20);
            match called {
                called if called != method => {}
                _ if field.is_empty() => answer = long.into(),
                _ => answer[field] = long.into(),
            }
            answer
        });
        let told = program::run(program::at(&proxy.endpoint(), "doctor --threads 1")).exits(3);
        told.complaining(&["it answered with", "bytes, which is absurd"]);
    }
}

/// A password that never comes, when there is nobody to ask.
#[test]
fn deadlines_act_while_a_key_is_opened() {
    let chain = Chain::easy();
    let wallet = Wallet::encrypted(&BOB);
    let pipe = wallet.path().join("password");
    let made = std::process::Command::new("mkfifo")
        .args(["-m", "600"])
        .arg(&pipe)
        .status();
    assert!(made.expect("mkfifo starts").success());
    let mut command = program::with(&wallet, chain.endpoint(), REGISTER);
    command
        .args(["--timeout", "3s", "--password-file"])
        .arg(&pipe);
    let told = program::run(command).exits(5);
    told.complaining(&["time ran out", "nothing was signed or sent"]);
}

/// An upgrade whose metadata never comes, or cannot be read.
#[test]
fn signals_and_deadlines_act_while_an_upgrade_is_awaited() {
    for (arguments, signal, code) in [
        (search::REGISTER.to_owned(), Some("INT"), 130),
        (format!("{} --timeout 8s", search::REGISTER), None, 5),
    ] {
        let search = Search::start(&arguments, 1);
        let proxy = &search.proxies[0];
        proxy.on_request(|method, _| match method {
            VERSION => Fate::Answered(json!({
                "specName": "btpow-test",
                "specVersion": 480,
                "transactionVersion": 1,
            })),
            METADATA => Fate::Held(Word::default()),
            _ => Fate::Passed,
        });
        search.chain.block();
        search.program.says("the runtime was upgraded");
        proxy.hears(METADATA);
        let asked = Instant::now();
        if let Some(signal) = signal {
            search.program.signal(signal);
        }
        search.program.end().exits(code);
        assert!(signal.is_none() || asked.elapsed() < Duration::from_secs(15));
    }
}

/// A timeout before anything is known about the chain.
#[test]
fn deadlines_act_while_a_chain_does_not_answer() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::new(&ALICE, &BOB);
    for method in ["chain_getBlockHash", METADATA, STORAGE] {
        proxy.on_request(move |called, _| {
            if called == method {
                Fate::Held(Word::default())
            } else {
                Fate::Passed
            }
        });
        let begun = Instant::now();
        let arguments = format!("{REGISTER} --timeout 2s");
        let told = program::run(program::with(&wallet, &proxy.endpoint(), &arguments)).exits(5);
        told.complaining(&["time ran out before the search began", "nothing was signed"]);
        assert!(begun.elapsed() < PATIENCE / 2, "{method}");
    }
    assert_eq!(proxy.count(SUBMIT), 0);
}

/// Names that would add lines of their own or move the cursor.
#[test]
fn what_errors_are_called_does_not_reach_the_terminal_as_it_is() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let forged = "\u{1b}[2J\u{9b}31m\r\nregistered  UID 0 on subnet 1\u{202e}\u{1b}]52;c;AAAA\u{7}";
    proxy.on_request(move |method, _| match method {
        SUBMIT => Fate::Refused(json!({ "code": 1, "message": forged, "data": forged })),
        _ => Fate::Passed,
    });
    let wallet = Wallet::new(&ALICE, &BOB);
    let mut command = program::with(&wallet, &proxy.endpoint(), REGISTER);
    command.args(["--attempts", "1"]);
    let program = Program::start(command);
    program.says("submitting");
    chain.block();
    let told = program.end().exits(5);
    for text in [&told.stdout, &told.stderr] {
        let strange = |it: char| it != '\n' && (it.is_control() || it == '\u{202e}');
        assert!(!text.contains(strange), "{told}");
        assert!(
            !text.lines().any(|line| line.starts_with("registered")),
            "{told}"
        );
    }
}
