//! Waits for a chain, but no longer than the flags allow.

use core::time::Duration;
use std::time::Instant;

use crate::exit::Failure;

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
