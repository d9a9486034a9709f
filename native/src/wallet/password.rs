//! Where passwords come from.

use core::{cell::OnceCell, fmt};
use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    process::Command,
    rc::Rc,
};

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{
    Password, WalletError,
    encryption::OpenFailure,
    file::{self, MAX_PASSWORD},
    secret::Secret,
};

/// How often to ask a person.
const TRIES: u32 = 3;

/// The variable of Bittensor's SDK that holds a password.
const PASSWORD: &str = "BT_WALLET_PASSWORD";

/// The variable of Bittensor's SDK that holds the path of a password's file.
const PASSWORD_FILE: &str = "BT_WALLET_PASSWORD_FILE";

/// How the variables begin in which btcli stores passwords.
const OF_BTCLI: &str = "BT_PW_";

/// What the command line says about a password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PasswordOption {
    /// `--password-file PATH`: a file or pipe that holds the password, perhaps with a line end.
    File(PathBuf),
    /// `--password-fd N`: the same from an open file descriptor, read to its end.
    #[cfg(unix)]
    Descriptor(u32),
}

/// Where a password came from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PasswordSource {
    /// An open file descriptor.
    Descriptor(u32),
    /// A file or pipe.
    File(PathBuf),
    /// A person at the terminal.
    Terminal,
    /// An environment variable.
    Variable(String),
}

/// Where passwords may come from: the command line, else the environment, else the settings file, else a person.
///
/// Only the first source that has a password counts, and only a person gets another try.
pub struct Passwords<'a> {
    option: Option<PasswordOption>,
    /// Whether variables go before the option, which a file has set.
    yields: bool,
    variable: &'a dyn Fn(&str) -> Option<OsString>,
    terminal: &'a dyn Fn(&str) -> io::Result<Password>,
    /// What the option or its variable named, once it was read.
    read: OnceCell<(Rc<Password>, PasswordSource)>,
}

/// Where a password is.
enum Held {
    Option(PasswordOption),
    /// The name of a variable, and what is in it.
    Variable(String, OsString),
}

impl Passwords<'static> {
    /// The sources of this process, besides its command line.
    pub fn of_process(option: Option<PasswordOption>) -> Self {
        Self::new(option, &|name| env::var_os(name), &|prompt| {
            rpassword::prompt_password(prompt).map(Password::from)
        })
    }
}

impl<'a> Passwords<'a> {
    /// Reads variables through `variable`. Asks a person through `terminal`, which gets the prompt and must not
    /// show the typed characters.
    pub fn new(
        option: Option<PasswordOption>,
        variable: &'a dyn Fn(&str) -> Option<OsString>,
        terminal: &'a dyn Fn(&str) -> io::Result<Password>,
    ) -> Self {
        Self {
            option,
            yields: false,
            variable,
            terminal,
            read: OnceCell::new(),
        }
    }

    /// The same, where variables go before the option if that comes from a settings file.
    #[must_use]
    pub fn yielding(self, is_from_file: bool) -> Self {
        Self {
            yields: is_from_file,
            ..self
        }
    }

    /// What `open` makes of the password of the file at `path`, which people know as `label`.
    ///
    /// # Errors
    ///
    /// There is no password, or none of them opens the file.
    pub(super) fn open<T>(
        &self,
        path: &Path,
        label: &str,
        open: impl Fn(&Password) -> Result<T, OpenFailure>,
    ) -> Result<T, WalletError> {
        let open = |password: &Password| match open(password) {
            Ok(opened) => Ok(Some(opened)),
            Err(OpenFailure::Password) => Ok(None),
            Err(OpenFailure::Memory) => Err(WalletError::Memory(path.to_owned())),
        };
        let wrong = |source_of_it| WalletError::WrongPassword {
            path: path.to_owned(),
            source_of_it,
        };
        if let Some((password, source)) = self.unasked(path)? {
            return open(&password)?.ok_or_else(|| wrong(source));
        }
        for left in (0..TRIES).rev() {
            let tried = match left + 1 {
                TRIES => String::new(),
                1 => "wrong password, last try; ".to_owned(),
                left => format!("wrong password, {left} tries left; "),
            };
            let prompt = format!("{tried}password for {label}: ");
            let password = (self.terminal)(&prompt).map_err(|error| match error.kind() {
                ErrorKind::Interrupted | ErrorKind::UnexpectedEof => WalletError::Declined,
                _ => WalletError::NoPassword {
                    path: path.to_owned(),
                    error,
                },
            })?;
            if let Some(opened) = open(&password)? {
                return Ok(opened);
            }
        }
        Err(wrong(PasswordSource::Terminal))
    }

