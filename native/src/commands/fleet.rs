//! `btpow fleet`: asks how a fleet is.

use std::io;

use btpow_fleet::message::{self, Status};

use super::common::waiting;
use crate::{
    cli::{FleetCommand, FleetCommandArgs, FleetStatusArgs},
    exit::{Exit, Failure},
    fleet::{LinkError, fields::StatusFields, table},
    output,
    report::json,
};

/// Asks, and shows the answer.
///
/// # Errors
///
/// [`Failure`] of any kind.
pub fn run(args: &FleetCommandArgs) -> Result<Exit, Failure> {
    let FleetCommand::Status(args) = &args.command;
    let status = waiting::block_on(ask(args))?;
    let answer = if args.json {
        json::line(&StatusFields::from(&status))
    } else {
        let size = terminal_size::terminal_size_of(io::stdout());
        let columns = size.map_or(table::WIDE, |(width, _)| usize::from(width.0));
        let lines = table::lines(&status, columns);
        lines.iter().map(|line| format!("{line}\n")).collect()
    };
    output::answer(&answer)?;
    Ok(Exit::Success)
}

/// The answer of the coordinator that leads.
async fn ask(args: &FleetStatusArgs) -> Result<Status, Failure> {
    let server = args.fleet.given_server(args.insecure)?;
    let mut link = server.connect(0).await?;
    let subject = link.fleet().status();
    let answer = link.ask(subject).await?;
    let status = message::read(&answer);
    Ok(status.map_err(|error| LinkError::NoCoordinator {
        server: server.address().to_string(),
        fleet: server.address().fleet().to_string(),
        reason: format!("what answers is no coordinator of this program: {error}"),
    })?)
}
