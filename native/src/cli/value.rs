//! Readers of single values, which clap calls for each flag; one reads a variable.
//!
//! Every complaint is one line: what is wrong, and how to fix it. [`Usage`](super::Usage) puts the flag
//! before it. A complaint never repeats a key, in case somebody pasted a secret where a public key belongs.

use btpow_core::{
    Difficulty, Isa, IsaError, Order, Protocol, PublicKey, RootSubnet, Seal, Shard, key,
};
use btpow_cuda::shape::Threads;
use btpow_registration::session::Wait;
use core::{
    fmt::Display,
    net::SocketAddr,
    num::{NonZeroU32, NonZeroU64, NonZeroUsize},
    str::FromStr,
    time::Duration,
};
use thiserror::Error;

use super::choice::Choice;
#[cfg(target_os = "linux")]
use crate::devices::manners::Cpus;
use crate::log_entry::Format;

/// The most CPU threads; a larger number is a typing mistake.
const MAX_THREADS: NonZeroUsize = NonZeroUsize::new(1_024).unwrap();

/// The most nonces of a round: a minute's work of a fast thread.
const MAX_ROUND: NonZeroU64 = NonZeroU64::new(1_000_000_000).unwrap();

/// The most submissions that may fail.
const MAX_ATTEMPTS: NonZeroU32 = NonZeroU32::new(1_000).unwrap();

/// The most proofs that are asked for.
const MAX_PROOFS: NonZeroU32 = NonZeroU32::new(1_000_000).unwrap();

/// The longest time: more than a year is a typing mistake.
const MAX_TIME: Duration = Duration::from_secs(365 * 24 * 3_600);

/// How many submissions may fail by default.
pub(super) const ATTEMPTS: NonZeroU32 = NonZeroU32::new(3).unwrap();

/// The protocols that `--protocol` names.
pub(super) const PROTOCOL: Choice<ProtocolName> = Choice {
    kind: "protocol",
    values: &[
        (Protocol::V1.name(), ProtocolName::V1),
        (Protocol::Legacy(Order::Little).name(), ProtocolName::Legacy),
    ],
};

/// The byte orders that `--order` names.
pub(super) const ORDER: Choice<Order> = Choice {
    kind: "byte order",
    values: &[
        (Order::Big.name(), Order::Big),
        (Order::Little.name(), Order::Little),
    ],
};

/// What `--wait` may wait for.
pub(super) const WAIT: Choice<Wait> = Choice {
    kind: "stage",
    values: &[("inclusion", Wait::Inclusion), ("finality", Wait::Finality)],
};

/// The formats that `--log-format` names.
pub(super) const LOG_FORMAT: Choice<Format> = Choice {
    kind: "format",
    values: &[("text", Format::Text), ("json", Format::Json)],
};

/// The value of `--protocol`; `--order` chooses among the legacy protocols.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProtocolName {
    /// The message of `pow_register`.
    V1,
    /// The message of `register` and of the faucet.
    Legacy,
}

/// What is wrong with a value, and how to fix it.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{0}")]
pub(super) struct Wrong(String);

impl Wrong {
    pub(super) fn new(problem: impl Display, remedy: impl Display) -> Self {
        Self(format!("{problem}; {remedy}"))
    }
}

/// The most shards: with more, a fast card needs less than a second for one.
const MAX_SHARDS: u64 = 1 << 32;

/// A shard, as `I/N`.
pub(super) fn shard(text: &str) -> Result<Shard, Wrong> {
    let example = "give I/N, as 0/4 for the first of four rigs";
    let unreadable = || Wrong::new(format_args!("{} is not a shard", shown(text)), example);
    let (index, count) = text.split_once('/').ok_or_else(unreadable)?;
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        let number = is_number.then(|| text.parse::<u64>().unwrap_or(u64::MAX));
        number.ok_or_else(unreadable)
    };
    let (index, count) = (number(index)?, number(count)?);
    let count = NonZeroU64::new(count).ok_or_else(unreadable)?;
    if count.get() > MAX_SHARDS {
        let problem = format_args!("{count} shards are too many");
        return Err(Wrong::new(
            problem,
            format_args!("give {MAX_SHARDS} at most"),
        ));
    }
    Shard::new(index, count).ok_or_else(|| {
        let last = count.get() - 1;
        let problem = format_args!("there is no shard {index} of {count}");
        Wrong::new(
            problem,
            format_args!("they are counted from 0, so give 0/{count} to {last}/{count}"),
        )
    })
}

