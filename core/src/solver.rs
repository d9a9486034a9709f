//! Who hashes what, and what counts: the one engine behind threads, GPUs and web workers.
//!
//! The solver is a plain state machine. It leases each device positions that no other device gets,
//! sizes rounds by time, counts, believes no candidate before the reference has accepted it, and keeps
//! the lowest seal. It never waits and never asks for the time; a [`Runner`](crate::Runner) drives one
//! device with it.

use crate::{
    Candidates, Challenge, Difficulty, Fault, Info, Jobs, Meter, Micros, Position, Protocol, Round,
    Shard, Solution, Statistics, Target, odds, statistics::Rates,
};

/// How many searches count: the present one and those before it. Rounds that were under way when the search changed may
/// still find something, and the chain takes it for some blocks.
pub const SEARCHES: usize = 8;

/// What to search for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// What the block asks.
    pub challenge: Challenge,
    /// Expected seals per win.
    pub difficulty: Difficulty,
    /// The number of the block, if known; the solver only passes it on to [`Statistics`].
    pub block_number: Option<u64>,
    /// Where the search begins.
    pub start: Position,
}

/// Counts challenges: work of an earlier generation is done for an earlier block.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Generation(pub u64);

/// The place of a device in its solver.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SlotId(pub usize);

/// What a solver knows of one device.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    meter: Meter,
    fault: Option<Fault>,
    /// Whether it gets no work for now.
    is_paused: bool,
    /// Nonces of the next round; 0 before the first.
    round_len: u64,
    /// Whether the last request for work found none.
    idle: bool,
    /// Whether it paused since its last lease: no sample spans that.
    begins_sample: bool,
    /// The newest challenge that it has worked on, and since when.
    leased: Option<(Generation, Micros)>,
}

/// A round for a device to do, and the challenge it is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lease {
    /// The challenge it is for.
    pub generation: Generation,
    /// The positions, which no other lease of the generation shares.
    pub round: Round,
}

/// A solution and where it came from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Find {
    /// What was searched for.
    pub search: Search,
    /// Which challenge that was.
    pub generation: Generation,
    /// The proof.
    pub solution: Solution,
    /// The device that found it.
    pub slot: SlotId,
}

/// A search, and what was found.
#[derive(Clone, Debug)]
struct Searched {
    search: Search,
    generation: Generation,
    target: Target,
    best: Option<Find>,
}

/// The present search, what follows from it, and how far it has got.
#[derive(Clone, Debug)]
struct Present {
    searched: Searched,
    jobs: Jobs,
    next: Position,
}

/// Drives any number of devices; `S` holds a [`Slot`] for each, in whatever storage the caller has.
#[derive(Clone, Debug)]
pub struct Solver<S> {
    slots: S,
    total: Meter,
    present: Option<Present>,
    /// The searches before, without what only a device needs, each at its generation's [place](earlier_place).
    earlier: [Option<Searched>; SEARCHES - 1],
    /// Whether there is a search that hands nothing out.
    paused: bool,
    /// What it hands out positions of.
    shard: Shard,
    generation: Generation,
    overflow: u64,
    /// Logarithm of the chance that all nonces tried so far held no solution.
    log_miss: f64,
}

impl<S: AsRef<[Slot]> + AsMut<[Slot]>> Solver<S> {
    /// A solver for as many devices as there are slots, with nothing to search for yet.
    pub fn new(slots: S) -> Self {
        Self {
            slots,
            total: Meter::new(),
            present: None,
            earlier: [const { None }; SEARCHES - 1],
            paused: false,
            shard: Shard::ALL,
            generation: Generation::default(),
            overflow: 0,
            log_miss: 0.0,
        }
    }

    /// Makes room for one more device, which may join at any time.
    pub fn add_slot(&mut self) -> SlotId
    where
        S: Extend<Slot>,
    {
        let slot = SlotId(self.slots.as_ref().len());
        self.slots.extend([Slot::default()]);
        slot
    }

    /// Hands out positions of this shard alone from now on. A search must begin in it.
    pub const fn keep_to(&mut self, shard: Shard) {
        self.shard = shard;
    }

    /// Makes every device do `search` from its next round on, and ends a pause.
    pub fn set_search(&mut self, search: Search, now: Micros) -> Generation {
        if !self.has_work() {
            self.total.resume(now);
        }
        self.paused = false;
        self.generation.0 += 1;
        let target = search.difficulty.target();
        let present = Present {
            searched: Searched {
                search,
                generation: self.generation,
                target,
                best: None,
            },
            jobs: Jobs::new(&search.challenge, &target),
            next: search.start,
        };
        if let Some(Present { searched, .. }) = self.present.replace(present) {
            // The oldest makes room.
            let place = earlier_place(searched.generation);
            self.earlier[place] = Some(searched);
        }
        self.generation
    }

    /// Gives devices no more work until the search resumes. Rounds under way still count.
    ///
    /// The search keeps its generation, its position and its best.
    pub fn pause(&mut self) {
        self.paused = self.present.is_some();
    }

