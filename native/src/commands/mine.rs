//! `btpow mine`: proofs to sign elsewhere. It reads no secret.

use core::{num::NonZeroU32, ops::ControlFlow};

use btpow_core::{Protocol, Seal};
use btpow_registration::{
    Call, Denial, Goal, Proof, Session, Standing,
    session::{End, Patience, Policy, Settings, Wait},
};
use indicatif::HumanCount;
use schemars::JsonSchema;
use serde::Serialize;

use super::common::{DRY_RUN, hashing, keys::Keys, waiting};
use crate::{
    api::Api,
    chain::{Follower, Network},
    cli::{self, MineArgs},
    environment::Environment,
    exit::{Exit, Failure},
    output,
    registration::driver::{self, Ended, Pursuit, Setup, Shown},
    report::{json, status::status, units},
    service::Service,
    wallet::Wallet,
};

/// A line of the JSON answer.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(untagged)]
pub(super) enum Line {
    Proof(Box<ProofFields>),
    Unmined(UnminedFields),
}

/// A proof in JSON.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct ProofFields {
    protocol: &'static str,
    order: &'static str,
    netuid: u16,
    block_number: u64,
    block_hash: String,
    hotkey: String,
    coldkey: String,
    difficulty: String,
    nonce: String,
    seal: String,
    /// The last block that may hold it.
    last_block: u64,
    /// The key that must sign.
    signer: String,
    genesis: String,
    spec_version: u32,
    /// The call, encoded: pallet, call, arguments.
    call: String,
    /// The same with the names of the metadata.
    call_json: serde_json::Value,
    /// The btcli command that signs and sends it; null if btcli has no such call.
    btcli: Option<String>,
}

/// That nothing is mined any more, or at all, in JSON, with the words of `register`.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct UnminedFields {
    /// `registered` if somebody has signed a proof meanwhile, `already_registered` if it was so at the start;
    /// `dry_run`.
    status: &'static str,
    netuid: u16,
    uid: Option<u16>,
    hotkey: String,
    coldkey: String,
}

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
        api.begin(vec![goal.into()], &rig, &devices)?;
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

fn people(goal: &Goal, protocol: Protocol, btcli: Option<String>, shown: &Shown<'_>) -> String {
    let proof = shown.proof.work.proof;
    let signer = goal.signer(protocol);
    let whose = match protocol {
        Protocol::V1 => "coldkey",
        Protocol::Legacy(_) => "hotkey",
    };
    let btcli = btcli.map_or_else(String::new, |line| format!("btcli    {line}\n"));
    format!(
        "proof    for block {}, counts until block {} ({})\n\
         nonce    {}\n\
         seal     {}\n\
         call     0x{}\n\
         sign     SubtensorModule.{} with the {whose} {signer}\n{btcli}\n",
        proof.work_block,
        proof.work_block + protocol.max_work_age(),
        units::more_blocks(shown.proof.blocks_left),
        proof.nonce,
        proof.seal,
        hex(&shown.proof.call.encode()),
        shown.proof.call.name(),
    )
}

/// The same call for the official client, which lets a Ledger, a multisig or a proxy sign it.
///
/// It names the network and the wallet of the coldkey, or a placeholder: otherwise btcli would choose others
/// by itself and mine its own proof for their coldkey, which would then own the hotkey.
fn btcli(call: &Call, network: &Network, keys: &Keys) -> Option<String> {
    let Call::PowRegister {
        netuid,
        proof,
        hotkey,
    } = call
    else {
        return None;
    };
    let Proof {
        work_block,
        nonce,
        seal,
    } = proof;
    let mut line = format!(
        "btcli tx pow-register --netuid {netuid} --work-block {work_block} --nonce {nonce} \
         --work-hex {seal} --hotkey {hotkey}"
    );
    let network = network.for_btcli();
    line += &network.map_or_else(
        || " --network 'YOUR ENDPOINT'".to_owned(),
        |network| format!(" --network {network}"),
    );
    // A wallet named only for its hotkey has another coldkey.
    let of_coldkey = |wallet: &&Wallet| {
        let theirs = wallet.coldkey_public().ok();
        theirs.is_some() && theirs == keys.coldkey
    };
    let wallet = keys.wallet.as_ref().filter(of_coldkey);
    line += &match (wallet, keys.coldkey) {
        (Some(wallet), _) => format!(
            " --wallet {} --wallet-path {}",
            quoted(wallet.name()),
            quoted(&wallet.path().to_string_lossy())
        ),
        (None, Some(coldkey)) => format!(" --wallet 'THE WALLET OF {coldkey}'"),
        (None, None) => String::new(),
    };
    Some(line)
}

/// The text as one types it into a shell.
fn quoted(text: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_./".contains(it);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl ProofFields {
    fn new(
        goal: &Goal,
        protocol: Protocol,
        genesis: [u8; 32],
        btcli: Option<String>,
        shown: &Shown<'_>,
    ) -> Self {
        let Goal::Register {
            netuid,
            hotkey,
            coldkey,
        } = *goal
        else {
            unreachable!("mine has no other goal")
        };
        let work = shown.proof.work;
        let proof = work.proof;
        Self {
            protocol: protocol.name(),
            order: protocol.order().name(),
            netuid,
            block_number: proof.work_block,
            block_hash: Seal(work.block_hash).to_string(),
            hotkey: hotkey.to_string(),
            coldkey: coldkey.to_string(),
            difficulty: work.difficulty.get().to_string(),
            nonce: proof.nonce.to_string(),
            seal: proof.seal.to_string(),
            last_block: proof.work_block + protocol.max_work_age(),
            signer: goal.signer(protocol).to_string(),
            genesis: Seal(genesis).to_string(),
            spec_version: shown.runtime.spec_version(),
            call: format!("0x{}", hex(&shown.proof.call.encode())),
            call_json: json::call(&shown.proof.call),
            btcli,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use btpow_core::PublicKey;

    use super::*;
    use crate::chain::network::Destination;

    /// btcli mines for the coldkey of the wallet it gets, which must be the proof's.
    #[test]
    fn btcli_gets_only_the_wallet_of_the_coldkey() {
        let folder = tempfile::tempdir().expect("a folder");
        let (own, ledger) = (PublicKey([1; 32]), PublicKey([2; 32]));
        let wallet = Wallet::new(folder.path(), "hot", None).expect("a name");
        fs::create_dir(wallet.folder()).expect("a folder");
        let file = wallet.folder().join("coldkeypub.txt");
        let key = hex(&own.0);
        fs::write(file, format!(r#"{{"publicKey":"0x{key}"}}"#)).expect("written");
        let call = Call::PowRegister {
            netuid: 1,
            proof: Proof {
                work_block: 2,
                nonce: 3,
                seal: Seal([4; 32]),
            },
            hotkey: PublicKey([5; 32]),
        };
        let network = Network::new(&[Destination::Named("test")], None, false).expect("known");
        let given = |coldkey, wallet: Option<&Wallet>| {
            let keys = Keys {
                hotkey: None,
                coldkey: Some(coldkey),
                wallet: wallet.cloned(),
            };
            let line = btcli(&call, &network, &keys).expect("a line");
            let (_, given) = line.split_once(" --wallet ").expect("a wallet");
            given.to_owned()
        };
        assert!(given(own, Some(&wallet)).starts_with("hot --wallet-path "));
        for (coldkey, wallet) in [(ledger, Some(&wallet)), (ledger, None), (own, None)] {
            assert_eq!(given(coldkey, wallet), format!("'THE WALLET OF {coldkey}'"));
        }
    }
}
