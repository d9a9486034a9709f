//! How a file is read that may hold a secret.

use std::{
    fs::{self, File, Metadata},
    io::{self, ErrorKind, Read},
    path::Path,
};

use super::{WalletError, secret::Secret};

/// The largest key file that is read, in bytes; real ones have some hundreds.
pub(super) const MAX_KEYFILE: usize = 1 << 20;

/// The largest file of a password that is read, in bytes.
pub(super) const MAX_PASSWORD: usize = 1 << 12;

/// Who may be able to read a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Access {
    /// Its owner: it holds a secret.
    Owner,
    /// Everybody.
    Public,
}

/// Reads a regular file of at most [`MAX_KEYFILE`] bytes. Symbolic links are followed.
///
/// # Errors
///
/// None of these: regular, present, readable, small enough, not empty, hidden from others.
pub(super) fn keyfile(path: &Path, access: Access) -> Result<Secret, WalletError> {
    // Before it is opened: opening a named pipe would wait for its writer.
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, error))?;
    if !metadata.is_file() {
        return Err(WalletError::NotAFile(path.to_owned()));
    }
    read(path, access, MAX_KEYFILE)
}

/// Reads the password in a file or pipe of at most [`MAX_PASSWORD`] bytes.
///
/// # Errors
///
/// None of these: present, readable, small enough, not empty, hidden from others.
pub(super) fn password(path: &Path) -> Result<Secret, WalletError> {
    if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
        return Err(WalletError::NotAFile(path.to_owned()));
    }
    read(path, Access::Owner, MAX_PASSWORD)
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

fn read(path: &Path, access: Access, most: usize) -> Result<Secret, WalletError> {
    let file = File::open(path).map_err(|error| unreadable(path, error))?;
    if access == Access::Owner {
        // Of the file that is open, not of one that has its name by now.
        let metadata = file.metadata().map_err(|error| unreadable(path, error))?;
        guard(path, &metadata)?;
    }
    let bytes = read_most(file, most).map_err(|error| unreadable(path, error))?;
    match bytes.expose().len() {
        0 => Err(WalletError::Empty(path.to_owned())),
        len if len > most => Err(WalletError::TooLarge {
            path: path.to_owned(),
            most,
        }),
        _ => Ok(bytes),
    }
}

/// Refuses a secret that every user of the machine can read or replace.
#[cfg(unix)]
fn guard(path: &Path, metadata: &Metadata) -> Result<(), WalletError> {
    use std::os::unix::fs::PermissionsExt;

    let mode = metadata.permissions().mode();
    if mode & 0o006 != 0 {
        return Err(WalletError::Exposed(path.to_owned()));
    }
    if mode & 0o060 != 0 {
        let path = path.display();
        tracing::warn!("{path} is open to its group; close it with chmod 600 {path}");
    }
    Ok(())
}

/// Windows has access lists, which a program cannot judge by looking at a few bits.
#[cfg(not(unix))]
fn guard(_: &Path, _: &Metadata) -> Result<(), WalletError> {
    Ok(())
}

fn unreadable(path: &Path, error: io::Error) -> WalletError {
    let path = path.to_owned();
    match error.kind() {
        ErrorKind::NotFound => WalletError::Missing(path),
        _ => WalletError::Unreadable { path, error },
    }
}
