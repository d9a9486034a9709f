//! The devices that a command uses: those that are known at once, and cards that are looked for meanwhile.

use core::sync::atomic::{AtomicUsize, Ordering};
use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::Instant,
};

use super::{
    Chosen, DevicesError, Row, Unit,
    backend::{Backend, CannotOpen, Listed, Sensors},
    look, opened,
};

/// How many threads may be inside a driver's code that opens cards, or will be inside of it for ever.
static OPENING: AtomicUsize = AtomicUsize::new(0);

/// Whether a thread may be in the middle of opening a card, or has hung inside its driver. The libraries' own farewells would pull its driver from
/// under it.
pub fn is_opening() -> bool {
    OPENING.load(Ordering::Relaxed) > 0
}

/// A thread will never come back from a card's driver, or the card never end what it does.
pub fn abandon() {
    OPENING.fetch_add(1, Ordering::Relaxed);
}

/// The devices that a command uses.
#[derive(Debug)]
pub struct Choice {
    /// Those that open at once.
    pub now: Chosen,
    /// Those that come later; none where the user named devices, or nothing must be looked for.
    later: Option<Later>,
}

/// Devices that are looked for.
#[derive(Debug)]
struct Later {
    /// Until they are chosen.
    backends: Mutex<Vec<Box<dyn Backend>>>,
    chosen: OnceLock<Chosen>,
}

/// Counts a thread that opens cards, for as long as it lives.
struct Opening;

impl Choice {
    /// The devices that `selectors` name, all of which are known when this returns; without selectors, all that are
    /// used by default, of which cards come later.
    ///
    /// # Errors
    ///
    /// Those of [`Chosen::new`].
    pub fn new(
        backends: Vec<Box<dyn Backend>>,
        selectors: &[String],
    ) -> Result<Self, DevicesError> {
        let all = backends.into_iter();
        let (later, now): (Vec<_>, Vec<_>) =
            all.partition(|it| selectors.is_empty() && it.takes_a_look());
        Ok(Self {
            now: Chosen::new(now, selectors, &opened::warn)?,
            later: (!later.is_empty()).then(|| Later {
                backends: Mutex::new(later),
                chosen: OnceLock::new(),
            }),
        })
    }

    /// Whether devices may come later.
    pub const fn is_growing(&self) -> bool {
        self.later.is_some()
    }

    /// Begins to look for the devices that come later.
    pub fn look(&self) {
        let Some(later) = &self.later else { return };
        for backend in later.lock().iter() {
            backend.look(look::PATIENCE);
        }
    }

    /// Waits for the end of the look, and gives each device that comes later to `attempt`, as [`Chosen::try_each`]
    /// does. `tell` hears of a driver that is silent for long; its cards may still come.
    pub fn try_later(
        &self,
        tell: &dyn Fn(String),
        attempt: impl FnMut(&dyn Backend, &Listed) -> Result<bool, DevicesError>,
    ) {
        let Some(later) = &self.later else { return };
        self.look();
        let _opening = Opening::begin();
        let backends = core::mem::take(&mut *later.lock());
        let until = Instant::now() + look::LIMIT;
        let silent: Vec<_> = backends.iter().filter_map(|it| it.silent(until)).collect();
        for driver in &silent {
            tell(format!("{driver} does not answer; mining without it"));
        }
        let tell_of_fault = |text: String| {
            let is_told = |driver: &&str| text.ends_with(&format!("{driver} does not answer"));
            if !silent.iter().any(is_told) {
                tell(format!("{text}; mining without it"));
            }
        };
        let tried = Chosen::new(backends, &[], &tell_of_fault)
            .and_then(|chosen| later.chosen.get_or_init(|| chosen).try_each(tell, attempt));
        if let Err(error) = tried {
            tell(error.to_string());
        }
    }

    /// Opens a device again.
    ///
    /// # Errors
    ///
    /// [`CannotOpen`] when the driver refuses.
    pub fn reopen(&self, listed: &Listed) -> Result<Vec<Unit>, CannotOpen> {
        let _opening = Opening::begin();
        let of_later = || self.later.as_ref()?.chosen.get()?.reopen(listed);
        let opened = self.now.reopen(listed).or_else(of_later);
        opened.unwrap_or_else(|| Err(CannotOpen::new("it is gone")))
    }

    /// The readings of each row's sensors.
    pub fn sensors(&self, rows: &[Row]) -> Vec<Sensors> {
        let later = self.later.as_ref().and_then(|it| it.chosen.get());
        let sensors = |row: &Row| {
            let of_later = || later?.sensors(&row.listed);
            self.now
                .sensors(&row.listed)
                .or_else(of_later)
                .unwrap_or_default()
        };
        rows.iter().map(sensors).collect()
    }
}

impl Later {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Box<dyn Backend>>> {
        // A panic elsewhere leaves the list as it was.
        self.backends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opening {
    fn begin() -> Self {
        OPENING.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        OPENING.fetch_sub(1, Ordering::Relaxed);
    }
}
