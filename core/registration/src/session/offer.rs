//! The proof that a person may sign, and what comes of asking.

use alloc::vec::Vec;

use super::{Action, Policy, Request, Session};
use crate::Work;

impl Session {
    /// The proof that a person may sign now, and in how many blocks to come it may still be included. None
    /// while one is being signed or is under way.
    pub fn offer(&self) -> Option<(&Work, u64)> {
        let (head, _) = self.now?;
        let busy = self.asked.is_some() || self.flight.is_some() || self.unsure || self.ended;
        let offers = matches!(self.settings.policy, Policy::Offer { .. });
        if !offers || busy || self.not_at == Some(head.number) {
            return None;
        }
        self.best()
    }

    /// Takes the proof on offer to have it signed.
    pub fn ask(&mut self) -> Option<Request> {
        let work = *self.offer()?.0;
        let payload = self.payload(&work)?;
        self.requests += 1;
        let id = self.requests;
        self.asked = Some(Request { id, payload, work });
        self.asked
    }

    /// What a person was asked to sign, and in how many blocks to come it may still be included.
    pub fn asked(&self) -> Option<(&Request, u64)> {
        let request = self.asked.as_ref()?;
        Some((request, self.blocks_left(&request.work)))
    }

    /// The person signed a request.
    pub fn signed(&mut self, id: u64) -> Vec<Action> {
        let mut actions = Vec::new();
        if let Some(request) = self.answer(id) {
            self.sign(&request.payload, &request.work);
            self.begin_flight(request.payload, request.work, false);
            self.proceed(&mut actions);
        }
        actions
    }

    /// The person did not sign a request. Returns whether it was the present one.
    pub fn declined(&mut self, id: u64) -> bool {
        self.answer(id).is_some()
    }

    fn answer(&mut self, id: u64) -> Option<Request> {
        self.asked
            .take_if(|request| request.id == id && !self.ended)
    }
}
