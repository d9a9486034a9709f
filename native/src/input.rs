//! Turns what was typed into values that cannot be wrong.
//!
//! Every complaint is one line: what is wrong, what was expected, how to mend it. Keys are never
//! repeated in one, for the case that somebody pastes a secret where a public key belongs.

use core::{
    fmt,
    num::{NonZeroU64, NonZeroUsize},
    time::Duration,
};
use std::thread;

use btpow_core::{
    Challenge, Difficulty, Isa, IsaError, Order, Position, Protocol, PublicKey, Seal, key,
};

use btpow_cuda::shape::Threads;

use crate::{
    cli::{ChallengeArgs, RigArgs},
    devices::Options,
    exit::Usage,
};

/// The most CPU threads that are taken for meant.
const MAX_THREADS: usize = 1_024;

/// The longest round that is taken for meant: a minute of a fast thread.
const MAX_ROUND: u64 = 1_000_000_000;

/// The longest time that is taken for meant: a year.
const MAX_TIME: Duration = Duration::from_secs(365 * 24 * 3_600);

/// A challenge and the facts that it was made from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Task {
    /// What is hashed.
    pub challenge: Challenge,
    /// The subnet, in v1.
    pub netuid: Option<u16>,
    /// The block's number, where given.
    pub block_number: Option<u32>,
    /// The hotkey, or whichever key a legacy challenge is for.
    pub hotkey: PublicKey,
    /// The key that signs, in v1.
    pub coldkey: Option<PublicKey>,
}

impl Task {
    /// Reads the flags of a challenge.
    ///
    /// # Errors
    ///
    /// The first flag that is wrong, missing, or of the other protocol.
    pub fn read(args: &ChallengeArgs) -> Result<Self, Usage> {
        let protocol = protocol(args.protocol.as_deref(), args.order.as_deref(), None)?;
        let netuid = match protocol {
            Protocol::V1 => {
                let text = given(args.netuid.as_deref(), "--netuid", "the subnet's number")?;
                Some(netuid(text)?)
            }
            Protocol::Legacy(_) if args.netuid.is_some() => {
                let problem = "a legacy message has no netuid";
                return Err(Usage::new("--netuid", problem, "drop it, or use v1"));
            }
            Protocol::Legacy(_) => None,
        };
        let block_hash = given(
            args.block_hash.as_deref(),
            "--block-hash",
            "0x and 64 digits",
        )?;
        let block_hash = key::hex32(block_hash).map_err(|error| {
            let remedy = "give the block's hash as 0x and 64 hexadecimal digits";
            Usage::new("--block-hash", error, remedy)
        })?;
        let hotkey = public_key("--hotkey", args.hotkey.as_deref())?;
        let coldkey = match protocol {
            Protocol::V1 => Some(public_key("--coldkey", args.coldkey.as_deref())?),
            Protocol::Legacy(_) if args.coldkey.is_some() => {
                let problem = "a legacy message has one key, given as --hotkey";
                return Err(Usage::new("--coldkey", problem, "drop it, or use v1"));
            }
            Protocol::Legacy(_) => None,
        };
        let block_number = args.block_number.as_deref().map(block_number).transpose()?;
        let challenge = match (protocol, netuid, coldkey) {
            (Protocol::V1, Some(netuid), Some(coldkey)) => {
                Challenge::v1(netuid, block_hash, hotkey.0, coldkey.0).map_err(root_subnet)?
            }
            (Protocol::V1, ..) => return Err(root_subnet("there is none")),
            (Protocol::Legacy(order), ..) => Challenge::legacy(order, block_hash, hotkey.0),
        };
        Ok(Self {
            challenge,
            netuid,
            block_number,
            hotkey,
            coldkey,
        })
    }

    /// The flags that say the same again, for a shell.
    pub fn flags(&self) -> String {
        let mut flags = match self.challenge.protocol() {
            Protocol::V1 => String::new(),
            Protocol::Legacy(order) => format!("--protocol legacy --order {} ", order.name()),
        };
        if let Some(netuid) = self.netuid {
            flags += &format!("--netuid {netuid} ");
        }
        flags += &format!(
            "--block-hash {} --hotkey {}",
            Seal(self.challenge.block_hash()),
            self.hotkey
        );
        if let Some(coldkey) = self.coldkey {
            flags += &format!(" --coldkey {coldkey}");
        }
        flags
    }
}

