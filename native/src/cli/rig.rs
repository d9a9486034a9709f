//! The flags that choose devices.

use core::num::{NonZeroU64, NonZeroUsize};
use std::thread;

use btpow_core::Isa;
use btpow_cuda::shape::Threads;
use clap::Args;

use super::{Usage, value};
#[cfg(target_os = "linux")]
use crate::devices::manners::Cpus;
use crate::devices::{Options, manners::Manners};

/// The flags that choose devices.
#[derive(Args, Clone, Debug, Default)]
pub struct RigArgs {
    /// Use this device (repeatable; default: all)
    ///
    /// `btpow devices` lists the names. cuda means all NVIDIA cards, cuda:0,2 some by number,
    /// cuda:GPU-4a1b… one by its UUID, cuda:65:00.0 one by its PCI address. wgpu means all GPUs through
    /// Vulkan, Metal or DirectX 12, wgpu:0 one by number, wgpu:radeon one by part of its name,
    /// wgpu:high-performance the first with its own memory; software is used only when you name it.
    /// wgpu does not drive a card that CUDA drives.
    #[arg(long = "device", value_name = "NAME")]
    pub devices: Vec<String>,

    /// NVIDIA cards only: short for --device cuda
    #[arg(long, alias = "use-cuda", hide_short_help = true)]
    pub cuda: bool,

    /// These NVIDIA cards only, by number: 0,2
    #[arg(
        long = "dev-id",
        alias = "dev_id",
        short = 'd',
        value_name = "N,…",
        value_delimiter = ',',
        hide_short_help = true
    )]
    pub device_ids: Vec<String>,

    /// Threads of a CUDA block: a multiple of 32 (default: what `btpow tune` found, or 256)
    #[arg(
        long = "tpb",
        aliases = ["TPB", "threads-per-block"],
        value_name = "N",
        allow_negative_numbers = true,
        hide_short_help = true,
        value_parser = value::threads_per_block
    )]
    pub threads_per_block: Option<Threads>,

    /// CPU threads (default: one per logical CPU)
    #[arg(
        long,
        alias = "processors",
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = value::threads
    )]
    pub threads: Option<NonZeroUsize>,

    /// CPUs that the CPU threads may run on: 0-3,8 (default: all); one thread for each
    ///
    /// No thread is bound to one of them. Where a container allows less time than they have, there are fewer threads.
    #[cfg(target_os = "linux")]
    #[arg(
        long,
        value_name = "LIST",
        allow_hyphen_values = true,
        hide_short_help = true,
        value_parser = value::cpus
    )]
    pub cpus: Option<Cpus>,

    /// How willingly the CPU threads make way for other programs, up to 19
    #[cfg(target_os = "linux")]
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        hide_short_help = true,
        value_parser = value::nice
    )]
    pub nice: Option<i32>,

    /// Nonces of a CPU thread's round (default: what takes 5 ms)
    ///
    /// An option of the Python SDK. A longer round is no faster, and reacts later to a new block.
    #[arg(
        long,
        short = 'u',
        value_name = "NONCES",
        allow_negative_numbers = true,
        hide_short_help = true,
        value_parser = value::round
    )]
    pub update_interval: Option<NonZeroU64>,
}

impl RigArgs {
    /// The devices that `--device` names, and those that the Python SDK's options name.
    pub fn selectors(&self) -> Vec<String> {
        let mut selectors: Vec<String> = Vec::new();
        for part in self.devices.iter().flat_map(|it| it.split(',')) {
            // A comma parts devices, as in cpu,cuda, or the cards of one kind, as in cuda:0,2.
            let is_card = |last: &String| last.contains(':') && !is_kind(part);
            match selectors.last_mut().filter(|last| is_card(last)) {
                Some(last) => *last += &format!(",{part}"),
                None => selectors.push(part.to_owned()),
            }
        }
        if !self.device_ids.is_empty() {
            selectors.push(format!("cuda:{}", self.device_ids.join(",")));
        } else if self.cuda {
            selectors.push("cuda".to_owned());
        }
        selectors
    }

