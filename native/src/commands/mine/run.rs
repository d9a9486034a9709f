//! The search for proofs, one for every block.

use core::{num::NonZeroU32, ops::ControlFlow};

use btpow_registration::{
    Denial, Goal, Session, Standing,
    session::{End, Patience, Policy, Settings, Wait},
};
use indicatif::HumanCount;

use super::answer::{Line, ProofFields, UnminedFields, btcli, people};
use crate::{
    api::{Aim, Api},
    chain::Follower,
    cli::{self, MineArgs},
    commands::common::{
        DRY_RUN, hashing,
        keys::{Keys, goal_name},
        waiting,
    },
    environment::Environment,
    exit::{Exit, Failure},
    limits::Limits,
    output,
    registration::driver::{self, Ended, Pursuit, Setup, Shown},
    report::{json, status::status},
    service::Service,
};

/// Mines for every new block and prints the proofs.
///
/// # Errors
///
/// [`Failure`] of any kind.
pub fn run(args: &MineArgs, environment: &Environment, live: bool) -> Result<Exit, Failure> {
    let netuid = cli::given_netuid(args.netuid)?;
    let network = args.chain.network(environment)?;
    let keys = Keys::read(&args.keys, &environment.bittensor)?;
    let (hotkey, coldkey) = keys.both()?;
    let mut api = Api::bind(&args.unattended.api, "mine", args.dry_run)?;
    let deadline = waiting::deadline(args.timeout);
    let devices = hashing::devices(&args.rig, environment)?;
    let limits = Limits::new(&args.limits, &devices)?;
    if !args.dry_run {
        devices.look();
    }
    let goal = Goal::Register {
        netuid,
        hotkey,
        coldkey,
    };
    let unmined = |status: &'static str, uid| {
        if args.json {
            output::answer(&json::line(&Line::Unmined(UnminedFields {
                status,
                netuid,
                uid,
                hotkey: hotkey.to_string(),
                coldkey: coldkey.to_string(),
            })))?;
        }
        Ok(Exit::Success)
    };
    let registered = |status: &'static str, uid| {
        let when = match status {
            "already_registered" => "already",
            _ => "now",
        };
        output::say(&format!(
            "the hotkey is {when} registered on subnet {netuid}, as UID {uid}"
        ));
        unmined(status, Some(uid))
    };
    api.serve()?;
    waiting::block_on(async {
        let (start, protocol, state) = waiting::until(deadline, async {
            let start = waiting::start(&network).await?;
            let protocol = goal.protocol(start.runtime.rules());
            let protocol = protocol.map_err(Denial::from)?;
            let state = start.state(&goal.subject(protocol)).await?;
            Ok((start, protocol, state))
        })
        .await?;
        let subject = goal.subject(protocol);
        let patience = Patience::from(args.unattended.patience);
        match patience.standing(&goal, protocol, &state) {
            Standing::Open => {}
            Standing::Registered { uid } => {
                // Otherwise the manager would call a service that has nothing to do a failed one.
                Service::find().ready();
                return registered("already_registered", uid);
            }
            Standing::Denied(obstacle) if patience.waits_for(obstacle) => {}
            Standing::Denied(obstacle) => return Err(Denial::from(obstacle).into()),
        }
        let difficulty = goal.difficulty(&state);
        let work = format!(
            "{protocol} for netuid {netuid}, block {}, difficulty {}",
            start.head.number,
            HumanCount(difficulty.get())
        );
        if args.dry_run {
            output::say(&format!("It would mine {work}"));
            output::say(&format!("hotkey  {hotkey}"));
            output::say(&format!("coldkey {coldkey}"));
            output::say(DRY_RUN);
            return unmined("dry_run", None);
        }
        let (rig, mut crew) = hashing::rig(&devices, |units| units)?;
        let signals = rig.forward_signals()?;
        let mut status = api.show(status(
            args.show.is_live(live),
            environment.needs_times,
            environment,
        ));
        let aim = Aim::from(goal);
        let aim = match &keys.wallet {
            Some(wallet) if args.keys.hotkey.is_none() => aim.called(goal_name(netuid, wallet)),
            _ => aim,
        };
        let gauges = hashing::look_after(&rig, &devices, limits)?;
        api.begin(vec![aim], &rig, &gauges)?;
        let shard = hashing::about_shard(args.unattended.shard);
        status.say(&format!("Mining {work}; on {crew}{shard}"));
        let settings = Settings {
            policy: Policy::Show,
            wait: Wait::Inclusion,
            patience,
            start: hashing::start(args.unattended.shard, &rig)?,
        };
        let genesis = start.connection.genesis();
        let events = hashing::events(&args.unattended, [goal], &rig)?;
        let setup = Setup {
            pursuits: vec![Pursuit {
                session: Session::new(goal, protocol, settings),
                signer: None,
                name: None,
                end: None,
            }],
            rig: &rig,
            crew: &mut crew,
            follower: Follower::start(network.clone(), start, vec![subject]),
            deadline,
            events: &events,
            exit_on_device_loss: args.unattended.exit_on_device_loss,
            lead: None,
        };
        let mut left = args.stop_after.map(NonZeroU32::get);
        if args.once {
            left = Some(1);
        }
        let mut show = |shown: Shown<'_>| {
            let text = if args.json {
                json::line(&Line::Proof(Box::new(ProofFields::new(
                    &goal,
                    protocol,
                    genesis,
                    btcli(&shown.proof.call, &network, &keys),
                    &shown,
                ))))
            } else {
                people(
                    &goal,
                    protocol,
                    btcli(&shown.proof.call, &network, &keys),
                    &shown,
                )
            };
            output::treasure(&text)?;
            if let Some(left) = &mut left {
                *left -= 1;
            }
            Ok(if left == Some(0) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        };
        let run = driver::run(setup, status.as_mut(), &mut show).await;
        status.close();
        events.finish();
        drop(signals);
        let end = run.pursued.into_iter().find_map(|it| it.end);
        match (run.ended?, end) {
            (Ended::Enough, _) => Ok(Exit::Success),
            (Ended::Over, Some(End::Registered { uid, .. })) => registered("registered", uid),
            (Ended::Over, Some(End::Denied(denial))) => Err(denial.into()),
            // Nothing was sent, so only the time can be up.
            (Ended::TimedOut | Ended::Over, _) => {
                output::say("time is up");
                Ok(Exit::Limit)
            }
            (Ended::Interrupted(signal), _) => {
                // The shell's prompt is to begin on a line of its own.
                output::say("interrupted");
                Ok(Exit::Interrupted(signal))
            }
        }
    })
}