/// Reads `--protocol` and `--order`; `default` is the order of legacy when none is given.
///
/// # Errors
///
/// An unknown name, an order with v1, legacy without any order.
pub fn protocol(
    name: Option<&str>,
    order: Option<&str>,
    default: Option<Order>,
) -> Result<Protocol, Usage> {
    let remedy = "choose v1 or legacy";
    match name.unwrap_or("v1") {
        "v1" if order.is_some() => {
            let problem = "v1 seals are always little-endian";
            Err(Usage::new(
                "--order",
                problem,
                "drop it, or add --protocol legacy",
            ))
        }
        "v1" => Ok(Protocol::V1),
        "legacy" => {
            let remedy = "add --order big for runtimes up to spec 277 and the Python SDK, \
                          --order little for later ones and the faucet";
            let order = match order {
                Some("big") => Order::Big,
                Some("little") => Order::Little,
                Some(other) => {
                    let problem = format_args!("there is no byte order {}", shown(other));
                    return Err(Usage::new("--order", problem, "choose big or little"));
                }
                None => default.ok_or_else(|| Usage::new("--order", "missing", remedy))?,
            };
            Ok(Protocol::Legacy(order))
        }
        other => {
            let problem = format_args!("there is no protocol {}", shown(other));
            Err(Usage::new("--protocol", problem, remedy))
        }
    }
}

/// Reads `--difficulty`.
///
/// # Errors
///
/// Missing, zero, above `u64`, not a number.
pub fn difficulty(text: Option<&str>) -> Result<Difficulty, Usage> {
    let text = given(text, "--difficulty", "like 10M, 1e7 or 10000000")?;
    text.parse().map_err(|error| {
        let remedy = "give the subnet's difficulty, 1 to 18446744073709551615";
        Usage::new(
            "--difficulty",
            format_args!("{} is {error}", shown(text)),
            remedy,
        )
    })
}

/// Reads a nonce, decimal or 0x-hex, that must be given.
///
/// # Errors
///
/// Missing, not a number, above `u64`.
pub fn nonce(flag: &str, text: Option<&str>) -> Result<u64, Usage> {
    let text = given(text, flag, "a number from 0 to 18446744073709551615")?;
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let digits = hex.unwrap_or(text);
    let number = if digits.starts_with('+') {
        None
    } else {
        u64::from_str_radix(digits, if hex.is_some() { 16 } else { 10 }).ok()
    };
    number.ok_or_else(|| {
        let remedy = "give a number from 0 to 18446744073709551615, decimal or 0x-hex";
        Usage::new(flag, format_args!("{} is not a nonce", shown(text)), remedy)
    })
}

/// Reads `--start`, the position of a nonce; none when it was not given.
///
/// # Errors
///
/// As [`nonce`].
pub fn start(text: Option<&str>, protocol: Protocol) -> Result<Option<Position>, Usage> {
    text.map(|text| nonce("--start", Some(text)))
        .transpose()
        .map(|nonce| nonce.map(|nonce| Position::of_nonce(nonce, protocol)))
}

/// Reads `--seal`.
///
/// # Errors
///
/// Not 32 bytes of hex.
pub fn seal(text: &str) -> Result<Seal, Usage> {
    let remedy = "give the seal as 0x and 64 hexadecimal digits";
    let bytes = key::hex32(text).map_err(|error| Usage::new("--seal", error, remedy))?;
    Ok(Seal(bytes))
}

/// Reads a time of at least a microsecond, like `90s`, `2m`, `1.5h`, `500ms` or plain seconds.
///
/// # Errors
///
/// Not a time, zero, longer than a year.
pub fn time(flag: &str, text: &str) -> Result<Duration, Usage> {
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
        Usage::new(flag, problem, "give a time like 90s, 2m or 500ms")
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
        return Err(wrong("no time at all"));
    }
    if time > MAX_TIME {
        return Err(wrong("longer than a year"));
    }
    Ok(time)
}

