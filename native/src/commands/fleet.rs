//! `btpow fleet`: asks how a fleet is.

use btpow_fleet::message::{self, Status};

use super::common::waiting;
use crate::{
    cli::{FleetCommand, FleetCommandArgs, FleetStatusArgs},
    exit::{Exit, Failure},
    fleet::LinkError,
    output,
};

/// Asks, and shows the answer.
///
/// # Errors
///
/// [`Failure`] of any kind.
pub fn run(args: &FleetCommandArgs) -> Result<Exit, Failure> {
    let FleetCommand::Status(args) = &args.command;
    let status = waiting::block_on(ask(args))?;
    output::answer(&format!("{status:#?}\n"))?;
    Ok(Exit::Success)
}

/// The answer of the coordinator that leads.
async fn ask(args: &FleetStatusArgs) -> Result<Status, Failure> {
    let server = args.fleet.given_server(args.insecure)?;
    let mut link = server.connect().await?;
    let subject = link.fleet().status();
    let answer = link.ask(subject).await?;
    let status = message::read(&answer);
    Ok(status.map_err(|error| LinkError::NoCoordinator {
        server: server.address().to_string(),
        fleet: server.address().fleet().to_string(),
        reason: format!("what answers is no coordinator of this program: {error}"),
    })?)
}
