//! Makes text of others safe to print among our own.
//!
//! Nodes, wallets, drivers, libraries and command lines are not trusted: their text must not look like the
//! program's.

/// The most characters of a name that are repeated.
pub const NAME: usize = 60;

/// The most characters of a message that are repeated.
pub const MESSAGE: usize = 200;

/// The text of somebody else on one line: [harmless], with its white space collapsed, and at most `most`
/// characters long.
///
/// [harmless]: harmless
pub fn line(text: &str, most: usize) -> String {
    // Of a long text, read only as much as could be shown even with many blanks and hidden characters.
    let examined = most.saturating_mul(16);
    let end = text.char_indices().nth(examined).map(|(end, _)| end);
    let text = &text[..end.unwrap_or(text.len())];
    let words: Vec<_> = text.split_whitespace().collect();
    let mut shown: Vec<char> = harmless(&words.join(" ")).chars().collect();
    if shown.len() > most {
        shown.truncate(most);
        shown.push('…');
    }
    shown.into_iter().collect()
}

/// An error and its causes, which say what people need to know: refused, name, certificate.
pub fn explained(error: &dyn core::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    line(&text, MESSAGE)
}

/// The same text without characters that move a cursor, change colours, reverse the direction of writing
/// or are invisible. Lines stay lines.
pub fn harmless(text: &str) -> String {
    let shown = |it: &char| *it == '\n' || !is_hidden(*it);
    // Our own columns are made of blanks, so a tab is somebody else's.
    text.replace('\t', " ").chars().filter(shown).collect()
}

/// As [`harmless`], on one line. Of more than two blanks in a row one stays: otherwise they could push words
/// to the start of what looks like a new line.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut blanks = 0;
    for it in harmless(&text.replace(['\n', '\r'], " ")).chars() {
        if it.is_whitespace() {
            blanks += 1;
            continue;
        }
        line += if blanks == 2 {
            "  "
        } else if blanks > 0 {
            " "
        } else {
            ""
        };
        blanks = 0;
        line.push(it);
    }
    line
}

/// Whether a character is invisible: control characters, including those above 127, and those that Unicode
/// calls formats (Cf) or line separators.
pub(crate) fn is_hidden(it: char) -> bool {
    it.is_control()
        || matches!(it,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            // Blanks that are letters.
            | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
            | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_stays_on_its_line() {
        let forged = "finney\r\nfee        0\u{1b}[31m\u{202e}";
        assert_eq!(line(forged, NAME), "finney fee 0[31m");
        assert_eq!(line("abcdef", 3), "abc…");
        // Whatever its length.
        assert_eq!(line(&"a ".repeat(1 << 20), 3), "a a…");
        assert_eq!(line("  ä  ö ", NAME), "ä ö");
    }

    /// Each of these reached a terminal once: they clear it, set its title, fill the clipboard, return to the
    /// start of the line, reverse letters. The second of a pair is the same in one character.
    #[test]
    fn nothing_moves_a_cursor() {
        for (text, shown) in [
            ("\u{1b}[2J", "[2J"),
            ("\u{9b}2J", "2J"),
            ("\u{1b}]0;title\u{7}", "]0;title"),
            ("\u{9d}0;title\u{9c}", "0;title"),
            ("\u{1b}]52;c;AAAA\u{1b}\\", "]52;c;AAAA\\"),
            ("error\rregistered", "errorregistered"),
            ("a\u{8}\u{8}b\u{7f}", "ab"),
            ("gni\u{202e}abc\u{2066}d\u{61c}", "gniabcd"),
            ("a\u{200b}\u{ad}\u{feff}\u{e0041}b", "ab"),
            ("a\tb\nc", "a b\nc"),
            ("a\u{2800}\u{3164}b", "ab"),
        ] {
            assert_eq!(harmless(text), shown);
        }
        assert_eq!(one_line("error\nregistered\r\n"), "error registered");
        let pushed = format!("no wallet named a{}registered  UID 3", " ".repeat(140));
        assert_eq!(one_line(&pushed), "no wallet named a registered  UID 3");
        assert_eq!(one_line("  cpu:0: 1.0 MH/s"), "  cpu:0: 1.0 MH/s");
        assert_eq!(one_line("a\u{a0}\u{2003}\u{3000}b"), "a b");
    }
}
