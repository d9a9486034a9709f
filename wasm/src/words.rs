//! Reasons as numbers: JavaScript has the words, which are those of the core's `Display`.
//!
//! Formatting text would be an eighth of the module. A reason crosses as the place of its sentence
//! in `web/src/words.ts` and what fills the gaps of that; a test here compares each with what the core says.

use btpow_core::{DeviceError, Fault, KeyError};

/// A sentence and what is in its gaps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Told {
    /// The place of the sentence in the list.
    pub sentence: u8,
    /// Instead of `{0}` and `{1}`.
    pub numbers: [u64; 2],
}

impl Told {
    const fn plain(sentence: u8) -> Self {
        Self::numbers(sentence, 0, 0)
    }

    const fn numbers(sentence: u8, first: u64, second: u64) -> Self {
        Self {
            sentence,
            numbers: [first, second],
        }
    }
}

/// For a reason that the core learnt after this list was written.
const UNKNOWN: Told = Told::plain(0);

impl From<&KeyError> for Told {
    fn from(error: &KeyError) -> Self {
        match *error {
            KeyError::BadCharacter => Self::plain(1),
            KeyError::Checksum => Self::plain(2),
            KeyError::Length => Self::plain(3),
            KeyError::NotHex => Self::plain(4),
            KeyError::Network(network) => Self::numbers(5, network.into(), 0),
            KeyError::HexLength(digits) if digits % 2 == 0 => {
                Self::numbers(6, digits as u64, digits as u64 / 2)
            }
            KeyError::HexLength(digits) => Self::numbers(7, digits as u64, 0),
            _ => UNKNOWN,
        }
    }
}

impl From<&Fault> for Told {
    fn from(fault: &Fault) -> Self {
        match *fault {
            Fault::Device(DeviceError::Busy) => Self::plain(8),
            // The only number with a sign, which is in the sentence.
            Fault::Device(DeviceError::Lost { code }) => {
                let sentence = if code < 0 { 10 } else { 9 };
                Self::numbers(sentence, code.unsigned_abs().into(), 0)
            }
            Fault::Device(DeviceError::NotLoaded) => Self::plain(11),
            Fault::Panicked => Self::plain(12),
            Fault::SelfTest { missed, wrong } => Self::numbers(13, missed, wrong),
            Fault::OutsideRound { nonce } => Self::numbers(14, nonce, 0),
            Fault::WrongSeal { nonce } => Self::numbers(15, nonce, 0),
            _ => UNKNOWN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sentences, one in a line.
    fn sentences() -> Vec<&'static str> {
        include_str!("../../web/src/words.ts")
            .lines()
            .filter(|line| line.starts_with("  '") || line.starts_with("  \""))
            .map(|line| &line[3..line.len() - 2])
            .collect()
    }

    fn in_words(told: &Told) -> String {
        let [first, second] = told.numbers.map(|number| number.to_string());
        sentences()[usize::from(told.sentence)]
            .replace("{0}", &first)
            .replace("{1}", &second)
    }

    #[test]
    fn javascript_says_what_the_core_says() {
        let nonce = u64::MAX;
        let mut said: Vec<(Told, String)> = Vec::new();
        for error in [
            KeyError::BadCharacter,
            KeyError::Checksum,
            KeyError::Length,
            KeyError::NotHex,
            KeyError::Network(3),
            KeyError::HexLength(62),
            KeyError::HexLength(63),
        ] {
            said.push(((&error).into(), error.to_string()));
        }
        for fault in [
            Fault::Device(DeviceError::Busy),
            Fault::Device(DeviceError::Lost { code: 5 }),
            Fault::Device(DeviceError::Lost { code: i32::MIN }),
            Fault::Device(DeviceError::NotLoaded),
            Fault::Panicked,
            Fault::SelfTest {
                missed: 29,
                wrong: 2,
            },
            Fault::OutsideRound { nonce },
            Fault::WrongSeal { nonce },
        ] {
            said.push(((&fault).into(), fault.to_string()));
        }
        for (place, (told, display)) in said.iter().enumerate() {
            assert_eq!(usize::from(told.sentence), place + 1, "{display}");
            assert_eq!(in_words(told), *display);
        }
        assert_eq!(sentences().len(), said.len() + 1, "a sentence without use");
    }
}
