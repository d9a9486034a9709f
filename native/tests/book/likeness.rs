//! Whether what a page shows is what was printed. Words are the same. Figures, keys and times may differ, and with them
//! the prefix of a unit and the number of a noun. The processor is the one at hand.

/// The units of what the program measures, each in all its sizes.
const UNITS: [&[&str]; 3] = [
    &["H/s", "kH/s", "MH/s", "GH/s"],
    &["s", "ms", "min", "h", "days"],
    &["hash", "hashes"],
];

/// What may stand between a number and its unit, as in `2.1 M hashes` and `5 more blocks`.
const BETWEEN: [&str; 5] = ["k", "M", "G", "T", "more"];

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

/// The one figure that is a promise.
const PROMISED: &str = "exit code ";

fn is_like(shown: &str, printed: &str) -> bool {
    if shown.starts_with(PROMISED) {
        return shown == printed;
    }
    let (shown, printed) = (plain(shown), plain(printed));
    match shown.strip_suffix(LEFT_OUT) {
        Some(begin) => printed.starts_with(begin.trim_end()),
        None => shown == printed,
    }
}

/// A line with `#` for each figure and `@` for each address, one space between words, and each unit in its first size.
fn plain(line: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        let word = figures(word);
        if !words.last().is_some_and(|it| it.ends_with('#')) {
            words.push(word);
            continue;
        }
        let bare = word.trim_end_matches([';', ',', ')', ':']);
        let tail = &word[bare.len()..];
        if BETWEEN.contains(&bare) {
            continue;
        }
        let unit = UNITS.iter().find(|units| units.contains(&bare));
        // As in `3 threads` and `1 thread`.
        let singular = || bare.strip_suffix('s').unwrap_or(bare);
        words.push(format!(
            "{}{tail}",
            unit.map_or_else(singular, |units| units[0])
        ));
    }
    // A time of two units, such as `9 h 16 min`.
    words.join(" ").replace("# s # s", "# s")
}

/// A word with `#` for each number and each row of hexadecimal digits behind `0x`, and `@` if it is an address.
fn figures(word: &str) -> String {
    let mut kept = String::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let run = run_of(rest, |c| c.is_ascii_alphanumeric());
        let follows_letter = kept.ends_with(|c: char| c.is_ascii_alphabetic());
        let length = if is_address(run) {
            kept.push('@');
            run.len()
        } else if run.len() > 2 && run.starts_with("0x") {
            kept.push('#');
            run.len()
        } else if first.is_ascii_digit() && !follows_letter {
            kept.push('#');
            length_of_number(rest)
        } else {
            kept.push(first);
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    kept
}

fn run_of(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !belongs(c));
    &text[..end.unwrap_or(text.len())]
}

/// Of the number at the begin of a text, such as `10,000`, `127.0.0.1:9944` or `8.5e-7`.
fn length_of_number(text: &str) -> usize {
    let number = run_of(text, |c| c.is_ascii_digit() || ".,:_".contains(c));
    let number = number.trim_end_matches(['.', ',', ':', '_']);
    let rest = &text[number.len()..];
    let exponent = rest
        .strip_prefix("e-")
        .map(|it| run_of(it, |c| c.is_ascii_digit()));
    match exponent {
        Some(digits) if !digits.is_empty() => number.len() + 2 + digits.len(),
        _ => number.len(),
    }
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
        ("exit code 4", "exit code 5"),
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
