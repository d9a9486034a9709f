//! Follows the chain: reports every new best block with its state, and replaces connections that fail.

use core::time::Duration;
use std::{sync::Arc, time::Instant};

use btpow_core::Protocol;
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
    /// The state of each subject at this block.
    pub states: Vec<State>,
    /// The runtime that will execute the next block.
    pub runtime: Arc<Runtime>,
    /// The connection that reported it.
    pub connection: Arc<Connection>,
    /// When it was reported.
    pub seen: Instant,
    /// How long the chain takes for a block.
    pub block_time: Duration,
    /// How long a node that announces no block is listened to.
    pub silence: Duration,
}

/// Follows a chain until it is dropped.
#[derive(Debug)]
pub struct Follower {
    updates: UnboundedReceiver<Update>,
    task: JoinHandle<()>,
}

impl Follower {
    /// Follows the chain from `start` on, and reads the state of every subject at every block. Must be called within a
    /// tokio runtime.
    pub fn start(network: Network, start: Start, subjects: Vec<Subject>) -> Self {
        let (tell, updates) = mpsc::unbounded_channel();
        let endpoints = network.endpoints().len();
        let following = FollowTask {
            genesis: start.connection.genesis(),
            endpoint: place(&network, &start.connection),
            network,
            subjects,
            tell,
            last: None,
            highest: 0,
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
    subjects: Vec<Subject>,
    tell: UnboundedSender<Update>,
    /// Hash of the last block that was reported.
    last: Option<[u8; 32]>,
    /// The highest number of a block that was reported.
    highest: u64,
    /// When the last one was; before the first, when following began.
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
        let mut queries = self.queries(&runtime)?;
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
                let (version, states) = tokio::join!(
                    connection
                        .methods()
                        .state_get_runtime_version(Some(head.hash.into())),
                    Query::read_all(&queries, &connection, &runtime, head.hash)
                );
                let version = connection.answer("state_getRuntimeVersion", version)?;
                let states = if runtime.is_still(&version) {
                    states?
                } else {
                    // The state may have been read by rules that no longer hold.
                    info!(spec = version.spec_version, "the runtime was upgraded");
                    runtime = Arc::new(Runtime::fetch(&connection, version, head.hash).await?);
                    queries = self.queries(&runtime)?;
                    Query::read_all(&queries, &connection, &runtime, head.hash).await?
                };
                self.last = Some(head.hash);
                self.highest = self.highest.max(head.number);
                self.seen = seen;
                self.beat.note(seen);
                self.pause = FIRST_PAUSE;
                self.wrong.fill(false);
                debug!(number = head.number, "best block");
                let block = Block {
                    head,
                    states,
                    runtime: Arc::clone(&runtime),
                    connection: Arc::clone(&connection),
                    seen,
                    block_time: self.beat.block_time(),
                    silence: self.beat.silence(),
                };
                // Dropping the follower ends the listening and this task alike.
                let _ = self.tell.send(Update::Block(Box::new(block)));
            }
            (head, seen) = self.next_head(&connection, &mut heads).await?;
        }
    }

    fn queries(&self, runtime: &Runtime) -> Result<Vec<Query>, ChainError> {
        let queries = self.subjects.iter();
        queries
            .map(|subject| Query::new(runtime, subject))
            .collect()
    }

    /// The newest head that the node announced, if it is not the last one.
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
        let silence = beat.silence();
        let mut end = time::Instant::now() + silence;
        loop {
            match time::timeout_at(end, heads.next()).await {
                // A node that repeats itself is as silent as one that says nothing.
                Ok(Ok((head, _))) if self.last == Some(head.hash) => {}
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
                    end = time::Instant::now() + silence;
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

    /// Whether a start does not know the chain's newest blocks, as far as that can be told.
    fn is_late(&self, start: &Start) -> bool {
        let lags = |it: Protocol| lags(start.head.number, self.highest, it.max_work_age());
        start.behind.is_some() || start.runtime.registration().is_ok_and(lags)
    }

    /// Tries the endpoints in turn, for as long as it takes. Where there are several, one that does not know the newest
    /// blocks must wait for a whole turn: with its blocks, proofs that still count would be lost.
    async fn reconnect(&mut self) -> Result<Start, ChainError> {
        let mut tries = 0;
        loop {
            tries += 1;
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
                Ok(start) if is_first_turn(tries, endpoints.len()) && self.is_late(&start) => {
                    debug!(%endpoint, "another may know newer blocks");
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

/// Whether each of several endpoints has been tried once at most. A single one is not waited for.
const fn is_first_turn(tries: usize, endpoints: usize) -> bool {
    endpoints > 1 && tries <= endpoints
}

/// Whether a head is so far below the highest block that was reported that a proof for it would not count there: no fork
/// explains that.
const fn lags(head: u64, highest: u64, window: u64) -> bool {
    head.saturating_add(window) < highest
}

/// The pause and up to half of it more, so that many clients do not come back at the same moment, and none before an
/// endpoint wants it.
fn jittered(pause: Duration) -> Duration {
    // Without randomness, the pause alone will do.
    let share = getrandom::u32().unwrap_or(0);
    pause + pause.mul_f64(f64::from(share) / f64::from(u32::MAX) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_lags_must_wait_for_a_whole_turn() {
        assert!(is_first_turn(1, 2) && is_first_turn(2, 2));
        assert!(!is_first_turn(3, 2), "then it is better than none");
        assert!(!is_first_turn(1, 1), "there is no other");
        assert!(lags(97, 100, 2));
        assert!(!lags(98, 100, 2), "it may be one that a fork has");
        assert!(!lags(u64::MAX, 100, 2));
        assert!(!lags(0, 0, 2), "nothing was reported yet");
    }

    #[test]
    fn nobody_comes_back_before_an_endpoint_wants_it() {
        let pause = Duration::from_secs(10);
        for _ in 0..100 {
            let jittered = jittered(pause);
            assert!(
                jittered >= pause && jittered <= pause * 3 / 2,
                "{jittered:?}"
            );
        }
    }
}
