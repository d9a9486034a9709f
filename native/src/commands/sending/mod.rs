//! Mines, signs and sends, for both `register` and `faucet`.

mod answer;
mod fleet;
mod summary;
mod target;
mod unlock;

use core::ops::ControlFlow;
use std::io::{self, IsTerminal};

use btpow_core::{Protocol, odds};
use btpow_registration::{
    Denial, Place, Session, State,
    session::{End, Patience, Policy, Settings},
};

pub(crate) use self::answer::Answer;
use self::target::Before;
pub(crate) use self::target::Target;
use super::common::{hashing, waiting};
use crate::{
    api::{Aim, Api},
    chain::{Follower, Network, Start},
    cli::{LeadArgs, LimitArgs, SendArgs, UnattendedArgs, Usage},
    environment::Environment,
    exit::{Exit, Failure},
    fleet::Server,
    limits::Limits,
    output,
    registration::driver::{self, Ended, Pursued, Pursuit, Run, Setup},
    report::{Snapshot, status::status},
    service::Service,
};

/// The most signatures of a goal, unless `--attempts` allows more.
const SIGNATURES: u32 = 10;

/// What to do, complete and checked.
#[derive(Debug)]
struct Request<'a> {
    /// One at least.
    targets: Vec<Target>,
    network: Network,
    args: &'a SendArgs,
    /// Of the fleet that it leads, if it leads one.
    server: Option<Server>,
    lead: &'a LeadArgs,
}

/// What the chain says at the beginning.
#[derive(Debug)]
struct Chain {
    start: Start,
    protocol: Protocol,
    /// Of each target.
    states: Vec<State>,
}

/// What the answer reports of a target.
struct Outcome {
    ended: Outcomes,
    submissions: u64,
    /// A registration that is not final yet: the UID, and the block that holds it.
    included: Option<(u16, Place)>,
    snapshot: Option<Snapshot>,
}

/// How a target ended.
enum Outcomes {
    /// By itself.
    End(End),
    /// With the run, which ended before.
    Run(Ended),
    /// It would begin now, if this were no dry run.
    NotBegun,
}

/// Does all of it, for the targets that `targets` makes of the flags.
///
/// # Errors
///
/// [`Failure`] of any kind.
pub(crate) fn run(
    args: &SendArgs,
    unattended: &UnattendedArgs,
    lead: &LeadArgs,
    mut api: Api,
    targets: impl FnOnce() -> Result<Vec<Target>, Failure>,
    environment: &Environment,
    live: bool,
) -> Result<Exit, Failure> {
    let deadline = waiting::deadline(args.timeout);
    let patience = Patience::from(unattended.patience);
    let server = lead.server(unattended.shard, args.chain.insecure)?;
    let (devices, limits) = if lead.no_local {
        (hashing::no_devices()?, &LimitArgs::default())
    } else {
        (hashing::devices(&args.rig, environment)?, &args.limits)
    };
    let limits = Limits::new(limits, &devices)?;
    if !args.dry_run {
        devices.look();
    }
    let network = args.chain.network(environment)?;
    let request = &Request {
        targets: targets()?,
        network,
        args,
        server,
        lead,
    };
    for target in &request.targets {
        // What the user reads before signing must be what the user put there.
        target.wallet.guard()?;
    }
    if !args.yes && !args.dry_run && !io::stdin().is_terminal() {
        let problem = "there is no terminal on which to ask before signing";
        return Err(Usage::new("--yes", problem, "add it to sign without a question").into());
    }
    api.serve()?;
    waiting::block_on(async {
        let chain = &waiting::until(deadline, ask(request)).await?;
        let protocol = chain.protocol;
        let standings = request.targets.iter().zip(&chain.states);
        let standings = standings.map(|(target, state)| target.before(protocol, state, patience));
        let standings: Vec<Before> = standings.collect();
        let mut outcomes: Vec<_> = standings.iter().map(Outcome::before).collect();
        if outcomes.iter().all(Option::is_some) {
            // Otherwise the manager would call a service that has nothing to do a failed one.
            Service::find().ready();
            return answer::give(request, chain, &outcomes);
        }
        // Those that something can be done for.
        let open = || {
            let all = request.targets.iter().zip(&outcomes);
            all.filter(|(_, outcome)| outcome.is_none())
                .map(|(target, _)| target)
        };
        for target in open() {
            target.check_key(protocol)?;
        }
        let signing = unlock::signing(open(), protocol)?;
        let link = fleet::connect(request.server.as_ref(), deadline).await?;
        output::show(&summary::lines(request, chain, &standings));
        if args.dry_run {
            for target in signing {
                target.try_password_file(protocol)?;
            }
            return answer::would_begin(request, chain, outcomes);
        }
        let lead = fleet::listen(link, request.lead, open(), protocol, deadline).await?;
        let (rig, mut crew) = hashing::rig(&devices, |units| units)?;
        if !args.yes && standings.iter().any(|it| matches!(it, Before::Open)) {
            let (rigs, rate_of_rigs) = fleet::glance(lead.as_ref());
            let rate = hashing::glance(&rig, protocol).await? + rate_of_rigs;
            let outlook = summary::outlook(request, chain, &standings, rate, &crew);
            output::show(&(rigs + &outlook));
        }
        // The deadline applies only if nobody is asked: a person may take any time.
        let nobody_is_asked = args.yes && signing.iter().all(|it| it.has_password());
        let deadline_of_unlocking = deadline.filter(|_| nobody_is_asked);
        let signing = signing.into_iter().cloned().collect();
        let unlocked = unlock::unlock(signing, protocol, args.yes);
        let keys = waiting::until(deadline_of_unlocking, unlocked).await?;

        let signals = rig.forward_signals()?;
        let mut status = api.show(status(
            args.show.is_live(live),
            environment.needs_times,
            environment,
        ));
        let goals = || request.targets.iter().map(|target| target.goal);
        let aims = request.targets.iter();
        let aims = aims.map(|target| Aim::from(target.goal).called(target.name()));
        let gauges = hashing::look_after(&rig, &devices, limits)?;
        api.begin(aims.collect(), &rig, &gauges)?;
        if let Some(shard) = unattended.shard.shard {
            status.say(&format!("searching shard {shard} of the nonces"));
        }
        let attempts = args.attempts.get();
        let settings = Settings {
            policy: Policy::Send {
                attempts,
                signatures: attempts.max(SIGNATURES),
            },
            wait: args.wait,
            patience,
            start: match &lead {
                Some(_) => hashing::start_beside_rigs(&rig)?,
                None => hashing::start(unattended.shard, &rig)?,
            },
        };
        let events = hashing::events(unattended, goals(), &rig)?;
        let subjects = goals().map(|goal| goal.subject(protocol)).collect();
        let is_shared = request.targets.len() > 1;
        let pursuits = request.targets.iter().zip(&standings);
        let pursuits = pursuits.map(|(target, before)| Pursuit {
            session: Session::new(target.goal, protocol, settings),
            signer: keys.find(target.signer(protocol)),
            name: is_shared.then(|| target.name()),
            end: before.end(),
        });
        let setup = Setup {
            pursuits: pursuits.collect(),
            rig: &rig,
            crew: &mut crew,
            follower: Follower::start(request.network.clone(), chain.start.clone(), subjects),
            deadline,
            events: &events,
            exit_on_device_loss: unattended.exit_on_device_loss,
            lead,
        };
        let run = driver::run(setup, status.as_mut(), &mut |_| {
            Ok(ControlFlow::Continue(()))
        })
        .await;
        status.close();
        drop((signals, keys));
        let Run {
            ended,
            pursued,
            snapshot,
        } = run;
        // Of goals that have ended there is an answer, whatever becomes of the others.
        let ended_by = ended.as_ref().ok().copied();
        for (outcome, pursued) in outcomes.iter_mut().zip(pursued) {
            if outcome.is_none() {
                *outcome = Outcome::after(ended_by, pursued, &snapshot, is_shared);
            }
        }
        let given = answer::give(request, chain, &outcomes);
        let given = ended.map_err(Failure::from).and(given);
        // Nobody waits for an answer while a command hangs.
        events.finish();
        given
    })
}

