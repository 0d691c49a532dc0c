//! What can go wrong when a file is opened or written: one line naming file and reason, never a patient.

use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a file did not become a [`Radiograph`](super::Radiograph).
#[derive(Debug, Error)]
pub enum OpenError {
    /// The line holds the cause already: it is no `source` that a chain would print again.
    #[error("{}: cannot be read: {cause}", path.display())]
    Io { path: PathBuf, cause: io::Error },
    /// Neither DICOM nor a raster format of ours.
    #[error("{}: not an image: neither DICOM nor PNG, JPEG or TIFF", path.display())]
    UnknownFormat { path: PathBuf },
    /// A sound DICOM object of another kind: a report, a segmentation, a directory.
    #[error("{}: holds no image but {kind}", path.display())]
    NotAnImage { path: PathBuf, kind: String },
    /// An image too damaged, too large or too exotic to decode.
    #[error("{}: {reason}", path.display())]
    Undecodable { path: PathBuf, reason: String },
    #[error("{}: no image in this folder", path.display())]
    EmptyFolder { path: PathBuf },
}

impl OpenError {
    /// The file or folder it speaks of.
    pub fn path(&self) -> &Path {
        match self {
            OpenError::Io { path, .. }
            | OpenError::UnknownFormat { path }
            | OpenError::NotAnImage { path, .. }
            | OpenError::Undecodable { path, .. }
            | OpenError::EmptyFolder { path } => path,
        }
    }
}

/// Why a DICOM file was not written.
#[derive(Debug, Error)]
pub enum WriteError {
    #[error("{}: cannot be written: {reason}", path.display())]
    File { path: PathBuf, reason: String },
    /// The image does not fit the DX object: empty, or larger than 65535 a side.
    #[error("{}: not written: {reason}", path.display())]
    Unsuitable { path: PathBuf, reason: String },
}