    /// Reads the file of the password of the file at `path`, if there is one, and forgets it. What is read once, such as a
    /// pipe, is left alone.
    ///
    /// # Errors
    ///
    /// There is none, or others can read it, or it holds no password.
    pub(super) fn try_file(&self, path: &Path) -> Result<(), WalletError> {
        match self.place(path) {
            // What is not there is told by reading it.
            Some(Held::Option(PasswordOption::File(file)))
                if fs::metadata(&file).map_or(true, |it| it.is_file()) =>
            {
                PasswordOption::File(file).read().map(drop)
            }
            _ => Ok(()),
        }
    }

    /// The password that is available without asking anybody.
    fn unasked(&self, path: &Path) -> Result<Option<(Rc<Password>, PasswordSource)>, WalletError> {
        let Some(place) = self.place(path) else {
            return Ok(None);
        };
        let (name, value) = match place {
            Held::Option(option) => {
                // Several keys may have one password, and a pipe is read once.
                if let Some((password, source)) = self.read.get() {
                    return Ok(Some((Rc::clone(password), source.clone())));
                }
                let (password, source) = option.read()?;
                let (password, source) = self.read.get_or_init(|| (password.into(), source));
                return Ok(Some((Rc::clone(password), source.clone())));
            }
            Held::Variable(name, value) => (name, value),
        };
        exposed(&name);
        let password = if name == PASSWORD {
            Some(Password::from(value.into_encoded_bytes()))
        } else {
            masked(&Secret::from(value.into_encoded_bytes()), &name)
        };
        let source = PasswordSource::Variable(name);
        match password {
            Some(password) => Ok(Some((password.into(), source))),
            None => Err(WalletError::BadVariable(source)),
        }
    }

    /// Where the password of the file at `path` is available without asking anybody.
    fn place(&self, path: &Path) -> Option<Held> {
        let (first, last) = match &self.option {
            Some(option) if self.yields => (None, Some(option)),
            option => (option.as_ref(), None),
        };
        if let Some(option) = first {
            return Some(Held::Option(option.clone()));
        }
        // An empty variable counts as unset, as everywhere in this program.
        let variable = |name: &str| (self.variable)(name).filter(|value| !value.is_empty());
        for name in [PASSWORD.to_owned(), variable_of(path)] {
            if let Some(value) = variable(&name) {
                return Some(Held::Variable(name, value));
            }
        }
        let named = variable(PASSWORD_FILE).map(|file| PasswordOption::File(file.into()));
        named.or_else(|| last.cloned()).map(Held::Option)
    }
}

impl Password {
    /// The password in a file or pipe, perhaps with a line end.
    ///
    /// # Errors
    ///
    /// There is none, or others can read it.
    pub fn read(path: &Path) -> Result<Self, WalletError> {
        let (password, _) = PasswordOption::File(path.to_owned()).read()?;
        Ok(password)
    }

    /// All that is in a file or pipe of credentials, which has lines.
    ///
    /// # Errors
    ///
    /// There is none, or others can read it.
    pub fn read_credentials(path: &Path) -> Result<Self, WalletError> {
        file::credentials(path).map(Self::from)
    }
}

impl PasswordOption {
    /// The password, and where it came from.
    fn read(&self) -> Result<(Password, PasswordSource), WalletError> {
        let (line, source) = match self {
            Self::File(path) => (file::password(path)?, PasswordSource::File(path.clone())),
            #[cfg(unix)]
            Self::Descriptor(number) => {
                let source = PasswordSource::Descriptor(*number);
                (descriptor(*number)?, source)
            }
        };
        let fits = line.expose().len() <= MAX_PASSWORD;
        let password = Password::from_line(line);
        if fits && !password.is_empty() {
            return Ok((password, source));
        }
        Err(WalletError::BadPassword(source))
    }
}