/// Asks the chain how every target stands.
async fn ask(request: &Request<'_>) -> Result<Chain, Failure> {
    let start = waiting::start(&request.network).await?;
    let mut protocols = Vec::new();
    let mut states = Vec::new();
    for target in &request.targets {
        let protocol = target.goal.protocol(start.runtime.rules());
        let protocol = protocol.map_err(Denial::from)?;
        states.push(start.state(&target.goal.subject(protocol)).await?);
        protocols.push(protocol);
    }
    // Goals of one kind, of which a runtime takes one protocol.
    let protocol = protocols.first().copied().unwrap_or(Protocol::V1);
    Ok(Chain {
        start,
        protocol,
        states,
    })
}

impl Outcome {
    /// Of a target in a dry run.
    const fn not_begun() -> Self {
        Self {
            ended: Outcomes::NotBegun,
            submissions: 0,
            included: None,
            snapshot: None,
        }
    }

    /// Of a target that nothing is done for.
    fn before(before: &Before) -> Option<Self> {
        Some(Self {
            ended: Outcomes::End(before.end()?),
            submissions: 0,
            included: None,
            snapshot: None,
        })
    }

    /// Of a target whose session ended, or did not end before the run did; none if it did not and the run failed.
    fn after(
        ended: Option<Ended>,
        pursued: Pursued,
        at_end: &Option<Snapshot>,
        is_shared: bool,
    ) -> Option<Self> {
        let Pursued {
            end,
            session,
            chance,
            hashed,
            time,
            snapshot,
        } = pursued;
        let mut snapshot = snapshot.or_else(|| at_end.clone());
        if let Some(snapshot) = &mut snapshot
            && (is_shared || snapshot.fleet.is_some())
        {
            // The devices worked for all of them, and rigs did as well.
            snapshot.total.chance = chance;
            let rate = snapshot.rate();
            let rates = &mut snapshot.total.rates;
            (rates.nonces_total, rates.time_spent_total) = (hashed, time);
            rates.hash_rate_perpetual = if time > 0.0 {
                hashed as f64 / time
            } else {
                0.0
            };
            if let Some((head, difficulty)) = session.asks() {
                let total = &mut snapshot.total;
                total.difficulty = difficulty.get();
                (total.block_number, total.block_hash) = (Some(head.number), head.hash);
                total.expected_time = odds::expected_seconds(difficulty, rate);
            }
        }
        let ended = end.map(Outcomes::End).or(ended.map(Outcomes::Run))?;
        Some(Self {
            ended,
            submissions: session.sent(),
            included: session.not_final(),
            snapshot,
        })
    }
}
