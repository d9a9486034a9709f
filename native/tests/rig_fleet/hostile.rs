//! Servers that are none: whoever is on the way can answer in the place of a server, and say what it likes.

use std::{
    io::{BufRead as _, BufReader, ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
};

use btpow_devnet::{ALICE, BOB};
use tokio_rustls::rustls::{
    ServerConfig, ServerConnection, StreamOwned, crypto::ring, pki_types::PrivateKeyDer,
};

use super::{
    access::Authority,
    chain::{
        program::{self, Program},
        state::Chain,
        wallet::Wallet,
    },
    common::btpow,
};

/// A server that says what a test has it say.
struct Hostile {
    listener: TcpListener,
    /// The bytes of a message that it takes, as it says.
    most: usize,
}

impl Hostile {
    fn new() -> Self {
        Self {
            listener: TcpListener::bind("127.0.0.1:0").expect("a port"),
            most: 1 << 20,
        }
    }

    fn port(&self) -> u16 {
        self.listener.local_addr().expect("it has one").port()
    }

    /// The next one to connect.
    fn accept(&self) -> TcpStream {
        self.listener.accept().expect("somebody comes").0
    }

    /// Whether nobody has connected.
    fn is_alone(&self) -> bool {
        self.listener.set_nonblocking(true).expect("it can");
        let accepted = self.listener.accept();
        accepted.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// What a server says first.
    fn greeting(&self, more: &str) -> String {
        let (port, most) = (self.port(), self.most);
        format!(
            "INFO {{\"server_id\":\"x\",\"server_name\":\"x\",\"version\":\"2.9.10\",\"proto\":1,\"go\":\"go1\",\
             \"host\":\"127.0.0.1\",\"port\":{port},\"headers\":true,\"client_id\":1,\
             \"client_ip\":\"127.0.0.1\",\"nonce\":\"abc\",\"max_payload\":{most}{more}}}\r\n"
        )
    }

    /// Lets the next one in that comes in the clear.
    fn welcome(&self, more: &str) -> TcpStream {
        let mut stream = self.accept();
        let greeting = self.greeting(more);
        stream.write_all(greeting.as_bytes()).expect("it listens");
        answer(&mut stream);
        stream
    }

    fn address(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port())
    }

    /// A rig that takes it for the server of its fleet.
    fn rig(&self) -> Program {
        rig(&self.address(), "")
    }
}

/// A rig of a fleet at this address.
fn rig(address: &str, flags: &str) -> Program {
    Program::start(btpow(&format!(
        "rig --fleet {address} --device cpu --threads 1 --name rig-1 {flags}"
    )))
}

/// Waits until a client has said something that begins so, so many times.
fn hear(stream: &TcpStream, word: &str, times: usize) {
    let lines = BufReader::new(stream).lines();
    let lines = lines.map(|line| line.expect("text"));
    let heard = lines.filter(|line| line.starts_with(word)).take(times);
    assert_eq!(heard.count(), times, "{word}");
}

/// An error without a word, which makes the library panic.
const BARE: &[u8] = b"-ERR\r\n";

/// Answers the first question of a client.
fn answer(stream: &mut (impl Read + Write)) {
    let mut lines = BufReader::new(&mut *stream).lines();
    let is_ping = |line: &String| line == "PING";
    lines
        .by_ref()
        .map(|line| line.expect("text"))
        .find(is_ping)
        .expect("it asks");
    stream.write_all(b"PONG\r\n").expect("it listens");
}

/// A list of other servers.
fn elsewhere(url: &str) -> String {
    format!(",\"connect_urls\":[\"{url}\"]")
}

#[test]
fn a_server_in_the_clear_leads_nobody_elsewhere() {
    let (server, other) = (Hostile::new(), Hostile::new());
    let rig = server.rig();
    // Who follows what is advertised goes there in half of the cases, or at once.
    for _ in 0..12 {
        server.welcome(&elsewhere(&format!("127.0.0.1:{}", other.port())));
    }
    rig.says("is back");
    assert!(other.is_alone());
}

/// What comes before TLS may be anybody's, and could name a server without TLS.
#[test]
fn whoever_begins_with_tls_is_led_to_nothing_in_the_clear() {
    let authority = Authority::new();
    let (certificate, key) = authority.certificate("localhost");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config
        .with_safe_default_protocol_versions()
        .expect("it has some")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        );
    let config = Arc::new(config.expect("it fits"));
    let (server, other) = (Hostile::new(), Hostile::new());
    let address = format!("tls://localhost:{}", server.port());
    let mut command = btpow(&format!(
        "rig --fleet {address} --device cpu --threads 1 --name rig-1"
    ));
    command.env("SSL_CERT_FILE", authority.roots());
    let rig = Program::start(command);
    for _ in 0..12 {
        let mut stream = server.accept();
        let named = elsewhere(&format!("ws://127.0.0.1:{}", other.port()));
        let greeting = server.greeting(&format!(",\"tls_required\":true{named}"));
        stream.write_all(greeting.as_bytes()).expect("it listens");
        let server = ServerConnection::new(Arc::clone(&config)).expect("a connection");
        answer(&mut StreamOwned::new(server, stream));
    }
    rig.says("is back");
    assert!(other.is_alone());
}

