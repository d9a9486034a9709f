//! The rigs that a coordinator knows, and how much each of them may send.

use std::collections::HashMap;

use btpow_core::Micros;

use super::Which;
use crate::{
    Id, Range, RigName,
    message::{Beat, Count, Lost, Refusal, Rig, Verdict},
    pace::Pace,
    range::Ranges,
    worker::BEAT,
};

/// After how long without a word a rig is lost.
const SILENCE: Micros = 3 * BEAT;

/// For how long a name is remembered that has no rig.
const MEMORY: Micros = 60_000_000;

/// The most rigs of one name.
const MOST_SESSIONS: usize = 64;

/// How much the rigs of a name may send: at once, and in a second. A rig sends a beat in five seconds and a find now and then.
const PACE: (u32, u32) = (64, 32);

/// How many names are remembered that were cut off.
const MOST_CUT: usize = 1_024;

/// How often the user is told that a rig of a name came or went: at once, and then one in a minute.
const NEWS: u32 = 8;

/// How many nonces that are no solutions a rig may report before it is cut off.
const LIES: usize = 3;

#[derive(Debug)]
pub(super) struct Rigs {
    names: HashMap<RigName, Named>,
    /// Of those nothing counts any more.
    cut: HashMap<RigName, Cut>,
    ranges: Ranges,
    /// How many rigs there are, and may be.
    len: usize,
    most: usize,
    /// The finds of rigs that are gone.
    gone: Count,
    /// Nonces that rigs have tried for this coordinator.
    nonces: u64,
    /// How often the user is told that there is no room, whoever it is that has none.
    full: Pace,
}

/// All rigs of one name.
#[derive(Debug)]
struct Named {
    pace: Pace,
    refusals: Pace,
    sessions: Vec<Session>,
    /// Nonces that are no solutions, with the hash of their block.
    lies: Vec<([u8; 32], u64)>,
    other_version: Option<u32>,
    heard: Micros,
    news: Pace,
    full: Pace,
}

/// A name that was cut off.
#[derive(Debug)]
struct Cut {
    pace: Pace,
    refusals: Pace,
    since: Micros,
}

#[derive(Debug)]
struct Session {
    beat: Beat,
    /// Nonces that it has tried. Those before it came here are not counted: another coordinator may have done so.
    nonces: u64,
    /// What it had lost before.
    lost: Lost,
    range: Range,
    joined: Micros,
    heard: Micros,
    finds: Count,
}

/// Whether a message is looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Gate {
    Open,
    /// It is dropped.
    Flood,
    /// It is dropped, and the rig may be told why.
    Refuse(Refusal),
}

