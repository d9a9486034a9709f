//! Follows the chain: reports every new best block with its state, and replaces connections that fail.

use core::time::Duration;
use std::{sync::Arc, time::Instant};

use btpow_registration::{Head, State, Subject};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
    time,
};
use tracing::{debug, info};

use super::{
    ChainError, Connection, Network, Runtime, Start, beat::Beat, heads::Heads, pace::Pace,
    start::Behind, subnet::Query,
};

/// The pause before the second try, and the longest pause. Each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What happened on the chain.
#[derive(Clone, Debug)]
pub enum Update {
    /// There is a new best block.
    Block(Box<Block>),
    /// The connection is lost, or of no use; the follower opens another.
    Lost {
        /// The endpoint.
        endpoint: String,
        /// What happened.
        reason: String,
        /// For how long there was no new block, where nothing else is wrong with it.
        silence: Option<Duration>,
    },
    /// There is a connection again.
    Connected {
        /// The connection.
        connection: Arc<Connection>,
    },
    /// The chain cannot be followed any further.
    Failed(Arc<ChainError>),
}

/// A best block, and its state.
#[derive(Clone, Debug)]
pub struct Block {
    /// The block.
    pub head: Head,
    /// The state at this block.
    pub state: State,
    /// The runtime that will execute the next block.
    pub runtime: Arc<Runtime>,
    /// The connection that reported it.
    pub connection: Arc<Connection>,
    /// When it was reported.
    pub seen: Instant,
    /// How long the chain takes for a block.
    pub block_time: Duration,
}

/// Follows a chain until it is dropped.
#[derive(Debug)]
pub struct Follower {
    updates: UnboundedReceiver<Update>,
    task: JoinHandle<()>,
}

impl Follower {
    /// Follows the chain from `start` on. Must be called within a tokio runtime.
    pub fn start(network: Network, start: Start, subject: Subject) -> Self {
        let (tell, updates) = mpsc::unbounded_channel();
        let endpoints = network.endpoints().len();
        let following = FollowTask {
            genesis: start.connection.genesis(),
            endpoint: place(&network, &start.connection),
            network,
            subject,
            tell,
            last: None,
            seen: Instant::now(),
            beat: Beat::default(),
            paces: vec![Pace::default(); endpoints],
            pause: FIRST_PAUSE,
            wrong: vec![false; endpoints],
        };
        let task = tokio::spawn(following.run(start));
        Self { updates, task }
    }

