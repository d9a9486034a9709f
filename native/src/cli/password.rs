//! The flags that say where a password comes from.

#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;

use clap::Args;

#[cfg(unix)]
use super::value;
use crate::wallet::PasswordOption;

/// The flags that say where a password comes from. Without them, the user is asked.
#[derive(Args, Clone, Debug, Eq, PartialEq)]
pub struct PasswordArgs {
    /// Read the password from this file
    ///
    /// Others must not be able to read the file. A line break at its end does not count. - is standard input.
    #[arg(long, value_name = "FILE")]
    #[cfg_attr(unix, arg(conflicts_with = "password_fd"))]
    pub password_file: Option<PathBuf>,

    /// Read the password from this open file descriptor
    #[cfg(unix)]
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        hide_short_help = true,
        conflicts_with = "password_file",
        value_parser = value::descriptor
    )]
    pub password_fd: Option<u32>,

    /// Whether the settings file says it, which variables go before.
    #[arg(skip)]
    pub is_from_file: bool,
}

impl PasswordArgs {
    /// The password of a goal that names its file.
    pub const fn of_file(file: Option<PathBuf>) -> Self {
        Self {
            password_file: file,
            #[cfg(unix)]
            password_fd: None,
            is_from_file: false,
        }
    }

    /// Where the password comes from, if the flags say.
    pub fn option(&self) -> Option<PasswordOption> {
        #[cfg(unix)]
        if self.password_file.as_deref() == Some(Path::new("-")) {
            return Some(PasswordOption::Descriptor(0));
        }
        let file = self.password_file.clone().map(PasswordOption::File);
        #[cfg(unix)]
        let file = file.or(self.password_fd.map(PasswordOption::Descriptor));
        file
    }
}

#[cfg(all(test, unix))]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

    #[test]
    fn a_dash_in_place_of_a_file_is_standard_input() {
        for (file, option) in [
            ("-", PasswordOption::Descriptor(0)),
            ("./-", PasswordOption::File("./-".into())),
        ] {
            let line = ["btpow", "register", "--password-file", file];
            let Command::Register(args) = Cli::try_parse_from(line).expect("flags").command else {
                panic!("another command");
            };
            assert_eq!(args.send.password.option(), Some(option));
        }
    }
}
