//! Any DICOM object as its data set: reports, presentation states and segmentations, of which [`super::image`] makes no
//! film. Every length is checked before anything is allocated, as for films.

use super::read::{is_dicom, source_with};
use crate::imaging::error::OpenError;
use crate::imaging::source;
use dicom_object::InMemDicomObject;
use std::path::Path;

/// A DICOM object in memory.
#[derive(Debug, Clone)]
pub struct DicomObject {
    /// Everything up to the pixel data; texts are decoded by the character set of the object.
    pub dataset: InMemDicomObject,
    pub transfer_syntax: String,
    /// The bytes of the pixel data as they lie in the file.
    pub pixel_data: Option<Vec<u8>>,
    /// What was damaged and left out, or guessed.
    pub warnings: Vec<String>,
}

impl DicomObject {
    /// Reads the object in the file at `path`; `archive.zip/report` is a member of an archive.
    ///
    /// # Errors
    /// See [`OpenError`]; never a panic, whatever the file holds.
    pub fn read(path: &Path) -> Result<DicomObject, OpenError> {
        let bytes = source::read(path).map_err(|cause| OpenError::Io { path: path.to_owned(), cause })?;
        if !is_dicom(&bytes) {
            return Err(OpenError::UnknownFormat { path: path.to_owned() });
        }
        DicomObject::from_bytes(&bytes)
            .map_err(|reason| OpenError::Undecodable { path: path.to_owned(), reason })
    }

    /// The object in the bytes of a file.
    ///
    /// # Errors
    /// A reason in words where there is no readable data set.
    pub fn from_bytes(bytes: &[u8]) -> Result<DicomObject, String> {
        let source = source_with(bytes, |_| true)?;
        let mut warnings = source.warnings;
        warnings.extend(source.damage);
        Ok(DicomObject {
            pixel_data: source.pixel_data.map(|element| source.dataset[element.value].to_vec()),
            dataset: source.object,
            transfer_syntax: source.transfer_syntax,
            warnings,
        })
    }
}
