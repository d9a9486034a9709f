//! Words of others, made fit to stand among ours.
//!
//! Nodes, wallets, drivers, libraries and command lines are not trusted: what they say must not look
//! like what the program says.

/// The most characters that are repeated of a name.
pub const NAME: usize = 60;

/// The most characters that are repeated of a message.
pub const MESSAGE: usize = 200;

/// What somebody else says, on one line, [harmless], its white space collapsed, and not longer than `most`
/// characters.
///
/// [harmless]: harmless
pub fn line(text: &str, most: usize) -> String {
    // Of a long text no more is looked at than could be shown, if there are blanks and hidden characters in it.
    let looked_at = most.saturating_mul(16);
    let end = text.char_indices().nth(looked_at).map(|(end, _)| end);
    let text = &text[..end.unwrap_or(text.len())];
    let words: Vec<_> = text.split_whitespace().collect();
    let mut shown: Vec<char> = harmless(&words.join(" ")).chars().collect();
    if shown.len() > most {
        shown.truncate(most);
        shown.push('…');
    }
    shown.into_iter().collect()
}

/// The same text without what moves a cursor, changes colours, turns the direction of writing or cannot be
/// seen. Lines stay lines.
pub fn harmless(text: &str) -> String {
    let shown = |it: &char| *it == '\n' || !is_hidden(*it);
    // Columns of ours are made of blanks, so that a tab is somebody else's.
    text.replace('\t', " ").chars().filter(shown).collect()
}

/// As [`harmless`], on one line. Where there are more than two blanks together, one stays: else they could push
/// words to the beginning of what looks like a line of its own.
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

/// Whether a character has no shape of its own: control characters, also those above 127, and those that
/// Unicode calls formats (Cf) or separators of lines.
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
    fn words_of_others_stay_on_their_line() {
        let forged = "finney\r\nfee        0\u{1b}[31m\u{202e}";
        assert_eq!(line(forged, NAME), "finney fee 0[31m");
        assert_eq!(line("abcdef", 3), "abc…");
        // However long it is.
        assert_eq!(line(&"a ".repeat(1 << 20), 3), "a a…");
        assert_eq!(line("  ä  ö ", NAME), "ä ö");
    }

    /// Each was seen to reach a terminal: it clears it, sets its title, fills the clipboard, goes back to the
    /// beginning of the line, turns letters round. The second ones are the same in one character.
    #[test]
    fn nothing_moves_a_cursor() {
        for (told, shown) in [
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
            assert_eq!(harmless(told), shown);
        }
        assert_eq!(one_line("error\nregistered\r\n"), "error registered");
        let pushed = format!("no wallet named a{}registered  UID 3", " ".repeat(140));
        assert_eq!(one_line(&pushed), "no wallet named a registered  UID 3");
        assert_eq!(one_line("  cpu:0: 1.0 MH/s"), "  cpu:0: 1.0 MH/s");
        assert_eq!(one_line("a\u{a0}\u{2003}\u{3000}b"), "a b");
    }
}
