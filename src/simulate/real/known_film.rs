//! A film with its points, as a folder holds it: `NAME.dcm` (or PNG, JPEG, TIFF) beside `NAME.reference.json`.

use crate::imaging::{self, OpenError, Radiograph, WriteError};
use crate::measure::LandmarkSet;
use crate::measure::landmark_file::{self, LandmarkFileError};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What the name of a file of points ends in.
const REFERENCE: &str = ".reference.json";
/// Endings of films, in the order in which they are looked for.
const FILMS: [&str; 5] = ["dcm", "png", "jpg", "jpeg", "tif"];

/// A film with points that somebody placed.
#[derive(Debug, Clone)]
pub struct KnownFilm {
    pub name: String,
    pub radiograph: Radiograph,
    /// A point that was looked for and is not there is missing.
    pub landmarks: LandmarkSet,
    /// How it was made of another film; `null` for a film as it was taken.
    pub made: Value,
}

/// Why films with points could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum KnownFilmError {
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{}: there is no film of this name beside it", .0.display())]
    NoFilm(PathBuf),
    #[error(transparent)]
    Points(#[from] LandmarkFileError),
    #[error("{}: {source}", path.display())]
    Open { path: PathBuf, source: OpenError },
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Every `NAME.reference.json` of `folder` with its film, in the order of names.
///
/// # Errors
/// A folder or a file that cannot be read; points without a film.
pub fn read(folder: &Path) -> Result<Vec<KnownFilm>, KnownFilmError> {
    let entries = std::fs::read_dir(folder)
        .map_err(|source| KnownFilmError::File { path: folder.to_owned(), source })?;
    let mut references: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(REFERENCE))
        .collect();
    references.sort();
    references.iter().map(|path| KnownFilm::read(path)).collect()
}

impl KnownFilm {
    /// The film whose points are in the file `reference`.
    ///
    /// # Errors
    /// As [`read`].
    pub fn read(reference: &Path) -> Result<Self, KnownFilmError> {
        let landmarks = landmark_file::read(reference)?.landmarks;
        let name = reference.file_name().unwrap_or_default().to_string_lossy().replace(REFERENCE, "");
        let path = FILMS
            .map(|ending| reference.with_file_name(format!("{name}.{ending}")))
            .into_iter()
            .find(|path| path.is_file())
            .ok_or_else(|| KnownFilmError::NoFilm(reference.to_owned()))?;
        let radiograph =
            imaging::open(&path).map_err(|source| KnownFilmError::Open { path: path.clone(), source })?;
        Ok(Self { name, radiograph, landmarks, made: Value::Null })
    }

    /// The points in the landmark-file format, with how the film was made.
    pub fn reference(&self) -> Value {
        let mut file = landmark_file::exact(&self.landmarks, None);
        file.insert("file".to_owned(), json!(format!("{}.dcm", self.name)));
        file.insert("made".to_owned(), self.made.clone());
        file.into()
    }

    /// Writes `NAME.dcm` (a DX film) and `NAME.reference.json` into `folder`.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    pub fn write(&self, folder: &Path) -> Result<(), KnownFilmError> {
        imaging::write_dx(&self.radiograph, &folder.join(format!("{}.dcm", self.name)))?;
        let path = folder.join(format!("{}{REFERENCE}", self.name));
        std::fs::write(&path, format!("{:#}\n", self.reference()))
            .map_err(|source| KnownFilmError::File { path, source })
    }
}
