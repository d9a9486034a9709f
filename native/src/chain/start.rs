//! Finds a chain: connects to the first endpoint that works.

use core::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use btpow_registration::{Head, State, Subject};
use tokio::{task::JoinSet, time};
use tracing::{debug, info};

use super::{
    ChainError, Connection, Network, Runtime,
    endpoint::Endpoint,
    prospects,
    storage::{Item, Values},
    subnet::Query,
};
use crate::report::units;

/// How long to wait for an endpoint before the next one is asked as well.
const HEAD_START: Duration = Duration::from_secs(2);

/// How old the newest block of a chain may be. Clocks differ, and chains pause.
const OLDEST: Duration = Duration::from_secs(600);

/// The longest pause between tries to reach a chain, unless all its endpoints ask for a longer one.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A chain that was found.
#[derive(Clone, Debug)]
pub struct Start {
    /// The connection to it.
    pub connection: Arc<Connection>,
    /// Its runtime.
    pub runtime: Arc<Runtime>,
    /// Its best block, as far as the endpoint knows.
    pub head: Head,
    /// Why the endpoint may not know the newest blocks; none if nothing says so.
    pub behind: Option<Behind>,
}

/// Why an endpoint may not know a chain's newest blocks. As text it says what is wrong with "it".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Behind {
    /// It says that it is still catching up.
    Syncing,
    /// Its newest block is old, by the block's own time and the clock of this machine.
    Old {
        /// How old.
        age: Duration,
    },
}

/// What went wrong at each endpoint.
struct Failures {
    /// What may pass.
    reasons: Vec<String>,
    /// When an endpoint that is merely busy is worth another try.
    wait: Option<Duration>,
    /// Whether nothing else is wrong with any.
    all_busy: bool,
    /// An endpoint that is not what it should be.
    wrong: Option<ChainError>,
}

impl Start {
    /// Connects to the endpoints of a network, in their order, and takes the first that works. One that has not answered
    /// anything after two seconds is no longer waited for alone. One that is behind its chain is taken only when no other works.
    ///
    /// # Errors
    ///
    /// [`ChainError::Unreachable`] with the error of each endpoint; [`ChainError::WrongGenesis`] or another
    /// error if all answer and none is right.
    pub async fn find(network: &Network) -> Result<Self, ChainError> {
        let mut endpoints = network.endpoints().iter();
        let mut tries = JoinSet::new();
        let mut failures = Failures::new();
        let mut late = None;
        // Whether an endpoint that was asked has answered anything, and so deserves more time.
        let answered = Arc::new(AtomicBool::new(false));
        let mut is_next = true;
        loop {
            if is_next && let Some(endpoint) = endpoints.next() {
                answered.store(false, Ordering::Relaxed);
                let (network, endpoint) = (network.clone(), endpoint.clone());
                let answered = Arc::clone(&answered);
                tries.spawn(async move {
                    let connection = Connection::open(&endpoint, network.genesis()).await?;
                    answered.store(true, Ordering::Relaxed);
                    Self::of(connection, &network).await
                });
            }
            let answer = if endpoints.len() > 0 {
                time::timeout(HEAD_START, tries.join_next()).await
            } else {
                Ok(tries.join_next().await)
            };
            is_next = answer.is_ok() || !answered.load(Ordering::Relaxed);
            match answer {
                Ok(Some(Ok(Ok(start)))) if start.behind.is_none() => return Ok(start),
                Ok(Some(Ok(Ok(start)))) => late = Some(better(late, start)),
                Ok(Some(Ok(Err(error)))) => failures.note(error),
                Ok(Some(Err(error))) => {
                    failures.note(ChainError::malformed("an endpoint's answer", error));
                }
                Ok(None) if endpoints.len() == 0 => break,
                // The next one gets its turn.
                Ok(None) | Err(_) => {}
            }
        }
        late.map_or_else(|| Err(failures.error(network)), Ok)
    }

    /// Connects to one endpoint.
    pub(super) async fn open(
        network: &Network,
        endpoint: &Endpoint,
        genesis: Option<[u8; 32]>,
    ) -> Result<Self, ChainError> {
        let connection = Connection::open(endpoint, genesis).await?;
        Self::of(connection, network).await
    }

    /// What the endpoint of a connection says of its chain.
    async fn of(connection: Connection, network: &Network) -> Result<Self, ChainError> {
        let endpoint = connection.endpoint().clone();
        let head = connection.head().await?;
        let runtime = connection.runtime(head.hash).await?;
        info!(%endpoint, network = network.name(), spec = runtime.spec_version(), "connected");
        let mut start = Self {
            connection: Arc::new(connection),
            runtime: Arc::new(runtime),
            head,
            behind: None,
        };
        start.behind = start.look_behind().await?;
        if let Some(behind) = start.behind {
            debug!(%endpoint, %behind, "it is behind");
        }
        Ok(start)
    }

