//! What the follower reports: blocks, and connections that come and go.

use super::{Cause, Driver, DriverError, Ended};
use crate::{
    chain::{Update, follow::Block},
    events::Event,
    registration::words,
};

impl Driver<'_, '_> {
    pub(super) fn update(&mut self, update: Update) -> Result<Option<Ended>, DriverError> {
        match update {
            Update::Block(block) => self.block(*block),
            Update::Lost {
                endpoint,
                reason,
                silence,
            } => {
                self.setup.events.tell(
                    None,
                    &Event::ChainLost {
                        endpoint: endpoint.clone(),
                        reason: reason.clone(),
                    },
                );
                // A node that answers but tells of no block is no lost connection.
                if silence.is_none() {
                    self.watch.lost();
                    if let Some(fleet) = &mut self.fleet {
                        fleet.chain_lost();
                    }
                }
                self.status
                    .say(&words::lost(&endpoint, &reason, silence, self.is_paused()));
                Ok(None)
            }
            Update::Connected { connection } => {
                let endpoint = connection.endpoint();
                self.setup.events.tell(
                    None,
                    &Event::ChainBack {
                        endpoint: endpoint.to_string(),
                    },
                );
                self.status.say(&format!("connected to {endpoint}"));
                let is_back = self.watch.connected(connection.is_of_development());
                if is_back && !self.is_paused() && self.loss.is_none() {
                    self.setup.rig.resume();
                    self.goes_on();
                    // A goal may have ended meanwhile.
                    self.choose(Cause::Progress);
                }
                if !self.watch.is_paused() && self.loss.is_none() {
                    self.lead_again();
                }
                Ok(None)
            }
            Update::Failed(error) => Err(DriverError::Chain(error)),
        }
    }

    fn block(&mut self, block: Block) -> Result<Option<Ended>, DriverError> {
        self.log_reach();
        self.watch.block(&block);
        let Block {
            head,
            states,
            runtime,
            connection,
            seen,
            ..
        } = block;
        if let Some(fleet) = &mut self.fleet {
            fleet.head(head.number);
        }
        let mut all = Vec::new();
        for (place, state) in states.into_iter().enumerate() {
            if self.lanes[place].end.is_none() {
                // Until all have seen the block.
                self.hold(place);
                let session = &mut self.lanes[place].session;
                all.push((place, session.block(head, state, runtime.rules())));
            }
        }
        self.latest = Some((connection, runtime));
        self.act(all, Cause::Block(seen))
    }
}
