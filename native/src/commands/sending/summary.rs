//! Shows what will be signed.

use btpow_core::{Protocol, Seal, odds};
use btpow_registration::{Goal, Obstacle, State};
use indicatif::HumanCount;

use super::{
    Chain, Request, fleet,
    target::{Before, Target},
};
use crate::{chain::Start, crew::Crew, registration::words, report::units, text};

/// The lines that the user reads before agreeing: about the chain, then about each goal.
pub(super) fn lines(request: &Request<'_>, chain: &Chain, standings: &[Before]) -> String {
    let Start {
        connection,
        runtime,
        head,
        ..
    } = &chain.start;
    let settings = request.args.settings.as_ref();
    let mut text = settings.map_or_else(String::new, |path| {
        let path = path.display().to_string();
        format!("settings   {}\n", text::one_line(&path))
    });
    text += &format!(
        "chain      {}, {} {}, block {}\n\
         genesis    {}\n\
         pinned     {}\n\
         endpoint   {}\n",
        connection.chain(),
        runtime.name(),
        runtime.spec_version(),
        head.number,
        Seal(connection.genesis()),
        request.network.about_pin(),
        connection.endpoint().way(),
    );
    text += &fleet::line(request.server.as_ref(), request.lead);
    let is_one = request.targets.len() == 1;
    let targets = request.targets.iter().zip(&chain.states).zip(standings);
    for ((target, state), before) in targets {
        if !is_one {
            text += "\n";
        }
        text += &match before {
            // Its outcome is told at the end, too; but who agrees must know what to.
            Before::Over(end) => format!("{}: {}\n", target.name(), words::end(end)),
            Before::Open => goal(target, chain.protocol, state, None),
            Before::Closed(obstacle) => goal(target, chain.protocol, state, Some(*obstacle)),
        };
    }
    if !is_one {
        text += "\n";
    }
    text
}

/// The lines about a goal; `closed` is why its subnet takes no proof yet.
fn goal(target: &Target, protocol: Protocol, state: &State, closed: Option<Obstacle>) -> String {
    let signer = target.signer(protocol);
    let wallet = &target.wallet;
    let mut text = String::new();
    match target.goal {
        Goal::Register {
            netuid,
            hotkey,
            coldkey,
        } => {
            let difficulty = HumanCount(target.goal.difficulty(state).get());
            text += &match protocol {
                Protocol::V1 => {
                    "call       SubtensorModule.pow_register, signed by the coldkey\n".to_owned()
                }
                Protocol::Legacy(_) => {
                    "call       SubtensorModule.register, signed by the hotkey\n".to_owned()
                }
            };
            text += &format!("hotkey     {hotkey} ({})\n", wallet.hotkey_name());
            text += &format!("coldkey    {coldkey} ({})\n", wallet.name());
            text += &match protocol {
                Protocol::V1 => "fee        0: no TAO is spent\n".to_owned(),
                Protocol::Legacy(_) => {
                    format!("fee        this old runtime's transaction fee, paid by {signer}\n")
                }
            };
            text += &format!(
                "effect     the hotkey gets a UID on subnet {netuid}, and the coldkey owns it\n"
            );
            // What a closed subnet asks for says nothing about the day when it opens.
            text += &closed.map_or_else(
                || format!("difficulty {difficulty}\n"),
                |obstacle| format!("waits      {obstacle}\n"),
            );
        }
        Goal::Faucet { coldkey } => {
            text += "call       SubtensorModule.faucet, signed by the coldkey\n";
            text += &format!("coldkey    {coldkey} ({})\n", wallet.name());
            text += "fee        0\neffect     the coldkey gets test TAO\n";
        }
    }
    text
}

/// The devices that are there, and how long the search will take with them, for each goal that is open.
pub(super) fn outlook(
    request: &Request<'_>,
    chain: &Chain,
    standings: &[Before],
    rate: f64,
    crew: &Crew,
) -> String {
    let mut text = format!("devices    {crew}\n");
    let targets = request.targets.iter().zip(&chain.states).zip(standings);
    for ((target, state), before) in targets {
        if !matches!(before, Before::Open) {
            continue;
        }
        let difficulty = target.goal.difficulty(state);
        let expected = odds::expected_seconds(difficulty, rate).map_or_else(
            || "not measured yet".to_owned(),
            |seconds| {
                let (time, rate) = (units::time(seconds), units::rate(rate));
                format!("{time} for a proof, on average, at {rate}")
            },
        );
        let name = if request.targets.len() > 1 {
            format!("{}: ", target.name())
        } else {
            String::new()
        };
        text += &format!("expected   {name}{expected}\n");
    }
    text
}
