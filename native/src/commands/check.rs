//! What a command line cannot mean, as far as it takes neither a chain nor a wallet to know. `btpow config check` asks it
//! about a settings file, so that it calls right only what a command would take.

use super::{common::hashing, solve};
use crate::{
    api::Api,
    cli::{
        self, ApiArgs, ChainArgs, Command, FleetCommand, LimitArgs, RegisterArgs, RigArgs, Usage,
    },
    environment::Environment,
    exit::Exit,
    limits::Limits,
};

/// The mistakes of a command line, each about one flag.
pub(crate) fn mistakes(command: &Command, environment: &Environment) -> Vec<Usage> {
    let chain = |args: &ChainArgs| args.network(environment).err();
    let devices = |args: &RigArgs| match hashing::devices(args, environment) {
        Ok(devices) => Ok(devices),
        Err(failure) if failure.exit() == Exit::Usage => {
            Err(Some(Usage::from_message(&failure.to_string())))
        }
        // A card that does not open is not the file's business.
        Err(_) => Err(None),
    };
    let rig = |args: &RigArgs| devices(args).err().flatten();
    let limited = |args: &RigArgs, limits: &LimitArgs| match devices(args) {
        Ok(devices) => Limits::new(limits, &devices).err(),
        Err(mistake) => mistake,
    };
    // A dry run binds nothing.
    let api = |args: &ApiArgs| {
        let usage = Api::bind(args, "config", true).err()?;
        match usage.about() {
            // It is missing, so the mistake stands where the address does.
            Some((_, words)) if args.api_token_file.is_none() => {
                Some(Usage::of("--api", format_args!("the token is {words}")))
            }
            _ => Some(usage),
        }
    };
    let lead = |args: &RegisterArgs| {
        let shard = args.unattended.shard;
        args.lead.server(shard, args.send.chain.insecure).err()
    };
    let found = match command {
        Command::Register(args) => {
            let netuids = args.netuid.iter().map(ToString::to_string);
            let hotkeys = &args.send.wallet.wallet_hotkey;
            vec![
                twice(netuids, "--netuid"),
                twice(hotkeys.iter().cloned(), "--wallet-hotkey"),
                chain(&args.send.chain),
                lead(args),
                limited(&args.send.rig, &args.send.limits),
                api(&args.unattended.api),
            ]
        }
        Command::Rig(args) => vec![
            args.fleet.server(args.insecure).err(),
            limited(&args.rig, &args.limits),
            api(&args.api),
        ],
        Command::Fleet(args) => {
            let FleetCommand::Status(args) = &args.command;
            vec![args.fleet.server(args.insecure).err()]
        }
        Command::Faucet(args) => vec![
            chain(&args.send.chain),
            limited(&args.send.rig, &args.send.limits),
            api(&args.api),
        ],
        Command::Mine(args) => vec![
            chain(&args.chain),
            limited(&args.rig, &args.limits),
            api(&args.unattended.api),
        ],
        Command::Solve(args) => vec![
            solve::contradiction(args),
            chain(&args.chain),
            limited(&args.rig, &args.limits),
            api(&args.api),
        ],
        Command::Doctor(args) => vec![chain(&args.chain), rig(&args.rig)],
        Command::Subnets(args) => vec![chain(&args.chain), rig(&args.rig)],
        Command::Bench(args) => {
            let protocol = cli::protocol(args.protocol, args.order, args.order);
            vec![protocol.err(), rig(&args.rig)]
        }
        _ => Vec::new(),
    };
    found.into_iter().flatten().collect()
}

/// A value that is there twice.
fn twice(values: impl Iterator<Item = String>, flag: &str) -> Option<Usage> {
    let mut seen = Vec::new();
    for value in values {
        if seen.contains(&value) {
            let problem = format!("{value} is given twice");
            return Some(Usage::new(flag, problem, "name each once"));
        }
        seen.push(value);
    }
    None
}
