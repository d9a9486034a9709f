//! The best blocks that a node announces.

use std::time::Instant;

use btpow_registration::Head;
use subxt::rpcs::client::RpcSubscription;
use tokio::{sync::watch, task::JoinHandle};

use super::{
    ChainError, Connection,
    connection::{Header, head_of},
    transport::Ending,
};
use crate::text;

/// The newest block that a node announced. Earlier ones are dropped, read or not, so that a node that
/// announces faster than it answers costs no memory.
#[derive(Debug)]
pub(super) struct Heads {
    newest: watch::Receiver<Option<Announcement>>,
    task: JoinHandle<()>,
}

/// A block, and when the node announced it; or why there will be no more.
type Announcement = Result<(Head, Instant), String>;

impl Heads {
    /// Listens until it is dropped, or until the node announces no more.
    ///
    /// # Errors
    ///
    /// [`ChainError`] when the node does not announce blocks.
    pub(super) async fn listen(connection: &Connection) -> Result<Self, ChainError> {
        let heads = connection.methods().chain_subscribe_new_heads().await;
        let heads = connection.answer("chain_subscribeNewHeads", heads)?;
        let (tell, newest) = watch::channel(None);
        let task = tokio::spawn(hear(heads, connection.ending(), tell));
        Ok(Self { newest, task })
    }

    /// The newest block, as soon as there is one that was not taken yet. Safe to cancel.
    pub(super) async fn next(&mut self) -> Announcement {
        // The task says why it ends.
        let ended = || Err("nobody listens".to_owned());
        match self.newest.changed().await {
            Ok(()) => self
                .newest
                .borrow_and_update()
                .clone()
                .unwrap_or_else(ended),
            Err(_) => ended(),
        }
    }
}

impl Drop for Heads {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn hear(
    mut heads: RpcSubscription<Header>,
    ending: Ending,
    tell: watch::Sender<Option<Announcement>>,
) {
    loop {
        let announcement = match heads.next().await {
            Some(Ok(header)) => head_of(&header)
                .map(|head| (head, Instant::now()))
                .ok_or_else(|| "it announced a block with an absurd number".to_owned()),
            Some(Err(error)) => Err(text::line(&error.to_string(), text::MESSAGE)),
            None => Err(ending.reason().to_owned()),
        };
        let over = announcement.is_err();
        if tell.send(Some(announcement)).is_err() || over {
            return;
        }
    }
}
