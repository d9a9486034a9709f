//! `cargo xtask COMMAND`: one command for each thing that people and CI do.
//!
//! - `xtask` itself is compiled inside the clone; everything it starts builds into a target folder
//!   outside of it ([`workspace`]), so that a second fresh clone starts warm.
//! - What a command needs and the machine lacks is installed ([`tools`]); where that is not
//!   possible, the error is the line that a person has to run.
//! - Each command is one module: [`mod@test`], [`audit`], [`fuzz`], [`mod@bench`], [`devnet`], [`kernels`],
//!   [`npm`], [`web`].

#![forbid(unsafe_code)]

mod audit;
mod bench;
mod devnet;
mod fuzz;
mod kernels;
mod libtest;
mod npm;
mod shell;
mod steps;
mod test;
mod tools;
mod web;
mod wgpu;
mod workspace;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use workspace::Workspace;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

Commands:
  test [STEP]...     Run every check, or the steps named; `tests` also means `tests-release`
  test --list        List the steps
  audit              Check licences, sources and known vulnerabilities of all dependencies
  fuzz [SECONDS] [TARGET]
                     Run each fuzz target, or one, for SECONDS [default: 600]
  bench [--quick]    Measure this machine, next to other solvers, and write benches/record/;
                     --quick: short runs, prints only
  kernels            Make the PTX of the CUDA kernels and count their instructions
  devnet [OPTION]... Start a test chain; --help lists the options
  npm                Build the npm package into web/dist
  web                Build the registration page into web/page/dist
  web --serve [OPTION]...
                     The same, and serve it with a test chain; options are those of devnet,
                     except that a block takes 12s, as on the real chain
  help               Print this text

Builds go to $CARGO_TARGET_DIR, or to btpow/target in the user's cache folder; tools that are
installed go next to it.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Chooses the command. Its exit code is the process's own; an error makes it 1.
fn run(arguments: &[String]) -> Result<ExitCode> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["devnet", options @ ..] => return devnet::run(&Workspace::find()?, options),
        [] | ["help" | "--help" | "-h", ..] | [_, "--help" | "-h"] => println!("{USAGE}"),
        ["test", "--list"] => test::list(),
        ["test", names @ ..] => return test::run(&Workspace::find()?, names),
        ["audit"] => audit::run(&Workspace::find()?)?,
        ["fuzz"] => fuzz::run(&Workspace::find()?, None, fuzz::DEFAULT_SECONDS)?,
        ["fuzz", seconds, target @ ..] if target.len() < 2 => {
            let seconds = seconds
                .parse()
                .with_context(|| format!("{seconds} is not a whole number of seconds"))?;
            fuzz::run(&Workspace::find()?, target.first().copied(), seconds)?;
        }
        ["web"] => web::build(&Workspace::find()?)?,
        ["web", "--serve", options @ ..] => return web::serve(&Workspace::find()?, options),
        ["npm"] => npm::build(&Workspace::find()?)?,
        ["kernels"] => kernels::run(&Workspace::find()?)?,
        ["bench"] => bench::run(&Workspace::find()?, bench::Effort::Full)?,
        ["bench", "--quick"] => bench::run(&Workspace::find()?, bench::Effort::Quick)?,
        [..] => bail!("no such command: {}\n\n{USAGE}", arguments.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}
