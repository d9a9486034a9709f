//! Every export of the module: what JavaScript sees, all of it through `web/src/wasm.ts`.
//!
//! It is the private half of the npm package, whose TypeScript is the public one: values have been
//! looked at before they come here. Plain functions of numbers, without imports: classes, strings and
//! errors for JavaScript would be a fifth of the module. What is no number lies on the [`desk`]: before
//! a call what it takes, after it what it gives. An object is where it is in memory; the other side frees it.
//!
//! Times are `performance.now()` in microseconds, rates in hashes per second.

use alloc::{boxed::Box, vec, vec::Vec};
use core::cell::Cell;

use btpow_core::{
    Challenge, Difficulty, Find, Freshness, Isa, Micros, Order, Position, Protocol, PublicKey,
    Search, Solution, key, odds, statistics::Rates,
};

use crate::{Progress, engine, order, words::Told};

/// Bytes on their way.
struct Desk(Cell<Vec<u8>>);

// SAFETY: An instance of the module has one thread and shares its memory with no other.
unsafe impl Sync for Desk {}

static DESK: Desk = Desk(Cell::new(Vec::new()));

/// Clears the desk and makes room for that many bytes; where they go.
#[unsafe(no_mangle)]
pub extern "C" fn desk(len: usize) -> *const u8 {
    put(vec![0; len]);
    desk_at()
}

/// Where the bytes on the desk are.
#[unsafe(no_mangle)]
pub extern "C" fn desk_at() -> *const u8 {
    look(|bytes| bytes.as_ptr())
}

/// How many bytes are on the desk.
#[unsafe(no_mangle)]
pub extern "C" fn desk_len() -> usize {
    look(Vec::len)
}

fn look<T>(look: impl FnOnce(&Vec<u8>) -> T) -> T {
    let bytes = DESK.0.take();
    let seen = look(&bytes);
    DESK.0.set(bytes);
    seen
}

fn put(bytes: Vec<u8>) {
    DESK.0.set(bytes);
}

fn take() -> Vec<u8> {
    DESK.0.take()
}

