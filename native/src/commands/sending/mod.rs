//! Mines, signs and sends, for both `register` and `faucet`.

mod answer;
mod summary;

use core::ops::ControlFlow;
use std::io::{self, BufRead, IsTerminal};

use btpow_core::Protocol;
use btpow_registration::{
    Denial, Goal, Place, Session, Standing,
    session::{End, Patience, Policy, Settings},
};

pub(crate) use self::answer::Answer;
use super::common::{hashing, keys, waiting};
use crate::{
    chain::{Follower, Network},
    cli::{SendArgs, UnattendedArgs, Usage},
    environment::Environment,
    exit::{Exit, Failure},
    output,
    registration::driver::{self, Ended, Setup},
    report::{Snapshot, status::status},
    service::Service,
    wallet::{self, Keypair, PasswordOption, Passwords, Wallet, WalletError},
};

/// The most signatures of a run, unless `--attempts` allows more.
const SIGNATURES: u32 = 10;

/// What to do, complete and checked.
#[derive(Debug)]
struct Request<'a> {
    goal: Goal,
    network: Network,
    wallet: Wallet,
    args: &'a SendArgs,
}

/// What the answer reports.
struct Outcome {
    ended: Ended,
    submissions: u64,
    /// A registration that is not final yet: the UID, and the block that holds it.
    included: Option<(u16, Place)>,
    snapshot: Option<Snapshot>,
}

/// Does all of it, for the goal that `goal` makes of the wallet.
///
/// # Errors
///
/// [`Failure`] of any kind.
pub(crate) fn run(
    args: &SendArgs,
    unattended: &UnattendedArgs,
    goal: impl FnOnce(&Wallet) -> Result<Goal, WalletError>,
    environment: &Environment,
    live: bool,
) -> Result<Exit, Failure> {
    let deadline = waiting::deadline(args.timeout);
    let patience = Patience::from(unattended.patience);
    let devices = hashing::devices(&args.rig, environment)?;
    if !args.dry_run {
        devices.look();
    }
    let network = args.chain.network(environment)?;
    let wallet = keys::wallet(&args.wallet, &environment.bittensor)?;
    let request = &Request {
        goal: goal(&wallet)?,
        network,
        wallet,
        args,
    };
    // What the user reads before signing must be what the user put there.
    request.wallet.guard()?;
    if !args.yes && !args.dry_run && !io::stdin().is_terminal() {
        let problem = "there is no terminal on which to ask before signing";
        return Err(Usage::new("--yes", problem, "add it to sign without a question").into());
    }
    waiting::block_on(async {
        let goal = request.goal;
        let (start, protocol, state) = waiting::until(deadline, async {
            let start = waiting::start(&request.network).await?;
            let protocol = goal.protocol(start.runtime.rules());
            let protocol = protocol.map_err(Denial::from)?;
            let state = start.state(&goal.subject(protocol)).await?;
            Ok((start, protocol, state))
        })
        .await?;
        let subject = goal.subject(protocol);
        let mut closed = None;
        let before = match patience.standing(&goal, protocol, &state) {
            Standing::Open => None,
            Standing::Denied(obstacle) if patience.waits_for(obstacle) => {
                closed = Some(obstacle);
                None
            }
            Standing::Registered { uid } => Some(End::Registered {
                uid,
                place: None,
                already: true,
            }),
            Standing::Denied(obstacle) => Some(End::Denied(obstacle.into())),
        };
        if let Some(end) = before {
            let outcome = Outcome {
                ended: Ended::Session(end),
                submissions: 0,
                included: None,
                snapshot: None,
            };
            // Otherwise the manager would call a service that has nothing to do a failed one.
            Service::find().ready();
            return answer::give(request, &start, protocol, &outcome);
        }
        let by_hotkey = matches!(
            (request.goal, protocol),
            (Goal::Register { .. }, Protocol::Legacy(_))
        );
        if request.wallet.missing(by_hotkey).is_some() {
            // Before anybody agrees to what cannot be done.
            let file = if by_hotkey {
                request.wallet.hotkey()
            } else {
                request.wallet.coldkey()
            };
            file?;
        }
        output::show(&summary::lines(request, &start, protocol, &state, closed));
        if args.dry_run {
            return answer::would_begin(request, &start, protocol);
        }
        let (rig, mut crew) = hashing::rig(&devices, |units| units)?;
        let difficulty = goal.difficulty(&state);
        if !args.yes && closed.is_none() {
            let rate = hashing::glance(&rig, protocol).await?;
            output::show(&summary::outlook(difficulty, rate, &crew));
        }
        // The deadline applies only if nobody is asked: a person may take any time.
        let password = args.password.option();
        let nobody_is_asked = args.yes && password.is_some();
        let deadline_of_unlocking = deadline.filter(|_| nobody_is_asked);
        let unlocked = unlock(request, by_hotkey, password);
        let signer = waiting::until(deadline_of_unlocking, unlocked).await?;
        if signer.public_key() != goal.signer(protocol) {
            // The files have changed since the public keys were read.
            return Err(Failure::Changed);
        }

        let signals = rig.forward_signals()?;
        let mut status = status(
            args.show.is_live(live),
            environment.needs_times,
            environment,
        );
        let attempts = args.attempts.get();
        let settings = Settings {
            policy: Policy::Send {
                attempts,
                signatures: attempts.max(SIGNATURES),
            },
            wait: args.wait,
            patience,
            start: hashing::random_start()?,
        };
        let events = hashing::events(unattended, goal, &rig)?;
        let setup = Setup {
            session: Session::new(goal, protocol, settings),
            rig: &rig,
            crew: &mut crew,
            follower: Follower::start(request.network.clone(), start.clone(), subject),
            signer: Some(&signer),
            deadline,
            events: &events,
            exit_on_device_loss: unattended.exit_on_device_loss,
        };
        let run = driver::run(setup, status.as_mut(), &mut |_| {
            Ok(ControlFlow::Continue(()))
        })
        .await;
        status.close();
        drop((signals, signer));
        let given = run.map_err(Failure::from).and_then(|run| {
            let outcome = Outcome {
                ended: run.ended,
                submissions: run.session.sent(),
                included: run.session.not_final(),
                snapshot: run.snapshot,
            };
            answer::give(request, &start, protocol, &outcome)
        });
        // Nobody waits for an answer while a command hangs.
        events.finish();
        given
    })
}

/// Asks whether to go on, and for the password of the key that signs.
async fn unlock(
    request: &Request<'_>,
    by_hotkey: bool,
    password: Option<PasswordOption>,
) -> Result<Keypair, Failure> {
    let (yes, is_from_file) = (request.args.yes, request.args.password.is_from_file);
    let wallet = request.wallet.clone();
    // On another thread, so that the connection stays alive while somebody types.
    let unlocked = tokio::task::spawn_blocking(move || {
        if !yes {
            confirm()?;
        }
        wallet::harden()?;
        let passwords = Passwords::of_process(password).yielding(is_from_file);
        let key = if by_hotkey {
            wallet.unlock_hotkey(&passwords)
        } else {
            wallet.unlock_coldkey(&passwords)
        };
        Ok::<_, Failure>(key?)
    });
    unlocked.await.map_err(|_| Failure::Declined)?
}

/// One question; anything but a yes is a no.
fn confirm() -> Result<(), Failure> {
    output::show("Go on? [y/N] ");
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    if !line.ends_with('\n') {
        // At the end of input the cursor is still behind the question.
        output::show("\n");
    }
    let agreed = read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes" | "Yes" | "YES");
    agreed.then_some(()).ok_or(Failure::Declined)
}
