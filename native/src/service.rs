//! Tells a service manager that starts the program how it goes, by systemd's protocol. Where nobody wants to know, and
//! elsewhere than on Linux, it does nothing.

use core::time::Duration;
use std::{env, process, time::Instant};

/// The variable that names the manager's socket.
const SOCKET: &str = "NOTIFY_SOCKET";

/// How often the manager gets the state of a search.
const INTERVAL: Duration = Duration::from_secs(5);

/// A service manager, if there is one.
#[derive(Debug)]
pub struct Service {
    /// How often it wants a sign of life.
    watchdog: Option<Duration>,
    next_sign: Option<Instant>,
    next_status: Option<Instant>,
}

impl Service {
    /// The manager that the environment names.
    pub fn find() -> Self {
        let is_there = cfg!(target_os = "linux") && env::var_os(SOCKET).is_some();
        let watchdog = watchdog();
        let now = Instant::now();
        // Twice as often as it must be, as systemd advises.
        let watchdog = watchdog.filter(|_| is_there).map(|limit| limit / 2);
        Self {
            watchdog,
            next_sign: watchdog.map(|_| now),
            next_status: is_there.then_some(now),
        }
    }

    /// The program has begun its work.
    pub fn ready(&self) {
        self.tell("READY=1");
    }

    /// The state of its work, which `line` puts into words where it is due.
    pub fn status(&mut self, line: impl FnOnce() -> String) {
        let now = Instant::now();
        if self.next_status.is_some_and(|next| next <= now) {
            self.next_status = Some(now + INTERVAL);
            self.tell(&format!("STATUS={}", line()));
        }
    }

    /// When a sign of life is due.
    pub const fn next_sign(&self) -> Option<Instant> {
        self.next_sign
    }

    /// The program is alive.
    pub fn sign(&mut self) {
        self.next_sign = self.watchdog.map(|interval| Instant::now() + interval);
        self.tell("WATCHDOG=1");
    }

    fn tell(&self, state: &str) {
        if self.next_status.is_none() {
            return;
        }
        #[cfg(target_os = "linux")]
        if let Err(error) = send(state) {
            tracing::debug!(%error, "the service manager is not told: {state}");
        }
        #[cfg(not(target_os = "linux"))]
        let _ = state;
    }
}

/// How often the manager wants a sign of life from this process.
fn watchdog() -> Option<Duration> {
    let number = |name| env::var(name).ok()?.parse::<u64>().ok();
    let is_meant = number("WATCHDOG_PID").is_none_or(|id| id == u64::from(process::id()));
    let limit = number("WATCHDOG_USEC").filter(|limit| is_meant && *limit > 0);
    limit.map(Duration::from_micros)
}

/// Sends a state to the manager. The crate sd-notify waits until the manager takes it, but a manager that hangs must not
/// hold up a search.
#[cfg(target_os = "linux")]
fn send(state: &str) -> std::io::Result<()> {
    use std::os::{
        linux::net::SocketAddrExt as _,
        unix::{
            ffi::OsStrExt as _,
            net::{SocketAddr, UnixDatagram},
        },
    };

    let Some(path) = env::var_os(SOCKET) else {
        return Ok(());
    };
    let address = match path.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(&path)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    socket.send_to_addr(state.as_bytes(), &address)?;
    Ok(())
}
