//! From the arguments to the exit code.

use std::{
    ffi::OsString,
    io::{self, IsTerminal as _},
    path::Path,
    time::Instant,
};

use clap::{Parser, error::ErrorKind};
use tracing::Level;
use tracing_subscriber::{
    Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{
    cli::{Cli, Command, LookArgs, Usage},
    commands::{
        bench, completions, config as config_command, devices, doctor, faucet, fleet, look, man,
        mine, register, rig, schema, seal, solve, subnets, top, tune, verify,
    },
    config::{self, Line, Origin, Unread},
    devices::look::COMMAND,
    environment::Environment,
    exit::{Exit, Failure},
    log_entry::Format,
    log_file::LogFile,
    output::{self, Formats, JsonLog, Log, OutputError, Warning},
    signals,
};

/// Runs the program; `begun` is when it started.
pub fn run(
    args: impl Iterator<Item = OsString>,
    environment: &Environment,
    begun: Instant,
) -> Exit {
    let args: Vec<_> = args.collect();
    if let Err(error) = signals::survive_questions() {
        return ended(Err(error.into()));
    }
    if let Some((_, rest)) = args.split_first()
        && rest.first().is_some_and(|first| first == COMMAND)
    {
        return ended(LookArgs::try_parse_from(rest).map_or_else(
            |error| unparsed(&error),
            |args| look::run(&args, environment),
        ));
    }
    ended(match config::line(&args, environment) {
        Ok(line) => run_line(line, environment, begun),
        Err(Unread::File(usage)) => Err(usage.into()),
        Err(Unread::Typed(error)) => unparsed(&error),
    })
}

/// Does what a whole command line says.
fn run_line(line: Line, environment: &Environment, begun: Instant) -> Result<Exit, Failure> {
    let Line { cli, origin, note } = line;
    let formats = formats(&cli, &origin)?;
    output::set_formats(formats);
    log(&cli, formats, environment);
    origin.guard()?;
    let outcome = log_file(cli.log_file.as_deref()).and_then(|()| {
        if let Some(note) = note {
            output::say(&note);
        }
        command(cli, environment, begun)
    });
    outcome.map_err(|failure| origin.located(failure))
}

/// Says why it failed, if it did.
fn ended(outcome: Result<Exit, Failure>) -> Exit {
    outcome.unwrap_or_else(|failure| {
        output::say(&format!("error: {failure}"));
        failure.exit()
    })
}

fn command(cli: Cli, environment: &Environment, begun: Instant) -> Result<Exit, Failure> {
    // Log lines would tear a line that is redrawn.
    let live = environment.terminal && cli.verbose == 0;
    match cli.command {
        Command::Doctor(args) => doctor::run(&args, environment),
        Command::Subnets(args) => subnets::run(&args, environment),
        Command::Register(args) => register::run(&args, environment, live),
        Command::Mine(args) => mine::run(&args, environment, live),
        Command::Faucet(args) => faucet::run(&args, environment, live),
        Command::Rig(args) => rig::run(&args, environment, live),
        Command::Fleet(args) => fleet::run(&args),
        Command::Solve(args) => solve::run(&args, environment, live),
        Command::Verify(args) => verify::run(&args),
        Command::Seal(args) => seal::run(&args),
        Command::Bench(args) => bench::run(&args, environment, begun),
        Command::Devices(args) => devices::run(&args, environment),
        Command::Tune(args) => tune::run(&args, environment),
        Command::Config(args) => {
            config_command::run(&args, cli.config.as_deref(), cli.no_config, environment)
        }
        Command::Top(args) => top::run(&args, environment),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

/// Whether a command goes on for long, and what it says has times where nothing else gives them.
const fn searches(command: &Command) -> bool {
    matches!(
        command,
        Command::Register(_) | Command::Mine(_) | Command::Faucet(_) | Command::Rig(_)
    )
}

/// How logs are written. A terminal gets lines for people in any case.
fn formats(cli: &Cli, origin: &Origin) -> Result<Formats, Usage> {
    let file = cli.log_format.unwrap_or_default();
    let is_terminal = io::stderr().is_terminal();
    if file == Format::Json && is_terminal && cli.log_file.is_none() && !origin.has("log-format") {
        let problem = "there is no log to write like that: standard error is a terminal";
        let remedy = "add --log-file, or drop it";
        return Err(Usage::new("--log-format", problem, remedy));
    }
    let stderr = if is_terminal { Format::Text } else { file };
    Ok(Formats { file, stderr })
}

/// Opens the file that gets what is said.
fn log_file(path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = path else {
        return Ok(());
    };
    let log = LogFile::open(path).map_err(|error| {
        let problem = format!("cannot write to {}: {error}", path.display());
        Usage::new("--log-file", problem, "name a file that can be written")
    })?;
    output::also_to(log);
    Ok(())
}

/// Logs to standard error from the level that `verbose` asks for. Warnings always appear, in plain words.
fn log(cli: &Cli, formats: Formats, environment: &Environment) {
    let verbose = cli.verbose;
    let level = match verbose {
        0 => Level::WARN,
        1 => Level::INFO,
        2 => Level::DEBUG,
        _ => Level::TRACE,
    };
    // The libraries log every byte that they send, so their lines need the highest level.
    let others = if verbose > 2 { level } else { Level::ERROR };
    let targets = Targets::new()
        .with_default(others)
        .with_target("btpow", level)
        // It would log the whole address of an endpoint, which may hold a key.
        .with_target("jsonrpsee", others.min(Level::INFO))
        // What it calls errors, this program tells in its own words.
        .with_target("async_nats", (verbose > 2).then_some(level));
    // Without --verbose they are lines among those that the program says, in the same form.
    let is_plain = verbose == 0;
    let lines = (formats.stderr == Format::Text).then(|| {
        let layer = tracing_subscriber::fmt::layer().with_writer(Log {
            color: environment.color && !is_plain,
            has_times: !is_plain || (environment.needs_times && searches(&cli.command)),
        });
        let layer = layer.with_ansi(environment.color && !is_plain);
        if is_plain {
            layer
                .event_format(Warning)
                .with_filter(targets.clone())
                .boxed()
        } else {
            let layer = layer.without_time();
            layer.with_filter(targets.clone()).boxed()
        }
    });
    let objects = (formats.file == Format::Json).then(|| JsonLog.with_filter(targets));
    tracing_subscriber::registry()
        .with(lines)
        .with(objects)
        .init();
}

/// Prints help and version as clap does, and puts clap's complaints on one line.
fn unparsed(error: &clap::Error) -> Result<Exit, Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            error.print().map_err(OutputError::from)?;
            Ok(Exit::Success)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            error.print().map_err(OutputError::from)?;
            Ok(Exit::Usage)
        }
        _ => Err(Usage::from(error).into()),
    }
}