impl Rigs {
    pub(super) fn new(seed: u64, most: usize) -> Self {
        Self {
            names: HashMap::new(),
            cut: HashMap::new(),
            ranges: Ranges::new(seed),
            len: 0,
            most,
            gone: Count::default(),
            nonces: 0,
            full: Pace::new(8, 1, 0),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// How many names are remembered.
    #[cfg(test)]
    pub(super) fn names(&self) -> usize {
        self.names.len()
    }

    /// Whether a message of this rig is looked at. Whoever floods pays for it before a byte of it is read.
    pub(super) fn gate(&mut self, name: &RigName, now: Micros) -> Gate {
        if let Some(cut) = self.cut.get_mut(name) {
            return if cut.pace.lets_pass(now) {
                Gate::Refuse(Refusal::CutOff)
            } else {
                Gate::Flood
            };
        }
        let most = self.most.saturating_mul(2).max(1);
        if self.names.len() >= most && !self.names.contains_key(name) {
            // At least half of them have no rig: whoever invents names keeps no rig out.
            self.names.retain(|_, named| !named.sessions.is_empty());
        }
        let named = self.names.entry(name.clone());
        let named = named.or_insert_with(|| Named {
            pace: Pace::new(PACE.0, PACE.1, now),
            refusals: Pace::new(2, 1, now),
            sessions: Vec::new(),
            lies: Vec::new(),
            other_version: None,
            heard: now,
            news: Pace::of_a_minute(NEWS, now),
            full: Pace::of_a_minute(1, now),
        });
        named.heard = now;
        if named.pace.lets_pass(now) {
            Gate::Open
        } else {
            Gate::Flood
        }
    }

    /// Whether a rig may be told once more that nothing of it counts.
    pub(super) fn may_refuse(&mut self, name: &RigName, now: Micros) -> bool {
        let named = self.names.get_mut(name).map(|named| &mut named.refusals);
        let cut = self.cut.get_mut(name).map(|cut| &mut cut.refusals);
        named.or(cut).is_some_and(|pace| pace.lets_pass(now))
    }

    /// Whether the user is told that a rig came or went.
    pub(super) fn is_news(&mut self, name: &RigName, now: Micros) -> bool {
        let named = self.names.get_mut(name);
        named.is_some_and(|named| named.news.lets_pass(now))
    }

    /// Whether the user is told that there is no room for a rig.
    pub(super) fn is_full_news(&mut self, name: &RigName, now: Micros) -> bool {
        let named = self.names.get_mut(name);
        named.is_some_and(|named| named.full.lets_pass(now)) && self.full.lets_pass(now)
    }

    /// Whether a rig is heard to speak this version for the first time.
    pub(super) fn is_new_version(&mut self, name: &RigName, version: u32, now: Micros) -> bool {
        self.names.get_mut(name).is_some_and(|named| {
            let is_new = named.other_version.replace(version) != Some(version);
            is_new && named.news.lets_pass(now)
        })
    }

    /// A rig is there: its range, and whether it is new. None when there is no room. Its nonces count if this coordinator leads.
    pub(super) fn beat(
        &mut self,
        name: &RigName,
        beat: Beat,
        counts: bool,
        now: Micros,
    ) -> Option<(Range, bool)> {
        let named = self.names.get_mut(name)?;
        let mut sessions = named.sessions.iter_mut();
        if let Some(session) = sessions.find(|known| known.beat.session == beat.session) {
            let new = beat.nonces().saturating_sub(session.nonces);
            session.nonces += new;
            if counts {
                let rate = beat.rate().max(session.beat.rate());
                let most = most_nonces(rate, now.saturating_sub(session.heard));
                self.nonces = self.nonces.saturating_add(new.min(most));
            }
            (session.beat, session.heard) = (beat, now);
            return Some((session.range, false));
        }
        if self.len >= self.most || named.sessions.len() >= MOST_SESSIONS {
            return None;
        }
        let range = self.ranges.take(beat.range)?;
        named.sessions.push(Session {
            nonces: beat.nonces(),
            lost: beat.lost,
            beat,
            range,
            joined: now,
            heard: now,
            finds: Count::default(),
        });
        self.len += 1;
        Some((range, true))
    }

    /// What tells a rig from the others that are there.
    pub(super) fn which(&self, name: &RigName, range: Range) -> Which {
        let named = self.names.get(name);
        let has_twins = named.is_some_and(|named| named.sessions.len() > 1);
        Which {
            name: name.clone(),
            range: has_twins.then_some(range),
        }
    }

    /// A rig leaves; which it was, if it was there.
    pub(super) fn leave(&mut self, name: &RigName, session: Id) -> Option<Which> {
        let mut known = self.names.get(name)?.sessions.iter();
        let range = known.find(|it| it.beat.session == session)?.range;
        let which = self.which(name, range);
        self.remove(name, |it| it.beat.session == session);
        Some(which)
    }

    /// Forgets rigs that fell silent; which those are.
    pub(super) fn sweep(&mut self, now: Micros) -> Vec<Which> {
        let is_lost = |it: &Session| now.saturating_sub(it.heard) > SILENCE;
        let all = self.names.iter();
        let all = all.flat_map(|(name, it)| it.sessions.iter().map(move |it| (name, it)));
        let lost = all.filter(|(_, session)| is_lost(session));
        let mut lost: Vec<_> = lost
            .map(|(name, session)| self.which(name, session.range))
            .collect();
        lost.sort_unstable_by(|a, b| (&a.name, a.range).cmp(&(&b.name, b.range)));
        for rig in &lost {
            self.remove(&rig.name, is_lost);
        }
        self.names.retain(|_, named| {
            let is_recent = now.saturating_sub(named.heard) <= MEMORY;
            is_recent || !named.sessions.is_empty()
        });
        lost
    }

    fn remove(&mut self, name: &RigName, is_gone: impl Fn(&Session) -> bool) {
        let Some(named) = self.names.get_mut(name) else {
            return;
        };
        for session in named.sessions.extract_if(.., |it| is_gone(it)) {
            self.ranges.free(session.range);
            self.len -= 1;
            self.gone.add(&session.finds);
        }
    }

    /// Counts what became of a find.
    pub(super) fn count(&mut self, name: &RigName, session: Id, verdict: Verdict) {
        let named = self.names.get_mut(name);
        let sessions = named.map(|named| &mut named.sessions);
        let mut known = sessions.into_iter().flatten();
        let known = known.find(|known| known.beat.session == session);
        // A rig may find something before it is known here.
        let count = known.map_or(&mut self.gone, |known| &mut known.finds);
        match verdict {
            Verdict::Taken => count.taken += 1,
            Verdict::Known => count.known += 1,
            Verdict::Late => count.late += 1,
            Verdict::Wrong => count.wrong += 1,
            Verdict::Keep => count.kept += 1,
        }
    }

    /// A rig reported what is no solution. The same one again is the same lie: its answer may have been lost.
    pub(super) fn lied(&mut self, name: &RigName, block_hash: [u8; 32], nonce: u64) {
        if let Some(named) = self.names.get_mut(name) {
            let lie = (block_hash, nonce);
            if !named.lies.contains(&lie) {
                named.lies.push(lie);
            }
        }
    }

    /// Cuts a rig off that has lied too often; whether it did so now.
    pub(super) fn cut_off_if_due(&mut self, name: &RigName, now: Micros) -> bool {
        let named = self.names.get(name);
        if named.is_none_or(|named| named.lies.len() < LIES) {
            return false;
        }
        self.remove(name, |_| true);
        let Some(Named { pace, refusals, .. }) = self.names.remove(name) else {
            return false;
        };
        if self.cut.len() >= MOST_CUT {
            let cut = self.cut.iter();
            let oldest = cut.min_by_key(|(_, cut)| cut.since);
            let oldest = oldest.map(|(name, _)| name.clone());
            oldest.map(|name| self.cut.remove(&name));
        }
        let cut = Cut {
            pace,
            refusals,
            since: now,
        };
        self.cut.insert(name.clone(), cut);
        true
    }

    /// Those that were cut off, by name.
    pub(super) fn cut_off(&self) -> Vec<String> {
        let mut names: Vec<_> = self.cut.keys().map(ToString::to_string).collect();
        names.sort_unstable();
        names
    }

    /// Hashes per second of all.
    pub(super) fn rate(&self) -> f64 {
        // An empty sum would be -0.
        self.sessions().fold(0.0, |sum, it| sum + it.beat.rate())
    }

    /// How many nonces all have tried for this coordinator, also those that are gone.
    pub(super) const fn nonces(&self) -> u64 {
        self.nonces
    }

    /// What became of the finds of all, also of those that are gone.
    pub(super) fn finds(&self) -> Count {
        let mut all = self.gone;
        for session in self.sessions() {
            all.add(&session.finds);
        }
        all
    }

    fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.names.values().flat_map(|named| &named.sessions)
    }

    /// All rigs, by name and range.
    pub(super) fn report(&self, now: Micros) -> Vec<Rig> {
        let seconds = |since: Micros| now.saturating_sub(since) as f64 / 1e6;
        let names = self.names.iter();
        let all = names.flat_map(|(name, it)| it.sessions.iter().map(move |it| (name, it)));
        let mut rigs: Vec<_> = all
            .map(|(name, session)| Rig {
                name: name.to_string(),
                program: session.beat.program.clone(),
                range: session.range,
                here_s: seconds(session.joined),
                silent_s: seconds(session.heard),
                block: session.beat.block,
                lost: session.beat.lost.since(&session.lost),
                finds: session.finds,
                devices: session.beat.devices.clone(),
            })
            .collect();
        rigs.sort_unstable_by(|a, b| (&a.name, a.range).cmp(&(&b.name, b.range)));
        rigs
    }
}

/// How many nonces are believed to have been tried between two beats: twice what the rate makes likely, as rates change and
/// beats come late.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is too much is the most that there is"
)]
fn most_nonces(rate: f64, time: Micros) -> u64 {
    (2.0 * rate * time.saturating_add(BEAT) as f64 / 1e6) as u64
}

impl Count {
    fn add(&mut self, other: &Self) {
        self.taken += other.taken;
        self.known += other.known;
        self.late += other.late;
        self.wrong += other.wrong;
        self.kept += other.kept;
    }
}
