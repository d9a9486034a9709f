//! Every import and export of the module: what JavaScript sees, and, with [`rules`](crate::rules),
//! all that it sees.
//!
//! It is the private half of the npm package, whose TypeScript is the public one: numbers have been
//! looked at before they come here, since a `u64` takes the low 64 bits of any bigint. The only import
//! is `Error`, whose message begins with the code that the package shows.
//!
//! Times are `performance.now()` in microseconds, rates in hashes per second.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};

use btpow_core::{
    Challenge, Difficulty, Find, Freshness, Isa, KeyError, Micros, Order, Position, Protocol,
    PublicKey, Search, Solution, key, odds, statistics::Rates,
};
use wasm_bindgen::prelude::*;

use crate::{Progress, call, engine, order};

/// The name of the lanes of this build: `simd128` or `portable`.
#[wasm_bindgen]
pub fn lanes() -> String {
    Isa::best().name().to_owned()
}

/// In a worker: does what an order says; the answer.
#[wasm_bindgen]
pub fn scan(order: &[u32]) -> Vec<u32> {
    order::scan(order)
}

/// The 32 bytes of a key: an SS58 address of network 42, or 0x and 64 hexadecimal digits.
///
/// # Errors
///
/// An `Error` that begins with `invalid-key`.
#[wasm_bindgen(js_name = parseKey)]
pub fn parse_key(text: &str) -> Result<Vec<u8>, JsError> {
    let PublicKey(bytes) = text.parse().map_err(|error| invalid_key(&error))?;
    Ok(bytes.to_vec())
}

/// The 32 bytes of 64 hexadecimal digits, with or without 0x.
///
/// # Errors
///
/// An `Error` that begins with `invalid-argument`.
#[wasm_bindgen(js_name = parseHash)]
pub fn parse_hash(text: &str) -> Result<Vec<u8>, JsError> {
    let bytes = key::hex32(text).map_err(|error| named("invalid-argument", &error.to_string()))?;
    Ok(bytes.to_vec())
}

/// Seconds until the first win, on average; `undefined` at a rate of zero.
///
/// # Errors
///
/// An `Error` that begins with `invalid-argument` at difficulty 0.
#[wasm_bindgen(js_name = expectedSeconds)]
pub fn expected_seconds(difficulty: u64, rate: f64) -> Result<Option<f64>, JsError> {
    Ok(odds::expected_seconds(parse_difficulty(difficulty)?, rate))
}

/// How many blocks, the next one among them, may still include work for block `work_block` when
/// `head` is the newest: 0 when none may, -1 when the chain at that head does not have the block.
#[wasm_bindgen(js_name = blocksLeft)]
pub fn blocks_left(v1: bool, work_block: u64, head: u64) -> f64 {
    // The order of a seal has no part in it.
    let protocol = if v1 {
        Protocol::V1
    } else {
        Protocol::Legacy(Order::Little)
    };
    match protocol.freshness(work_block, head) {
        Freshness::Ahead => -1.0,
        Freshness::Fresh { blocks_left } => blocks_left as f64,
        Freshness::Stale => 0.0,
    }
}

/// A challenge and its difficulty.
#[wasm_bindgen]
pub struct Work {
    challenge: Challenge,
    difficulty: Difficulty,
    /// The subnet and the hotkey, which a call names; none for a legacy challenge.
    registration: Option<(u16, PublicKey)>,
}

#[wasm_bindgen]
impl Work {
    /// A v1 challenge; the hash and the keys have 32 bytes.
    ///
    /// # Errors
    ///
    /// An `Error` that begins with `invalid-argument`: netuid 0, difficulty 0, another length.
    pub fn v1(
        netuid: u16,
        block_hash: &[u8],
        hotkey: &[u8],
        coldkey: &[u8],
        difficulty: u64,
    ) -> Result<Self, JsError> {
        let (hotkey, coldkey) = (bytes32(hotkey)?, bytes32(coldkey)?);
        let challenge = Challenge::v1(netuid, bytes32(block_hash)?, hotkey, coldkey)
            .map_err(|error| named("invalid-argument", &error.to_string()))?;
        Ok(Self {
            challenge,
            difficulty: parse_difficulty(difficulty)?,
            registration: Some((netuid, PublicKey(hotkey))),
        })
    }