    /// Continues a paused search where it stopped; does nothing to one that is not paused.
    pub fn resume(&mut self, now: Micros) {
        if self.paused {
            self.paused = false;
            // No sample of all devices together spans the pause. Each device begins a new sample with
            // its next lease.
            self.total.resume(now);
        }
    }

    /// Gives one device no more work until it [resumes](Self::resume_device). Its round under way still counts.
    pub fn pause_device(&mut self, slot: SlotId) {
        if let Some(place) = self.slots.as_mut().get_mut(slot.0) {
            place.is_paused = true;
        }
    }

    /// Gives a paused device work again. No sample of its rate spans the pause, nor of all devices' where none worked.
    pub fn resume_device(&mut self, slot: SlotId, now: Micros) {
        let works = |place: &Slot| !place.is_paused && place.fault.is_none();
        let none_works = !self.slots.as_ref().iter().any(works);
        let place = self.slots.as_mut().get_mut(slot.0);
        let Some(place) = place.filter(|place| place.is_paused) else {
            return;
        };
        place.is_paused = false;
        // Also where it did not ask for work meanwhile.
        place.begins_sample = true;
        if none_works {
            self.total.resume(now);
        }
    }

    /// Whether a device gets no work for now.
    pub fn is_device_paused(&self, slot: SlotId) -> bool {
        let place = self.slots.as_ref().get(slot.0);
        place.is_some_and(|place| place.is_paused)
    }

    /// Whether there is a search that is not paused.
    pub const fn is_searching(&self) -> bool {
        self.present.is_some() && !self.paused
    }

    /// Whether devices get work: there is a search that is not paused, and positions of the shard are left.
    pub fn has_work(&self) -> bool {
        let left = self.next().map_or(0, |next| self.shard.left(next));
        !self.paused && left > 0
    }

    /// Whether the present search has hashed all positions of the shard: none is left, and no device has any.
    pub fn is_exhausted(&self) -> bool {
        let at_rest = |place: &Slot| place.idle || place.fault.is_some();
        self.is_searching() && !self.has_work() && self.slots.as_ref().iter().all(at_rest)
    }

    /// The generation of the present challenge; zero before the first.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// The next round of a device; `None` while there is no search, while it is paused, once the shard is exhausted, or after
    /// it was dropped.
    pub fn lease(&mut self, slot: SlotId, info: &Info<'_>, now: Micros) -> Option<Lease> {
        let (has_work, shard) = (self.has_work(), self.shard);
        let place = self.slots.as_mut().get_mut(slot.0)?;
        let works = has_work && !place.is_paused && place.fault.is_none();
        let Some(search) = self.present.as_mut().filter(|_| works) else {
            place.idle = true;
            return None;
        };
        if place.idle || place.begins_sample || place.round_len == 0 {
            place.meter.resume(now);
            (place.idle, place.begins_sample) = (false, false);
        }
        if place.round_len == 0 {
            place.round_len = info.batch.max(1);
        }
        let round = Round {
            start: search.next,
            len: place.round_len.min(shard.left(search.next)),
        };
        search.next = search.next.after(round.len);
        let generation = search.searched.generation;
        if place.leased.is_none_or(|(last, _)| last != generation) {
            place.leased = Some((generation, now));
        }
        Some(Lease { generation, round })
    }

    /// What a device must load for a lease of this generation; `None` once it is over.
    pub fn jobs(&self, generation: Generation) -> Option<&Jobs> {
        self.present
            .as_ref()
            .filter(|present| present.searched.generation == generation)
            .map(|present| &present.jobs)
    }

    /// Counts a finished round, which began at `began`, and verifies its candidates.
    ///
    /// Returns the lowest solution of this round, if it has any.
    ///
    /// # Errors
    ///
    /// [`Fault`] when the device reported what it should not; the solver drops it. Correct finds of the
    /// same round still count.
    pub fn complete(
        &mut self,
        slot: SlotId,
        info: &Info<'_>,
        lease: &Lease,
        found: &Candidates,
        (began, now): (Micros, Micros),
    ) -> Result<Option<Find>, Fault> {
        self.overflow += found.overflow();
        if let Some(place) = self.slots.as_mut().get_mut(slot.0) {
            place.meter.record(began, now, lease.round.len);
            place.round_len = next_len(lease.round.len, now.saturating_sub(began), info);
        }
        self.total.record(began, now, lease.round.len);
        let present = self.present.as_mut().map(|present| &mut present.searched);
        let mut states = present
            .into_iter()
            .chain(&mut self.earlier[earlier_place(lease.generation)]);
        let Some(state) = states.find(|state| state.generation == lease.generation) else {
            return Ok(None);
        };
        self.log_miss += odds::log_miss(state.search.difficulty, lease.round.len);
        let mut lowest: Option<Find> = None;
        let mut fault = None;
        for &position in found.positions() {
            match state.judge(position, &lease.round) {
                Ok(None) => {}
                Ok(Some(solution)) => {
                    if lowest.is_none_or(|find| solution.value() < find.solution.value()) {
                        let (search, generation) = (state.search, state.generation);
                        lowest = Some(Find {
                            search,
                            generation,
                            solution,
                            slot,
                        });
                    }
                }
                Err(wrong) => fault = Some(wrong),
            }
        }
        if let Some(find) = lowest
            && state
                .best
                .is_none_or(|best| find.solution.value() < best.solution.value())
        {
            state.best = Some(find);
        }
        if let Some(fault) = fault {
            self.drop_device(slot, fault);
            return Err(fault);
        }
        Ok(lowest)
    }

