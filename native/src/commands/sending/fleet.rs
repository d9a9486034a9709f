//! The fleet that a registration leads.

use core::time::Duration;
use std::time::Instant;

use btpow_core::Protocol;
use btpow_fleet::{
    Id,
    coordinator::LISTEN,
    message::{Message as _, Status},
};

use super::{Target, waiting};
use crate::{
    cli::LeadArgs,
    exit::Failure,
    fleet::{
        Lead, Link, LinkError, Server,
        lead::{Duty, asked},
    },
    report::units,
};

/// How long it listens before anything else: whoever leads speaks every second, and so do rigs that nobody told what to do.
const LISTENS: Duration = Duration::from_micros(LISTEN);

/// What the chain takes for a block, and after how many without a word something is wrong: for so long rigs go on that hear
/// nothing, and longer by the blocks for which their proofs would still count.
const BLOCK: Duration = Duration::from_secs(12);
const SILENT: u32 = 3;

/// Connects to the server.
pub(super) async fn connect(
    server: Option<&Server>,
    deadline: Option<Instant>,
) -> Result<Option<Link>, Failure> {
    let Some(server) = server else {
        return Ok(None);
    };
    let link = waiting::until(deadline, async {
        Ok(server.connect(Status::LONGEST).await?)
    });
    link.await.map(Some)
}

/// Begins to hear rigs. They are told nothing before there is a block. Where another coordinator leads, only a standby goes on.
pub(super) async fn listen<'a>(
    link: Option<Link>,
    args: &LeadArgs,
    targets: impl Iterator<Item = &'a Target>,
    protocol: Protocol,
    deadline: Option<Instant>,
) -> Result<Option<Lead>, Failure> {
    let Some(link) = link else {
        return Ok(None);
    };
    let server = link.address().to_string();
    let fleet = link.fleet().to_string();
    let window = u32::try_from(protocol.max_work_age()).unwrap_or(u32::MAX);
    let duty = Duty {
        id: Id(getrandom::u64().map_err(Failure::Randomness)?),
        is_standby: args.standby,
        goals: targets.filter_map(|it| asked(it.goal, protocol)).collect(),
        patience: BLOCK * SILENT.saturating_add(window),
    };
    let lead = Lead::start(link, duty).await?;
    let listened = async {
        tokio::time::sleep(LISTENS).await;
        Ok(())
    };
    waiting::until(deadline, listened).await?;
    if !lead.may_lead() {
        return Err(LinkError::MayNotLead { server, fleet }.into());
    }
    match lead.leader().filter(|_| !args.standby) {
        Some(leader) => Err(Failure::Led {
            leader,
            fleet,
            server,
        }),
        None => Ok(Some(lead)),
    }
}

/// The rigs that are there, for whoever is asked to go on, and their hashes per second.
pub(super) fn glance(lead: Option<&Lead>) -> (String, f64) {
    let Some(lead) = lead else {
        return (String::new(), 0.0);
    };
    let (rigs, rate) = lead.heard();
    let rate_now = match rate {
        0.0 => "none works yet".to_owned(),
        rate => units::rate(rate),
    };
    let text = match rigs {
        0 => "none yet".to_owned(),
        rigs => format!("{rigs}; {rate_now}"),
    };
    (format!("rigs       {text}\n"), rate)
}

/// The line about it that a user reads before agreeing; empty without a fleet.
pub(super) fn line(server: Option<&Server>, args: &LeadArgs) -> String {
    let Some(address) = server.map(Server::address) else {
        return String::new();
    };
    let duty = if args.standby {
        "; leads while no other coordinator does"
    } else {
        ""
    };
    let devices = if args.no_local {
        "; no device here works"
    } else {
        ""
    };
    format!(
        "fleet      {} at {address}{duty}{devices}\n",
        address.fleet()
    )
}
