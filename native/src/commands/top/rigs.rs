//! The pane of rigs, where the search leads some.

use ratatui::{
    layout::Constraint,
    widgets::{Row, Table},
};

use super::{
    draw::{self, Look},
    view::{Fleet, View},
};
use crate::{
    fleet::table::{self, NARROW_COLUMNS, WIDE_COLUMNS},
    report::units,
};

/// So many rigs, from the one that the view begins with.
pub(super) fn draw<'a>(
    view: &View,
    fleet: &Fleet,
    shown: usize,
    is_wide: bool,
    look: Look,
) -> Table<'a> {
    let shown = view.first_rig..view.first_rig + shown;
    let title = title(fleet, (shown.start, shown.end), is_wide);
    let columns = if is_wide {
        WIDE_COLUMNS[0].1
    } else {
        NARROW_COLUMNS[0].1
    };
    let rigs = fleet.rigs[shown].iter().map(|rig| table::Row {
        label: draw::short(&rig.label, columns, look),
        rate: rig.hash_rate,
        block: rig.block_number,
        finds: rig.finds.taken,
        heard: rig.heard,
        lost: [rig.lost.joining, rig.lost.silent, rig.lost.resting],
    });
    if is_wide {
        let rows = rigs.map(|it| Row::new(it.wide())).collect();
        let widths = WIDE_COLUMNS.map(|(_, width)| length(width));
        let names = WIDE_COLUMNS.map(|(name, _)| name);
        draw::table(rows, &widths, &names, title, look)
    } else {
        let rows = rigs.map(|it| Row::new(it.narrow())).collect();
        let widths = NARROW_COLUMNS.map(|(_, width)| length(width));
        let names = NARROW_COLUMNS.map(|(name, _)| name);
        draw::table(rows, &widths, &names, title, look)
    }
}

/// Which rigs are shown of how many, and how fast all are.
fn title(fleet: &Fleet, (start, end): (usize, usize), is_wide: bool) -> String {
    let all = fleet.rigs.len() as u64;
    let all = all.saturating_add(fleet.more_rigs);
    let mut title = if all == (end - start) as u64 {
        format!("Rigs: {all}")
    } else if start == end {
        format!("{all} rigs")
    } else {
        format!("Rigs {} to {end} of {all}", start + 1)
    };
    title += &format!(", {}", units::rate(fleet.hash_rate));
    title += match fleet.role.as_str() {
        "follows" => ", standing by",
        "waits" => ", nobody leads",
        _ => "",
    };
    if is_wide {
        title += &format!(", {} finds taken", fleet.finds.taken);
        if !fleet.cut_off.is_empty() {
            title += &format!(", {} cut off", fleet.cut_off.len());
        }
    }
    title
}

fn length(width: usize) -> Constraint {
    Constraint::Length(u16::try_from(width).unwrap_or(u16::MAX))
}
