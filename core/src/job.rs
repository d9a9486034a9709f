//! The constants that a kernel needs to search one span.

use sha2::block_api::compress256;

use crate::{Challenge, Order, Protocol, Span, Target, challenge::Message};

/// The round constants of SHA-256 (FIPS 180-4 §4.2.2).
#[rustfmt::skip]
pub const K: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// The chaining value before the first block (FIPS 180-4 §5.3.3).
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// How many expanded message words have a part that is constant in a span: W16 to W37.
pub const SCHEDULE_LEN: usize = 22;

/// What a kernel needs to search one span: 50 words of 32 bits, the same for every device.
///
/// In a span only the first word of the last SHA-256 block varies: `w0 = w0_base + index ×
/// w0_step`, modulo 2^32. Everything that follows from the other fifteen words is computed here, once.
#[repr(C)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Job {
    /// The chaining value that enters the last block.
    pub chaining: [u32; 8],
    /// `w0` at index 0.
    pub w0_base: u32,
    /// What one index adds to `w0`.
    pub w0_step: u32,
    /// `K[t] + W[t]` of rounds 1 to 15 of SHA-256; entry 0 is `K[0]`, since `w0` varies.
    pub round_constants: [u32; 16],
    /// The part of `W[t]` that does not depend on `w0`, for t = 16 to 37. For 17, 19 and 21 that is
    /// all of `W[t]`; from 38 on the constant part is not worth keeping.
    pub schedule: [u32; SCHEDULE_LEN],
    /// Which word of the seal to compare with the threshold: 0 (bytes 0-3, big-endian) or 7 (bytes
    /// 28-31, little-endian).
    pub tested_word: u32,
    /// An index whose tested word is at or below this is a candidate.
    pub threshold: u32,
}

impl Job {
    /// The first message word at an index.
    pub(crate) const fn w0(&self, index: u32) -> u32 {
        self.w0_base.wrapping_add(index.wrapping_mul(self.w0_step))
    }

    /// The largest top word of a candidate: two words of the seal, of which the threshold is the upper.
    pub(crate) const fn limit(&self) -> u64 {
        (self.threshold as u64) << 32 | 0xffff_ffff
    }
}

/// Makes the [`Job`] for any span of one challenge, and does once what all spans share.
#[derive(Clone, Copy, Debug)]
pub struct Jobs {
    protocol: Protocol,
    threshold: u32,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// `message`: words 1 to 15 of the only block, with 0 for word 1, which holds the span.
    Legacy { message: [u32; 16] },
    /// The chaining value after block 1, and block 2 with 0 for the five bytes that hold the span.
    V1 {
        midstate: [u32; 8],
        block_2: [u8; 64],
    },
}

impl Jobs {
    /// Prepares the search for seals of `challenge` at or below `target`.
    pub fn new(challenge: &Challenge, target: &Target) -> Self {
        let kind = match &challenge.message {
            Message::Legacy { digest, .. } => {
                let mut message = [0; 16];
                for (word, bytes) in message[2..10].iter_mut().zip(digest.chunks_exact(4)) {
                    *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                }
                message[10] = 0x8000_0000;
                message[15] = 40 * 8;
                Kind::Legacy { message }
            }
            Message::V1 { prefix } => {
                let (block_1, rest) = prefix.split_at(64);
                let mut block = [0; 64];
                block.copy_from_slice(block_1);
                let mut midstate = INITIAL;
                compress256(&mut midstate, &[block]);
                block = [0; 64];
                block[..rest.len()].copy_from_slice(rest);
                Kind::V1 {
                    midstate,
                    block_2: block,
                }
            }
        };
        Self {
            protocol: challenge.protocol(),
            threshold: target.threshold(),
            kind,
        }
    }

    /// How many words [`to_words`](Self::to_words) writes.
    pub const WORDS: usize = 2 + 24;

    /// These jobs as words, for a device in another thread or another WebAssembly module.
    pub fn to_words(&self) -> [u32; Self::WORDS] {
        let mut words = [0; Self::WORDS];
        let [tag, threshold, rest @ ..] = &mut words;
        *tag = match self.protocol {
            Protocol::V1 => 0,
            Protocol::Legacy(Order::Big) => 1,
            Protocol::Legacy(Order::Little) => 2,
        };
        *threshold = self.threshold;
        match &self.kind {
            Kind::Legacy { message } => rest[..16].copy_from_slice(message),
            Kind::V1 { midstate, block_2 } => {
                rest[..8].copy_from_slice(midstate);
                for (word, bytes) in rest[8..].iter_mut().zip(block_2.chunks_exact(4)) {
                    *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                }
            }
        }
        words
    }

