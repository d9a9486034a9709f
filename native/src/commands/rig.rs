//! `btpow rig`: hashes for a fleet, with all devices, without a wallet and without a chain.

use btpow_fleet::{
    Id, RigName,
    message::{FromRig, Message as _},
};

use super::common::{hashing, waiting};
use crate::{
    api::{Aim, Api},
    cli::{FleetRigArgs, Usage},
    environment::Environment,
    exit::{Exit, Failure},
    fleet::rig::{self, Setup},
    limits::Limits,
    output,
    report::status::status,
};

/// Hashes what the fleet's coordinator announces, until a signal comes.
///
/// # Errors
///
/// [`Failure`] of any kind.
pub fn run(args: &FleetRigArgs, environment: &Environment, live: bool) -> Result<Exit, Failure> {
    let server = args.fleet.given_server(args.insecure)?;
    let name = args.name.clone().or_else(own_name).ok_or_else(|| {
        let expected = "--name NAME, as this machine does not say what it is called";
        Usage::missing("--name", expected)
    })?;
    let session = Id(getrandom::u64().map_err(Failure::Randomness)?);
    let mut api = Api::bind(&args.api, "rig", false)?;
    let devices = hashing::devices(&args.rig, environment)?;
    let limits = Limits::new(&args.limits, &devices)?;
    devices.look();
    api.serve()?;
    waiting::block_on(async {
        let link = server.connect(FromRig::LONGEST).await?;
        let (rig, mut crew) = hashing::rig(&devices, |units| units)?;
        let signals = rig.forward_signals()?;
        let mut status = api.show(status(
            args.show.is_live(live),
            environment.needs_times,
            environment,
        ));
        let gauges = hashing::look_after(&rig, &devices, limits)?;
        let address = server.address();
        let aim = Aim::default().called(format!("fleet {}", address.fleet()));
        api.begin(vec![aim], &rig, &gauges)?;
        status.say(&format!(
            "Rig {name} of the fleet {} at {address}; on {crew}",
            address.fleet()
        ));
        status.say("waiting for a coordinator");
        let setup = Setup {
            link,
            name,
            session,
            rig: &rig,
            crew: &mut crew,
            exit_on_device_loss: args.exit_on_device_loss,
        };
        let ended = rig::run(setup, status.as_mut()).await;
        status.close();
        drop(signals);
        let signal = ended??;
        // The shell's prompt is to begin on a line of its own.
        output::say("interrupted");
        Ok(Exit::Interrupted(signal))
    })
}

/// What this machine is called, as the name of a rig.
fn own_name() -> Option<RigName> {
    #[cfg(unix)]
    let name = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .to_lowercase();
    #[cfg(windows)]
    let name = std::env::var("COMPUTERNAME").ok()?.to_lowercase();
    RigName::of(&name)
}
