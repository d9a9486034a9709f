//! `btpow seal`: the seal of a nonce.

use crate::{
    cli::SealArgs,
    exit::{Exit, Failure},
    input::{self, Task},
    output,
    report::json::{self, Sealed},
};

/// Prints the seal.
///
/// # Errors
///
/// [`Failure::Usage`], [`Failure::Output`].
pub fn run(args: &SealArgs) -> Result<Exit, Failure> {
    let task = Task::read(&args.challenge)?;
    let nonce = input::nonce("--nonce", args.nonce.as_deref())?;
    let seal = task.challenge.seal(nonce);
    let text = if args.json {
        json::line(&Sealed {
            task: (&task).into(),
            nonce,
            seal,
        })
    } else {
        format!("{seal}\n")
    };
    output::answer(&text)?;
    Ok(Exit::Success)
}
