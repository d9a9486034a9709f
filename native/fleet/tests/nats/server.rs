//! A NATS server of this machine, for the tests of the protocol and for those of the program.

#![expect(
    dead_code,
    reason = "each test is a crate of its own and uses some of this"
)]
use core::net::{Ipv4Addr, SocketAddr};
use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use async_nats::{Client, ConnectOptions};
use tempfile::TempDir;

/// A user of the server: its place in the example, its secret and its public key. They are for nothing else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User {
    place: &'static str,
    seed: &'static str,
    public: &'static str,
}

impl User {
    /// The public half of its key.
    pub(crate) const fn public(self) -> &'static str {
        self.public
    }
}

pub(crate) const COORDINATOR: User = User {
    place: "UCOORDINATOR",
    seed: "SUABV3YZJW7OQVYQXPP64ULEHB53JPBTUPHRLIRB35HTHB223LEXDRYZWU",
    public: "UAHSXPYLQ6NIR5RYNRBUUSX4ZIYELNBQAI4ODFGNK4N2EVWFGD4GBBJX",
};
pub(crate) const RIGS: [User; 2] = [
    User {
        place: "URIGONE",
        seed: "SUAJ43H24TZEQETUOEN2RQ7TX2AJQWBMMYA4ILGWLIPN73R4WDA5PQR4AQ",
        public: "UAYX6MXETARQ3LWCX72OWYLVMESEJSIV7CVMGACWGXG4RY4UGIEFCUWQ",
    },
    User {
        place: "URIGTWO",
        seed: "SUAPE5A23TBKDVXPHXCWIPFYVNO4DLWRCWPDA5ZLTEKRFGICXIYWRBUQFI",
        public: "UDM4DMZXNN5H3WXGMYEA3BCBUXSRJZOHKT3XAFLAZW6WBJNCUSKN2P45",
    },
];
pub(crate) const VIEWER: User = User {
    place: "UVIEWER",
    seed: "SUAMGHREEDFVAJ7QLTM3NKHSHOW5NMQEPN7DBX7D5V47NG6LC5WNPKXXCI",
    public: "UAXCNLIPN2V66FLLVYGE3ZI3R3JNZUQWNANVSEADTB7JN3SLMLUFK5ST",
};

/// The example that users get.
const EXAMPLE: &str = include_str!("../../../../packaging/nats/btpow.conf");

#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    folder: TempDir,
    port: u16,
}

impl Server {
    /// Starts one with the example of a configuration, on any port.
    pub(crate) fn start() -> Self {
        let mut configuration = EXAMPLE.to_owned();
        for user in [COORDINATOR, RIGS[0], RIGS[1], VIEWER] {
            assert!(configuration.contains(user.place), "{}", user.place);
            configuration = configuration.replace(user.place, user.public);
        }
        Self::with(&configuration)
    }

    /// The same with another configuration.
    pub(crate) fn with(configuration: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("btpow.conf"), configuration).expect("a file");
        let (process, port) = launch(&folder, "-1");
        Self {
            process,
            folder,
            port,
        }
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Kills it.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }

    /// Its configuration.
    pub(crate) fn configuration(&self) -> String {
        let file = self.folder.path().join("btpow.conf");
        fs::read_to_string(file).expect("it has one")
    }

    /// Gives it another configuration, for when it starts again.
    pub(crate) fn configure(&self, configuration: &str) {
        let file = self.folder.path().join("btpow.conf");
        fs::write(file, configuration).expect("a file");
    }

    /// Starts it again, on the same port.
    pub(crate) fn restart(&mut self) {
        let (process, port) = launch(&self.folder, &self.port.to_string());
        assert_eq!(port, self.port);
        self.process = process;
    }

    /// Where it is, for a client.
    pub(crate) fn address(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// A file with the secret of a user, which nobody else can read.
    pub(crate) fn secret(&self, user: User) -> PathBuf {
        let file = self.folder.path().join(user.place);
        fs::write(&file, user.seed).expect("a file");
        close(&file);
        file
    }

    /// Connects as a user.
    pub(crate) async fn connect(&self, user: User) -> Client {
        connect(&self.address(), user).await
    }

    /// Connects as nobody.
    pub(crate) async fn connect_as_nobody(&self) -> bool {
        let client = ConnectOptions::new().connect(self.address());
        client.await.is_ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Connects to a server as a user of it.
pub(crate) async fn connect(address: &str, user: User) -> Client {
    let options = ConnectOptions::with_nkey(user.seed.to_owned());
    let client = options.connect(address).await;
    client.expect("a user of the example")
}

/// Closes a file to others.
pub(crate) fn close(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let mode = fs::Permissions::from_mode(0o600);
        fs::set_permissions(file, mode).expect("it is ours");
    }
    #[cfg(not(unix))]
    let _ = file;
}

fn launch(folder: &TempDir, port: &str) -> (Child, u16) {
    let program = env::var_os("BTPOW_NATS_SERVER").unwrap_or_else(|| "nats-server".into());
    let mut process = Command::new(program)
        .arg("-c")
        .arg(folder.path().join("btpow.conf"))
        .args(["-a", "127.0.0.1", "-p", port])
        .stderr(Stdio::piped())
        .spawn()
        .expect("nats-server, which `cargo xtask test nats` installs");
    let mut said = BufReader::new(process.stderr.take().expect("it is piped")).lines();
    let mut port = None;
    loop {
        let line = said.next().expect("it starts").expect("text");
        if let Some((_, address)) = line.split_once("client connections on 127.0.0.1:") {
            port = address.trim().parse().ok();
        }
        if line.contains("Server is ready") {
            break;
        }
    }
    // It must not wait for somebody to read what it says.
    std::thread::spawn(move || said.for_each(drop));
    (process, port.expect("it says where it listens"))
}
