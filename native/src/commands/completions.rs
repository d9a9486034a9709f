//! `btpow completions`: the script with which a shell completes the flags.

use clap::CommandFactory;

use crate::{
    cli::{Cli, CompletionsArgs},
    exit::{Exit, Failure},
    output,
};

/// Prints the script.
///
/// # Errors
///
/// [`Failure::Output`].
pub fn run(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "btpow", &mut script);
    output::generated(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Success)
}
