//! Who else could read or change the files behind a signature.

#[cfg(unix)]
use std::{
    collections::BTreeSet,
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};
use std::{fs::Metadata, path::Path};

use super::WalletError;
#[cfg(unix)]
use super::remedy::Remedy;

/// What others must not be able to use or replace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Place {
    /// A folder on the way to a key: whoever can write in it can replace or add files.
    Folder,
    /// The outermost of these folders, which may be like /tmp: others can write in it, but cannot move or
    /// remove what is not theirs.
    Outermost,
    /// A file that holds a password.
    Password,
    /// A folder around a file of settings, which may be like /tmp.
    Around,
    /// A file that says which public key is the right one.
    Public,
    /// A file that says what the program does.
    Settings,
    /// A file that holds a secret key.
    Secret,
}

/// Who has access, besides the user and the system.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Others {
    /// Nobody.
    None,
    /// The members of a group.
    Group,
    /// Every user of the machine.
    All,
    /// The user who owns it.
    Owner,
}

impl Place {
    /// What would be done with it, in words that follow the user.
    pub(super) const fn use_of_it(self) -> &'static str {
        match self {
            Self::Settings => "would do what it says",
            Self::Around => "would do what a file in it says",
            _ => "would sign",
        }
    }
}

#[cfg(unix)]
impl Place {
    /// Who can use or replace something with this mode, besides its owner.
    const fn open_to(self, mode: u32) -> Others {
        let bits = match self {
            Self::Password | Self::Secret => 0o66,
            Self::Public | Self::Settings => 0o22,
            Self::Around | Self::Outermost if mode & 0o1000 != 0 => 0,
            Self::Around | Self::Folder | Self::Outermost => 0o22,
        };
        match mode & bits {
            0 => Others::None,
            open if open & 0o7 == 0 => Others::Group,
            _ => Others::All,
        }
    }

    /// Who can use or replace something with this mode and owner, besides this user and root.
    ///
    /// Root may use anybody's keys: in a container it does so with the wallet of the user outside. It does not do
    /// what anybody's settings say, which would be to run their commands.
    const fn others(self, mode: u32, owner: u32, user: u32) -> Others {
        let is_trusting = user == 0 && !matches!(self, Self::Around | Self::Settings);
        match self.open_to(mode) {
            Others::None | Others::Group if owner != user && owner != 0 && !is_trusting => {
                Others::Owner
            }
            others => others,
        }
    }
}

/// Refuses a file that every user of the machine could use or replace, or that belongs to somebody else. Warns
/// if only a group could.
///
/// `folders` are the folders of the file by its name, from the inside out. Any of them may be a link, and so
/// may the file: for each, both the folder that names it and the folder that holds it count.
///
/// # Errors
///
/// [`WalletError::Exposed`], [`WalletError::Foreign`], [`WalletError::Unreadable`].
#[cfg(unix)]
pub(super) fn check(
    place: Place,
    path: &Path,
    metadata: &Metadata,
    folders: &[&Path],
) -> Result<(), WalletError> {
    // A pipe without a name has no path.
    let mut inner = real(path).unwrap_or_else(|_| path.to_owned());
    check_one(place, &inner, metadata)?;
    let mut checked = Vec::new();
    for (place, named) in folders.iter().enumerate() {
        let outermost = place + 1 == folders.len() && folders.len() > 1;
        let place = if outermost {
            Place::Outermost
        } else {
            Place::Folder
        };
        let named = real(named)?;
        let around = inner.parent().map(Path::to_owned);
        for folder in around.iter().chain([&named]) {
            if !checked.contains(folder) {
                let metadata = folder.metadata();
                let metadata = metadata.map_err(|error| WalletError::unreadable(folder, error))?;
                check_one(place, folder, &metadata)?;
                checked.push(folder.clone());
            }
        }
        inner = named;
    }
    Ok(())
}

/// Refuses a file of settings that every user of the machine could change or replace, or that belongs to somebody
/// other than the user and root, as a key would be: it may name another chain or run a command. Warns if only a group
/// could.
///
/// `folders` are folders on the way to it by its name, from the inside out. Others may add files to them, as in /tmp,
/// since nothing but this file is read.
///
/// # Errors
///
/// [`WalletError::Exposed`], [`WalletError::Foreign`], [`WalletError::Unreadable`].
#[cfg(unix)]
pub fn check_settings(
    path: &Path,
    metadata: &Metadata,
    folders: &[&Path],
) -> Result<(), WalletError> {
    // A pipe without a name has no path.
    let file = real(path).unwrap_or_else(|_| path.to_owned());
    check_one(Place::Settings, &file, metadata)?;
    let around = file.parent().map(Path::to_owned);
    let named = folders.iter().map(|folder| real(folder));
    for folder in around.into_iter().map(Ok).chain(named) {
        let folder = folder?;
        let metadata = folder.metadata();
        let metadata = metadata.map_err(|error| WalletError::unreadable(&folder, error))?;
        check_one(Place::Around, &folder, &metadata)?;
    }
    Ok(())
}

