//! Which server a rig talks to, and what that lets it do.

use std::{fs, path::PathBuf};

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use super::{
    chain::program::{Program, run},
    common::btpow,
    first,
    hostile::Hostile,
    lead::Lead,
    rig,
    server::{RIGS, Server, close},
};

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
    other.says("this key may not be rig rig-1 of the fleet main");
    other.signal("TERM");
    other.end().exits(143);
}

/// Somebody takes a rig's user out of the server's configuration, and puts it in again.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_rig_comes_back_once_it_may() {
    let mut server = Server::start();
    let example = server.configuration();
    let mut lead = Lead::start(&server);
    lead.search(100);
    let rig = first(&server);
    lead.found(100);
    let somebody = nkeys::KeyPair::new_user().public_key();
    server.kill();
    server.configure(&example.replace(RIGS[0].public(), &somebody));
    server.restart();
    rig.says("does not take this user's credentials any more");
    server.kill();
    server.configure(&example);
    server.restart();
    rig.says("is back");
    lead.search(101);
    lead.found(101);
    assert_eq!(rig.said().matches("any more").count(), 1, "it is told once");
}

/// A core file would hold the key.
#[test]
#[cfg(target_os = "linux")]
fn a_rigs_key_is_in_no_core() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("rig.nk");
    let seed = nkeys::KeyPair::new_user().seed().expect("it has one");
    fs::write(&key, seed).expect("a file");
    close(&key);
    let server = Hostile::new();
    let rig = server.rig(&format!("--fleet-creds {}", key.display()));
    let _stream = server.welcome("");
    rig.says("waiting for a coordinator");
    let limits = fs::read_to_string(format!("/proc/{}/limits", rig.id())).expect("limits");
    let cores = limits.lines().find(|line| line.starts_with("Max core"));
    let cores: Vec<_> = cores.expect("a limit").split_whitespace().collect();
    assert_eq!(cores[4..6], ["0", "0"], "{limits}");
}

/// An authority of the test's own, and the configuration of a server with a certificate of it.
pub(crate) struct Authority {
    folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("roots.pem"), issuer.pem()).expect("written");
        Self { folder, issuer }
    }

    /// A certificate for a name, and its key.
    pub(crate) fn certificate(&self, name: &str) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        (certificate, key)
    }

    fn server(&self, name: &str) -> Server {
        let (certificate, key) = self.certificate(name);
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
    pub(crate) fn roots(&self) -> PathBuf {
        self.folder.path().join("roots.pem")
    }
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_certificate_counts_when_the_system_trusts_it_and_it_has_the_name() {
    let (authority, another) = (Authority::new(), Authority::new());
    for (scheme, trusted, name, is_taken) in [
        ("tls", Some(&authority), "localhost", true),
        ("tls", Some(&another), "localhost", false),
        ("tls", None, "localhost", false),
        ("tls", Some(&authority), "nats.example", false),
        // The server asks for it, and was reached by its address.
        ("nats", Some(&authority), "127.0.0.1", true),
        ("nats", Some(&another), "127.0.0.1", false),
    ] {
        let server = authority.server(name);
        let host = if scheme == "tls" { "localhost" } else { name };
        let address = format!("{scheme}://{host}:{}", server.port());
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
            let told = rig.end().exits(3);
            if trusted.is_none() {
                assert!(told.stderr.contains("in SSL_CERT_FILE"), "{told}");
            }
            told.complaining(&[&address, "certificate"]);
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
