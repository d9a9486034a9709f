//! How the program ends: the errors of its parts, and the exit code of each.
//!
//! `devices`, `rig`, `chain`, `registration` and `wallet` have errors of their own and do not know this
//! module. Only here do those become the failure of a command.

use core::net::SocketAddr;
use std::{io, process::ExitCode, sync::Arc};

use btpow_fleet::Id;
use btpow_registration::{
    Denial, Obstacle, Refusal,
    session::{Limit, Setback},
};
use thiserror::Error;

use crate::{
    chain::ChainError,
    cli::Usage,
    devices::{DevicesError, NotKept},
    fleet::LinkError,
    output::OutputError,
    registration::{driver::DriverError, words},
    rig::RigError,
    signals::{Signal, SignalsError},
    wallet::WalletError,
};

/// How a command ended; each has its documented exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// 0: done.
    Success,
    /// 1: an error, or a proof that does not win.
    Failure,
    /// 2: the command line or a variable is wrong.
    Usage,
    /// 3: no endpoint of the chain answers.
    Unreachable,
    /// 4: the chain takes no proof of work here, or is not the expected one.
    Refused,
    /// 5: a limit of time or attempts was reached.
    Limit,
    /// 6: somebody else has the key or the place, or leads the fleet.
    Lost,
    /// 7: no working device is left, one missed a known answer, or one was dropped that must not be.
    Device,
    /// 129, 130 or 143: stopped by a signal.
    Interrupted(Signal),
}

