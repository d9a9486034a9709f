//! How a registration ended, for people and for programs.

use btpow_core::{PublicKey, Seal};
use btpow_registration::{Goal, session::End};
use schemars::JsonSchema;
use serde::Serialize;

use super::{super::common::DRY_RUN, Chain, Outcome, Outcomes, Request, Target};
use crate::{
    chain::Runtime,
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

/// Prints the answers, one for each target that has an outcome. Returns the exit that goes with them: that of the target
/// that fared worst.
pub(super) fn give(
    request: &Request<'_>,
    chain: &Chain,
    outcomes: &[Option<Outcome>],
) -> Result<Exit, Failure> {
    let mut given = Ok(Exit::Success);
    for (target, outcome) in request.targets.iter().zip(outcomes) {
        let Some(outcome) = outcome else {
            continue;
        };
        let name = (request.targets.len() > 1).then(|| target.name());
        if request.args.json {
            output::treasure(&json::line(&Answer::new(target, chain, outcome)))?;
        } else {
            output::treasure(&people(target, outcome))?;
        }
        let end = end(target, outcome, name.as_deref());
        if let (Some(name), Err(failure)) = (&name, &end) {
            output::say(&format!("error: {name}: {failure}"));
        }
        // A single one is told of by its own error.
        let end = match (name, end) {
            (Some(_), Err(failure)) => Ok(failure.exit()),
            (_, end) => end,
        };
        given = worse(given, end);
    }
    given
}

/// The worse of two ends: a signal, a place that somebody else has, a refusal, a limit, success.
fn worse(one: Result<Exit, Failure>, other: Result<Exit, Failure>) -> Result<Exit, Failure> {
    let rank = |end: &Result<Exit, Failure>| {
        let exit = end.as_ref().map_or_else(Failure::exit, |exit| *exit);
        match exit {
            Exit::Success => 0,
            Exit::Limit => 1,
            Exit::Refused => 2,
            Exit::Lost => 3,
            Exit::Interrupted(_) => 5,
            _ => 4,
        }
    };
    if rank(&other) > rank(&one) {
        other
    } else {
        one
    }
}

/// How a target ended, as an exit.
fn end(target: &Target, outcome: &Outcome, name: Option<&str>) -> Result<Exit, Failure> {
    match &outcome.ended {
        Outcomes::End(End::Registered { .. } | End::Given { .. }) | Outcomes::NotBegun => {
            Ok(Exit::Success)
        }
        Outcomes::End(End::Denied(denial)) if outcome.submissions > 0 => {
            Err(Failure::Denied(denial.clone()))
        }
        Outcomes::End(End::Denied(denial)) => Err(denial.clone().into()),
        Outcomes::End(End::Exhausted { limit, last }) => Err(Failure::Exhausted {
            limit: *limit,
            last: last.clone(),
        }),
        Outcomes::Run(Ended::Interrupted(signal)) => {
            say("interrupted", target, outcome, name);
            Ok(Exit::Interrupted(*signal))
        }
        Outcomes::Run(Ended::Over | Ended::Enough | Ended::TimedOut) => {
            say("time is up", target, outcome, name);
            Ok(Exit::Limit)
        }
    }
}

/// Says which searches would begin now, and that none has; targets that are over have their answers.
pub(super) fn would_begin(
    request: &Request<'_>,
    chain: &Chain,
    outcomes: Vec<Option<Outcome>>,
) -> Result<Exit, Failure> {
    let open = outcomes.iter().filter(|it| it.is_none()).count();
    let outcomes = outcomes.into_iter();
    let outcomes = outcomes.map(|it| Some(it.unwrap_or_else(Outcome::not_begun)));
    let outcomes: Vec<_> = outcomes.collect();
    let given = give(request, chain, &outcomes);
    match request.targets.len() {
        1 => output::say(DRY_RUN),
        all => output::say(&format!("{DRY_RUN}; for {open} of {all} goals")),
    }
    given
}

/// A last word on standard error: what is known about the submissions.
fn say(what: &str, target: &Target, outcome: &Outcome, name: Option<&str>) {
    let known = match (outcome.included, outcome.submissions) {
        (Some((uid, place)), _) => format!(
            "registered as UID {uid} in block {}, which is not final yet; `btpow doctor` shows whether it stays",
            Seal(place.hash)
        ),
        (None, 0) => "nothing was sent".to_owned(),
        (None, _) => {
            let look = match target.goal {
                Goal::Register { .. } => "`btpow doctor` shows whether the key is registered",
                Goal::Faucet { .. } => "the coldkey's balance shows whether it was",
            };
            format!("what was sent may still be included; {look}")
        }
    };
    let name = name.map_or_else(String::new, |name| format!("{name}: "));
    output::say(&format!("{name}{what}; {known}"));
}

/// The answer for people; empty if an error says it all.
fn people(target: &Target, outcome: &Outcome) -> String {
    let mut text = String::new();
    match (&outcome.ended, target.goal) {
        (
            Outcomes::End(End::Registered {
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
            let already = if *already { "already, as " } else { "" };
            text += &format!(
                "registered  {already}UID {uid} on subnet {netuid}\n\
                 hotkey      {hotkey}\n\
                 coldkey     {coldkey}\n"
            );
            if let Some(place) = place {
                text += &format!("block       {}\n", Seal(place.hash));
            }
        }
        (Outcomes::End(End::Given { amount, place }), Goal::Faucet { coldkey }) => {
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
        text += &format!("took        {}", units::time(rates.time_spent_total));
        // Rigs may find something before they say how fast they are.
        if rates.hash_rate_perpetual > 0.0 {
            text += &format!(" at {}", units::rate(rates.hash_rate_perpetual));
        }
        text.push('\n');
    }
    text
}

impl<'a> Answer<'a> {
    fn new(target: &Target, chain: &'a Chain, outcome: &Outcome) -> Self {
        let Chain {
            start, protocol, ..
        } = chain;
        // Known even if it ended before the block was final.
        let (mut uid, mut block) = outcome.included.unzip();
        let (mut amount, mut reason) = (None, None);
        let status = match &outcome.ended {
            Outcomes::End(End::Registered {
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
            Outcomes::End(End::Given {
                amount: given,
                place,
            }) => {
                amount = Some(given.to_string());
                block = *place;
                "given"
            }
            Outcomes::End(End::Denied(denial)) => {
                reason = Some(denial.name().to_owned());
                "denied"
            }
            Outcomes::End(End::Exhausted { last, .. }) => {
                reason = last.as_ref().map(words::setback);
                "exhausted"
            }
            Outcomes::NotBegun => "dry_run",
            Outcomes::Run(Ended::Interrupted(_)) => "interrupted",
            Outcomes::Run(Ended::Over | Ended::Enough | Ended::TimedOut) => "timed_out",
        };
        let (netuid, hotkey, coldkey) = match target.goal {
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
