//! `btpow look`: what the program starts itself as, to look for cards. People need not know it.

use signal_hook::low_level;

use crate::{
    cli::{LookArgs, RigArgs},
    devices::look::{self, Findings},
    environment::Environment,
    exit::{Exit, Failure},
    output::{self, OutputError},
    report::json,
};

/// Loads the driver of one kind and tells what it shows, as one JSON object.
///
/// # Errors
///
/// [`Failure::Output`].
pub fn run(args: &LookArgs, environment: &Environment) -> Result<Exit, Failure> {
    look::end_with_parent().map_err(OutputError::from)?;
    let options = RigArgs::default().options(environment.isa.as_deref())?;
    let backend = args.kind.backend(options);
    let findings = Findings::of(backend.as_ref(), &args.devices);
    // On a line of its own, whatever the driver has written.
    output::answer(&format!("\n{}", json::line(&findings)))?;
    // Without the driver's own farewell, which may hang.
    low_level::exit(Exit::Success.code().into())
}
