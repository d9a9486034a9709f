//! Shows what will be signed.

use btpow_core::{Difficulty, Protocol, Seal, odds};
use btpow_registration::{Goal, Obstacle, State};
use indicatif::HumanCount;

use super::Request;
use crate::{chain::Start, crew::Crew, report::units};

/// The lines that the user reads before agreeing; `closed` is why the subnet takes no proof yet.
pub(super) fn lines(
    request: &Request<'_>,
    start: &Start,
    protocol: Protocol,
    state: &State,
    closed: Option<Obstacle>,
) -> String {
    let Start {
        connection,
        runtime,
        head,
        ..
    } = start;
    let mut text = format!(
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
    let signer = request.goal.signer(protocol);
    let wallet = &request.wallet;
    match request.goal {
        Goal::Register {
            netuid,
            hotkey,
            coldkey,
        } => {
            let difficulty = HumanCount(request.goal.difficulty(state).get());
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

/// The devices that are there, and how long the search will take with them.
pub(super) fn outlook(difficulty: Difficulty, rate: f64, crew: &Crew) -> String {
    let expected = odds::expected_seconds(difficulty, rate).map_or_else(
        || "not measured yet".to_owned(),
        |seconds| {
            let (time, rate) = (units::time(seconds), units::rate(rate));
            format!("{time} for a proof, on average, at {rate}")
        },
    );
    format!("devices    {crew}\nexpected   {expected}\n")
}
