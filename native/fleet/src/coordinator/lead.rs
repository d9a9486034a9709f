//! Which of several coordinators leads.

use btpow_core::Micros;

use super::{Action, Coordinator, Event, LISTEN, TAKEOVER};
use crate::{
    Asked, Id,
    message::{Announcement, Order, read},
};

/// How old the server's last word may be when it is time to take over. A connection may be dead for long before anybody knows.
const RECENT: Micros = 1_000_000;

/// How long what the server passed on may take from the connection to here.
const UNREAD: Micros = 250_000;

/// How many coordinators are remembered that may sign with the same account.
const SHARING: usize = 16;

/// Whether it sees the chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sight {
    /// It has seen no block, or none for a while.
    Blind,
    /// It has seen a block, but not said yet what rigs shall do for it.
    Head,
    Clear,
}

/// Whether others would be heard.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Reach {
    /// Always, as far as its owner says.
    #[default]
    Sure,
    /// The server spoke then: the first time that it did so late enough for a takeover, or the last time.
    Spoke(Micros),
    /// There is no server.
    Lost,
}

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
        /// Whether that one may sign with the same account.
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
            let is_mine = (announcement.term, announcement.sequence) <= (self.term, self.sequence);
            if !is_mine && !core::mem::replace(&mut self.is_impersonated, true) {
                actions.push(Action::Tell(Event::Impersonated));
            }
            return actions;
        }
        let rank = (announcement.term, other);
        self.heard_term = self.heard_term.max(announcement.term);
        if announcement.ends {
            self.ended(rank, now);
            self.hold_if_needed(&mut actions);
            return actions;
        }
        let is_same = self.is_same(other, &announcement.order);
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

    /// Another one says that it ends. If it is the one that led, nobody does now. Others may have heard it, too, so this one
    /// listens once more.
    fn ended(&mut self, rank: (u64, Id), now: Micros) {
        if let Role::Waits { lead, .. } = &self.role
            && lead.is_none_or(|lead| lead <= rank)
        {
            let heard = now.saturating_sub(TAKEOVER - LISTEN);
            self.role = Role::nobody(heard);
        }
    }

    /// Which coordinator leads, as far as this one has heard, if it is not this one.
    pub fn follows(&self) -> Option<Id> {
        match &self.role {
            Role::Leads => None,
            Role::Waits { lead, .. } => lead.map(|(_, id)| id),
        }
    }

    /// Whether another coordinator may sign with an account of this one's goals; none where its order does not say. Whoever has
    /// once been heard to may do so later, too: with several goals its order is for each of them in turn.
    fn is_same(&mut self, other: Id, order: &Order) -> Option<bool> {
        if self.sharing.contains(&other) {
            return Some(true);
        }
        let Order::Search { task, .. } = order else {
            return None;
        };
        let signer = task.asked().signer();
        let mut own = self.settings.goals.iter().map(Asked::signer);
        // One that is not known may be any.
        let is_same = own.any(|own| own.is_none() || signer.is_none() || own == signer);
        if is_same {
            if self.sharing.len() >= SHARING {
                self.sharing.pop_front();
            }
            self.sharing.push_back(other);
        }
        Some(is_same)
    }

    /// Whether it leads without waiting: it has not led yet, is no standby, and knows of nobody with a higher rank.
    fn is_first(&self) -> bool {
        let rank = (self.term, self.settings.id);
        let is_highest = match &self.role {
            Role::Leads => false,
            Role::Waits { lead, .. } => lead.is_none_or(|lead| lead < rank),
        };
        is_highest && !self.has_led && !self.settings.is_standby
    }

    /// It has listened for as long as it must.
    #[cfg(test)]
    pub(super) fn listened(&mut self) {
        self.reach = Reach::Sure;
        self.listens_until = 0;
    }

    /// There is no server any more: whoever leads cannot be heard, and may lead all the same.
    pub fn deaf(&mut self) {
        self.reach = Reach::Lost;
    }

    /// There is a server again. Silence counts from now on.
    pub fn hears(&mut self, now: Micros) {
        self.reach = Reach::Spoke(now);
        self.listens_until = now + LISTEN;
        if let Role::Waits { heard, .. } = &mut self.role {
            *heard = now;
        }
    }

    /// Something came from the server, whatever it was. Once it has been said that it did, a takeover waits for that.
    pub fn server_spoke(&mut self, now: Micros) {
        let is_proof = match (&self.role, self.reach) {
            (Role::Waits { heard, .. }, Reach::Spoke(spoke)) => spoke >= proof_from(*heard),
            (_, Reach::Lost) => true,
            _ => false,
        };
        if !is_proof {
            self.reach = Reach::Spoke(now);
        }
    }

    /// When it will lead, if it hears of nobody before. Never while it does not see the chain or does not know what rigs shall do:
    /// they would rest, and whoever knows better would yield. Nor while it would not hear whoever leads.
    pub(super) fn takeover_at(&self) -> Option<Micros> {
        let (lead, heard) = match &self.role {
            Role::Waits { lead, heard, .. } => (lead, *heard),
            Role::Leads => return None,
        };
        if self.sight != Sight::Clear || !self.has_order || self.reach == Reach::Lost {
            return None;
        }
        if self.is_first() {
            let knows = lead.is_some();
            return Some(if knows { 0 } else { self.listens_until });
        }
        let due = heard.saturating_add(TAKEOVER);
        match self.reach {
            Reach::Spoke(spoke) if spoke < proof_from(heard) => None,
            Reach::Spoke(spoke) => Some(due.max(spoke + UNREAD)),
            Reach::Sure | Reach::Lost => Some(due),
        }
    }

    /// Leads if it is time; whether it does so since now.
    pub(super) fn take_over_if_due(&mut self, now: Micros, actions: &mut Vec<Action>) -> bool {
        if self.takeover_at().is_none_or(|at| now < at) {
            return false;
        }
        if !self.is_first() {
            self.term = self.term.max(self.heard_term).saturating_add(1);
            actions.push(Action::Tell(Event::TookOver));
        }
        self.role = Role::Leads;
        self.has_led = true;
        self.announce(now, actions);
        self.hold_if_needed(actions);
        true
    }

    /// Another one may sign while this one does not lead, unless it has another account.
    pub(super) fn hold_if_needed(&mut self, actions: &mut Vec<Action>) {
        let holds = matches!(self.role, Role::Waits { is_same: true, .. });
        if core::mem::replace(&mut self.holds, holds) != holds {
            actions.push(Action::Hold(holds));
        }
    }
}

/// From when on a word of the server shows that whoever leads would have been heard.
const fn proof_from(heard: Micros) -> Micros {
    heard.saturating_add(TAKEOVER - RECENT)
}
