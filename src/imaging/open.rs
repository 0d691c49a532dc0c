//! One file to one [`Radiograph`], by content.

use super::dicom::{self, Refusal, TagLine, Wanted};
use super::error::OpenError;
use super::presentation::Presentation;
use super::radiograph::Radiograph;
use super::{raster, source};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Opens the first frame of a DICOM, PNG, JPEG or TIFF file; `archive.zip/film` is a member of an archive.
///
/// # Errors
/// See [`OpenError`]; never a panic, whatever the file holds.
pub fn open(path: &Path) -> Result<Radiograph, OpenError> {
    open_frame(path, 1)
}

/// Opens frame `frame`, from 1.
///
/// # Errors
/// As [`open`]; also where there is no such frame.
pub fn open_frame(path: &Path, frame: u32) -> Result<Radiograph, OpenError> {
    open_presented(path, frame).map(|(film, _)| film)
}

/// Frame `frame`, from 1, and how the file wants it shown.
///
/// # Errors
/// As [`open_frame`].
pub fn open_presented(path: &Path, frame: u32) -> Result<(Radiograph, Presentation), OpenError> {
    open_wanted(path, frame, Wanted::Images)
}

/// As [`open_presented`], whatever the object is that has pixels: a segmentation's are its masks. For tools that look
/// into files; it is no film to be measured.
///
/// # Errors
/// As [`open_frame`].
pub fn open_pixels(path: &Path, frame: u32) -> Result<(Radiograph, Presentation), OpenError> {
    open_wanted(path, frame, Wanted::AnyPixels)
}

/// Every element of the header of a DICOM file, in order; nothing of it is changed or kept.
///
/// # Errors
/// As [`open`]; a picture that is no DICOM has none.
pub fn tags(path: &Path) -> Result<Vec<TagLine>, OpenError> {
    let bytes =
        source::read(path).map_err(|source| OpenError::Io { path: path.to_owned(), cause: source })?;
    if !dicom::is_dicom(&bytes) {
        return Err(OpenError::Undecodable {
            path: path.to_owned(),
            reason: "no DICOM: it has no tags".into(),
        });
    }
    dicom::listing(&bytes).map_err(|reason| OpenError::Undecodable { path: path.to_owned(), reason })
}

/// As [`open_presented`], of the bytes of a file; `path` only names it.
///
/// # Errors
/// As [`open_frame`].
pub fn read_presented(
    path: &Path,
    bytes: &[u8],
    frame: u32,
) -> Result<(Radiograph, Presentation), OpenError> {
    read_wanted(path, bytes, frame, Wanted::Images)
}

fn open_wanted(path: &Path, frame: u32, wanted: Wanted) -> Result<(Radiograph, Presentation), OpenError> {
    let bytes =
        source::read(path).map_err(|source| OpenError::Io { path: path.to_owned(), cause: source })?;
    read_wanted(path, &bytes, frame, wanted)
}

fn read_wanted(
    path: &Path,
    bytes: &[u8],
    frame: u32,
    wanted: Wanted,
) -> Result<(Radiograph, Presentation), OpenError> {
    // Decoders of others may panic on a damaged file; that is one bad file, not the end of the program.
    let read = catch_unwind(AssertUnwindSafe(|| read(bytes, frame, wanted)));
    let path = path.to_owned();
    match read {
        Ok(Ok(image)) => Ok(image),
        Ok(Err(None)) => Err(OpenError::UnknownFormat { path }),
        Ok(Err(Some(Refusal::NotAnImage(kind)))) => Err(OpenError::NotAnImage { path, kind }),
        Ok(Err(Some(Refusal::Undecodable(reason)))) => Err(OpenError::Undecodable { path, reason }),
        Err(_) => Err(OpenError::Undecodable { path, reason: "the decoder gave up on this file".into() }),
    }
}

/// `Err(None)` where the format is unknown.
fn read(bytes: &[u8], frame: u32, wanted: Wanted) -> Result<(Radiograph, Presentation), Option<Refusal>> {
    // A TIFF may hide in the preamble of a DICOM file, so the magic word of DICOM comes first.
    if dicom::has_magic(bytes) {
        return dicom::radiograph(bytes, frame, wanted).map_err(Some);
    }
    if let Some(format) = raster::format(bytes) {
        if frame != 1 {
            return Err(Some(Refusal::Undecodable("this image has one frame".to_owned())));
        }
        let film = raster::radiograph(bytes, format).map_err(|reason| Some(Refusal::Undecodable(reason)))?;
        return Ok((film, Presentation { frames: 1, ..Presentation::default() }));
    }
    if dicom::is_dicom(bytes) {
        return dicom::radiograph(bytes, frame, wanted).map_err(Some);
    }
    Err(None)
}
