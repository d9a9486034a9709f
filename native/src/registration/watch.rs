//! Whether the chain is in sight, and whether a proof could still count: power is not spent for nothing.

use core::{fmt, time::Duration};
use std::time::Instant;

use btpow_registration::session::{self, Pause};

use super::words;
use crate::{
    chain::follow::Block,
    fleet::rig::{Idle, Part},
    pauses::Reason,
};

/// What is known of the chain at the moment.
#[derive(Debug)]
pub(super) struct Watch {
    /// For how many blocks after its own a proof counts.
    window: u32,
    /// When the last block was reported, and for how long mining goes on without another.
    last: Option<(Instant, Duration)>,
    /// Whether the chain may make blocks on demand, and so take any time for one.
    on_demand: bool,
    offline: bool,
    paused: bool,
}

/// What is seen of the chain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sight {
    /// The endpoint that reported the last block.
    pub endpoint: String,
    /// Whether there is a connection.
    pub is_connected: bool,
    /// When the last block was reported.
    pub seen: Instant,
    /// When a proof counts no longer, unless there is a block before; none where that never happens.
    pub expiry: Option<Instant>,
}

/// What else goes on while a search is shown. As text it follows a semicolon.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
    /// No endpoint is connected.
    Offline,
    /// The last block is so old that a proof for it may count no longer.
    Silent,
    /// The user's patience says to wait.
    Waiting(Pause),
    /// Another coordinator of the fleet leads, and signs with the same account.
    StandsBy,
    /// Every device pauses, the first of them for this reason.
    Resting(Reason),
    /// A proof waits for a block with room.
    Held,
    /// A submission waits for a block.
    Submitted,
    /// A registration waits until its block is final.
    Included,
    /// A rig of a fleet hashes its part.
    Part(Part),
    /// A rig of a fleet hashes nothing.
    Idle(Idle),
}

impl Watch {
    /// Nothing is known yet. A proof counts for `window` blocks after its own.
    pub(super) fn new(window: u64) -> Self {
        Self {
            window: window.try_into().unwrap_or(u32::MAX),
            last: None,
            on_demand: false,
            offline: false,
            paused: false,
        }
    }

    /// There is a block. The session goes on with the block itself.
    pub(super) fn block(&mut self, block: &Block) {
        self.last = Some((block.seen, self.patience(block.block_time, block.silence)));
        self.on_demand = block.connection.is_of_development();
        self.offline = false;
        self.paused = false;
    }

    /// The connection is lost.
    pub(super) fn lost(&mut self) {
        self.offline = true;
    }

    /// There is a connection again. Returns whether the search must be resumed: where blocks are made on demand, the last
    /// one may still be the newest.
    pub(super) fn connected(&mut self, on_demand: bool) -> bool {
        self.offline = false;
        self.on_demand = on_demand;
        on_demand && core::mem::take(&mut self.paused)
    }

    /// For how long a proof is worth its power, where the chain takes `block_time` for a block and a node is suspected
    /// after `silence`. Blocks end a proof, not time, and they are late now and then: only once the node is suspected,
    /// the blocks that it may have kept back count against the proof.
    fn patience(&self, block_time: Duration, silence: Duration) -> Duration {
        silence.saturating_add(block_time.saturating_mul(self.window))
    }

    /// When a proof may count no longer, unless there is a block before; none where that never happens.
    pub(super) fn expiry(&self) -> Option<Instant> {
        self.end().filter(|_| !self.paused)
    }

    /// The same, also once it is over.
    fn end(&self) -> Option<Instant> {
        let (seen, patience) = self.last?;
        let endless = self.on_demand && !self.offline;
        (!endless).then(|| seen + patience)
    }

    /// What is seen of the chain, whose last block `endpoint` reported; none before the first block.
    pub(super) fn sight(&self, endpoint: String) -> Option<Sight> {
        let (seen, _) = self.last?;
        Some(Sight {
            endpoint,
            is_connected: !self.offline,
            seen,
            expiry: self.end(),
        })
    }

