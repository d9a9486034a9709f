//! `cargo xtask COMMAND`: one command for each task of people and CI.
//!
//! - `xtask` itself is compiled inside the clone; everything it starts builds into a target folder outside it
//!   ([`workspace`]), so that a second fresh clone starts warm.
//! - It installs what a command needs into this user's folders ([`tools`]). What the system lacks ([`system`]) it
//!   installs only with consent ([`consent`]), before anything else happens. If it cannot install something, the error
//!   is the line that a person must run.
//! - Each command is one module: [`mod@test`], [`audit`], [`fuzz`], [`soak`], [`load`], [`mod@bench`], [`devnet`], [`dist`],
//!   [`kernels`], [`npm`], [`web`].

#![forbid(unsafe_code)]

mod audit;
mod bench;
mod book;
mod consent;
mod devnet;
mod dist;
mod fuzz;
mod kernels;
mod libtest;
mod lints;
mod load;
mod node;
mod npm;
mod outcome;
mod programs;
mod python;
mod rust;
mod shell;
mod soak;
mod steps;
mod system;
mod systems;
mod targets;
mod test;
mod tools;
mod vectors;
mod web;
mod wgpu;
mod workspace;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use consent::Consent;
use system::{COMPILER, NODE, NPM, Need};
use workspace::Workspace;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

Commands:
  test [STEP]...     Run every check but those only by name, or the steps named; `tests` also means `tests-release`
  test --list        List the steps
  audit              Check licences, sources and known vulnerabilities of all dependencies
  fuzz [SECONDS] [TARGET]
                     Run each fuzz target, or one, for SECONDS [default: 600]
  soak [HOURS]       Run a search for as many blocks as a public chain makes in HOURS [default: 24], 48 times as
                     fast, with all that can go wrong: it must hold no more memory, threads or files in the end
  fleet-load         Measure a coordinator beside 1,000 rigs and 10,000, and rigs beside threads: a quarter of an hour
  bench [--quick]    Measure this machine, next to other solvers, and write benches/record/;
                     --quick: short runs, prints only
  dist               Build what a release offers of the program for this system, and try it: on Linux the
                     archives and Debian packages, in a root of Debian 11, as root
  kernels            Make the PTX of the CUDA kernels and count their instructions
  devnet [OPTION]... Start a test chain; --help lists the options
  npm                Build the npm package into web/dist
  web                Build the registration page into web/page/dist
  web --serve [OPTION]...
                     The same, and serve it with a test chain; options are those of devnet,
                     except that a block takes 12s, as on the real chain
  help               Print this text

With --install, which goes with any command, packages that are missing on this system are installed, as they are in
CI. Without it a person at a terminal is asked.

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

/// Chooses the command. Its exit code becomes the process's; an error makes it 1.
fn run(arguments: &[String]) -> Result<ExitCode> {
    const INSTALL: &str = "--install";
    let consent = Consent::find(arguments.iter().any(|argument| argument == INSTALL));
    let arguments: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| *argument != INSTALL)
        .collect();
    // The clone, once the system has what a command needs.
    let ready = |command, needs: &[Need]| {
        let workspace = Workspace::find()?;
        consent.require(&workspace, command, needs)?;
        Ok::<_, anyhow::Error>(workspace)
    };
    match arguments.as_slice() {
        ["devnet", options @ ..] => return devnet::run(&ready("devnet", &[NPM])?, options),
        [] | ["help" | "--help" | "-h", ..] | [_, "--help" | "-h"] => println!("{USAGE}"),
        ["test", "--list"] => test::list(),
        ["test", names @ ..] => return test::run(&Workspace::find()?, names, consent),
        ["audit"] => audit::run(&ready("audit", &[NPM])?)?,
        ["fuzz"] => fuzz::run(&ready("fuzz", &[COMPILER])?, None, fuzz::DEFAULT_SECONDS)?,
        ["fuzz", seconds, target @ ..] if target.len() < 2 => {
            let seconds = seconds
                .parse()
                .with_context(|| format!("{seconds} is not a whole number of seconds"))?;
            let workspace = ready("fuzz", &[COMPILER])?;
            fuzz::run(&workspace, target.first().copied(), seconds)?;
        }
        ["soak"] => soak::run(&ready("soak", &[NPM])?, soak::DEFAULT_HOURS)?,
        ["soak", hours] => {
            let hours = hours
                .parse()
                .with_context(|| format!("{hours} is not a whole number of hours"))?;
            soak::run(&ready("soak", &[NPM])?, hours)?;
        }
        ["fleet-load"] => {
            load::run(&ready("fleet-load", &[NPM, Need::Python(&rust::NATS)])?)?;
        }
        ["web"] => web::build(&ready("web", &[NODE, NPM])?)?,
        ["web", "--serve", options @ ..] => {
            return web::serve(&ready("web", &[NODE, NPM])?, options);
        }
        ["npm"] => npm::build(&ready("npm", &[NODE, NPM])?)?,
        ["kernels"] => {
            kernels::run(&ready("kernels", &[Need::Python(&kernels::TOOLS)])?)?;
        }
        ["dist"] => dist::run(&ready("dist", dist::needs())?)?,
        ["bench"] => bench::run(&Workspace::find()?, bench::Effort::Full, consent)?,
        ["bench", "--quick"] => bench::run(&Workspace::find()?, bench::Effort::Quick, consent)?,
        [..] => bail!("no such command: {}\n\n{USAGE}", arguments.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}
