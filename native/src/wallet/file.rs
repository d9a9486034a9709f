//! How a file is read that may hold a secret.

use std::{
    fs::{self, File, Metadata},
    io::{self, ErrorKind, Read},
    path::Path,
};

use super::{Place, WalletError, guard, secret::Secret};

/// The largest key file that is read, in bytes; real ones have some hundreds.
pub(super) const MAX_KEYFILE: usize = 1 << 20;

/// The largest file of a password that is read, in bytes.
pub(super) const MAX_PASSWORD: usize = 1 << 12;

/// What a key file is read for, which decides who else may be able to use or exchange it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose<'a> {
    /// The public key of a public file. Everybody may.
    Public,
    /// The public key of a file that holds the secret one as well. It should be closed, but that is no
    /// reason not to mine.
    Look,
    /// Signing. Nobody may, nor write in these folders around it, from the inside out.
    Sign(&'a [&'a Path]),
}

/// Reads a regular file of at most [`MAX_KEYFILE`] bytes. Symbolic links are followed.
///
/// # Errors
///
/// None of these: regular, present, readable, small enough, not empty, closed to others.
pub(super) fn keyfile(path: &Path, purpose: Purpose<'_>) -> Result<Secret, WalletError> {
    // Before it is opened: opening a named pipe would wait for its writer.
    let metadata = fs::metadata(path).map_err(|error| WalletError::unreadable(path, error))?;
    if !metadata.is_file() {
        return Err(WalletError::NotAFile(path.to_owned()));
    }
    read(path, MAX_KEYFILE, |metadata| {
        match purpose {
            Purpose::Public => {}
            Purpose::Look => guard::look(path, metadata),
            Purpose::Sign(folders) => guard::check(Place::Secret, path, metadata, folders)?,
        }
        Ok(())
    })
}

/// Reads the password in a file or pipe of at most [`MAX_PASSWORD`] bytes.
///
/// # Errors
///
/// None of these: present, readable, small enough, not empty, closed to others.
pub(super) fn password(path: &Path) -> Result<Secret, WalletError> {
    if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
        return Err(WalletError::NotAFile(path.to_owned()));
    }
    read(path, MAX_PASSWORD, |metadata| {
        guard::check(Place::Password, path, metadata, &[])
    })
}

/// Reads to the end of `source`, or one byte more than `most`.
pub(super) fn read_most(mut source: impl Read, most: usize) -> io::Result<Secret> {
    let mut bytes = Secret::zeroed(most + 1);
    let mut len = 0;
    while len <= most {
        match source.read(&mut bytes.expose_mut()[len..]) {
            Ok(0) => break,
            Ok(more) => len += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(len);
    Ok(bytes)
}

/// Reads a file of at most `most` bytes, if `guard` has nothing against the one that is open: another may
/// have its name by now.
fn read(
    path: &Path,
    most: usize,
    guard: impl FnOnce(&Metadata) -> Result<(), WalletError>,
) -> Result<Secret, WalletError> {
    let unreadable = |error| WalletError::unreadable(path, error);
    let file = File::open(path).map_err(unreadable)?;
    guard(&file.metadata().map_err(unreadable)?)?;
    let bytes = read_most(file, most).map_err(unreadable)?;
    match bytes.expose().len() {
        0 => Err(WalletError::Empty(path.to_owned())),
        len if len > most => Err(WalletError::TooLarge {
            path: path.to_owned(),
            most,
        }),
        _ => Ok(bytes),
    }
}
