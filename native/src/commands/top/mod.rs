//! `btpow top`: shows a running search in a terminal, by its API. It stops and changes nothing.

mod client;
mod draw;
#[cfg(test)]
mod draw_tests;
mod rigs;
#[cfg(test)]
mod rigs_tests;
mod screen;
mod shares;
mod view;

use std::io::{self, IsTerminal as _};

use self::client::Client;
use crate::{
    api::Token,
    cli::{TopArgs, Usage},
    environment::Environment,
    exit::{Exit, Failure},
};

/// Asks once before the screen is taken, so that what is wrong is said in one line; then shows until a key ends it.
///
/// # Errors
///
/// [`Failure`] where there is no terminal, or no search that answers.
pub fn run(args: &TopArgs, environment: &Environment) -> Result<Exit, Failure> {
    let token = args
        .api_token_file
        .as_deref()
        .map(Token::read)
        .transpose()?;
    let address = args.address();
    let client = Client::new(address, token);
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        let remedy = format!("ask with: curl http://{address}/status");
        return Err(Usage::new("btpow top", "there is no terminal to draw on", &remedy).into());
    }
    let first = client.ask().map_err(|error| error.into_failure(address))?;
    screen::show(&client, first, environment)
}
