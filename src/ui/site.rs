//! The norm tables that this site signed, in its configuration folder.

use super::services::SiteNorms;
use crate::export::write_atomic;
use crate::library::configuration;
use crate::measure::norms::{self, NormTable};
use std::env;
use std::path::PathBuf;

/// The folder of signed norm tables: `COXA_NORMS`, or `norms` in the configuration folder.
pub fn folder() -> Option<PathBuf> {
    let set = env::var_os("COXA_NORMS").filter(|value| !value.is_empty()).map(PathBuf::from);
    set.or_else(|| Some(configuration()?.join("norms")))
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
