//! Draws a search: goals, devices, and what was said, in so much of a screen as there is.

use core::ops::Range;

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Color, Modifier, Style},
    symbols::border,
    text::Line,
    widgets::{Block, Borders, Cell, Paragraph, Row, Table},
};

use super::{
    rigs,
    shares::{TITLES, shares},
    view::{Device, Goal, Pane, View},
};
use crate::{api::Doing, report::units};

/// From this width on there is room for everything.
const WIDE: u16 = 80;

/// Bars of rates, from none to the highest.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_BARS: [char; 9] = [' ', '.', ':', '-', '=', '+', '*', '#', '@'];

/// What a terminal can show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) color: bool,
    pub(super) unicode: bool,
}

/// Draws all of it. Where there is no room for all goals, those from the one that the view begins with.
pub(super) fn draw(frame: &mut Frame<'_>, view: &mut View, look: Look) {
    let area = frame.area();
    let is_wide = area.width >= WIDE;
    let room = usize::from(area.height).saturating_sub(head(view, is_wide, look).len() + 1);
    let all = [
        Some(view.status.goals.len()),
        has_devices(view).then_some(view.status.devices.len()),
        view.status.fleet.as_ref().map(|it| it.rigs.len()),
    ];
    let [goals, devices, rigs] = shares(room, all);
    let more = |shown: usize, all: Option<usize>| all.unwrap_or_default().saturating_sub(shown);
    let (more_goals, more_rigs) = (more(goals, all[0]), more(rigs, all[2]));
    view.first_goal = view.first_goal.min(more_goals);
    view.first_rig = view.first_rig.min(more_rigs);
    view.pane = match (more_goals > 0, more_rigs > 0) {
        (true, false) => Pane::Goals,
        (false, true) => Pane::Rigs,
        _ => view.pane,
    };
    let view = &*view;
    let head = head(view, is_wide, look);
    let height = |lines: usize| Constraint::Length(u16::try_from(lines).unwrap_or(u16::MAX));
    let shown = view.first_goal..view.first_goal + goals;
    let of_devices = if has_devices(view) {
        TITLES + devices
    } else {
        0
    };
    let of_rigs = view.status.fleet.as_ref().map_or(0, |_| TITLES + rigs);
    let areas = Layout::vertical([
        height(head.len()),
        height(TITLES + goals),
        height(of_devices),
        height(of_rigs),
        Constraint::Min(0),
        height(1),
    ]);
    let [top, goals, devices, below, log, bottom] = areas.areas(area);
    frame.render_widget(Paragraph::new(head), top);
    frame.render_widget(goals_of(view, shown, is_wide, look), goals);
    if has_devices(view) {
        frame.render_widget(devices_of(view, devices, is_wide, look), devices);
    }
    if let Some(fleet) = &view.status.fleet {
        frame.render_widget(rigs::draw(view, fleet, rigs, is_wide, look), below);
    }
    frame.render_widget(log_of(view, log, is_wide, look), log);
    let mut hint = match (view.lost.is_some(), is_wide) {
        (true, _) => "q quits",
        (false, true) => "q quits this view; the search goes on",
        (false, false) => "q quits; the search goes on",
    }
    .to_owned();
    let keys = match (view.pane, more_goals > 0, more_rigs > 0) {
        (Pane::Goals, true, true) => "up and down: other goals; Tab: rigs",
        (Pane::Rigs, true, true) => "up and down: other rigs; Tab: goals",
        (_, true, false) => "up and down show the other goals",
        (_, false, true) => "up and down show the other rigs",
        (_, false, false) => "",
    };
    if is_wide && !keys.is_empty() {
        hint += &format!("   {keys}");
    }
    frame.render_widget(Paragraph::new(hint).style(look.dim()), bottom);
}

/// Whether there is a table of devices: a coordinator may leave all to its rigs.
const fn has_devices(view: &View) -> bool {
    !view.status.devices.is_empty() || view.status.fleet.is_none()
}

