//! `btpow top` at a terminal, beside a search.

#![cfg(unix)]

mod chain;
mod common;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    thread,
};

use chain::{
    client::Client,
    program::{self, Program},
    proxy, search,
    state::Chain,
    terminal::Terminal,
};

/// A search that answers.
fn mining(chain: &Chain, flags: &str) -> Program {
    search::mining(chain, &format!("--api 127.0.0.1:0 {flags}"))
}

/// The codes of q, Esc and Ctrl-C.
const QUITS: [u8; 3] = [b'q', 27, 3];

/// The reader of a terminal that is gone never returns.
#[test]
fn the_end_of_its_terminal_ends_it() {
    let chain = Chain::easy();
    let search = mining(&chain, "");
    let client = Client::of(&search);
    client.status_with(|it| it["chain"]["block_number"] == 1);
    for (signal, code) in [("HUP", 129), ("TERM", 143)] {
        let mut top = Terminal::start(&common::btpow(&format!("top {}", client.address)));
        top.shows("Goals");
        top.signal(signal);
        assert_eq!(top.end().0, code, "{signal}");
    }
}

#[test]
fn a_search_is_shown_and_goes_on() {
    let chain = Chain::easy();
    let search = mining(&chain, "");
    let client = Client::of(&search);
    client.status_with(|it| it["chain"]["block_number"] == 1);
    for key in QUITS {
        let mut top = Terminal::start(&common::btpow(&format!("top {}", client.address)));
        // The screen is its own until the end.
        top.shows("\u{1b}[?1049h");
        top.shows("Goals");
        top.shows("searching");
        top.shows("Devices");
        top.shows("H/s");
        top.shows("Mining");
        let number = chain.block();
        // What has changed is drawn, digit by digit.
        client.status_with(|it| it["chain"]["block_number"] == number);
        top.types_key(key);
        let (code, shown) = top.end();
        assert_eq!(code, 0, "{shown}");
        assert!(shown.contains("\u{1b}[?1049l"), "{shown}");
    }
    client.status_with(|it| it["paused"] == false);
    search.signal("INT");
    search.end().exits(130);
}

#[test]
fn a_search_that_has_gone_is_missed() {
    let chain = Chain::easy();
    let search = mining(&chain, "");
    let client = Client::of(&search);
    client.status_with(|it| it["chain"]["block_number"] == 1);
    let mut top = Terminal::start(&common::btpow(&format!("top {}", client.address)));
    top.shows("Goals");
    search.signal("TERM");
    search.end().exits(143);
    top.shows("answer:");
    top.types_key(b'q');
    assert_eq!(top.end().0, 0);
}

#[test]
fn a_token_opens_a_search_that_has_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("changed");
        format!("--api-token-file {}", file.display())
    };
    let right = token("right", "0123456789abcdef");
    let chain = Chain::easy();
    let search = mining(&chain, &right);
    let address = Client::of(&search).address;
    for wrong in ["", &token("wrong", "fedcba9876543210")] {
        let top = Terminal::start(&common::btpow(&format!("top {address} {wrong}")));
        let (code, shown) = top.end();
        assert_eq!(code, 2, "{shown}");
        assert!(shown.contains("error: --api-token-file: "), "{shown}");
        assert!(shown.contains("wants the token"), "{shown}");
    }
    let mut top = Terminal::start(&common::btpow(&format!("top {address} {right}")));
    top.shows("Goals");
    top.types_key(b'q');
    assert_eq!(top.end().0, 0);
}

#[test]
fn what_cannot_be_shown_is_said_in_one_line() {
    // Without a terminal.
    let told = program::run(common::btpow("top 127.0.0.1:1")).exits(2);
    let told = told.complaining(&[
        "btpow top: there is no terminal",
        "curl http://127.0.0.1:1/status",
    ]);
    assert_eq!(told.stderr.lines().count(), 1, "{told}");
    program::run(common::btpow("top here"))
        .exits(2)
        .complaining(&["\"here\"", "127.0.0.1:4720"]);
    // Nobody answers.
    let dead = proxy::dead_endpoint();
    let dead = dead.trim_start_matches("ws://").trim_end_matches('/');
    let (code, shown) = Terminal::start(&common::btpow(&format!("top {dead}"))).end();
    assert_eq!(code, 1, "{shown}");
    assert!(shown.contains("error: no search answers at"), "{shown}");
    assert!(shown.contains("--api"), "{shown}");
    // Somebody else does.
    for answer in [
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "SSH-2.0-OpenSSH_9.2\r\n",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let serving = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("it asks");
            let _ = stream.read(&mut [0; 1_024]);
            stream.write_all(answer.as_bytes()).expect("it listens");
        });
        let (code, shown) = Terminal::start(&common::btpow(&format!("top {address}"))).end();
        assert_eq!(code, 1, "{shown}");
        assert!(shown.contains("error: no search answers at"), "{shown}");
        serving.join().expect("it answered");
    }
}

/// Whoever wrote down where the search answers need not type it.
#[test]
fn the_settings_file_says_where_the_search_is() {
    let chain = Chain::easy();
    let search = mining(&chain, "");
    let client = Client::of(&search);
    client.status_with(|it| it["chain"]["block_number"] == 1);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rig.toml");
    for text in [
        format!("api = \"{}\"\n", client.address),
        format!(
            "api = \"127.0.0.1:1\"\n[mine]\napi = \"{}\"\n",
            client.address
        ),
    ] {
        fs::write(&file, text).expect("written");
        let arguments = format!("top --config {}", file.display());
        let mut top = Terminal::start(&common::btpow(&arguments));
        top.shows("Goals");
        top.types_key(b'q');
        assert_eq!(top.end().0, 0);
    }
}
