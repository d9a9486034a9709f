//! Words of others, made fit for a line of ours.

/// The most characters that are repeated of a name.
pub const NAME: usize = 60;

/// The most characters that are repeated of a message.
pub const MESSAGE: usize = 200;

/// What somebody else says, on one line, without what moves a cursor, changes colours or turns the
/// direction of writing, and not longer than `most` characters.
///
/// Nodes, libraries and command lines are not trusted: what they say must not look like what the
/// program says.
pub fn line(text: &str, most: usize) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let mut shown: Vec<char> = words
        .join(" ")
        .chars()
        .filter(|it| !it.is_control() && !is_format(*it))
        .collect();
    if shown.len() > most {
        shown.truncate(most);
        shown.push('…');
    }
    shown.into_iter().collect()
}

/// Characters without a width that change how others are shown.
const fn is_format(it: char) -> bool {
    matches!(it, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_stay_on_their_line() {
        let forged = "finney\r\nfee        0\u{1b}[31m\u{202e}";
        assert_eq!(line(forged, NAME), "finney fee 0[31m");
        assert_eq!(line("abcdef", 3), "abc…");
        assert_eq!(line("  ä  ö ", NAME), "ä ö");
    }
}
