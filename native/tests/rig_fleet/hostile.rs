//! Servers that are none: whoever is on the way can answer in the place of a server, and say what it likes.

use std::{
    io::{BufRead as _, BufReader, ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
};

use tokio_rustls::rustls::{
    ServerConfig, ServerConnection, StreamOwned, crypto::ring, pki_types::PrivateKeyDer,
};

use super::{access::Authority, chain::program::Program, common::btpow};

/// A server that says what a test has it say.
struct Hostile(TcpListener);

impl Hostile {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").expect("a port"))
    }

    fn port(&self) -> u16 {
        self.0.local_addr().expect("it has one").port()
    }

    /// The next one to connect.
    fn accept(&self) -> TcpStream {
        self.0.accept().expect("somebody comes").0
    }

    /// Whether nobody has connected.
    fn is_alone(&self) -> bool {
        self.0.set_nonblocking(true).expect("it can");
        let accepted = self.0.accept();
        accepted.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// What a server says first.
    fn greeting(&self, more: &str) -> String {
        let port = self.port();
        format!(
            "INFO {{\"server_id\":\"x\",\"server_name\":\"x\",\"version\":\"2.9.10\",\"proto\":1,\"go\":\"go1\",\
             \"host\":\"127.0.0.1\",\"port\":{port},\"headers\":true,\"max_payload\":1048576,\"client_id\":1,\
             \"client_ip\":\"127.0.0.1\",\"nonce\":\"abc\"{more}}}\r\n"
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

    /// A rig that takes it for the server of its fleet.
    fn rig(&self) -> Program {
        let port = self.port();
        Program::start(btpow(&format!(
            "rig --fleet nats://127.0.0.1:{port} --device cpu --threads 1 --name rig-1"
        )))
    }
}

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
