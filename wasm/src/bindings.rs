//! Every export of the module.
//!
//! It is the private half of the npm package, and the TypeScript is the public one, which checks values
//! before they come here. A function fails for one reason only, so its caller knows the code; the reason
//! in words is the message of an `Error`.
//!
//! Times are `performance.now()` in microseconds.

use alloc::{
    borrow::ToOwned as _,
    string::{String, ToString as _},
    vec::Vec,
};

use btpow_core::{
    Challenge, Difficulty, Freshness, Isa, Micros, Order, Position, Protocol, PublicKey, Search,
    Solution, key, odds, statistics,
};
use btpow_wasm_runtime::bytes32;
use wasm_bindgen::prelude::*;

use crate::{Progress, assignment, engine};

/// The instruction set of this build: `simd128` or `portable`.
#[wasm_bindgen]
pub fn lanes() -> String {
    Isa::best().name().to_owned()
}

/// In a worker: does assignments.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Kernel(assignment::Kernel);

#[wasm_bindgen]
impl Kernel {
    /// A kernel that has done nothing yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does an assignment, and returns the answer.
    pub fn scan(&mut self, assignment: &[u32]) -> Vec<u32> {
        self.0.scan(assignment)
    }
}

/// The 32 bytes of a key, from an SS58 address of network 42, or from 0x and 64 hexadecimal digits.
///
/// # Errors
///
/// An `Error` for a text that is neither.
#[wasm_bindgen(js_name = parseKey)]
pub fn parse_key(text: &str) -> Result<Vec<u8>, JsError> {
    let PublicKey(bytes) = text.parse()?;
    Ok(bytes.to_vec())
}

/// The 32 bytes of 64 hexadecimal digits, with or without 0x.
///
/// # Errors
///
/// An `Error` for any other text.
#[wasm_bindgen(js_name = parseHash)]
pub fn parse_hash(text: &str) -> Result<Vec<u8>, JsError> {
    Ok(key::hex32(text)?.to_vec())
}

/// Seconds until the first win, on average; `None` at a rate of zero.
///
/// # Errors
///
/// An `Error` for difficulty 0.
#[wasm_bindgen(js_name = expectedSeconds)]
pub fn expected_seconds(difficulty: u64, rate: f64) -> Result<Option<f64>, JsError> {
    Ok(odds::expected_seconds(Difficulty::new(difficulty)?, rate))
}

/// How many blocks, the next one among them, may still include work for block `work_block` when
/// `head` is the newest; `None` when the chain at that head does not have the block.
#[wasm_bindgen(js_name = blocksLeft)]
pub fn blocks_left(v1: bool, work_block: u64, head: u64) -> Option<f64> {
    // The order of a seal's bytes does not matter here.
    let protocol = if v1 {
        Protocol::V1
    } else {
        Protocol::Legacy(Order::Little)
    };
    match protocol.freshness(work_block, head) {
        Freshness::Ahead => None,
        Freshness::Fresh { blocks_left } => Some(blocks_left as f64),
        Freshness::Stale => Some(0.0),
    }
}

/// A challenge and its difficulty.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub struct ParsedChallenge {
    challenge: Challenge,
    difficulty: Difficulty,
}

#[wasm_bindgen]
impl ParsedChallenge {
    /// The v1 challenge of a block for a key on a subnet.
    ///
    /// # Errors
    ///
    /// An `Error` for subnet 0 or difficulty 0.
    pub fn v1(
        netuid: u16,
        block_hash: &[u8],
        hotkey: &[u8],
        coldkey: &[u8],
        difficulty: u64,
    ) -> Result<Self, JsError> {
        let [hash, hotkey, coldkey] = [block_hash, hotkey, coldkey].map(bytes32);
        Ok(Self {
            challenge: Challenge::v1(netuid, hash, hotkey, coldkey)?,
            difficulty: Difficulty::new(difficulty)?,
        })
    }

