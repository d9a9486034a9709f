//! SHA-256 of the last block as WGSL statements: FIPS 180-4 §6.2.2, with everything that does not depend
//! on `w0` taken from the job, as in btpow-core's `sha256.rs`.

use btpow_core::job::K;

use super::{Logic, statements::Statements};

/// The working variables `a` to `h`, by name.
type State = [String; 8];

/// Binds the digest's words to `d0` to `d7`, given `w0` and `row`.
pub(super) fn digest(out: &mut Statements, logic: Logic) {
    let mut rounds = Rounds { out, logic };
    let state = rounds.first_sixteen();
    let state = rounds.rest(state);
    for (i, word) in state.iter().enumerate() {
        let chaining = chaining(i);
        out.bind(format!("d{i}"), format_args!("{word} + {chaining}"));
    }
}

struct Rounds<'a> {
    out: &'a mut Statements,
    logic: Logic,
}

impl Rounds<'_> {
    /// Rounds 0 to 15 of SHA-256: the first is two sums, and `h` is still constant in the next three.
    fn first_sixteen(&mut self) -> State {
        let a = self.out.bind("a0", "(*row).early.x + w0");
        let e = self.out.bind("e0", "(*row).early.y + w0");
        let mut state: State = core::array::from_fn(|i| match i {
            0 => a.clone(),
            4 => e.clone(),
            // b, c, d and f, g, h are the earlier a, b, c and e, f, g.
            _ => chaining(i - 1),
        });
        for (t, hkw) in ["early.z", "early.w", "place.x"].into_iter().enumerate() {
            state = self.round(t + 1, state, format!("(*row).{hkw}"));
        }
        for t in 4..16 {
            let hkw = format!("{} + {}", state[7], job(10 + t));
            state = self.round(t, state, hkw);
        }
        state
    }

    /// Rounds 16 to 63 of SHA-256, each after its word of the schedule.
    fn rest(&mut self, mut state: State) -> State {
        let mut words: Vec<Word> = vec![Word::Varying("w0".to_owned())];
        words.resize(16, Word::Constant);
        for (t, k) in K.iter().enumerate().skip(16) {
            let word = self.expand(t, &words);
            let w = match &word {
                Word::Varying(name) => name.clone(),
                Word::Constant => job(10 + t),
            };
            words.push(word);
            let hkw = format!("{} + {k}u + {w}", state[7]);
            state = self.round(t, state, hkw);
        }
        state
    }

    /// Word `t` of the schedule: the job's constant plus the terms that vary.
    fn expand(&mut self, t: usize, words: &[Word]) -> Word {
        let mut terms = Vec::new();
        if let Word::Varying(w) = &words[t - 2] {
            terms.push(mix(w, 17, 19, Last::Shift(10)));
        }
        if let Word::Varying(w) = &words[t - 7] {
            terms.push(w.clone());
        }
        if let Word::Varying(w) = &words[t - 15] {
            terms.push(mix(w, 7, 18, Last::Shift(3)));
        }
        if let Word::Varying(w) = &words[t - 16] {
            terms.push(w.clone());
        }
        if terms.is_empty() {
            return Word::Constant;
        }
        // From word 38 on all four terms vary.
        if terms.len() < 4 {
            terms.push(job(10 + t));
        }
        Word::Varying(self.out.bind(format!("w{t}"), terms.join(" + ")))
    }

    /// Round `t` of SHA-256, given `h + K + W`.
    fn round(&mut self, t: usize, [a, b, c, d, e, f, g, _]: State, hkw: String) -> State {
        let choose = format!("({g} ^ ({e} & ({f} ^ {g})))");
        let majority = match self.logic {
            Logic::ThreeInput => format!("(({a} & {b}) | ({c} & ({a} | {b})))"),
            // The previous round has already made the sum of b and c.
            Logic::TwoInput => {
                let sum = self.out.bind(format!("s{t}"), format_args!("{a} ^ {b}"));
                let before = if t == 1 {
                    format!("({b} ^ {c})")
                } else {
                    format!("s{}", t - 1)
                };
                format!("({b} ^ ({sum} & {before}))")
            }
        };
        let upper1 = mix(&e, 6, 11, Last::Rotate(25));
        let upper0 = mix(&a, 2, 13, Last::Rotate(22));
        let t1 = self
            .out
            .bind(format!("t{t}"), format_args!("{hkw} + {choose} + {upper1}"));
        let new_e = self.out.bind(format!("e{t}"), format_args!("{d} + {t1}"));
        let new_a = self.out.bind(
            format!("a{t}"),
            format_args!("{t1} + {majority} + {upper0}"),
        );
        [new_a, a, b, c, new_e, e, f, g]
    }
}

/// A word of the schedule.
#[derive(Clone)]
enum Word {
    /// The same for all nonces: the job holds it.
    Constant,
    /// Different for each nonce; this is its name.
    Varying(String),
}

/// The third term of the sums of SHA-256 §4.1.2.
enum Last {
    Rotate(u32),
    Shift(u32),
}

/// Two rotations to the right and a third, or a shift, summed.
fn mix(x: &str, first: u32, second: u32, last: Last) -> String {
    let last = match last {
        Last::Rotate(bits) => rotr(x, bits),
        Last::Shift(bits) => format!("({x} >> {bits}u)"),
    };
    format!("({} ^ {} ^ {last})", rotr(x, first), rotr(x, second))
}

fn rotr(x: &str, bits: u32) -> String {
    format!("(({x} >> {bits}u) | ({x} << {}u))", 32 - bits)
}

/// Word `i` of the job.
fn job(i: usize) -> String {
    format!("search.job[{}].{}", i / 4, component(i))
}

/// Word `i` of the row's chaining value.
fn chaining(i: usize) -> String {
    format!("(*row).chaining[{}].{}", i / 4, component(i))
}

fn component(i: usize) -> &'static str {
    ["x", "y", "z", "w"][i % 4]
}
