//! The flags of the commands that talk to a chain.

use core::{num::NonZeroU32, time::Duration};
use std::path::PathBuf;

use btpow_core::PublicKey;
use btpow_registration::session::Wait;
use clap::{Args, ValueHint};

use super::{ApiArgs, LeadArgs, LimitArgs, PasswordArgs, RigArgs, UnattendedArgs, Usage, value};
use crate::{
    chain::{
        Network,
        network::{Destination, NetworkError},
        proxy::{Proxies, Proxy},
    },
    config::FileGoal,
    environment::Environment,
};

/// What btcli calls `--json`.
const JSON: [&str; 2] = ["json-output", "json_output"];

/// The flags that say which chain.
#[derive(Args, Clone, Debug)]
pub struct ChainArgs {
    /// Chain: finney, test, dev, local, or the URL of a node
    ///
    /// Without it, finney; `solve` talks to a chain only when you name one. You may give several URLs of one
    /// chain, each with the flag, and its name: when one fails, the next is used, and the name's own endpoints last.
    #[arg(
        long,
        value_name = "NAME|URL",
        aliases = ["chain", "subtensor.network", "subtensor.chain_endpoint"],
        value_hint = ValueHint::Other
    )]
    pub network: Vec<Destination>,

    /// Refuse a chain whose block 0 has another hash (finney's is known)
    #[arg(long, value_name = "0xHASH", hide_short_help = true, value_parser = value::genesis)]
    pub genesis: Option<[u8; 32]>,

    /// Allow ws:// to other machines, which anybody in between can read and change
    #[arg(long, hide_short_help = true)]
    pub insecure: bool,

    /// Reach the chain through this proxy: http://, socks5:// or socks5h://HOST:PORT
    ///
    /// It is for every endpoint, whatever NO_PROXY says. Without it, the variables that curl knows name one (HTTPS_PROXY,
    /// ALL_PROXY, NO_PROXY; http_proxy for ws://), and this machine is reached without. With socks5h:// the proxy looks
    /// names up. USER:PASSWORD@ may stand before the host; a variable keeps that from other users of this machine, a
    /// flag does not.
    #[arg(long, value_name = "URL", hide_short_help = true, value_hint = ValueHint::Other)]
    pub proxy: Option<Proxy>,
}

/// The flags that say which wallet.
#[derive(Args, Clone, Debug)]
pub struct WalletArgs {
    /// Wallet (default: default)
    #[arg(
        long,
        aliases = ["wallet.name", "wallet_name", "wallet"],
        value_name = "NAME",
        value_hint = ValueHint::Other
    )]
    pub wallet_name: Option<String>,

    /// Hotkey of the wallet (default: default)
    #[arg(
        long,
        aliases = ["wallet.hotkey", "wallet_hotkey"],
        value_name = "NAME",
        value_hint = ValueHint::Other
    )]
    pub wallet_hotkey: Vec<String>,

    /// Folder of the wallets (default: ~/.bittensor/wallets)
    #[arg(long, aliases = ["wallet.path", "wallet_path"], value_name = "FOLDER")]
    pub wallet_path: Option<PathBuf>,
}

/// The flags that say how a search is shown.
#[derive(Args, Clone, Copy, Debug)]
pub struct ShowArgs {
    /// Redraw the status in place (the default on a terminal)
    #[arg(long, overrides_with = "no_output_in_place", hide_short_help = true)]
    pub output_in_place: bool,

    /// Write the status as lines of their own
    #[arg(long, overrides_with = "output_in_place", hide_short_help = true)]
    pub no_output_in_place: bool,
}

/// The flags of `register`.
#[derive(Args, Debug)]
#[command(
    after_help = "\
Examples:
  btpow register --netuid 1 --wallet-name w --wallet-hotkey h
  btpow register --netuid 1 --network local --yes --password-file ~/.secret --json",
    // It has a fleet, too.
    mut_arg("insecure", |it| it.help(
        "Allow ws:// and nats:// to other machines, which anybody in between can read and change"
    ))
)]
pub struct RegisterArgs {
    /// Subnet to register on, 1 to 65535 (repeatable)
    ///
    /// With several, and with several --wallet-hotkey, each hotkey registers on each subnet. The devices search for the
    /// proof that is expected first; a goal whose proof is on its way comes last. A coldkey has one registration under way
    /// at a time. The exit code is that of the goal that fared worst: 6, else 4, else 5.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value::netuid)]
    pub netuid: Vec<u16>,

    /// What to do while nobody looks.
    #[command(flatten)]
    pub unattended: UnattendedArgs,

    /// Which rigs search for the same.
    #[command(flatten)]
    pub lead: LeadArgs,

    /// All other flags.
    #[command(flatten)]
    pub send: SendArgs,

    /// The goals of the settings file, unless a flag names one.
    #[arg(skip)]
    pub goals: Vec<FileGoal>,
}

/// The flags of `faucet`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  btpow faucet --network local --wallet-name w")]
pub struct FaucetArgs {
    /// Who may ask how it goes.
    #[command(flatten)]
    pub api: ApiArgs,

    /// All its flags.
    #[command(flatten)]
    pub send: SendArgs,
}

/// The flags of the commands that sign and send.
#[derive(Args, Clone, Debug)]
pub struct SendArgs {
    /// Which chain.
    #[command(flatten)]
    pub chain: ChainArgs,

    /// Whose keys.
    #[command(flatten)]
    pub wallet: WalletArgs,

    /// Where the password comes from.
    #[command(flatten)]
    pub password: PasswordArgs,

    /// Do not ask before signing
    #[arg(long, short, aliases = ["no-prompt", "no_prompt"])]
    pub yes: bool,