    /// A legacy challenge, whose seals are big-endian or not.
    ///
    /// # Errors
    ///
    /// As for `v1`.
    pub fn legacy(
        big: bool,
        block_hash: &[u8],
        hotkey: &[u8],
        difficulty: u64,
    ) -> Result<Self, JsError> {
        let order = if big { Order::Big } else { Order::Little };
        Ok(Self {
            challenge: Challenge::legacy(order, bytes32(block_hash)?, bytes32(hotkey)?),
            difficulty: parse_difficulty(difficulty)?,
            registration: None,
        })
    }

    /// The seal of a nonce: 32 bytes.
    pub fn seal(&self, nonce: u64) -> Vec<u8> {
        self.challenge.seal(nonce).0.to_vec()
    }

    /// Whether a nonce wins, all 256 bits of its seal compared.
    pub fn admits(&self, nonce: u64) -> bool {
        self.solution(nonce).is_some()
    }

    /// The bytes of `pow_register` for a nonce that wins.
    ///
    /// # Errors
    ///
    /// An `Error` that begins with `not-a-solution` when the nonce does not win, or `invalid-argument` for a legacy
    /// challenge.
    #[wasm_bindgen(js_name = powRegister)]
    pub fn pow_register(
        &self,
        pallet: u8,
        call: u8,
        work_block: u64,
        nonce: u64,
    ) -> Result<Vec<u8>, JsError> {
        let (netuid, hotkey) = self.registration.as_ref().ok_or_else(|| {
            named(
                "invalid-argument",
                "pow_register takes a v1 proof, and this challenge is a legacy one",
            )
        })?;
        let solution = self
            .solution(nonce)
            .ok_or_else(|| named("not-a-solution", "the seal of this nonce does not win"))?;
        let place = call::Place { pallet, call };
        Ok(call::pow_register(place, *netuid, work_block, &solution, hotkey).to_vec())
    }

    fn solution(&self, nonce: u64) -> Option<Solution> {
        // The text of a refusal would bring the formatting of floats with it, a fifth of the module.
        Solution::verify(&self.challenge, &self.difficulty.target(), nonce).ok()
    }
}

/// The solver, and a runner for each worker.
#[wasm_bindgen]
pub struct Engine(engine::Engine);

/// The first word of what [`Engine::step`] returns.
mod next {
    /// Nothing: step again after an answer, or when there is a search.
    pub(super) const WAIT: u32 = 0;
    /// Post the words that follow: an order.
    pub(super) const POST: u32 = 1;
    /// Take the find that follows, and step again.
    pub(super) const FOUND: u32 = 2;
    /// The worker gets no more work; its fault says why.
    pub(super) const DROPPED: u32 = 3;
}

#[wasm_bindgen]
impl Engine {
    /// An engine for that many workers and after them so many GPUs, which have to prove known
    /// answers first.
    #[wasm_bindgen(constructor)]
    pub fn new(workers: usize, gpus: usize) -> Self {
        Self(engine::Engine::new(workers, gpus))
    }

    /// Makes every worker search for that from its next round on, beginning at nonce `start`; the
    /// generation, which every find names.
    pub fn search(&mut self, work: &Work, block_number: Option<u64>, start: u64, now: f64) -> u64 {
        let search = Search {
            challenge: work.challenge,
            difficulty: work.difficulty,
            block_number,
            start: Position::of_nonce(start, work.challenge.protocol()),
        };
        self.0.set_search(search, micros(now)).0
    }

    /// Ends the search: rounds under way still count.
    pub fn pause(&mut self, now: f64) {
        self.0.pause(micros(now));
    }

    /// Goes on where the search was paused.
    pub fn resume(&mut self, now: f64) {
        self.0.resume(micros(now));
    }

