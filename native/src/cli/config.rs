//! The flags of `config`.

use clap::{Args, Subcommand};

/// What to do with the settings file.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  btpow config check
  btpow config show register
  btpow --config ./rig.toml config show mine -- --device cpu")]
pub struct ConfigArgs {
    /// Which of it.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What to do with the settings file.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Show what holds for a command, and where each value comes from
    Show(ConfigShowArgs),
    /// Read the settings file and tell its mistakes
    Check,
}

/// The flags of `config show`.
#[derive(Args, Debug)]
pub struct ConfigShowArgs {
    /// Command to show it for (default: what the file says, for whichever command)
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,

    /// Flags of that command, as if they were typed
    #[arg(last = true, value_name = "FLAG", requires = "command")]
    pub flags: Vec<String>,

    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}