#[test]
fn whoever_answers_with_nonsense_at_the_start_cannot_be_reached() {
    let server = Hostile::new();
    let rig = server.rig();
    let mut stream = server.accept();
    let greeting = server.greeting("");
    stream.write_all(greeting.as_bytes()).expect("it listens");
    stream.write_all(BARE).expect("it listens");
    let told = rig.end().exits(3);
    let told = told.complaining(&[&server.address(), "what answers there is no NATS server"]);
    assert!(!told.stderr.contains("panicked"), "{told}");
}

/// The task of the library that reads and writes is over then; a rig keeps its finds and reads on over another.
#[test]
fn nonsense_costs_a_rig_no_more_than_a_connection() {
    let server = Hostile::new();
    let rig = server.rig();
    for number in 1..3 {
        let mut stream = server.welcome("");
        hear(&stream, "SUB ", 2);
        hear(&stream, "PUB btpow.v1.main.rig.rig-1 ", 1);
        stream.write_all(BARE).expect("it listens");
        rig.says_times(number, "lost the fleet's server");
    }
    let _stream = server.welcome("");
    rig.says_times(2, "is back");
    rig.signal("INT");
    let told = rig.end().exits(130);
    assert!(!told.stderr.contains("panicked"), "{told}");
}

#[test]
fn nonsense_costs_a_coordinator_no_more_than_a_connection() {
    let (chain, server) = (Chain::easy(), Hostile::new());
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = format!(
        "register --netuid 1 --yes --no-local --fleet {}",
        server.address()
    );
    let program = Program::start(program::with(&wallet, chain.endpoint(), &arguments));
    let mut stream = server.welcome("");
    hear(&stream, "SUB ", 3);
    stream.write_all(BARE).expect("it listens");
    program.says("lost the fleet's server");
    let stream = server.welcome("");
    program.says("is back");
    hear(&stream, "SUB ", 3);
    hear(&stream, "PUB btpow.v1.main.announce ", 1);
    program.signal("INT");
    let told = program.end().exits(130);
    assert!(!told.stderr.contains("panicked"), "{told}");
}

#[test]
fn a_server_must_pass_on_what_may_be_said() {
    let mut server = Hostile::new();
    server.most = 1_000;
    let rig = server.rig();
    let _stream = server.welcome("");
    let words = ["1000 bytes at most", "may have 16384", "max_payload"];
    rig.end().exits(3).complaining(&words);
    server.most = 16_384;
    let rig = server.rig();
    drop(server.welcome(""));
    server.most = 1_000;
    let _stream = server.welcome("");
    rig.says("takes messages of 1000 bytes at most");
}

#[test]
fn whoever_may_be_overheard_is_warned() {
    let server = Hostile::new();
    let address = format!("nats://0.0.0.0:{}", server.port());
    let rig = rig(&address, "--insecure");
    let _stream = server.welcome("");
    rig.says("waiting for a coordinator");
    rig.says("can read and change what is said");
    let quiet = server.rig();
    let _stream = server.welcome("");
    quiet.says("waiting for a coordinator");
    assert!(!quiet.said().contains("can read and change"));
}
