//! Rigs in a table, in two widths: of `btpow fleet status`, and of `btpow top`.

use btpow_fleet::message::{Count, Lost, Progress, Rig, Status};
use indicatif::HumanCount;

use super::view::{count, labels, rigs};
use crate::{report::units, text};

/// From this width on there is room for every column.
pub(crate) const WIDE: usize = 80;

/// Less is of no use.
const NARROW: usize = 40;

/// The names of the columns, and how wide they are; a blank is between them. The last three of the wide ones say for how
/// long a rig hashed nothing, by cause, and the last of the narrow ones what they are in all.
pub(crate) const WIDE_COLUMNS: [(&str, usize); 8] = [
    ("rig", 19),
    ("rate", 10),
    ("block", 10),
    ("finds", 6),
    ("heard", 7),
    ("joining", 7),
    ("silent", 7),
    ("resting", 7),
];
pub(crate) const NARROW_COLUMNS: [(&str, usize); 5] = [
    ("rig", 10),
    ("rate", 10),
    ("finds", 5),
    ("heard", 5),
    ("lost", 6),
];

/// Where values begin that have a name before them.
const INDENT: usize = 12;

/// How many names of rigs that were cut off are listed.
const CUT_OFF: usize = 20;

/// A rig, as tables show it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) label: String,
    /// Hashes per second.
    pub(crate) rate: f64,
    /// The block that it hashes for, if it hashes.
    pub(crate) block: Option<u64>,
    /// Finds that were taken.
    pub(crate) finds: u64,
    /// How many seconds ago it was heard of.
    pub(crate) heard: f64,
    /// For how many seconds it hashed nothing: joining, hearing nothing, resting.
    pub(crate) lost: [f64; 3],
}

impl Row {
    fn new(label: String, rig: &Rig) -> Self {
        Self {
            label,
            rate: rig.rate(),
            block: rig.block,
            finds: rig.finds.taken,
            heard: rig.silent_s,
            lost: causes(rig.lost),
        }
    }

    /// In the order of [`WIDE_COLUMNS`].
    pub(crate) fn wide(&self) -> [String; 8] {
        let [joining, silent, resting] = self.lost.map(units::short_time);
        let block = self.block.map(|it| it.to_string());
        [
            self.label.clone(),
            units::rate(self.rate),
            block.unwrap_or_else(|| "idle".to_owned()),
            self.finds.to_string(),
            units::short_time(self.heard),
            joining,
            silent,
            resting,
        ]
    }

    /// In the order of [`NARROW_COLUMNS`].
    pub(crate) fn narrow(&self) -> [String; 5] {
        [
            self.label.clone(),
            units::rate(self.rate),
            self.finds.to_string(),
            units::short_time(self.heard),
            units::short_time(self.lost.iter().sum()),
        ]
    }
}

/// How a fleet is, for people, in lines that are no longer than `columns`, or than 40 where those are fewer.
pub fn lines(status: &Status, columns: usize) -> Vec<String> {
    let columns = columns.max(NARROW);
    let is_wide = columns >= WIDE;
    let mut lines = head(status, columns);
    if status.rigs.is_empty() {
        return lines;
    }
    lines.push(String::new());
    if is_wide {
        lines.push(fixed(&WIDE_COLUMNS, &WIDE_COLUMNS.map(|(name, _)| name)));
    } else {
        lines.push(fixed(
            &NARROW_COLUMNS,
            &NARROW_COLUMNS.map(|(name, _)| name),
        ));
    }
    for (label, rig) in labels(&status.rigs).zip(&status.rigs) {
        let row = Row::new(label, rig);
        lines.push(if is_wide {
            fixed(&WIDE_COLUMNS, &row.wide())
        } else {
            fixed(&NARROW_COLUMNS, &row.narrow())
        });
        lines.extend(devices(rig, is_wide, columns));
    }
    if status.more_rigs > 0 {
        lines.push(format!("and {} more rigs", HumanCount(status.more_rigs)));
    }
    lines
}

