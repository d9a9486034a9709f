//! `wss://`: which certificates the program accepts.

#![expect(
    clippy::std_instead_of_alloc,
    reason = "nothing here is to move to the core"
)]

mod chain;
mod common;

use std::{fs, path::PathBuf, sync::Arc, thread};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::{
    io,
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use chain::{
    outlet::{Manner, Outlet},
    program,
    state::Chain,
};

/// The test's own authority, and what it has signed.
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

    /// The `SSL_CERT_FILE` of a system that trusts it.
    fn roots(&self) -> PathBuf {
        self.folder.path().join("roots.pem")
    }

    /// Starts a server in front of a chain, with a certificate for this name. Returns its port. It ends with the test.
    fn serve(&self, chain: &Chain, name: &str) -> (u16, oneshot::Sender<()>) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("there are some")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("they belong together");
        let chain = chain.endpoint().replace("ws://", "");
        let (tell, told) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = { runtime }.enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                let port = listener.local_addr().expect("an address").port();
                tell.send(port).expect("somebody waits");
                tokio::select! {
                    () = pass_on(listener, TlsAcceptor::from(Arc::new(config)), &chain) => {}
                    _ = stopped => {}
                }
            });
        });
        (told.recv().expect("it listens"), stop)
    }
}

async fn pass_on(listener: TcpListener, acceptor: TlsAcceptor, chain: &str) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let Ok(mut program) = acceptor.accept(stream).await else {
            continue; // it did not like the certificate
        };
        let mut chain = TcpStream::connect(chain).await.expect("the chain listens");
        // The result does not matter.
        let _ = io::copy_bidirectional(&mut program, &mut chain).await;
    }
}

#[test]
fn a_certificate_counts_when_the_system_trusts_it_and_it_has_the_name() {
    let chain = Chain::easy();
    let (authority, another) = (Authority::new(), Authority::new());
    for (trusted, name, taken) in [
        (Some(&authority), "localhost", true),
        // By an authority that the system does not know.
        (Some(&another), "localhost", false),
        (None, "localhost", false),
        // For another machine.
        (Some(&authority), "entrypoint-finney.example", false),
    ] {
        let (port, _stop) = authority.serve(&chain, name);
        let endpoint = format!("wss://localhost:{port}");
        let mut command = program::at(&endpoint, "doctor --threads 1");
        // Without this the system's own authorities apply, which do not include the test's.
        if let Some(trusted) = trusted {
            command.env("SSL_CERT_FILE", trusted.roots());
        }
        let told = program::run(command);
        if taken {
            assert!(told.exits(0).stdout.contains(&endpoint));
        } else {
            told.exits(3)
                .complaining(&["cannot be reached", &endpoint, "certificate"]);
        }
    }
}

/// The endpoint's name counts, whoever passes the bytes on.
#[test]
fn a_proxy_changes_nothing_about_certificates() {
    let chain = Chain::easy();
    let (authority, another) = (Authority::new(), Authority::new());
    for (trusted, name, taken) in [
        (&authority, "node.test", true),
        (&another, "node.test", false),
        (&authority, "localhost", false),
    ] {
        let (port, _stop) = authority.serve(&chain, name);
        let outlet = Outlet::http(Manner::Open, &format!("127.0.0.1:{port}"));
        let endpoint = format!("wss://node.test:{port}");
        let mut command = program::at(&endpoint, "doctor --threads 1 --device cpu");
        command.env("SSL_CERT_FILE", trusted.roots());
        command.env("HTTPS_PROXY", outlet.place());
        let told = program::run(command);
        assert_eq!(outlet.asked(), [format!("node.test:{port}")], "{told}");
        if taken {
            assert!(told.exits(0).stdout.contains(&endpoint));
        } else {
            told.exits(3).complaining(&[&endpoint, "certificate"]);
        }
    }
}
