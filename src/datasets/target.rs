//! The folder a data set is written into: beside its place under a temporary name, then renamed, so that it is there
//! whole or not at all.

use super::error::DatasetError;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder in the making; dropped without [`Target::publish`] it vanishes.
pub(super) struct Target {
    out: PathBuf,
    partial: PathBuf,
    names: BTreeSet<String>,
}

impl Target {
    /// # Errors
    /// Where `out` holds anything already, or its parent cannot be written.
    pub fn new(out: &Path) -> Result<Self, DatasetError> {
        let taken = match fs::read_dir(out) {
            Ok(mut entries) => entries.next().is_some().then_some("the folder is there and is not empty"),
            Err(_) => out.exists().then_some("it is no folder"),
        };
        if let Some(reason) = taken {
            return Err(DatasetError::content(out, format!("not written: {reason}")));
        }
        let Some(name) = out.file_name() else {
            return Err(DatasetError::content(out, "not written: it is no name of a folder"));
        };
        let mut temporary = OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}.part", std::process::id()));
        let partial = out.with_file_name(temporary);
        fs::create_dir_all(&partial).map_err(|e| DatasetError::write(out, e))?;
        Ok(Self { out: out.to_owned(), partial, names: BTreeSet::new() })
    }

    /// Takes the name of a case.
    ///
    /// # Errors
    /// A name that was taken before or is no name of a file.
    pub fn take(&mut self, name: &str) -> Result<(), DatasetError> {
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0', '\n', '\r', ':']) {
            return Err(DatasetError::content(&self.out, format!("{name:?} is no name of a case")));
        }
        if !self.names.insert(name.to_lowercase()) {
            return Err(DatasetError::content(&self.out, format!("two cases are named {name}")));
        }
        Ok(())
    }

    /// Writes a file below the folder; `relative` has `/` between its parts.
    pub fn write(&self, relative: &str, bytes: impl AsRef<[u8]>) -> Result<(), DatasetError> {
        let path = self.partial.join(relative);
        let written = match path.parent() {
            Some(folder) => fs::create_dir_all(folder).and_then(|()| fs::write(&path, bytes)),
            None => fs::write(&path, bytes),
        };
        // The user knows the folder by the name that was asked for.
        written.map_err(|e| DatasetError::write(&self.out.join(relative), e))
    }

    /// Puts the folder in its place.
    pub fn publish(self) -> Result<(), DatasetError> {
        if self.out.is_dir() {
            fs::remove_dir(&self.out).map_err(|e| DatasetError::write(&self.out, e))?;
        }
        fs::rename(&self.partial, &self.out).map_err(|e| DatasetError::write(&self.out, e))
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // Nothing is there any more after publishing.
        let _ = fs::remove_dir_all(&self.partial);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_a_folder_that_was_not_finished() {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("set");
        let mut target = Target::new(&out).unwrap();
        target.write("images/a.png", b"x").unwrap();
        target.take("a").unwrap();
        assert!(target.take("A").unwrap_err().to_string().contains("two cases"));
        assert!(target.take("../a").is_err() && target.take("").is_err());
        drop(target);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
        let target = Target::new(&out).unwrap();
        target.write("a", b"x").unwrap();
        target.publish().unwrap();
        assert_eq!(fs::read(out.join("a")).unwrap(), b"x");
        let error = Target::new(&out).err().unwrap().to_string();
        assert!(error.contains("not empty"), "{error}");
    }
}
