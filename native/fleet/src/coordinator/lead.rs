//! Which of several coordinators leads.

use btpow_core::Micros;

use super::{Action, Coordinator, Event, TAKEOVER};
use crate::{
    Id,
    message::{Announcement, Order, read},
};

/// Who leads, as this coordinator sees it.
#[derive(Clone, Debug)]
pub(super) enum Role {
    /// It does.
    Leads,
    /// It waits until nobody has been heard for a while.
    Waits {
        /// Who leads, and its term.
        lead: Option<(u64, Id)>,
        /// When that one was last heard, or since when nobody was.
        heard: Micros,
        /// Whether that one may sign for the same keys.
        is_same: bool,
    },
}

impl Role {
    /// Nobody leads, as far as is known.
    pub(super) const fn nobody(now: Micros) -> Self {
        Self::Waits {
            lead: None,
            heard: now,
            is_same: true,
        }
    }
}

impl Coordinator {
    /// What came on the subject of announcements, from another coordinator or from this one.
    pub fn overheard(&mut self, bytes: &[u8], now: Micros) -> Vec<Action> {
        let mut actions = Vec::new();
        let Ok(announcement) = read::<Announcement>(bytes) else {
            return actions;
        };
        let other = announcement.coordinator;
        if other == self.settings.id {
            return actions;
        }
        let rank = (announcement.term, other);
        self.heard_term = self.heard_term.max(announcement.term);
        let is_same = self.is_same(&announcement.order);
        let is_news = match &mut self.role {
            Role::Leads => {
                if rank < (self.term, self.settings.id) {
                    // It will hear of this one, and yield.
                    return actions;
                }
                true
            }
            Role::Waits { lead, .. } => {
                // An old one may still speak; another may have taken over.
                if lead.is_some_and(|lead| rank < lead) {
                    return actions;
                }
                lead.is_none_or(|(_, lead)| lead != other)
            }
        };
        let known = match &self.role {
            Role::Waits { is_same, .. } if !is_news => Some(*is_same),
            _ => None,
        };
        // While it rests, nothing is known of its keys.
        let is_same = is_same.or(known).unwrap_or(true);
        self.role = Role::Waits {
            lead: Some(rank),
            heard: now,
            is_same,
        };
        if is_news || known != Some(is_same) {
            let event = Event::Yielded { to: other, is_same };
            actions.push(Action::Tell(event));
        }
        self.hold_if_needed(&mut actions);
        actions
    }

    /// Whether an order is for the same keys; none where it does not say.
    fn is_same(&self, order: &Order) -> Option<bool> {
        match order {
            Order::Search { task, .. } => Some(self.settings.goals.contains(&task.asked())),
            Order::Rest { .. } => None,
        }
    }

    /// When it will lead, if it hears of nobody before.
    pub(super) const fn takeover_at(&self) -> Option<Micros> {
        match &self.role {
            Role::Waits { heard, .. } if !self.is_blind => Some(heard.saturating_add(TAKEOVER)),
            _ => None,
        }
    }

    pub(super) fn take_over_if_due(&mut self, now: Micros, actions: &mut Vec<Action>) {
        if self.takeover_at().is_some_and(|at| now >= at) {
            self.role = Role::Leads;
            self.term = self.term.max(self.heard_term).saturating_add(1);
            actions.push(Action::Tell(Event::TookOver));
            self.announce(now, actions);
            self.hold_if_needed(actions);
        }
    }

    /// Another one may sign while this one does not lead. One for other keys signs with another account.
    pub(super) fn hold_if_needed(&mut self, actions: &mut Vec<Action>) {
        let holds = matches!(self.role, Role::Waits { is_same: true, .. });
        if core::mem::replace(&mut self.holds, holds) != holds {
            actions.push(Action::Hold(holds));
        }
    }
}
