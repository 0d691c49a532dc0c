//! Files of reports: whole or not there ([`disk`]), and named where they fail.

use super::ExportError;
use crate::disk;
use std::path::Path;

/// Writes `bytes` to `path`, replacing what was there only once everything is on the disk.
///
/// # Errors
/// [`ExportError::Write`] with the path that was asked for; no half-written file is left behind.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    disk::write_atomic(path, bytes).map_err(|cause| ExportError::Write { path: path.to_owned(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn replaces_whole_files_and_leaves_no_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.json");
        write_atomic(&path, b"first, and longer").expect("written");
        write_atomic(&path, b"second").expect("replaced");
        assert_eq!(fs::read(&path).expect("there"), b"second");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_folder_in_the_way_is_an_error_that_names_the_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("taken");
        fs::create_dir(&path).expect("a folder in the way");
        fs::write(path.join("inside"), b"x").expect("written");
        let error = write_atomic(&path, b"x").expect_err("cannot replace a folder");
        assert!(error.to_string().contains("taken"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(write_atomic(&folder.path().join("no/such/a.json"), b"x").is_err());
    }
}
