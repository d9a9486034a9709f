//! `btpow-devnet`: a test chain in the foreground, as `cargo xtask devnet` starts it.

#![forbid(unsafe_code)]
#![expect(
    clippy::std_instead_of_alloc,
    reason = "processes, files and sockets: nothing here could move to a crate without std"
)]

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, bail};
use btpow_devnet::{ACCOUNTS, Devnet, FUNDS, Options, SUBNETS};
use signal_hook::consts::{SIGINT, SIGTERM};

const USAGE: &str = "\
Usage: cargo xtask devnet [OPTION]...

Starts a chain that speaks Bittensor's registration, on this machine, until Ctrl-C.

Options:
  --block-time TIME  How often a block is made, such as 1s or 250ms [default: 1s]
  --variant NAME     v1, v1-next, legacy-big, legacy-little or burning [default: v1]
  --difficulty N     Of subnet 1 [default: 10000000]
  --port N           Where to listen; 0: at any free port [default: 9944]
  --build            Build and install what all variants need, and start nothing
  --help             Print this text";

/// The command line's options.
enum Command {
    Run(Options),
    Build,
    Help,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = parse(&arguments).and_then(|command| match command {
        Command::Run(options) => run(&options),
        Command::Build => btpow_devnet::build(),
        Command::Help => {
            println!("{USAGE}");
            Ok(())
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Result<Command> {
    let mut options = Options {
        block_time: Some(Duration::from_secs(1)),
        port: 9944,
        ..Options::default()
    };
    let mut arguments = arguments.iter();
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--build" => return Ok(Command::Build),
            "--block-time" | "--variant" | "--difficulty" | "--port" => {}
            _ => bail!("there is no option {name}: see `cargo xtask devnet --help`"),
        }
        let value = arguments
            .next()
            .with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--block-time" => options.block_time = Some(duration(value)?),
            "--variant" => options.variant = value.parse()?,
            "--difficulty" => {
                let difficulty = value.parse().ok().filter(|&difficulty| difficulty > 0);
                options.difficulty = difficulty
                    .with_context(|| format!("--difficulty {value} is not a number from 1"))?;
            }
            _ => {
                options.port = value
                    .parse()
                    .with_context(|| format!("--port {value} is not a number from 0 to 65535"))?;
            }
        }
    }
    Ok(Command::Run(options))
}

/// 1s, 0.5s, 250ms.
fn duration(text: &str) -> Result<Duration> {
    let (number, unit) = if let Some(number) = text.strip_suffix("ms") {
        (number, 1e-3)
    } else if let Some(number) = text.strip_suffix('s') {
        (number, 1.0)
    } else {
        bail!("--block-time {text} has no unit: write 1s or 250ms");
    };
    let seconds = number.parse::<f64>().ok().map(|number| number * unit);
    let seconds = seconds.filter(|seconds| (0.001..=86_400.0).contains(seconds));
    let seconds = seconds
        .with_context(|| format!("--block-time {text} is not a time from 1ms to one day"))?;
    Ok(Duration::from_secs_f64(seconds))
}

fn run(options: &Options) -> Result<()> {
    let mut devnet = Devnet::start(options)?;
    // Not earlier: until here a signal ends the program at once, even while it compiles.
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    print!("{}", description(options, devnet.endpoint()));
    while !stop.load(Ordering::Relaxed) {
        // A Ctrl-C in a terminal also reaches the chain itself.
        if devnet.has_ended()? && !stop.load(Ordering::Relaxed) {
            bail!("the chain has ended by itself:\n{}", devnet.log());
        }
        thread::sleep(Duration::from_millis(50));
    }
    devnet.stop();
    println!("stopped");
    Ok(())
}

/// What a person needs to know in order to use the chain.
fn description(options: &Options, endpoint: &str) -> String {
    let Options {
        variant,
        block_time,
        ..
    } = options;
    let pace = block_time.map_or_else(
        || "blocks on demand".to_owned(),
        |time| format!("a block every {time:?}"),
    );
    let mut lines = vec![
        format!(
            "test chain {variant} (spec {}), {pace}",
            variant.spec_version()
        ),
        endpoint.to_owned(),
        String::new(),
        format!(
            "{:<8}{:<16}{:<16}about",
            "netuid", "proof of work", "difficulty"
        ),
    ];
    lines.extend(SUBNETS.iter().map(|subnet| {
        let pow = if subnet.pow { "on" } else { "off" };
        let difficulty = subnet.difficulty(options);
        format!(
            "{:<8}{pow:<16}{difficulty:<16}{}",
            subnet.netuid, subnet.about
        )
    }));
    lines.push(String::new());
    lines.push(format!(
        "accounts with {} TAO each, whose secrets everybody knows:",
        FUNDS / 1_000_000_000
    ));
    lines.extend(
        ACCOUNTS
            .iter()
            .map(|account| format!("{:<12}{}", account.uri, account.ss58)),
    );
    lines.push(String::new());
    lines.push("Ctrl-C stops it.\n".to_owned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use btpow_devnet::Variant;

    use super::{Command, Options, description, duration, parse};

    fn parse_words(words: &str) -> Result<Command, String> {
        let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
        parse(&words).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn options_are_read() {
        let words = "--variant legacy-big --difficulty 7 --port 0 --block-time 250ms";
        let Ok(Command::Run(options)) = parse_words(words) else {
            panic!("refused");
        };
        assert_eq!(options.variant, Variant::LegacyBig);
        assert_eq!(options.difficulty, 7);
        assert_eq!(options.port, 0);
        assert_eq!(options.block_time, Some(Duration::from_millis(250)));
        assert!(matches!(parse_words("--build"), Ok(Command::Build)));
        assert!(matches!(parse_words("--port 1 --help"), Ok(Command::Help)));
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (words, expected) in [
            ("--fast", "there is no option --fast"),
            ("9944", "there is no option 9944"),
            ("--port", "--port needs a value"),
            ("--port 65536", "--port 65536 is not"),
            ("--difficulty 0", "--difficulty 0 is not"),
            ("--difficulty many", "--difficulty many is not"),
            ("--variant v2", "there is no variant v2"),
            ("--block-time 1", "has no unit"),
            ("--block-time 0s", "is not a time"),
            ("--block-time NaNs", "is not a time"),
        ] {
            let error = parse_words(words).err().unwrap_or_default();
            assert!(error.contains(expected), "{words}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
        assert_eq!(duration("0.5s").unwrap(), Duration::from_millis(500));
    }

    #[test]
    fn the_description_names_subnets_and_accounts() {
        let text = description(&Options::default(), "ws://127.0.0.1:1");
        for expected in [
            "ws://127.0.0.1:1",
            "spec 475",
            "//Alice",
            "5GrwvaEF",
            "10000000",
        ] {
            assert!(text.contains(expected), "{expected} is not in {text}");
        }
    }
}
