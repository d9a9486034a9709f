//! Whether what a page shows is what was printed. Words are the same. Figures, keys and times may differ, and with them
//! the prefix of a unit and the number of a noun. The processor is the one at hand.

use std::fmt::Write as _;

/// The prefixes and units of what the program measures.
const UNITS: [&[&str]; 3] = [
    &["H/s", "kH/s", "MH/s", "GH/s"],
    &["ms", "s", "min", "h", "days"],
    &["hashes", "k hashes", "M hashes", "G hashes"],
];

/// Letters that Bitcoin's base 58 leaves out, with the zero.
const NOT_IN_ADDRESSES: &str = "0OIl";

/// What stands for any lines where it is alone in a line, and for any rest of a line.
const LEFT_OUT: &str = "…";

/// Compares, line by line. The error says what differs.
pub(crate) fn compare(shown: &str, printed: &str) -> Result<(), String> {
    let shown: Vec<_> = significant(shown).collect();
    let printed: Vec<_> = significant(printed).collect();
    match first_difference(&shown, &printed) {
        None => Ok(()),
        Some((left, right)) => {
            let or_end =
                |line: Option<&&str>| line.map_or("(the end)".to_owned(), |it| (*it).to_owned());
            Err(format!(
                "it shows    {}\nbut printed {}\nall that was printed:\n{}",
                or_end(shown.get(left)),
                or_end(printed.get(right)),
                printed.join("\n"),
            ))
        }
    }
}

/// The lines, without those that tell how a search goes: how many there are depends on the time that it takes.
fn significant(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim_end);
    lines.filter(|line| !line.contains(", chance so far "))
}

/// The places from which on the lines differ; none if they do not.
fn first_difference(shown: &[&str], printed: &[&str]) -> Option<(usize, usize)> {
    let (mut left, mut right) = (0, 0);
    while let Some(line) = shown.get(left) {
        if *line == LEFT_OUT {
            let rest = &shown[left + 1..];
            let mut ends = right..=printed.len();
            let fits = ends.any(|end| first_difference(rest, &printed[end..]).is_none());
            return (!fits).then_some((left + 1, printed.len()));
        }
        if printed.get(right).map(|it| is_like(line, it)) != Some(true) {
            return Some((left, right));
        }
        left += 1;
        right += 1;
    }
    (right < printed.len()).then_some((left, right))
}

fn is_like(shown: &str, printed: &str) -> bool {
    let (shown, printed) = (plain(shown), plain(printed));
    match shown.strip_suffix(LEFT_OUT) {
        Some(begin) => printed.starts_with(begin.trim_end()),
        None => shown == printed,
    }
}

/// A line with `#` for each figure and `@` for each address, one space between words, and no prefixes of units.
fn plain(line: &str) -> String {
    let mut plain = String::new();
    for word in line.split_whitespace() {
        let word = figures(word);
        let last_is_figure = plain.ends_with('#') || plain.ends_with("# hash");
        let bare = word.trim_end_matches([';', ',', ')', ':']);
        let tail = &word[bare.len()..];
        let unit = UNITS.iter().find(|units| units.contains(&bare));
        if !plain.is_empty() {
            plain.push(' ');
        }
        // Writing to a string cannot fail.
        let _ = match unit {
            Some(units) if last_is_figure => write!(plain, "{}{tail}", units[0]),
            // As in `3 threads` and `1 thread`.
            None if last_is_figure => {
                write!(plain, "{}{tail}", bare.strip_suffix('s').unwrap_or(bare))
            }
            _ => write!(plain, "{word}"),
        };
    }
    // A time of two units, such as `9 h 16 min`, and a large number, such as `2.1 M`.
    for (from, to) in [
        ("# ms # ms", "# ms"),
        ("# M ", "# "),
        ("# k ", "# "),
        ("# G ", "# "),
        ("# hashe ", "# hashes "),
    ] {
        plain = plain.replace(from, to);
    }
    plain
}

/// A word with `#` for each number and each row of hexadecimal digits behind `0x`, and `@` if it is an address.
fn figures(word: &str) -> String {
    let mut kept = String::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let alphanumeric = rest.find(|c: char| !c.is_ascii_alphanumeric());
        let run = &rest[..alphanumeric.unwrap_or(rest.len())];
        let follows_letter = kept.ends_with(|c: char| c.is_ascii_alphabetic());
        if is_address(run) {
            kept.push('@');
            rest = &rest[run.len()..];
        } else if run.len() > 2 && run.starts_with("0x") {
            kept.push('#');
            rest = &rest[run.len()..];
        } else if first.is_ascii_digit() && !follows_letter {
            kept.push('#');
            let end = rest.find(|c: char| !(c.is_ascii_digit() || ".,:_".contains(c)));
            let number = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', ',', ':', '_']);
            rest = &rest[number.len()..];
        } else {
            kept.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    kept
}

fn is_address(run: &str) -> bool {
    run.len() >= 46 && run.starts_with('5') && !run.contains(|c| NOT_IN_ADDRESSES.contains(c))
}

#[test]
fn figures_of_the_book_may_differ() {
    for (shown, printed) in [
        (
            "took        1.96 s at 29.6 MH/s",
            "took        12 ms at 880.1 kH/s",
        ),
        ("took 9 h 16 min, on average", "took 3.1 days, on average"),
        (
            "tried  143.3 M hashes at 34.3 MH/s",
            "tried  1 hash at 3.3 GH/s",
        ),
        (
            "counts for 5 more blocks; submitting",
            "counts for 1 more block; submitting",
        ),
        ("seal 0x7666; counts", "seal 0xfb00aa; counts"),
        ("at ws://127.0.0.1:9944", "at ws://127.0.0.1:40123"),
        (
            "difficulty 10,000,000 (to 4,611,686)",
            "difficulty 7 (to 12)",
        ),
        (
            "key 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
            "key 5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty",
        ),
        (
            r#"{"nonce":"12","at":1.5}"#,
            r#"{"nonce":"9999","at":-1}"#.replace('-', "").leak(),
        ),
        ("one\n…\nfour", "one\ntwo\nthree\nfour"),
        ("one\n…\nfour", "one\nfour"),
        ("it goes on …", "it goes on and on"),
        (
            "one",
            "block 3: 30.0 MH/s, expected 1 s, chance so far 2 %, elapsed 1 s\none",
        ),
    ] {
        assert_eq!(
            compare(shown, printed),
            Ok(()),
            "{:?}, {:?}",
            plain(shown),
            plain(printed)
        );
    }
}

#[test]
fn words_of_the_book_may_not_differ() {
    for (shown, printed) in [
        (
            "registered  UID 0 on subnet 1",
            "registered as UID 0 on subnet 1",
        ),
        ("pow_register", "pow_registers"),
        ("protocol v1", "protocol v2"),
        ("fee 0: no TAO is spent", "fee no TAO is spent"),
        ("on avx512", "on avx2"),
        ("took 1.96 s", "took 1.96 MH/s"),
        ("one\ntwo", "one"),
        ("one", "one\ntwo"),
        ("one\n…\nfour", "one\ntwo\nthree"),
        ("one …\nthree", "two\nthree"),
        ("", "warning: it is late"),
        (r#"{"nonce":"12"}"#, r#"{"seal":"12"}"#),
    ] {
        assert!(compare(shown, printed).is_err(), "{shown:?}, {printed:?}");
    }
}
