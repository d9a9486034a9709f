//! From text to tokens.

use super::fault::{Fault, Problem};

/// A word (also an opcode with its modifiers, or a number), a string, or a sign.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    pub(crate) line: u32,
}

/// Tokens, and how far they are read.
pub(crate) struct Tokens<'a> {
    source: &'a str,
    tokens: Vec<Token<'a>>,
    next: usize,
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._$%".contains(&byte)
}

impl<'a> Tokens<'a> {
    pub(crate) fn of(source: &'a str) -> Result<Self, Fault> {
        let (mut tokens, mut line, mut rest) = (Vec::new(), 1, source);
        while let Some(first) = rest.bytes().next() {
            let len = if is_of_word(first) {
                rest.bytes().take_while(|byte| is_of_word(*byte)).count()
            } else if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else if first == b'"' {
                rest[1..].find('"').map_or(rest.len(), |end| end + 2)
            } else if first.is_ascii() {
                1
            } else {
                let unknown = Problem::Unknown(rest.chars().take(1).collect());
                return Err(Fault::new(unknown, line, source));
            };
            let (text, after) = rest.split_at(len);
            let skipped = first.is_ascii_whitespace() || text.starts_with("//");
            if !skipped && !text.starts_with("/*") {
                tokens.push(Token { text, line });
            }
            line += u32::try_from(text.matches('\n').count()).expect("lines fit into 32 bits");
            rest = after;
        }
        Ok(Self {
            source,
            tokens,
            next: 0,
        })
    }

    /// A problem with the token that was read last.
    pub(crate) fn fault(&self, problem: Problem) -> Fault {
        Fault::new(problem, self.line(), self.source)
    }

    /// The line of the token that was read last.
    pub(crate) fn line(&self) -> u32 {
        let last = self.tokens.get(self.next.saturating_sub(1));
        last.map_or(0, |token| token.line)
    }

    /// The next token, which is not read yet; empty at the end.
    pub(crate) fn peek(&self) -> &'a str {
        self.tokens.get(self.next).map_or("", |token| token.text)
    }

    /// Reads a token.
    pub(crate) fn take(&mut self) -> Result<&'a str, Fault> {
        let token = self.tokens.get(self.next).copied();
        self.next += 1;
        token.map_or_else(
            || {
                self.next = self.tokens.len();
                Err(self.expected("more", "the end"))
            },
            |token| Ok(token.text),
        )
    }

    /// Reads a token if it is this one.
    pub(crate) fn take_if(&mut self, text: &str) -> bool {
        let here = self.peek() == text;
        self.next += usize::from(here);
        here
    }

    /// Reads this token.
    pub(crate) fn take_exactly(&mut self, text: &'static str) -> Result<(), Fault> {
        let found = self.take()?;
        if found == text {
            Ok(())
        } else {
            Err(self.expected(text, found))
        }
    }

    /// Reads an integer, perhaps with a sign.
    pub(crate) fn take_integer(&mut self) -> Result<i128, Fault> {
        let negative = self.take_if("-");
        let text = self.take()?;
        let number = integer(text).ok_or_else(|| self.expected("an integer", text))?;
        Ok(if negative { -number } else { number })
    }

    /// Reads an integer that has few bits.
    pub(crate) fn take_small<T: TryFrom<i128>>(&mut self) -> Result<T, Fault> {
        let number = self.take_integer()?;
        let bits = u32::try_from(size_of::<T>() * 8).expect("few");
        T::try_from(number).map_err(|_| self.fault(Problem::TooLarge(number, bits)))
    }

    fn expected(&self, expected: &'static str, found: &str) -> Fault {
        self.fault(Problem::Syntax {
            expected,
            found: found.into(),
        })
    }
}

/// The integer that a word is, if it is one.
fn integer(text: &str) -> Option<i128> {
    let text = text.strip_suffix('U').unwrap_or(text);
    let (digits, radix) = match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    i128::from_str_radix(digits, radix).ok()
}
