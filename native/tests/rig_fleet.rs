//! `btpow rig`: a rig of a fleet, with a real NATS server between it and a coordinator.

#![cfg(unix)]
#![expect(
    clippy::std_instead_of_alloc,
    reason = "nothing here is to move to the core"
)]

mod chain;
mod common;
#[path = "rig_fleet/lead.rs"]
mod lead;
#[path = "../fleet/tests/nats/link.rs"]
#[expect(dead_code, reason = "the tests of the protocol use all of it")]
mod link;
#[path = "../fleet/tests/nats/server.rs"]
mod server;

use std::{
    fs,
    io::{BufRead as _, BufReader, ErrorKind, Write as _},
    net::TcpListener,
    path::Path,
};

use btpow_core::{Position, Protocol};
use btpow_fleet::{
    Range,
    coordinator::Event,
    message::{FromRig, Refusal, ToRig, read, write},
};
use futures_util::StreamExt as _;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::Value;
use tempfile::TempDir;

use chain::{
    client::Client,
    program::{Program, run},
};
use common::btpow;
use lead::{Lead, by};
use link::fleet;
use server::{COORDINATOR, RIGS, Server, User, VIEWER, close};

/// A rig of the fleet with one thread, as the user of a server.
fn rig(server: &Server, user: User, flags: &str) -> std::process::Command {
    let address = server.address();
    let mut command = btpow(&format!(
        "rig --fleet {address}/main --device cpu --threads 1 --name rig-1 {flags}"
    ));
    command.arg("--fleet-creds").arg(server.secret(user));
    command
}

/// The rig that is in the examples.
fn first(server: &Server) -> Program {
    Program::start(rig(server, RIGS[0], ""))
}

