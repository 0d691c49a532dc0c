//! Where this site keeps what it has settled: the norm tables it signed and the preferences, in its configuration folder.

use super::services::SiteNorms;
use crate::export::write_atomic;
use crate::measure::norms::{self, NormTable};
use std::env;
use std::path::PathBuf;

/// The folder of signed norm tables: `COXA_NORMS`, or `coxa/norms` where the system keeps configuration.
pub fn folder() -> Option<PathBuf> {
    set("COXA_NORMS").or_else(|| Some(configuration()?.join("norms")))
}

/// The file of the preferences: `COXA_PREFERENCES`, or `coxa/preferences.toml` where the system keeps configuration.
pub fn preferences() -> Option<PathBuf> {
    set("COXA_PREFERENCES").or_else(|| Some(configuration()?.join("preferences.toml")))
}

fn set(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The folder of this program where the system keeps configuration.
fn configuration() -> Option<PathBuf> {
    let home = |below: &str| Some(set("HOME")?.join(below));
    let base = if cfg!(windows) {
        set("APPDATA")
    } else if cfg!(target_os = "macos") {
        home("Library/Application Support")
    } else {
        set("XDG_CONFIG_HOME").or_else(|| home(".config"))
    };
    Some(base?.join("coxa"))
}

/// The tables of the program, each replaced by that of the same id which the site has; a table that cannot be read is
/// named, and the program's own stays.
pub fn norms() -> SiteNorms {
    let Some(folder) = folder() else {
        return SiteNorms { tables: norms::embedded().to_vec(), faults: Vec::new() };
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")))
        .collect();
    files.sort();
    let (mut own, mut faults) = (Vec::new(), Vec::new());
    for file in files {
        match NormTable::read(&file) {
            Ok(table) => own.push(table),
            Err(error) => faults.push(error.to_string()),
        }
    }
    SiteNorms { tables: norms::replaced(norms::embedded(), own), faults }
}

/// Writes a table into the folder of those that the site has.
pub fn keep_norms(table: &NormTable) -> Result<(), String> {
    let folder = folder().ok_or("this system names no folder for what a site settles")?;
    let path = folder.join(format!("{}.toml", table.id));
    let told = |reason: String| format!("{}: {reason}", path.display());
    std::fs::create_dir_all(&folder).map_err(|error| told(error.to_string()))?;
    let text = table.to_toml().map_err(|error| told(error.to_string()))?;
    write_atomic(&path, text.as_bytes()).map_err(|error| told(error.to_string()))
}