#[cfg(unix)]
fn check_one(place: Place, path: &Path, metadata: &Metadata) -> Result<(), WalletError> {
    let (owner, user) = (metadata.uid(), rustix::process::geteuid().as_raw());
    let path = path.to_owned();
    let remedy = || Remedy::of(&path, metadata.dev());
    match place.others(metadata.mode(), owner, user) {
        Others::None => Ok(()),
        Others::Group => {
            warn(place, &path, "its group", metadata);
            Ok(())
        }
        Others::All => Err(WalletError::Exposed {
            remedy: remedy(),
            place,
            path,
        }),
        Others::Owner => Err(WalletError::Foreign {
            remedy: remedy(),
            place,
            path,
            owner,
            user,
        }),
    }
}

/// Warns about a secret file that others could read or change, when it is not used to sign.
#[cfg(unix)]
pub(super) fn look(path: &Path, metadata: &Metadata) {
    let others = match Place::Secret.open_to(metadata.mode()) {
        Others::None | Others::Owner => return,
        Others::Group => "its group",
        Others::All => "every user of this machine",
    };
    let path = real(path).unwrap_or_else(|_| path.to_owned());
    warn(Place::Secret, &path, others, metadata);
}

/// Warns about each place once, however often it is read.
#[cfg(unix)]
fn warn(place: Place, path: &Path, others: &str, metadata: &Metadata) {
    static WARNED_OF: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

    let mut warned_of = WARNED_OF.lock().unwrap_or_else(PoisonError::into_inner);
    if warned_of.insert(path.to_owned()) {
        let remedy = Remedy::of(path, metadata.dev()).closing(place, path);
        tracing::warn!("{} is open to {others}: {remedy}", path.display());
    }
}

/// The path without links. An empty path means the current directory, as it does before a name.
#[cfg(unix)]
fn real(path: &Path) -> Result<PathBuf, WalletError> {
    let empty = path.as_os_str().is_empty();
    let path = if empty { Path::new(".") } else { path };
    path.canonicalize()
        .map_err(|error| WalletError::unreadable(path, error))
}

/// Windows has access lists, which a few bits cannot express.
#[cfg(not(unix))]
pub(super) const fn check(
    _: Place,
    _: &Path,
    _: &Metadata,
    _: &[&Path],
) -> Result<(), WalletError> {
    Ok(())
}

/// As [`check`].
///
/// # Errors
///
/// None.
#[cfg(not(unix))]
pub const fn check_settings(_: &Path, _: &Metadata, _: &[&Path]) -> Result<(), WalletError> {
    Ok(())
}

/// As [`check`].
#[cfg(not(unix))]
pub(super) const fn look(_: &Path, _: &Metadata) {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn who_else_can_use_or_replace_what() {
        use Others::{All, Group, None, Owner};
        use Place::{Around, Folder, Outermost, Password, Public, Secret, Settings};

        let (user, root, other) = (1_000, 0, 1_001);
        for (place, mode, owner, others) in [
            (Secret, 0o600, user, None),
            (Secret, 0o400, root, None),
            (Secret, 0o711, user, None),
            (Secret, 0o640, user, Group),
            (Secret, 0o620, root, Group),
            (Secret, 0o604, user, All),
            (Secret, 0o602, user, All),
            (Secret, 0o664, root, All),
            (Secret, 0o600, other, Owner),
            (Secret, 0o660, other, Owner),
            // Access for everybody comes before access for the owner.
            (Secret, 0o777, other, All),
            (Password, 0o600, user, None),
            (Password, 0o640, user, Group),
            (Password, 0o644, user, All),
            (Password, 0o600, other, Owner),
            (Public, 0o644, user, None),
            (Public, 0o664, user, Group),
            (Public, 0o646, user, All),
            (Public, 0o644, other, Owner),
            (Settings, 0o644, user, None),
            (Settings, 0o644, root, None),
            (Settings, 0o664, user, Group),
            (Settings, 0o646, user, All),
            (Settings, 0o644, other, Owner),
            (Folder, 0o755, user, None),
            (Folder, 0o755, root, None),
            (Folder, 0o775, user, Group),
            (Folder, 0o757, user, All),
            (Folder, 0o777, root, All),
            (Folder, 0o755, other, Owner),
            (Folder, 0o1777, root, All),
            (Folder, 0o1777, user, All),
            (Outermost, 0o777, user, All),
            (Outermost, 0o775, user, Group),
            (Outermost, 0o1777, root, None),
            (Outermost, 0o1777, user, None),
            (Outermost, 0o1777, other, Owner),
            (Around, 0o755, user, None),
            (Around, 0o775, user, Group),
            (Around, 0o777, user, All),
            (Around, 0o1777, root, None),
            (Around, 0o755, other, Owner),
        ] {
            // The type of the file is part of its mode.
            let mode = mode | 0o100_000;
            assert_eq!(
                place.others(mode, owner, user),
                others,
                "{place:?} {mode:o}"
            );
        }
        assert_eq!(Secret.others(0o600, root, root), None);
        assert_eq!(Secret.others(0o600, user, root), None);
        assert_eq!(Secret.others(0o644, user, root), All);
        for place in [Around, Settings] {
            assert_eq!(place.others(0o644, root, root), None);
            assert_eq!(place.others(0o644, user, root), Owner);
        }
    }
}
