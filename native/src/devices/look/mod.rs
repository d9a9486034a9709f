//! The first look at drivers, in a process of its own.
//!
//! Drivers hang, crash, or lack half of their files, and loading one costs time and memory. So this program never
//! loads a driver before it knows that there is a card to use: it starts itself as `btpow look KIND`, which loads the
//! kind's driver, says what it found, and ends. A look that takes too long is ended, and a driver that ends the
//! look's process ends nothing else.

mod findings;
mod process;

use core::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use std::{
    sync::{Arc, Condvar, Mutex, Once, OnceLock, PoisonError},
    thread,
    time::Instant,
};

use tracing::debug;

pub use self::{
    findings::Findings,
    process::{LIMIT, PATIENCE, end_with_parent, quit, start_with},
};
use self::{findings::Found, process::Look};
use super::{
    Unit,
    backend::{Absence, Backend, CannotOpen, Details, Listed, Objection, Options, Sensors},
    cuda::Cuda,
    trials::Tuned,
    wgpu::Wgpu,
};

/// The word that stands where commands do, in the process that looks.
pub const COMMAND: &str = "look";

/// A kind of devices that has drivers.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum Kind {
    /// NVIDIA's driver.
    Cuda,
    /// Drivers of Vulkan, Metal or DirectX 12.
    Wgpu,
}

impl Kind {
    /// As selectors begin.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Wgpu => "wgpu",
        }
    }

    /// The driver, in the words of a message.
    const fn driver(self) -> &'static str {
        match self {
            Self::Cuda => "the NVIDIA driver",
            Self::Wgpu if cfg!(target_os = "macos") => "the graphics driver (Metal)",
            Self::Wgpu if cfg!(windows) => "the graphics driver (Vulkan or DirectX 12)",
            Self::Wgpu => "the graphics driver (Vulkan)",
        }
    }

    /// The backend that loads the driver in this process.
    pub fn backend(self, options: Options) -> Box<dyn Backend> {
        match self {
            Self::Cuda => Box::new(Cuda::new(options)),
            Self::Wgpu => Box::new(Wgpu::default()),
        }
    }
}

/// Devices as a look found them. Their driver is loaded into this process when the first of them is opened.
#[derive(Debug)]
pub struct Looked {
    kind: Kind,
    /// What the user asked for; the look says which devices that means.
    selectors: Vec<String>,
    backend: Box<dyn Backend>,
    begun: Once,
    found: Arc<Answer>,
    /// Whether the driver is loaded here.
    is_loaded: AtomicBool,
}

/// What a look found, once it has ended.
#[derive(Debug, Default)]
struct Answer {
    findings: OnceLock<Findings>,
    /// Held while `findings` is set.
    lock: Mutex<()>,
    set: Condvar,
}

impl Answer {
    /// Only the first counts.
    fn give(&self, findings: Findings) {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self.findings.set(findings);
        drop(guard);
        self.set.notify_all();
    }

    /// Whether it is there by then; waits for it.
    fn is_there_by(&self, until: Instant) -> bool {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let left = until.saturating_duration_since(Instant::now());
        let is_missing = |(): &mut ()| self.findings.get().is_none();
        let _waited = self.set.wait_timeout_while(guard, left, is_missing);
        self.findings.get().is_some()
    }
}

impl Looked {
    /// A look at the driver of one kind, which has not begun.
    pub fn new(kind: Kind, options: Options, selectors: &[String]) -> Self {
        let backend = kind.backend(options);
        let mine = selectors.iter().filter(|it| backend.may_answer(it));
        Self {
            kind,
            selectors: mine.cloned().collect(),
            backend,
            begun: Once::new(),
            found: Arc::default(),
            is_loaded: AtomicBool::new(false),
        }
    }

    /// What the look found; waits for its end.
    fn found(&self) -> &Findings {
        self.look(LIMIT);
        self.found.findings.wait()
    }

    fn device(&self, listed: &Listed) -> Option<&Found> {
        let mut devices = self.found().devices.iter();
        devices.find(|it| it.name == listed.name)
    }

    /// Loads the driver and finds the device there, too.
    fn load(&self, listed: &Listed) -> Result<(), CannotOpen> {
        self.is_loaded.store(true, Ordering::Relaxed);
        if self.backend.list().contains(listed) {
            return Ok(());
        }
        let gone = || CannotOpen::new("its driver no longer shows it");
        Err(self.backend.absence().map_or_else(gone, |it| it.reason))
    }
}

impl Backend for Looked {
    fn takes_a_look(&self) -> bool {
        true
    }

    fn look(&self, patience: Duration) {
        self.begun.call_once(|| {
            let (kind, selectors) = (self.kind, self.selectors.clone());
            let found = Arc::clone(&self.found);
            let look = move || {
                let look = Look::begin(kind, &selectors, patience);
                let findings = look.findings();
                debug!(kind = kind.name(), ?findings, "looked for cards");
                // Waiters go on before the process is gone: a driver can keep it from ending.
                found.give(findings);
                look.end();
            };
            let name = format!("look {}", self.kind.name());
            let thread = thread::Builder::new().name(name).stack_size(256 * 1024);
            if let Err(error) = thread.spawn(look) {
                self.found
                    .give(Findings::broken(process::not_started(&error)));
            }
        });
    }

    fn silent(&self, until: Instant) -> Option<&'static str> {
        let is_there = self.found.is_there_by(until);
        (!is_there).then(|| self.kind.driver())
    }

    fn list(&self) -> Vec<Listed> {
        let devices = self.found().devices.iter();
        devices.map(|it| it.listed(self.kind.name())).collect()
    }

    fn open(&self, listed: &Listed) -> Result<Vec<Unit>, CannotOpen> {
        self.load(listed)?;
        self.backend.open(listed)
    }

    fn answers(&self, listed: &Listed, selector: &str) -> bool {
        self.may_answer(selector)
            && self
                .device(listed)
                .is_some_and(|it| it.selectors.iter().any(|mine| mine == selector))
    }

    fn may_answer(&self, selector: &str) -> bool {
        self.backend.may_answer(selector)
    }

    fn absence(&self) -> Option<Absence> {
        self.found().absence.clone()
    }

    fn objection(&self, selector: &str) -> Option<Objection> {
        if !self.may_answer(selector) {
            return None;
        }
        let objections = &self.found().objections;
        let (_, objection) = objections.iter().find(|(it, _)| it == selector)?;
        Some(objection.clone())
    }

    fn is_default(&self, listed: &Listed) -> bool {
        self.device(listed).is_some_and(|it| it.is_default)
    }

    fn pci(&self, listed: &Listed) -> Option<String> {
        self.device(listed)?.pci.clone()
    }

    fn details(&self, listed: &Listed) -> Option<Details> {
        self.device(listed)?.details.clone()
    }

    fn sensors(&self, listed: &Listed) -> Option<Sensors> {
        if self.is_loaded.load(Ordering::Relaxed) {
            return self.backend.sensors(listed);
        }
        self.device(listed)?.sensors
    }

    fn tune(
        &self,
        listed: &Listed,
        limit: Duration,
        tell: &mut dyn FnMut(&str),
    ) -> Option<Result<Tuned, CannotOpen>> {
        if let Err(gone) = self.load(listed) {
            return Some(Err(gone));
        }
        self.backend.tune(listed, limit, tell)
    }
}