    /// A legacy challenge; `big` says whether its seals are big-endian.
    ///
    /// # Errors
    ///
    /// An `Error` for difficulty 0.
    pub fn legacy(
        big: bool,
        block_hash: &[u8],
        hotkey: &[u8],
        difficulty: u64,
    ) -> Result<Self, JsError> {
        let order = if big { Order::Big } else { Order::Little };
        Ok(Self {
            challenge: Challenge::legacy(order, bytes32(block_hash), bytes32(hotkey)),
            difficulty: Difficulty::new(difficulty)?,
        })
    }

    /// The seal of a nonce: 32 bytes.
    pub fn seal(&self, nonce: u64) -> Vec<u8> {
        self.challenge.seal(nonce).0.to_vec()
    }

    /// Whether a nonce wins, by all 256 bits of its seal.
    pub fn admits(&self, nonce: u64) -> bool {
        Solution::verify(&self.challenge, &self.difficulty.target(), nonce).is_ok()
    }
}

/// The result of a step.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub enum Next {
    /// There is nothing to do: step again after an answer, or once there is a search.
    Wait,
    /// Post [the assignment](Engine::take_assignment) to the worker.
    Post,
    /// Report [the solution](Engine::take_found), and step again.
    Found,
    /// The worker gets no more work; [the fault](Engine::fault) says why.
    Dropped,
}

/// A solution, and where it came from.
#[wasm_bindgen(getter_with_clone)]
#[derive(Clone, Debug)]
pub struct Find {
    /// The nonce that wins.
    #[wasm_bindgen(readonly)]
    pub nonce: u64,
    /// Its seal: 32 bytes.
    #[wasm_bindgen(readonly)]
    pub seal: Vec<u8>,
    /// The challenge it is for, by the number that [`Engine::search`] returned.
    #[wasm_bindgen(readonly)]
    pub generation: u64,
    /// The worker that found it.
    #[wasm_bindgen(readonly)]
    pub worker: usize,
    /// Whether it is for the present challenge, not an earlier one.
    #[wasm_bindgen(readonly)]
    pub current: bool,
}

/// Counts for one worker, or for all: times in seconds, rates in hashes per second.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Wall time since the first round began.
    #[wasm_bindgen(readonly, js_name = timeSpentTotal)]
    pub time_spent_total: f64,
    /// Rounds finished.
    #[wasm_bindgen(readonly, js_name = roundsTotal)]
    pub rounds_total: f64,
    /// Mean duration of a round.
    #[wasm_bindgen(readonly, js_name = timeAverage)]
    pub time_average: f64,
    /// Duration of the last round.
    #[wasm_bindgen(readonly, js_name = timeSpent)]
    pub time_spent: f64,
    /// Nonces tried per second of wall time.
    #[wasm_bindgen(readonly, js_name = hashRatePerpetual)]
    pub hash_rate_perpetual: f64,
    /// The moving average.
    #[wasm_bindgen(readonly, js_name = hashRate)]
    pub hash_rate: f64,
    /// Nonces tried.
    #[wasm_bindgen(readonly, js_name = noncesTotal)]
    pub nonces_total: f64,
}

/// How the search is going.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub struct Statistics {
    /// All workers together.
    #[wasm_bindgen(readonly)]
    pub rates: Rates,
    /// Seconds until a solution, on average; `None` before the first round.
    #[wasm_bindgen(readonly, js_name = expectedTime)]
    pub expected_time: Option<f64>,
    /// The chance that as many nonces as were tried bring a solution.
    #[wasm_bindgen(readonly)]
    pub chance: f64,
}

/// The solver, and a runner for each worker.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    engine: engine::Engine,
    /// The last find, until JavaScript takes it.
    found: Option<btpow_core::Find>,
}

#[wasm_bindgen]
impl Engine {
    /// An engine for `workers` workers followed by `gpus` GPUs, which have to prove known answers
    /// first.
    #[wasm_bindgen(constructor)]
    pub fn new(workers: usize, gpus: usize) -> Self {
        Self {
            engine: engine::Engine::new(workers, gpus),
            found: None,
        }
    }

