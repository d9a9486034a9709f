//! The flags of the commands that belong to a fleet.

use std::path::PathBuf;

use btpow_fleet::RigName;
use clap::{Args, Subcommand, ValueHint};

use super::{
    ApiArgs, LimitArgs, RigArgs, ShowArgs, Usage,
    value::{Wrong, shown},
};
use crate::{
    config::Settings,
    exit::Failure,
    fleet::{Address, Server},
};

/// The flags that say which fleet.
#[derive(Args, Clone, Debug, Default)]
pub struct FleetArgs {
    /// Fleet: tls://HOST:PORT/NAME, the address of its NATS server and its name there
    ///
    /// The port is 4222 and the name main, unless you say otherwise. The certificate of a tls:// server must be one that this
    /// machine trusts. nats:// is for a server of this machine; to another one anybody in between could read and change it, so
    /// that needs --insecure.
    #[arg(long, value_name = "URL", hide_short_help = true, value_hint = ValueHint::Other)]
    pub fleet: Option<Address>,

    /// Key or credentials for the fleet's server: a file with a user's seed (SU…), or a .creds file
    ///
    /// Others must not be able to read it.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub fleet_creds: Option<PathBuf>,
}

/// The flags of `rig`.
#[derive(Args, Debug)]
#[command(
    after_help = "\
Examples:
  btpow rig --fleet tls://nats.example/main --fleet-creds ~/.rig-1.nk --name rig-1
  btpow rig --fleet nats://127.0.0.1",
    mut_arg("fleet", |it| it.hide_short_help(false)),
    mut_arg("fleet_creds", |it| it.hide_short_help(false))
)]
pub struct FleetRigArgs {
    /// Which fleet.
    #[command(flatten)]
    pub fleet: FleetArgs,

    /// Name of this rig in the fleet (default: that of the machine)
    ///
    /// Where the server knows users, it is the name that this user may send and read under. It has letters, digits, - and _, 48
    /// at most; other characters of the machine's name become a dash.
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other, value_parser = name)]
    pub name: Option<RigName>,

    /// Allow nats:// to other machines, which anybody in between can read and change
    #[arg(long, hide_short_help = true)]
    pub insecure: bool,

    /// Which devices work, and how.
    #[command(flatten)]
    pub rig: RigArgs,

    /// When they rest.
    #[command(flatten)]
    pub limits: LimitArgs,

    /// How to show the search.
    #[command(flatten)]
    pub show: ShowArgs,

    /// Who may ask how it goes.
    #[command(flatten)]
    pub api: ApiArgs,

    /// End with exit code 7 once a device is dropped, for a service that starts it again
    ///
    /// A find that was made by then is first sent.
    #[arg(long, hide_short_help = true)]
    pub exit_on_device_loss: bool,
}

/// The flags of `fleet`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  btpow fleet status --fleet tls://nats.example/main --fleet-creds ~/.viewer.nk")]
pub struct FleetCommandArgs {
    /// What of it.
    #[command(subcommand)]
    pub command: FleetCommand,
}

/// What to ask of a fleet.
#[derive(Debug, Subcommand)]
pub enum FleetCommand {
    /// Show the rigs of a fleet, their devices and rates, and what each does
    Status(FleetStatusArgs),
}

/// The flags of `fleet status`.
#[derive(Args, Debug)]
#[command(
    after_help = "\
Example:
  btpow fleet status --fleet tls://nats.example/main --fleet-creds ~/.viewer.nk

Without --fleet, the settings file says which: under [fleet], at its top, or for register or rig.",
    mut_arg("fleet", |it| it.hide_short_help(false)),
    mut_arg("fleet_creds", |it| it.hide_short_help(false))
)]
pub struct FleetStatusArgs {
    /// Which fleet.
    #[command(flatten)]
    pub fleet: FleetArgs,

    /// Allow nats:// to other machines, which anybody in between can read and change
    #[arg(long, hide_short_help = true)]
    pub insecure: bool,

    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

impl FleetArgs {
    /// As [`server`](Self::server), where there is no work without a fleet.
    ///
    /// # Errors
    ///
    /// The same; or there is no `--fleet`.
    pub fn given_server(&self, insecure: bool) -> Result<Server, Failure> {
        if self.fleet.is_none() {
            return Err(
                Usage::missing("--fleet", "--fleet tls://HOST/NAME, the fleet's server").into(),
            );
        }
        let server = self.server(insecure)?;
        Ok(server.ok_or_else(|| no_fleet("--fleet"))?)
    }

    /// The fleet's server, if there is a fleet. `insecure` allows `nats://` to other machines.
    ///
    /// # Errors
    ///
    /// The way there may not be used, or the file of the credentials not read; or there are credentials for no fleet.
    pub fn server(&self, insecure: bool) -> Result<Option<Server>, Usage> {
        if self.fleet.is_none() && self.fleet_creds.is_some() {
            return Err(no_fleet("--fleet-creds"));
        }
        let address = self.fleet.clone();
        let creds = self.fleet_creds.as_deref();
        let server = address.map(|address| Server::new(address, creds, insecure));
        server.transpose()
    }
}

impl FleetCommandArgs {
    /// Completes them by a settings file.
    pub(crate) fn find(&mut self, settings: &Settings) {
        let FleetCommand::Status(args) = &mut self.command;
        args.find(settings);
    }
}

impl FleetStatusArgs {
    /// Takes what a settings file says of the same fleet for other commands, as far as it says nothing for this one.
    fn find(&mut self, settings: &Settings) {
        if self.fleet.fleet_creds.is_some() && self.fleet.fleet.is_some() {
            return;
        }
        let known = ["register", "rig"].into_iter().filter_map(|name| {
            // What a table does not say, the top says for it.
            let all = || settings.table(name).iter().chain(&settings.all);
            let text = |key| all().find(|it| it.key == key)?.text();
            let address: Address = text("fleet")?.to_str()?.parse().ok()?;
            let insecure = all().find(|it| it.key == "insecure");
            let is_insecure = insecure.is_some_and(|it| it.given.is_something());
            Some((address, text("fleet-creds").map(PathBuf::from), is_insecure))
        });
        let own = self.fleet.fleet.as_ref();
        // A key is for the server of its own fleet.
        let known = known.filter(|(address, ..)| own.is_none_or(|own| own == address));
        let known: Vec<_> = known.collect();
        let with_creds = known.iter().find(|(_, creds, _)| creds.is_some());
        let Some((address, creds, is_insecure)) = with_creds.or(known.first()) else {
            return;
        };
        self.insecure |= *is_insecure && own.is_none();
        self.fleet.fleet.get_or_insert_with(|| address.clone());
        if self.fleet.fleet_creds.is_none() {
            self.fleet.fleet_creds.clone_from(creds);
        }
    }
}

/// That a flag is of no use without a fleet.
pub(super) fn no_fleet(flag: &str) -> Usage {
    Usage::new(flag, "there is no fleet", "add --fleet URL")
}

fn name(text: &str) -> Result<RigName, Wrong> {
    text.parse().map_err(|error| {
        let problem = format_args!("{} is no name of a rig: {error}", shown(text));
        Wrong::new(problem, "give letters, digits, - and _, 48 at most")
    })
}
