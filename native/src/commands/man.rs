//! `btpow man`: the manual pages.

use std::io;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::{
    cli::{Cli, ManArgs, Usage},
    exit::{Exit, Failure},
    output::{self, OutputError},
};

/// Prints the page of the program or of a command.
///
/// # Errors
///
/// [`Failure::Usage`] for an unknown command; [`Failure::Output`].
pub fn run(args: &ManArgs) -> Result<Exit, Failure> {
    let mut program = Cli::command();
    // Gives each command's page its title and the program's own flags.
    program.build();
    let command = match &args.command {
        None => program,
        Some(name) => {
            let all: Vec<_> = program.get_subcommands().map(|it| it.get_name()).collect();
            let remedy = format!("choose among: {}", all.join(", "));
            let command = program.find_subcommand(name).cloned();
            command.ok_or_else(|| {
                Usage::new(
                    "COMMAND",
                    format_args!("there is no command {name:?}"),
                    &remedy,
                )
            })?
        }
    };
    output::generated(&page(command).map_err(OutputError::from)?)?;
    Ok(Exit::Success)
}

fn page(command: clap::Command) -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
