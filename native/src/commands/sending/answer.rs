//! How a registration ended, for people and for programs.

use btpow_core::{Protocol, PublicKey, Seal};
use btpow_registration::{Goal, session::End};
use schemars::JsonSchema;
use serde::Serialize;

use super::{super::common::DRY_RUN, Outcome, Request};
use crate::{
    chain::{Runtime, Start},
    exit::{Exit, Failure},
    output,
    registration::{driver::Ended, words},
    report::{
        json::{self, StatisticsFields},
        units,
    },
};

/// The JSON answer.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Answer<'a> {
    /// `registered`, `already_registered`, `given`, `denied`, `exhausted`, `timed_out`, `interrupted` or
    /// `dry_run`.
    status: &'static str,
    /// Why not: the name of a denial, or of what happened to the last submission.
    reason: Option<String>,
    chain: &'a str,
    genesis: String,
    spec_version: u32,
    protocol: &'static str,
    order: &'static str,
    netuid: Option<u16>,
    uid: Option<u16>,
    hotkey: Option<String>,
    coldkey: String,
    /// The block that holds it, if it was seen.
    block_hash: Option<String>,
    /// What the faucet gave, in rao.
    amount: Option<String>,
    submissions: u64,
    statistics: Option<StatisticsFields>,
}

/// Prints the answer. Returns the exit that goes with it.
pub(super) fn give(
    request: &Request<'_>,
    start: &Start,
    protocol: Protocol,
    outcome: &Outcome,
) -> Result<Exit, Failure> {
    if request.args.json {
        output::treasure(&json::line(&Answer::new(request, start, protocol, outcome)))?;
    } else {
        output::treasure(&people(request, outcome))?;
    }
    match &outcome.ended {
        Ended::Session(End::Registered { .. } | End::Given { .. }) => Ok(Exit::Success),
        Ended::Session(End::Denied(denial)) if outcome.submissions > 0 => {
            Err(Failure::Denied(denial.clone()))
        }
        Ended::Session(End::Denied(denial)) => Err(denial.clone().into()),
        Ended::Session(End::Exhausted { limit, last }) => Err(Failure::Exhausted {
            limit: *limit,
            last: last.clone(),
        }),
        Ended::Enough | Ended::TimedOut => {
            say("time is up", request, outcome);
            Ok(Exit::Limit)
        }
        Ended::Interrupted(signal) => {
            say("interrupted", request, outcome);
            Ok(Exit::Interrupted(*signal))
        }
    }
}

/// Says that the search would begin now, and that nothing has.
pub(super) fn would_begin(
    request: &Request<'_>,
    start: &Start,
    protocol: Protocol,
) -> Result<Exit, Failure> {
    if request.args.json {
        let outcome = Outcome {
            ended: Ended::Enough,
            submissions: 0,
            included: None,
            snapshot: None,
        };
        let answer = Answer {
            status: "dry_run",
            ..Answer::new(request, start, protocol, &outcome)
        };
        output::answer(&json::line(&answer))?;
    }
    output::say(DRY_RUN);
    Ok(Exit::Success)
}

/// A last word on standard error: what is known about the submissions.
fn say(what: &str, request: &Request<'_>, outcome: &Outcome) {
    let known = match (outcome.included, outcome.submissions) {
        (Some((uid, place)), _) => format!(
            "registered as UID {uid} in block {}, which is not final yet; `btpow doctor` shows whether it stays",
            Seal(place.hash)
        ),
        (None, 0) => "nothing was sent".to_owned(),
        (None, _) => {
            let look = match request.goal {
                Goal::Register { .. } => "`btpow doctor` shows whether the key is registered",
                Goal::Faucet { .. } => "the coldkey's balance shows whether it was",
            };
            format!("what was sent may still be included; {look}")
        }
    };
    output::say(&format!("{what}; {known}"));
}

/// The answer for people; empty if an error says it all.
fn people(request: &Request<'_>, outcome: &Outcome) -> String {
    let mut text = String::new();
    match (&outcome.ended, request.goal) {
        (
            Ended::Session(End::Registered {
                uid,
                place,
                already,
            }),
            Goal::Register {
                netuid,
                hotkey,
                coldkey,
            },
        ) => {
            let already = if *already { ", already" } else { "" };
            text += &format!(
                "registered  UID {uid} on subnet {netuid}{already}\n\
                 hotkey      {hotkey}\n\
                 coldkey     {coldkey}\n"
            );
            if let Some(place) = place {
                text += &format!("block       {}\n", Seal(place.hash));
            }
        }
        (Ended::Session(End::Given { amount, place }), Goal::Faucet { coldkey }) => {
            text += &format!("given       {}\n", units::tao(*amount));
            text += &format!("coldkey     {coldkey}\n");
            if let Some(place) = place {
                text += &format!("block       {}\n", Seal(place.hash));
            }
        }
        _ => return text,
    }
    if let Some(snapshot) = &outcome.snapshot {
        let rates = &snapshot.total.rates;
        text += &format!(
            "took        {} at {}\n",
            units::time(rates.time_spent_total),
            units::rate(rates.hash_rate_perpetual)
        );
    }
    text
}

impl<'a> Answer<'a> {
    fn new(request: &Request<'_>, start: &'a Start, protocol: Protocol, outcome: &Outcome) -> Self {
        // Known even if it ended before the block was final.
        let (mut uid, mut block) = outcome.included.unzip();
        let (mut amount, mut reason) = (None, None);
        let status = match &outcome.ended {
            Ended::Session(End::Registered {
                uid: number,
                place,
                already,
            }) => {
                uid = Some(*number);
                block = *place;
                if *already {
                    "already_registered"
                } else {
                    "registered"
                }
            }
            Ended::Session(End::Given {
                amount: given,
                place,
            }) => {
                amount = Some(given.to_string());
                block = *place;
                "given"
            }
            Ended::Session(End::Denied(denial)) => {
                reason = Some(denial.name().to_owned());
                "denied"
            }
            Ended::Session(End::Exhausted { last, .. }) => {
                reason = last.as_ref().map(words::setback);
                "exhausted"
            }
            Ended::Enough | Ended::TimedOut => "timed_out",
            Ended::Interrupted(_) => "interrupted",
        };
        let (netuid, hotkey, coldkey) = match request.goal {
            Goal::Register {
                netuid,
                hotkey,
                coldkey,
            } => (Some(netuid), Some(hotkey), coldkey),
            Goal::Faucet { coldkey } => (None, None, coldkey),
        };
        let runtime: &Runtime = &start.runtime;
        Self {
            status,
            reason,
            chain: start.connection.chain(),
            genesis: Seal(start.connection.genesis()).to_string(),
            spec_version: runtime.spec_version(),
            protocol: protocol.name(),
            order: protocol.order().name(),
            netuid,
            uid,
            hotkey: hotkey.as_ref().map(PublicKey::to_string),
            coldkey: coldkey.to_string(),
            block_hash: block.map(|place| Seal(place.hash).to_string()),
            amount,
            submissions: outcome.submissions,
            statistics: outcome.snapshot.as_ref().map(StatisticsFields::from),
        }
    }
}
