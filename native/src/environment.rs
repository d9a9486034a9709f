//! What the program reads from its surroundings, once at the start.

use std::{
    env,
    io::{self, IsTerminal},
};

use crate::chain::proxy::Variables;

/// The surroundings of the program.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Environment {
    /// `BTPOW_ISA`, which forces the instruction set of the CPU lanes; empty counts as unset.
    pub isa: Option<String>,
    /// Whether standard error is a terminal on which lines can be redrawn.
    pub terminal: bool,
    /// Whether colours are welcome there, as they are unless `NO_COLOR` is set.
    pub color: bool,
    /// Whether nobody puts the time before its lines: it is neither a terminal, at which somebody sits, nor systemd's
    /// journal.
    pub needs_times: bool,
    /// Whether its letters are Unicode's, by the locale.
    pub unicode: bool,
    /// The variables of Bittensor's own tools.
    pub bittensor: Bittensor,
    /// The variables that name proxies.
    pub proxies: Variables,
}

/// What the variables of Bittensor's own tools say; flags go before them. Empty ones count as unset.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Bittensor {
    /// `BT_WALLET_NAME`.
    pub wallet_name: Option<String>,
    /// `BT_WALLET_HOTKEY`.
    pub wallet_hotkey: Option<String>,
    /// `BT_WALLET_PATH`.
    pub wallet_path: Option<String>,
    /// The name and value of the variable that says which chain: as in those tools, `BT_SUBTENSOR_CHAIN_ENDPOINT`
    /// goes before `BT_SUBTENSOR_NETWORK`.
    pub network: Option<(&'static str, String)>,
}

impl Bittensor {
    /// What they say: the long name of the flag that says the same, the name of the variable, and its value.
    pub fn flags(&self) -> Vec<(&'static str, &'static str, String)> {
        let of_wallet = [
            ("wallet-name", "BT_WALLET_NAME", &self.wallet_name),
            ("wallet-hotkey", "BT_WALLET_HOTKEY", &self.wallet_hotkey),
            ("wallet-path", "BT_WALLET_PATH", &self.wallet_path),
        ];
        let of_wallet = of_wallet
            .into_iter()
            .filter_map(|(flag, name, value)| Some((flag, name, value.clone()?)));
        let network = self.network.clone();
        let network = network.map(|(name, value)| ("network", name, value));
        of_wallet.chain(network).collect()
    }
}

impl Environment {
    /// Reads the variables and looks at standard error.
    pub fn read() -> Self {
        let variable = |name: &str| {
            env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(|value| value.to_string_lossy().into_owned())
        };
        // A terminal without a name gets plain lines: the library that redraws lines would take it for
        // dumb and write nothing at all.
        let named = variable("TERM").is_some_and(|term| term != "dumb");
        let terminal = io::stderr().is_terminal() && (named || cfg!(windows));
        Self {
            isa: variable("BTPOW_ISA"),
            terminal,
            color: terminal && variable("NO_COLOR").is_none(),
            needs_times: !io::stderr().is_terminal() && !is_journal(variable("JOURNAL_STREAM")),
            unicode: is_unicode(variable),
            bittensor: Bittensor {
                wallet_name: variable("BT_WALLET_NAME"),
                wallet_hotkey: variable("BT_WALLET_HOTKEY"),
                wallet_path: variable("BT_WALLET_PATH"),
                network: ["BT_SUBTENSOR_CHAIN_ENDPOINT", "BT_SUBTENSOR_NETWORK"]
                    .into_iter()
                    .find_map(|name| Some((name, variable(name)?))),
            },
            proxies: Variables::read(variable),
        }
    }
}

/// Whether standard error leads to systemd's journal: the variable has the device and the inode of that.
fn is_journal(variable: Option<String>) -> bool {
    #[cfg(target_os = "linux")]
    {
        let stderr = rustix::fs::fstat(io::stderr());
        stderr.is_ok_and(|stat| variable == Some(format!("{}:{}", stat.st_dev, stat.st_ino)))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = variable;
        false
    }
}

/// Whether the locale's letters are Unicode's. Where a terminal needs no locale for that, they always are.
fn is_unicode(variable: impl Fn(&'static str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(variable);
    let utf8 = |locale: String| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    };
    cfg!(any(windows, target_os = "macos")) || locale.is_some_and(utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_locale_says_whether_there_are_letters_beyond_ascii() {
        let is_unicode = |set: &[(&str, &str)]| {
            is_unicode(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(is_unicode(&[("LANG", "en_GB.UTF-8")]));
        assert!(is_unicode(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")]));
        assert!(!is_unicode(&[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")]));
        assert!(!is_unicode(&[("LANG", "C")]) && !is_unicode(&[]));
    }
}
