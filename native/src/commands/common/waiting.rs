//! Waiting for a chain, and no longer than the flags allow.

use core::time::Duration;
use std::time::Instant;

use crate::exit::Failure;

/// Runs something that waits for the network, on this thread.
///
/// # Errors
///
/// [`Failure::Waiting`] when the system gives no timer or no queue.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Waiting)?;
    let result = runtime.block_on(future);
    // A password prompt that nobody answers any more must not keep the program.
    runtime.shutdown_background();
    result
}

/// When to give up, counted from now.
pub(crate) fn deadline(timeout: Option<Duration>) -> Option<Instant> {
    timeout.map(|timeout| Instant::now() + timeout)
}

/// Waits for the first answers of a chain, and no longer than until the deadline.
///
/// # Errors
///
/// [`Failure::Late`], or whatever is waited for.
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
