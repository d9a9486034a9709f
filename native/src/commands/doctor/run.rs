//! Asks the chain and measures the machine.

use btpow_core::Protocol;
use btpow_registration::{Denial, Goal, Standing, State, Subject};

use super::{
    answer::{Answer, people},
    findings::Findings,
};
use crate::{
    chain::{ChainError, Start, subnets},
    cli::DoctorArgs,
    commands::common::{hashing, keys::Keys, waiting},
    environment::Environment,
    exit::{Exit, Failure},
    output,
    report::json,
};

/// Asks the chain, measures the machine, and prints a verdict.
///
/// # Errors
///
/// [`Failure`] of any kind; [`Failure::Denied`] when the chain would take no registration.
pub fn run(args: &DoctorArgs, environment: &Environment) -> Result<Exit, Failure> {
    let netuid = args.netuid;
    let network = args.chain.network(environment)?;
    let keys = Keys::read(&args.keys, &environment.bittensor)?;
    let devices = hashing::devices(&args.rig, environment)?;
    devices.look();
    let mut findings = waiting::block_on(async {
        let start = Start::find(&network).await?;
        let protocol = start.runtime.registration().map_err(Denial::from);
        let signer = match protocol {
            Ok(Protocol::Legacy(_)) => keys.hotkey,
            Ok(Protocol::V1) | Err(_) => keys.coldkey,
        };
        let subject = Subject {
            netuid,
            hotkey: keys.hotkey,
            signer,
        };
        let state = start.state(&subject).await?;
        let subnets_open = match (netuid, &protocol) {
            (None, Ok(_)) => {
                let all = subnets::all(&start).await?;
                let open = all
                    .iter()
                    .filter(|(netuid, it)| *netuid != 0 && it.obstacle(*netuid).is_none());
                Some(open.count())
            }
            _ => None,
        };
        let unsafe_wallet = keys.wallet.as_ref().and_then(|it| it.guard().err());
        let by_hotkey = matches!(protocol, Ok(Protocol::Legacy(_)));
        let missing = keys.wallet.as_ref().and_then(|it| it.missing(by_hotkey));
        Ok(Findings {
            unsafe_wallet,
            missing,
            standing: netuid.map(|netuid| standing(netuid, &protocol, &keys, &state)),
            start,
            netuid,
            keys,
            state,
            protocol,
            subnets_open,
            rate: None,
        })
    })?;
    if let Ok(protocol) = findings.protocol {
        findings.rate = Some(hashing::measure(&devices, protocol)?);
    }
    output::answer(&if args.json {
        json::line(&Answer::new(&network, &findings))
    } else {
        people(&network, &findings)
    })?;
    let denial = findings.denial();
    let endpoint = findings.start.connection.endpoint().to_string();
    match (denial, findings.unsafe_wallet, findings.start.behind) {
        (Some(denial), ..) => Err(denial.into()),
        (None, Some(error), _) => Err(error.into()),
        (None, None, Some(behind)) => Err(ChainError::Behind { endpoint, behind }.into()),
        (None, None, None) => Ok(Exit::Success),
    }
}

/// What the chain would say. Unknown keys do not count against it.
fn standing(
    netuid: u16,
    protocol: &Result<Protocol, Denial>,
    keys: &Keys,
    state: &State,
) -> Standing {
    let (Some(hotkey), Ok(protocol)) = (keys.hotkey, protocol) else {
        let subnet = state.subnet.and_then(|subnet| subnet.obstacle(netuid));
        return subnet.map_or(Standing::Open, Standing::Denied);
    };
    let goal = Goal::Register {
        netuid,
        hotkey,
        // Unless the user names a coldkey, the hotkey's owner counts as the right one.
        coldkey: keys.coldkey.or(state.hotkey.owner).unwrap_or(hotkey),
    };
    goal.standing(*protocol, state)
}