/// What is searched where, and what is wrong.
fn head<'a>(view: &'a View, is_wide: bool, look: Look) -> Vec<Line<'a>> {
    let status = &view.status;
    let up = units::time(status.uptime);
    let title = format!("btpow {} {}  up {up}", status.version, status.command);
    let mut lines = vec![
        Line::styled(title, look.bold()),
        Line::from(view.address.as_str()),
    ];
    if let Some(chain) = &status.chain {
        let age = chain.block_age.max(0.0).floor();
        let block = chain.block_number;
        let block = block.map(|number| format!("block {number}, {age:.0} s ago"));
        let (place, style) = if chain.connected {
            (chain.endpoint.as_str(), Style::new())
        } else {
            ("no connection", look.bad())
        };
        match block {
            Some(block) if is_wide => lines.push(Line::styled(format!("{block}  {place}"), style)),
            block => {
                lines.extend(block.map(Line::from));
                lines.push(Line::styled(place, style));
            }
        }
    }
    let mut messages = status.goals.iter().filter_map(|it| it.message.as_deref());
    let pause = messages.next().filter(|_| status.paused);
    if let Some(lost) = &view.lost {
        lines.push(Line::styled(format!("no answer: {lost}"), look.bad()));
    } else if let Some(trouble) = &status.trouble {
        lines.push(Line::styled(trouble.as_str(), look.bad()));
    } else if let Some(message) = pause {
        lines.push(Line::styled(format!("paused: {message}"), look.warning()));
    }
    lines
}

fn goals_of<'a>(view: &View, shown: Range<usize>, is_wide: bool, look: Look) -> Table<'a> {
    let all = view.status.goals.len();
    let title = if shown.len() == all {
        "Goals".to_owned()
    } else if shown.is_empty() {
        format!("{all} goals")
    } else {
        format!("Goals {} to {} of {all}", shown.start + 1, shown.end)
    };
    let goals = &view.status.goals[shown];
    if is_wide {
        let names = [
            "goal",
            "state",
            "chance",
            "expected",
            "difficulty",
            "proofs",
            "sent",
        ];
        let rows = goals.iter().map(|goal| {
            let difficulty = goal.difficulty.as_deref().and_then(|it| it.parse().ok());
            let difficulty = difficulty.map(units::scaled);
            Row::new([
                short(&goal.goal, 24, look),
                goal.phase.clone(),
                chance(goal),
                expected(goal),
                difficulty.unwrap_or_default(),
                goal.proofs.to_string(),
                goal.submissions.to_string(),
            ])
        });
        let widths = [24, 10, 8, 12, 10, 6, 4].map(Constraint::Max);
        table(rows.collect(), &widths, &names, title, look)
    } else {
        let names = ["goal", "chance", "expected"];
        let rows = goals.iter().map(|goal| {
            let last = if goal.phase == "searching" {
                expected(goal)
            } else {
                goal.phase.clone()
            };
            // The title says what they are.
            let name = goal.goal.strip_prefix("subnet ").unwrap_or(&goal.goal);
            Row::new([short(name, 14, look), chance(goal), last])
        });
        let widths = [14, 9, 13].map(Constraint::Max);
        table(rows.collect(), &widths, &names, title, look)
    }
}

fn devices_of<'a>(view: &View, area: Rect, is_wide: bool, look: Look) -> Table<'a> {
    let devices = &view.status.devices;
    // The other columns and the gaps between them.
    let taken = if is_wide {
        9 + 11 + 8 + 8 + 4
    } else {
        7 + 10 + 5 + 6 + 4
    };
    let bars = usize::from(area.width.saturating_sub(taken));
    let highest = devices.iter().flat_map(|it| view.rates(&it.name, bars));
    let highest = highest.fold(0.0, f64::max);
    let rows = devices.iter().map(|device| {
        let rates = view.rates(&device.name, bars);
        let style = if device.up {
            Style::default()
        } else {
            look.bad()
        };
        Row::new([
            Cell::from(device.name.clone()),
            Cell::from(pace(device, view.status.paused)),
            Cell::from(sparkline(&rates, highest, look)).style(look.accent()),
            Cell::from(
                device
                    .temperature
                    .map_or_else(String::new, |it| format!("{it} {}", look.degrees())),
            ),
            Cell::from(
                device
                    .power
                    .map_or_else(String::new, |it| format!("{it:.0} W")),
            ),
        ])
        .style(style)
    });
    let bars = u16::try_from(bars).unwrap_or(u16::MAX);
    let widths = if is_wide {
        [9, 11, bars, 8, 8]
    } else {
        [7, 10, bars, 5, 6]
    };
    let names = if is_wide {
        ["device", "rate", "last minutes", "temp", "power"]
    } else {
        ["device", "rate", "", "temp", "power"]
    };
    let widths = widths.map(Constraint::Length);
    let room = usize::from(area.height).saturating_sub(TITLES);
    let title = match devices.len().saturating_sub(room) {
        0 => "Devices".to_owned(),
        more => format!("Devices, and {more} more"),
    };
    table(rows.collect(), &widths, &names, title, look)
}

