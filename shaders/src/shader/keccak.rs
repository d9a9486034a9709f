//! Keccak-f\[1600\] of the digest as WGSL statements, down to the tested word: the Keccak reference
//! §1.2, with the first and the last round as short as in btpow-core's `keccak.rs`.
//!
//! A 64-bit word is a `vec2<u32>` of its low and its high half.

use super::{Kernel, Logic, Loop, statements::Statements};

/// Where each word of the result of a round of Keccak comes from: the word, and how far it rotates. This
/// is rho and pi in one table.
const SOURCES: [(usize, u32); 25] = [
    (0, 0),
    (6, 44),
    (12, 43),
    (18, 21),
    (24, 14),
    (3, 28),
    (9, 20),
    (10, 3),
    (16, 45),
    (22, 61),
    (1, 1),
    (7, 6),
    (13, 25),
    (19, 8),
    (20, 18),
    (4, 27),
    (5, 36),
    (11, 10),
    (17, 15),
    (23, 56),
    (2, 62),
    (8, 55),
    (14, 39),
    (15, 41),
    (21, 2),
];

/// The words of a round of Keccak, by name.
type Words = [String; 25];

/// Binds the tested word to `word`, given the digest in `d0` to `d7`.
pub(super) fn tested_word(out: &mut Statements, unroll: Loop, logic: Logic, kernel: Kernel) {
    let mut words = first_round(out, logic);
    match unroll {
        Loop::Flat => {
            for r in 1..23 {
                words = round(out, logic, words, r, &format!("_{r}"));
            }
        }
        Loop::Rolled => words = loop_of_rounds(out, logic, words),
    }
    last_round(out, &words, kernel);
}

/// The round constants, low and high word, as the shader takes them in its uniforms.
pub(crate) const CONSTANTS: [u64; 24] = constants();

/// The round constants by their definition (the Keccak reference §1.2): bits of a linear feedback
/// shift register, at places 2^j - 1.
const fn constants() -> [u64; 24] {
    let mut all = [0; 24];
    let mut register = 1_u32;
    let mut r = 0;
    while r < 24 {
        let mut j = 0;
        while j < 7 {
            if register & 1 == 1 {
                all[r] |= 1 << ((1 << j) - 1);
            }
            // x^8 + x^6 + x^5 + x^4 + 1
            register <<= 1;
            if register & 0x100 != 0 {
                register ^= 0x171;
            }
            j += 1;
        }
        r += 1;
    }
    all
}

/// Round 0 of Keccak: words 0 to 3 are the digest, 4 and 16 the padding, all others zero. So column sums
/// are the words themselves, and the two bits of padding cancel in the first parity.
fn first_round(out: &mut Statements, logic: Logic) -> Words {
    for i in 0..4 {
        let (low, high) = (
            swap(&format!("d{}", 2 * i)),
            swap(&format!("d{}", 2 * i + 1)),
        );
        out.bind(format!("m{i}"), format_args!("vec2<u32>({low}, {high})"));
    }
    let parities = [
        rotl("m1", 1),
        format!("m0 ^ {}", rotl("m2", 1)),
        format!("m1 ^ vec2<u32>(0u, 0x80000000u) ^ {}", rotl("m3", 1)),
        "m2 ^ vec2<u32>(2u, 0u)".to_owned(),
        format!("m3 ^ {}", rotl("m0", 1)),
    ];
    let parities: Vec<_> = parities
        .into_iter()
        .enumerate()
        .map(|(x, parity)| out.bind(format!("p{x}_0"), parity))
        .collect();
    let after_theta = |i: usize| match i {
        0..4 => format!("(m{i} ^ p{i}_0)"),
        4 => "(vec2<u32>(1u, 0u) ^ p4_0)".to_owned(),
        16 => "(vec2<u32>(0u, 0x80000000u) ^ p1_0)".to_owned(),
        _ => parities[i % 5].clone(),
    };
    after_parities(out, logic, after_theta, &constant(0), "_0")
}

/// Rounds 1 to 22 of Keccak as a loop over variables.
fn loop_of_rounds(out: &mut Statements, logic: Logic, words: Words) -> Words {
    let state: Words = core::array::from_fn(|i| format!("v{i}"));
    for (name, word) in state.iter().zip(words) {
        out.line(format_args!("var {name} = {word};"));
    }
    out.block("for (var r = 1u; r < 23u; r++)", |out| {
        let next = round_with(out, logic, state.clone(), "search.keccak[r].xy", "_r");
        for (name, word) in state.iter().zip(next) {
            out.line(format_args!("{name} = {word};"));
        }
    });
    state
}

/// Round `r` of Keccak, flat.
fn round(out: &mut Statements, logic: Logic, words: Words, r: usize, suffix: &str) -> Words {
    round_with(out, logic, words, &constant(r), suffix)
}

/// A full round of Keccak. `suffix` keeps the names of the rounds apart.
fn round_with(
    out: &mut Statements,
    logic: Logic,
    words: Words,
    constant: &str,
    suffix: &str,
) -> Words {
    let parities = parities(out, logic, &words, suffix);
    let after_theta = |i: usize| format!("({} ^ {})", words[i], parities[i % 5]);
    after_parities(out, logic, after_theta, constant, suffix)
}

