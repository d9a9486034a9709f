//! Where the settings file is, how it is read, and who else may write it.

use core::fmt;
use std::{
    fs::{self, File, Metadata},
    io::{self, ErrorKind, Read as _},
    path::{Path, PathBuf},
};

use crate::{cli::Usage, folders, wallet};

/// The largest file to read, in bytes; real ones have some hundreds.
const MOST: usize = 1 << 20;

/// The mark with which Windows editors begin text in UTF-8.
const MARK: &str = "\u{feff}";

/// The name of the file in the program's folder.
const NAME: &str = "config.toml";

/// A settings file as it was read.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    text: String,
    metadata: Metadata,
    /// Whether it was found, not named.
    is_default: bool,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
}

impl Source {
    /// Where the user's own file is looked for, if there is a place for it.
    pub fn default_path() -> Option<PathBuf> {
        folders::config().map(|folder| folder.join(NAME))
    }

    /// The file that the user names, or else the user's own one, if there is one.
    ///
    /// # Errors
    ///
    /// It cannot be read, or it is not text. One that is named must be there.
    pub fn find(named: Option<&Path>) -> Result<Option<Self>, Usage> {
        let Some(path) = named else {
            let Some(path) = Self::default_path() else {
                return Ok(None);
            };
            if is_nothing(&path) {
                return Ok(None);
            }
            return Self::read(&path, true).map(Some);
        };
        let path = folders::expanded(path).unwrap_or_else(|| path.to_owned());
        Self::read(&path, false).map(Some)
    }

    /// Its path, where the user named it.
    pub(crate) fn named(&self) -> Option<&Path> {
        (!self.is_default).then_some(&self.path)
    }

    fn read(path: &Path, is_default: bool) -> Result<Self, Usage> {
        let remedy = if is_default {
            "correct that, or add --no-config to go without it"
        } else {
            "name a file of settings, or drop --config"
        };
        let wrong = |problem: &dyn fmt::Display| Usage::new(&shown(path), problem, remedy);
        if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
            return Err(wrong(&"it is a folder, not a file"));
        }
        let unreadable = |error: io::Error| match error.kind() {
            ErrorKind::NotFound if is_default => wrong(&"a link on the way to it leads nowhere"),
            ErrorKind::NotFound => wrong(&"there is no such file"),
            ErrorKind::InvalidData => wrong(&"it is not text in UTF-8"),
            _ => wrong(&format_args!("cannot read it: {error}")),
        };
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        let mut text = String::new();
        let most = u64::try_from(MOST).unwrap_or(u64::MAX);
        let read = file.take(most + 1).read_to_string(&mut text);
        read.map_err(unreadable)?;
        if text.len() > MOST {
            let problem =
                format_args!("it has more than {MOST} bytes, so it must be something else");
            return Err(wrong(&problem));
        }
        Ok(Self {
            path: path.to_owned(),
            text,
            metadata,
            is_default,
        })
    }

    /// Refuses a file that others can write or replace, as keys are refused. It may warn, so the log must be there.
    ///
    /// # Errors
    ///
    /// As [`wallet::check_settings`], in its words.
    pub fn guard(&self) -> Result<(), Usage> {
        let folder = self.folder();
        // Whoever can write in the folder around the program's own can put another one in its place.
        let around = folder.parent().filter(|_| self.is_default);
        let folders: Vec<_> = [Some(folder), around].into_iter().flatten().collect();
        let checked = wallet::check_settings(&self.path, &self.metadata, &folders);
        checked.map_err(|error| Usage::from_message(&error.to_string()))
    }

    /// Its path, as the user named it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its text, without the mark of an editor.
    pub fn text(&self) -> &str {
        self.text.strip_prefix(MARK).unwrap_or(&self.text)
    }

    /// A path in the file: relative ones begin at the folder of the file, and ~ is the user's home.
    pub(super) fn resolved(&self, path: &str) -> PathBuf {
        let path = Path::new(path);
        let path = folders::expanded(path).unwrap_or_else(|| path.to_owned());
        self.folder().join(path)
    }

    /// The place of a byte of the text.
    pub(super) fn place(&self, at: usize) -> Place {
        let before = self.text().get(..at).unwrap_or_else(|| self.text());
        let line = before.rsplit('\n').next().unwrap_or_default();
        Place {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
        }
    }

    /// A mistake at a place: what is wrong, and what to do.
    pub(super) fn mistake(&self, place: Place, problem: impl fmt::Display, remedy: &str) -> Usage {
        Usage::new(&self.at(place), problem, remedy)
    }

    /// The same in words that hold both.
    pub(super) fn mistaken(&self, place: Place, words: impl fmt::Display) -> Usage {
        Usage::of(&self.at(place), words)
    }

    /// The place as people and editors read it: `FILE:LINE:COLUMN`.
    pub(crate) fn at(&self, place: Place) -> String {
        let Place { line, column } = place;
        format!("{}:{line}:{column}", shown(&self.path))
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or_else(|| Path::new(""))
    }
}

/// Whether nothing has this name. What is there but out of reach may forbid what the program would then do.
fn is_nothing(path: &Path) -> bool {
    // A service may have no home, or one that is closed to it: whatever is there was never for it.
    let is_elsewhere = |error: io::Error| {
        matches!(
            error.kind(),
            ErrorKind::PermissionDenied | ErrorKind::NotADirectory
        )
    };
    let own = path.parent().map(Path::symlink_metadata);
    if own.is_some_and(|own| own.is_err_and(is_elsewhere)) {
        return true;
    }
    for part in path.ancestors() {
        match part.symlink_metadata() {
            // It is there, or the first folder that has nothing of this name; unless that is a link that leads nowhere.
            Ok(_) => return part != path && part.metadata().is_ok(),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(_) => return false,
        }
    }
    true
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
