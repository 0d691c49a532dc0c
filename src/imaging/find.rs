//! The files behind the paths that a person names: folders are searched, ZIP archives entered, a DICOMDIR followed,
//! files taken at their word. By content, never by extension.

use super::dicom::{self, Kind};
use super::error::OpenError;
use super::{raster, source};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The header of a radiograph ends before this; longer ones are read whole.
const PREFIX: u64 = 64 * 1024;

enum Content {
    Image,
    /// A sound DICOM object that is no image.
    Other(String),
    Archive,
    Unknown,
}

/// Images in `paths`, in their order; within a folder or archive sorted by path. A path into an archive leads
/// through it as through a folder.
///
/// A folder, archive or DICOMDIR yields its images, and an error where it has none. A file named directly yields
/// itself, or the reason why it is no image. Reports, segmentations and other files in folders are passed over,
/// but not one that calls itself an image and is none: a damaged film must not go missing in silence.
pub fn find_images(paths: &[PathBuf]) -> Vec<Result<PathBuf, OpenError>> {
    paths.iter().flat_map(|path| if path.is_dir() { in_folder(path) } else { named(path) }).collect()
}

fn named(path: &Path) -> Vec<Result<PathBuf, OpenError>> {
    let file = path.to_owned();
    match content(path) {
        Ok(Content::Image) => vec![Ok(file)],
        Ok(Content::Archive) => match source::members(path) {
            Ok(members) => images_among(members.into_iter().map(Ok), path),
            Err(source) => vec![Err(OpenError::Io { path: file, cause: source })],
        },
        Ok(Content::Other(kind)) => match referenced(path) {
            Some(files) => images_among(files.into_iter().map(Ok), path),
            None => vec![Err(OpenError::NotAnImage { path: file, kind })],
        },
        Ok(Content::Unknown) => vec![Err(OpenError::UnknownFormat { path: file })],
        Err(source) => vec![Err(OpenError::Io { path: file, cause: source })],
    }
}

fn in_folder(folder: &Path) -> Vec<Result<PathBuf, OpenError>> {
    images_among(files_in(folder), folder)
}

/// Everything below `folder`, sorted.
fn files_in(folder: &Path) -> impl Iterator<Item = Result<PathBuf, OpenError>> {
    WalkDir::new(folder).sort_by_file_name().follow_links(true).into_iter().filter_map(|entry| match entry {
        Ok(entry) => entry.file_type().is_file().then(|| Ok(entry.into_path())),
        Err(error) => {
            let path = error.path().map(Path::to_owned).unwrap_or_default();
            Some(Err(OpenError::Io { path, cause: error.into() }))
        }
    })
}

/// The images among `files`, those of archives included; an error naming `place` where there is none.
fn images_among(
    files: impl Iterator<Item = Result<PathBuf, OpenError>>,
    place: &Path,
) -> Vec<Result<PathBuf, OpenError>> {
    let mut found = Vec::new();
    for file in files {
        let path = match file {
            Ok(path) => path,
            Err(error) => {
                found.push(Err(error));
                continue;
            }
        };
        match content(&path) {
            Ok(Content::Image) => found.push(Ok(path)),
            // Archives within archives are not entered.
            Ok(Content::Archive) => {
                let members = source::members(&path).unwrap_or_default().into_iter();
                found.extend(members.filter(|m| matches!(content(m), Ok(Content::Image))).map(Ok));
            }
            Ok(Content::Unknown) if claims_to_be_an_image(&path) => {
                found.push(Err(OpenError::UnknownFormat { path }));
            }
            Ok(Content::Other(_) | Content::Unknown) => {}
            Err(source) => found.push(Err(OpenError::Io { path, cause: source })),
        }
    }
    if found.is_empty() {
        found.push(Err(OpenError::EmptyFolder { path: place.to_owned() }));
    }
    found
}

/// Whether the name promises an image.
pub(super) fn claims_to_be_an_image(path: &Path) -> bool {
    const NAMES: [&str; 7] = ["dcm", "dicom", "png", "jpg", "jpeg", "tif", "tiff"];
    path.extension().is_some_and(|e| NAMES.iter().any(|name| e.eq_ignore_ascii_case(name)))
}

/// Every file in `paths`, whatever it holds; what cannot be listed goes to `failures`.
pub(super) fn files(paths: &[PathBuf], failures: &mut Vec<OpenError>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut add = |file: Result<PathBuf, OpenError>, failures: &mut Vec<OpenError>| match file {
        Ok(path) if source::first(&path, 4).is_ok_and(|bytes| source::is_zip(&bytes)) => {
            match source::members(&path) {
                Ok(members) => found.extend(members),
                Err(source) => failures.push(OpenError::Io { path, cause: source }),
            }
        }
        Ok(path) => found.push(path),
        Err(error) => failures.push(error),
    };
    for path in paths {
        if path.is_dir() {
            files_in(path).for_each(|file| add(file, failures));
        } else if let Some(files) = referenced(path) {
            files.into_iter().for_each(|file| add(Ok(file), failures));
        } else {
            add(Ok(path.clone()), failures);
        }
    }
    found
}

/// The files of a DICOMDIR; `None` where `path` is none.
fn referenced(path: &Path) -> Option<Vec<PathBuf>> {
    let summary = dicom::summary(&source::read(path).ok()?)?.ok()?;
    if summary.referenced.is_empty() {
        return None;
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    Some(summary.referenced.iter().filter_map(|parts| resolve(folder, parts)).collect())
}

/// A file of a disc. Its name is in upper case in the directory, and often in lower case, or with a version `;1`, on
/// the disc. A part that climbs out of the disc is none.
fn resolve(folder: &Path, parts: &[String]) -> Option<PathBuf> {
    let mut path = folder.to_owned();
    for part in parts {
        if part == ".." || part.contains(['/', '\\', '\0']) || Path::new(part).is_absolute() {
            return None;
        }
        let exact = path.join(part);
        path = if exact.exists() {
            exact
        } else {
            let same =
                |name: &str| name.trim_end_matches(";1").trim_end_matches('.').eq_ignore_ascii_case(part);
            let entries = fs::read_dir(&path).ok()?.flatten();
            entries.map(|e| e.path()).find(|p| p.file_name().is_some_and(|n| same(&n.to_string_lossy())))?
        };
    }
    Some(path)
}

fn content(path: &Path) -> io::Result<Content> {
    let bytes = source::first(path, PREFIX)?;
    if !dicom::has_magic(&bytes) {
        if raster::format(&bytes).is_some() {
            return Ok(Content::Image);
        }
        if source::is_zip(&bytes) {
            return Ok(Content::Archive);
        }
    }
    match dicom::kind(&bytes) {
        None => Ok(Content::Unknown),
        Some(Kind::Image) => Ok(Content::Image),
        // The prefix may have ended before the matrix size.
        Some(Kind::Other(_)) if bytes.len() as u64 == PREFIX => Ok(match dicom::kind(&source::read(path)?) {
            Some(Kind::Image) => Content::Image,
            Some(Kind::Other(kind)) => Content::Other(kind),
            None => Content::Unknown,
        }),
        Some(Kind::Other(kind)) => Ok(Content::Other(kind)),
    }
}