/// The fleet as a whole.
fn head(status: &Status, columns: usize) -> Vec<String> {
    let program = text::line(status.program.as_str(), text::NAME);
    let block = { status.block }.map_or_else(|| "resting".to_owned(), |block| block.to_string());
    let block = format!("{block} (newest: {})", status.head);
    let Progress {
        joined,
        left,
        lost,
        flooded,
        unreadable,
    } = status.progress;
    let sum = |cause: usize| {
        let each = status.rigs.iter().map(|rig| causes(rig.lost)[cause]);
        // An empty sum would be -0.
        units::short_time(each.fold(0.0, |sum, lost| sum + lost))
    };
    let mut facts = vec![
        (
            "coordinator",
            format!("{}, {program}", status.coordinator.short()),
        ),
        ("block", block),
        (
            "rate",
            format!("{}, {}", units::rate(status.rate), rigs(count(status))),
        ),
        ("finds", finds(status.finds)),
        (
            "rigs",
            format!("{joined} joined, {left} left, {lost} fell silent"),
        ),
        (
            "lost time",
            format!("{} joining, {} silent, {} resting", sum(0), sum(1), sum(2)),
        ),
    ];
    if flooded > 0 || unreadable > 0 {
        let dropped = format!("{flooded} messages too many, {unreadable} unreadable");
        facts.push(("dropped", dropped));
    }
    if !status.cut_off.is_empty() {
        let names = status.cut_off.iter().take(CUT_OFF);
        let names: Vec<_> = names.map(|it| text::line(it, text::NAME)).collect();
        let more = status.cut_off.len().saturating_sub(CUT_OFF);
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        facts.push(("cut off", names.join(", ") + &more));
    }
    let facts = facts.into_iter();
    facts
        .flat_map(|(name, value)| wrapped(name, &value, columns))
        .collect()
}

fn finds(count: Count) -> String {
    let Count {
        taken,
        known,
        late,
        wrong,
        kept,
    } = count;
    let rest = [
        (known, "known"),
        (late, "late"),
        (wrong, "wrong"),
        (kept, "not judged"),
    ];
    let rest = rest.into_iter().filter(|(count, _)| *count > 0);
    let rest = rest.map(|(count, what)| format!(", {} {what}", HumanCount(count)));
    format!("{} taken{}", HumanCount(taken), rest.collect::<String>())
}

/// The devices of a rig, where it has several, or where one was dropped.
fn devices(rig: &Rig, is_wide: bool, columns: usize) -> Vec<String> {
    let is_plain = rig.devices.len() < 2 && rig.devices.iter().all(|it| it.fault.is_none());
    if is_plain {
        return Vec::new();
    }
    let (name, rate) = if is_wide {
        (WIDE_COLUMNS[0].1, WIDE_COLUMNS[1].1)
    } else {
        (NARROW_COLUMNS[0].1, NARROW_COLUMNS[1].1)
    };
    let line = |device: &btpow_fleet::message::Device| {
        let label = format!("  {}", text::line(device.name.as_str(), text::NAME));
        let fault = device.fault.as_ref();
        let value = fault.map_or_else(
            || within(&units::rate(device.rate), rate),
            |fault| format!("dropped: {}", text::line(fault.as_str(), text::MESSAGE)),
        );
        let line = format!("{} {value}", padded(&label, name));
        within(&line, columns)
    };
    rig.devices.iter().map(line).collect()
}

const fn causes(lost: Lost) -> [f64; 3] {
    let Lost {
        joining_s,
        silent_s,
        resting_s,
    } = lost;
    [joining_s, silent_s, resting_s]
}

/// Cells in columns, each as wide as its column.
fn fixed<const N: usize>(columns: &[(&str, usize); N], cells: &[impl AsRef<str>; N]) -> String {
    let cells = columns.iter().zip(cells);
    let cells: Vec<_> = cells
        .map(|((_, width), cell)| padded(cell.as_ref(), *width))
        .collect();
    cells.join(" ").trim_end().to_owned()
}

fn padded(text: &str, width: usize) -> String {
    format!("{:<width$}", within(text, width))
}

/// As much of a text as so many columns hold.
fn within(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let begin: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{begin}…")
}

/// A value with its name before it, whose words go on in the next line where they have no room.
fn wrapped(name: &str, value: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![format!("{name:<INDENT$}")];
    let mut is_new = true;
    for word in value.split(' ') {
        let line = lines.last().expect("there is one");
        let gap = usize::from(!is_new);
        let room = columns.saturating_sub(line.chars().count() + gap);
        if word.chars().count() > room && !is_new {
            lines.push(" ".repeat(INDENT));
            is_new = true;
        }
        let line = lines.last_mut().expect("there is one");
        if !is_new {
            line.push(' ');
        }
        line.push_str(&within(word, columns - INDENT));
        is_new = false;
    }
    lines
}

#[cfg(test)]
mod tests;