/// A subnet other than the root.
pub(super) fn netuid(text: &str) -> Result<u16, Wrong> {
    let wrong = |problem: &dyn Display| Wrong::new(problem, "give the subnet's number, 1 to 65535");
    match text.parse() {
        Ok(0) => Err(wrong(&RootSubnet)),
        Ok(netuid) => Ok(netuid),
        Err(_) => Err(wrong(&format_args!(
            "{} is not a subnet's number",
            shown(text)
        ))),
    }
}

/// The hash of the block that asks.
pub(super) fn block_hash(text: &str) -> Result<[u8; 32], Wrong> {
    hex32(text, "the block's hash")
}

/// The hash of block 0.
pub(super) fn genesis(text: &str) -> Result<[u8; 32], Wrong> {
    hex32(text, "the hash of block 0")
}

/// A seal.
pub(super) fn seal(text: &str) -> Result<Seal, Wrong> {
    hex32(text, "the seal").map(Seal)
}

fn hex32(text: &str, what: &str) -> Result<[u8; 32], Wrong> {
    key::hex32(text).map_err(|error| {
        Wrong::new(
            error,
            format_args!("give {what} as 0x and 64 hexadecimal digits"),
        )
    })
}

/// The number of a block.
pub(super) fn block_number(text: &str) -> Result<u32, Wrong> {
    text.parse().map_err(|_| {
        let problem = format_args!("{} is not a block's number", shown(text));
        Wrong::new(problem, "give 0 to 4294967295, or drop it")
    })
}

/// An address or a public key. A complaint does not repeat it.
pub(super) fn public_key(text: &str) -> Result<PublicKey, Wrong> {
    text.parse().map_err(|error| {
        let remedy = "give an SS58 address that begins with 5, or 0x and 64 hexadecimal digits";
        Wrong::new(error, remedy)
    })
}

/// Expected seals per win.
pub(super) fn difficulty(text: &str) -> Result<Difficulty, Wrong> {
    text.parse().map_err(|error| {
        let problem = format_args!("{} is {error}", shown(text));
        Wrong::new(
            problem,
            "give the subnet's difficulty, 1 to 18446744073709551615",
        )
    })
}

/// A nonce, decimal or 0x-hex.
pub(super) fn nonce(text: &str) -> Result<u64, Wrong> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let digits = hex.unwrap_or(text);
    let number = if digits.starts_with('+') {
        None
    } else {
        u64::from_str_radix(digits, if hex.is_some() { 16 } else { 10 }).ok()
    };
    number.ok_or_else(|| {
        let remedy = "give a number from 0 to 18446744073709551615, decimal or 0x-hex";
        Wrong::new(format_args!("{} is not a nonce", shown(text)), remedy)
    })
}

/// A time of at least a microsecond, like `90s`, `2m`, `1.5h`, `500ms` or plain seconds.
pub(super) fn time(text: &str) -> Result<Duration, Wrong> {
    const UNITS: [(&str, f64); 9] = [
        ("ms", 0.001),
        ("seconds", 1.0),
        ("sec", 1.0),
        ("s", 1.0),
        ("minutes", 60.0),
        ("min", 60.0),
        ("m", 60.0),
        ("h", 3_600.0),
        ("d", 86_400.0),
    ];
    let wrong = |problem: &str| {
        let problem = format_args!("{} is {problem}", shown(text));
        Wrong::new(problem, "give a time like 90s, 2m or 500ms")
    };
    let unit = UNITS.iter().find(|(unit, _)| text.ends_with(unit));
    let (suffix, seconds) = unit.copied().unwrap_or(("", 1.0));
    let number = text[..text.len() - suffix.len()].trim_end();
    let digits = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    if !number.bytes().all(digits) {
        return Err(wrong("not a time"));
    }
    let number: f64 = number.parse().map_err(|_| wrong("not a time"))?;
    let time = Duration::try_from_secs_f64(number * seconds).unwrap_or(Duration::MAX);
    if time < Duration::from_micros(1) {
        return Err(wrong("too short a time"));
    }
    if time > MAX_TIME {
        return Err(wrong("longer than a year"));
    }
    Ok(time)
}

/// How many CPU threads hash.
pub(super) fn threads(text: &str) -> Result<NonZeroUsize, Wrong> {
    count(text, MAX_THREADS, "threads", "one per logical CPU")
}