/// The range that the coordinator gives the next rig of this name.
fn joined(lead: &mut Lead, name: &str) -> Range {
    let joined = |event: &Event| match event {
        Event::Joined(rig, range) if rig.to_string() == name => Some(*range),
        _ => None,
    };
    lead.told(joined)
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_rig_hashes_its_range_and_says_goodbye() {
    let server = Server::start();
    let mut lead = Lead::start(&server);
    lead.search(100);
    let rig = first(&server);
    let range = joined(&mut lead, "rig-1");
    rig.says(&format!(
        "this rig hashes range {} of the nonces",
        range.number()
    ));
    rig.says("hashing v1 for block 100");
    for block in 100..103 {
        lead.search(block);
        let found = lead.found(block);
        assert_eq!(found.rig.to_string(), "rig-1");
        let place = Position::of_nonce(found.solution.nonce(), Protocol::V1);
        assert!(range.contains(place), "{place:?} is not in {range:?}");
        rig.says(&format!(
            "the coordinator has this rig's find for block {block}"
        ));
    }
    rig.signal("USR1");
    let line = rig.says("block 102: ");
    assert!(
        line.contains(&format!("range {}", range.number())),
        "{line}"
    );

    lead.rest("the subnet is \u{1b}[2Jclosed");
    rig.says("devices rest; the coordinator says: the subnet is [2Jclosed");
    lead.search(104);
    rig.says("hashing v1 for block 104");
    lead.found(104);
    rig.signal("INT");
    let left = |event: &Event| matches!(event, Event::Left(_)).then_some(());
    lead.told(left);
    rig.end().exits(130).saying(&["interrupted"]);
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn what_is_found_without_a_server_arrives_when_it_is_back() {
    let mut server = Server::start();
    let mut lead = Lead::start(&server);
    lead.search(100);
    let rig = first(&server);
    let range = joined(&mut lead, "rig-1");
    lead.found(100);
    server.kill();
    rig.says("warning: lost the fleet's server");
    rig.says("found a solution for block 100; it is kept until the server is back");
    lead.forget();
    server.restart();
    rig.says("is back");
    let found = lead.found(100);
    let place = Position::of_nonce(found.solution.nonce(), Protocol::V1);
    assert!(range.contains(place), "it keeps its range");
    // It was told once, however often it was tried.
    assert_eq!(rig.said().matches("lost the fleet's server").count(), 1);
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_find_that_nobody_takes_is_told_at_the_end() {
    let server = Server::start();
    let lead = Lead::start(&server);
    lead.search(100);
    let rig = first(&server);
    rig.says("hashing v1 for block 100");
    let mut server = server;
    server.kill();
    rig.says("it is kept until the server is back");
    rig.signal("INT");
    rig.end()
        .exits(130)
        .saying(&["warning: no coordinator has taken nonce", "block 100"]);
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_rig_that_is_refused_says_why_and_rests() {
    let server = Server::start();
    let rig = first(&server);
    rig.says("waiting for a coordinator");
    by(async {
        let coordinator = server.connect(COORDINATOR).await;
        let mut beats = coordinator
            .subscribe(fleet().from_rigs())
            .await
            .expect("it may");
        let say = async |message: Vec<u8>, subject: String| {
            let said = coordinator.publish(subject, message.into()).await;
            said.expect("it is connected");
            coordinator.flush().await.expect("it is connected");
        };
        let beat = beats.next().await.expect("it asks for a range");
        let name = fleet().sender(&beat.subject).expect("a rig's subject");
        let Ok(FromRig::Beat(beat)) = read(&beat.payload) else {
            panic!("a rig begins with a beat");
        };
        assert_eq!(beat.devices.len(), 1, "{beat:?}");
        let to_rig = || fleet().to_rig(&name);
        for reason in [
            Refusal::Version { speaks: 2 },
            Refusal::CutOff,
            Refusal::Full,
        ] {
            let refused = ToRig::Refused {
                session: Some(beat.session),
                reason,
            };
            say(write(&refused), to_rig()).await;
        }
        say(br#"{"v":3,"type":"else"}"#.to_vec(), fleet().announce()).await;
    });
    for words in [
        "the coordinator speaks version 2 of the fleet's protocol, and this program version 1",
        "the coordinator has cut off this rig's name",
        "the coordinator has as many rigs as it takes",
        "devices rest; the coordinator is asked again",
        "somebody in this fleet speaks version 3 of its protocol",
    ] {
        rig.says(words);
    }
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn the_server_decides_who_gets_in_and_who_may_do_what() {
    let server = Server::start();
    let address = server.address();
    let nobody = format!("rig --fleet {address} --device cpu --threads 1");
    run(btpow(&nobody)).exits(3).complaining(&[
        &address,
        "lets nobody in without credentials",
        "--fleet-creds",
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    let unknown = folder.path().join("unknown.nk");
    let seed = nkeys::KeyPair::new_user().seed().expect("it has one");
    fs::write(&unknown, seed).expect("a file");
    close(&unknown);
    let mut stranger = btpow(&nobody);
    stranger.arg("--fleet-creds").arg(&unknown);
    run(stranger)
        .exits(3)
        .complaining(&[&address, "does not know the user of --fleet-creds"]);
    // The rig that is called rig-1 there may not speak as another.
    let other = Program::start(rig(&server, RIGS[1], ""));
    other.says("forbids something to this user: Permissions Violation for Publish");
    other.signal("TERM");
    other.end().exits(143);
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn whoever_may_ask_learns_how_the_fleet_is() {
    let server = Server::start();
    let ask = |user: User, flags: &str| {
        let address = server.address();
        let mut command = btpow(&format!("fleet status --fleet {address} {flags}"));
        command.arg("--fleet-creds").arg(server.secret(user));
        run(command)
    };
    ask(VIEWER, "").exits(3).complaining(&[
        "no coordinator of the fleet main answers",
        "none is connected",
    ]);
    ask(RIGS[0], "")
        .exits(3)
        .complaining(&["this user may not ask", "Permissions Violation"]);
    let mut lead = Lead::start(&server);
    lead.search(100);
    let rig = first(&server);
    joined(&mut lead, "rig-1");
    rig.says("hashing v1 for block 100");
    let told = ask(VIEWER, "").exits(0);
    assert!(told.stdout.contains("rig-1"), "{told}");
    let status = ask(VIEWER, "--json").exits(0).json();
    assert_eq!(status["rigs"][0]["name"], "rig-1", "{status:#}");
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_rig_answers_how_it_goes() {
    let mut server = Server::start();
    let mut lead = Lead::start(&server);
    let rig = Program::start(rig(&server, RIGS[0], "--api 127.0.0.1:0"));
    let client = Client::of(&rig);
    rig.says("waiting for a coordinator");
    let health = client.get("/healthz");
    assert_eq!(health.code, 503, "{health:?}");
    lead.search(100);
    lead.found(100);
    let is_hashing = |status: &Value| status["goals"][0]["phase"] == "searching";
    let status = client.status_with(|it| is_hashing(it) && it["goals"][0]["proofs"] != 0);
    common::schema::check("status", &status);
    let goal = &status["goals"][0];
    assert_eq!(goal["goal"], "fleet main", "{status:#}");
    let message = common::text(goal, "message");
    assert!(
        message.starts_with("range ") && message.contains("taken"),
        "{message}"
    );
    assert_eq!(client.get("/healthz").code, 200);
    let metrics = client.get("/metrics").body;
    assert!(metrics.contains("btpow_build_info{"), "{metrics}");
    assert!(metrics.contains("command=\"rig\""), "{metrics}");
    lead.rest("enough");
    client.status_with(|it| it["paused"] == true && it["goals"][0]["phase"] == "paused");
    assert_eq!(client.get("/healthz").code, 200, "somebody wishes it so");
    server.kill();
    client.status_with(|it| it["goals"][0]["phase"] == "offline");
    let health = client.get("/healthz");
    assert_eq!(health.code, 503, "{health:?}");
    assert!(
        health.body.contains("no connection to the server"),
        "{health:?}"
    );
}

/// An authority of the test's own, and the configuration of a server with a certificate of it.
struct Authority {
    folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("roots.pem"), issuer.pem()).expect("written");
        Self { folder, issuer }
    }

    fn server(&self, name: &str) -> Server {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        let written = |file: &str, text: String| {
            let path = self.folder.path().join(file);
            fs::write(&path, text).expect("written");
            path.display().to_string()
        };
        let certificate = written("server.pem", certificate.pem());
        let key = written("server.key", key.serialize_pem());
        Server::with(&format!(
            "tls {{ cert_file: \"{certificate}\", key_file: \"{key}\" }}"
        ))
    }

    /// What a system has that trusts it.
    fn roots(&self) -> std::path::PathBuf {
        self.folder.path().join("roots.pem")
    }
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_certificate_counts_when_the_system_trusts_it_and_it_has_the_name() {
    let (authority, another) = (Authority::new(), Authority::new());
    for (trusted, name, is_taken) in [
        (Some(&authority), "localhost", true),
        (Some(&another), "localhost", false),
        (None, "localhost", false),
        (Some(&authority), "nats.example", false),
    ] {
        let server = authority.server(name);
        let address = format!("tls://localhost:{}", server.port());
        let mut command = btpow(&format!(
            "rig --fleet {address} --device cpu --threads 1 --name rig-1"
        ));
        if let Some(trusted) = trusted {
            command.env("SSL_CERT_FILE", trusted.roots());
        }
        let rig = Program::start(command);
        if is_taken {
            rig.says("waiting for a coordinator");
            rig.signal("INT");
            rig.end().exits(130);
        } else {
            rig.end().exits(3).complaining(&[&address, "certificate"]);
        }
    }
}

/// A server without TLS that is reached as one with it: nothing is said to it in the clear.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_server_without_tls_is_not_taken_for_one_with() {
    let server = Server::start();
    let address = format!("tls://localhost:{}", server.port());
    let mut command = btpow(&format!("rig --fleet {address} --device cpu --threads 1"));
    command.arg("--fleet-creds").arg(server.secret(RIGS[0]));
    run(command)
        .exits(3)
        .complaining(&[&address, "it speaks no TLS"]);
}

/// What a server says when somebody connects.
fn greeting(own: u16, advertised: u16) -> String {
    let info = format!(
        r#"{{"server_id":"x","server_name":"x","version":"2.9.10","proto":1,"go":"go1","host":"127.0.0.1","port":{own},"headers":true,"max_payload":1048576,"client_id":1,"client_ip":"127.0.0.1","nonce":"abc","connect_urls":["127.0.0.1:{advertised}"]}}"#
    );
    format!("INFO {info}\r\n")
}

#[test]
fn a_server_in_the_clear_leads_nobody_elsewhere() {
    let listen = || TcpListener::bind("127.0.0.1:0").expect("a port");
    let (server, elsewhere) = (listen(), listen());
    let port = |listener: &TcpListener| listener.local_addr().expect("it has one").port();
    let (own, advertised) = (port(&server), port(&elsewhere));
    let rig = Program::start(btpow(&format!(
        "rig --fleet nats://127.0.0.1:{own} --device cpu --threads 1 --name rig-1"
    )));
    // Who follows what is advertised goes there in half of the cases, or at once.
    for _ in 0..12 {
        let (stream, _) = server.accept().expect("it comes back");
        let mut writer = &stream;
        let greeting = greeting(own, advertised);
        writer.write_all(greeting.as_bytes()).expect("it listens");
        let mut lines = BufReader::new(&stream).lines();
        let is_ping = |line: &String| line == "PING";
        lines
            .by_ref()
            .map(|line| line.expect("text"))
            .find(is_ping)
            .expect("it asks");
        writer.write_all(b"PONG\r\n").expect("it listens");
    }
    rig.says("is back");
    elsewhere.set_nonblocking(true).expect("it can");
    let nobody = elsewhere.accept().expect_err("nobody came");
    assert_eq!(nobody.kind(), ErrorKind::WouldBlock);
}

/// What is wrong with the flags is said before anything is connected to.
#[test]
fn wrong_flags_are_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        close(&path);
        path.display().to_string()
    };
    let empty = file("empty", "");
    let public = file(
        "public",
        "UAHSXPYLQ6NIR5RYNRBUUSX4ZIYELNBQAI4ODFGNK4N2EVWFGD4GBBJX",
    );
    let missing = Path::new("/no/such/file").display().to_string();
    for (flags, words) in [
        ("", &["--fleet: missing", "tls://HOST/NAME"][..]),
        ("--fleet main", &["--fleet: ", "tls:// or nats://"]),
        ("--fleet ws://127.0.0.1", &["--fleet: ", "no NATS server"]),
        ("--fleet nats://10.0.0.1", &["--fleet: ", "--insecure"]),
        (
            "--fleet nats://u:hunter2@[::1]",
            &["--fleet: ", "--fleet-creds"],
        ),
        (
            "--fleet nats://[::1]/a.b",
            &["--fleet: ", "name of the fleet"],
        ),
        ("--fleet nats://[::1] --name a.b", &["--name: ", "48"]),
        ("--fleet-creds /tmp/x", &["--fleet"]),
        (
            &format!("--fleet nats://[::1] --fleet-creds {missing}"),
            &["--fleet-creds: ", "no file"],
        ),
        (
            &format!("--fleet nats://[::1] --fleet-creds {empty}"),
            &["--fleet-creds: ", "is empty"],
        ),
        (
            &format!("--fleet nats://[::1] --fleet-creds {public}"),
            &["no user's key", "SU"],
        ),
    ] {
        for command in ["rig --device cpu", "fleet status"] {
            if command != "rig --device cpu" && flags.contains("--name") {
                continue;
            }
            let told = run(btpow(&format!("{command} {flags}")));
            let told = told.exits(2).complaining(words);
            assert!(!told.stderr.contains("hunter2"), "{told}");
        }
    }
    let (address, unreachable) = (
        "nats://127.0.0.1:9",
        ["nats://127.0.0.1:9", "cannot be reached"],
    );
    for command in ["rig --device cpu --threads 1", "fleet status"] {
        let told = run(btpow(&format!("{command} --fleet {address}")));
        told.exits(3).complaining(&unreachable);
    }
}

/// The settings file of a machine that asks, and of one that hashes.
#[test]
fn a_settings_file_names_the_fleet() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("config.toml");
    let told = |text: &str, command: &str| {
        fs::write(&settings, text).expect("written");
        close(&settings);
        let mut command = btpow(command);
        command.arg("--config").arg(&settings);
        run(command)
    };
    let (one, other) = ("nats://127.0.0.1:9", "nats://127.0.0.1:10");
    for (text, ask, hash) in [
        (format!("fleet = \"{one}\""), one, one),
        (format!("[rig]\nfleet = \"{one}\""), one, one),
        (
            format!("[register]\nfleet = \"{one}\"\n[rig]\nfleet = \"{other}\""),
            one,
            other,
        ),
    ] {
        told(&text, "fleet status").exits(3).complaining(&[ask]);
        told(&text, "rig --threads 1 --device cpu")
            .exits(3)
            .complaining(&[hash]);
        let typed = format!("fleet status --fleet {other}");
        told(&text, &typed).exits(3).complaining(&[other]);
    }
    let open = "fleet = \"nats://10.0.0.1\"";
    let wrong = told(open, "rig --device cpu").exits(2);
    wrong.complaining(&["config.toml", "fleet: ", "insecure"]);
    let table = told("[fleet]\nserver = \"x\"", "rig --device cpu").exits(2);
    table.complaining(&["config.toml", "fleet"]);
}
