//! Why a device gets no more work.

use core::{error::Error, fmt};

use crate::DeviceError;

/// Why a device was dropped: it gets no more work. Messages finish "cpu:0 was dropped: …".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// The device itself reported a failure.
    Device(DeviceError),
    /// The code that drives it panicked.
    Panicked,
    /// It did not report the self-test's known answers.
    SelfTest {
        /// Answers that it did not report.
        missed: u64,
        /// Reports that are not answers.
        wrong: u64,
    },
    /// It reported a nonce outside its own round.
    OutsideRound {
        /// The nonce.
        nonce: u64,
    },
    /// It reported a nonce whose tested word, recomputed, is above the threshold.
    WrongSeal {
        /// The nonce.
        nonce: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(error) => error.fmt(f),
            Self::Panicked => f.write_str("the code that drives it panicked, a bug in btpow"),
            Self::SelfTest { missed, wrong } => write!(
                f,
                "its self-test missed {missed} of the known answers and gave {wrong} wrong ones"
            ),
            Self::OutsideRound { nonce } => {
                write!(f, "it reported nonce {nonce}, which it was not given")
            }
            Self::WrongSeal { nonce } => {
                write!(
                    f,
                    "it reported nonce {nonce}, whose seal is not what it claims"
                )
            }
        }
    }
}

impl Error for Fault {}
