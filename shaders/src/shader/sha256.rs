//! SHA-256 of the last block as WGSL statements: FIPS 180-4 §6.2.2, with everything that does not depend
//! on `w0` taken from the job, as in btpow-core's `sha256.rs`.

use btpow_core::job::K;

use super::{Kernel, Logic, statements::Statements};

/// The working variables `a` to `h`, by name.
type State = [String; 8];

/// Binds the digest's words to `d0` to `d7`, given `w0`. Legacy expands the schedule of each nonce; in v1
/// `schedule` has it, and the vectors `part0` to `part3` are the words of the span.
pub(super) fn digest(out: &mut Statements, logic: Logic, kernel: Kernel) {
    let mut schedule = match kernel {
        Kernel::Spans => Schedule::Read,
        Kernel::Indices => Schedule::Expanded(Words::new()),
    };
    let sums = kernel.sums();
    let w0 = schedule.term(out, 0);
    let a = out.bind("a0", format_args!("{} + {w0}", sums[0]));
    let e = out.bind("e0", format_args!("{} + {w0}", sums[1]));
    let mut state: State = core::array::from_fn(|i| match i {
        0 => a.clone(),
        4 => e.clone(),
        // b, c, d and f, g, h are the earlier a, b, c and e, f, g.
        _ => kernel.chaining(i - 1),
    });
    for t in 1..64 {
        // h is still constant in rounds 1 to 3.
        let hkw = match t {
            1..4 => sums[t + 1].clone(),
            _ => format!("{} + {}", state[7], schedule.term(out, t)),
        };
        state = round(out, logic, t, state, &hkw);
    }
    for (i, word) in state.iter().enumerate() {
        let chaining = kernel.chaining(i);
        out.bind(format!("d{i}"), format_args!("{word} + {chaining}"));
    }
}

/// Stores the schedule of index `place.x` from round 16 on, given its `w0`.
pub(super) fn schedule(out: &mut Statements) {
    let mut schedule = Schedule::Expanded(Words::new());
    let terms: Vec<_> = (16..64).map(|t| schedule.term(out, t)).collect();
    for (i, four) in terms.chunks(4).enumerate() {
        let four = four.join(", ");
        out.line(format_args!("expanded[place.x][{i}] = vec4<u32>({four});"));
    }
}

impl Kernel {
    /// Word `i` of the chaining value.
    fn chaining(self, i: usize) -> String {
        match self {
            Self::Spans => span(i),
            Self::Indices => job(i),
        }
    }

    /// `a` and `e` after round 0, without `w0`; `h + K + W` of rounds 1 to 3.
    fn sums(self) -> [String; 5] {
        match self {
            Self::Spans => core::array::from_fn(|i| span(8 + i)),
            Self::Indices => core::array::from_fn(|i| match i {
                4 => "search.early3".to_owned(),
                _ => format!("search.early.{}", component(i)),
            }),
        }
    }
}

/// Where the schedule comes from.
enum Schedule {
    /// `expand` has done it for the index.
    Read,
    /// The statements themselves expand it, word by word.
    Expanded(Words),
}

impl Schedule {
    /// What round `t` adds besides `h`: `w0`, or `K + W`. Asked for in the sequence of the rounds.
    fn term(&mut self, out: &mut Statements, t: usize) -> String {
        match self {
            _ if t == 0 => "w0".to_owned(),
            _ if t < 16 => job(10 + t),
            Self::Read => format!("schedule[{}].{}", t / 4 - 4, component(t)),
            Self::Expanded(words) => format!("{}u + {}", K[t], words.expand(out, t)),
        }
    }
}

/// The words of the schedule so far.
struct Words(Vec<Word>);

impl Words {
    fn new() -> Self {
        let mut words = vec![Word::Varying("w0".to_owned())];
        words.resize(16, Word::Constant);
        Self(words)
    }

    /// Adds word `t`, from 16 on in sequence, and returns it: the job's constant plus the terms that
    /// vary.
    fn expand(&mut self, out: &mut Statements, t: usize) -> String {
        let Self(words) = self;
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
            words.push(Word::Constant);
            return job(10 + t);
        }
        // From word 38 on all four terms vary.
        if terms.len() < 4 {
            terms.push(job(10 + t));
        }
        let name = out.bind(format!("w{t}"), terms.join(" + "));
        words.push(Word::Varying(name.clone()));
        name
    }
}

/// Round `t` of SHA-256, given `h + K + W`.
fn round(
    out: &mut Statements,
    logic: Logic,
    t: usize,
    [a, b, c, d, e, f, g, _]: State,
    hkw: &str,
) -> State {
    let choose = format!("({g} ^ ({e} & ({f} ^ {g})))");
    let majority = match logic {
        Logic::ThreeInput => format!("(({a} & {b}) | ({c} & ({a} | {b})))"),
        // The previous round has already made the sum of b and c.
        Logic::TwoInput => {
            let sum = out.bind(format!("s{t}"), format_args!("{a} ^ {b}"));
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
    let t1 = out.bind(format!("t{t}"), format_args!("{hkw} + {choose} + {upper1}"));
    let new_e = out.bind(format!("e{t}"), format_args!("{d} + {t1}"));
    let new_a = out.bind(
        format!("a{t}"),
        format_args!("{t1} + {majority} + {upper0}"),
    );
    [new_a, a, b, c, new_e, e, f, g]
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

/// Word `i` of the span.
fn span(i: usize) -> String {
    format!("part{}.{}", i / 4, component(i))
}

fn component(i: usize) -> &'static str {
    ["x", "y", "z", "w"][i % 4]
}
