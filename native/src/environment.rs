//! What the program reads from its surroundings, once at the start.

use std::{
    env,
    io::{self, IsTerminal},
};

/// The surroundings of the program.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Environment {
    /// `BTPOW_ISA`, which forces the instruction set of the CPU lanes; empty counts as unset.
    pub isa: Option<String>,
    /// Whether standard error is a terminal on which lines can be redrawn.
    pub terminal: bool,
    /// Whether colours are welcome there, as they are unless `NO_COLOR` is set.
    pub color: bool,
}

impl Environment {
    /// Reads the variables and looks at standard error.
    pub fn read() -> Self {
        let variable = |name| {
            env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(|value| value.to_string_lossy().into_owned())
        };
        // A terminal without a name gets plain lines: the library that redraws lines would take it for
        // dumb and write nothing at all.
        let named = variable("TERM").is_some_and(|term| term != "dumb");
        let terminal = io::stderr().is_terminal() && (named || cfg!(windows));
        Self {
            isa: variable("BTPOW_ISA"),
            terminal,
            color: terminal && variable("NO_COLOR").is_none(),
        }
    }
}