fn put_words(words: &[u32]) {
    let mut bytes = Vec::with_capacity(4 * words.len());
    for word in words {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    put(bytes);
}

fn take_words() -> Vec<u32> {
    let bytes = take();
    let words = bytes.as_chunks().0.iter();
    words.map(|&bytes| u32::from_le_bytes(bytes)).collect()
}

fn put_numbers(numbers: &[f64]) {
    let mut bytes = Vec::with_capacity(8 * numbers.len());
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    put(bytes);
}

/// The 32 bytes in that place on the desk; zeros where there are fewer.
fn bytes32(bytes: &[u8], place: usize) -> [u8; 32] {
    bytes.as_chunks().0.get(place).copied().unwrap_or_default()
}

/// Puts what is in the gaps of a sentence; minus its number.
fn tell(told: &Told) -> i32 {
    let mut bytes = Vec::new();
    for number in &told.numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    put(bytes);
    -i32::from(told.sentence)
}

/// Puts the name of the lanes of this build: `simd128` or `portable`.
#[unsafe(no_mangle)]
pub extern "C" fn lanes() {
    put(Isa::best().name().as_bytes().to_vec());
}

/// In a worker: does what an order says, and puts the answer in its place.
#[unsafe(no_mangle)]
pub extern "C" fn scan() {
    put_words(&order::scan(&take_words()));
}

/// Puts the 32 bytes of a key in the place of its text: an SS58 address of network 42, or 0x and 64 hexadecimal digits;
/// 0, or minus the number of a sentence.
#[unsafe(no_mangle)]
pub extern "C" fn parse_key() -> i32 {
    parsed(text(&take()).parse().map(|PublicKey(bytes)| bytes))
}

/// Puts the 32 bytes of 64 hexadecimal digits, with or without 0x; as `parse_key`.
#[unsafe(no_mangle)]
pub extern "C" fn parse_hash() -> i32 {
    parsed(key::hex32(text(&take())))
}

fn parsed(result: Result<[u8; 32], key::KeyError>) -> i32 {
    match result {
        Ok(bytes) => {
            put(bytes.to_vec());
            0
        }
        Err(error) => tell(&(&error).into()),
    }
}

fn text(bytes: &[u8]) -> &str {
    // SAFETY: JavaScript's encoder wrote it, which replaces what is no text.
    unsafe { core::str::from_utf8_unchecked(bytes) }
}

/// Seconds until the first win, on average; NaN at a rate of zero.
#[unsafe(no_mangle)]
pub extern "C" fn expected_seconds(difficulty: u64, rate: f64) -> f64 {
    let seconds = Difficulty::new(difficulty).ok();
    seconds
        .and_then(|difficulty| odds::expected_seconds(difficulty, rate))
        .unwrap_or(f64::NAN)
}

/// How many blocks, the next one among them, may still include work for block `work_block` when
/// `head` is the newest: 0 when none may, -1 when the chain at that head does not have the block.
#[unsafe(no_mangle)]
pub extern "C" fn blocks_left(v1: bool, work_block: u64, head: u64) -> f64 {
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
#[derive(Debug)]
pub struct Work {
    challenge: Challenge,
    difficulty: Difficulty,
}

/// A challenge of a subnet, or a legacy one for subnet 0, whose seals are big-endian or not. The hash and the
/// keys lie on the desk: hotkey last but one, the coldkey last. None at difficulty 0.
#[unsafe(no_mangle)]
pub extern "C" fn work_new(netuid: u16, big: bool, difficulty: u64) -> Option<Box<Work>> {
    let bytes = take();
    let [hash, hotkey, coldkey] = [0, 1, 2].map(|place| bytes32(&bytes, place));
    let order = if big { Order::Big } else { Order::Little };
    let challenge = Challenge::v1(netuid, hash, hotkey, coldkey);
    Some(Box::new(Work {
        challenge: challenge.unwrap_or_else(|_| Challenge::legacy(order, hash, hotkey)),
        difficulty: Difficulty::new(difficulty).ok()?,
    }))
}

/// Frees a challenge.
#[unsafe(no_mangle)]
pub extern "C" fn work_free(_: Box<Work>) {}

/// Puts the seal of a nonce: 32 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn work_seal(work: &Work, nonce: u64) {
    put(work.challenge.seal(nonce).0.to_vec());
}

/// Whether a nonce wins, all 256 bits of its seal compared.
#[unsafe(no_mangle)]
pub extern "C" fn work_admits(work: &Work, nonce: u64) -> bool {
    Solution::verify(&work.challenge, &work.difficulty.target(), nonce).is_ok()
}

/// The solver, and a runner for each worker.
#[derive(Debug)]
pub struct Engine(engine::Engine);

/// The first word of what [`engine_step`] puts.
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

/// An engine for that many workers and after them so many GPUs, which have to prove known
/// answers first.
#[unsafe(no_mangle)]
pub extern "C" fn engine_new(workers: usize, gpus: usize) -> Box<Engine> {
    Box::new(Engine(engine::Engine::new(workers, gpus)))
}

/// Frees an engine.
#[unsafe(no_mangle)]
pub extern "C" fn engine_free(_: Box<Engine>) {}

/// Makes every worker search for that from its next round on, beginning at nonce `start`; the
/// generation, which every find names. The block has no part in it.
#[unsafe(no_mangle)]
pub extern "C" fn engine_search(engine: &Engine, work: &Work, start: u64, now: f64) -> u64 {
    let search = Search {
        challenge: work.challenge,
        difficulty: work.difficulty,
        block_number: None,
        start: Position::of_nonce(start, work.challenge.protocol()),
    };
    engine.0.set_search(search, micros(now)).0
}

/// Ends the search: rounds under way still count.
#[unsafe(no_mangle)]
pub extern "C" fn engine_pause(engine: &Engine) {
    engine.0.pause();
}

/// Goes on where the search was paused.
#[unsafe(no_mangle)]
pub extern "C" fn engine_resume(engine: &Engine, now: f64) {
    engine.0.resume(micros(now));
}

/// Does what comes next for a worker; puts what it came to, as a number and what belongs to it.
#[unsafe(no_mangle)]
pub extern "C" fn engine_step(engine: &mut Engine, worker: usize, now: f64) {
    let mut words = Vec::new();
    match engine.0.step(worker, micros(now)) {
        Progress::Waiting => words.push(next::WAIT),
        Progress::Ordered => {
            words.push(next::POST);
            words.extend(engine.0.take_order(worker).unwrap_or_default());
        }
        Progress::Found(find) => {
            words.push(next::FOUND);
            words.extend_from_slice(&engine.found(&find));
        }
        Progress::Dropped(_) => words.push(next::DROPPED),
    }
    put_words(&words);
}

/// Why a worker was dropped: minus the number of a sentence; 0 when it was not.
#[unsafe(no_mangle)]
pub extern "C" fn engine_fault(engine: &Engine, worker: usize) -> i32 {
    let fault = engine.0.fault(worker);
    fault.map_or(0, |fault| tell(&(&fault).into()))
}

/// Takes a worker's answer.
#[unsafe(no_mangle)]
pub extern "C" fn engine_deliver(engine: &Engine, worker: usize) {
    engine.0.deliver(worker, take_words());
}

/// Says that a worker is gone.
#[unsafe(no_mangle)]
pub extern "C" fn engine_lose(engine: &Engine, worker: usize) {
    engine.0.lose(worker, LOST);
}

/// Puts the lowest solution of the present challenge, a find; whether there is one.
#[unsafe(no_mangle)]
pub extern "C" fn engine_best(engine: &Engine) -> bool {
    let best = engine.0.best().map(|find| engine.found(&find));
    best.map(|words| put_words(&words)).is_some()
}

/// Puts how the search stands: the numbers of [`engine_rates`], then the expected time in seconds (NaN before the
/// first round) and the chance; whether there is a search.
#[unsafe(no_mangle)]
pub extern "C" fn engine_statistics(engine: &Engine, now: f64) -> bool {
    let Some(statistics) = engine.0.statistics(micros(now)) else {
        return false;
    };
    let [a, b, c, d, e, f, g] = numbers(&statistics.rates);
    let expected = statistics.expected_time.unwrap_or(f64::NAN);
    put_numbers(&[a, b, c, d, e, f, g, expected, statistics.chance]);
    true
}

/// Puts the rates of one worker, in the order of the fields of `Rates`; whether there is one.
#[unsafe(no_mangle)]
pub extern "C" fn engine_rates(engine: &Engine, worker: usize, now: f64) -> bool {
    let rates = engine.0.rates(worker, micros(now));
    rates.map(|rates| put_numbers(&numbers(&rates))).is_some()
}

impl Engine {
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
        let seal = solution.seal().0;
        for (word, &bytes) in words[6..].iter_mut().zip(seal.as_chunks().0) {
            *word = u32::from_le_bytes(bytes);
        }
        words
    }
}

/// The code of a worker that ended: JavaScript knows no better one.
const LOST: i32 = 1;

const fn numbers(rates: &Rates) -> [f64; 7] {
    [
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
