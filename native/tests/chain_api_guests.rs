//! Who gets an answer of a running search, and that nobody holds it up.

mod chain;
mod common;

use core::time::Duration;
use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    thread,
};

use btpow_devnet::{ALICE, BOB};
use chain::{
    client::{Client, hashes},
    program::{self, Told},
    search::mining,
    state::Chain,
};

const API: &str = "--api 127.0.0.1:0";

const TOKEN: &str = "0123456789abcdef";

#[test]
fn nothing_can_be_changed_and_pages_of_elsewhere_get_nothing() {
    let chain = Chain::easy();
    let program = mining(&chain, API);
    let client = Client::of(&program);
    let host = format!("Host: {}", client.address);
    for request in ["POST /status", "PUT /status", "DELETE /", "OPTIONS /status"] {
        let answer = client.ask(request, &[&host]);
        assert_eq!(answer.code, 405, "{request}");
        assert_eq!(answer.header("allow"), Some("get, head"));
    }
    for path in ["/", "/status/", "/metrics2", "/..", "//status"] {
        assert_eq!(client.get(path).code, 404, "{path}");
    }
    for foreign in [
        "Host: evil.example",
        "Host: localhost.evil.example:80",
        "X: y",
    ] {
        let answer = client.ask("GET /status", &[foreign]);
        assert_eq!(answer.code, 421, "{foreign}");
        assert!(!answer.body.contains("version"), "{answer:?}");
    }
    let origin = "Origin: http://evil.example";
    let answer = client.ask("GET /status", &[&host, origin]);
    assert!(!answer.head.contains("access-control"), "{answer:?}");
    assert_eq!(client.ask("GET /status", &["Host: localhost"]).code, 200);
    let answer = client.ask("HEAD /metrics", &[&host]);
    assert_eq!((answer.code, answer.body.as_str()), (200, ""));
}

#[test]
#[cfg(unix)]
fn whoever_has_a_token_wants_to_be_shown_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = secret(folder.path(), TOKEN, 0o600);
    let chain = Chain::easy();
    let flags = format!("{API} --api-token-file {file}");
    let program = mining(&chain, &flags);
    let client = Client::of(&program);
    let host = format!("Host: {}", client.address);
    for path in ["/status", "/metrics", "/nothing"] {
        for wrong in [
            "X: y".to_owned(),
            "Authorization: Bearer".to_owned(),
            format!("Authorization: Bearer {TOKEN}0"),
            format!("Authorization: Bearer {}", &TOKEN[1..]),
            format!("Authorization: Basic {TOKEN}"),
        ] {
            let answer = client.ask(&format!("GET {path}"), &[&host, &wrong]);
            assert_eq!(answer.code, 401, "{path} {wrong}");
            assert_eq!(answer.header("www-authenticate"), Some("bearer"));
        }
    }
    let right = format!("Authorization: Bearer {TOKEN}");
    for path in ["/status", "/metrics"] {
        // A proxy may have asked for it by another name.
        for host in [host.as_str(), "Host: miner.example"] {
            assert_eq!(
                client.ask(&format!("GET {path}"), &[host, &right]).code,
                200
            );
        }
    }
    let health = client.ask("GET /healthz", &[&host]).code;
    assert!(matches!(health, 200 | 503), "{health}");
    assert_eq!(
        client.ask("GET /healthz", &["Host: miner.example"]).code,
        421
    );
    assert!(!program.said().contains(TOKEN));
}

