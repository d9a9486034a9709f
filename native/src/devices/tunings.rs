//! Results of trials on cards, kept between runs in the user's cache folder.
//!
//! Losing the file costs a trial of a second or two, so only whoever wants a tuning to be kept needs to know that it is
//! not.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::folders;

/// Tunings by fingerprint (card, driver and version), so a change of any makes a new entry.
#[derive(Debug)]
pub(crate) struct Tunings {
    file: Option<PathBuf>,
}

/// Why a tuning is not kept, in words that complete "it is not remembered: …".
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// There is no place for it.
    #[error("there is no folder for it; set HOME or XDG_CACHE_HOME to one")]
    NoFolder,
    /// The place takes nothing.
    #[error("cannot write {}: {error}", path.display())]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl Tunings {
    /// The tunings in the file of this name.
    pub(crate) fn named(file: &str) -> Self {
        Self {
            file: folders::cache().map(|folder| folder.join(file)),
        }
    }

    /// The tunings in this file.
    #[cfg(test)]
    pub(crate) const fn of(file: PathBuf) -> Self {
        Self { file: Some(file) }
    }

    /// The tuning of a card, if it is known.
    pub(crate) fn get(&self, fingerprint: &str) -> Option<String> {
        self.read().remove(fingerprint)
    }

    /// Remembers a tuning. If another process does so at the same time, one of the two is lost.
    ///
    /// # Errors
    ///
    /// [`NotKept`]; then what was kept before still is.
    pub(crate) fn set(&self, fingerprint: &str, tuning: &str) -> Result<(), NotKept> {
        let path = self.file.as_deref().ok_or(NotKept::NoFolder)?;
        let mut all = self.read();
        all.insert(fingerprint.to_owned(), tuning.to_owned());
        let written = write(path, &all);
        tracing::debug!(?written, fingerprint, tuning, "tuning");
        written.map_err(|error| NotKept::NotWritten {
            path: path.to_owned(),
            error,
        })
    }

    fn read(&self) -> BTreeMap<String, String> {
        let text = self
            .file
            .as_ref()
            .and_then(|file| fs::read_to_string(file).ok());
        text.and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }
}

/// Writes all of it or nothing.
fn write(path: &Path, all: &BTreeMap<String, String>) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let text = serde_json::to_string_pretty(all)? + "\n";
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    let written = fs::write(&partial, text).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        // It may not even exist.
        let _ = fs::remove_file(&partial);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_there_the_next_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let tunings = || Tunings::of(folder.path().join("new/tunings.json"));
        let set = |card, tuning| {
            tunings()
                .set(card, tuning)
                .expect("a folder that can be written")
        };
        assert_eq!(tunings().get("a"), None);
        set("a", "flat3x64");
        set("b", "rolled2x32");
        set("a", "flat2x64");
        assert_eq!(tunings().get("a").as_deref(), Some("flat2x64"));
        assert_eq!(tunings().get("b").as_deref(), Some("rolled2x32"));

        let file = folder.path().join("new/tunings.json");
        fs::write(file, "not JSON").expect("written");
        assert_eq!(tunings().get("a"), None);
    }

    #[test]
    fn what_cannot_be_written_is_told_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("tunings.json");
        fs::create_dir(&file).expect("a folder in its place");
        let tunings = Tunings::of(file.clone());
        let error = tunings.set("a", "flat3x64").expect_err("a folder is there");
        assert!(
            error
                .to_string()
                .starts_with(&format!("cannot write {}: ", file.display())),
            "{error}"
        );
        let left = fs::read_dir(folder.path()).expect("a folder");
        assert_eq!(left.count(), 1);
        let nowhere = Tunings { file: None };
        let error = nowhere.set("a", "flat3x64").expect_err("nowhere");
        assert!(error.to_string().contains("XDG_CACHE_HOME"), "{error}");
    }
}