/// Reads an open file descriptor to its end.
///
/// It opens the descriptor by its name in the file system, since using its number would be `unsafe`.
#[cfg(unix)]
fn descriptor(number: u32) -> Result<Secret, WalletError> {
    let read = match number {
        // Standard input may be a socket, whose name cannot be opened.
        0 => file::read_most(io::stdin(), MAX_PASSWORD),
        _ => std::fs::File::open(format!("/dev/fd/{number}"))
            .and_then(|file| file::read_most(file, MAX_PASSWORD)),
    };
    read.map_err(|error| WalletError::UnreadablePassword {
        source_of_it: PasswordSource::Descriptor(number),
        error,
    })
}

/// The variable in which btcli stores the password of the file at `path`.
fn variable_of(path: &Path) -> String {
    let path = path.to_string_lossy();
    let name = path.replace([std::path::MAIN_SEPARATOR, '.'], "_");
    format!("{OF_BTCLI}{}", name.to_uppercase())
}

/// Gives a program that is about to be started none of this one's variables about passwords.
pub fn hide_passwords(command: &mut Command) {
    for (name, _) in env::vars_os().filter(|(name, _)| is_about_passwords(name)) {
        command.env_remove(name);
    }
}

/// Whether a variable of the environment is about a password.
fn is_about_passwords(name: &OsStr) -> bool {
    name == PASSWORD || name == PASSWORD_FILE || name.to_string_lossy().starts_with(OF_BTCLI)
}

/// The password that btcli stored in a variable: base64 of the password XOR the variable's name, which hides
/// it from nobody.
fn masked(value: &Secret, name: &str) -> Option<Password> {
    let value = value.expose().trim_ascii();
    let mut password = Secret::zeroed(base64::decoded_len_estimate(value.len()));
    let len = BASE64_STANDARD
        .decode_slice(value, password.expose_mut())
        .ok()?;
    password.truncate(len);
    for (byte, mask) in password.expose_mut().iter_mut().zip(name.bytes().cycle()) {
        *byte ^= mask;
    }
    (len > 0).then(|| password.into())
}

fn exposed(name: &str) {
    tracing::warn!(
        "the password comes from {name}: other programs of this user can read environment \
         variables, and start-up files keep them; --password-file is safer"
    );
}

impl fmt::Debug for Passwords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords")
            .field("option", &self.option)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for PasswordSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Descriptor(number) => write!(f, "file descriptor {number}"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Terminal => f.write_str("the terminal"),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_about_passwords_are_known() {
        let btclis = variable_of(Path::new("/home/u/coldkey"));
        for name in [PASSWORD, PASSWORD_FILE, &btclis] {
            assert!(is_about_passwords(OsStr::new(name)), "{name}");
        }
        assert!(!is_about_passwords(OsStr::new("CUDA_VISIBLE_DEVICES")));
    }

    #[test]
    fn variables_are_named_as_btcli_names_them() {
        let path = Path::new("/home/u/.bittensor/wallets/default/coldkey");
        let name = "BT_PW__HOME_U__BITTENSOR_WALLETS_DEFAULT_COLDKEY";
        assert_eq!(variable_of(path), name);
    }

    /// The value is what btwallet's `save_password_to_env` wrote.
    #[test]
    fn a_masked_password_is_what_btcli_masked() {
        let name = "BT_PW__HOME_U__BITTENSOR_WALLETS_DEFAULT_COLDKEY";
        let masked = |value: &str| masked(&Secret::from(value.as_bytes()), name);
        for value in [
            "JTszNDIxcjwqPjFyJT4sMT47JiE=",
            " JTszNDIxcjwqPjFyJT4sMT47JiE=\n",
        ] {
            let password = masked(value).expect("base 64");
            assert_eq!(password.expose(), b"golden-test-password");
        }
        for value in ["", " ", "no base 64"] {
            assert!(masked(value).is_none(), "{value}");
        }
    }
}
