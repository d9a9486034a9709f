//! An archive: one folder with the program, its papers and the licences.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use super::{Built, Papers, Release, copy_into};

/// What else of the clone is in it.
const TEXTS: [&str; 5] = [
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];

/// Packs a program. Returns the archive: zip for Windows, otherwise a compressed tar.
pub(super) fn pack(release: &Release<'_>, program: &Built, papers: &Papers) -> Result<PathBuf> {
    let name = release.name(&program.target);
    let above = release.target.join("archives");
    let folder = above.join(&name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let texts = TEXTS.iter().map(|text| release.workspace.at(text));
    for file in [program.path.clone()]
        .into_iter()
        .chain(texts)
        .chain(papers.paths())
    {
        copy_into(&file, &folder)?;
    }
    let ending = ending(&program.target);
    let archive = release.folder.join(format!("{name}{ending}"));
    // On Linux it is GNU's tar, which can leave out who packed it and when. Windows' and macOS' tar writes zip as well.
    let flags = if cfg!(target_os = "linux") {
        let commit = release.workspace.program("git", "log -1 --format=%ct");
        let time = commit.ask().unwrap_or_else(|_| "0".to_owned());
        format!("--sort=name --owner=0 --group=0 --numeric-owner --mode=go-w --mtime=@{time}")
    } else {
        String::new()
    };
    release
        .workspace
        .program("tar", &flags)
        .args("-a -cf")
        .arg(&archive)
        .arg(&name)
        .folder(&above)
        .run()?;
    Ok(archive)
}

/// The ending of an archive's name; `Cargo.toml` of the program tells it to cargo-binstall.
pub(super) fn ending(target: &str) -> &'static str {
    if target.contains("windows") {
        ".zip"
    } else {
        ".tar.gz"
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::ending;

    /// What cargo-binstall replaces in the texts of `native/Cargo.toml`.
    #[test]
    fn binstall_finds_the_archives() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../native/Cargo.toml");
        let manifest = fs::read_to_string(manifest).expect("it is there");
        let (_, binstall) = manifest
            .split_once("[package.metadata.binstall]")
            .expect("it has this section");
        let address = r#"pkg-url = "{ repo }/releases/download/v{ version }/{ name }-{ version }-{ target }{ archive-suffix }""#;
        assert!(binstall.contains(address), "{binstall}");
        let inside = r#"bin-dir = "{ name }-{ version }-{ target }/{ bin }{ binary-ext }""#;
        assert!(binstall.contains(inside), "{binstall}");
        // Its own name of this ending, and the exception.
        assert_eq!(ending("x86_64-unknown-linux-gnu"), ".tar.gz");
        assert!(binstall.contains("pkg-fmt = \"tgz\""), "{binstall}");
        assert_eq!(ending("x86_64-pc-windows-msvc"), ".zip");
        let (_, windows) = binstall
            .split_once("[package.metadata.binstall.overrides.x86_64-pc-windows-msvc]")
            .expect("Windows has another ending");
        assert!(windows.contains("pkg-fmt = \"zip\""), "{windows}");
    }
}
