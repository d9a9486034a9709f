//! Tells a service manager that starts the program how it goes, by systemd's protocol. Where nobody wants to know, and
//! elsewhere than on Linux, it does nothing.

use core::time::Duration;
use std::time::Instant;

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
        #[cfg(target_os = "linux")]
        let (is_there, watchdog) = (
            std::env::var_os("NOTIFY_SOCKET").is_some(),
            sd_notify::watchdog_enabled(),
        );
        #[cfg(not(target_os = "linux"))]
        let (is_there, watchdog) = (false, None);
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
        if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Custom(state)]) {
            tracing::debug!(%error, "the service manager is not told: {state}");
        }
    }
}