    /// How devices work; `isa` is what `BTPOW_ISA` names.
    ///
    /// # Errors
    ///
    /// An instruction set that the build or the processor lacks; a flag for cards that are not to work.
    pub fn options(&self, isa: Option<&str>) -> Result<Options, Usage> {
        let selectors = self.selectors();
        let has_cuda = selectors.is_empty() || selectors.iter().any(|it| it.starts_with("cuda"));
        if self.threads_per_block.is_some() && !has_cuda {
            let problem = "only NVIDIA cards have blocks of threads, and --device names none";
            return Err(Usage::new(
                "--tpb",
                problem,
                "drop it, or add --device cuda",
            ));
        }
        let isa = isa.map(value::isa).transpose();
        let isa = isa.map_err(|wrong| Usage::of("BTPOW_ISA", wrong))?;
        #[cfg(target_os = "linux")]
        let manners = self.manners()?;
        #[cfg(not(target_os = "linux"))]
        let manners = Manners::default();
        // If the system does not know the count, one thread is right. It knows of a container's share.
        let all = || {
            let all = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
            let chosen = manners.cpus.map(|cpus| cpus.iter().count());
            let chosen = chosen.and_then(NonZeroUsize::new);
            chosen.map_or(all, |chosen| all.min(chosen))
        };
        Ok(Options {
            isa: isa.unwrap_or_else(Isa::best),
            threads: self.threads.unwrap_or_else(all),
            manners,
            round: self.update_interval,
            threads_per_block: self.threads_per_block,
        })
    }
}

#[cfg(target_os = "linux")]
impl RigArgs {
    /// How the CPU's threads behave. A thread tries it, so that nothing begins that the system does not allow.
    fn manners(&self) -> Result<Manners, Usage> {
        let not_allowed = |flag, error: &dyn core::fmt::Display| {
            let problem = format!("the system does not allow that: {error}");
            Usage::new(flag, problem, "choose another value, or drop it")
        };
        if let Some(cpus) = self.cpus {
            let forbidden = cpus.forbidden();
            let forbidden = forbidden.map_err(|error| not_allowed("--cpus", &error))?;
            if let Some(cpu) = forbidden {
                let problem =
                    format!("this machine has no CPU {cpu}, or this process may not use it");
                let remedy = "`taskset -p $$` shows those that it may use";
                return Err(Usage::new("--cpus", problem, remedy));
            }
        }
        if let Some(nice) = self.nice {
            let nicely = Manners {
                nice: Some(nice),
                cpus: None,
            };
            let tried = thread::scope(|scope| {
                let trial = thread::Builder::new().spawn_scoped(scope, || nicely.apply())?;
                trial.join().unwrap_or(Ok(()))
            });
            tried.map_err(|error| not_allowed("--nice", &error))?;
        }
        Ok(Manners {
            cpus: self.cpus,
            nice: self.nice,
        })
    }
}

/// Whether a part of `--device` begins with the name of a kind of devices.
fn is_kind(part: &str) -> bool {
    let kind = part.split(':').next().unwrap_or(part);
    matches!(kind, "cpu" | "cuda" | "wgpu")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::{Cli, Command};

    fn devices(flags: &str) -> Vec<String> {
        let line = format!("btpow solve --sample {flags}");
        let cli = Cli::try_parse_from(line.split_whitespace()).expect("flags");
        match cli.command {
            Command::Solve(args) => args.rig.selectors(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_sdks_options_name_devices() {
        assert!(devices("").is_empty());
        assert_eq!(devices("--cuda"), ["cuda"]);
        assert_eq!(devices("--use-cuda --dev-id 0,2"), ["cuda:0,2"]);
        assert_eq!(devices("--dev_id 1 -d 3"), ["cuda:1,3"]);
        assert_eq!(devices("--device cpu --cuda"), ["cpu", "cuda"]);
        assert_eq!(devices("--device cpu,cuda"), ["cpu", "cuda"]);
        assert_eq!(devices("--device cuda:0,2,cpu"), ["cuda:0,2", "cpu"]);
        assert_eq!(
            devices("--device cpu,cuda:0,2 --device wgpu"),
            ["cpu", "cuda:0,2", "wgpu"]
        );
    }
}