    /// The jobs that [`to_words`](Self::to_words) wrote; `None` for words that it does not write.
    pub fn from_words(words: &[u32; Self::WORDS]) -> Option<Self> {
        let [tag, threshold, rest @ ..] = words;
        let protocol = match tag {
            0 => Protocol::V1,
            1 => Protocol::Legacy(Order::Big),
            2 => Protocol::Legacy(Order::Little),
            _ => return None,
        };
        let kind = match protocol {
            Protocol::Legacy(_) => {
                let mut message = [0; 16];
                message.copy_from_slice(&rest[..16]);
                Kind::Legacy { message }
            }
            Protocol::V1 => {
                let mut midstate = [0; 8];
                midstate.copy_from_slice(&rest[..8]);
                let mut block_2 = [0; 64];
                for (bytes, word) in block_2.chunks_exact_mut(4).zip(&rest[8..]) {
                    bytes.copy_from_slice(&word.to_be_bytes());
                }
                Kind::V1 { midstate, block_2 }
            }
        };
        Some(Self {
            protocol,
            threshold: *threshold,
            kind,
        })
    }

    /// The protocol of the challenge.
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The job of one span.
    pub fn at(&self, span: Span) -> Job {
        let mut message = [0; 16];
        let (w0_base, w0_step) = match &self.kind {
            Kind::Legacy { message: words } => {
                message = *words;
                let [.., a, b, c, d] = span.number().to_be_bytes();
                message[1] = u32::from_le_bytes([a, b, c, d]);
                (0, 1)
            }
            Kind::V1 { .. } => {
                message[15] = 131 * 8;
                // The padding bit follows the three nonce bytes.
                (0x80, 0x100)
            }
        };
        let tested_word = match self.protocol.order() {
            Order::Big => 0,
            Order::Little => 7,
        };
        Job {
            chaining: self.chaining(span),
            w0_base,
            w0_step,
            round_constants: core::array::from_fn(|t| K[t].wrapping_add(message[t])),
            schedule: constant_schedule(&message),
            tested_word,
            threshold: self.threshold,
        }
    }

    /// The chaining value of a span. In v1 the jobs of two spans differ in nothing else, so a device may
    /// take one job and a table of these.
    pub fn chaining(&self, span: Span) -> [u32; 8] {
        match &self.kind {
            Kind::Legacy { .. } => INITIAL,
            Kind::V1 { midstate, block_2 } => {
                let mut block = *block_2;
                block[59..].copy_from_slice(&span.number().to_le_bytes()[..5]);
                let mut chaining = *midstate;
                compress256(&mut chaining, &[block]);
                chaining
            }
        }
    }
}

/// `W16..W37` without the terms that depend on `w0`; `message[0]` is 0.
fn constant_schedule(message: &[u32; 16]) -> [u32; SCHEDULE_LEN] {
    /// The words besides 1 to 15 that are wholly constant.
    const CONSTANT: [usize; 3] = [17, 19, 21];
    let mut schedule = [0_u32; SCHEDULE_LEN];
    for t in 16..16 + SCHEDULE_LEN {
        let word = |t: usize| match t {
            0 => None,
            1..=15 => Some(message[t]),
            _ => CONSTANT.contains(&t).then(|| schedule[t - 16]),
        };
        let terms = [
            word(t - 2).map(small_sigma1),
            word(t - 7),
            word(t - 15).map(small_sigma0),
            word(t - 16),
        ];
        let sum = terms.into_iter().flatten().fold(0, u32::wrapping_add);
        schedule[t - 16] = sum;
    }
    schedule
}

const fn small_sigma0(x: u32) -> u32 {
    x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3)
}

const fn small_sigma1(x: u32) -> u32 {
    x.rotate_right(17) ^ x.rotate_right(19) ^ (x >> 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Difficulty;

    #[test]
    fn a_job_is_fifty_words() {
        assert_eq!(size_of::<Job>(), 50 * 4);
    }

    #[test]
    fn jobs_survive_the_way_to_another_thread() {
        let target = Difficulty::new(10).expect("not zero").target();
        let span = |protocol| Span::new(0x1234_5678, protocol);
        for challenge in [
            Challenge::v1(7, [1; 32], [2; 32], [3; 32]).expect("netuid 7"),
            Challenge::legacy(Order::Big, [1; 32], [2; 32]),
            Challenge::legacy(Order::Little, [1; 32], [2; 32]),
        ] {
            let jobs = Jobs::new(&challenge, &target);
            let mut words = jobs.to_words();
            let again = Jobs::from_words(&words).expect("they are its own");
            assert_eq!(again.protocol(), challenge.protocol());
            let span = span(challenge.protocol());
            assert_eq!(again.at(span), jobs.at(span));
            words[0] = 3;
            assert!(Jobs::from_words(&words).is_none());
        }
    }

    /// Devices that search many v1 spans with one job and a table rely on this.
    #[test]
    fn v1_jobs_differ_only_in_their_chaining_value() {
        let challenge = Challenge::v1(7, [1; 32], [2; 32], [3; 32]).expect("netuid 7");
        let jobs = Jobs::new(&challenge, &Difficulty::new(10).expect("not zero").target());
        let (one, two) = (
            Span::new(1, Protocol::V1),
            Span::new(0xff_ffff_ffff, Protocol::V1),
        );
        assert_ne!(jobs.chaining(one), jobs.chaining(two));
        assert_eq!(
            Job {
                chaining: jobs.chaining(two),
                ..jobs.at(one)
            },
            jobs.at(two)
        );
    }
}
