//! The flags that choose devices.

use clap::Args;

use super::{Cli, Command};

/// The flags that choose devices.
#[derive(Args, Clone, Debug, Default)]
pub struct RigArgs {
    /// Use this device (repeatable; default: all)
    ///
    /// `btpow devices` lists the names. cuda is all NVIDIA cards, cuda:0,2 some by number,
    /// cuda:GPU-4a1b… one by its UUID, cuda:65:00.0 one by its PCI address. wgpu is all GPUs through
    /// Vulkan, Metal or DirectX 12, wgpu:0 one by number, wgpu:radeon by a part of its name,
    /// wgpu:high-performance the first with its own memory; software is used only when it is
    /// named. A card that CUDA drives is not driven through wgpu as well.
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
        hide_short_help = true
    )]
    pub threads_per_block: Option<String>,

    /// CPU threads (default: one per logical CPU)
    #[arg(
        long,
        alias = "processors",
        value_name = "N",
        allow_negative_numbers = true
    )]
    pub threads: Option<String>,

    /// Nonces of a CPU thread's round (default: what takes 5 ms)
    ///
    /// The Python SDK's option. A longer round is no faster, and hears later of a new block.
    #[arg(
        long,
        short = 'u',
        value_name = "NONCES",
        allow_negative_numbers = true,
        hide_short_help = true
    )]
    pub update_interval: Option<String>,
}

impl Cli {
    /// Says with `--device` what was said with the Python SDK's options, so that there is one list.
    pub fn settle(&mut self) {
        let rig = match &mut self.command {
            Command::Bench(args) => &mut args.rig,
            Command::Doctor(args) => &mut args.rig,
            Command::Faucet(args) => &mut args.send.rig,
            Command::Mine(args) => &mut args.rig,
            Command::Register(args) => &mut args.send.rig,
            Command::Solve(args) => &mut args.rig,
            Command::Subnets(args) => &mut args.rig,
            Command::Completions(_)
            | Command::Devices(_)
            | Command::Man(_)
            | Command::Seal(_)
            | Command::Tune(_)
            | Command::Verify(_) => return,
        };
        if !rig.device_ids.is_empty() {
            rig.devices
                .push(format!("cuda:{}", rig.device_ids.join(",")));
        } else if rig.cuda {
            rig.devices.push("cuda".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn devices(flags: &str) -> Vec<String> {
        let line = format!("btpow solve --sample {flags}");
        let mut cli = Cli::try_parse_from(line.split_whitespace()).expect("flags");
        cli.settle();
        match cli.command {
            Command::Solve(args) => args.rig.devices,
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
    }
}
