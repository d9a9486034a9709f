//! Where a user's files are: the folders that the system has for them, and what `~` stands for.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The program's folder for files that can be made again, if the user has a place for it.
pub(crate) fn cache() -> Option<PathBuf> {
    let variable = if cfg!(windows) {
        "LOCALAPPDATA"
    } else {
        "XDG_CACHE_HOME"
    };
    place(variable, ".cache")
}

/// The program's folder for what the user wrote, if the user has a place for it.
pub(crate) fn config() -> Option<PathBuf> {
    if cfg!(windows) {
        place("APPDATA", "AppData/Roaming")
    } else if cfg!(target_os = "macos") {
        place("XDG_CONFIG_HOME", "Library/Application Support")
    } else {
        place("XDG_CONFIG_HOME", ".config")
    }
}

/// The program's folder in that of a variable, or else in a folder of the user's home.
fn place(variable: &str, in_home: &str) -> Option<PathBuf> {
    let folder = env::var_os(variable).map(PathBuf::from);
    // A path that depends on where the program was started is none, as the rules of these variables say.
    let folder = folder.filter(|folder| folder.is_absolute());
    let folder = folder.or_else(|| Some(home()?.join(in_home)))?;
    Some(folder.join("btpow"))
}

/// `path` with the home directory for a leading `~`; none if there is no home directory.
pub(crate) fn expanded(path: &Path) -> Option<PathBuf> {
    expanded_in(path, home)
}

fn expanded_in(path: &Path, home: impl Fn() -> Option<PathBuf>) -> Option<PathBuf> {
    match path.strip_prefix("~") {
        Ok(rest) => Some(home()?.join(rest)),
        Err(_) => Some(path.to_owned()),
    }
}

fn home() -> Option<PathBuf> {
    env::home_dir().filter(|home| !home.as_os_str().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilde_is_the_home_directory() {
        let expanded = |path: &str| expanded_in(Path::new(path), || Some("/home/u".into()));
        let wallets = Some("/home/u/.bittensor/wallets".into());
        assert_eq!(expanded("~/.bittensor/wallets"), wallets);
        assert_eq!(expanded("~"), Some("/home/u".into()));
        assert_eq!(expanded("/srv/~"), Some("/srv/~".into()));
        assert_eq!(expanded("~other/x"), Some("~other/x".into()));
        assert_eq!(expanded_in(Path::new("~/x"), || None), None);
        assert_eq!(expanded_in(Path::new("x"), || None), Some("x".into()));
    }
}
