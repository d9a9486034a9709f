//! A list of WGSL statements that grows line by line.

use core::fmt::{Display, Write as _};

/// Statements in the body of a function.
#[derive(Debug, Default)]
pub(super) struct Statements {
    text: String,
    indent: usize,
}

impl Statements {
    /// Adds one statement or one half of a block.
    pub(super) fn line(&mut self, line: impl Display) {
        for _ in 0..=self.indent {
            self.text.push_str("    ");
        }
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    /// Names the value of an expression; returns the name, for further expressions.
    pub(super) fn bind(&mut self, name: impl Into<String>, value: impl Display) -> String {
        let name = name.into();
        self.line(format_args!("let {name} = {value};"));
        name
    }

    /// Adds what `body` adds, between `head {` and `}`.
    pub(super) fn block(&mut self, head: impl Display, body: impl FnOnce(&mut Self)) {
        self.line(format_args!("{head} {{"));
        self.indent += 1;
        body(self);
        self.indent -= 1;
        self.line("}");
    }

    /// All statements, to replace a line with `$name` alone.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }
}
