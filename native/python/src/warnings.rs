//! What the library would tell the user of the program by its log: Python has its own warnings.

use core::fmt;
use std::sync::{Mutex, Once, PoisonError};

use pyo3::pyfunction;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::LevelFilter,
    layer::{Context, SubscriberExt as _},
    registry,
    util::SubscriberInitExt as _,
};

/// The most that are kept until somebody asks.
const MOST: usize = 64;

static KEPT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps warnings instead of printing them.
struct Keeper;

impl<S: Subscriber> Layer<S> for Keeper {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let is_ours = event.metadata().target().starts_with("btpow");
        if *event.metadata().level() > Level::WARN || !is_ours {
            return;
        }
        let mut message = Message::default();
        event.record(&mut message);
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MOST {
            kept.push(message.0);
        }
    }
}

/// The text of an event.
#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

/// Begins to keep warnings, once.
pub(crate) fn keep() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        let layer = Keeper.with_filter(LevelFilter::WARN);
        // Nobody else in this library has a subscriber: every native module has a copy of `tracing` of its own.
        let _ = registry().with(layer).try_init();
    });
}

/// The warnings since the last call, each in one line.
#[pyfunction]
pub(crate) fn warnings() -> Vec<String> {
    core::mem::take(&mut *KEPT.lock().unwrap_or_else(PoisonError::into_inner))
}
