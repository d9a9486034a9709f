//! The tables of goals: which keys `register` is to register, and where.

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Given, Place, Setting, Settings,
    keys::{self, YES},
    read::{GOAL, Reader},
    value,
};
use crate::{text, wallet::Wallet};

/// The keys of a goal, and the flags of `register` that read them.
pub(crate) const KEYS: [(&str, &str); 5] = [
    ("netuid", "netuid"),
    ("wallet", "wallet-name"),
    ("hotkey", "wallet-hotkey"),
    ("wallet-path", "wallet-path"),
    ("password-file", "password-file"),
];

/// A key to register, as a settings file says it. What it leaves out is what flags and variables say, and the rest of
/// the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileGoal {
    /// The subnet.
    pub netuid: u16,
    /// The wallet; or wallet and hotkey, as in `WALLET/HOTKEY`.
    pub wallet_name: Option<String>,
    /// The hotkey of the wallet.
    pub wallet_hotkey: Option<String>,
    /// The folder of the wallet.
    pub wallet_path: Option<PathBuf>,
    /// The file with the password of the key that signs.
    pub password_file: Option<PathBuf>,
}

/// Reads the goals of a file, whose other settings are known.
pub(super) fn goals(
    reader: &mut Reader<'_>,
    settings: &Settings,
    place: Place,
    value: &Spanned<DeValue<'_>>,
) -> Vec<(FileGoal, Place)> {
    let DeValue::Array(tables) = value.get_ref() else {
        let problem = format!("{GOAL} is not a list of tables");
        reader.mistake(place, &problem, "write [[goal]], with two brackets");
        return Vec::new();
    };
    let mut read: Vec<(FileGoal, Place)> = Vec::new();
    let mut wallets: Vec<Wallet> = Vec::new();
    for table in tables {
        let place = reader.place(table);
        let DeValue::Table(table) = table.get_ref() else {
            reader.mistake(
                place,
                "a goal is a table",
                "write [[goal]] and its keys below",
            );
            continue;
        };
        let Some(goal) = goal(reader, place, table) else {
            continue;
        };
        let wallet = match wallet(&goal, settings) {
            Ok(wallet) => wallet,
            Err(error) => {
                let usage = reader
                    .source
                    .mistaken(place, format_args!("{GOAL}: {error}"));
                reader.mistakes.push((place, usage));
                continue;
            }
        };
        if let Some(hotkeys) = several(&goal, settings) {
            let line = hotkeys.place.line;
            let problem = format!("this goal names no hotkey, and line {line} has several");
            let remedy = "add hotkey to the goal; for several, write a [[goal]] for each";
            reader.mistake(place, &problem, remedy);
            continue;
        }
        let same = (read.iter().zip(&wallets)).find(|((known, _), known_wallet)| {
            (known.netuid, *known_wallet) == (goal.netuid, &wallet)
        });
        if let Some(((_, first), _)) = same {
            let problem = format!("this goal is the same as that of line {}", first.line);
            reader.mistake(place, &problem, "drop one");
            continue;
        }
        read.push((goal, place));
        wallets.push(wallet);
    }
    let netuid = settings.table(YES.1).iter().find(|it| it.key == "netuid");
    if let (Some(netuid), Some((_, goal))) = (netuid, read.first()) {
        let problem = format!("netuid is said by the goal in line {}", goal.line);
        reader.mistake(
            netuid.place,
            &problem,
            "drop it, or write a [[goal]] for it",
        );
    }
    read
}

fn goal(reader: &mut Reader<'_>, place: Place, table: &DeTable<'_>) -> Option<FileGoal> {
    let mut found: [Option<OsString>; KEYS.len()] = Default::default();
    let before = reader.mistakes.len();
    for (typed, value) in table {
        let (at, key) = (reader.place(typed), keys::normal(typed.get_ref()));
        let Some(number) = KEYS.iter().position(|(name, _)| *name == key) else {
            let known = KEYS.map(|(name, flag)| (name, vec![flag]));
            let remedy = keys::nearest(&key, known.into_iter()).map_or_else(
                || format!("a goal has {}", KEYS.map(|(name, _)| name).join(", ")),
                |nearest| format!("did you mean {nearest}?"),
            );
            let shown = text::line(typed.get_ref(), text::NAME);
            reader.mistake(at, &format!("a goal has no key {shown}"), &remedy);
            continue;
        };
        let command = reader.keys.command(YES.1)?;
        let arg = keys::arg(command, KEYS[number].1)?;
        match value::given(reader.source, (command, arg), typed.get_ref(), value) {
            Ok(Given::Values(mut values)) if values.len() == 1 => found[number] = values.pop(),
            Ok(_) => {
                let problem = format!("{key}: a goal has one");
                reader.mistake(at, &problem, "write a [[goal]] for each");
            }
            Err(usage) => reader.mistakes.push((at, usage)),
        }
    }
    let [netuid, name, hotkey, path, password] = found;
    if netuid.is_none() && reader.mistakes.len() == before {
        reader.mistake(place, "netuid is missing", "add it: the subnet's number");
    }
    Some(FileGoal {
        // Its reader has accepted it.
        netuid: lossy(&netuid?).parse().ok()?,
        wallet_name: name.map(|it| lossy(&it)),
        wallet_hotkey: hotkey.map(|it| lossy(&it)),
        wallet_path: path.map(PathBuf::from),
        password_file: password.map(PathBuf::from),
    })
}

/// The several hotkeys that the rest of the file has for a goal, which has one.
fn several<'a>(goal: &FileGoal, settings: &'a Settings) -> Option<&'a Setting> {
    let is_whole = name(goal, settings).contains('/');
    let hotkeys = settings.of_register("wallet-hotkey");
    hotkeys.filter(|it| goal.wallet_hotkey.is_none() && !is_whole && values(it).len() > 1)
}

/// The wallet of a goal, as far as the file says.
fn wallet(goal: &FileGoal, settings: &Settings) -> Result<Wallet, crate::wallet::WalletError> {
    let path = goal.wallet_path.clone();
    let path = path.or_else(|| of_file(settings, "wallet-path").map(PathBuf::from));
    let name = name(goal, settings);
    let hotkey = goal.wallet_hotkey.clone();
    // A name like WALLET/HOTKEY says both.
    let hotkey = hotkey.or_else(|| {
        let of_file = of_file(settings, "wallet-hotkey").map(|it| lossy(it));
        of_file.filter(|_| !name.contains('/'))
    });
    let path = path.unwrap_or_else(|| Wallet::DEFAULT_PATH.into());
    Wallet::new(&path, &name, hotkey.as_deref())
}

/// The name of a goal's wallet, as far as the file says.
fn name(goal: &FileGoal, settings: &Settings) -> String {
    let name = goal.wallet_name.clone();
    let name = name.or_else(|| of_file(settings, "wallet-name").map(|it| lossy(it)));
    name.unwrap_or_else(|| Wallet::DEFAULT_NAME.to_owned())
}

/// The first value of what the rest of the file says for all goals.
fn of_file<'a>(settings: &'a Settings, key: &str) -> Option<&'a OsString> {
    let setting = settings.of_register(key)?;
    values(setting).first()
}

fn values(setting: &Setting) -> &[OsString] {
    match &setting.given {
        Given::Values(values) => values,
        Given::Switch(_) | Given::Times(_) => &[],
    }
}

fn lossy(value: &OsStr) -> String {
    value.to_string_lossy().into_owned()
}
