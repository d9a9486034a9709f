//! A submission on its way into a block.

use super::Submission;
use crate::{Place, PoolRefusal, submission::Outcome};

/// What was signed, and how far it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flight {
    pub(super) submission: Submission,
    pub(super) stage: Stage,
    /// What the signer had before, in rao.
    pub(super) free: u64,
    /// The block that holds it, and what it did there.
    pub(super) included: Option<(Place, Outcome)>,
    /// The pool has it, or a block does.
    pub(super) taken: bool,
    /// These bytes were sent before, so a block may hold them already.
    pub(super) again: bool,
}

/// Who tells what becomes of a submission.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    /// It is not sent: it waits for a block with room.
    Ready,
    /// The node that has it.
    Watched,
    /// Nobody any more. The next block shows whether to send it again.
    Lost,
    /// Nobody, but the pool has it. Blocks show whether it is taken.
    Pooled,
    /// Nobody: the pool has another one with its nonce, or no room. Unless a block takes that one, this one is sent
    /// again.
    Occupied,
    /// The pool refused it with a code that does not say why. The next block may explain.
    Refused(PoolRefusal),
}