    /// Gives a device no more work.
    pub fn drop_device(&mut self, slot: SlotId, fault: Fault) {
        if let Some(place) = self.slots.as_mut().get_mut(slot.0) {
            place.fault = Some(fault);
        }
    }

    /// Where the present search goes on: the position after the last that was handed out.
    pub fn next(&self) -> Option<Position> {
        Some(self.present.as_ref()?.next)
    }

    /// The lowest solution of the present challenge, even while its search is paused.
    pub fn best(&self) -> Option<&Find> {
        self.present.as_ref()?.searched.best.as_ref()
    }

    /// The lowest solution of the challenge before, which the chain may still take.
    pub fn previous_best(&self) -> Option<&Find> {
        let before = Generation(self.generation.0.checked_sub(1)?);
        self.earlier[earlier_place(before)].as_ref()?.best.as_ref()
    }

    /// How the present search is going; `None` without one.
    pub fn statistics(&self, now: Micros) -> Option<Statistics> {
        let state = self.present.as_ref().filter(|_| self.is_searching())?;
        let search = &state.searched.search;
        Some(Statistics::new(
            self.total.rates(now),
            search.difficulty,
            search.block_number,
            search.challenge.block_hash(),
            self.log_miss,
        ))
    }

    /// The rates of one device; `None` for a slot that does not exist.
    pub fn rates(&self, slot: SlotId, now: Micros) -> Option<Rates> {
        self.slots
            .as_ref()
            .get(slot.0)
            .map(|place| place.meter.rates(now))
    }

    /// The hash rate of a device, once it has been [measured](Meter::measured) for some seconds.
    pub fn measured(&self, slot: SlotId) -> Option<f64> {
        self.slots.as_ref().get(slot.0)?.meter.measured()
    }

    /// The newest challenge that a device has worked on, and the moment of its first lease for it:
    /// how soon a new challenge reaches a device.
    pub fn leased(&self, slot: SlotId) -> Option<(Generation, Micros)> {
        self.slots.as_ref().get(slot.0)?.leased
    }

    /// Why a device was dropped, if it was.
    pub fn fault(&self, slot: SlotId) -> Option<Fault> {
        self.slots.as_ref().get(slot.0)?.fault
    }

    /// How many devices still get work.
    pub fn devices_left(&self) -> usize {
        self.slots
            .as_ref()
            .iter()
            .filter(|place| place.fault.is_none())
            .count()
    }

    /// Candidates that did not fit into a list, and were never verified.
    pub fn overflow(&self) -> u64 {
        self.overflow
    }
}

impl Searched {
    /// Whether a candidate is a solution (`Some`), a near miss (`None`), or a lie.
    fn judge(&self, position: Position, round: &Round) -> Result<Option<Solution>, Fault> {
        let challenge = &self.search.challenge;
        let protocol: Protocol = challenge.protocol();
        let nonce = position.nonce(protocol);
        if !round.contains(position) {
            return Err(Fault::OutsideRound { nonce });
        }
        match Solution::verify(challenge, &self.target, nonce) {
            Ok(solution) => Ok(Some(solution)),
            Err(above) => {
                let word = Target::tested_word(&above.seal, protocol.order());
                if word > self.target.threshold() {
                    Err(Fault::WrongSeal { nonce })
                } else {
                    Ok(None)
                }
            }
        }
    }
}

/// Where a search is among the earlier ones: each generation has a place of its own until so many have come after it.
#[expect(clippy::cast_possible_truncation, reason = "it is less than SEARCHES")]
const fn earlier_place(generation: Generation) -> usize {
    (generation.0 % (SEARCHES as u64 - 1)) as usize
}

/// The length of the round after one of `len` nonces that took `took`: as many whole batches as
/// fit into the time a round should take, at most four times as many as before.
fn next_len(len: u64, took: Micros, info: &Info<'_>) -> u64 {
    let batch = info.batch.max(1);
    // No device hashes 2^64 nonces within microseconds, and no round lasts that long.
    let fitting = len.saturating_mul(info.round) / took.max(1);
    // A slow round may be an accident of the machine, so halve it at most.
    let wanted = fitting.clamp(len / 2, len.saturating_mul(4));
    (wanted / batch).max(1) * batch
}
