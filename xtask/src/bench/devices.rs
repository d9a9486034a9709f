//! The built binary: the instruction sets to force, and its bench's results.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::workspace::Workspace;

/// Builds the release binary. Returns its path.
///
/// # Errors
///
/// When it does not compile.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    workspace.cargo("build --release -p btpow --locked").run()?;
    Ok(workspace
        .target
        .join("release")
        .join(format!("btpow{}", std::env::consts::EXE_SUFFIX)))
}

/// A value of `BTPOW_ISA`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Isa {
    pub(crate) name: String,
    /// Whether this machine's CPU has it.
    pub(crate) available: bool,
}

/// What `btpow devices` lists as `isas`.
///
/// # Errors
///
/// When it lists none that this machine's CPU has.
pub(crate) fn isas(workspace: &Workspace, btpow: &Path) -> Result<Vec<Isa>> {
    parse_isas(&workspace.program(btpow, "devices --json").output()?)
}

/// An element of `isas` is the name of an available one, or an object with `name` and `available`.
fn parse_isas(json: &str) -> Result<Vec<Isa>> {
    let value: Value = serde_json::from_str(json).with_context(|| format!("not JSON: {json}"))?;
    let isas = value["isas"]
        .as_array()
        .context("`btpow devices --json` has no array `isas`")?;
    let isas: Vec<Isa> = isas
        .iter()
        .filter_map(|isa| {
            let name = isa.as_str().or_else(|| isa["name"].as_str())?.to_owned();
            Some(Isa {
                name,
                available: isa["available"].as_bool().unwrap_or(true),
            })
        })
        .collect();
    ensure!(
        isas.iter().any(|isa| isa.available),
        "no instruction set is available: {json}"
    );
    Ok(isas)
}

/// The total of `btpow bench --json`, in hashes per second.
///
/// # Errors
///
/// When there is no such number.
pub(crate) fn hash_rate(json: &str) -> Result<f64> {
    number(json, "hash_rate")?.with_context(|| format!("no number `hash_rate` in {json}"))
}

/// A number of a JSON object; `None` when it is null, absent or not a number.
///
/// # Errors
///
/// When the text is not JSON.
pub(crate) fn number(json: &str, field: &str) -> Result<Option<f64>> {
    let value: Value = serde_json::from_str(json).with_context(|| format!("not JSON: {json}"))?;
    Ok(value[field].as_f64())
}

#[cfg(test)]
mod tests {
    use super::{Isa, hash_rate, number, parse_isas};

    #[test]
    fn the_total_is_read_and_not_a_device() {
        let json = r#"{"devices":[{"name":"cpu","isa":"avx2","hash_rate":1.5}],"hash_rate":3}"#;
        assert_eq!(hash_rate(json).unwrap(), 3.0);
        assert_eq!(
            number(r#"{"challenge_change_ms":null}"#, "challenge_change_ms").unwrap(),
            None
        );
        assert!(hash_rate("{}").is_err());
        assert!(hash_rate("error: no device").is_err());
    }

    #[test]
    fn isas_are_names_or_objects() {
        let isas = parse_isas(r#"{"isas":["avx2",{"name":"avx512","available":false}]}"#).unwrap();
        let isa = |name: &str, available| Isa {
            name: name.to_owned(),
            available,
        };
        assert_eq!(isas, [isa("avx2", true), isa("avx512", false)]);
        assert!(parse_isas(r#"{"isas":[]}"#).is_err());
        assert!(parse_isas("{}").is_err());
    }
}
