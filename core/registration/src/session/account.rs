//! Sessions that sign with one account share its nonces: of two payloads with the same one, only one can be included.

use alloc::vec::Vec;

use super::{Action, Session};

/// Why a proof is held back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hold {
    /// The best block has all the registrations that it may have.
    Full,
    /// Another session of the account may use its next nonce.
    Account,
}

impl Session {
    /// The newest block, and the nonce that its account uses next.
    pub fn next_nonce(&self) -> Option<(u64, u32)> {
        let (head, state) = self.now.as_ref()?;
        Some((head.number, state.account.nonce))
    }

    /// Whether something that was signed here may still use this nonce, as a session sees it whose newest block is
    /// `head`. It may until its proof's window is over, or until the block after the one at which the pool refused it: the
    /// reason may have been the nonce itself.
    pub fn claims(&self, nonce: u32, head: u64) -> bool {
        let window = self.protocol.max_work_age();
        let last = self.signed.last();
        self.signed.iter().any(|payload| {
            let is_dead = self.last_is_dead
                && last == Some(payload)
                && self.flight.is_none()
                && self.not_at.is_none_or(|at| head > at);
            let is_over = head > payload.call().proof().work_block + window;
            payload.nonce() == nonce && !is_over && !is_dead
        })
    }

    /// Whether another session [may use](Self::claims) the account's next nonce. While one may, proofs are held back.
    pub fn account_busy(&mut self, is_busy: bool) -> Vec<Action> {
        let mut actions = Vec::new();
        if core::mem::replace(&mut self.account_is_busy, is_busy) && !is_busy {
            self.proceed(&mut actions);
        }
        actions
    }
}
