//! Reads files that may hold a secret.

use std::{
    fs::{self, File, Metadata},
    io::{self, ErrorKind, Read},
    path::Path,
};

use super::{Place, WalletError, guard, secret::Secret};

/// The largest key file to read, in bytes; real ones have some hundreds.
pub(super) const MAX_KEYFILE: usize = 1 << 20;

/// The largest password file to read, in bytes.
pub(super) const MAX_PASSWORD: usize = 1 << 12;

/// The largest file of credentials to read, in bytes: with many permissions in them they have some thousands.
const MAX_CREDENTIALS: usize = 1 << 16;

/// Why a key file is read, which decides who else may be able to use or replace it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose<'a> {
    /// For the public key in a public file. Anybody may.
    Public,
    /// For the public key in a file that also holds the secret key. The file should be closed to others, but
    /// an open one is no reason not to mine.
    Look,
    /// For signing. Nobody may, and nobody may write in these folders around it, listed from the inside out.
    Sign(&'a [&'a Path]),
}

/// Reads a regular file of at most [`MAX_KEYFILE`] bytes. Symbolic links are followed.
///
/// # Errors
///
/// The file is missing, not regular, unreadable, too large, empty, or open to others.
pub(super) fn keyfile(path: &Path, purpose: Purpose<'_>) -> Result<Secret, WalletError> {
    // Checked before opening it, since opening a named pipe would wait for its writer.
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
/// The file is missing, unreadable, too large, empty, or open to others.
pub(super) fn password(path: &Path) -> Result<Secret, WalletError> {
    closed(path, MAX_PASSWORD)
}

/// The same for credentials of at most [`MAX_CREDENTIALS`] bytes.
///
/// # Errors
///
/// As [`password`].
pub(super) fn credentials(path: &Path) -> Result<Secret, WalletError> {
    closed(path, MAX_CREDENTIALS)
}

/// Reads a file or pipe that only the user may read.
fn closed(path: &Path, most: usize) -> Result<Secret, WalletError> {
    if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
        return Err(WalletError::NotAFile(path.to_owned()));
    }
    read(path, most, |metadata| {
        guard::check(Place::Password, path, metadata, &[])
    })
}

/// The bytes with which Windows editors begin text in UTF-8 and in both orders of UTF-16.
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// Reads to the end of `source`, but at most one byte more than `most`, without the mark of UTF-8 text.
///
/// # Errors
///
/// What the source says, or it is UTF-16 text.
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
    let begins = |mark: &&[u8]| bytes.expose().starts_with(mark);
    if UTF16_MARKS.iter().any(begins) {
        let problem = "it is text in UTF-16; save it as UTF-8";
        return Err(io::Error::new(ErrorKind::InvalidData, problem));
    }
    match bytes.expose().strip_prefix(UTF8_MARK) {
        Some(text) => Ok(Secret::from(text)),
        None => Ok(bytes),
    }
}

/// Reads a file of at most `most` bytes, if `guard` accepts the open file. Its name may belong to another file
/// by now.
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
