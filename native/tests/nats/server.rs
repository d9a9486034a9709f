//! A NATS server of this machine that lets everybody in.

use core::net::{Ipv4Addr, SocketAddr};
use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

/// The server. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts one, on any port.
    pub(crate) fn start() -> Self {
        let (process, port) = launch("-1");
        Self {
            process,
            address: (Ipv4Addr::LOCALHOST, port).into(),
        }
    }

    /// Kills it.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }

    /// Starts it again, on the same port.
    pub(crate) fn restart(&mut self) {
        let (process, port) = launch(&self.address.port().to_string());
        assert_eq!(port, self.address.port());
        self.process = process;
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn launch(port: &str) -> (Child, u16) {
    let program = env::var_os("BTPOW_NATS_SERVER").unwrap_or_else(|| "nats-server".into());
    let mut process = Command::new(program)
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
    thread::spawn(move || said.for_each(drop));
    (process, port.expect("it says where it listens"))
}