    /// The expiry is over. Returns what to tell the user.
    pub(super) fn expire(&mut self) -> String {
        self.paused = true;
        let what = if self.offline {
            "no connection to the chain"
        } else {
            "no new block"
        };
        let seconds = self.last.map_or(0, |(seen, _)| seen.elapsed().as_secs());
        format!(
            "warning: {what} for {seconds} s: a proof may count no longer; mining pauses until there is a block"
        )
    }

    pub(super) const fn is_paused(&self) -> bool {
        self.paused
    }

    /// What else goes on.
    pub(super) fn phase(&self, session: session::Phase, pause: Option<Pause>) -> Option<Phase> {
        match session {
            _ if self.offline => Some(Phase::Offline),
            _ if self.paused => Some(Phase::Silent),
            session::Phase::Searching => pause.map(Phase::Waiting),
            session::Phase::Held => Some(Phase::Held),
            session::Phase::Submitted => Some(Phase::Submitted),
            session::Phase::Included => Some(Phase::Included),
        }
    }
}

impl Phase {
    /// Whether a rig of a fleet has a connection to the server; none for whoever is no rig.
    pub fn rig_is_connected(self) -> Option<bool> {
        match self {
            Self::Part(part) => Some(part.is_connected),
            Self::Idle(idle) => Some(idle != Idle::Offline),
            _ => None,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Waiting(pause) => return f.write_str(&words::waiting(pause)),
            Self::Resting(reason) => words::resting(*reason),
            Self::Part(part) => return part.fmt(f),
            Self::Idle(idle) => return idle.fmt(f),
            Self::Offline => "no connection",
            Self::Silent => "waiting for a block",
            Self::StandsBy => "standing by",
            Self::Held => "proof held back",
            Self::Submitted => "submitted",
            Self::Included => "waiting for finality",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn watch(block_time: Duration) -> (Watch, Instant) {
        let seen = Instant::now();
        let mut watch = Watch::new(5);
        watch.last = Some((seen, watch.patience(block_time, 3 * block_time)));
        (watch, seen)
    }

    #[test]
    fn before_the_first_block_nothing_expires() {
        assert_eq!(Watch::new(5).expiry(), None);
    }

    #[test]
    fn mining_goes_on_until_the_node_is_suspected_and_a_proof_s_blocks_are_over() {
        let (watch, seen) = watch(12 * SECOND);
        assert_eq!(watch.expiry(), Some(seen + (36 + 60) * SECOND));
        let legacy = Watch::new(2);
        let patience = legacy.patience(12 * SECOND, 36 * SECOND);
        assert_eq!(patience, (36 + 24) * SECOND);
    }

    #[test]
    fn on_demand_only_a_lost_connection_counts() {
        let (mut watch, seen) = watch(12 * SECOND);
        watch.on_demand = true;
        assert_eq!(watch.expiry(), None);
        watch.lost();
        assert_eq!(watch.expiry(), Some(seen + 96 * SECOND));
        let told = watch.expire();
        assert!(
            told.contains("no connection to the chain for 0 s"),
            "{told}"
        );
        assert_eq!(watch.expiry(), None, "once");
        assert!(watch.connected(true), "the last block may be the newest");
        assert!(!watch.is_paused());
    }

    #[test]
    fn a_connection_alone_does_not_resume_a_real_chain() {
        let (mut watch, _) = watch(12 * SECOND);
        watch.lost();
        watch.expire();
        assert!(!watch.connected(false));
        assert!(watch.is_paused());
        assert_eq!(
            watch.phase(session::Phase::Searching, None),
            Some(Phase::Silent)
        );
    }

    #[test]
    fn the_phase_names_the_worst() {
        let (mut watch, _) = watch(12 * SECOND);
        assert_eq!(watch.phase(session::Phase::Searching, None), None);
        assert_eq!(watch.phase(session::Phase::Held, None), Some(Phase::Held));
        watch.lost();
        assert_eq!(
            watch.phase(session::Phase::Submitted, None),
            Some(Phase::Offline)
        );
    }
}
