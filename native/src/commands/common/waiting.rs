//! Waits for a chain, but no longer than the flags allow.

use core::time::Duration;
use std::time::Instant;

use crate::{
    chain::{
        Network, Start,
        start::{Behind, LONGEST_PAUSE},
    },
    exit::Failure,
    output,
    report::units,
};

/// The first pause between tries to reach a chain that is busy or behind. Each is twice the one before, up to the
/// longest, unless the endpoints ask for a longer one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Runs something that waits for the network, on this thread.
///
/// # Errors
///
/// [`Failure::Waiting`] when the system provides no timer or no event queue.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Waiting)?;
    let result = runtime.block_on(future);
    // A password prompt that nobody will answer must not keep the program alive.
    runtime.shutdown_background();
    result
}

/// When to give up, counted from now.
pub(crate) fn deadline(timeout: Option<Duration>) -> Option<Instant> {
    timeout.map(|timeout| Instant::now() + timeout)
}

/// Waits for the first answers of a chain, until the deadline at the latest.
///
/// # Errors
///
/// [`Failure::Late`], or the failure of `answers`.
pub(crate) async fn until<T>(
    deadline: Option<Instant>,
    answers: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let Some(deadline) = deadline else {
        return answers.await;
    };
    let answers = tokio::time::timeout_at(deadline.into(), answers);
    answers.await.unwrap_or(Err(Failure::Late))
}

/// Finds a chain to mine for. Waits for one whose endpoints are busy or still catching up, and says so.
///
/// # Errors
///
/// [`Failure::Chain`] when no endpoint works, for other reasons.
pub(crate) async fn start(network: &Network) -> Result<Start, Failure> {
    let mut pause = FIRST_PAUSE;
    loop {
        let (trouble, wait) = match Start::find(network).await {
            Ok(start) => match start.behind {
                Some(behind @ Behind::Syncing) => {
                    let endpoint = start.connection.endpoint();
                    let trouble = format!("{endpoint} is of no use yet: {behind}");
                    (trouble, Duration::ZERO)
                }
                Some(behind @ Behind::Old { .. }) => {
                    let endpoint = start.connection.endpoint();
                    output::say(&format!(
                        "warning: {endpoint} may be behind its chain: {behind}"
                    ));
                    return Ok(start);
                }
                None => return Ok(start),
            },
            Err(error) => match error.wait() {
                Some(wait) => (error.to_string(), wait),
                None => return Err(error.into()),
            },
        };
        let now = pause.max(wait);
        output::say(&format!(
            "warning: {trouble}; trying again in {}",
            units::time(now.as_secs_f64())
        ));
        tokio::time::sleep(now).await;
        pause = (2 * pause).min(LONGEST_PAUSE);
    }
}
