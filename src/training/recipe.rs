//! How a training file is read, whatever it trains: which system it names, its lines laid over the defaults, its paths
//! taken from the folder that it lies in.

use super::{TrainError, file_error};
use serde::{Serialize, de::DeserializeOwned};
use std::path::{Path, PathBuf};
use toml::Table;

/// What can be learnt from a file.
pub(super) trait Readable: Sized {
    /// What the file's text says, the rest being defaults.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    fn of_text(text: &str) -> Result<Self, String>;

    /// Paths that are relative to the file.
    fn paths(&mut self) -> Vec<&mut PathBuf>;

    /// # Errors
    /// The first thing that cannot be.
    fn possible(&self) -> Result<(), TrainError>;
}

/// Reads and checks the file at `path`.
///
/// # Errors
/// A file that cannot be read, or says what cannot be.
pub(super) fn read<T: Readable>(path: &Path) -> Result<T, TrainError> {
    let text = std::fs::read_to_string(path).map_err(|e| file_error(path, e))?;
    let mut config =
        T::of_text(&text).map_err(|reason| TrainError::Config(format!("{reason}: {}", path.display())))?;
    if let Some(folder) = path.parent() {
        for named in config.paths() {
            if named.is_relative() {
                *named = folder.join(&*named);
            }
        }
    }
    config.possible()?;
    Ok(config)
}

/// Whether `text` is a training file whose `system.kind` is `kind`.
pub(super) fn is_of(text: &str, kind: &str) -> bool {
    let named = |table: &Table| Some(table.get("system")?.get("kind")?.as_str()? == kind);
    toml::from_str(text).ok().as_ref().and_then(named).unwrap_or(false)
}

/// `defaults` with the lines of `changes` in their places.
///
/// # Errors
/// A line that no field has, a value of another type.
pub(super) fn changed<T: Serialize + DeserializeOwned>(defaults: &T, changes: Table) -> Result<T, String> {
    let mut table = Table::try_from(defaults).map_err(|e| e.to_string())?;
    overlay(&mut table, changes);
    table.try_into().map_err(|e: toml::de::Error| e.to_string())
}

/// `changes` over `table`, tables within tables field by field. A table of another `kind` replaces the whole: its
/// fields are others.
fn overlay(table: &mut Table, changes: Table) {
    for (key, change) in changes {
        match (table.get_mut(&key), change) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new))
                if new.get("kind").is_none_or(|kind| old.get("kind") == Some(kind)) =>
            {
                overlay(old, new);
            }
            (_, change) => {
                table.insert(key, change);
            }
        }
    }
}
