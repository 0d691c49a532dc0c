//! What can be wrong with a data set: one line naming the file and the reason, never a patient.

use crate::imaging::OpenError;
use crate::measure::landmark_file::LandmarkFileError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a data set, or one case of it, was not read or not written.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    #[error("{}: cannot be read: {cause}", path.display())]
    Read { path: PathBuf, cause: io::Error },
    #[error("{}: cannot be written: {cause}", path.display())]
    Write { path: PathBuf, cause: io::Error },
    /// What the file says cannot be.
    #[error("{}: {reason}", path.display())]
    Content { path: PathBuf, reason: String },
    #[error(transparent)]
    Image(#[from] OpenError),
    #[error(transparent)]
    Landmarks(#[from] LandmarkFileError),
}

impl DatasetError {
    /// `reason` of `path`.
    pub(super) fn content(path: &Path, reason: impl ToString) -> Self {
        Self::Content { path: path.to_owned(), reason: reason.to_string() }
    }

    pub(super) fn write(path: &Path, cause: impl Into<io::Error>) -> Self {
        Self::Write { path: path.to_owned(), cause: cause.into() }
    }
}

/// The text of a file, without the byte order mark that editors on Windows put first.
pub(super) fn text(path: &Path) -> Result<String, DatasetError> {
    let text =
        std::fs::read_to_string(path).map_err(|cause| DatasetError::Read { path: path.to_owned(), cause })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
