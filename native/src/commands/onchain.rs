//! What the commands that speak to a chain have in common.

use core::time::Duration;
use std::{path::Path, time::Instant};

use btpow_core::{Difficulty, Position, Protocol, PublicKey, Search};

use crate::{
    chain::{Network, follow::Start},
    cli::{ChainArgs, KeyArgs, PasswordArgs, RigArgs, ShowArgs, WalletArgs},
    devices::{Chosen, Fleet, Row, backend},
    environment::Environment,
    exit::{Failure, Usage},
    input,
    report::{Status, status::status},
    rig::{Event, Rig, RigError},
    sample,
    wallet::{PasswordOption, Wallet},
};

/// How long a rate is measured where nothing is mined.
const MEASURE: Duration = Duration::from_millis(600);

/// The public keys of whoever registers, and where they come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    pub(crate) hotkey: Option<PublicKey>,
    pub(crate) coldkey: Option<PublicKey>,
    /// The wallet, where the keys are one's.
    pub(crate) wallet: Option<Wallet>,
}

/// Runs something that waits for the network, on this thread.
///
/// # Errors
///
/// [`Failure::Waiting`] when the system gives no timer or no queue.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Waiting)?;
    let result = runtime.block_on(future);
    // A password prompt that nobody answers any more must not keep the program.
    runtime.shutdown_background();
    result
}

pub(crate) fn network(args: &ChainArgs) -> Result<Network, Usage> {
    Network::read(&args.network, args.genesis.as_deref(), args.insecure)
}

/// Reads `--netuid`, which must be there.
pub(crate) fn netuid(text: Option<&str>) -> Result<u16, Usage> {
    input::netuid(input::given(text, "--netuid", "the subnet's number")?)
}

/// The wallet that the flags name.
pub(crate) fn wallet(args: &WalletArgs) -> Result<Wallet, Failure> {
    let path = args.wallet_path.as_deref();
    let name = args.wallet_name.as_deref();
    Ok(Wallet::new(
        Path::new(path.unwrap_or(Wallet::DEFAULT_PATH)),
        name.unwrap_or(Wallet::DEFAULT_NAME),
        args.wallet_hotkey.as_deref(),
    )?)
}

/// The public keys that the flags name: addresses, or else a wallet's. A wallet that is not asked
/// for is not looked for.
pub(crate) fn keys(args: &KeyArgs) -> Result<Keys, Failure> {
    let WalletArgs {
        wallet_name,
        wallet_hotkey,
        wallet_path,
    } = &args.wallet;
    let hotkey = args.hotkey.as_deref();
    let coldkey = args.coldkey.as_deref();
    let read = |flag, text: Option<&str>| {
        text.map(|text| input::public_key(flag, Some(text)))
            .transpose()
    };
    let mut keys = Keys {
        hotkey: read("--hotkey", hotkey)?,
        coldkey: read("--coldkey", coldkey)?,
        wallet: None,
    };
    if wallet_name.is_some() || wallet_hotkey.is_some() || wallet_path.is_some() {
        let wallet = wallet(&args.wallet)?;
        if keys.hotkey.is_none() {
            keys.hotkey = Some(wallet.hotkey_public()?);
        }
        if keys.coldkey.is_none() {
            keys.coldkey = Some(wallet.coldkey_public()?);
        }
        keys.wallet = Some(wallet);
    }
    Ok(keys)
}

/// Both keys, or what to add.
pub(crate) fn both(keys: &Keys) -> Result<(PublicKey, PublicKey), Usage> {
    let remedy =
        "add it as an SS58 address or 0x-hex public key, or name a wallet with --wallet-name";
    let hotkey = keys
        .hotkey
        .ok_or_else(|| Usage::new("--hotkey", "missing", remedy))?;
    let coldkey = keys
        .coldkey
        .ok_or_else(|| Usage::new("--coldkey", "missing", remedy))?;
    Ok((hotkey, coldkey))
}

/// How a search is shown: as the flags say, else as the terminal can.
pub(crate) fn shown(args: ShowArgs, environment: &Environment, live: bool) -> Box<dyn Status> {
    let live = (live || args.output_in_place) && !args.no_output_in_place;
    status(live, environment.color)
}

/// Where a password comes from, if the flags say.
pub(crate) fn password(args: &PasswordArgs) -> Result<Option<PasswordOption>, Usage> {
    let file = args.password_file.as_ref();
    let file = file.map(|file| PasswordOption::File(file.into()));
    let descriptor = args.password_fd.as_deref().map(|text| {
        let number = text.parse().map_err(|_| {
            let problem = format_args!("{} is not a file descriptor", input::shown(text));
            Usage::new("--password-fd", problem, "give a small number, like 3")
        });
        Ok(PasswordOption::Descriptor(number?))
    });
    Ok(file.or(descriptor.transpose()?))
}

/// The time after which to give up.
pub(crate) fn deadline(timeout: Option<&str>) -> Result<Option<Instant>, Usage> {
    let timeout = timeout.map(|text| input::time("--timeout", text));
    Ok(timeout.transpose()?.map(|timeout| Instant::now() + timeout))
}

/// Where a search begins when nobody says where.
pub(crate) fn random_start() -> Result<Position, Failure> {
    let position = getrandom::u64().map_err(Failure::Randomness)?;
    Ok(Position(position))
}

/// The devices that the flags choose. Made before anything is connected, so that wrong flags are told
/// first; opened when there is work.
pub(crate) fn devices(args: &RigArgs, environment: &Environment) -> Result<Chosen, Failure> {
    let options = input::options(args, environment.isa.as_deref())?;
    Ok(Chosen::new(backend::all(options), &args.devices)?)
}

/// Opens devices and puts them to work.
pub(crate) fn rig(devices: &Chosen) -> Result<(Rig, Vec<Row>), Failure> {
    let Fleet { rows, units } = devices.open()?;
    Ok((Rig::start(units)?, rows))
}

/// What devices do in a second, measured on a challenge that is nobody's.
pub(crate) fn measure(devices: &Chosen, protocol: Protocol) -> Result<(f64, Vec<Row>), Failure> {
    let (rig, rows) = rig(devices)?;
    rig.set_search(Search {
        challenge: sample::bench(protocol),
        difficulty: Difficulty::new(u64::MAX).expect("it is not zero"),
        block_number: None,
        start: random_start()?,
    });
    let until = Instant::now() + MEASURE;
    let mut dropped = 0;
    while let Some(event) = rig.wait(Some(until)) {
        if let Event::Dropped(slot, fault) = event {
            dropped += 1;
            if dropped == rig.len() {
                let name = rig.name(slot).to_owned();
                return Err(RigError::NoDeviceLeft { name, fault }.into());
            }
        }
    }
    let rate = rig.statistics().map_or(0.0, |it| it.rates.hash_rate);
    Ok((rate, rows))
}

/// Waits for the first answers of a chain, and no longer than until the deadline.
///
/// # Errors
///
/// [`Failure::Late`], or whatever is waited for.
pub(crate) async fn until<T>(
    deadline: Option<Instant>,
    answers: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let Some(deadline) = deadline else {
        return answers.await;
    };
    let answers = tokio::time::timeout_at(deadline.into(), answers);
    answers.await.unwrap_or(Err(Failure::Late))
}

/// Connects to the chain that the flags name.
pub(crate) async fn connect(network: &Network) -> Result<Start, Failure> {
    Ok(Start::find(network).await?)
}