/// What was said, the newest last. Lines that are too long go on in the next.
fn log_of<'a>(view: &View, area: Rect, is_wide: bool, look: Look) -> Paragraph<'a> {
    let room = usize::from(area.height.saturating_sub(1));
    let columns = usize::from(area.width).max(1);
    let mut lines: Vec<Line<'_>> = Vec::new();
    for it in &view.status.log {
        let style = if it.line.starts_with("warning: ") {
            look.warning()
        } else {
            Style::new()
        };
        // From 2026-11-27T04:02:21.123456Z.
        let time = it.time.get(11..19).filter(|_| is_wide);
        let text = time.map_or_else(|| it.line.clone(), |time| format!("{time} {}", it.line));
        let text: Vec<char> = text.chars().collect();
        let pieces = text.chunks(columns).map(String::from_iter);
        lines.extend(pieces.map(|piece| Line::styled(piece, style)));
    }
    let older = lines.len().saturating_sub(room);
    Paragraph::new(lines.split_off(older)).block(block("Log".to_owned(), look))
}

/// Rows below the names of their columns, and a title above both.
pub(super) fn table<'a>(
    rows: Vec<Row<'a>>,
    widths: &[Constraint],
    names: &[&'static str],
    title: String,
    look: Look,
) -> Table<'a> {
    let header = Row::new(names.iter().copied()).style(look.dim());
    Table::new(rows, widths.iter().copied())
        .header(header)
        .column_spacing(1)
        .block(block(title, look))
}

fn block(title: String, look: Look) -> Block<'static> {
    let lines = if look.unicode {
        border::PLAIN
    } else {
        border::Set {
            horizontal_top: "-",
            ..border::PLAIN
        }
    };
    let title = Line::styled(title, look.bold());
    Block::new()
        .borders(Borders::TOP)
        .border_set(lines)
        .title(title)
}

/// A name in so many columns, or how it begins: of a goal the subnet, and how the name of its key begins.
pub(super) fn short(goal: &str, columns: usize, look: Look) -> String {
    if goal.chars().count() <= columns {
        return goal.to_owned();
    }
    let begin: String = goal.chars().take(columns.saturating_sub(1)).collect();
    format!("{begin}{}", if look.unicode { '…' } else { '~' })
}

/// In eight columns.
fn chance(goal: &Goal) -> String {
    let chance = goal.chance.map_or_else(String::new, units::chance);
    chance.replace("below ", "< ").replace("above ", "> ")
}

/// Nothing where nothing is expected any more.
fn expected(goal: &Goal) -> String {
    if Doing::of_name(&goal.phase).is_some_and(Doing::is_end) {
        return String::new();
    }
    goal.expected_time
        .map_or_else(|| "unknown".to_owned(), units::time)
}

fn pace(device: &Device, is_paused: bool) -> String {
    if !device.up {
        "dropped".to_owned()
    } else if is_paused || device.paused.is_some() {
        "paused".to_owned()
    } else {
        units::rate(device.hash_rate)
    }
}

/// Rates as bars, the highest of all devices as the whole height.
fn sparkline(rates: &[f64], highest: f64, look: Look) -> String {
    let bars = if look.unicode { BARS } else { ASCII_BARS };
    let bar = |rate: &f64| {
        // Each eighth has a bar; what is more than nothing has the lowest at least.
        let step = (1..bars.len()).rev().find(|step| {
            let least = if *step == 1 {
                0.0
            } else {
                (*step as f64 - 0.5) / 8.0
            };
            *rate > least * highest
        });
        bars[step.unwrap_or(0)]
    };
    rates.iter().map(bar).collect()
}

impl Look {
    fn colored(self, color: Color) -> Style {
        if self.color {
            Style::new().fg(color)
        } else {
            Style::new()
        }
    }

    /// The unit of temperatures.
    const fn degrees(self) -> &'static str {
        if self.unicode { "°C" } else { "C" }
    }

    fn accent(self) -> Style {
        self.colored(Color::Cyan)
    }

    fn warning(self) -> Style {
        self.colored(Color::Yellow)
    }

    fn bad(self) -> Style {
        self.colored(Color::Red).add_modifier(Modifier::BOLD)
    }

    fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }
}
