//! The best blocks that a node tells of.

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

/// The newest block that was told. Those before it are dropped, whether or not anybody has looked at
/// them, so that a node that tells faster than it answers costs no memory.
#[derive(Debug)]
pub(super) struct Heads {
    newest: watch::Receiver<Option<Told>>,
    task: JoinHandle<()>,
}

/// A block, and when it was told; or why there will be no more.
type Told = Result<(Head, Instant), String>;

impl Heads {
    /// Listens until it is dropped, or the node has no more to tell.
    ///
    /// # Errors
    ///
    /// [`ChainError`] when the node does not tell of blocks.
    pub(super) async fn listen(connection: &Connection) -> Result<Self, ChainError> {
        let heads = connection.methods().chain_subscribe_new_heads().await;
        let heads = connection.answer("chain_subscribeNewHeads", heads)?;
        let (tell, newest) = watch::channel(None);
        let task = tokio::spawn(hear(heads, connection.ending(), tell));
        Ok(Self { newest, task })
    }

    /// The newest block, when there is one that was not taken yet. It may be called again after it was
    /// cancelled.
    pub(super) async fn next(&mut self) -> Told {
        // The task tells why it ends.
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
    tell: watch::Sender<Option<Told>>,
) {
    loop {
        let told = match heads.next().await {
            Some(Ok(header)) => head_of(&header)
                .map(|head| (head, Instant::now()))
                .ok_or_else(|| "it tells a block with an absurd number".to_owned()),
            Some(Err(error)) => Err(text::line(&error.to_string(), text::MESSAGE)),
            None => Err(ending.reason().to_owned()),
        };
        let over = told.is_err();
        if tell.send(Some(told)).is_err() || over {
            return;
        }
    }
}