    /// Does what comes next for a worker: what it came to, as a number and what belongs to it. In words, as a
    /// class for each would be a tenth of the module.
    pub fn step(&mut self, worker: usize, now: f64) -> Vec<u32> {
        match self.0.step(worker, micros(now)) {
            Progress::Waiting => vec![next::WAIT],
            Progress::Ordered => {
                let mut words = vec![next::POST];
                words.extend(self.0.take_order(worker).unwrap_or_default());
                words
            }
            Progress::Found(find) => {
                let mut words = vec![next::FOUND];
                words.extend(self.found(&find));
                words
            }
            Progress::Dropped(_) => vec![next::DROPPED],
        }
    }

    /// Why a worker was dropped.
    pub fn fault(&self, worker: usize) -> Option<String> {
        self.0.fault(worker).map(|fault| fault.to_string())
    }

    /// Takes a worker's answer.
    pub fn deliver(&self, worker: usize, answer: Vec<u32>) {
        self.0.deliver(worker, answer);
    }

    /// Says that a worker is gone.
    pub fn lose(&self, worker: usize) {
        self.0.lose(worker, LOST);
    }

    /// The lowest solution of the present challenge: a find.
    pub fn best(&self) -> Option<Vec<u32>> {
        self.0.best().map(|find| self.found(find).to_vec())
    }

    /// How the search stands: the numbers of `rates`, then the expected time in seconds (NaN before the
    /// first round) and the chance; `undefined` while there is no search.
    pub fn statistics(&self, now: f64) -> Option<Vec<f64>> {
        let statistics = self.0.statistics(micros(now))?;
        let mut numbers = numbers(&statistics.rates);
        numbers.push(statistics.expected_time.unwrap_or(f64::NAN));
        numbers.push(statistics.chance);
        Some(numbers)
    }

    /// The rates of one worker, in the order of the fields of `Rates`.
    pub fn rates(&self, worker: usize, now: f64) -> Option<Vec<f64>> {
        self.0.rates(worker, micros(now)).as_ref().map(numbers)
    }

    /// A find in words: the nonce and the generation, low halves first, the worker, whether it is for the
    /// present challenge, and the 32 bytes of the seal.
    fn found(&self, find: &Find) -> [u32; 14] {
        let Find { solution, slot, .. } = find;
        let [nonce, nonce_high] = order::halves(solution.nonce());
        let [generation, generation_high] = order::halves(find.generation.0);
        let [worker, _] = order::halves(slot.0 as u64);
        let mut words = [0; 14];
        words[..5].copy_from_slice(&[nonce, nonce_high, generation, generation_high, worker]);
        words[5] = self.0.is_current(find).into();
        for (word, bytes) in words[6..].iter_mut().zip(solution.seal().0.chunks_exact(4)) {
            *word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        words
    }
}

/// The code of a worker that ended: JavaScript knows no better one.
const LOST: i32 = 1;

fn numbers(rates: &Rates) -> Vec<f64> {
    vec![
        rates.time_spent_total,
        rates.rounds_total as f64,
        rates.time_average,
        rates.time_spent,
        rates.hash_rate_perpetual,
        rates.hash_rate,
        rates.nonces_total as f64,
    ]
}

/// A moment; JavaScript's clocks begin at 0 and never say NaN.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "fractions of a microsecond are dropped, and the cast saturates"
)]
const fn micros(now: f64) -> Micros {
    now as Micros
}

fn parse_difficulty(seals: u64) -> Result<Difficulty, JsError> {
    Difficulty::new(seals).map_err(|error| named("invalid-argument", &error.to_string()))
}

pub(crate) fn bytes32(bytes: &[u8]) -> Result<[u8; 32], JsError> {
    bytes.try_into().map_err(|_| {
        let text = format!("{} bytes instead of 32", bytes.len());
        named("invalid-argument", &text)
    })
}

fn invalid_key(error: &KeyError) -> JsError {
    named("invalid-key", &error.to_string())
}

/// An `Error` whose message begins with the code that the package shows.
pub(crate) fn named(code: &str, text: &str) -> JsError {
    let mut message = String::with_capacity(code.len() + 2 + text.len());
    for part in [code, ": ", text] {
        message.push_str(part);
    }
    JsError::new(&message)
}