    /// Makes every worker search for `asked` from its next round on, beginning at nonce `start`. Returns
    /// the generation, which every find names. The number of the block does not matter here.
    pub fn search(&self, asked: &ParsedChallenge, start: u64, now: f64) -> u64 {
        let search = Search {
            challenge: asked.challenge,
            difficulty: asked.difficulty,
            block_number: None,
            start: Position::of_nonce(start, asked.challenge.protocol()),
        };
        self.engine.set_search(search, micros(now)).0
    }

    /// Gives workers no more work. Rounds under way still count.
    pub fn pause(&self) {
        self.engine.pause();
    }

    /// Continues a paused search where it stopped.
    pub fn resume(&self, now: f64) {
        self.engine.resume(micros(now));
    }

    /// Gives a worker no new round, or gives it rounds again.
    pub fn park(&mut self, worker: usize, parked: bool) {
        self.engine.park(worker, parked);
    }

    /// Takes the next step for a worker, and returns its result.
    pub fn step(&mut self, worker: usize, now: f64) -> Next {
        match self.engine.step(worker, micros(now)) {
            Progress::Waiting => Next::Wait,
            Progress::Assigned => Next::Post,
            Progress::Found(find) => {
                self.found = Some(find);
                Next::Found
            }
            Progress::Dropped(_) => Next::Dropped,
        }
    }

    /// Takes the assignment to post to this worker, once.
    ///
    /// # Panics
    ///
    /// Unless a step said to post it.
    #[wasm_bindgen(js_name = takeAssignment)]
    pub fn take_assignment(&self, worker: usize) -> Vec<u32> {
        self.engine.take_assignment(worker).expect("an assignment")
    }

    /// Takes what the last step found, once.
    ///
    /// # Panics
    ///
    /// When it found nothing.
    #[wasm_bindgen(js_name = takeFound)]
    pub fn take_found(&mut self) -> Find {
        let find = self.found.take().expect("a find");
        self.find(&find)
    }

    /// Why a worker was dropped, if it was.
    pub fn fault(&self, worker: usize) -> Option<String> {
        self.engine.fault(worker).map(|fault| fault.to_string())
    }

    /// Takes a worker's answer.
    pub fn deliver(&self, worker: usize, answer: Vec<u32>) {
        self.engine.deliver(worker, answer);
    }

    /// Notes that a worker is gone.
    pub fn lose(&self, worker: usize) {
        self.engine.lose(worker, LOST);
    }

    /// The lowest solution of the present challenge.
    pub fn best(&self) -> Option<Find> {
        self.engine.best().map(|find| self.find(&find))
    }

    /// How the search is going; `None` without one.
    pub fn statistics(&self, now: f64) -> Option<Statistics> {
        let statistics = self.engine.statistics(micros(now))?;
        Some(Statistics {
            rates: statistics.rates.into(),
            expected_time: statistics.expected_time,
            chance: statistics.chance,
        })
    }

    /// The rates of one worker; zeros for one that does not exist.
    pub fn rates(&self, worker: usize, now: f64) -> Rates {
        let rates = self.engine.rates(worker, micros(now));
        rates.unwrap_or_default().into()
    }
}

impl Engine {
    fn find(&self, find: &btpow_core::Find) -> Find {
        Find {
            nonce: find.solution.nonce(),
            seal: find.solution.seal().0.to_vec(),
            generation: find.generation.0,
            worker: find.slot.0,
            current: self.engine.is_current(find),
        }
    }
}

impl From<statistics::Rates> for Rates {
    fn from(rates: statistics::Rates) -> Self {
        Self {
            time_spent_total: rates.time_spent_total,
            rounds_total: rates.rounds_total as f64,
            time_average: rates.time_average,
            time_spent: rates.time_spent,
            hash_rate_perpetual: rates.hash_rate_perpetual,
            hash_rate: rates.hash_rate,
            nonces_total: rates.nonces_total as f64,
        }
    }
}

/// The code for a worker that ended: JavaScript knows no better one.
const LOST: i32 = 1;

/// A moment; JavaScript's clocks begin at 0 and never say NaN.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "fractions of a microsecond are dropped, and the cast saturates"
)]
const fn micros(now: f64) -> Micros {
    now as Micros
}
