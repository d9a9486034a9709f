//! Results of trials on cards, kept between runs in the user's cache folder.
//!
//! Losing the file costs a trial of a second or two, so nothing here is an error.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

/// Tunings by fingerprint (card, driver and version), so a change of any makes a new entry.
#[derive(Debug)]
pub(crate) struct Tunings {
    file: Option<PathBuf>,
}

impl Tunings {
    /// The tunings in the file of this name.
    pub(crate) fn named(file: &str) -> Self {
        Self {
            file: cache_folder().map(|folder| folder.join("btpow").join(file)),
        }
    }

    /// The tuning of a card, if it is known.
    pub(crate) fn get(&self, fingerprint: &str) -> Option<String> {
        self.read().remove(fingerprint)
    }

    /// Remembers a tuning. If another process does so at the same time, one of the two is lost.
    pub(crate) fn set(&self, fingerprint: &str, tuning: &str) {
        let Some(file) = &self.file else { return };
        let mut all = self.read();
        all.insert(fingerprint.to_owned(), tuning.to_owned());
        let Ok(text) = serde_json::to_string_pretty(&all) else {
            return;
        };
        let partial = file.with_extension(format!("{}.partial", std::process::id()));
        let written = file
            .parent()
            .is_some_and(|folder| fs::create_dir_all(folder).is_ok())
            && fs::write(&partial, text + "\n").is_ok()
            && fs::rename(&partial, file).is_ok();
        tracing::debug!(written, fingerprint, tuning, "tuning");
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

/// The user's folder for files that can be made again.
fn cache_folder() -> Option<PathBuf> {
    let variable = if cfg!(windows) {
        "LOCALAPPDATA"
    } else {
        "XDG_CACHE_HOME"
    };
    let folder = env::var_os(variable).map(PathBuf::from);
    let folder = folder.filter(|folder| folder.is_absolute());
    folder.or_else(|| Some(env::home_dir()?.join(".cache")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_there_the_next_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let tunings = || Tunings {
            file: Some(folder.path().join("new/tunings.json")),
        };
        assert_eq!(tunings().get("a"), None);
        tunings().set("a", "flat3x64");
        tunings().set("b", "rolled2x32");
        tunings().set("a", "flat2x64");
        assert_eq!(tunings().get("a").as_deref(), Some("flat2x64"));
        assert_eq!(tunings().get("b").as_deref(), Some("rolled2x32"));

        let file = folder.path().join("new/tunings.json");
        fs::write(file, "not JSON").expect("written");
        assert_eq!(tunings().get("a"), None);
    }
}