/// Some of the machine's CPUs.
#[cfg(target_os = "linux")]
pub(super) fn cpus(text: &str) -> Result<Cpus, Wrong> {
    Cpus::parse(text).ok_or_else(|| {
        let problem = format_args!("{} is not a list of CPUs", shown(text));
        Wrong::new(problem, "give numbers and ranges below 1024, like 0-3,8")
    })
}

/// How willingly a thread makes way.
#[cfg(target_os = "linux")]
pub(super) fn nice(text: &str) -> Result<i32, Wrong> {
    let number = text.parse().ok().filter(|it| (-20..=19).contains(it));
    number.ok_or_else(|| {
        let problem = format_args!("{} is not a number from -20 to 19", shown(text));
        Wrong::new(problem, "give 19 to make way for everything")
    })
}

/// The nonces of a CPU thread's round.
pub(super) fn round(text: &str) -> Result<NonZeroU64, Wrong> {
    count(text, MAX_ROUND, "nonces", "rounds of 5 ms")
}

/// How many submissions may fail.
pub(super) fn attempts(text: &str) -> Result<NonZeroU32, Wrong> {
    count(text, MAX_ATTEMPTS, "attempts", &ATTEMPTS.to_string())
}

/// After how many proofs to stop.
pub(super) fn proofs(text: &str) -> Result<NonZeroU32, Wrong> {
    count(text, MAX_PROOFS, "proofs", "proofs until it is stopped")
}

/// A number from 1 to `most`; without the flag, `default` applies.
fn count<T>(text: &str, most: T, what: &str, default: &str) -> Result<T, Wrong>
where
    T: Display + FromStr + PartialOrd,
{
    let number = text.parse().ok().filter(|number| *number <= most);
    number.ok_or_else(|| {
        let problem = format_args!("{} is not a number of {what}", shown(text));
        let remedy = format_args!("give 1 to {most}, or drop it for {default}");
        Wrong::new(problem, remedy)
    })
}

/// An IP address and a port.
pub(super) fn address(text: &str) -> Result<SocketAddr, Wrong> {
    text.parse().map_err(|_| {
        let problem = format_args!("{} is no IP address with a port", shown(text));
        Wrong::new(problem, "give one like 127.0.0.1:4720 or [::1]:4720")
    })
}

/// A command for a shell.
pub(super) fn command(text: &str) -> Result<String, Wrong> {
    if text.trim().is_empty() {
        return Err(Wrong::new("there is no command", "give one, or drop it"));
    }
    Ok(text.to_owned())
}

/// The threads of a CUDA block.
pub(super) fn threads_per_block(text: &str) -> Result<Threads, Wrong> {
    let wrong = |problem: &dyn Display| {
        let remedy = "give 128, 256 or 512, or drop it to use what `btpow tune` found";
        Wrong::new(problem, remedy)
    };
    let number = text.parse();
    let number = number.map_err(|_| wrong(&format_args!("{} is not a number", shown(text))))?;
    Threads::new(number).map_err(|error| wrong(&error))
}

/// An open file descriptor.
#[cfg(unix)]
pub(super) fn descriptor(text: &str) -> Result<u32, Wrong> {
    text.parse().map_err(|_| {
        let problem = format_args!("{} is not a file descriptor", shown(text));
        Wrong::new(problem, "give a small number, like 3")
    })
}

/// The instruction set that `BTPOW_ISA` names.
pub(super) fn isa(name: &str) -> Result<Isa, Wrong> {
    Isa::named(name).map_err(|error| {
        let available: Vec<_> = Isa::available().map(Isa::name).collect();
        let remedy = format!("unset it or choose among: {}", available.join(", "));
        let problem = match error {
            IsaError::Absent => format!("this processor lacks the instructions of {name}"),
            _ => format!("this build has no instruction set {}", shown(name)),
        };
        Wrong::new(problem, remedy)
    })
}

/// A value as a complaint repeats it: quoted, escaped, and not too long for a line.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 40;
    let mut quoted: String = text.chars().take(MOST).collect();
    if quoted.len() < text.len() {
        quoted.push('…');
    }
    format!("{quoted:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_32_bytes() {
        assert_eq!(genesis(&format!("0x{}", "11".repeat(32))), Ok([0x11; 32]));
        assert!(genesis("0x11").is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_descriptor_is_a_number() {
        assert_eq!(descriptor("3"), Ok(3));
        let wrong = descriptor("x").expect_err("no number").0;
        assert!(wrong.contains("\"x\" is not a file descriptor"), "{wrong}");
    }
}
