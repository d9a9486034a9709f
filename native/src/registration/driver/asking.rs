//! What a run asks of the chain: to take a submission, and which blocks there are.

use std::sync::Arc;

use btpow_registration::session::Submission;
use tokio::task::JoinHandle;
use tracing::{debug, info};

use super::{Blocks, Cause, Driver, DriverError, Ended};
use crate::chain::submission;

/// A task that is aborted when its owner is dropped.
#[derive(Debug)]
pub(super) struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Driver<'_, '_> {
    /// Signs what is to be sent, unless it was before, and sends it.
    pub(super) fn send(&mut self, place: usize, submission: Submission, cause: Cause) {
        let lane = &mut self.lanes[place];
        let (Some((connection, runtime)), Some(signer)) = (&self.latest, lane.signer) else {
            return;
        };
        let Submission { id, payload, .. } = submission;
        let signed = lane.signed.iter().find(|(signed, _)| *signed == payload);
        let extrinsic = signed.map_or_else(
            || {
                let signature = signer.sign(&payload);
                payload.extrinsic(signer.public_key(), signature).to_vec()
            },
            |(_, extrinsic)| extrinsic.clone(),
        );
        if signed.is_none() {
            lane.signed.push((payload, extrinsic.clone()));
        }
        let (connection, runtime) = (Arc::clone(connection), Arc::clone(runtime));
        let tell = self.tell.clone();
        // Goes on when the follower changes to another connection, since this one knows the submission.
        let watching = tokio::spawn(async move {
            if let Cause::Found(found) = cause {
                let ms = found.elapsed().as_secs_f64() * 1e3;
                info!(ms, "from found to sent");
            }
            submission::watch(connection, runtime, extrinsic, (place, id), tell).await;
        });
        // News of the submission before no longer matters.
        lane.watching = Some(AbortOnDrop(watching));
    }

    /// Asks which blocks are on the best chain. The session gets the answer when it comes; signals and
    /// finds are handled meanwhile.
    pub(super) fn confirm(&mut self, place: usize, numbers: Vec<u64>) {
        let Some((connection, _)) = &self.latest else {
            return;
        };
        let lane = &mut self.lanes[place];
        lane.asked += 1;
        let asked = lane.asked;
        let (connection, confirm) = (Arc::clone(connection), self.confirm.clone());
        let asking = tokio::spawn(async move {
            let mut hashes = connection.block_hashes(&numbers).await;
            if hashes.is_err() {
                // Until there is an answer nothing is signed, and the next block may be far.
                hashes = connection.block_hashes(&numbers).await;
            }
            match hashes {
                // When the run is over, nobody listens any more.
                Ok(hashes) => drop(confirm.send((place, asked, hashes))),
                // The session asks again with the next block.
                Err(error) => debug!(%error, "blocks could not be confirmed"),
            }
        });
        lane.asking = Some(AbortOnDrop(asking));
    }

    /// There is an answer.
    pub(super) fn confirmed(
        &mut self,
        place: usize,
        asked: u64,
        blocks: &Blocks,
    ) -> Result<Option<Ended>, DriverError> {
        // The chain may have re-organised again since an earlier question.
        if asked != self.lanes[place].asked {
            return Ok(None);
        }
        self.hold(place);
        let actions = self.lanes[place].session.confirmed(blocks);
        self.act(vec![(place, actions)], Cause::Progress)
    }
}
