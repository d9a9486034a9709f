//! `btpow seal`: the seal of a nonce.

use crate::{
    cli::{self, SealArgs},
    exit::{Exit, Failure},
    output,
    report::json::{self, Sealed},
};

/// Prints the seal.
///
/// # Errors
///
/// [`Failure::Usage`], [`Failure::Output`].
pub fn run(args: &SealArgs) -> Result<Exit, Failure> {
    let task = args.challenge.task()?;
    let nonce = cli::given_nonce(args.nonce)?;
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
