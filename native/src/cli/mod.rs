//! The flags and their help. Each value is read once, while clap parses it, and arrives typed; methods
//! of the arguments combine several flags.

mod about;
mod api;
mod chain;
mod challenge;
mod choice;
mod config;
mod fleet;
mod lead;
mod limits;
mod password;
mod patience;
mod rig;
mod shard;
mod solving;
mod unattended;
mod usage;
mod value;

use core::time::Duration;
use std::path::PathBuf;

use btpow_core::Order;
use clap::{ArgAction, Args, Parser, Subcommand};

pub use self::{
    about::{CompletionsArgs, ManArgs, SchemaArgs},
    api::{ApiArgs, TopArgs},
    chain::{
        ChainArgs, DoctorArgs, FaucetArgs, KeyArgs, MineArgs, RegisterArgs, SendArgs, ShowArgs,
        SubnetsArgs, WalletArgs,
    },
    challenge::{ChallengeArgs, given_difficulty, given_key, given_netuid, given_nonce, protocol},
    config::{ConfigArgs, ConfigCommand, ConfigShowArgs},
    fleet::{FleetArgs, FleetCommand, FleetCommandArgs, FleetRigArgs, FleetStatusArgs},
    lead::LeadArgs,
    limits::LimitArgs,
    password::PasswordArgs,
    patience::PatienceArgs,
    rig::RigArgs,
    shard::ShardArgs,
    solving::{SealArgs, SolveArgs, VerifyArgs},
    unattended::UnattendedArgs,
    usage::Usage,
    value::ProtocolName,
};
use crate::{devices::look::Kind, log_entry::Format};

/// All that fits into the short help on a screen of 24 lines.
const EXAMPLE: &str = "Example: btpow register --netuid 1 --wallet-name w --wallet-hotkey h";

const EXAMPLES: &str = "\
Examples:
  btpow doctor --netuid 1 --wallet-name w --wallet-hotkey h
  btpow register --netuid 1 --wallet-name w --wallet-hotkey h
  btpow mine --netuid 1 --hotkey 5F… --coldkey 5G…
  btpow solve --sample
  btpow bench --seconds 5";

const EXIT_CODES: &str = "\
Exit codes:
  0    done; for verify: the nonce wins
  1    an error; for verify: the nonce does not win
  2    the command line, a variable or the settings file is wrong
  3    no endpoint of the chain answers, or none knows its newest blocks; the fleet's server or
       coordinator does not answer
  4    the chain takes no proof here: this runtime, this subnet, these keys, or an endpoint that is
       not what it should be
  5    --timeout or --attempts was reached, or the end of --shard
  6    somebody else has the key, or every place
  7    no device works: none opens, all were dropped, or a known hit was missed; or one was
       dropped, with --exit-on-device-loss
  130  interrupted by Ctrl-C; 143 by SIGTERM; 129 because its terminal was closed

SIGUSR1 prints the state of a search.

Environment:
  BTPOW_ISA  force the instruction set of the CPU lanes; `btpow devices` lists them
  NO_COLOR   when set, no colours
  BT_WALLET_PASSWORD, BT_WALLET_PASSWORD_FILE, BT_PW_…  the coldkey's password, as btcli reads
             it; --password-file is safer
  BT_WALLET_NAME, BT_WALLET_HOTKEY, BT_WALLET_PATH, BT_SUBTENSOR_CHAIN_ENDPOINT,
  BT_SUBTENSOR_NETWORK  as for btcli; flags go before them
  HTTPS_PROXY, ALL_PROXY, NO_PROXY, http_proxy  as for curl: the proxy on the way to a chain";

/// Find the proof of work with which a key registers on a Bittensor subnet.
#[derive(Debug, Parser)]
#[command(
    name = "btpow",
    // Not what it was started as, which may be btpow.exe: hints look for this.
    bin_name = "btpow",
    version,
    after_help = EXAMPLE,
    after_long_help = ending(),
    help_template = "{about-with-newline}{usage-heading} {usage}\n\n{all-args}{after-help}",
    disable_help_subcommand = true,
    disable_version_flag = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// Log what happens on standard error; twice for more
    #[arg(
        short,
        long,
        global = true,
        action = ArgAction::Count,
        display_order = 100,
        hide_short_help = true
    )]
    pub verbose: u8,

    /// Add what is said on standard error to this file, with the time
    ///
    /// At 10 MiB it becomes FILE.1 and a new one begins; four old ones are kept. The state of a search is in it once a
    /// minute.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        display_order = 101,
        hide_short_help = true
    )]
    pub log_file: Option<PathBuf>,

    /// Write the log as text (the default) or json
    ///
    /// It is about the file of --log-file, and about standard error where that is no terminal. As json each line is an object
    /// with time, level and message, and where there is more to tell the event as --on-event gets it, or the statistics.
    /// `btpow schema log` prints its schema.
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        value_parser = value::LOG_FORMAT,
        hide_possible_values = true,
        display_order = 102,
        hide_short_help = true
    )]
    pub log_format: Option<Format>,

    /// Read settings from this file (default: config.toml in btpow's folder of your settings)
    ///
    /// It says in TOML what flags say, by their names: at its top for every command, in a table like `[register]` for one.
    /// Flags and BT_… variables go before it. `btpow config show` says what holds, and where your own file is looked for.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        display_order = 103,
        hide_short_help = true
    )]
    pub config: Option<PathBuf>,

    /// Read no settings file
    #[arg(long, global = true, display_order = 104, hide_short_help = true)]
    pub no_config: bool,

    /// Print version
    #[arg(short = 'V', long, action = ArgAction::Version, display_order = 105, hide_short_help = true)]
    pub version: (),
}