/// What theta adds to each column: a name, or the two terms if the processor adds three at once.
fn parities(out: &mut Statements, logic: Logic, words: &Words, suffix: &str) -> [String; 5] {
    let sums: [String; 5] = core::array::from_fn(|x| {
        let column: Vec<_> = words
            .iter()
            .skip(x)
            .step_by(5)
            .map(String::as_str)
            .collect();
        out.bind(format!("c{x}{suffix}"), column.join(" ^ "))
    });
    let rotated: [String; 5] =
        core::array::from_fn(|x| out.bind(format!("o{x}{suffix}"), rotl(&sums[x], 1)));
    core::array::from_fn(|x| {
        let both = format!("{} ^ {}", sums[(x + 4) % 5], rotated[(x + 1) % 5]);
        match logic {
            Logic::ThreeInput => both,
            Logic::TwoInput => out.bind(format!("p{x}{suffix}"), both),
        }
    })
}

/// Rho, pi, chi and iota of the words that `after_theta` gives.
fn after_parities(
    out: &mut Statements,
    logic: Logic,
    after_theta: impl Fn(usize) -> String,
    constant: &str,
    suffix: &str,
) -> Words {
    let moved: Words = core::array::from_fn(|i| {
        let (source, bits) = SOURCES[i];
        let summed = out.bind(format!("b{i}{suffix}"), after_theta(source));
        if bits == 0 {
            summed
        } else {
            out.bind(format!("f{i}{suffix}"), rotl(&summed, bits))
        }
    });
    core::array::from_fn(|i| {
        let row = i / 5 * 5;
        let next = &moved[row + (i + 1) % 5];
        let after = &moved[row + (i + 2) % 5];
        let iota = if i == 0 {
            format!(" ^ {constant}")
        } else {
            String::new()
        };
        let chi = match logic {
            // Without a complement, which not every compiler merges into the instruction.
            Logic::ThreeInput => format!("{} ^ {after} ^ ({next} & {after}){iota}", moved[i]),
            Logic::TwoInput => format!("{} ^ (~{next} & {after}){iota}", moved[i]),
        };
        out.bind(format!("n{i}{suffix}"), chi)
    })
}

/// Round 23 of Keccak, which needs one word of 32 bits: the low half of word 0, byte-reversed, or the
/// high half of word 3. In v1 it is the latter; in legacy all invocations take the same branch.
fn last_round(out: &mut Statements, words: &Words, kernel: Kernel) {
    let parities = parities(out, Logic::ThreeInput, words, "_23");
    let theta = |i: usize| format!("({} ^ {})", words[i], parities[i % 5]);
    let word_7 = |out: &mut Statements| {
        let fourth = out.bind("y18", theta(18));
        let fifth = out.bind("y24", theta(24));
        let first = theta(0);
        let (fourth, fifth) = (rotl(&fourth, 21), rotl(&fifth, 14));
        format!("({fourth} ^ (~{fifth} & {first})).y")
    };
    if kernel == Kernel::Spans {
        let word = word_7(out);
        out.bind("word", word);
        return;
    }
    out.line("var word: u32;");
    out.block("if search.job[12].x == 0u", |out| {
        let first = theta(0);
        let second = out.bind("y6", theta(6));
        let third = out.bind("y12", theta(12));
        let chi = format!(
            "({first} ^ (~{} & {}) ^ {}).x",
            rotl(&second, 44),
            rotl(&third, 43),
            constant(23)
        );
        let low = out.bind("low", chi);
        out.line(format_args!("word = {};", swap(&low)));
    });
    out.block("else", |out| {
        let word = word_7(out);
        out.line(format_args!("word = {word};"));
    });
}

/// A round constant as a literal.
fn constant(r: usize) -> String {
    let constant = CONSTANTS[r];
    format!(
        "vec2<u32>({:#x}u, {:#x}u)",
        constant & 0xffff_ffff,
        constant >> 32
    )
}

/// A 64-bit rotation to the left by 1 to 63 bits, but not 32. Above 32 the halves change places.
fn rotl(word: &str, bits: u32) -> String {
    let (same, other, bits) = if bits < 32 {
        ("", ".yx", bits)
    } else {
        (".yx", "", bits - 32)
    };
    let left = 32 - bits;
    format!("(({word}{same} << vec2<u32>({bits}u)) | ({word}{other} >> vec2<u32>({left}u)))")
}

/// The bytes of a word in reverse: two rotations, each of which is right for two bytes.
fn swap(word: &str) -> String {
    format!(
        "((({word} << 8u) | ({word} >> 24u)) & 0x00ff00ffu) | ((({word} >> 8u) | ({word} << 24u)) & 0xff00ff00u)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_round_constants_match_the_standard() {
        assert_eq!(CONSTANTS[0], 1);
        assert_eq!(CONSTANTS[1], 0x8082);
        assert_eq!(CONSTANTS[5], 0x8000_0001);
        assert_eq!(CONSTANTS[23], 0x8000_0000_8000_8008);
    }

    /// Rho and pi by their definition: the steps of §1.2 from one word to the next.
    #[test]
    fn the_sources_are_rho_and_pi() {
        let (mut x, mut y) = (1, 0);
        for t in 0..24 {
            let bits = (t + 1) * (t + 2) / 2 % 64;
            let source = x + 5 * y;
            (x, y) = (y, (2 * x + 3 * y) % 5);
            let bits = u32::try_from(bits).expect("less than 64");
            assert_eq!(SOURCES[x + 5 * y], (source, bits));
        }
        assert_eq!(SOURCES[0], (0, 0));
    }
}
