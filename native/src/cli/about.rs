//! The arguments of the commands that describe the program.

use clap::Args;
use clap_complete::Shell;

/// The argument of `completions`.
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// Shell to complete for
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// The arguments of `man`.
#[derive(Args, Debug)]
pub struct ManArgs {
    /// Command whose page to print (default: btpow itself)
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// The arguments of `schema`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  btpow schema register
  btpow schema config > btpow-config.schema.json")]
pub struct SchemaArgs {
    /// What to describe (default: everything, by name)
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}