/// Reads `--threads` and `BTPOW_ISA`.
///
/// # Errors
///
/// No or too many threads; an instruction set that the build or the processor lacks.
pub fn options(args: &RigArgs, isa: Option<&str>) -> Result<Options, Usage> {
    let threads = match args.threads.as_deref() {
        // Where the system does not tell the count, one thread is right.
        None => thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        Some(text) => text
            .parse()
            .ok()
            .filter(|threads: &NonZeroUsize| threads.get() <= MAX_THREADS)
            .ok_or_else(|| {
                let problem = format_args!("{} is not a number of threads", shown(text));
                let remedy = "give 1 to 1024, or drop it for one per logical CPU";
                Usage::new("--threads", problem, remedy)
            })?,
    };
    let round = args.update_interval.as_deref().map(|text| {
        let number: Option<NonZeroU64> = text.parse().ok();
        number
            .filter(|nonces| nonces.get() <= MAX_ROUND)
            .ok_or_else(|| {
                let problem = format_args!("{} is not a number of nonces", shown(text));
                let remedy = "give 1 to 1000000000, or drop it for rounds of 5 ms";
                Usage::new("--update-interval", problem, remedy)
            })
    });
    let threads_per_block = args.threads_per_block.as_deref().map(|text| {
        let wrong = |problem: &dyn fmt::Display| {
            let remedy = "give 128, 256 or 512, or drop it for what `btpow tune` found";
            Usage::new("--tpb", problem, remedy)
        };
        let number = text.parse();
        let number = number.map_err(|_| wrong(&format_args!("{} is not a number", shown(text))))?;
        Threads::new(number).map_err(|error| wrong(&error))
    });
    Ok(Options {
        isa: isa.map_or_else(|| Ok(Isa::best()), self::isa)?,
        threads,
        round: round.transpose()?,
        threads_per_block: threads_per_block.transpose()?,
    })
}

/// Reads `BTPOW_ISA`.
fn isa(name: &str) -> Result<Isa, Usage> {
    Isa::named(name).map_err(|error| {
        let available: Vec<_> = Isa::available().map(Isa::name).collect();
        let remedy = format!("unset it or choose among: {}", available.join(", "));
        let problem = match error {
            IsaError::Absent => format!("this processor lacks the instructions of {name}"),
            _ => format!("this build has no instruction set {}", shown(name)),
        };
        Usage::new("BTPOW_ISA", problem, &remedy)
    })
}

/// Reads `--netuid`, which is not the root's.
///
/// # Errors
///
/// Not a subnet's number, or 0.
pub fn netuid(text: &str) -> Result<u16, Usage> {
    match text.parse() {
        Ok(0) => Err(root_subnet(
            "netuid 0 is the root subnet, which takes no proof of work",
        )),
        Ok(netuid) => Ok(netuid),
        Err(_) => Err(root_subnet(format_args!(
            "{} is not a subnet's number",
            shown(text)
        ))),
    }
}

fn root_subnet(problem: impl core::fmt::Display) -> Usage {
    Usage::new("--netuid", problem, "give the subnet's number, 1 to 65535")
}

fn block_number(text: &str) -> Result<u32, Usage> {
    text.parse().map_err(|_| {
        let problem = format_args!("{} is not a block's number", shown(text));
        Usage::new(
            "--block-number",
            problem,
            "give 0 to 4294967295, or drop it",
        )
    })
}

/// Reads a public key that must be given.
///
/// # Errors
///
/// Missing, not an address, an address of another network.
pub fn public_key(flag: &str, text: Option<&str>) -> Result<PublicKey, Usage> {
    let text = given(text, flag, "an SS58 address or a 0x-hex public key")?;
    text.parse().map_err(|error| {
        let remedy = "give an SS58 address that begins with 5, or 0x and 64 hexadecimal digits";
        Usage::new(flag, error, remedy)
    })
}

/// The value of a flag that must be there.
///
/// # Errors
///
/// It is not there.
pub fn given<'a>(text: Option<&'a str>, flag: &str, expected: &str) -> Result<&'a str, Usage> {
    text.ok_or_else(|| Usage::new(flag, "missing", &format!("add it: {expected}")))
}

/// A value as it is repeated in a complaint: quoted, escaped, and not too long for a line.
pub fn shown(text: &str) -> String {
    const MOST: usize = 40;
    let mut quoted: String = text.chars().take(MOST).collect();
    if quoted.len() < text.len() {
        quoted.push('…');
    }
    format!("{quoted:?}")
}