    /// The state at the best block, with all that can be known of a registration beforehand. What the endpoint does not
    /// say beyond the state of every block stays unknown.
    ///
    /// # Errors
    ///
    /// [`ChainError`] when the endpoint does not say, or the answer cannot be read.
    pub async fn state(&self, subject: &Subject) -> Result<State, ChainError> {
        let query = Query::new(&self.runtime, subject)?;
        let mut state = query
            .read(&self.connection, &self.runtime, self.head.hash)
            .await?;
        if let (Some(netuid), Some(subnet)) = (subject.netuid, &mut state.subnet) {
            let looked = prospects::look_for_place(self, netuid, subnet).await;
            if let Err(error) = looked {
                debug!(%error, "whether a key gives way is unknown");
            }
        }
        // Only a new hotkey makes them more.
        if let (Some(_), Some(signer), None) = (subject.hotkey, subject.signer, state.hotkey.owner)
        {
            let counted = prospects::count_hotkeys(self, signer).await;
            state.account.hotkeys = counted.unwrap_or_else(|error| {
                debug!(%error, "the number of hotkeys is unknown");
                None
            });
        }
        Ok(state)
    }

    /// Whether the endpoint may not know the chain's newest blocks.
    async fn look_behind(&self) -> Result<Option<Behind>, ChainError> {
        if self.connection.is_syncing() {
            return Ok(Some(Behind::Syncing));
        }
        // The clock of a development chain may be off, by design.
        if !self.connection.has_clock() {
            return Ok(None);
        }
        let Some(item) = Item::maybe(&self.runtime, "Timestamp", "Now", Vec::new())? else {
            return Ok(None);
        };
        let values = Values::read(&self.connection, [&item].into_iter(), self.head.hash).await?;
        let made = Duration::from_millis(values.get(&self.runtime, &item)?);
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let age = now.unwrap_or_default().saturating_sub(made);
        Ok((age > OLDEST).then_some(Behind::Old { age }))
    }
}

/// The better of two that are behind: the first, unless it says that it is of no use yet.
fn better(one: Option<Start>, other: Start) -> Start {
    match one {
        Some(one) if one.behind != Some(Behind::Syncing) || one.behind == other.behind => one,
        _ => other,
    }
}

impl Failures {
    const fn new() -> Self {
        Self {
            reasons: Vec::new(),
            wait: None,
            all_busy: true,
            wrong: None,
        }
    }

    fn note(&mut self, error: ChainError) {
        self.all_busy &= error.wait().is_some();
        if error.is_transient() {
            self.wait = match (self.wait, error.wait()) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            self.reasons.push(error.to_string());
        } else {
            self.wrong = Some(error);
        }
    }

    fn error(self, network: &Network) -> ChainError {
        let Self {
            mut reasons,
            wait,
            all_busy,
            wrong,
        } = self;
        // One that wants to be left alone must not keep us from the others.
        let longest = if all_busy {
            Duration::MAX
        } else {
            LONGEST_PAUSE
        };
        let wait = wait.map(|wait| wait.min(longest));
        match wrong {
            Some(error) if reasons.is_empty() => error,
            wrong => {
                reasons.extend(wrong.map(|error| error.to_string()));
                ChainError::Unreachable {
                    network: network.name().to_owned(),
                    reasons: reasons.join("; "),
                    wait,
                }
            }
        }
    }
}

impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syncing => f.write_str("it is still catching up with its chain"),
            Self::Old { age } => write!(
                f,
                "its newest block is {} old by this machine's clock",
                units::time(age.as_secs_f64())
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long to wait after these failures: busy for so many seconds, or something else.
    fn wait(failed: &[Option<u64>]) -> Option<u64> {
        let mut failures = Failures::new();
        for seconds in failed {
            let endpoint = "wss://node.test".to_owned();
            failures.note(match seconds {
                Some(seconds) => ChainError::Busy {
                    endpoint,
                    what: String::new(),
                    wait: Duration::from_secs(*seconds),
                },
                None => ChainError::Connection {
                    endpoint,
                    reason: String::new(),
                },
            });
        }
        let network = Network::new(&[], None, false).expect("finney");
        failures.error(&network).wait().map(|wait| wait.as_secs())
    }

    #[test]
    fn one_busy_endpoint_does_not_keep_us_from_the_others() {
        assert_eq!(wait(&[Some(600)]), Some(600));
        assert_eq!(wait(&[Some(900), Some(600)]), Some(600));
        assert_eq!(wait(&[Some(600), None]), Some(30));
        assert_eq!(wait(&[None, Some(600), None]), Some(30));
        assert_eq!(wait(&[Some(7), None]), Some(7));
        assert_eq!(wait(&[None]), None);
    }
}