#[test]
fn slow_and_hostile_clients_do_not_hold_up_the_search() {
    let chain = Chain::easy();
    let program = mining(&chain, API);
    let client = Client::of(&program);
    client.status_with(|it| hashes(it) > 0);
    // One never ends its request, one byte after the other.
    let mut slow = client.connect();
    let mut reader = slow.try_clone().expect("the same");
    let dripping = thread::spawn(move || {
        while slow.write_all(b"G").is_ok() {
            thread::sleep(Duration::from_secs(1));
        }
    });
    // Many say nothing.
    let mut silent: Vec<_> = (0..200).map(|_| client.connect()).collect();
    // One has much to say.
    let mut long = client.connect();
    let head = format!(
        "GET /status HTTP/1.1\r\nHost: localhost\r\nX: {}",
        "x".repeat(1 << 20)
    );
    // It need not be read to its end.
    let _ = long.write_all(head.as_bytes());
    let mut answer = Vec::new();
    let _ = long.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431 "),
        "{answer}"
    );

    assert_eq!(client.get("/healthz").code, 200);
    let before = hashes(&client.status());
    client.status_with(|it| hashes(it) > before);
    // The oldest had to go.
    assert!(matches!(silent[0].read(&mut [0]), Ok(0) | Err(_)));
    assert!(matches!(reader.read(&mut [0]), Ok(0) | Err(_)));
    dripping.join().expect("it was sent away");
    chain.block();
    client.status_with(|it| it["chain"]["block_number"] == 2);
}

#[test]
fn a_client_that_takes_its_time_is_sent_away() {
    let chain = Chain::easy();
    let program = mining(&chain, API);
    let client = Client::of(&program);
    let mut silent = client.connect();
    silent
        .write_all(b"GET /status HTTP/1.1\r\n")
        .expect("it reads");
    // Nobody else wants its place.
    let mut answer = String::new();
    let _ = silent.read_to_string(&mut answer);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
        "{answer}"
    );
}

/// A file with a token, open to those whom `mode` names.
#[cfg(unix)]
fn secret(folder: &Path, text: &str, mode: u32) -> String {
    use std::os::unix::fs::PermissionsExt as _;

    let file = folder.join(format!("token-{}-{mode:o}", text.len()));
    fs::write(&file, text).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("changed");
    file.display().to_string()
}

/// Runs a search with flags that are wrong. Nothing listens at its endpoint, so that one that starts ends otherwise.
fn refused(flags: &str) -> Told {
    let (hotkey, coldkey) = (BOB.ss58, ALICE.ss58);
    let mine = format!("mine --netuid 1 --hotkey {hotkey} --coldkey {coldkey} {flags}");
    let told = program::run(program::at("ws://127.0.0.1:1", &mine)).exits(2);
    assert_eq!(told.stderr.lines().count(), 1, "{told}");
    assert!(told.stdout.is_empty(), "{told}");
    told
}

#[test]
fn an_address_that_cannot_be_is_refused_at_once() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("an address");
    refused(&format!("--api {taken}")).complaining(&["--api: ", "is in use", "port 0"]);
    // No machine has this one.
    refused(&format!("--api 192.0.2.1:0 --api-token-file {}", file!()))
        .complaining(&["--api-token-file: "]);
    for wrong in [
        "4720",
        "localhost:4720",
        "127.0.0.1",
        "127.0.0.1:65536",
        "here",
    ] {
        refused(&format!("--api {wrong}")).complaining(&["--api: ", wrong, "127.0.0.1:4720"]);
    }
    for open in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        refused(&format!("--api {open}")).complaining(&[
            "--api-token-file: missing",
            "others can reach",
            "127.0.0.1",
        ]);
    }
    refused("--api-token-file /nowhere").complaining(&["--api"]);
}

#[test]
#[cfg(unix)]
fn a_token_that_is_none_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("missing").display().to_string();
    for (file, words) in [
        (missing, "there is no file"),
        (folder.path().display().to_string(), "is not a file"),
        (secret(folder.path(), TOKEN, 0o644), "chmod"),
        (secret(folder.path(), "", 0o600), "is empty"),
        (
            secret(folder.path(), "0123456789abcde\n", 0o600),
            "fewer than 16",
        ),
        (
            secret(folder.path(), "two lines\nof a file", 0o600),
            "on one line",
        ),
    ] {
        let flags = format!("{API} --api-token-file {file}");
        refused(&flags).complaining(&["--api-token-file: ", words]);
    }
}
