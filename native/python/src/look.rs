//! The process that looks for cards: a Python without any of the user's modules, which loads this library.

use std::{ffi::OsString, time::Instant};

use btpow::{
    app,
    cli::RigArgs,
    devices::{Chosen, kinds, look as program},
    environment::Environment,
};
use pyo3::{Python, pyfunction};

/// Says how that process is started: a program and its first arguments. Without any there is no look, and no card.
#[pyfunction]
pub(crate) fn look_with(words: Vec<OsString>) {
    program::start_with(words);
}

/// In that process: looks for cards as `arguments` say, and tells on standard output what it found.
#[pyfunction]
pub(crate) fn look(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    let words = ["btpow", program::COMMAND].map(OsString::from);
    let words = words.into_iter().chain(arguments);
    py.detach(|| app::run(words, &Environment::read(), Instant::now()).code())
}

/// The cards that would be used by default, none of them opened: name, kind and description. Each card is there once.
#[pyfunction]
pub(crate) fn cards(py: Python<'_>) -> Vec<(String, &'static str, String)> {
    let list = || {
        let options = RigArgs::default().options(None).ok()?;
        let looked = kinds::all(options, &[]).into_iter();
        let looked = looked.filter(|it| it.takes_a_look()).collect();
        // Whoever asks for a list cannot do anything about a driver that is broken.
        let chosen = Chosen::new(looked, &[], &drop).ok()?;
        let mut cards = Vec::new();
        let each = chosen.try_each(&drop, |_, listed| {
            let card = listed.clone();
            cards.push((card.name, card.kind, card.description));
            Ok(true)
        });
        each.ok().map(|()| cards)
    };
    py.detach(list).unwrap_or_default()
}

/// Ends the processes that still look, for a Python that ends.
#[pyfunction]
pub(crate) fn quit(py: Python<'_>) {
    py.detach(program::quit);
}