/// Why a command failed. Messages are one line, without a full stop.
#[derive(Debug, Error)]
pub enum Failure {
    /// The user must act: the command line or a variable is wrong.
    #[error(transparent)]
    Usage(#[from] Usage),

    /// The user must act: the bench was too short.
    #[error(
        "the bench ended before the first known hit, so it proves nothing; give it more --seconds"
    )]
    BenchTooShort,

    /// Check the chain: it does not answer, or answers wrongly.
    #[error("{0}")]
    Chain(Arc<ChainError>),

    /// The chain takes no proof.
    #[error("{}", words::denial(.0))]
    Denied(Denial),

    /// The runtime takes no proof, and nothing was sent to it.
    #[error("{0}; nothing was sent")]
    Unsent(Refusal),

    /// Check the wallet.
    #[error(transparent)]
    Wallet(#[from] WalletError),

    /// Nothing came of it, and the user allows no more attempts.
    #[error("{}", words::exhausted(*limit, last.as_ref()))]
    Exhausted {
        /// The limit that was reached.
        limit: Limit,
        /// What happened to the last submission, if it is known.
        last: Option<Setback>,
    },

    /// The time was up before a search could begin.
    #[error("time ran out before the search began; nothing was signed or sent")]
    Late,

    /// Check the wallet: somebody is changing it.
    #[error("the wallet's files have changed since its public keys were read; nothing was signed")]
    Changed,

    /// The user said no.
    #[error("nothing was signed or sent")]
    Declined,

    /// Check the server of the fleet, or the credentials for it.
    #[error(transparent)]
    Link(#[from] LinkError),

    /// Check who leads the fleet.
    #[error(
        "--fleet: coordinator {} leads the fleet {fleet} already; add --standby to take over when it ends, or name \
         another fleet: {server}/NAME",
        leader.short()
    )]
    Led {
        /// Who does.
        leader: Id,
        /// The fleet.
        fleet: String,
        /// The server.
        server: String,
    },

    /// The coordinator of the fleet failed, and nothing could go on without it.
    #[error("the fleet's coordinator failed; start again")]
    Coordinator,

    /// Check the devices, or the names that the user gave.
    #[error(transparent)]
    Devices(#[from] DevicesError),

    /// Check the devices: they were dropped, or there are no threads for them.
    #[error(transparent)]
    Rig(#[from] RigError),

    /// Check the devices: there is no card.
    #[error("there is no card to tune; {0}")]
    NothingToTune(String),

    /// Check the user's cache folder: the result of a tuning cannot be kept there.
    #[error("the tuning of {name} is not remembered: {error}")]
    NotRemembered {
        /// The device.
        name: String,
        /// Why.
        error: NotKept,
    },

    /// Check the devices: they did not report all hits of a known run.
    #[error("the devices missed {missed} of {expected} known hits; do not mine with them")]
    MissedHits {
        /// Known hits that were not reported.
        missed: usize,
        /// Known hits in the finished rounds.
        expected: usize,
    },

    /// Check the system: it provides no timer or no event queue.
    #[error("cannot wait for the network: {0}")]
    Waiting(#[source] io::Error),

    /// Check the terminal: it cannot be drawn on.
    #[error("cannot draw on the terminal: {0}")]
    Screen(#[source] io::Error),

    /// Check the search: it does not answer.
    #[error("no search answers at {address}: {why}; give one --api {address}")]
    Unanswered {
        /// Where it was asked.
        address: SocketAddr,
        /// What happened.
        why: String,
    },

    /// Check the system: it provides no signals.
    #[error(transparent)]
    Signals(#[from] SignalsError),

    /// Check the system: it has no randomness.
    #[error("the system gives no random numbers: {0}")]
    Randomness(#[source] getrandom::Error),

    /// Check whatever reads standard output.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// For a denial before anything was sent.
impl From<Denial> for Failure {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::Runtime(refused) => Self::Unsent(refused),
            denial => Self::Denied(denial),
        }
    }
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        Self::Chain(Arc::new(error))
    }
}

impl From<DriverError> for Failure {
    fn from(error: DriverError) -> Self {
        match error {
            DriverError::Chain(error) => Self::Chain(error),
            DriverError::Rig(error) => error.into(),
            DriverError::Output(error) => error.into(),
            DriverError::Fleet => Self::Coordinator,
        }
    }
}

impl Failure {
    /// The exit that goes with it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Denied(denial) => denial.into(),
            Self::Unsent(_) => Exit::Refused,
            Self::Exhausted { .. } | Self::Late => Exit::Limit,
            Self::Chain(error) => match **error {
                ChainError::Unreachable { .. }
                | ChainError::Busy { .. }
                | ChainError::Behind { .. }
                | ChainError::Silent { .. }
                | ChainError::TooFast { .. }
                | ChainError::Connection { .. } => Exit::Unreachable,
                ChainError::WrongGenesis { .. }
                | ChainError::Redirected { .. }
                | ChainError::Malformed { .. }
                | ChainError::Missing(_) => Exit::Refused,
                ChainError::Refused { .. } => Exit::Failure,
            },
            Self::Link(_) => Exit::Unreachable,
            Self::Led { .. } => Exit::Lost,
            Self::Devices(DevicesError::Unknown { .. }) => Exit::Usage,
            Self::Devices(DevicesError::Open { .. })
            | Self::Rig(RigError::NoDeviceLeft { .. } | RigError::Dropped { .. })
            | Self::MissedHits { .. }
            | Self::NothingToTune(_) => Exit::Device,
            Self::BenchTooShort
            | Self::Changed
            | Self::Coordinator
            | Self::Declined
            | Self::NotRemembered { .. }
            | Self::Output(_)
            | Self::Randomness(_)
            | Self::Rig(RigError::Thread(_))
            | Self::Screen(_)
            | Self::Signals(_)
            | Self::Unanswered { .. }
            | Self::Waiting(_)
            | Self::Wallet(_) => Exit::Failure,
        }
    }
}

/// The reason decides the exit: somebody else has the key or the place, or the chain takes no proofs.
impl From<&Denial> for Exit {
    fn from(denial: &Denial) -> Self {
        match denial {
            Denial::Standing(
                Obstacle::RegisteredByOther { .. }
                | Obstacle::OwnedByOther { .. }
                | Obstacle::SwapDestination
                | Obstacle::Full { .. },
            ) => Self::Lost,
            Denial::Upgraded { .. } => Self::Failure,
            _ => Self::Refused,
        }
    }
}

impl Exit {
    /// The number that the shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::Refused => 4,
            Self::Limit => 5,
            Self::Lost => 6,
            Self::Device => 7,
            Self::Interrupted(Signal::HangUp) => 128 + 1,
            Self::Interrupted(Signal::Interrupt) => 128 + 2,
            Self::Interrupted(Signal::Terminate) => 128 + 15,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use btpow_core::{Fault, PublicKey};
    use btpow_registration::DispatchRefusal;

    use super::*;
    use crate::devices::backend::CannotOpen;

    #[test]
    fn codes_are_the_documented_ones() {
        for (exit, code) in [
            (Exit::Success, 0),
            (Exit::Failure, 1),
            (Exit::Usage, 2),
            (Exit::Unreachable, 3),
            (Exit::Refused, 4),
            (Exit::Limit, 5),
            (Exit::Lost, 6),
            (Exit::Device, 7),
            (Exit::Interrupted(Signal::HangUp), 129),
            (Exit::Interrupted(Signal::Interrupt), 130),
            (Exit::Interrupted(Signal::Terminate), 143),
        ] {
            assert_eq!(exit.code(), code);
        }
    }

    #[test]
    fn devices_that_fail_have_their_own_code() {
        let name = || "cpu:0".to_owned();
        let left = |fault| {
            Failure::from(RigError::NoDeviceLeft {
                name: name(),
                fault,
            })
        };
        let (missed, wrong, nonce) = (1, 0, 2);
        let self_test = left(Fault::SelfTest { missed, wrong });
        assert_eq!(self_test.exit(), Exit::Device);
        assert_eq!(left(Fault::WrongSeal { nonce }).exit(), Exit::Device);
        let dropped = RigError::Dropped {
            name: name(),
            fault: Fault::Panicked,
        };
        assert_eq!(Failure::from(dropped).exit(), Exit::Device);
        let closed = DevicesError::Open {
            name: "cuda:0".to_owned(),
            error: CannotOpen::new("its memory is full"),
        };
        assert_eq!(Failure::from(closed).exit(), Exit::Device);
        let unknown = DevicesError::Unknown {
            selector: "gpu".to_owned(),
            why: None,
            names: vec![name()],
        };
        assert_eq!(Failure::from(unknown).exit(), Exit::Usage);
        let thread = RigError::Thread(io::ErrorKind::WouldBlock.into());
        assert_eq!(Failure::from(thread).exit(), Exit::Failure);
        let missed_hits = Failure::MissedHits {
            missed: 1,
            expected: 30,
        };
        assert_eq!(missed_hits.exit(), Exit::Device);
        assert_eq!(Failure::BenchTooShort.exit(), Exit::Failure);
        assert_eq!(
            Failure::from(Usage::from_message("wrong")).exit(),
            Exit::Usage
        );
    }

    #[test]
    fn losing_to_somebody_else_has_its_own_code() {
        let (netuid, signer) = (1, PublicKey([1; 32]));
        let reason = || "BadOrigin".to_owned();
        for (denial, exit) in [
            (Obstacle::NoSubnet { netuid }.into(), Exit::Refused),
            (Obstacle::OwnedByOther { owner: signer }.into(), Exit::Lost),
            (Obstacle::Full { netuid }.into(), Exit::Lost),
            (Obstacle::SwapDestination.into(), Exit::Lost),
            (Obstacle::CannotPay { signer }.into(), Exit::Refused),
            (Obstacle::SwapAnnounced { signer }.into(), Exit::Refused),
            (
                Denial::Chain(DispatchRefusal::plain(reason())),
                Exit::Refused,
            ),
        ] {
            assert_eq!(Exit::from(&denial), exit, "{denial:?}");
        }
    }
}