    /// The next update. Safe to cancel.
    pub async fn next(&mut self) -> Update {
        // The task ends only after `Failed`, which also ends the listener.
        self.updates.recv().await.unwrap_or_else(|| {
            let missing = ChainError::Missing("follower".to_owned());
            Update::Failed(Arc::new(missing))
        })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn place(network: &Network, connection: &Connection) -> usize {
    let mut endpoints = network.endpoints().iter();
    let found = endpoints.position(|endpoint| endpoint == connection.endpoint());
    found.unwrap_or_default()
}

/// What the task of a follower knows and does.
struct FollowTask {
    network: Network,
    genesis: [u8; 32],
    /// The index of the endpoint in use.
    endpoint: usize,
    subject: Subject,
    tell: UnboundedSender<Update>,
    /// Hash of the last block that was reported.
    last: Option<[u8; 32]>,
    /// When it was; before the first, when following began.
    seen: Instant,
    /// How often blocks come.
    beat: Beat,
    /// How fast blocks come, by endpoint: blocks that one invents say nothing about the others.
    paces: Vec<Pace>,
    /// How long to wait before the next connection. It only shrinks after a block: a node that answers but
    /// reports none is as broken as one that does not answer.
    pause: Duration,
    /// Which endpoints are known to belong to another chain or to make no sense.
    wrong: Vec<bool>,
}

impl FollowTask {
    async fn run(mut self, mut start: Start) {
        loop {
            let connection = Arc::clone(&start.connection);
            let Err(error) = self.follow(start).await;
            if self.is_final(&error) {
                let _ = self.tell.send(Update::Failed(Arc::new(error)));
                return;
            }
            let lost = Update::Lost {
                endpoint: connection.endpoint().to_string(),
                reason: error.to_string(),
                silence: match error {
                    ChainError::Silent { passed, .. } => Some(passed),
                    _ => None,
                },
            };
            drop(connection);
            if self.tell.send(lost).is_err() {
                return;
            }
            start = match self.reconnect().await {
                Ok(start) => start,
                Err(error) => {
                    let _ = self.tell.send(Update::Failed(Arc::new(error)));
                    return;
                }
            };
            let connection = Arc::clone(&start.connection);
            if self.tell.send(Update::Connected { connection }).is_err() {
                return;
            }
        }
    }

    /// Reports blocks for as long as the connection lasts.
    async fn follow(&mut self, start: Start) -> Result<core::convert::Infallible, ChainError> {
        let Start {
            connection,
            mut runtime,
            ..
        } = start;
        let mut query = Query::new(&runtime, &self.subject)?;
        let mut heads = Heads::listen(&connection).await?;
        // The head of the start may be old: somebody may have typed a password since.
        let (mut head, mut seen) = (connection.head().await?, Instant::now());
        loop {
            if self.last != Some(head.hash) {
                let noted = self.paces[self.endpoint].note(head.number);
                noted.map_err(|(before, passed)| ChainError::TooFast {
                    endpoint: connection.endpoint().to_string(),
                    number: head.number,
                    before,
                    passed,
                })?;
                let (version, state) = tokio::join!(
                    connection
                        .methods()
                        .state_get_runtime_version(Some(head.hash.into())),
                    query.read(&connection, &runtime, head.hash)
                );
                let version = connection.answer("state_getRuntimeVersion", version)?;
                let state = if runtime.is_still(&version) {
                    state?
                } else {
                    // The state may have been read by rules that no longer hold.
                    info!(spec = version.spec_version, "the runtime was upgraded");
                    runtime = Arc::new(Runtime::fetch(&connection, version, head.hash).await?);
                    query = Query::new(&runtime, &self.subject)?;
                    query.read(&connection, &runtime, head.hash).await?
                };
                self.last = Some(head.hash);
                self.seen = seen;
                self.beat.note(seen);
                self.pause = FIRST_PAUSE;
                self.wrong.fill(false);
                debug!(number = head.number, "best block");
                let block = Block {
                    head,
                    state,
                    runtime: Arc::clone(&runtime),
                    connection: Arc::clone(&connection),
                    seen,
                    block_time: self.beat.block_time(),
                };
                // Dropping the follower ends the listening and this task alike.
                let _ = self.tell.send(Update::Block(Box::new(block)));
            }
            (head, seen) = self.next_head(&connection, &mut heads).await?;
        }
    }

    /// The newest head that the node announced.
    async fn next_head(
        &self,
        connection: &Connection,
        heads: &mut Heads,
    ) -> Result<(Head, Instant), ChainError> {
        let several = self.network.endpoints().len() > 1;
        let on_demand = connection.is_of_development();
        // Blocks on demand have no beat.
        let beat = if on_demand {
            Beat::default()
        } else {
            self.beat.clone()
        };
        loop {
            match time::timeout(beat.silence(), heads.next()).await {
                Ok(Ok(announced)) => return Ok(announced),
                Ok(Err(reason)) => {
                    return Err(ChainError::Connection {
                        endpoint: connection.endpoint().to_string(),
                        reason,
                    });
                }
                Err(_) if on_demand && !several => {
                    let head = connection.head().await?;
                    if self.last != Some(head.hash) {
                        return Ok((head, Instant::now()));
                    }
                }
                // Another endpoint, or another connection, may know more.
                Err(_) => {
                    return Err(ChainError::Silent {
                        endpoint: connection.endpoint().to_string(),
                        passed: self.seen.elapsed(),
                    });
                }
            }
        }
    }

    /// Whether no endpoint is left that might be right.
    fn is_final(&mut self, error: &ChainError) -> bool {
        self.wrong[self.endpoint] = !error.is_transient();
        self.wrong.iter().all(|&wrong| wrong)
    }

    /// Tries the endpoints in turn, for as long as it takes.
    async fn reconnect(&mut self) -> Result<Start, ChainError> {
        loop {
            time::sleep(jittered(self.pause)).await;
            self.pause = (2 * self.pause).min(LONGEST_PAUSE);
            let endpoints = self.network.endpoints();
            self.endpoint = (self.endpoint + 1) % endpoints.len();
            let endpoint = &endpoints[self.endpoint];
            // It must be the same chain as before, pinned or not.
            match Start::open(&self.network, endpoint, Some(self.genesis)).await {
                Ok(start) if start.behind == Some(Behind::Syncing) => {
                    debug!(%endpoint, "it is behind its chain");
                }
                Ok(start) => return Ok(start),
                Err(error) if self.is_final(&error) => return Err(error),
                Err(error) => {
                    debug!(%error, "no connection");
                    // One busy endpoint must not keep the others waiting.
                    let alone = self.wrong.len() == 1;
                    let wait = error.wait().filter(|_| alone);
                    self.pause = self.pause.max(wait.unwrap_or_default());
                }
            }
        }
    }
}

/// Between half and all of the pause, so that many clients do not come back at the same moment.
fn jittered(pause: Duration) -> Duration {
    // Without randomness, the whole pause will do.
    let share = getrandom::u32().unwrap_or(u32::MAX);
    pause / 2 + pause.mul_f64(f64::from(share) / f64::from(u32::MAX) / 2.0)
}
