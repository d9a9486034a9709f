//! Mines, signs and sends: what `register` and `faucet` have in common.

mod answer;
mod summary;

use core::ops::ControlFlow;
use std::io::{self, BufRead, IsTerminal};

use btpow_core::Protocol;
use btpow_registration::Standing;

use super::onchain;
use crate::{
    chain::{Follower, Network},
    cli::SendArgs,
    environment::Environment,
    exit::{Exit, Failure, Usage},
    input, output,
    registration::{
        denial::Denial,
        driver::{self, Cast, Ended},
        goal::Goal,
        session::{End, Session, Settings, Use, Wait},
    },
    report::Snapshot,
    wallet::{self, Keypair, PasswordOption, Passwords, Wallet, WalletError},
};

/// How many signatures are made at most where `--attempts` says no more.
const SIGNATURES: u32 = 10;

/// What to do, without a doubt left.
#[derive(Debug)]
struct Request<'a> {
    goal: Goal,
    network: Network,
    wallet: Wallet,
    args: &'a SendArgs,
}

/// How it stands when the answer is due.
struct Outcome {
    ended: Ended,
    submissions: u64,
    /// A registration that is not final yet: the UID, and the block that holds it.
    included: Option<(u16, [u8; 32])>,
    snapshot: Option<Snapshot>,
}

/// Does all of it, for the goal that a wallet has.
///
/// # Errors
///
/// [`Failure`], whatever kind it is.
pub(crate) fn run(
    args: &SendArgs,
    goal: impl FnOnce(&Wallet) -> Result<Goal, WalletError>,
    environment: &Environment,
    live: bool,
) -> Result<Exit, Failure> {
    // Wrong flags are told before anything is connected.
    let attempts = attempts(args.attempts.as_deref())?;
    let wait = wait(args.wait.as_deref())?;
    let deadline = onchain::deadline(args.timeout.as_deref())?;
    let devices = onchain::devices(&args.rig, environment)?;
    let password = onchain::password(&args.password)?;
    let network = onchain::network(&args.chain)?;
    let wallet = onchain::wallet(&args.wallet)?;
    let request = &Request {
        goal: goal(&wallet)?,
        network,
        wallet,
        args,
    };
    // What is shown before signing must be what the user put there.
    request.wallet.guard()?;
    if !args.yes && !io::stdin().is_terminal() {
        let problem = "nobody is there to be asked before signing";
        return Err(Usage::new("--yes", problem, "add it to sign without a question").into());
    }
    onchain::block_on(async {
        let goal = request.goal;
        let (start, protocol, state) = onchain::until(deadline, async {
            let start = onchain::connect(&request.network).await?;
            let protocol = goal.protocol(start.runtime.rules());
            let protocol = protocol.map_err(Denial::from)?;
            let state = start.state(&goal.subject(protocol)).await?;
            Ok((start, protocol, state))
        })
        .await?;
        let subject = goal.subject(protocol);
        let before = match goal.standing(&state) {
            Standing::Open => None,
            Standing::Registered { uid } => Some(End::Registered {
                uid,
                block: None,
                already: true,
            }),
            Standing::Denied(denial) => Some(End::Denied(denial.into())),
        };
        if let Some(end) = before {
            let outcome = Outcome {
                ended: Ended::Session(end),
                submissions: 0,
                included: None,
                snapshot: None,
            };
            return answer::give(request, &start, protocol, &outcome);
        }
        output::show(&summary::lines(request, &start, protocol, &state));
        // Somebody who is asked takes the time that it takes; without anybody, the time counts.
        let nobody_is_asked = args.yes && password.is_some();
        let deadline_of_unlocking = deadline.filter(|_| nobody_is_asked);
        let unlocked = unlock(request, protocol, password);
        let signer = onchain::until(deadline_of_unlocking, unlocked).await?;
        if signer.public_key() != goal.signer(protocol) {
            // The files have changed since the public keys were read.
            return Err(Failure::Changed);
        }

        let (rig, rows) = onchain::rig(&devices)?;
        let signals = rig.forward_signals()?;
        let mut status = onchain::shown(args.show, environment, live);
        let settings = Settings {
            usage: Use::Send,
            attempts,
            signatures: attempts.max(SIGNATURES),
            wait,
            start: onchain::random_start()?,
        };
        let cast = Cast {
            goal,
            session: Session::new(goal, protocol, settings),
            rig: &rig,
            rows: &rows,
            follower: Follower::start(request.network.clone(), start.clone(), subject),
            signer: Some(&signer),
            deadline,
        };
        let ended = driver::run(cast, status.as_mut(), &mut |_| {
            Ok(ControlFlow::Continue(()))
        })
        .await;
        let snapshot = Snapshot::of(&rig, &rows);
        status.close();
        drop((signals, signer));
        let (ended, session) = ended?;
        let outcome = Outcome {
            ended,
            submissions: session.sent(),
            included: session.not_final(),
            snapshot,
        };
        answer::give(request, &start, protocol, &outcome)
    })
}

/// Asks whether to go on, and for the password of the key that signs.
async fn unlock(
    request: &Request<'_>,
    protocol: Protocol,
    password: Option<PasswordOption>,
) -> Result<Keypair, Failure> {
    let by_hotkey = matches!(
        (request.goal, protocol),
        (Goal::Register { .. }, Protocol::Legacy(_))
    );
    let yes = request.args.yes;
    let wallet = request.wallet.clone();
    // The connection lives on while somebody types.
    let unlocked = tokio::task::spawn_blocking(move || {
        if !yes {
            confirm()?;
        }
        wallet::harden()?;
        let passwords = Passwords::of_process(password);
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
        // The end of input leaves the cursor behind the question.
        output::show("\n");
    }
    let agreed = read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes" | "Yes" | "YES");
    agreed.then_some(()).ok_or(Failure::Declined)
}

fn attempts(text: Option<&str>) -> Result<u32, Usage> {
    let Some(text) = text else {
        return Ok(3);
    };
    text.parse()
        .ok()
        .filter(|attempts| (1..=1_000).contains(attempts))
        .ok_or_else(|| {
            let problem = format_args!("{} is not a number of attempts", input::shown(text));
            Usage::new("--attempts", problem, "give 1 to 1000, or drop it for 3")
        })
}

fn wait(text: Option<&str>) -> Result<Wait, Usage> {
    match text {
        None | Some("finality") => Ok(Wait::Finality),
        Some("inclusion") => Ok(Wait::Inclusion),
        Some(other) => {
            let problem = format_args!("{} is nothing to wait for", input::shown(other));
            Err(Usage::new(
                "--wait",
                problem,
                "choose inclusion or finality",
            ))
        }
    }
}
