//! `btpow subnets`: which subnets take proofs of work, and how long one takes here.

use btpow_core::{Protocol, odds};
use btpow_registration::{Denial, Subnet};
use indicatif::HumanCount;
use schemars::JsonSchema;
use serde::Serialize;

use super::common::{hashing, waiting};
use crate::{
    chain::{Start, subnets},
    cli::SubnetsArgs,
    environment::Environment,
    exit::{Exit, Failure},
    output,
    report::{json, units},
};

/// The JSON answer.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct Answer {
    chain: String,
    spec_version: u32,
    block_number: u64,
    protocol: &'static str,
    /// This machine's rate, in hashes per second.
    hash_rate: f64,
    /// How many subnets there are, without the root.
    subnets_total: usize,
    /// Those with proof of work, quickest first; at the end those that take none at the moment.
    subnets: Vec<SubnetFields>,
}

#[derive(Debug, JsonSchema, Serialize)]
struct SubnetFields {
    netuid: u16,
    difficulty: String,
    expected_time: Option<f64>,
    registrations_this_block: u16,
    max_registrations_per_block: u16,
    uids: u16,
    max_uids: u16,
    /// The name of what keeps every key from registering; null for nothing.
    obstacle: Option<&'static str>,
}

/// Lists them.
///
/// # Errors
///
/// [`Failure`] of any kind.
pub fn run(args: &SubnetsArgs, environment: &Environment) -> Result<Exit, Failure> {
    let network = args.chain.network(environment)?;
    let devices = hashing::devices(&args.rig, environment)?;
    let (start, protocol, all) = waiting::block_on(async {
        let start = Start::find(&network).await?;
        let protocol = start.runtime.registration().map_err(Denial::from)?;
        let all = subnets::all(&start).await?;
        Ok((start, protocol, all))
    })?;
    let (rate, _) = hashing::measure(&devices, protocol)?;
    let total = all.iter().filter(|(netuid, _)| *netuid != 0).count();
    let mut open: Vec<_> = all
        .into_iter()
        .filter(|(netuid, subnet)| *netuid != 0 && subnet.pow_allowed)
        .collect();
    open.sort_by_key(|(netuid, subnet)| {
        let is_shut = subnet.obstacle(*netuid).is_some();
        (is_shut, subnet.difficulty, *netuid)
    });
    let answer = Answer {
        chain: start.connection.chain().to_owned(),
        spec_version: start.runtime.spec_version(),
        block_number: start.head.number,
        protocol: protocol.name(),
        hash_rate: rate,
        subnets_total: total,
        subnets: open
            .iter()
            .map(|(netuid, subnet)| SubnetFields::new(*netuid, subnet, rate))
            .collect(),
    };
    output::answer(&if args.json {
        json::line(&answer)
    } else {
        people(&answer, protocol, &open)
    })?;
    Ok(Exit::Success)
}

impl SubnetFields {
    fn new(netuid: u16, subnet: &Subnet, rate: f64) -> Self {
        Self {
            netuid,
            difficulty: subnet.difficulty.get().to_string(),
            expected_time: odds::expected_seconds(subnet.difficulty, rate),
            registrations_this_block: subnet.registrations.now,
            max_registrations_per_block: subnet.registrations.most,
            uids: subnet.uids.now,
            max_uids: subnet.uids.most,
            obstacle: subnet.obstacle(netuid).map(|obstacle| obstacle.name()),
        }
    }
}

fn people(answer: &Answer, protocol: Protocol, open: &[(u16, Subnet)]) -> String {
    let mut text = format!(
        "{}, runtime {}, block {}: {} of {} subnets take proofs of work ({protocol}); this rig: {}\n",
        answer.chain,
        answer.spec_version,
        answer.block_number,
        answer
            .subnets
            .iter()
            .filter(|it| it.obstacle.is_none())
            .count(),
        answer.subnets_total,
        units::rate(answer.hash_rate)
    );
    if open.is_empty() {
        return text;
    }
    text += &format!(
        "\n{:>6}  {:>26}  {:>16}  {:>10}  {:>11}\n",
        "netuid", "difficulty", "expected here", "this block", "keys"
    );
    for (netuid, subnet) in open {
        let expected = odds::expected_seconds(subnet.difficulty, answer.hash_rate);
        text += &format!(
            "{netuid:>6}  {:>26}  {:>16}  {:>10}  {:>11}{}\n",
            // As text, since `HumanCount` ignores a width.
            HumanCount(subnet.difficulty.get()).to_string(),
            expected.map_or_else(|| "unknown".to_owned(), units::time),
            format!(
                "{} of {}",
                subnet.registrations.now, subnet.registrations.most
            ),
            format!("{} of {}", subnet.uids.now, subnet.uids.most),
            subnet
                .obstacle(*netuid)
                .map_or_else(String::new, |obstacle| format!("  {obstacle}")),
        );
    }
    text
}