    /// Do all but hash, sign and send, and say what would be done
    ///
    /// The chain is asked, the keys and the file of a password are found and looked at, no key is opened. The exit code is
    /// that of the real command if it would end before its search; 0 if it would begin.
    #[arg(long)]
    pub dry_run: bool,

    /// Give up after this many failed submissions (default: 3)
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = value::attempts,
        default_value_t = value::ATTEMPTS,
        hide_default_value = true
    )]
    pub attempts: NonZeroU32,

    /// What to wait for: inclusion in a block, or finality (the default)
    #[arg(
        long,
        value_name = "WHEN",
        value_parser = value::WAIT,
        hide_possible_values = true,
        default_value = "finality",
        hide_default_value = true
    )]
    pub wait: Wait,

    /// Give up after this time: 90s, 2m, 1h
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = value::time)]
    pub timeout: Option<Duration>,

    /// Print one JSON object on standard output
    #[arg(long, aliases = JSON)]
    pub json: bool,

    /// Which devices work, and how.
    #[command(flatten)]
    pub rig: RigArgs,

    /// When they rest.
    #[command(flatten)]
    pub limits: LimitArgs,

    /// How to show the search.
    #[command(flatten)]
    pub show: ShowArgs,

    /// The settings file that was read.
    #[arg(skip)]
    pub settings: Option<PathBuf>,
}

/// The flags of `mine`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  btpow mine --netuid 1 --hotkey 5F… --coldkey 5G…
  btpow mine --netuid 1 --wallet-name w --wallet-hotkey h --once --json")]
pub struct MineArgs {
    /// Subnet to register on, 1 to 65535
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value::netuid)]
    pub netuid: Option<u16>,

    /// Whose public keys.
    #[command(flatten)]
    pub keys: KeyArgs,

    /// Which chain.
    #[command(flatten)]
    pub chain: ChainArgs,

    /// What to do while nobody looks.
    #[command(flatten)]
    pub unattended: UnattendedArgs,

    /// Do all but hash, sign and send, and say what would be done
    ///
    /// The chain is asked, the keys are found and looked at. The exit code is that of the real command if it would end before
    /// its search; 0 if it would begin.
    #[arg(long)]
    pub dry_run: bool,

    /// Stop after the first proof
    #[arg(long, conflicts_with = "stop_after")]
    pub once: bool,

    /// Stop after so many proofs
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        hide_short_help = true,
        value_parser = value::proofs
    )]
    pub stop_after: Option<NonZeroU32>,

    /// Give up after this time: 90s, 2m, 1h
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = value::time)]
    pub timeout: Option<Duration>,

    /// Print each proof as one JSON object on a line of its own
    #[arg(long, aliases = JSON)]
    pub json: bool,

    /// Which devices work, and how.
    #[command(flatten)]
    pub rig: RigArgs,

    /// When they rest.
    #[command(flatten)]
    pub limits: LimitArgs,

    /// How to show the search.
    #[command(flatten)]
    pub show: ShowArgs,
}

/// The flags that name public keys, by address or by wallet. No secret is read for them.
#[derive(Args, Clone, Debug)]
pub struct KeyArgs {
    /// Hotkey, an SS58 address or 0x-hex public key
    #[arg(long, value_name = "KEY", value_parser = value::public_key)]
    pub hotkey: Option<PublicKey>,

    /// Coldkey that will sign, likewise
    #[arg(long, value_name = "KEY", value_parser = value::public_key)]
    pub coldkey: Option<PublicKey>,

    /// Or the wallet that has them.
    #[command(flatten)]
    pub wallet: WalletArgs,
}

/// The flags of `doctor`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  btpow doctor --netuid 1
  btpow doctor --netuid 1 --wallet-name w --wallet-hotkey h --json")]
pub struct DoctorArgs {
    /// Subnet to ask about
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value::netuid)]
    pub netuid: Option<u16>,

    /// Whose public keys.
    #[command(flatten)]
    pub keys: KeyArgs,

    /// Which chain.
    #[command(flatten)]
    pub chain: ChainArgs,

    /// Which devices work, and how.
    #[command(flatten)]
    pub rig: RigArgs,

    /// Print one JSON object on standard output
    #[arg(long, aliases = JSON)]
    pub json: bool,
}

/// The flags of `subnets`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  btpow subnets --network finney")]
pub struct SubnetsArgs {
    /// Which chain.
    #[command(flatten)]
    pub chain: ChainArgs,

    /// Which devices work, and how.
    #[command(flatten)]
    pub rig: RigArgs,

    /// Print one JSON object on standard output
    #[arg(long, aliases = JSON)]
    pub json: bool,
}

impl ChainArgs {
    /// The chain that the flags name, else the variables of Bittensor's tools, else finney; and the proxies on the
    /// way there.
    ///
    /// # Errors
    ///
    /// The names of two chains; an open connection to another machine; a variable that is wrong.
    pub fn network(&self, environment: &Environment) -> Result<Network, Usage> {
        let (mut source, mut destinations) = ("--network", self.network.clone());
        if let (true, Some((name, value))) =
            (destinations.is_empty(), &environment.bittensor.network)
        {
            source = name;
            let named = value.parse();
            destinations.push(named.map_err(|error: NetworkError| Usage::of(name, error))?);
        }
        let network = Network::new(&destinations, self.genesis, self.insecure);
        let proxies = Proxies {
            given: self.proxy.as_ref(),
            variables: &environment.proxies,
        };
        network
            .map_err(|error| Usage::of(source, error))?
            .through(&proxies, self.insecure)
            .map_err(|(name, error)| Usage::of(name, error))
    }
}

impl ShowArgs {
    /// Whether the status is redrawn in place, where `live` says whether that is possible.
    pub const fn is_live(self, live: bool) -> bool {
        (live || self.output_in_place) && !self.no_output_in_place
    }
}
