//! What the program takes from its surroundings, read once at the start.

use std::{
    env,
    io::{self, IsTerminal},
};

/// The surroundings of the program.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Environment {
    /// `BTPOW_ISA`: the instruction set that the CPU lanes are forced to; empty counts as unset.
    pub isa: Option<String>,
    /// Whether standard error is a terminal on which lines can be redrawn.
    pub terminal: bool,
    /// Whether colours are welcome there: `NO_COLOR` is unset or empty.
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
        // Without a name a terminal gets plain lines: what redraws them would take it for dumb, and
        // write nothing at all.
        let named = variable("TERM").is_some_and(|term| term != "dumb");
        let terminal = io::stderr().is_terminal() && (named || cfg!(windows));
        Self {
            isa: variable("BTPOW_ISA"),
            terminal,
            color: terminal && variable("NO_COLOR").is_none(),
        }
    }
}