/// The examples and the exit codes.
fn ending() -> String {
    format!("{EXAMPLES}\n\n{EXIT_CODES}")
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask a chain whether a key could register, and how long it takes here
    Doctor(DoctorArgs),
    /// List the subnets that take proofs of work
    Subnets(SubnetsArgs),
    /// Mine, sign and register a hotkey
    Register(RegisterArgs),
    /// Mine without a secret, and print the call to sign elsewhere
    Mine(MineArgs),
    /// Get test money on a development chain
    Faucet(FaucetArgs),
    /// Hash for a fleet: all devices, no wallet, no chain
    Rig(FleetRigArgs),
    /// Ask how a fleet is
    Fleet(FleetCommandArgs),
    /// Search for a nonce that wins
    Solve(SolveArgs),
    /// Check a nonce with the reference
    Verify(VerifyArgs),
    /// Print the seal of a nonce
    Seal(SealArgs),
    /// Measure hashes per second, over nonces whose hits are known
    Bench(BenchArgs),
    /// List devices and instruction sets
    Devices(DevicesArgs),
    /// Find out what makes each card fastest, and remember it
    Tune(TuneArgs),
    /// Show or check the settings file
    Config(ConfigArgs),
    /// Show a running search that has --api
    Top(TopArgs),
    /// Print what JSON answers and the settings file look like, as JSON Schemas
    #[command(hide = true)]
    Schema(SchemaArgs),
    /// Print a shell's completion script
    // Packages install it and the manual page; the screen of the short help has no line for them.
    #[command(hide = true)]
    Completions(CompletionsArgs),
    /// Print the manual page
    #[command(hide = true)]
    Man(ManArgs),
}

/// The flags of `bench`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  btpow bench --seconds 5
  BTPOW_ISA=avx2 btpow bench --threads 1 --protocol legacy --json")]
pub struct BenchArgs {
    /// Which devices work, and how.
    #[command(flatten)]
    pub rig: RigArgs,

    /// Protocol: v1 (the default) or legacy
    #[arg(long, value_name = "NAME", value_parser = value::PROTOCOL, hide_possible_values = true)]
    pub protocol: Option<ProtocolName>,

    /// Byte order of a legacy seal: big (the default) or little
    #[arg(long, value_name = "ORDER", value_parser = value::ORDER, hide_possible_values = true)]
    pub order: Option<Order>,

    /// Time to measure, in seconds (default: 3)
    #[arg(
        long,
        value_name = "S",
        allow_negative_numbers = true,
        value_parser = value::time,
        default_value = "3",
        hide_default_value = true
    )]
    pub seconds: Duration,

    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// The flags of `devices`.
#[derive(Args, Debug)]
pub struct DevicesArgs {
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// The flags of `tune`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  btpow tune
  btpow tune --device cuda:0 --seconds 30")]
pub struct TuneArgs {
    /// Tune this device (repeatable; default: all that can be tuned)
    #[arg(long = "device", value_name = "NAME")]
    pub devices: Vec<String>,

    /// Time for each device, in seconds (default: 20); at least one tuning is tried
    #[arg(
        long,
        value_name = "S",
        allow_negative_numbers = true,
        value_parser = value::time,
        default_value = "20",
        hide_default_value = true
    )]
    pub seconds: Duration,

    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// What the program starts itself as, to look for devices. It is no command for people, so neither help nor
/// completions show it.
#[derive(Debug, Parser)]
pub struct LookArgs {
    /// The kind of devices
    pub kind: Kind,

    /// What the user asked for (repeatable)
    #[arg(long = "device", value_name = "NAME")]
    pub devices: Vec<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// The help states defaults in its own words, which completions show as well.
    #[test]
    fn the_help_names_the_defaults() {
        let program = Cli::command();
        let args = program
            .get_subcommands()
            .flat_map(clap::Command::get_arguments);
        let mut defaults = 0;
        for arg in args.filter(|arg| !arg.get_default_values().is_empty()) {
            let help = arg.get_help().expect("every flag has it").to_string();
            let value = arg.get_default_values()[0].to_str().expect("ASCII");
            let words = [
                format!("(default: {value})"),
                format!("{value} (the default)"),
            ];
            assert!(words.iter().any(|it| help.contains(it)), "{help}: {value}");
            defaults += 1;
        }
        // Those of `register` and `faucet`, `bench` and `tune`.
        assert!(defaults >= 6, "{defaults}");
    }
}
