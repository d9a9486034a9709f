//! How long a new challenge takes to reach every device.

use core::time::Duration;
use std::{thread, time::Instant};

use btpow_core::{Group, Position, Protocol, Search};

use super::known_hits::KnownHits;
use crate::rig::Rig;

/// How many new challenges are timed; the slowest is reported.
const CHANGES: u64 = 5;

/// The longest time for a new challenge to reach the last device.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

/// Sets another search and measures the time until the last device works on it; none when one does not
/// within `limit`. Dropped devices do not count.
pub fn time_change(rig: &Rig, search: Search, limit: Duration) -> Option<Duration> {
    let since = rig.age();
    let deadline = Instant::now() + limit;
    let generation = rig.set_search(search);
    // The devices note the moments, so it is enough to look now and then.
    while Instant::now() < deadline {
        thread::sleep(Duration::from_millis(1));
        if let Some(moment) = rig.reached(generation) {
            return Some(moment.saturating_sub(since));
        }
    }
    None
}

/// The longest time that a new challenge took to reach the last device. The searches start at positions that are not
/// recorded, each with a group: a round that crosses the end of one is two runs of a card's kernel, which is rare.
pub(super) fn slowest_change(rig: &Rig, protocol: Protocol, known: &KnownHits) -> Option<Duration> {
    let beyond = known.start().after(known.reach().len + Group::LEN).0;
    let beyond = Position(beyond - beyond % Group::LEN);
    let mut slowest = Duration::ZERO;
    for change in 0..CHANGES {
        let elsewhere = KnownHits::search_from(protocol, beyond.after(change << 40));
        slowest = slowest.max(time_change(rig, elsewhere, LIMIT)?);
    }
    Some(slowest)
}
